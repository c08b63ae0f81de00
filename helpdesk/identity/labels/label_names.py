"""A name after its label: where it begins, where it ends, whose it is."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from helpdesk.identity.findings import Finding
from helpdesk.identity.labels.labels import Kind, Label
from helpdesk.identity.reading import Reading
from helpdesk.identity.types import Field, Span
from helpdesk.identity.whose import referents
from helpdesk.identity.words import names, words

_MAX_CHARS = 90  # of a name with its titles
_FILLER = re.compile(
    r"(?:(?:saya|sy|adalah|ialah|yaitu|yakni|itu|is|nya|memang|cuma|cuman|hanya|cukup|si|sdr|ana|the"
    r"|ulun|kulo|kula|abdi|kuring|titiang|ambo|denai|beta|gue|gua|gw|aku)"
    r"\b[ :,]*){1,3}"
)
# `yang namanya Taufik ga usah`: nobody asks for his.
_DECLINED = re.compile(
    r",? {0,2}(?:mah |itu |sih |dia )?"
    r"(?:ga|gak|nggak|enggak|tidak|tdk|ndak|nda|kaga|jangan|jgn|ora|teu)"
    r" (?:usah|perlu|jadi|ikut|dulu|termasuk)(?![a-z])"
)
_CAPITALS = re.compile(r"[A-Z][a-z']+(?: [A-Z][a-z']+){1,3}")
_SPELT_MARK = re.compile(r" (?:ttk|titik|koma)(?![a-z])")
# Small words inside a name written with capitals.
_PARTICLES = frozenset(
    {
        "bin",
        "binti",
        "b",
        "bt",
        "bte",
        "van",
        "de",
        "da",
        "do",
        "dos",
        "das",
        "di",
        "la",
        "le",
        "al",
    }
    | {"el", "ibnu", "ibn", "br", "boru", "anak", "i", "a"}
)
# `Oma : ...` may be a neighbour's, `Nama almarhum` anybody's: the text around says whose.
_SURE_KIN = frozenset({"suami", "istri", "anak", "ayah", "ibu", "mertua", "kakak"})
_BIRTH_OR_NIK = frozenset({Kind.NIK, Kind.DATE, Kind.PLACE_DATE})
_SIGNED = re.compile(r"(?:ber|di)?tanda ?tangan(?:i)? di ?bawah")


def settle(low: str, marks: Sequence[Label]) -> Iterator[Label]:
    """Decide what only all labels of a message together can tell about its names.

    A parent's name is the participant's where no other is given; an applicant's or a signer's is
    the writer's beside another person's; the holder of an account is nobody.
    """
    named = [mark for mark in marks if mark.kind is Kind.NAME]
    plain = [mark for mark in named if not (mark.whose or mark.weak)]
    parents = _parents_asked(low, marks, named)
    last: Label | None = None
    for mark in marks:
        settled = mark
        if mark.kind is Kind.OTHER and mark.whose in parents:
            settled = replace(mark, kind=Kind.NAME)
        elif mark.kind is Kind.NAME and mark.weak and plain:
            settled = replace(mark, kind=Kind.OTHER, whose="")
        elif mark.kind is Kind.NAME and _holds_account(low, mark, last):
            settled = replace(mark, kind=Kind.OTHER)
        elif len(plain) > 1 and mark is plain[0] and _is_signer(low, mark):
            settled = replace(mark, whose=referents.SELF)
        last = mark
        yield settled


def name_at(reading: Reading, label: Label, start: int, limit: int) -> Finding | None:
    """Read the name that begins at or soon after `start`; None when none does."""
    low = reading.low
    if filler := _FILLER.match(low, start, limit):
        start = filler.end() if _goes_on(low, filler.end(), limit) else start
    start = _first_capital(reading, start, limit)
    if spelt := _SPELT_MARK.search(low, start, limit):
        limit = spelt.start()
    capital = reading.text[start : start + 1].isupper() and not reading.shouted
    written = reading.text if capital else ""  # a name without capitals says nothing by its case
    end = names.measure(low, start, min(limit, start + _MAX_CHARS), written=written)
    surely = False
    if end == start and written and _opens_line(low, label):
        end = _words_of_line(reading, start, limit)
        surely = end > start
    if end == start or not (surely or names.plausible(low[start:end].split(",")[0])):
        return None
    if _DECLINED.match(low, end):
        return None
    value = names.display(reading.text[start:end])
    span = Span(reading.message, start, end)
    confidence = 0.96 if label.firm else 0.85
    return Finding(
        Field.FULL_NAME, value, confidence, span, "name_label", starts_person=True,
        whose=_relation(label),
    )  # fmt: skip


def _opens_line(low: str, label: Label) -> bool:
    return label.firm or low[max(0, label.start - 4) : label.start].rstrip(" ").endswith("\n")


def _words_of_line(reading: Reading, start: int, limit: int) -> int:
    """Return where a line of a few words with capitals ends (`Selamat Datang`), else `start`.

    Not a line of nothing but words that talk is made of: `Tidak Tahu`.
    """
    said = _CAPITALS.match(reading.text, start, limit)
    if said is None or said.end() < min(limit, len(reading.low.rstrip())):
        return start
    low = reading.low[start : said.end()].split()
    new = [word for word in low if word not in words.STOP and not words.is_talk(word)]
    return said.end() if new and low[0] in words.FIRST_OF_CELLS else start


def _relation(label: Label) -> str:
    """Return whose name a label announces, when its word says so for sure."""
    if label.heading:
        return ""  # the heading speaks for all that is below it
    if label.whose not in _SURE_KIN:
        return label.whose if label.whose == referents.SELF else ""
    return referents.relation_of(label.whose)


def _goes_on(low: str, at: int, limit: int) -> bool:
    return at < limit and low[at].isalpha()


def _first_capital(reading: Reading, start: int, limit: int) -> int:
    """Skip up to three small words before a name with capitals: `nama timpal tiang Kadek`."""
    if reading.shouted:
        return start
    at = start
    for _ in range(4):
        end = at
        while end < limit and reading.low[end].isalpha():
            end += 1
        word = reading.text[at:end]
        if not word or word in _PARTICLES or not word.islower():
            return at if word[:1].isupper() else start
        if reading.low[end : end + 1] != " ":
            return start
        at = end + 1
    return start


def _parents_asked(low: str, marks: Sequence[Label], named: Sequence[Label]) -> frozenset[str]:
    """Return the words of parents whose `Nama ibu : ...` names the participant.

    Not where another participant is named; else where the text speaks of that parent, or where
    facts follow and nobody at all is named.
    """
    found = {mark.whose: mark for mark in marks if mark.kind is Kind.OTHER and mark.whose}
    if not found or any(mark.whose != referents.SELF for mark in named):
        return frozenset()
    facts = max((mark.start for mark in marks if mark.kind in _BIRTH_OR_NIK), default=-1)
    return frozenset(
        whose
        for whose, mark in found.items()
        if _is_spoken_of(low, mark) or (facts > mark.start and not named)
    )


def _is_spoken_of(low: str, mark: Label) -> bool:
    word = low[mark.start : mark.end].rpartition(" ")[2]
    return (
        f"kpj {word}" in low
        or f"nik {word}" in low
        or any(
            one.who == referents.relation_of(mark.whose) and not mark.start <= one.start < mark.end
            for one in referents.find(low)
        )
    )


def _holds_account(low: str, mark: Label, last: Label | None) -> bool:
    """Tell whether `a.n.` stands behind an account or another field on its line."""
    if (
        last is None
        or last.kind is not Kind.OTHER
        or not low[mark.start : mark.end].startswith("a")
    ):
        return False
    return "\n" not in low[last.end : mark.start] and mark.start - last.end < _MAX_CHARS


def _is_signer(low: str, mark: Label) -> bool:
    signed = _SIGNED.search(low)
    return signed is not None and 0 <= mark.start - signed.end() < 60
