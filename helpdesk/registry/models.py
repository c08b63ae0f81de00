"""Tables of the KPJ registry: records, the keys they are found by, how common things are."""

import datetime as dt

from sqlalchemy import BigInteger, CheckConstraint, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.db import Base


class RecordRow(Base):
    """One KPJ with the participant's data as the registry has it; empty text is not recorded.

    `nik` keeps what was delivered, damaged values too; `nik_number` is its sixteen digits as an
    integer, or null. `birth_day` is the proleptic ordinal of the birth date, as in the keys.
    """

    __tablename__ = "record"
    __table_args__ = (
        CheckConstraint("length(kpj) = 11", name="kpj"),
        Index("ix_record_nik_number", "nik_number"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kpj: Mapped[str] = mapped_column(unique=True)
    nik: Mapped[str]
    nik_number: Mapped[int | None] = mapped_column(BigInteger)
    full_name: Mapped[str]
    birth_place: Mapped[str]
    birth_day: Mapped[int | None]
    mother_name: Mapped[str]
    employer: Mapped[str]
    segment: Mapped[str]
    status: Mapped[str]


class RecordKey(Base):
    """One key (see `keys.of_record`) under which a record is found.

    A covering index of its own on SQLite. There is no foreign key: the import alone writes both
    tables, in one transaction, and the check would cost it a third of its speed.
    """

    __tablename__ = "record_key"
    __table_args__ = ({"sqlite_with_rowid": False},)

    key: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    record_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class TermCount(Base):
    """How many records have a name, a word of a name, a birth date or a place; `all` is of all."""

    __tablename__ = "term_count"
    __table_args__ = ({"sqlite_with_rowid": False},)

    term: Mapped[str] = mapped_column(Text, primary_key=True)
    records: Mapped[int]


class RegistryImport(Base):
    """One finished import; the newest names the version of the keys in the registry."""

    __tablename__ = "registry_import"

    id: Mapped[int] = mapped_column(primary_key=True)
    finished_at: Mapped[dt.datetime]
    key_version: Mapped[int]
    read: Mapped[int]
    inserted: Mapped[int]
    updated: Mapped[int]
    rejected: Mapped[int]
