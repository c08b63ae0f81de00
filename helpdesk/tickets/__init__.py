"""STATE: conversations, whose turn it is, and what the queue shows."""
