"""A registry for tests: made-up rows, imported as any other file is."""

import csv
import datetime as dt
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from helpdesk.accounts import audit
from helpdesk.db import Database
from helpdesk.registry import load
from helpdesk.registry.models import ImportKind
from helpdesk.registry.reader import CHANGE, COLUMNS
from helpdesk.registry.report import Report
from helpdesk.registry.serving import Found, serving

RECORD = {  # of one participant, as a row of a file
    "kpj": "99000000017",
    "nik": "3273011708909001",
    "full_name": "RAHMAT CONTOH",
    "birth_place": "BANDUNG",
    "birth_date": "1990-08-17",
    "mother_name": "SITI AMINAH",
    "employer": "PT C",
    "segment": "PU",
    "status": "aktif",
}
AUDIT_KEY = audit.key_from("0" * 64)  # of the secret the tests' settings have


def fill(
    database: Database, rows: Iterable[Mapping[str, str]], *, kind: ImportKind = ImportKind.DELTA
) -> Report:
    """Add rows to the registry, or change those with the same KPJ; columns left out are ""."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "registry.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, (*COLUMNS, CHANGE), restval="")
            writer.writeheader()
            writer.writerows(rows)
        work, rejects = Path(name) / "work", Path(name) / "rejects.csv"
        report = load.import_file(
            *(database, path), kind=kind, reject_path=rejects, audit_key=AUDIT_KEY, folder=work
        )
        assert not report.rejects, rejects.read_text()
    return report


def change(database: Database, kpj: str, /, **values: str) -> None:
    """Change columns of one record; `kpj=…` renumbers it."""
    new = {"kpj": kpj} | _columns(record(database, kpj)) | values
    gone = [{"kpj": kpj, CHANGE: "withdraw"}] if new["kpj"] != kpj else []
    fill(database, [*gone, new])


def withdraw(database: Database, kpj: str) -> None:
    """Take one record out of the registry."""
    fill(database, [{"kpj": kpj, CHANGE: "withdraw"}])


def record(database: Database, kpj: str) -> Found:
    """Return one record as it is served."""
    with database.reading() as session:
        reader = serving(session)
        assert reader is not None, "the registry is empty"
        return reader.by_kpj([kpj])[kpj]


def _columns(found: Found) -> dict[str, str]:
    born = dt.date.fromordinal(found.birth_day).isoformat() if found.birth_day else ""
    texts = {name: getattr(found, name) for name in COLUMNS if name != "birth_date"}
    return texts | {"birth_date": born}
