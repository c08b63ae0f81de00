"""Dates with words in them: `tgl 17 bln mei th 90`, `dua belas mei delapan lima`.

The words and numbers that can belong to a date become a string of one letter each (`DnBmTn`), and
the shapes that a date can have are patterns over that string.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from helpdesk.identity.figures import spoken
from helpdesk.identity.figures.months import MONTHS, ROMAN, guess

# One letter each: D day, B month, T year said in so many words; n 1 or 2 figures, y a whole year,
# m a month's name, r a Roman one, w a number in words, ? a word that may be a misspelt month.
_CODES = {
    **dict.fromkeys(("tgl", "tanggal", "tg", "tggl", "tgll", "tangal", "tanggl", "tanggalnya",
                     "tglnya", "date", "day"), "D"),
    **dict.fromkeys(("bln", "bulan", "bl", "buln", "bulannya", "blnnya", "month"), "B"),
    **dict.fromkeys(("th", "thn", "tahun", "taun", "taon", "tahon", "tahunnya", "thnnya", "year"),
                    "T"),
    **dict.fromkeys(MONTHS, "m"),
    **dict.fromkeys(ROMAN, "r"),
    **dict.fromkeys(spoken.WORDS, "w"),
}  # fmt: skip
_ORDINALS = frozenset({"st", "nd", "rd", "th"})
_FILLERS = frozenset({"of", "the", "pada", "ke", "lahirnya"})
_TOKEN = re.compile(r"\d+|[a-z]+")
_GAP = " -/.,:'()_=|*\n\\"
_MAX_GAP = 6
_MAX_INDENT = 40  # of a line that goes on with the one before
_SHORTEST = 3  # parts of a date
_LONGEST = 64  # parts of a run; a date in words after a dictated NIK needs 25
_MONTH = r"(?:B?(?P<m{0}>[mr])|B(?P<b{0}>[nw]))"
_YEAR = r"(?:y|nn?(?!B?m)|w{1,4}n?)"
_SHAPES = re.compile(
    # 17 agustus 1990, tgl 17 bln 8 th 90, dua belas mei delapan lima
    rf"D?(?P<d1>ww?|n){_MONTH.format(1)}T?(?P<y1>{_YEAR})"
    # tahun 1990 bulan mei tanggal 5 | 1990 mei 5
    rf"|T(?P<y2>[yn]|w{{1,4}}){_MONTH.format(2)}D?(?P<d2>[nw])"
    r"|(?P<y3>y)(?P<m3>m)(?P<d3>n)(?!T?[yn])"
    # august 17, 1990 | bulan 8 tanggal 17 tahun 90
    r"|(?P<m4>m)(?P<d4>n)T?(?P<y4>y)|(?P<m9>m)T?(?P<y9>y)D(?P<d9>n)"
    rf"|{_MONTH.format(5)}D(?P<d5>[nw])T?(?P<y5>{_YEAR})"
    # 1990, 17 agustus | tgl 3 tahun 1986 bulan 5
    r"|(?P<y7>y)(?P<d7>n)(?P<m7>m)(?!T?[yn])"
    rf"|D(?P<d8>[nw])T(?P<y8>[yn]){_MONTH.format(8)}"
    # tahun 1990 tanggal 5 bulan mei
    rf"|T(?P<y6>[yn]|w{{1,4}})D?(?P<d6>[nw]){_MONTH.format(6)}(?!T?[yn])"
    # 1990 tanggal 5 bulan 8
    rf"|(?P<y10>y)D(?P<d10>[nw]){_MONTH.format(10)}(?!T?[yn])"
)
_SAID = re.compile(r"(?P<d1>w)(?P<m1>w)(?P<y1>w{1,4})")  # tujuh belas, delapan, sembilan puluh
_WORTH = frozenset(word for word, code in _CODES.items() if code in "mB")  # no date without
_WORD = re.compile(r"[a-z]+")
_NEAR_MONTH = re.compile(r"\d[ \-/.,]{0,3}[a-z]{1,11}[ \-/.,']{0,3}\d\d")
_CLOCK = re.compile(r"[.:]\d\d(?!\d)")


@dataclass(frozen=True, slots=True)
class Written:
    """A date as written at `start`:`end`; its year has two digits or four, it may not exist."""

    start: int
    end: int
    year: int
    month: int
    day: int
    two_digit_year: bool


class _Part(NamedTuple):
    """A word or number that can belong to a date, by its letter in `_CODES`."""

    code: str
    value: int
    start: int
    end: int


def find(low: str) -> Iterator[Written]:
    """Yield the dates of a folded text of which some part is a word, linear in its length."""
    if _WORTH.isdisjoint(_WORD.findall(low)) and not _NEAR_MONTH.search(low):
        return
    for parts in _runs(low):
        yield from _shaped(parts, _SHAPES)


def said(low: str) -> Iterator[Written]:
    """Yield the dates whose day, month and year are all words: `tujuh belas delapan sembilan nol`.

    Only for texts known to hold a date: in any other they are just numbers.
    """
    for parts in _runs(low):
        yield from _shaped(parts, _SAID)


def _shaped(parts: list[_Part], shapes: re.Pattern[str]) -> Iterator[Written]:
    if len(parts) < _SHORTEST:
        return
    codes = "".join(part.code for part in parts)
    for match in shapes.finditer(codes):
        groups = {key[0]: key for key, found in match.groupdict().items() if found}
        day = _day(parts[match.start(groups["d"]) : match.end(groups["d"])])
        month = parts[match.start(groups.get("m") or groups["b"])]
        written, year = _year(parts[match.start(groups["y"]) : match.end(groups["y"])])
        used = [day, month, *year]
        start, end = min(part.start for part in used), max(part.end for part in used)
        if len(written) in {2, 4} and day.value <= 31:
            yield Written(start, end, int(written), month.value, day.value, len(written) == 2)


def _day(parts: list[_Part]) -> _Part:
    """Take the last number for the day, or both when they are its figures: `tiga satu` is 31."""
    tens, ones = parts[0], parts[-1]
    if len(parts) == 2 and tens.value <= 3 and ones.value <= 9:
        return _Part("w", 10 * tens.value + ones.value, tens.start, ones.end)
    return ones


def _year(parts: list[_Part]) -> tuple[str, list[_Part]]:
    """Join the numbers of a year: 90, 19 and 80, 8 and 5, 1 and 9 and 8 and 5, 1900 and 85."""
    first, last = parts[0], parts[-1]
    if len(parts) == 2 and first.value in {1900, 2000} and last.value < 100:
        return str(first.value + last.value), parts
    for count in range(len(parts), 0, -1):
        said = "".join(map(_digits, parts[:count]))
        whole = len(said) == 4 and (count == 1 or said[:2] in {"19", "20"})
        if whole or (len(said) == 2 and count == len(parts)):
            return said, parts[:count]
    return _digits(first), parts[:1]


def _digits(part: _Part) -> str:
    return str(part.value) if part.code == "w" else f"{part.value:0{part.end - part.start}}"


def _runs(low: str) -> Iterator[list[_Part]]:
    """Yield the runs of words and numbers that may be a date, nothing else standing between."""
    run: list[_Part] = []
    tokens = list(_TOKEN.finditer(low))
    last_end = at = 0
    while at < len(tokens):
        token = tokens[at]
        if not run and (word := token[0]) not in _CODES and not word.isdecimal():
            at += 1
            continue
        if run and (len(run) == _LONGEST or not _joins(low, last_end, token.start(), token.end())):
            yield run
            run = []
        if _is_filler(token, run):
            last_end, at = token.end(), at + 1
            continue
        part, size = _part_at(low, tokens, at, run)
        last_end, at = tokens[at + size - 1].end(), at + size
        if part is None and run:
            yield run
        run = [] if part is None else _with(low, run, part)
    yield run


def _is_filler(token: re.Match[str], run: list[_Part]) -> bool:
    """Tell whether a token says nothing: `17th`, `17 of may`."""
    ordinal = token[0] in _ORDINALS and bool(run) and token.start() == run[-1].end
    return ordinal or token[0] in _FILLERS


def _with(low: str, run: list[_Part], part: _Part) -> list[_Part]:
    if run and part.code == "w" and low[part.start - 1] == "(" and run[-1].value == part.value:
        return run  # `12 (dua belas) mei`
    return [*_resolved(run, part), part]


def _joins(low: str, end: int, start: int, stop: int) -> bool:
    """Tell whether the token at `start`:`stop` goes on with a run that ended at `end`."""
    gap = low[end:start]
    if "\n" not in gap:
        return len(gap) <= _MAX_GAP and not gap.strip(_GAP)
    if len(gap) > _MAX_INDENT or gap.strip(_GAP):
        return False
    # On another line a number counts only as all that stands there: lists are numbered.
    short = low[start:stop].isdecimal() and stop - start < 4
    return not short or low[stop : stop + 8].partition("\n")[0].strip(" .,") == ""


def _part_at(
    low: str, tokens: list[re.Match[str]], at: int, run: list[_Part]
) -> tuple[_Part | None, int]:
    """Return what part of a date a token is, if any, and how many tokens it takes."""
    token = tokens[at]
    if token[0].isdecimal():
        return _figures(low, token, run), 1
    code = _CODES.get(token[0], "")
    if code == "w":
        words = [token[0] for token in tokens[at : at + 9]]
        value, size = spoken.number_at(words, 0)
        if value < 0:
            return None, 1
        return _Part(code, value, token.start(), tokens[at + size - 1].end()), size
    return _word(token, code, run), 1


def _figures(low: str, token: re.Match[str], run: list[_Part]) -> _Part | None:
    start, end = token.span()
    if end - start == 4:
        return _Part("y", int(token[0]), start, end)
    if end - start > 2 or (run and run[-1].code in "m?" and _CLOCK.match(low, end)):
        return None
    code = "y" if end - start == 2 and low[start - 1 : start] == "'" else "n"
    return _Part(code, int(token[0]), start, end)


def _word(token: re.Match[str], code: str, run: list[_Part]) -> _Part | None:
    word = token[0]
    after_number = bool(run) and run[-1].code in "nB"
    if code == "r" and not after_number:
        return None
    if code:
        return _Part(code, MONTHS.get(word) or ROMAN.get(word, 0), *token.span())
    month = guess(word) if after_number else None
    return _Part("?", month, *token.span()) if month else None


def _resolved(run: list[_Part], following: _Part) -> list[_Part]:
    """Take a misspelt month for one when a year follows it, and for a break when not."""
    if not run or run[-1].code != "?":
        return run
    if following.code in "nyTw":
        doubtful = run[-1]
        return [*run[:-1], _Part("m", doubtful.value, doubtful.start, doubtful.end)]
    return []
