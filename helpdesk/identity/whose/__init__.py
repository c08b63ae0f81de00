"""Whose a fact is, and what the writer finally says."""
