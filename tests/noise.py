"""Labelled queries as askers would send them: members with slips, and hard non-members."""

import datetime as dt
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from helpdesk.matching.types import Query
from helpdesk.registry import synthetic
from helpdesk.registry.synthetic import Person

_LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Labelled:
    """A query and whose it is; `person` None is somebody who is not in the registry."""

    query: Query
    person: Person | None
    kind: str = "member"

    @property
    def identifiable(self) -> bool:
        query = self.query
        return bool(query.nik or (query.full_name and query.birth_date))

    @property
    def kpjs(self) -> frozenset[str]:
        return (
            frozenset(record.kpj for record in self.person.records) if self.person else frozenset()
        )


def queries(people: Sequence[Person], *, members: int, others: int, seed: int) -> list[Labelled]:
    """Make queries of members, drawn evenly, and of non-members of five kinds."""
    dice = random.Random(seed)
    made = [Labelled(_noisy(dice, person), person) for person in dice.sample(people, members)]
    return [*made, *_strangers(dice, people, others, seed)]


def _noisy(dice: random.Random, person: Person) -> Query:
    """Return a query with slips in about the shares of the study this design rests on."""
    while True:
        query = Query(
            _name(dice, person.full_name),
            _place(dice, person.birth_place),
            _date(dice, person.birth_date),
            _nik(dice, person.nik),
        )
        if query.full_name or query.nik:
            return query


def _strangers(
    dice: random.Random, people: Sequence[Person], count: int, seed: int
) -> Iterator[Labelled]:
    strangers = list(synthetic.people(count, seed=seed + 7_000))
    kinds = ("same_name", "same_name_and_date", "same_name_and_place", "neighbour", "random")
    for stranger in strangers:
        member = dice.choice(people)
        kind = dice.choices(kinds, weights=(100, 100, 40, 30, 30))[0]
        name, place = stranger.full_name, stranger.birth_place
        born, nik = stranger.birth_date, stranger.nik
        if kind.startswith("same_name"):
            name = member.full_name
        if kind == "same_name_and_date":
            born = member.birth_date
            nik = f"{nik[:6]}{member.nik[6:12]}{nik[12:]}"
        elif kind == "same_name_and_place":
            place, born = (
                member.birth_place,
                member.birth_date + dt.timedelta(dice.randrange(1, 400)),
            )
        elif kind == "neighbour":
            nik, born = f"{int(member.nik) + 1:016}", member.birth_date
            if nik in {each.nik for each in people}:
                continue
        given = Person(name, place, born, stranger.female, nik, "", ())
        yield Labelled(_noisy(dice, given), None, kind)


def _name(dice: random.Random, name: str) -> str | None:
    if dice.random() < 0.03:
        return None
    words = name.lower().split()
    if dice.random() < 0.18:
        words = _typo(dice, words)
    if dice.random() < 0.08 and len(words) > 1:
        at = dice.randrange(len(words))
        words[at] = words[at][0]
    if dice.random() < 0.08 and len(words) > 1:
        words.pop(dice.randrange(len(words)))
    if dice.random() < 0.04:
        words.append(dice.choice(("putra", "putri", "jaya", "sari")))
    if dice.random() < 0.06:
        words.insert(0, dice.choice(("h.", "hj.", "drs.", "bapak", "ibu")))
    return " ".join(words).title()


def _typo(dice: random.Random, words: list[str]) -> list[str]:
    at = max(range(len(words)), key=lambda i: len(words[i])) if dice.random() < 0.6 else 0
    word = words[at]
    where = dice.randrange(len(word))
    kind = dice.randrange(4)
    letter = dice.choice(_LETTERS)
    changed = (
        word[:where] + letter + word[where + 1 :],
        word[:where] + word[where + 1 :],
        word[:where] + letter + word[where:],
        word[: max(where - 1, 0)]
        + word[where : where + 1]
        + word[max(where - 1, 0) : where]
        + word[where + 1 :],
    )[kind]
    return [*words[:at], changed or word, *words[at + 1 :]]


def _place(dice: random.Random, place: str) -> str | None:
    chance = dice.random()
    if chance < 0.30:
        return None
    if chance < 0.37:
        return dice.choice(("Jakarta", "Bandung", "Surabaya", "Medan", "Makassar"))
    return _typo(dice, [place])[0] if chance < 0.40 else f"Kab. {place}" if chance < 0.5 else place


def _date(dice: random.Random, date: dt.date) -> dt.date | None:
    chance = dice.random()
    if chance < 0.20:
        return None
    try:
        if chance < 0.24:
            return date.replace(month=date.day, day=date.month)
        if chance < 0.29:
            digits = list(f"{date:%Y%m%d}")
            at = dice.randrange(2, 8)
            digits[at] = dice.choice("0123456789".replace(digits[at], ""))
            return dt.datetime.strptime("".join(digits), "%Y%m%d").date()
    except ValueError:
        return date
    return date


def _nik(dice: random.Random, nik: str) -> str | None:
    chance = dice.random()
    at = dice.randrange(15)
    if chance < 0.35:
        return None
    if chance < 0.43:
        return nik[:at] + dice.choice("0123456789".replace(nik[at], "")) + nik[at + 1 :]
    if chance < 0.47:
        return nik[:at] + nik[at + 1] + nik[at] + nik[at + 2 :]
    if chance < 0.51:
        return nik[:at] + nik[at + 1 :]
    if chance < 0.52:
        return f"{nik[:6]}0503{dice.randrange(10, 26)}{dice.randrange(1, 400):04}"
    return nik
