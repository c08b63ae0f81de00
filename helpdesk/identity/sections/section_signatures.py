"""The end of a letter: the name under it, and the card below the name."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from helpdesk.identity.sections.section_lines import Line, words
from helpdesk.identity.words import names
from helpdesk.identity.words import words as talk

_CLOSING = re.compile(rf"[^\w]{{0,6}}{words('closings', 'words')}(?![a-z])")
_CARD = re.compile(rf"(?<![a-z]){words('closings', 'card')}(?![a-z])")
_REACH = re.compile(r"[+(]?\d[\d \-().]{6,}|\S@\S|https?:|\d{5}(?!\d)")
_FACT = re.compile(
    r"(?<![a-z])(?:nik|no\.? ?ktp|ktp|ttl|lahir|lhr|tgl|tanggal|nama|born|dob)(?![a-z])"
)
_WHOLE_NIK = re.compile(r"\d(?:[ .\-]?\d){15}")
_OWN_NIK = re.compile(r"(?<![a-z])(?:nik|ktp)[^\d\n]{0,20}\d(?:[ .\-]?\d){12}")
_DELIMITER = re.compile(r"[-\u2013\u2014_]{2,3}$")
_DATELINE = re.compile(r"[a-z .'\-]{3,30}, {0,2}\d{1,2}[ \-/.][a-z\d]{1,9}[ \-/.]\d{2,4}\.?$")
_SIGNED = re.compile(r"\W{0,3}(?:ttd|tertanda|materai|meterai)\W{0,3}$")
# `Salam pak admin,` opens a letter, it does not close one.
_ADDRESSED_TO = re.compile(
    r"\W{0,6}salam\b.{0,20}"
    r"(?<![a-z])(?:min|mimin|admin|pak|bapak|bpk|bu|ibu|kak|kakak|mas|mbak|sejahtera)(?![a-z])"
)
_MAX_CLOSING = 90  # characters
_MAX_WORDS, _MAX_WORDS_NAMED = 8, 16  # of a line of a card, without a name above it and with one
_ADDRESS = re.compile(r"(?:kepada|kpd|yth|up|u\.p|attn|to)(?![a-z])[ .:,]")
_AT_PLACE = re.compile(r"(?:di|d/a)[ \-:]{1,3}\W{0,3}(?:tempat|t ?e ?m ?p ?a ?t)")
_TOP = 12  # lines that may hold an address
_MAX_CARD = 12  # lines of a card


@dataclass(frozen=True, slots=True)
class Signature:
    """Characters that say nothing of a participant, and the name they stand under."""

    blank: tuple[tuple[int, int], ...] = ()
    name: tuple[int, int] | None = None


def find(lines: Sequence[Line]) -> Signature:
    """Read addresses, datelines and the signature of a letter; linear.

    `lines` are those of one hand, quoted ones left out.
    """
    blank = [*_addressed(lines)]
    name: tuple[int, int] | None = None
    first_nik: int | None = None
    for at, line in enumerate(lines):
        if line.text and _is_dateline_of_end(lines, at):
            blank.append((line.start, line.end))
        elif line.text and (closes(line.text) or _DELIMITER.match(line.text)):
            if first_nik is None:
                first_nik = _first_nik(lines)
            found = _under(lines, at + 1, first_nik)
            blank += found.blank
            name = found.name or name
    if name is None:
        last = _last_paragraph(lines)
        return Signature((*blank, *last.blank), last.name)
    return Signature(tuple(blank), name)


def closes(text: str) -> bool:
    """Tell whether a folded line is what stands above the name under a letter."""
    return (
        len(text) < _MAX_CLOSING
        and _CLOSING.match(text) is not None
        and _ADDRESSED_TO.match(text) is None
        and not any(map(str.isdecimal, text))
    )


def _first_nik(lines: Sequence[Line]) -> int:
    """Return the number of the first line with a labelled NIK, or how many lines there are."""
    niks = (at for at, line in enumerate(lines) if _OWN_NIK.search(line.text))
    return next(niks, len(lines))


def _under(lines: Sequence[Line], first: int, first_nik: int) -> Signature:
    """Read the name and the card that begin at line `first` or a little below.

    A NIK there is the signer's own, and nobody's here, when another stands above (`first_nik`).
    """
    blank: list[tuple[int, int]] = []
    name: tuple[int, int] | None = None
    for at in range(first, min(len(lines), first + _MAX_CARD)):
        line = lines[at]
        found = _name_of(line) if name is None and line.text else None
        if found is not None:
            name = found
            if _is_card(line.text[found[1] - line.body :]):
                blank.append((found[1], line.end))
        elif _is_of_card(line.text, named=name is not None) or (
            name is not None and first_nik < first and _OWN_NIK.search(line.text)
        ):
            blank.append((line.start, line.end))
        elif line.text and not closes(line.text):
            break
    return Signature(tuple(blank), name)


def _is_of_card(text: str, *, named: bool) -> bool:
    if len(text.split()) > (_MAX_WORDS_NAMED if named else _MAX_WORDS):
        return False
    return bool(_is_card(text) or _DATELINE.match(text) or _SIGNED.match(text))


def _name_of(line: Line) -> tuple[int, int] | None:
    """Return where the name on a line is, when the line is a name, with its titles or a card."""
    lead = len(line.text) - len(line.text.lstrip("(*_-\u2013\u2014~ "))
    text = line.text
    end = names.measure(text, lead, min(len(text), lead + 70))
    rest = text[end:].strip(" .,)*_-\u2013\u2014")
    if end == lead or not names.plausible(text[lead:end]) or talk.is_talk(text[lead:end]):
        return None
    if (
        _CLOSING.match(text, lead)
        or _CARD.match(text, lead)
        or (rest and not (_CARD.search(rest) or rest.startswith("(")))
    ):
        return None
    return line.body + lead, line.body + end


def _is_card(text: str) -> bool:
    if _FACT.search(text) or _WHOLE_NIK.search(text):
        return False
    return _CARD.search(text) is not None or _REACH.search(text) is not None


def _last_paragraph(lines: Sequence[Line]) -> Signature:
    """Read a name with a card below it that end a letter without any closing words."""
    end = len(lines)
    while end and not lines[end - 1].text:
        end -= 1
    start = end
    while start and lines[start - 1].text and end - start < _MAX_CARD:
        start -= 1
    if not 2 <= end - start < _MAX_CARD or start == 0:
        return Signature()
    name = _name_of(lines[start])
    if name is None or not all(_is_card(lines[at].text) for at in range(start + 1, end)):
        return Signature()
    return Signature(((name[1], lines[end - 1].end),), name)


def _is_dateline_of_end(lines: Sequence[Line], at: int) -> bool:
    """Tell whether `Medan, 18 November 2026` stands over the closing words."""
    if not _DATELINE.match(lines[at].text) or _FACT.match(lines[at].text):
        return False
    below = next((line.text for line in lines[at + 1 : at + 4] if line.text), "")
    return closes(below) or _ADDRESS.match(below) is not None


def _addressed(lines: Sequence[Line]) -> Iterator[tuple[int, int]]:
    """Yield the lines that say to whom a letter goes."""
    for at, line in enumerate(lines[:_TOP]):
        if not (_ADDRESS.match(line.text) and _is_short(line.text)):
            continue
        yield line.start, line.end
        for below in range(at + 1, min(at + 5, len(lines))):
            if _AT_PLACE.match(lines[below].text):
                yield line.start, lines[below].end


def _is_short(text: str) -> bool:
    return len(text.split()) <= 10 and not any(map(str.isdecimal, text)) and " saya " not in text
