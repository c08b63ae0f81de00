"""The lines of a message, how deeply each is quoted, and words of sections as patterns."""

import re
from typing import NamedTuple

from helpdesk.identity import shipped

_MARKS = re.compile(r" {0,3}(?:> ?)+")
_SPACES = re.compile(r" *")


class Line(NamedTuple):
    """Characters `start`:`end` of a folded text; `text`, its words, begins at `body`.

    Quote marks and spaces before and spaces behind are no part of `text`.
    """

    start: int
    end: int
    body: int
    depth: int
    text: str


def cut(low: str) -> tuple[Line, ...]:
    """Return the lines of a folded text; linear."""
    found = []
    at = 0
    for line in low.split("\n"):
        marks = _MARKS.match(line)
        depth = line.count(">", 0, marks.end()) if marks else 0
        spaces = _SPACES.match(line, marks.end() if marks else 0)
        body = spaces.end() if spaces else 0
        found.append(Line(at, at + len(line), at + body, depth, line[body:].rstrip()))
        at += len(line) + 1
    return tuple(found)


def next_words(lines: tuple[Line, ...], at: int) -> int:
    """Return the number of the first line after `at` with words, or how many lines there are."""
    at += 1
    while at < len(lines) and not lines[at].text:
        at += 1
    return at


def words(section: str, key: str) -> str:
    """Return the alternatives of data/sections.toml as one group of a regular expression."""
    return f"(?:{shipped.toml('sections.toml')[section][key]})"
