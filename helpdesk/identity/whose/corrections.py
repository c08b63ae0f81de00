"""What the writer takes back: values they deny, and what they put in the place of others."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from helpdesk.identity.figures.months import MONTHS
from helpdesk.identity.findings import Finding
from helpdesk.identity.reading import Reading, has

_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_FIGURES = (
    rf"(?:\d{{1,2}}[ \-/.]{{0,3}}(?:{_MONTH})(?![a-z])(?:[ \-/.']{{1,3}}\d{{2,4}}(?!\d))?"
    r"|'?\d(?:[ .\-/]{0,2}\d){0,24})"
)
_WORDS = r"[a-z][a-z']*(?: [a-z][a-z']*){0,3}?"
_FILL = (
    r"(?:(?:yg|yang|di|d|in|tgl|tanggal|bln|bulan|th|thn|tahun|nik|no|nomor|pada|itu|the)\.? )"
    r"{0,3}"
)
# Where denied words end: a mark, or a word that goes on to something else.
_ENDS = (
    r"(?= {0,2}(?:[,;)\n!?&/]|\.(?:[ \n]|$)|$|(?:tapi|tp|tpi|tetapi|melainkan|namun|but|yg|yang"
    r"|jadi|ralat|harusnya|seharusnya|mestinya|trus|terus|maaf|sorry|ya|yah|pak|bu|kak|min|mas|mbak|nik"
    r"|nama|ttl|lahir|lhr|adalah|itu|sih|kok|dong|lho|loh|ne|e|untuk|utk|karena|krn|saja)(?![a-z])"
    r"|[^\x00-\x7f]|\d))"
)
_DENIED = re.compile(
    rf"(?<![a-z])(?:(?:bukan(?:nya|lah)?|bkn|bukn|bkan|sanes|dudu) {_FILL}"
    rf"(?P<value>{_FIGURES}|{_WORDS}{_ENDS})"
    rf"|(?:instead of|rather than|not) {_FILL}(?P<figures>{_FIGURES}))"
)
_DATE_OR_NUMBER = (
    rf"(?P<value>\d{{1,2}}[ \-/.]{{0,3}}(?:{_MONTH})[ \-/.']{{0,3}}\d{{2,4}}(?!\d)"
    r"|(?<!\d)\d(?:[ .\-/]{0,2}\d){5,24})"
)
# `3273... ternyata punya suami`, `17-8-1990 itu salah`, `... yang itu abaikan saja`
_DENIED_AFTER = re.compile(
    _DATE_OR_NUMBER
    + r"[ )]{0,3}(?:(?:(?:itu|ini|memang|adalah|nya|(?:(?:yg|yang) )?(?:(?:saya|sy) )?"
    r"(?:di)?kirim(?: (?:tadi|td|kemarin|kmrn))?) ){0,3}"
    r"(?:salah(?! satu)|keliru|typo|kliru|ternyata(?! (?:benar|betul|bener)))(?![a-z])"
    r"|(?:(?:di)?ganti(?: jadi| dengan)?|menjadi|-+>|=+>|\u2192|\u27a1) ?(?=\d)"
    r"|[^\d\n.]{0,50}(?:(?:di)?abaikan|jangan (?:di)?pakai|hiraukan)(?![a-z]))"
)
_HINT = (
    "bukan", "bkn", "bukn", "bkan", "sanes", "dudu", "instead of", "rather than", "not ",
)  # fmt: skip
_HINT_AFTER = (
    "ganti", "menjadi", ">", "\u2192", "\u27a1", "salah", "keliru", "typo", "kliru", "ternyata",
    "abaikan", "pakai", "hiraukan",
)  # fmt: skip

# The writer corrects themself from here on.
_CUE = re.compile(
    r"(?<![a-z])(?:(?:me)?ralat|koreksi|dikoreksi|revisi|pembetulan|keliru|kekeliruan|kliru|typo"
    r"|(?<!tidak )(?<!ga )(?<!gak )(?<!gk )(?<!tdk )(?<!kalau )(?<!kalo )(?<!klo )(?<!bila )"
    r"(?<!ada )(?<!yang )(?<!yg )(?<!apa )(?<!nggak )(?<!jika )"
    r"salah(?! (?:satu|paham|potong|sangka|cetak|kata|menyebut))"
    r"|(?:eh|ups|aduh|waduh|lho|loh)[ ,]{1,2}(?:bukan|bkn) itu"
    r"|seharusnya|harusnya|hrsnya|mestinya|maksudnya|maksud sa?ya?|benernya|benere|sing bener"
    r"|(?:yang|yg|nu) (?:benar|bener|betul|bnr|leres|pas)(?:nya)?"
    r"|correction|should be|i meant|my mistake|wrong|ganti jadi|diganti|diubah|kepencet|kelebihan"
    r"|ketuker|ketukar|tertukar|kebalik|terbalik|ternyata|lupa (?:td|tadi)"
    r"|kurang (?:satu|1|dua|2) (?:angka|digit|huruf)|barusan saya (?:lihat|cek|liat))(?![a-z])"
)
_CUE_HINT = (
    "salah", "ralat", "koreksi", "revisi", "betul", "keliru", "kliru", "typo", "harusnya",
    "hrsnya", "mestinya", "maksud", "bener", "benar", "bnr", "leres", "correct", "should",
    "meant", "mistake", "wrong", "ganti", "diubah", "pencet", "lebihan", "tuker", "tukar",
    "balik", "ternyata", "lupa t", "kurang", "barusan", "yg pas", "yang pas", "nu pas",
)  # fmt: skip
_INTERJECTION = re.compile(
    r"[^\w\n]*(?:eh+|ups|oops|aduh|waduh|haduh|hadeh|lha|astaga)(?![a-z])"
    r"|[^\w\n]*(?:maaf|maap|mf|sorry|sori)(?: [a-z]{1,4}){0,2}"
    r"(?:[^\w]*$|[ ,]{1,2}(?:tanggal|tgl|bulan|bln|tahun|thn|nik|ktp|nama|lahir|ttl|tempat)nya)"
)
_STARRED = re.compile(r"\s*\*{1,2}\s?[^*\n:]{1,80}\s*|\s*[^*\n:]{1,80}\*{1,2}\s*")
_BEHIND = re.compile(
    r"[^\n\w]{0,6}(?:\w{1,12}[ ,]{1,2}){0,2}?(?:(?:yang|yg) (?:benar|bener|betul|bnr)|bukan|bkn"
    r"|maaf salah|(?:tadi|td) salah|ralat|koreksi|kebalik|terbalik|ketuker|ketukar|tertukar"
    r"|(?:is )?correct)"
)
_LONGEST_CALL = 80  # characters of a message that only says that the next one corrects
_REACH = 40


@dataclass(frozen=True, slots=True)
class Denial:
    """A denied value at `value_start`:`end`; the denial begins at `start`."""

    start: int
    value_start: int
    end: int


@lru_cache(maxsize=16)  # several rules ask about each message
def denials(low: str) -> Sequence[Denial]:
    """Return what a folded text says is not so, from left to right; linear.

    `lahir di Genyem bukan Sentani`, `bukan 16 tapi 19 Mei`, `3273... itu salah`.
    """
    found: list[Denial] = []
    if has(low, _HINT):
        for match in _DENIED.finditer(low):
            name = "value" if match["value"] else "figures"
            found.append(Denial(match.start(), match.start(name), match.end(name)))
    if has(low, _HINT_AFTER):
        found += [
            Denial(match.start(), match.start(), match.end("value"))
            for match in _DENIED_AFTER.finditer(low)
        ]
    return tuple(found)


def without_denied(reading: Reading) -> Reading:
    """Return a message without the values it denies: no rule may take them for facts."""
    return reading.without((denial.start, denial.end) for denial in denials(reading.low))


def mark(findings: Iterable[Finding], readings: Sequence[Reading]) -> Iterator[Finding]:
    """Yield findings, each with `corrects` where its message says that it replaces another.

    `readings` are the messages as the writer wrote them, in order. A message that only says that
    something was wrong speaks of the next one.
    """
    found = list(findings)
    if not found:
        return
    starts = _starts(found, readings)
    texts = {one.message: one.low for one in readings}
    first = min(((one.span.message, one.span.start) for one in found), default=(0, 0))
    for finding in found:
        span = finding.span
        after = starts.get(span.message)
        # `mohon nomor yang benar` before any fact was given takes none back.
        corrects = after is not None and after <= span.start and first < (span.message, after)
        if not corrects and span.message > 0 and span.message in texts:
            corrects = bool(_BEHIND.match(texts[span.message], span.end, span.end + _REACH))
        yield replace(finding, corrects=True) if corrects and not finding.corrects else finding


@lru_cache(maxsize=16)  # `patches` asks as well
def starts(low: str, message: int) -> int | None:
    """Return from where on a folded message corrects what was said before, None when it does not.

    Marks that only later messages can carry (`*1989`, `eh`, a denial) count in those alone.
    """
    if message > 0 and (
        ("*" in low and _STARRED.fullmatch(low))
        or _INTERJECTION.match(low)
        or (has(low, _HINT) and denials(low))
    ):
        return 0
    cue = _CUE.search(low) if has(low, _CUE_HINT) else None
    return cue.start() if cue else None


def _starts(found: Sequence[Finding], readings: Sequence[Reading]) -> dict[int, int]:
    last: dict[int, int] = {}
    for finding in found:
        message = finding.span.message
        last[message] = max(finding.span.start, last.get(message, 0))
    starting: dict[int, int] = {}
    called = False
    for one in readings:
        at = starts(one.low, one.message)
        if called and at is None and one.message in last:
            at = 0
        if at is not None:
            starting[one.message] = at
        said_more = one.message in last and (at is None or last[one.message] >= at)
        called = at is not None and not said_more and len(one.low) <= _LONGEST_CALL
    return starting
