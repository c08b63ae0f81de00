"""Make up a registry: people who do not exist, as varied and as faulty as a real one.

Two things mark what comes from here. KPJ lie in the reserved range of eleven digits that start
with `KPJ_PREFIX`, and the serials of the NIKs start at `FIRST_SERIAL`, far above any that a real
district gave out on one day.
"""

import csv
import datetime as dt
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from itertools import accumulate
from pathlib import Path
from typing import Any, NamedTuple

from helpdesk.registry.reader import COLUMNS

KPJ_PREFIX = "99"
FIRST_SERIAL = 9000

# Shares of people and of rows; the last four are what is wrong in a row.
SEVERAL_KPJ = 0.12
HEAPED_DATE = 0.02  # 1 January and 31 December stand for "not known"
NIK_DIGIT_WRONG = 0.012
NIK_ABSENT = 0.005
DATE_SWAPPED = 0.003
OLD_SPELLING = 0.011

_OLDEST, _YOUNGEST = dt.date(1958, 1, 1).toordinal(), dt.date(2006, 12, 31).toordinal()
_NEW_YEAR_SPAN = range(1958, 2007)
_KPJ_STEP = 618_033_989  # without a factor in common with 10**9: every number comes once
_KPJ_START = 17
_OLD_SPELLINGS = (("u", "oe"), ("j", "dj"), ("c", "tj"), ("y", "j"), ("i", "ie"))
_SEGMENTS = (("PU", 75), ("BPU", 15), ("JAKON", 7), ("PMI", 3))
_STATES = (("aktif", 62), ("nonaktif", 34), ("digabung", 2), ("klaim", 2))
_NEW_NAME = 0.12  # of last names: one that no list has, for the long tail


@dataclass(frozen=True, slots=True)
class Record:
    """One KPJ as the registry has it, errors included."""

    kpj: str
    nik: str
    full_name: str
    birth_place: str
    birth_date: dt.date
    mother_name: str
    employer: str
    segment: str
    status: str


@dataclass(frozen=True, slots=True)
class Person:
    """A made-up participant: what is true of them, and their records, oldest first."""

    full_name: str
    birth_place: str
    birth_date: dt.date
    female: bool
    nik: str
    mother_name: str
    records: tuple[Record, ...]


def people(n: int, seed: int) -> Iterator[Person]:
    """Yield `n` people; the same seed gives the same ones, and a larger `n` only adds to them."""
    dice = random.Random(seed)  # noqa: S311 - not for secrets
    world = _world()
    serials: dict[str, int] = {}
    made = 0
    for _ in range(n):
        person = _person(dice, world, serials, made)
        made += len(person.records)
        yield person


def write(path: Path, people: int, seed: int) -> int:
    """Write the registry of that many people as CSV and return how many rows it has."""
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for person in _people(people, seed):
            writer.writerows(map(_columns, person.records))
            count += len(person.records)
    return count


class _Weighted(NamedTuple):
    """Things to draw from, with running totals of their weights."""

    things: list[Any]
    totals: list[float]

    def draw(self, dice: random.Random) -> Any:  # noqa: ANN401 - whatever was put in
        return dice.choices(self.things, cum_weights=self.totals)[0]


class _Group(NamedTuple):
    """How one group of people is called; each list falls off like Zipf's law."""

    given: tuple[_Weighted, _Weighted]  # men, women
    last: tuple[_Weighted, _Weighted]
    mononym: float
    three: float


class _World(NamedTuple):
    """What people are made from."""

    regencies: _Weighted  # of (code, name, districts, group)
    groups: dict[str, _Group]
    bali: dict[str, list[str]]
    tail: dict[str, list[str]]
    employers: dict[str, list[str]]
    segments: _Weighted
    states: _Weighted


def _person(dice: random.Random, world: _World, serials: dict[str, int], made: int) -> Person:
    code, place, districts, home = world.regencies.draw(dice)
    group = _group(dice, home)
    female = dice.random() < 0.42
    born = _birth_date(dice)
    name = _name(dice, world, group, female=female)
    mother = _name(dice, world, group, female=True)
    nik = _nik(dice, serials, code, districts, born, female=female)
    count = 1
    if dice.random() < SEVERAL_KPJ:
        count = dice.choices((2, 3, 4), cum_weights=(75, 95, 100))[0]
    truth = Person(name, place, born, female, nik, mother, ())
    records = tuple(_record(dice, world, truth, made + i) for i in range(count))
    return Person(name, place, born, female, nik, mother, records)


def _group(dice: random.Random, home: str) -> str:
    """Draw a group: most people are called as is usual where they were born."""
    chance = dice.random()
    if chance < 0.03:
        return "chinese"
    if chance < 0.13 and home != "papua":
        return "java"
    return home


def _birth_date(dice: random.Random) -> dt.date:
    if dice.random() < HEAPED_DATE:
        year = dice.choice(_NEW_YEAR_SPAN)
        return dt.date(year, 1, 1) if dice.random() < 0.7 else dt.date(year, 12, 31)
    # The middle of the working ages is fuller than its ends.
    share = (dice.random() + dice.random()) / 2 * 0.6 + dice.random() * 0.4
    return dt.date.fromordinal(_OLDEST + int(share * (_YOUNGEST - _OLDEST)))


def _name(dice: random.Random, world: _World, group: str, *, female: bool) -> str:
    if group == "bali":
        return _balinese(dice, world, female=female)
    called = world.groups[group]
    first = called.given[female].draw(dice)
    chance = dice.random()
    if chance < called.mononym:
        return str(first).upper()
    parts = [first, _last(dice, world, called, female=female)]
    if chance > 1 - called.three:
        parts.insert(1, called.given[female].draw(dice))
    return " ".join(dict.fromkeys(parts)).upper()


def _last(dice: random.Random, world: _World, called: _Group, *, female: bool) -> str:
    if dice.random() >= _NEW_NAME or not called.mononym:
        return str(called.last[female].draw(dice))
    tail = world.tail
    ending = tail["last_female" if female else "last_male"]
    return (dice.choice(tail["first"]) + dice.choice(tail["middle"]) + dice.choice(ending)).title()


def _balinese(dice: random.Random, world: _World, *, female: bool) -> str:
    called = world.groups["bali"]
    caste = dice.choice(world.bali["caste_female" if female else "caste"])
    order = dice.choice(world.bali["order"])
    given = called.given[female].draw(dice)
    plain = "Ni" if female else "I"
    if caste.startswith(("Ida", "Anak")):
        parts = [caste, order, given]
    elif caste.startswith(("Dewa", "Desak")):
        parts = ["I" if caste == "Dewa" else "", caste, order, given]
    else:
        parts = [plain, caste, order, given]
    if dice.random() < called.three:
        parts.append(called.last[female].draw(dice))
    return " ".join(part for part in dict.fromkeys(parts) if part).upper()


def _nik(
    dice: random.Random,
    serials: dict[str, int],
    code: str,
    districts: int,
    born: dt.date,
    *,
    female: bool,
) -> str:
    district = dice.randrange(1, max(districts, 3) + 1)
    day = born.day + 40 if female else born.day
    prefix = f"{code}{district:02}{day:02}{born.month:02}{born.year % 100:02}"
    serial = serials[prefix] = serials.get(prefix, FIRST_SERIAL) + 1
    return f"{prefix}{serial % 10_000:04}"


def _record(dice: random.Random, world: _World, person: Person, number: int) -> Record:
    nik, name, born = person.nik, person.full_name, person.birth_date
    chance = dice.random()  # one error at most: they are rare enough to come alone
    if chance < NIK_DIGIT_WRONG:
        nik = _with_wrong_digit(dice, nik)
    elif (chance := chance - NIK_DIGIT_WRONG) < NIK_ABSENT:
        nik = ""
    elif (chance := chance - NIK_ABSENT) < DATE_SWAPPED:
        born = born.replace(month=born.day, day=born.month) if born.day <= 12 else born
    elif chance - DATE_SWAPPED < OLD_SPELLING:
        name = _in_old_spelling(dice, name)
    segment = world.segments.draw(dice)
    return Record(
        kpj=f"{KPJ_PREFIX}{(_KPJ_START + number * _KPJ_STEP) % 10**9:09}",
        nik=nik,
        full_name=name,
        birth_place=person.birth_place.upper(),
        birth_date=born,
        mother_name=person.mother_name,
        employer="" if segment in {"BPU", "PMI"} else _employer(dice, world),
        segment=segment,
        status=world.states.draw(dice),
    )


def _with_wrong_digit(dice: random.Random, nik: str) -> str:
    at = dice.randrange(16)
    return nik[:at] + dice.choice("0123456789".replace(nik[at], "")) + nik[at + 1 :]


def _in_old_spelling(dice: random.Random, name: str) -> str:
    fitting = [(new, old) for new, old in _OLD_SPELLINGS if new.upper() in name]
    if not fitting:
        return name
    new, old = dice.choice(fitting)
    return name.replace(new.upper(), old.upper(), 1)


def _employer(dice: random.Random, world: _World) -> str:
    words = world.employers
    kind = "CV" if dice.random() < 0.2 else "PT"
    name = f"{dice.choice(words['first'])} {dice.choice(words['second'])}"
    return f"{kind} {name} {dice.choice(words['third'])} Contoh".upper()


def _columns(record: Record) -> tuple[str, ...]:
    return (
        record.kpj,
        record.nik,
        record.full_name,
        record.birth_place,
        record.birth_date.isoformat(),
        record.mother_name,
        record.employer,
        record.segment,
        record.status,
    )


@lru_cache(maxsize=1)
def _world() -> _World:
    folder = resources.files("helpdesk.registry").joinpath("data")
    data = json.loads(folder.joinpath("names.json").read_text("utf-8"))
    lists = {name: _zipf(text.split(" | ")) for name, text in data["lists"].items()}
    return _World(
        regencies=_regencies(folder.joinpath("regencies.csv").read_text("utf-8")),
        groups={
            name: _Group(
                (lists[group["male"]], lists[group["female"]]),
                (lists[group["last_male"]], lists[group["last_female"]]),
                group["mononym"],
                group["three"],
            )
            for name, group in data["groups"].items()
        },
        bali=data["bali"],
        tail=data["tail"],
        employers=data["employers"],
        segments=_shares(_SEGMENTS),
        states=_shares(_STATES),
    )


def _regencies(text: str) -> _Weighted:
    rows = [line.split(",") for line in text.splitlines()[1:]]
    return _Weighted(
        [(code, name, int(districts), group) for code, name, districts, _, group in rows],
        list(accumulate(float(row[3]) for row in rows)),
    )


def _zipf(things: list[str]) -> _Weighted:
    return _Weighted(things, list(accumulate(1 / (rank + 4) for rank in range(len(things)))))


def _shares(parts: tuple[tuple[str, int], ...]) -> _Weighted:
    return _Weighted([name for name, _ in parts], list(accumulate(float(n) for _, n in parts)))


_people = people  # `write` has a parameter of that name
