"""Labels: the words on a form or in a sentence that say what comes next.

A label is a word that can begin one (`nama`, `tempat`, `no`, `nik`, ...) and the words that may
follow it in its family, in any order, with any separators a form uses between them. What it
announces is decided by all of them together: `nama ibu kandung` is no name of a participant, `no
KTP` is a NIK, `no KK` is none.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

from helpdesk.identity.labels import label_words
from helpdesk.identity.labels.label_parts import (
    BIRTH,
    COLON,
    HINT_WORD,
    NUMBER,
    OWNER,
    Part,
    after_hints,
    head_at,
    ideas_of,
    kin_of,
    only_slips,
    starts_line,
    walk,
)


class Kind(StrEnum):
    """What a label announces."""

    NAME = "name"
    PLACE = "place"
    DATE = "date"
    PLACE_DATE = "place_date"
    NIK = "nik"
    OTHER = "other"  # something that is never a fact here: mother, employer, phone, KK, KPJ, ...


@dataclass(frozen=True, slots=True)
class Label:
    """A label at `start`:`end`; its value begins at `value`, after separators.

    Attributes:
        firm: the label has a separator or stands at the start of a line, as on a form.
        whose: the relation a label itself states (`nama suami`), a word `referents.relation_of`
            knows, `self` when it says the writer, or "". With OTHER: a parent's name, which is
            the participant's only where no other name is given.
        heading: a person's word alone, `Suami : Budi`; what is below it is theirs, too.
        weak: counts only when the labels around bear it out: a bare `Tanggal :`, `Nama pemohon`.
    """

    kind: Kind
    start: int
    end: int
    value: int
    firm: bool
    whose: str = ""
    weak: bool = False
    heading: bool = False


_WORD = re.compile(r"[a-z]+")
_PIECES = frozenset({"atas", "t", "n", "d", "a", "e", "ktp"})  # first letters of terms with marks
_AFTER = re.compile(r"(?: {0,3}(?:[^\w\s?]|_|(?:adalah|ialah|yaitu|yakni|is|itu)\b)){0,40} {0,40}")
_FIRM = re.compile(r" {0,3}(?:[:=|>\n]|-+ |$)")
_DIGITS = re.compile(r"[^\w\n]{0,6}(?:[+\d]|[oil]{1,2}\d)")
_NAMES_HOLDER = re.compile(
    r" {0,2}(?:nya )?(?:[:=]|(?:ter|di)(?:tulis|tera)(?:nya)?:?) {1,2}(?=[a-z]{3})"
)
_WHOLE_NIK = re.compile(r"[^\w\n]{0,6}\d(?:[ .\-]?\d){15}(?!\d)")
_BEFORE_BEHALF = re.compile(
    r"(?:^|[^\w\s']|\n|(?<![a-z])(?:kpj|kjp|nomor|nomer|no|nya|peserta|kartu|tk|bpjstk|jamsostek|bpjs"
    r"|karyawan|pegawai|pekerja|kerja|untuk|utk|data|rekening|rek|kami|saya|hilang|ktp)) *$"
)
_UNKNOWN = re.compile(r" (?P<word>[a-z]{3,20}) {0,3}[:=]")
# `Nama lama`, `ganti nama`: no longer the name.
_FORMER = re.compile(r"(?<![a-z])(?:ganti|berganti|mengganti|dobel|double|kembar|beda) $")
_REST_OF_FIELD = re.compile(r"(?: {1,2}(?:[a-z/&\-]{1,20}|[a-z]{1,4}\.)){0,5}(?= {0,30}[:=])")
_COLON_REACH = 150  # characters of a field's name, its hints and spaces before its colon
_NAME_ALONE = frozenset({"name"})
_AFTER_NAME = OWNER | {
    "full", "as_on", "paper", "idcard", "id", "participant", "applicant", "foreign", "born",
    "name"}  # fmt: skip
_AFTER_BIRTH = BIRTH | OWNER | {
    "month", "at", "and", "town", "event", "as_on", "idcard", "id", "paper"}  # fmt: skip
_AFTER_NUMBER = NUMBER | OWNER | {"resident", "employee", "as_on", "paper", "name"}
_FACTS = frozenset({"name", "born", "ttl", "nik", "idcard"})
_STARTS = BIRTH | NUMBER | {"town", "name", "full", "behalf", "other", "other_name", "kin", "mine"}
_MERE_WORD = re.compile(r"(?:one|only|same|satu) (?:name|nama)\b")
_PLURAL = ("nama-", "nama ")  # `nama-nama karyawan ...` speaks of names, it gives none
_NEED_COLON = frozenset({"kin", "mine", "other"})


def find(low: str) -> Iterator[Label]:
    """Yield the labels of a folded text from left to right, never overlapping; linear."""
    done = 0
    last: Label | None = None
    for token in _WORD.finditer(low):
        starts = _starts(token[0])
        if starts is None or token.start() < done or (starts and not _colon_near(low, token)):
            continue
        head = head_at(low, token.start())
        label = _label_at(low, head) if head else None
        if label is None or (label.weak and not _stands(label, last)):
            continue
        yield label
        last, done = label, label.end


@lru_cache(maxsize=20_000)
def _starts(word: str) -> bool | None:
    """Tell whether a label that begins with a folded word needs a colon; None when none does.

    The word may be a piece of what begins it: `t` of `t.t.l`.
    """
    known = label_words.look_up(word)
    if word in _PIECES:
        return False
    if known is None or known.ideas.isdisjoint(_STARTS):
        return None
    return known.ideas.isdisjoint(_STARTS - _NEED_COLON)


def _colon_near(low: str, token: re.Match[str]) -> bool:
    stop = token.end() + _COLON_REACH
    return low.find(":", token.end(), stop) >= 0 or low.find("=", token.end(), stop) >= 0


def _stands(label: Label, last: Label | None) -> bool:
    """Tell whether the label before bears a weak one out: `Tempat : ...`, `Tanggal : ...`."""
    if label.kind is Kind.DATE:
        return last is not None and last.kind is Kind.PLACE and label.start - last.end < 80
    return True


def _label_at(low: str, head: Part) -> Label | None:
    ideas = head.word.ideas
    if ideas.isdisjoint(_STARTS):
        return None
    if "name" in ideas or "behalf" in ideas or "full" in ideas:
        return _name(low, head)
    if not ideas.isdisjoint(BIRTH | {"town"}):
        found = _birth(low, head)
        return found or (_field(low, head) if "other" in ideas else None)
    if not ideas.isdisjoint(NUMBER):
        return _number(low, head) or (_field(low, head) if "other" in ideas else None)
    if not ideas.isdisjoint({"kin", "mine"}):
        return _person(low, head) or (_field(low, head) if "other" in ideas else None)
    return _field(low, head)


# The families


def _name(low: str, head: Part) -> Label | None:
    behalf = "behalf" in head.word.ideas
    parts = [head] if behalf or "name" in head.word.ideas else walk(low, head, _NAME_ALONE)
    if not ({"name", "behalf"} & parts[-1].word.ideas) or (behalf and not _announces(low, head)):
        return None
    if head.word.slip and not (COLON.match(low, head.end) and starts_line(low, head.start)):
        return None
    parts = [*parts[:-1], *walk(low, parts[-1], _AFTER_NAME)]
    if not behalf and _MERE_WORD.search(low, max(0, head.start - 8), head.end):
        return None
    if low.endswith(_PLURAL, 0, head.start) and not COLON.match(low, parts[-1].end):
        return None
    return _qualified(low, parts, _made(low, parts, Kind.NAME), behalf=behalf)


def _qualified(low: str, parts: list[Part], made: Label, *, behalf: bool) -> Label:
    """Decide whose name a label announces, by the words behind its first."""
    bag, kin = ideas_of(parts[1:]), kin_of(parts[1:])
    if kin in {"ayah", "ibu"} and not behalf:
        maiden = any(low[part.start : part.end] in {"kandung", "gadis"} for part in parts)
        return replace(made, kind=Kind.OTHER, whose="" if maiden else kin)
    former = _FORMER.search(low, max(0, made.start - 12), made.start)
    if former or ("foreign" in bag and "mine" not in bag):
        return _to_colon(low, replace(made, kind=Kind.OTHER))
    if "applicant" in bag:
        return replace(made, whose="self", weak=True)
    unknown = _UNKNOWN.match(low, made.end)
    if unknown and not _begins_fact(unknown["word"]):
        return replace(_to_colon(low, made), weak=True)  # `Nama tertanggung : ...`
    own = "mine" in bag or parts[0].word.mine
    return _of(made, kin or ("self" if own else ""))


def _birth(low: str, head: Part) -> Label | None:
    parts = walk(low, head, _AFTER_BIRTH)
    bag = ideas_of(parts)
    if "event" in bag and bag.isdisjoint({"born", "ttl"}):
        return _to_colon(low, _made(low, parts, Kind.OTHER)) if "date" in bag else None
    kind = _birth_kind(head.word.ideas, bag)
    if kind is not None:
        return None if only_slips(low, parts) else _made(low, parts, kind)
    if bag & {"place", "date"} and len(parts) == 1 and COLON.match(low, head.end):
        kind = Kind.PLACE if "place" in bag else Kind.DATE
        return replace(_made(low, parts, kind), weak=True)
    return None


def _birth_kind(first: frozenset[str], bag: frozenset[str]) -> Kind | None:
    place, date = not bag.isdisjoint({"place", "pob"}), not bag.isdisjoint({"date", "dob"})
    born = not bag.isdisjoint({"born", "birth"})
    begins = "born" in first and first.isdisjoint({"place", "date", "birth"})  # `lahir di ...`
    if begins or "ttl" in bag or (date and (place or "town" in first)):
        return Kind.PLACE_DATE
    if "pob" in bag or (born and (place or "town" in bag)):
        return Kind.PLACE
    if "dob" in bag or (born and date):
        return Kind.DATE
    return None


def _number(low: str, head: Part) -> Label | None:
    parts = walk(low, head, _AFTER_NUMBER)
    bag = ideas_of(parts)
    made = _made(low, parts, Kind.NIK)
    if (
        "name" in parts[-1].word.ideas
        and "paper" in head.word.ideas
        and COLON.match(low, made.end)
    ):
        return replace(made, kind=Kind.NAME)  # `Passport name: ...`
    if not _is_identity(low, bag, made.end):
        other = "other_number" in bag or ("employee" in bag and bag & {"induk", "number"})
        stands = bool(COLON.match(low, made.end)) or (
            other and ("number" in bag or bool(_DIGITS.match(low, made.end)))
        )
        return replace(made, kind=Kind.OTHER) if stands else None
    if bag & {"employee", "other_number"} and not (
        "idcard" in bag or _WHOLE_NIK.match(low, made.end)
    ):
        return replace(made, kind=Kind.OTHER)
    if not bag & {"nik", "number", "induk"}:
        if _NAMES_HOLDER.match(low, made.end):  # `Di KTP : Heryanto Lim`
            return replace(made, kind=Kind.NAME)
        if not (_DIGITS.match(low, made.end) or COLON.match(low, made.end)):
            return None
    return _of(made, kin_of(parts) or ("self" if "mine" in bag else ""))


def _is_identity(low: str, bag: frozenset[str], end: int) -> bool:
    if not bag.isdisjoint({"nik", "idcard"}) or bag >= {"id", "number"}:
        return True
    if "resident" in bag:
        return not bag.isdisjoint({"induk", "paper"})
    return "id" in bag and _WHOLE_NIK.match(low, end) is not None


def _person(low: str, head: Part) -> Label | None:
    """Read `Suami : <Nama> ...`, a person's word at the start of a line."""
    if not starts_line(low, head.start):
        return None
    parts = walk(low, head, OWNER | {"foreign"})
    if not COLON.match(low, parts[-1].end):
        return None
    made = _made(low, parts, Kind.NAME)
    kin = kin_of(parts)
    if kin in {"ayah", "ibu"} and "mine" not in ideas_of(parts):
        whose = "" if "foreign" in ideas_of(parts) else kin
        return replace(made, kind=Kind.OTHER, whose=whose, heading=True)
    return replace(made, whose=kin or "self", heading=True)


def _field(low: str, head: Part) -> Label | None:
    """Read a field of a form that says nothing here; it has a colon."""
    if "other_name" in head.word.ideas:
        parts = walk(low, head, frozenset({"name", "full", "foreign", "number"}))
        return _made(low, parts, Kind.OTHER) if "name" in ideas_of(parts) else None
    label = _to_colon(low, _made(low, [head], Kind.OTHER))
    return label if COLON.match(low, label.end) else None


# Pieces


def _made(low: str, parts: list[Part], kind: Kind) -> Label:
    start, end = parts[0].start, after_hints(low, parts[-1].end)
    after = _AFTER.match(low, end)
    value = after.end() if after else end
    firm = bool(_FIRM.match(low, end)) or starts_line(low, start)
    return Label(kind, start, end, value, firm)


def _of(label: Label, whose: str) -> Label:
    """Say whose a label is, where its words do."""
    return replace(label, whose=whose) if whose else label


def _to_colon(low: str, label: Label) -> Label:
    """Let a field's label reach to its colon: `Nama perusahaan tempat bekerja terakhir :`."""
    rest = _REST_OF_FIELD.match(low, label.end)
    if not rest or any(map(_begins_fact, HINT_WORD.findall(rest[0]))):
        return label
    after = _AFTER.match(low, rest.end())
    return replace(label, end=rest.end(), value=after.end() if after else rest.end())


def _begins_fact(word: str) -> bool:
    known = label_words.look_up(word)
    return known is not None and not known.ideas.isdisjoint(_FACTS)


def _announces(low: str, head: Part) -> bool:
    """Tell whether `an` is `a.n.` rather than the English article."""
    if low[head.start : head.end] != "an" or low[head.end : head.end + 1] in {".", ":", "="}:
        return True
    return _BEFORE_BEHALF.search(low, max(0, head.start - 20), head.start) is not None
