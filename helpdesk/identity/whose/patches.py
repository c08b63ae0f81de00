"""Corrections of a part: `4 angka terakhir 0021`, `*1989`, `bulannya 5`, `pakai y bukan i`."""

import datetime as dt
import re
from collections.abc import Callable, Iterator, Sequence

from rapidfuzz.distance import OSA

from helpdesk.identity.figures import dates
from helpdesk.identity.figures.date_kinds import is_other_date
from helpdesk.identity.figures.months import MONTHS
from helpdesk.identity.figures.numbers import NIK_DIGITS
from helpdesk.identity.findings import Finding
from helpdesk.identity.reading import Reading, fold
from helpdesk.identity.types import Field, Span
from helpdesk.identity.whose import corrections

# Rules, and what the value of their findings is until it is applied:
NIK_TAIL = "nik_tail"  # the last digits
NIK_HEAD = "nik_head"  # the first digits
NIK_PART = "nik_part"  # `old>new` digits; `7:5` when the seventh is 5
YEAR = "year"  # YYYY-MM-DD with ? for what stays
DATE_PART = "date_part"  # the same
NAME_PART = "name_part"  # `old>new` letters or words; `>new` replaces the word most like it

_ANY_DAY = dt.date(2100, 1, 1)  # only whether a date is there is asked
_FEW_WORDS = 3
_MAX_MESSAGE = 240  # a correction is a short message of its own
_SIDE = {
    **dict.fromkeys(
        ("terakhir", "belakang", "akhir", "ujung", "buntut", "last", "ending"), NIK_TAIL
    ),
    **dict.fromkeys(("depan", "awal", "first"), NIK_HEAD),
}  # fmt: skip
_NIK_SIDE = re.compile(
    r"(?<![a-z])(?P<side>terakhir|belakang|akhir|ujung|buntut|depan|awal|last|first|ending)(?:nya)?"
    r"(?: (?:\d|satu|dua|tiga|empat|lima|enam) (?:angka|digit)(?:nya)?)?"
    r"(?P<gap>[^\d\n]{0,40})(?P<digits>\d{1,8})(?!\d| ?(?:angka|digit))"
)
_NIK_MISSING = re.compile(
    r"kurang[^\d\n]{1,25}(?P<digits>\d{1,2})[^\d\n]{1,20}(?P<side>terakhir|belakang|akhir|depan|awal)"
)
# All that a message of correction says: `9031*`, `typo, 9031`.
_BARE = re.compile(r"[^\w\n]*(?:[a-z]{2,10}[^\w\n]+){0,3}(?P<digits>\d{3,6})[^\w\n]*")
_NIK_ABOUT = re.compile(r"(?<![a-z])(?:nik|ktp|angka|digit|nomor|nomer|no|number|kurang)")
_NIK_PLACE = re.compile(
    r"(?:angka|digit)(?:nya)? (?:yg |yang )?ke[ -]?(?P<at>\d{1,2})(?:nya)?(?P<gap>[^\d\n]{1,25})"
    r"(?P<digits>\d)(?!\d)"
)
_SWAP = re.compile(r"(?<!\d)\d{2,8}(?!\d)")
_YEAR = re.compile(
    r"(?<!\d)(?P<digits>(?:19|20)\d\d)(?!\d)"
    r"|(?<![a-z])(?:tahun|thn|th|taun)(?:nya)?[^\d\n]{0,25}(?P<short>\d\d)(?!\d)"
)
_MONTH_WORDS = "|".join(sorted((name for name in MONTHS if len(name) > 2), key=len, reverse=True))
_MONTH = re.compile(
    r"(?<![a-z])(?:bulan|bln)(?:nya)?[^\d\n]{0,30}?"
    rf"(?:(?P<digits>\d{{1,2}})(?!\d)|(?P<said>{_MONTH_WORDS})(?![a-z]))"
    rf"|(?<=\d )(?P<name>{_MONTH_WORDS})(?![a-z])"
)
_MONTH_NAME = re.compile(rf"(?<![a-z])(?P<said>{_MONTH_WORDS})(?![a-z])")
_DAY = re.compile(
    r"(?<![a-z])(?:tanggal|tgl)(?:nya)?[^\d\n]{0,25}?(?P<digits>\d{1,2})(?!\d)"
    rf"|(?<!\d)(?P<before>\d{{1,2}}) (?:{_MONTH_WORDS})(?![a-z])"
)
_DATE_ABOUT = re.compile(
    r"(?<![a-z])(?:tahun|thn|taun|bulan|bln|tanggal|tgl)(?:nya|ku| lahir(?:nya|ku|\b))(?![a-z])"
    r"|(?<![a-z])lahir(?:nya|ku)(?![a-z])"
)
_LETTERS = re.compile(
    r"(?<![a-z])(?:(?P<word>[a-z']{3,20}?)(?: ?nya)? )?(?:pake|pakai|pk|dgn|dengan|with) "
    r"(?:huruf )?['\"]?(?P<new>[a-z]{1,2})['\"]?(?![a-z])"
    r"(?: (?:bukan|bkn|not) (?:huruf )?['\"]?(?P<old>[a-z]{1,2})['\"]?(?![a-z]))?"
)
_INSTEAD = re.compile(
    r"[ ,]{0,3}(?:(?:tapi|tp|tpi|tetapi|melainkan|but|harusnya|seharusnya|yg bener|yang benar) )"
    r"{1,2}(?P<new>[a-z']{3,20})(?![a-z])"
)
_BEFORE_DENIAL = re.compile(r"(?P<new>[a-z']{3,20})[ ,]{1,2}$")


def find(reading: Reading) -> Iterator[Finding]:
    """Yield corrections of a part of what an earlier message said; linear.

    `reading` still holds what it denies: the denied part tells which part is meant.
    """
    low = reading.low
    if reading.message <= 0 or len(low) > _MAX_MESSAGE:
        return
    denied = corrections.denials(low)
    called = corrections.starts(low, reading.message) is not None
    plain = corrections.without_denied(reading).low
    yield from _nik_parts(reading, plain, denied, called=called)
    if called or _DATE_ABOUT.search(low):
        yield from _date_parts(reading, plain, denied)
    if denied or called or "nama" in low:
        yield from _name_parts(reading, denied)


def without_patched(findings: Sequence[Finding]) -> Iterator[Finding]:
    """Yield findings but for values that are only the part of a patch: `Rahmat bukan Rohmat`."""
    parts = [one for one in findings if is_patch(one)]
    for finding in findings:
        if is_patch(finding) or not any(_is_within(finding, part) for part in parts):
            yield finding


def apply(old: str, finding: Finding) -> str:
    """Return the old value with the corrected part in its place; as it was, if that cannot be."""
    return _APPLY[finding.rule](old, finding.value)


def is_patch(finding: Finding) -> bool:
    """Tell whether a finding is a part to be put into an earlier fact."""
    return finding.rule in _APPLY


def _nik_parts(
    reading: Reading, plain: str, denied: Sequence[corrections.Denial], *, called: bool
) -> Iterator[Finding]:
    if side := _NIK_MISSING.search(plain) or _NIK_SIDE.search(plain):
        if any(hit.start <= side.start("digits") < hit.end for hit in _dates(plain)):
            return  # `yang terakhir Joko, Pati 27-7-1985`
        if _NIK_ABOUT.search(plain) or len(side["digits"]) > 2:
            yield _finding(reading, side, "digits", Field.NIK, _SIDE[side["side"]])
        return
    if (place := _NIK_PLACE.search(plain)) and 1 <= int(place["at"]) <= NIK_DIGITS:
        value = f"{place['at']}:{place['digits']}"
        yield _finding(reading, place, "digits", Field.NIK, NIK_PART, value)
        return
    if called and (bare := _BARE.fullmatch(plain)) and not _is_year(bare["digits"]):
        yield _finding(reading, bare, "digits", Field.NIK, NIK_TAIL)
        return
    for denial in denied:
        old = reading.low[denial.value_start : denial.end]
        new = next(
            (one for one in _SWAP.finditer(plain) if old.isdecimal() and len(one[0]) == len(old)),
            None,
        )
        if new and len(old) >= 3 and not _is_year(old):
            yield _finding(reading, new, 0, Field.NIK, NIK_PART, f"{old}>{new[0]}")
            return


def _dates(low: str) -> Iterator[dates.DateHit]:
    return dates.find(low, today=_ANY_DAY)


def _date_parts(
    reading: Reading, plain: str, denied: Sequence[corrections.Denial]
) -> Iterator[Finding]:
    if any(hit.day for hit in _dates(plain)):
        return  # a whole date takes the place of the old one
    year, month, day = _YEAR.search(plain), _MONTH.search(plain), _DAY.search(plain)
    if month is None and _names_month(reading.low, denied):
        month = _MONTH_NAME.search(plain)  # `mei bukan maret`, `juni maksudnya`
    seen = [one for one in (year, month, day) if one]
    if not seen or any(
        is_other_date(plain, one.start(one.lastgroup or 0), one.end()) for one in seen
    ):
        return
    pattern = f"{_text(year).rjust(4, '?')}-{_month(month)}-{_text(day).rjust(2, '0')}"
    pattern = pattern if day else pattern[:8] + "??"
    rule = YEAR if [year] == seen else DATE_PART
    yield _finding(reading, seen[0], seen[0].lastgroup or "", Field.BIRTH_DATE, rule, pattern)


def _names_month(low: str, denied: Sequence[corrections.Denial]) -> bool:
    """Tell whether a month's name is one: another month is denied, or hardly more is said."""
    return len(low.split()) <= _FEW_WORDS or any(
        _MONTH_NAME.match(low, one.value_start) for one in denied
    )


def _month(found: re.Match[str] | None) -> str:
    text = _text(found)
    if not text:
        return "??"
    return f"{MONTHS.get(text) or int(text):02}"


def _text(found: re.Match[str] | None) -> str:
    return found[found.lastgroup or 0] if found else ""


def _name_parts(reading: Reading, denied: Sequence[corrections.Denial]) -> Iterator[Finding]:
    low = reading.low
    if (said := _LETTERS.search(low)) and (said["old"] or said["new"] in (said["word"] or "")):
        value = f"{said['old']}>{said['new']}" if said["old"] else f">{said['word']}"
        group = "new" if said["old"] else "word"
        yield _finding(reading, said, group, Field.FULL_NAME, NAME_PART, value)
        return
    for denial in denied:
        old = low[denial.value_start : denial.end]
        new = _INSTEAD.match(low, denial.end) or _BEFORE_DENIAL.search(low, 0, denial.start)
        if new and old.isalpha() and _is_like(old, new["new"]):
            value = f"{old}>{new['new']}"
            yield _finding(reading, new, "new", Field.FULL_NAME, NAME_PART, value)


def _is_within(finding: Finding, part: Finding) -> bool:
    """Tell whether a finding is about the same characters as a patch of its field."""
    if (finding.field, finding.span.message) != (part.field, part.span.message):
        return False
    return finding.span.start <= part.span.start and part.span.end <= finding.span.end + 1


def _is_like(one: str, two: str) -> bool:
    """Tell whether two words may be two spellings of one name."""
    if one in MONTHS or two in MONTHS or one == two:
        return False
    return OSA.normalized_similarity(one, two) >= 0.6


def _apply_tail(old: str, digits: str) -> str:
    kept = NIK_DIGITS - len(digits)
    return old[:kept] + digits if len(old) >= kept else old


def _apply_head(old: str, digits: str) -> str:
    kept = NIK_DIGITS - len(digits)
    return digits + old[-kept:] if len(old) >= kept else old


def _apply_nik_part(old: str, value: str) -> str:
    if ":" in value:
        place, _, digit = value.partition(":")
        at = int(place) - 1
        return old[:at] + digit + old[at + 1 :] if at < len(old) else old
    wrong, _, right = value.partition(">")
    at = old.rfind(wrong)
    return old if at < 0 else old[:at] + right + old[at + len(wrong) :]


def _apply_date(old: str, pattern: str) -> str:
    merged = "".join(was if now == "?" else now for was, now in zip(old, pattern, strict=False))
    try:
        dt.date.fromisoformat(merged)
    except ValueError:
        return old
    return merged


def _apply_name(old: str, value: str) -> str:
    wrong, _, right = value.partition(">")
    words = old.split()
    folded = [fold(word) for word in words]
    if not wrong:
        wrong = max(folded, key=lambda word: OSA.normalized_similarity(word, right), default="")
        if wrong == right or not _is_like(wrong, right):
            return old
    if wrong in folded:
        at = folded.index(wrong)
        words[at] = _cased(right, words[at])
        return " ".join(words)
    if len(wrong) > 2 or fold(old).count(wrong) != 1:
        return old
    at = fold(old).index(wrong)
    return old[:at] + _cased(right, old[at : at + 1]) + old[at + len(wrong) :]


def _cased(word: str, like: str) -> str:
    """Return a folded word in the letter case of another."""
    if like.isupper() and (len(like) > 1 or len(word) == 1):
        return word.upper()
    return word[:1].upper() + word[1:] if like[:1].isupper() else word


_APPLY: dict[str, Callable[[str, str], str]] = {
    NIK_TAIL: _apply_tail,
    NIK_HEAD: _apply_head,
    NIK_PART: _apply_nik_part,
    YEAR: _apply_date,
    DATE_PART: _apply_date,
    NAME_PART: _apply_name,
}


def _is_year(digits: str) -> bool:
    return len(digits) == 4 and digits[:2] in {"19", "20"}


def _finding(
    reading: Reading,
    match: re.Match[str],
    group: str | int,
    field: Field,
    rule: str,
    value: str | None = None,
) -> Finding:
    span = Span(reading.message, match.start(group), match.end(group))
    return Finding(field, value or match[group], 0.85, span, rule, corrects=True)
