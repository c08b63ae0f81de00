"""KNOW: which records a claim means, how sure that is, and why."""
