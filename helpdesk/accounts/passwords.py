"""Passwords of twelve characters and more that guessers try first."""

from pathlib import Path

# Shorter common passwords are refused for their length already. From the public lists of leaked
# passwords, those of twelve and more, and what people here make of the product's own words.
COMMON: frozenset[str] = frozenset(
    Path(__file__).with_name("common_passwords.txt").read_text(encoding="utf-8").split()
)
