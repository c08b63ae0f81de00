"""Runs of digits in a message, and which of them can be a NIK."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from helpdesk.identity.figures import spoken
from helpdesk.identity.reading import has
from helpdesk.identity.words import places

NIK_DIGITS = 16
MIN_DIGITS = 5  # of a run that is yielded
_LONG_GROUP = 9  # digits of a group that is a number by itself

# One digit, then digits with up to three separators between, or O, I, l typed inside a run. The
# alternatives never share a first character, so the engine never goes back.
_RUN = re.compile(
    r"\d(?<!\d\d)(?:[ .\-_/\n]{0,3}\d|,\d(?=\d\d(?!\d))|[oil]{1,3}(?=[\d]))*(?:[oil](?![a-z]))?"
)
_GROUP = re.compile(r"[\doil]+")
# Sixteen characters or so, written together, of which some letters stand for digits like them.
_SLIPPED = re.compile(r"[\dl](?<![a-z\d][\dl])\d[\doilsbzqg]{11,16}(?![a-z\d])")
_DIGIT_OF = str.maketrans("oilsbzqg", "01158299")
_SPOKEN_WORD = re.compile(r"[a-z]+|\d+")
_SPOKEN = re.compile(
    rf"(?<![a-z\d])(?:(?:{'|'.join(sorted(spoken.WORDS, key=len, reverse=True))}|dobel|double"
    r"|\d{1,4})(?![a-z\d])[ ,.\-\n]{0,3}){10,40}"
)
_SHORTEST_SPOKEN = 24  # characters; thirteen digits, half of them words
_DATE = (
    r"(?:(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])(?:19|20)\d\d"
    r"|(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))"
)
_TWO_DATES = re.compile(_DATE + _DATE)
_THOUSANDS = [1, 3, 3, 3, 3, 3]  # a spreadsheet's 3,273,011,708,909,001
_DATE_SIZES = ([2, 2, 4], [1, 2, 4], [2, 1, 4], [1, 1, 4])


@dataclass(frozen=True, slots=True)
class Number:
    """Digits written together or in groups, at `start`:`end`, slips of letters mended."""

    start: int
    end: int
    digits: str

    def moved(self, by: int) -> "Number":
        """Return the number as it stands in a text around the one it was found in."""
        return Number(self.start + by, self.end + by, self.digits)


def find(low: str) -> Iterator[Number]:
    """Yield the numbers of a folded text, from left to right; what holds a NIK is cut to it.

    `17-08-1990 3273011708900001` is one run of groups: what comes before and after the sixteen
    digits is yielded apart. So is a NIK that a line's end cuts in two, or one dictated in words.
    Runs shorter than five digits are left out. Linear.
    """
    slipped = list(_slipped(low))
    may_dictate = len(low) >= _SHORTEST_SPOKEN and has(low, spoken.HINTS)
    dictated = list(_dictated(low)) if may_dictate else []
    if not slipped and not dictated:
        yield from _in_figures(low)
        return
    special = sorted([*slipped, *dictated], key=lambda number: number.start)
    spans = [(number.start, number.end) for number in special]
    plain = [
        number
        for number in _in_figures(low)
        if not any(number.start < end and start < number.end for start, end in spans)
    ]
    yield from sorted([*special, *plain], key=lambda number: number.start)


def looks_like_nik(digits: str) -> bool:
    """Tell whether sixteen digits begin with a region's code and hold the day of a year."""
    if len(digits) != NIK_DIGITS or places.region_of(digits) is None:
        return False
    day, month = int(digits[6:8]), int(digits[8:10])
    return 1 <= day % 40 <= 31 and day <= 71 and 1 <= month <= 12


def _in_figures(low: str) -> Iterator[Number]:
    for run in _RUN.finditer(low):
        if run.end() - run.start() < MIN_DIGITS:
            continue
        groups = [
            (run.start() + group.start(), run.start() + group.end())
            for group in _GROUP.finditer(run[0])
        ]
        yield from _cut(low, groups)


def _cut(low: str, groups: list[tuple[int, int]]) -> Iterator[Number]:
    """Yield the numbers that groups of digits make."""
    if len(groups) == 1:
        yield _number(low, groups)
        return
    sizes = _nik_sizes(low, groups)
    at = 0
    while at < len(groups):
        stop = at + max(sizes[at], 1)
        while not sizes[at] and stop < len(groups) and _goes_on(low, groups, sizes, stop):
            stop += 1
        for some in _dates_apart(low, groups[at:stop]):
            number = _number(low, some)
            if len(number.digits) >= MIN_DIGITS:
                yield number
        at = stop


def _goes_on(low: str, groups: list[tuple[int, int]], sizes: list[int], at: int) -> bool:
    """Tell whether a group belongs to the same number as the one before it."""
    before, group = groups[at - 1], groups[at]
    if sizes[at] or "\n" in low[before[1] : group[0]]:
        return False
    return max(before[1] - before[0], group[1] - group[0]) < _LONG_GROUP


def _nik_sizes(low: str, groups: list[tuple[int, int]]) -> list[int]:
    """Return for each group how many from there on make a NIK, 0 for none.

    Sixteen digits that look like one go before sixteen that just happen to follow each other.
    """
    sizes = [_nik_groups(groups, at) for at in range(len(groups))]
    good = [
        bool(size) and looks_like_nik(_number(low, groups[at : at + size]).digits)
        for at, size in enumerate(sizes)
    ]
    for at, size in enumerate(sizes):
        whole = low[groups[at][0] : groups[at + size - 1][1]] if size else ""
        later = any(good[at + 1 : at + size])
        if not good[at] and (later or "\n" in whole):
            sizes[at] = 0
    return sizes


def _dates_apart(low: str, groups: list[tuple[int, int]]) -> list[list[tuple[int, int]]]:
    """Part groups that are two dates side by side, `12061993 01122012`; others stay together."""
    sizes = list(accumulate(end - start for start, end in groups))
    digits = "".join(low[start:end] for start, end in groups)
    if NIK_DIGITS // 2 not in sizes or not _TWO_DATES.fullmatch(digits):
        return [groups]
    half = sizes.index(NIK_DIGITS // 2) + 1
    return [groups[:half], groups[half:]]


def _nik_groups(groups: list[tuple[int, int]], at: int) -> int:
    """Return how many groups from `at` on make sixteen digits, 0 for none.

    Whole or in parts, a NIK begins with its region's code: a first group of one digit, or of two
    followed by one of two (a date), is something else. Sixteen single digits are one.
    """
    total = 0
    for count, (start, end) in enumerate(groups[at : at + NIK_DIGITS], 1):
        total += end - start
        if total == NIK_DIGITS:
            return count if _sizes_fit(groups[at : at + count]) else 0
        if total > NIK_DIGITS:
            return 0
    return 0


def _sizes_fit(groups: list[tuple[int, int]]) -> bool:
    sizes = [end - start for start, end in groups]
    if sizes == _THOUSANDS:
        return True
    if sizes[:3] in _DATE_SIZES or NIK_DIGITS in sizes[1:]:
        return False
    return sizes[0] > 1 or max(sizes) == 1


def _number(low: str, groups: list[tuple[int, int]]) -> Number:
    digits = "".join(low[start:end] for start, end in groups)
    return Number(groups[0][0], groups[-1][1], _plain(digits))


def _plain(digits: str) -> str:
    """Return digits as 0 to 9: letters like them, and digits of other scripts, translated."""
    digits = digits.translate(_DIGIT_OF)
    return digits if digits.isascii() else "".join(str(int(digit)) for digit in digits)


def _slipped(low: str) -> Iterator[Number]:
    for match in _SLIPPED.finditer(low):
        letters = sum(map(str.isalpha, match[0]))
        if 0 < letters <= len(match[0]) // 2:
            yield Number(match.start(), match.end(), _plain(match[0]))


def _dictated(low: str) -> Iterator[Number]:
    """Yield the NIKs said in words: `tiga dua nol satu ...`; some of it may be in figures."""
    for match in _SPOKEN.finditer(low):
        tokens = list(_SPOKEN_WORD.finditer(match[0]))
        if 2 * sum(token[0].isalpha() for token in tokens) < len(tokens):
            continue
        ends = _digits_up_to(tokens)
        whole = next((one for one in ends if looks_like_nik(one[0])), ends[-1])
        if NIK_DIGITS - 3 <= len(whole[0]) <= NIK_DIGITS + 3:
            yield Number(match.start() + tokens[0].start(), match.start() + whole[1], whole[0])


def _digits_up_to(tokens: list[re.Match[str]]) -> list[tuple[str, int]]:
    """Return the digits said up to the end of each number, with where that ends."""
    found: list[tuple[str, int]] = [("", 0)]
    at = 0
    words = [token[0] for token in tokens]
    while at < len(words):
        times = 2 if words[at] in {"dobel", "double"} else 1
        at += times - 1
        if at < len(words) and words[at].isdecimal():
            said, stop = words[at], at + 1
        else:
            value, stop = spoken.number_at(words, at)
            said, stop = (str(value), stop) if value >= 0 else ("", at + 1)
        found.append((found[-1][0] + said * times, tokens[min(stop, len(tokens)) - 1].end()))
        at = stop
    return found
