"""Bodies: what the sender wrote, apart from what they quoted and how they sign."""

import re

from helpdesk.ingest.markup import html_to_text
from helpdesk.ingest.types import Body, Piece, PieceKind

__all__ = ["html_to_text", "split_quote"]

_QUOTE = re.compile(r"[ \t]{0,3}>")
_LEAD = r"[ \t>*_]{0,8}"
# Gmail, Apple Mail, Thunderbird, Yahoo, in Indonesian and English; the address may be folded over
# up to three lines, so the end is looked for in the lines joined.
_WROTE_START = re.compile(
    rf"{_LEAD}(?:Pada\b|On\b|Tanggal\b|Tgl\b|\d{{4}}-\d\d-\d\d\b|\d{{1,2}}[ ./-])", re.IGNORECASE
)
_WROTE_END = re.compile(
    r"(?:menulis|wrote|mengirim|<[^<>\s@]+@[^<>\s@]+>) ?: ?[*_]{0,2}$", re.IGNORECASE
)
_WROTE_ALONE = re.compile(r"[^\n]{1,300}[<(][^<>()\s@]+@[^<>()\s@]+[>)][^\n]{0,40}$")
_DATED = re.compile(r"\d.*[<(@]|\d{4}|\d[.:]\d\d")  # a date, and often an address
_MARK = re.compile(
    rf"{_LEAD}(?:-{{2,}}[ ]?|_{{2,}}[ ]?)?(?:"
    r"(?:original message|original appointment|pesan asli|pesan sebelumnya|forwarded message|"
    r"pesan (?:yang )?(?:diteruskan|terusan)|pesan terusan|reply message|pesan balasan)"
    r"(?:[ ]from [^\n]{1,80})?[ ]?(?:-{2,}|_{2,})"
    r"|begin forwarded message:|(?:awal|mulai) pesan (?:yang )?(?:terusan|diteruskan):"
    r"|pesan terusan dimulai:)[ \t*]*$",
    re.IGNORECASE,
)
_FIELD = re.compile(
    rf"{_LEAD}(?P<who>dari|from|oleh)?(?P<when>terkirim|dikirim|tanggal|tgl|sent|date)?"
    r"(?P<whom>kepada|ke|untuk|to|cc|tembusan)?(?P<what>subjek|perihal|subject|hal)?"
    r"[ \t]?[*_]{0,2}[ \t]?:",
    re.IGNORECASE,
)
_RULE = re.compile(r"[ \t]*[_-]{5,}[ \t]*$")
_PHONE = re.compile(
    r"[ \t]*(?:(?:dikirim|terkirim) (?:dari|melalui|menggunakan|lewat|dengan)|"
    r"sent (?:from|via|using|with)|get|dapatkan|unduh)[ ](?:my |the |saya )?"
    r"[^\n]{0,30}?\b(?:iphone|ipad|ipod|android|samsung|galaxy|xiaomi|redmi|oppo|vivo|realme|"
    r"huawei|nokia|blackberry\S*|smartphone|ponsel|handphone|hp|perangkat|device|phone|tablet|"
    r"yahoo|gmail|outlook|windows|proton\w*|aol|mail|email|surel|telkomsel|xl|indosat)\b[^\n]{0,60}$",
    re.IGNORECASE,
)
_DASHES = re.compile(r"-- ?$")
# Where a signature says who somebody is, it is part of what they tell us.
_TELLS = re.compile(
    r"\d{11}|(?:\d[ .-]?){16}|\b(?:nik|kpj|ktp|ttl|lahir|born|birth)\b", re.IGNORECASE
)
_SIGNATURE_LINES = 15  # a longer one is a text that happens to follow two dashes
_HEADER_LINES = 12  # a header block shows at most so many lines, recipients folded
_BLANK, _OWN, _QUOTED, _SIGNED = "blank", "own", "quoted", "signed"


def split_quote(text: str, *, max_lines: int = 5_000) -> Body:
    """Separate what the sender wrote from what they quoted.

    Args:
        text: plain text, LF line ends, already decoded.
        max_lines: lines examined; the rest counts as quoted.

    Returns:
        `Body`; its pieces joined in order equal `text`. Answers written below or between quoted
        lines stay visible, each with the one quoted line it answers. If nothing of the sender's
        own would remain, as in a bare forward, all of the text is visible.

    Never raises, linear. Source: RFC 3676 §4.3 (signature separator), §4.5 (quoting); the marks
    of Gmail, Outlook, Apple Mail and Yahoo in Indonesian and English.
    """
    lines = text.split("\n")
    lines = [line + "\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])
    kinds = _kinds(lines[:max_lines])
    kinds += [_QUOTED] * (len(lines) - len(kinds))
    if _OWN not in kinds or all(kind in {_OWN, _BLANK} for kind in kinds):
        return Body(text)
    _keep_questions(kinds)
    return _joined(lines, kinds)


def _kinds(lines: list[str]) -> list[str]:
    """Say of every line whether it is blank, own, quoted or a signature."""
    kinds = [_QUOTED if _QUOTE.match(line) else _OWN if line.strip() else _BLANK for line in lines]
    end = _announcements(lines, kinds)
    for number in range(end, len(lines)):
        kinds[number] = _QUOTED
    _signatures(lines, kinds, end)
    return kinds


def _announcements(lines: list[str], kinds: list[str]) -> int:
    """Mark the lines that announce a quote; return where all that follows is one.

    An announcement before lines marked with `>` covers these only; else, like the header block
    of Outlook, it covers everything to the end.
    """
    number = 0
    while number < len(lines):
        height = _announcement(lines, number) if kinds[number] == _OWN else 0
        if not height:
            number += 1
            continue
        after = number + height
        while after < len(lines) and kinds[after] == _BLANK:
            after += 1
        if after < len(lines) and kinds[after] != _QUOTED:
            return number - (number > 0 and bool(_RULE.match(lines[number - 1])))
        kinds[number : number + height] = [_QUOTED] * height
        number = after
    return len(lines)


def _announcement(lines: list[str], number: int) -> int:
    """Count the lines of the announcement that begins here; 0 when none does."""
    line = lines[number]
    if _MARK.match(line):
        return 1
    if _WROTE_START.match(line):
        joined = ""
        for height, part in enumerate(lines[number : number + 4], 1):
            joined += part.rstrip()[:200]
            if _WROTE_END.search(joined) and _DATED.search(joined):
                return height
            joined += " "
    end = line[-60:].rstrip()
    if end.endswith(":") and _WROTE_END.search(end) and _WROTE_ALONE.match(line[:400]):
        return 1
    return _header_block(lines, number)


def _header_block(lines: list[str], number: int) -> int:
    """Count the lines of a block `Dari: Terkirim: Kepada: Subjek:`; 0 when this is none."""
    first = _FIELD.match(lines[number])
    if not first or not first["who"]:
        return 0
    seen = {"who"}
    height = 1
    for line in lines[number + 1 : number + _HEADER_LINES]:
        field = _FIELD.match(line)
        if field and field.lastgroup:
            seen.add(field.lastgroup)
        elif not line.strip():
            break
        height += 1
    return height if "when" in seen and len(seen) >= 3 else 0


def _signatures(lines: list[str], kinds: list[str], end: int) -> None:
    """Mark `-- ` and what follows it up to a quote, and lines such as *Dikirim dari iPhone*."""
    for number in range(end):
        if kinds[number] != _OWN:
            continue
        if _PHONE.match(lines[number]):
            kinds[number] = _SIGNED
        elif _DASHES.match(lines[number].rstrip("\n")):
            stop = number + 1
            while stop < end and kinds[stop] != _QUOTED and stop - number <= _SIGNATURE_LINES:
                stop += 1
            long = stop < end and kinds[stop] != _QUOTED
            if not long and not _TELLS.search("".join(lines[number:stop])):
                kinds[number:stop] = [_SIGNED] * (stop - number)


def _keep_questions(kinds: list[str]) -> None:
    """Make visible the quoted line right before each of several answers between quotes."""
    answers = []
    previous = -1  # the last line that is not blank
    for number, kind in enumerate(kinds):
        if kind == _BLANK:
            continue
        if kind == _OWN and previous >= 0 and kinds[previous] == _QUOTED:
            answers.append(previous)
        previous = number
    if len(answers) > 1:
        for number in answers:
            kinds[number] = _OWN


def _joined(lines: list[str], kinds: list[str]) -> Body:
    """Build the pieces; blank lines go with what follows them, at the end with what precedes."""
    runs: list[tuple[PieceKind, list[str]]] = []
    waiting: list[str] = []
    of = {_OWN: PieceKind.VISIBLE, _QUOTED: PieceKind.QUOTED, _SIGNED: PieceKind.SIGNATURE}
    for line, kind in zip(lines, kinds, strict=True):
        if kind == _BLANK:
            waiting.append(line)
            continue
        if not runs or runs[-1][0] != of[kind]:
            runs.append((of[kind], []))
        runs[-1][1].extend((*waiting, line))
        waiting.clear()
    runs[-1][1].extend(waiting)
    pieces = tuple(Piece(kind, "".join(run)) for kind, run in runs)
    visible, quoted, signature = (
        "".join(piece.text for piece in pieces if piece.kind is kind) for kind in PieceKind
    )
    return Body(visible, quoted, signature, pieces)
