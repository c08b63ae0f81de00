"""What an import did and what it found, as a value and as JSON."""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import is: `done` of about `total` rows in a stage, for `seconds` by now."""

    stage: str
    done: int
    total: int
    seconds: float

    @property
    def rows_per_s(self) -> float:
        """The speed of this stage so far."""
        return self.done / self.seconds if self.seconds > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Report:
    """What an import did. No value of any row is in it.

    Attributes:
        read: rows of the file, bad ones too.
        inserted: KPJ that are new; `updated`: that changed; `unchanged`: as they were;
            `withdrawn`: that left.
        rejected: rows by reason (`reader.BadRow`).
        duplicates: rows whose KPJ comes again later in the file.
        rows: KPJ in the registry now; `persons`: participants; `several`: those with several KPJ.
        heaped: birth dates with far more than their share, [(ISO date, rows)], most first.
        placeholders: values that stand for nothing in the file, by kind: "nik", "name",
            "birth_date", and "shared_nik" for rows whose NIK more rows have than one person may.
        without: rows that lack "nik", "birth_date", "birth_place".
        seconds: by stage, in their order.
        peak_bytes: most memory of all processes together, as sampled each second.
        reject_path: where the bad rows are; None when there was none. Not kept.
    """

    read: int = 0
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    withdrawn: int = 0
    rejected: dict[str, int] = field(default_factory=dict)
    duplicates: int = 0
    rows: int = 0
    persons: int = 0
    several: int = 0
    heaped: tuple[tuple[str, int], ...] = ()
    placeholders: dict[str, int] = field(default_factory=dict)
    without: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    peak_bytes: int = 0
    reject_path: Path | None = None

    @property
    def rejects(self) -> int:
        """How many rows could not be used."""
        return sum(self.rejected.values())

    @property
    def text(self) -> str:
        """The report in one line, for a terminal."""
        done = (
            f"{self.read} rows: {self.inserted} new, {self.updated} changed, "
            f"{self.unchanged} as before, {self.rejects} rejected"
        )
        return f"{done} (see {self.reject_path})" if self.reject_path else done

    def as_json(self) -> dict[str, Any]:
        """Return what is kept of it."""
        values = asdict(self)
        del values["reject_path"]
        return values

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Self:
        """Return what `as_json` had; the reject file is not known any more."""
        heaped = tuple((str(day), int(rows)) for day, rows in values.get("heaped", ()))
        known = {name: values[name] for name in cls.__dataclass_fields__ if name in values}
        return cls(**{**known, "heaped": heaped})
