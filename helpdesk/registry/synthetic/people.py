"""The people of a made-up registry as values, one by one."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np

from helpdesk.registry.synthetic.blocks import Block, Serials, blocks, regencies
from helpdesk.registry.synthetic.rows import rows
from helpdesk.registry.synthetic.vocabulary import Numbers


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
    records: tuple[Record, ...] = ()


def people(n: int, seed: int) -> Iterator[Person]:
    """Yield `n` people; the same seed gives the same ones, and a larger `n` only adds to them."""
    for block in blocks(n, seed, Serials()):
        texts = zip(*rows(block), strict=True)
        records = map(_record, texts)
        true = persons(block, np.arange(len(block)))
        for person, count in zip(true, block.records.tolist(), strict=True):
            yield replace(person, records=tuple(islice(records, count)))


def persons(block: Block, chosen: Numbers) -> list[Person]:
    """Return what is true of some people of a block, without their records."""
    places = regencies().names[block.place[chosen]]
    columns = (
        block.names.texts(chosen),
        places,
        map(dt.date.fromordinal, block.born[chosen].tolist()),
        block.female[chosen].tolist(),
        (f"{nik:016}" for nik in block.nik[chosen].tolist()),
        block.mothers.texts(chosen),
    )
    return [Person(*values) for values in zip(*columns, strict=True)]


def _record(row: tuple[str, ...]) -> Record:
    kpj, nik, name, place, date, mother, employer, segment, status = row
    born = dt.date.fromisoformat(date)
    return Record(kpj, nik, name, place, born, mother, employer, segment, status)
