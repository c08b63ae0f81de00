"""Cover long numbers in texts, and mark the places where facts were found. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

# Ten digits and more, with at most one separator between two of them: a NIK, a KPJ, a phone
# number, an account. Dates and amounts are shorter.
_LONG_NUMBER = re.compile(r"\d(?:[ .\-]?\d){9,}")
_DIGIT = re.compile(r"\d")
_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Mark:
    """Characters `start` to `end` (exclusive) said `field`; `sure` is the extractor's word.

    `claim` is the id of the claim it belongs to, `hint` says how sure and why.
    """

    start: int
    end: int
    field: str
    sure: bool = True
    claim: int = 0
    hint: str = ""
    by_agent: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text that is shown in one way; `mark` is set where a fact was found."""

    text: str
    mark: Mark | None = None


def cover(text: str) -> str:
    """Replace the digits of long numbers by dots, all but the last four.

    The result is as long as `text`, so places in one are places in the other.
    """
    return _LONG_NUMBER.sub(_cover_one, text)


def cover_marked(text: str, marks: Iterable[Mark]) -> str:
    """Cover the marked NIKs too, with whatever signs somebody wrote between their digits."""
    for mark in marks:
        if mark.field == "nik":
            said = text[mark.start : mark.end]
            covered = _cover_digits(said) if len(_DIGIT.findall(said)) > _SHOWN else said
            text = text[: mark.start] + covered + text[mark.end :]
    return text


def has_covered(text: str) -> bool:
    """Tell whether `cover` would change `text`."""
    return _LONG_NUMBER.search(text) is not None


def cut(text: str, marks: Iterable[Mark]) -> tuple[Piece, ...]:
    """Cut a text where marks begin and end; joined, the pieces equal the text.

    Marks outside the text are cut off at its ends, and of two that overlap the one that begins
    first is kept whole, so that every character is in exactly one piece. What an agent selected
    is shown before anything that was read over it.
    """
    pieces: list[Piece] = []
    done = 0
    for mark in sorted(_standing(marks), key=lambda each: (each.start, -each.end)):
        start, end = max(mark.start, done), min(mark.end, len(text))
        if start >= end:
            continue
        if start > done:
            pieces.append(Piece(text[done:start]))
        pieces.append(Piece(text[start:end], mark))
        done = end
    if done < len(text):
        pieces.append(Piece(text[done:]))
    return tuple(pieces)


def _standing(marks: Iterable[Mark]) -> list[Mark]:
    every = list(marks)
    selected = [each for each in every if each.by_agent]
    return [
        each
        for each in every
        if each.by_agent
        or not any(each.start < one.end and one.start < each.end for one in selected)
    ]


def _cover_one(found: re.Match[str]) -> str:
    return _cover_digits(found.group())


def _cover_digits(number: str) -> str:
    last = [place.start() for place in _DIGIT.finditer(number)][-_SHOWN]
    return _DIGIT.sub("•", number[:last]) + number[last:]
