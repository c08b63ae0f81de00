"""Who the demo's samples are about: people with names that samples and photo state for ever.

They stand beside the made-up registry, so that it may change and they are found all the same.
"""

import csv
import datetime as dt
from importlib import resources
from pathlib import Path

from helpdesk.registry.synthetic import Person


def join(file: Path) -> None:
    """Add the rows of the cast to a registry file (CSV, `reader.COLUMNS`)."""
    _, rows = _text().split("\n", 1)
    with file.open("a", encoding="utf-8", newline="") as registry:
        registry.write(rows)


def person(nik: str) -> Person:
    """Return the one with this NIK, without records.

    Raises:
        KeyError: nobody has it.
    """
    rows = {row["nik"]: row for row in csv.DictReader(_text().splitlines())}
    row = rows[nik]
    return Person(
        full_name=row["full_name"],
        birth_place=row["birth_place"].title(),
        birth_date=dt.date.fromisoformat(row["birth_date"]),
        female=int(nik[6:8]) > 40,
        nik=nik,
        mother_name=row["mother_name"],
    )


def _text() -> str:
    return resources.files("helpdesk.demo").joinpath("cast.csv").read_text("utf-8")
