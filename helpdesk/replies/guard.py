"""What a reply's text may not contain: numbers it was not allowed, and links that lead elsewhere.

Pure. It looks at the finished text, so it catches what a person typed as well as what went wrong
further up.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator
from enum import StrEnum

MAX_BODY_CHARS = 20_000  # a reply longer than this is a paste by mistake
MAX_SUBJECT_CHARS = 200

_NUMBER_DIGITS = frozenset({11, 16})  # a KPJ, a NIK
_LONG_DIGITS = 14  # no telephone number is this long, two numbers run together are
# Eleven digits or more as people write long numbers: up to two signs between, on one line.
_FOREIGN = re.compile(r"[^\x00-\x7f]")
_NO_DIGITS = re.compile(r"\D+")
_RUN = re.compile(r"\d(?:[ .,\-_/()]{0,2}\d){10,}")
_LINK = re.compile(
    r"(?:[a-z][a-z0-9+.\-]{0,15}://|www\.)(?P<host>[^\s/<>()\"']+)"
    r"|(?<![\w@.\-])(?P<bare>(?:[a-z0-9\-]+\.)+[a-z]{2,})(?=/)"
)


class Problem(StrEnum):
    """Why a text cannot be sent."""

    EMPTY = "empty"
    TOO_LONG = "too_long"
    NIK = "nik"
    NUMBER = "number"
    LINK = "link"


def problems(
    body: str, kpjs: Collection[str] = (), candidates: Collection[str] = ()
) -> tuple[Problem, ...]:
    """Return what is wrong with a reply's text, each problem once.

    Args:
        body: the text as it would be sent.
        kpjs: the KPJs it may show whole; no other number of 11 or 16 digits may stand in it,
            however it is grouped or written.
        candidates: KPJs that the writer knows. None but those of `kpjs` may stand in it, even if
            words or lines stand between its digits.
    """
    if not body.strip():
        return (Problem.EMPTY,)
    if len(body) > MAX_BODY_CHARS:
        return (Problem.TOO_LONG,)
    plain = _plain(body)
    hidden = _hidden(plain, frozenset(candidates) - frozenset(kpjs))
    return tuple(dict.fromkeys((*_numbers(plain, frozenset(kpjs)), *hidden, *_links(plain))))


def _plain(text: str) -> str:
    """Drop what is invisible and write digits, signs and spaces of every script in ASCII."""
    if text.isascii():
        return text
    shown = _FOREIGN.sub(_visible, text)
    return _FOREIGN.sub(_ascii, unicodedata.normalize("NFKC", shown))


def _visible(found: re.Match[str]) -> str:
    return "" if unicodedata.category(found[0]) == "Cf" else found[0]


def _ascii(found: re.Match[str]) -> str:
    char = found[0]
    if char.isdecimal():
        return str(unicodedata.decimal(char))
    return {"Pd": "-", "Zs": " "}.get(unicodedata.category(char), char)


def _numbers(text: str, allowed: frozenset[str]) -> Iterator[Problem]:
    for run in _RUN.finditer(text):
        for piece in _without(re.findall(r"\d+", run.group()), allowed):
            yield from _in_piece(piece)


def _hidden(text: str, kpjs: Collection[str]) -> Iterator[Problem]:
    """Find a number whose digits come in order with nothing but other signs between them."""
    digits = _NO_DIGITS.sub("", text)
    if any(kpj in digits for kpj in kpjs):
        yield Problem.NUMBER


def _without(groups: list[str], allowed: frozenset[str]) -> list[list[str]]:
    """Cut the allowed numbers out of a run of groups; returns the pieces left between them."""
    pieces: list[list[str]] = [[]]
    at = 0
    while at < len(groups):
        width = next(
            (n for n in range(1, 5) if "".join(groups[at : at + n]) in allowed), 0
        )  # ui.md groups a KPJ in three
        if width:
            pieces.append([])
        else:
            pieces[-1].append(groups[at])
        at += width or 1
    return pieces


def _in_piece(groups: list[str]) -> Iterator[Problem]:
    for start, first in enumerate(groups):
        if len(first) >= _LONG_DIGITS:
            yield Problem.NIK if len(first) == 16 else Problem.NUMBER
        length = 0
        for group in groups[start : start + max(_NUMBER_DIGITS)]:
            length += len(group)
            if length in _NUMBER_DIGITS:
                yield Problem.NIK if length == 16 else Problem.NUMBER


def _links(text: str) -> Iterator[Problem]:
    for word in text.lower().split():
        if "/" not in word and "www." not in word:
            continue
        for link in _LINK.finditer(word):
            host = (link["host"] or link["bare"]).rpartition("@")[2].partition(":")[0]
            if not host.rstrip(".,;!?").endswith(".go.id"):
                yield Problem.LINK
