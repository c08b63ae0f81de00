"""Digits and dates: what each is, and what it is not."""
