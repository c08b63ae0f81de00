"""Turn rows into columns of numbers, a chunk at a time, and keep both in files."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass
from functools import lru_cache
from hashlib import blake2b
from struct import Struct
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from helpdesk.errors import PermanentError
from helpdesk.registry import keys, layout, persons
from helpdesk.registry.build.work import Work
from helpdesk.registry.layout import WORDS
from helpdesk.registry.reader import BadRow, Row

Columns: TypeAlias = NDArray[Any]  # of COLUMNS

WITHDRAWN, NO_NAME = 1, 2
COLUMNS = np.dtype(
    [
        ("kpj", "<i8"),
        ("digest", "<u8"),  # of everything but the KPJ: tells whether a row says something new
        ("nik", "<i8"),
        ("letters", "<u8"),
        ("name", "<u8"),
        ("words", "<u4", (WORDS,)),  # distinct, in their order, then 0
        ("mother", "<u4"),  # `persons.mother_mark`
        ("born", "<i4"),  # ordinal; 0 without one
        ("day", "<u2"),
        ("place", "<u2"),
        ("flags", "u1"),
    ]
)
_WORDS = Struct(f"<{WORDS}I")
_NO_NAMES = {
    "tanpa nama", "no name", "noname", "nn", "nama", "test", "tes", "testing", "xxx", "anonim",
    "tidak ada", "tidak diketahui", "belum ada", "unknown", "null", "none", "kosong", "dummy",
}  # fmt: skip


class Marks(NamedTuple):
    """What a name is found and compared by; `words` as they lie in COLUMNS."""

    name: int
    letters: int
    words: bytes
    empty: bool  # it says that there is no name, or is a number


@dataclass(frozen=True, slots=True)
class Chunk:
    """What became of one block: how many rows of each kind.

    `placeholders` counts values that stand for nothing, by kind.
    """

    number: int
    rows: int
    rejected: dict[str, int]
    placeholders: dict[str, int]


@lru_cache(maxsize=100_000)
def marks(name: str) -> Marks:
    """Return the marks of a name; all 0 for one without letters and digits."""
    codes = [word.code for word in keys.words(name)]
    if not codes:
        return Marks(0, 0, bytes(4 * WORDS), empty=True)
    letters = 0
    for code in codes:
        letters |= layout.letters(code)
    words = tuple(dict.fromkeys(map(layout.word_mark, codes)))[:WORDS]
    packed = _WORDS.pack(*words, *(0,) * (WORDS - len(words)))
    empty = name.lower() in _NO_NAMES or not any(map(str.isalpha, name))
    return Marks(layout.name_mark(codes), letters, packed, empty)


def write(work: Work, number: int, rows: Iterable[Row | BadRow], *, stay: bool = True) -> Chunk:
    """Keep one chunk's columns, texts and bad rows; what says so comes last.

    Rows that do not `stay` are only there to be compared with: by KPJ and digest.
    """
    good: list[Row] = []
    bad: list[BadRow] = []
    for row in rows:
        if isinstance(row, Row):
            good.append(row)
        else:
            bad.append(row)
    columns, texts = _columns(good, stay=stay)
    work.put(_name(number, "columns"), columns.tobytes())
    work.put(_name(number, "texts"), "\n".join(texts).encode())
    if bad:
        work.put(_name(number, "bad"), json.dumps(bad).encode())
    rejected = dict(Counter(row.reason for row in bad))
    chunk = Chunk(number, len(good), rejected, _placeholders(columns))
    work.put(_name(number, "done"), json.dumps(astuple(chunk)).encode())
    return chunk


def done(work: Work, number: int) -> Chunk | None:
    """Return a chunk that was made before; None if it was not."""
    told = work.get(_name(number, "done"))
    return Chunk(*json.loads(told)) if told is not None else None


def read(work: Work, number: int) -> Columns:
    """Return the columns of a chunk."""
    return np.frombuffer(_bytes(work, number, "columns"), COLUMNS)


def texts(work: Work, number: int) -> str:
    """Return the texts of a chunk: a line for each row, in it seven fields between tabs."""
    return _bytes(work, number, "texts").decode()


def bad_rows(work: Work, number: int) -> Iterator[BadRow]:
    """Yield the bad rows of a chunk."""
    for line, reason, fields in json.loads(work.get(_name(number, "bad")) or b"[]"):
        yield BadRow(line, reason, tuple(fields))


def _columns(rows: list[Row], *, stay: bool) -> tuple[Columns, list[str]]:
    texts = ["\t".join((row[1], row[2], row[3], *row[5:9])) for row in rows]
    found = np.zeros(len(rows), COLUMNS)
    found["kpj"] = [int(row.kpj) for row in rows]
    found["digest"] = _digests(rows, texts)
    if not stay:
        return found, []
    named = [marks(row.full_name) for row in rows]
    found["nik"] = [_nik(row.nik) for row in rows]
    found["letters"] = [name.letters for name in named]
    found["name"] = [name.name for name in named]
    found["words"] = np.frombuffer(b"".join([name.words for name in named]), "<u4").reshape(-1, 4)
    found["mother"] = [persons.mother_mark(row.mother_name) for row in rows]
    found["born"] = [row.birth_day or 0 for row in rows]
    found["day"] = _day_codes(found["born"])
    found["place"] = [_place(row.birth_place) for row in rows]
    found["flags"] = [
        row.withdrawn * WITHDRAWN | name.empty * NO_NAME
        for row, name in zip(rows, named, strict=True)
    ]
    return found, texts


def _digests(rows: list[Row], texts: list[str]) -> NDArray[np.uint64]:
    digests = [
        blake2b(f"{row.birth_day}\t{text}".encode(), digest_size=8).digest()
        for row, text in zip(rows, texts, strict=True)
    ]
    return np.frombuffer(b"".join(digests), "<u8")


def _nik(text: str) -> int:
    if len(text) == 16 and text.isascii() and text.isdecimal():
        return int(text)
    return keys.nik_number(text) or 0 if text else 0


@lru_cache(maxsize=20_000)
def _place(text: str) -> int:
    return layout.place_mark(keys.place(text))


def _day_codes(born: NDArray[Any]) -> NDArray[np.int32]:
    """Return what `layout.day_code` returns, for ordinals with 0 for none."""
    codes: NDArray[np.int32] = born - np.int32(layout.DAY_ZERO)
    return np.where((codes > 0) & (codes <= layout.LAST_DAY), codes, 0)


def _placeholders(columns: Columns) -> dict[str, int]:
    used = columns[(columns["flags"] & WITHDRAWN) == 0]
    counts = {
        "nik": (persons.placeholder(used["nik"]) & (used["nik"] != 0)).sum(),
        "name": ((used["flags"] & NO_NAME) > 0).sum(),
        "birth_date": (used["day"] == 1).sum(),  # 1 January 1900
    }
    return {kind: int(count) for kind, count in counts.items() if count}


def _bytes(work: Work, number: int, kind: str) -> bytes:
    found = work.get(_name(number, kind))
    if found is None:
        msg = "a part of the work is gone"
        raise PermanentError(msg)
    return found


def _name(number: int, kind: str) -> str:
    return f"chunk{number}.{kind}"
