"""What the processes of an import do: values that say all they need."""

from collections.abc import Iterator
from typing import NamedTuple

from helpdesk.errors import ConflictError
from helpdesk.registry import reader
from helpdesk.registry.build import columns, postings, terms
from helpdesk.registry.build.columns import Chunk
from helpdesk.registry.build.crew import Room
from helpdesk.registry.build.work import Values, stage
from helpdesk.registry.layout import Family
from helpdesk.registry.reader import Block, Row, Table
from helpdesk.registry.serving import serving


class ReadRows(NamedTuple):
    """Read a block of the file into chunk `number`."""

    number: int
    table: Table
    block: Block

    def run(self, room: Room) -> Chunk:
        return columns.write(room.work, self.number, reader.rows(self.table, self.block))


class ReadOld(NamedTuple):
    """Read records of the generation that serves into chunk `number`; whether they `stay`."""

    number: int
    generation: int
    after: int
    size: int
    stay: bool

    def run(self, room: Room) -> Chunk:
        return columns.write(room.work, self.number, self._rows(room), stay=self.stay)

    def _rows(self, room: Room) -> Iterator[Row]:
        with room.db.reading() as session:
            found = serving(session)
            if found is None or found.generation.id != self.generation:
                msg = "another registry was put in place meanwhile; run the import again"
                raise ConflictError(msg)
            for _, kpj, *values in found.page(self.after, self.size):
                yield Row(f"{kpj:011}", *values)


class Split(NamedTuple):
    """Split the keys of a family into parts."""

    family: Family
    parts: int

    def run(self, room: Room) -> Values:
        return stage(
            room.work,
            f"split{self.family}",
            lambda: postings.split(room.work, self.family, self.parts),
        )


class Pack(NamedTuple):
    """Pack a part of a family; `bits` None has it choose them."""

    family: Family
    part: int
    parts: dict[Family, int]
    bits: int | None

    def run(self, room: Room) -> tuple[Family, Values]:
        done = stage(
            room.work,
            f"pack{self.family}.{self.part}",
            lambda: postings.pack(room.work, self.family, self.part, self.parts, self.bits),
        )
        return self.family, done


class Count(NamedTuple):
    """Count terms."""

    persons: int

    def run(self, room: Room) -> Values:
        return stage(room.work, "terms", lambda: terms.count(room.work, self.persons))
