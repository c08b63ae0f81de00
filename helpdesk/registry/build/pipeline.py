"""The way from a file to a generation, stage by stage; each is done once, whatever is killed."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine

from helpdesk.registry.build import columns, entries, postings, resolve, store
from helpdesk.registry.build.columns import Chunk
from helpdesk.registry.build.crew import Crew, Room, Task
from helpdesk.registry.build.meter import Meter
from helpdesk.registry.build.store import Record
from helpdesk.registry.build.tasks import Count, Pack, ReadOld, ReadRows, Split
from helpdesk.registry.build.work import Values, Work, stage
from helpdesk.registry.layout import Family, Layout
from helpdesk.registry.models import ImportKind
from helpdesk.registry.reader import RegistryFile
from helpdesk.registry.report import Report
from helpdesk.registry.serving import Generation

OLD_ROWS = 40_000  # of the old generation in one chunk


@dataclass(frozen=True, slots=True)
class Source:
    """What a generation is made of: a file (but for a rebuild) and the one that serves."""

    kind: ImportKind
    file: RegistryFile | None
    base: Generation | None


class Packed(NamedTuple):
    """Postings that are ready: their layout, and how many parts each family has."""

    layout: Layout
    parts: dict[Family, int]


class Read(NamedTuple):
    """The chunks in order, those of the old generation first."""

    old: list[Chunk]
    new: list[Chunk]

    @property
    def numbers(self) -> list[int]:
        return [chunk.number for chunk in (*self.old, *self.new)]


def read(source: Source, room: Room, crew: Crew, meter: Meter) -> Read:
    """Turn every row into columns; chunks that are there already are not made again."""
    old = -(-source.base.rows // OLD_ROWS) if source.base else 0
    found: list[Chunk] = []
    meter.start("read", source.base.rows if source.base else 0)
    for chunk in crew.run(_tasks(source, room.work, old, found)):
        found.append(chunk)
        meter.advance(chunk.rows)
        if source.file is not None:
            share = source.file.read_bytes() / max(1, source.file.total_bytes)
            if share:
                meter.expect(int(meter.done / share))
    crew.rest()  # what they remember of names is as much as the next stages take
    found.sort(key=lambda chunk: chunk.number)
    return Read(found[:old], found[old:])


def settle(source: Source, found: Read, work: Work, meter: Meter) -> Values:
    """Decide which rows stay; the report so far."""
    old = sum(chunk.rows for chunk in found.old)
    meter.start("resolve", old + sum(chunk.rows for chunk in found.new))
    return stage(work, "resolve", lambda: resolve.resolve(work, found.numbers, old, source.kind))


def group(rows: int, work: Work, meter: Meter) -> Values:
    """Number the persons and make their entries."""
    meter.start("persons", rows)
    persons = stage(work, "persons", lambda: entries.group(work))
    return persons | stage(work, "entries", lambda: entries.make(work))


def index(grouped: Values, crew: Crew) -> Packed:
    """Make postings and terms of all entries."""
    parts = {family: postings.parts_for(grouped["entries"], family) for family in Family}
    split = [Split(family, parts[family]) for family in Family if family is not Family.SPOT]
    for _ in crew.run(split):
        pass
    first = [Pack(each.family, 0, parts, None) for each in split]
    bits = {family: done["bits"] for family, done in crew.run(first)}
    rest: list[Task[object]] = [Count(grouped["persons"])]
    rest += [
        Pack(each.family, part, parts, bits[each.family])
        for each in split
        for part in range(1, parts[each.family])
    ]
    for _ in crew.run(rest):
        pass
    for family, done in crew.run([Pack(Family.SPOT, 0, parts, None)]):
        bits[family] = done["bits"]
    spots = range(1, parts[Family.SPOT])
    for _ in crew.run([Pack(Family.SPOT, part, parts, bits[Family.SPOT]) for part in spots]):
        pass
    return Packed(Layout(*(bits[family] for family in Family)), parts)


def write(
    engine: Engine, number: int, found: Read, rows: int, room: Room, crew: Crew, meter: Meter
) -> tuple[Layout, Values]:
    """Group, index and write a generation; returns its layout and how many persons it has.

    Records are written while the crew makes the postings.
    """
    work = room.work
    grouped = group(rows, work, meter)
    indexed = crew.beside(lambda: index(grouped, crew))
    with store.writing(engine, number) as writer:
        meter.start("records", rows)
        writer.records(_records(work, found, meter))
        writer.others(_others(work))
        meter.start("postings", rows)
        packed = indexed()
        total = sum(packed.parts.values())
        for family in Family:
            for part in range(packed.parts[family]):
                writer.postings(postings.load(work, family, part))
                meter.advance(rows // total)
        numbers, persons = work.load("term", np.int64), work.load("term_persons", np.int64)
        writer.terms(zip(numbers.tolist(), persons.tolist(), strict=True))
        meter.start("indexes", rows)
        writer.finish()
    return packed.layout, grouped


def report(found: Read, settled: Values, counts: Values, meter: Meter) -> Report:
    """Put together what an import did."""
    rejected: Counter[str] = Counter()
    placeholders: Counter[str] = Counter()
    for chunk in found.new:
        rejected.update(chunk.rejected)
        placeholders.update(chunk.placeholders)
    if settled["shared_niks"]:
        placeholders["shared_nik"] = settled["shared_niks"]
    known = {
        name: settled[name]
        for name in (
            *("inserted", "updated", "unchanged", "withdrawn", "duplicates", "rows", "without"),
        )
    }
    return Report(
        read=sum(chunk.rows for chunk in found.new) + sum(rejected.values()),
        rejected=dict(rejected),
        persons=counts["persons"],
        several=counts["several"],
        heaped=tuple(
            (dt.date.fromordinal(day).isoformat(), rows) for day, rows in settled["heaped"]
        ),
        placeholders=dict(placeholders),
        seconds=meter.seconds(),
        peak_bytes=meter.peak_bytes,
        **known,
    )


def _tasks(
    source: Source, work: Work, old: int, found: list[Chunk]
) -> Iterator[ReadOld | ReadRows]:
    stay = source.kind is not ImportKind.WHOLE
    for number in range(old):
        if (there := columns.done(work, number)) is not None:
            found.append(there)
        elif source.base is not None:
            yield ReadOld(number, source.base.id, number * OLD_ROWS, OLD_ROWS, stay)
    if source.file is None:
        return
    table, blocks = source.file.open()
    for number, block in enumerate(blocks, old):
        if (there := columns.done(work, number)) is not None:
            found.append(there)
        else:
            yield ReadRows(number, table, block)


def _records(work: Work, found: Read, meter: Meter) -> Iterator[Record]:
    keep = work.load("keep", np.bool_)
    person = work.load("person", np.uint32)
    others = _others_each(person)
    ids, start = count(1), 0
    for at in found.numbers:
        chunk = columns.read(work, at)
        kept = keep[start : start + len(chunk)]
        start += len(chunk)
        if not kept.any():
            continue
        texts = columns.texts(work, at).split("\n")
        kpjs, days = chunk["kpj"].tolist(), chunk["born"].tolist()
        for stays, kpj, born, text in zip(kept.tolist(), kpjs, days, texts, strict=True):
            if stays:
                number = next(ids)
                yield number, others.item(number - 1), kpj, born or None, text
        meter.advance(int(kept.sum()))


def _others_each(person: NDArray[np.uint32]) -> NDArray[np.uint16]:
    """Return of each record how many others its person has, if it is their first; else 0."""
    ids = np.arange(1, len(person) + 1, dtype=np.uint32)
    several, counts = np.unique(person[person != ids], return_counts=True)
    others = np.zeros(len(person), np.uint16)
    others[several - 1] = counts
    return others


def _others(work: Work) -> list[tuple[int, int]]:
    """Return the further records of persons with several: (person, record id), in order."""
    person = work.load("person", np.uint32)
    ids = np.arange(1, len(person) + 1, dtype=np.uint32)
    others = np.flatnonzero(person != ids)
    order = np.lexsort((ids[others], person[others]))
    picked = others[order]
    return list(zip(person[picked].tolist(), ids[picked].tolist(), strict=True))
