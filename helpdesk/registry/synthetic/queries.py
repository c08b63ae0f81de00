"""Make labelled queries about a made-up registry: members with slips, and hard non-members.

The shares are those of the study this matcher is measured by: 85 % members; of the others ten in
thirty share a member's name, ten name and birth date, four name, place and nearly the date, three
have a NIK one serial from a member's, and three share nothing.
"""

import datetime as dt
import json
import random
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

import numpy as np

from helpdesk.errors import InvalidError
from helpdesk.registry.synthetic.blocks import Serials, blocks, regencies, strangers
from helpdesk.registry.synthetic.people import Person, persons
from helpdesk.registry.synthetic.rows import kpjs
from helpdesk.registry.synthetic.slips import Asked, slip

MEMBERS = 0.85
KINDS = {  # of non-members, and how many of thirty
    "same_name": 10,
    "same_name_and_date": 10,
    "same_name_and_place": 4,
    "neighbour": 3,
    "random": 3,
}

_SPARE = 8  # members looked at for one whose next NIK is free


@dataclass(frozen=True, slots=True)
class Labelled:
    """A query and whose it is: all KPJ of the member, or none."""

    asked: Asked
    kpjs: tuple[str, ...]
    kind: str  # "member" or one of KINDS

    @property
    def identifiable(self) -> bool:
        """Whether it states a NIK, or a name and a date."""
        return bool(self.asked.nik or (self.asked.full_name and self.asked.birth_date))


def labelled(people: int, seed: int, *, count: int, query_seed: int) -> list[Labelled]:
    """Make queries about the registry of `people` and `seed`, in random order.

    The same numbers give the same queries. A non-member who shares a name and a birth date, or
    nearly a NIK, always states their NIK: without it nobody could know that they are another.

    Raises:
        InvalidError: more queries than people.
    """
    if count > people:
        msg = f"{count} queries need as many people; there are {people}"
        raise InvalidError(msg)
    dice = random.Random(f"queries {seed} {query_seed}")  # noqa: S311 - not for secrets
    members = round(count * MEMBERS)
    kinds = _kinds(count - members)
    numbers = dice.sample(range(people), members + len(kinds))
    spare = dice.sample(range(people), min(people, _SPARE * (kinds.count("neighbour") + 1)))
    met, serials = _meet({*numbers, *spare}, people, seed)
    free = (met[at].person for at in spare if serials.is_last(int(met[at].person.nik)))

    made = [_of_member(dice, met[at]) for at in numbers[:members]]
    for kind, at, stranger in zip(
        kinds, numbers[members:], _strangers(len(kinds), query_seed), strict=True
    ):
        model = next(free, met[at].person) if kind == "neighbour" else met[at].person
        true = _stranger(dice, kind, model, stranger, serials)
        made.append(Labelled(_of_stranger(dice, kind, model, true), (), kind))
    dice.shuffle(made)
    return made


def write(made: list[Labelled], asked: Path, answers: Path) -> None:
    """Write queries as lines for `helpdesk match`, and beside them whose they are.

    The answers are lines of `{"id", "kpjs", "kind"}`; `kpjs` is empty for a non-member.
    """
    with asked.open("w", encoding="utf-8") as queries, answers.open("w", encoding="utf-8") as file:
        for number, each in enumerate(made, start=1):
            query, truth = lines(number, each)
            queries.write(json.dumps(query, ensure_ascii=False) + "\n")
            file.write(json.dumps(truth) + "\n")


def lines(number: int, made: Labelled) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a query and whose it is as values of a line each, with the id of that number."""
    name = f"q{number}"
    return {"id": name, **asdict(made.asked)}, {
        "id": name,
        "kpjs": list(made.kpjs),
        "kind": made.kind,
    }


@dataclass(frozen=True, slots=True)
class _Member:
    person: Person
    kpjs: tuple[str, ...]


def _kinds(count: int) -> list[str]:
    """Return the kinds of so many non-members, in their shares."""
    total = sum(KINDS.values())
    bounds = [round(count * share / total) for share in accumulate(KINDS.values())]
    return [
        kind
        for kind, (first, last) in zip(KINDS, pairwise([0, *bounds]), strict=True)
        for _ in range(first, last)
    ]


def _meet(numbers: set[int], people: int, seed: int) -> tuple[dict[int, _Member], Serials]:
    """Return the people of these numbers, and the serials once everybody has one."""
    serials, met = Serials(), {}
    wanted = np.array(sorted(numbers), dtype=np.int64)
    for block in blocks(people, seed, serials):
        first, last = np.searchsorted(wanted, (block.number, block.number + len(block)))
        chosen = wanted[first:last] - block.number
        counts = block.records[chosen].tolist()
        for at, person, owned in zip(chosen.tolist(), persons(block, chosen), counts, strict=True):
            number = block.number + at
            owner = np.full(owned, number)
            met[number] = _Member(person, tuple(kpjs(owner, np.arange(owned))))
    return met, serials


def _of_member(dice: random.Random, member: _Member) -> Labelled:
    return Labelled(slip(dice, _true(member.person)), member.kpjs, "member")


def _strangers(count: int, seed: int) -> Iterator[Person]:
    for block in strangers(count, seed, Serials()):
        yield from persons(block, np.arange(len(block)))


def _stranger(
    dice: random.Random, kind: str, model: Person, stranger: Person, serials: Serials
) -> Person:
    """Return a stranger who has something in common with a member, the model."""
    true = replace(stranger, female=model.female)
    if kind == "neighbour":
        nik = f"{serials.give(np.array([int(model.nik[:12])]))[0]:016}"
        return replace(true, birth_date=model.birth_date, birth_place=model.birth_place, nik=nik)
    if kind.startswith("same_name"):
        true = replace(true, full_name=model.full_name)
    if kind == "same_name_and_date":
        true = replace(true, birth_date=model.birth_date)
    elif kind == "same_name_and_place":
        apart = dt.timedelta(dice.choice((-1, 1)) * dice.randrange(1, 400))
        true = replace(true, birth_date=model.birth_date + apart, birth_place=model.birth_place)
    # A number that nobody has: the next one where and when they are born.
    region = _district(dice, model.nik) if kind == "same_name_and_place" else stranger.nik[:6]
    day = true.birth_date.day + 40 * true.female
    prefix = int(f"{region}{day:02}{true.birth_date:%m%y}")
    return replace(true, nik=f"{serials.give(np.array([prefix]))[0]:016}")


def _district(dice: random.Random, nik: str) -> str:
    """Return any district of a NIK's regency."""
    known = regencies()
    districts = known.districts[known.codes == int(nik[:4])].max()
    return f"{nik[:4]}{dice.randint(1, int(districts)):02}"


def _of_stranger(dice: random.Random, kind: str, model: Person, true: Person) -> Asked:
    """Return what a stranger states, without a slip that would make them the model."""
    has_nik = kind in {"same_name_and_date", "neighbour"}
    while (asked := slip(dice, _true(true), has_nik=has_nik)).nik == model.nik:
        pass
    return asked


def _true(person: Person) -> Asked:
    date = person.birth_date.isoformat()
    return Asked(person.full_name, person.birth_place, date, person.nik)
