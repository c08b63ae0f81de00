"""Table of the imports of the registry; the newest that is serving says where its records lie."""

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from helpdesk.accounts.models import Agent  # noqa: F401 - a table a foreign key names
from helpdesk.db import Base


class GenerationState(StrEnum):
    """What an import became."""

    BUILDING = "building"
    SERVING = "serving"
    RETIRED = "retired"  # kept for one more import, so that it can be gone back to
    DROPPED = "dropped"  # its tables are gone, its report is kept
    FAILED = "failed"


class ImportKind(StrEnum):
    """What a file is to the registry."""

    DELTA = "delta"  # its rows are added, changed or withdrawn; the others stay
    WHOLE = "whole"  # it is the registry: what it does not name leaves
    REBUILD = "rebuild"  # no file: the keys are made anew


class RegistryImport(Base):
    """One import and the generation of the registry it made; at most one serves, one is built.

    `source` is the file's name without its folder, `digest` tells whether it is the same file
    again; `progress` is {"stage", "done", "total", "rows_per_s"} while it runs; `layout` is that
    of `layout.Layout`, `report` that of `report.Report`, both null until it is built. `problem` is
    a sentence for a person, without a word of any row.
    """

    __tablename__ = "registry_import"
    __table_args__ = (
        CheckConstraint(
            "state IN ('building', 'serving', 'retired', 'dropped', 'failed')", name="state"
        ),
        CheckConstraint("kind IN ('delta', 'whole', 'rebuild')", name="kind"),
        Index(
            "uq_registry_import_serving",
            "state",
            unique=True,
            sqlite_where=text("state = 'serving'"),
            postgresql_where=text("state = 'serving'"),
        ),
        Index(
            "uq_registry_import_building",
            "state",
            unique=True,
            sqlite_where=text("state = 'building'"),
            postgresql_where=text("state = 'building'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[GenerationState]
    kind: Mapped[ImportKind]
    source: Mapped[str]
    digest: Mapped[str] = mapped_column(default="")
    holder: Mapped[str]  # the process that builds it
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id"))  # None: a command
    started_at: Mapped[dt.datetime]
    beat_at: Mapped[dt.datetime]  # when the builder last said that it is alive
    finished_at: Mapped[dt.datetime | None]
    served_at: Mapped[dt.datetime | None]
    key_version: Mapped[int]
    rows: Mapped[int] = mapped_column(BigInteger, default=0)
    persons: Mapped[int] = mapped_column(BigInteger, default=0)
    progress: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    layout: Mapped[dict[str, int] | None] = mapped_column(JSON(none_as_null=True))
    report: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    problem: Mapped[str] = mapped_column(default="")
