"""What the writer says now, and what is quoted, forwarded, ours or merely stands below."""
