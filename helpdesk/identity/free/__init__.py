"""Text without labels: pieces weighed together by what they can be."""
