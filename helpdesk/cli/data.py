"""`helpdesk db`, `helpdesk registry`: what everything rests on."""

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from helpdesk.cli import amalgamation, common, synthesize
from helpdesk.db import Database
from helpdesk.settings import Settings


def add(commands: Any) -> None:  # noqa: ANN401 - argparse keeps its class private
    """Add these commands."""
    common.add(common.group(commands, "db", "the database"), "upgrade", _db_upgrade, "migrate")
    registry = common.group(commands, "registry", "the KPJ registry")
    load = common.add(
        registry, "import", _registry_import, "read a CSV or Parquet file; safe to run again"
    )
    load.add_argument("file", type=Path)
    load.add_argument(
        "--whole", action="store_true", help="the file is the registry: what it lacks leaves"
    )
    load.add_argument(
        "--shrink", action="store_true", help="let it leave, even if it is more than a fifth"
    )
    load.add_argument("--rejects", type=Path, help="where bad rows go (FILE.rejects.csv)")
    common.add(registry, "status", _registry_status, "say what serves and what is being built")
    common.add(registry, "back", _registry_back, "serve the registry before the last import")
    common.add(registry, "rebuild", _registry_rebuild, "make the keys anew, after an update")
    synthesize.add(registry)
    amalgamation.add(registry)


def _db_upgrade(conf: Settings, _options: argparse.Namespace) -> None:
    from helpdesk import migrations

    migrations.upgrade(Database(conf.database))


def _registry_import(conf: Settings, options: argparse.Namespace) -> None:
    from helpdesk.accounts import audit
    from helpdesk.registry import load
    from helpdesk.registry.models import ImportKind

    with _shown() as show:
        report = load.import_file(
            common.open_database(conf),
            options.file,
            kind=ImportKind.WHOLE if options.whole else ImportKind.DELTA,
            reject_path=options.rejects or Path(f"{options.file}.rejects.csv"),
            audit_key=audit.key_from(conf.secret_key),
            on_progress=show,
            shrink=options.shrink,
            folder=conf.registry_work_path,
        )
    _print(report)


def _registry_rebuild(conf: Settings, _options: argparse.Namespace) -> None:
    from helpdesk.accounts import audit
    from helpdesk.registry import load

    with _shown() as show:
        report = load.rebuild(
            common.open_database(conf),
            audit_key=audit.key_from(conf.secret_key),
            on_progress=show,
            folder=conf.registry_work_path,
        )
    _print(report)


def _registry_back(conf: Settings, _options: argparse.Namespace) -> None:
    from helpdesk.accounts import audit
    from helpdesk.registry import load, serving

    database = common.open_database(conf)
    load.go_back(database, audit_key=audit.key_from(conf.secret_key))
    with database.reading() as session:
        print(_served(serving.current(session)))


def _registry_status(conf: Settings, _options: argparse.Namespace) -> None:
    from sqlalchemy import select

    from helpdesk import clock
    from helpdesk.registry import serving
    from helpdesk.registry.models import GenerationState, RegistryImport

    with common.open_database(conf).reading() as session:
        print(_served(serving.current(session)))
        building = session.scalars(
            select(RegistryImport).where(RegistryImport.state == GenerationState.BUILDING)
        ).first()
    if building is not None:
        told = building.progress or {"stage": "start", "done": 0, "total": 0, "rows_per_s": 0}
        silent_s = (clock.now() - building.beat_at).total_seconds()
        print(
            f"importing {building.source or 'the registry anew'}: {told['stage']}, "
            f"{told['done']} of {told['total']} rows, {told['rows_per_s']} rows/s, "
            f"heard of {silent_s:.0f} s ago"
        )


def _served(generation: Any) -> str:  # noqa: ANN401 - a generation or None
    from helpdesk.registry import keys

    if generation is None:
        return "no registry yet; run: helpdesk registry import FILE"
    since = f" since {generation.served_at:%Y-%m-%d %H:%M} UTC" if generation.served_at else ""
    old = "" if generation.key_version >= keys.VERSION else ", older than this program"
    return (
        f"registry {generation.id} serves{since}: {generation.rows} records of "
        f"{generation.persons} participants, keys of version {generation.key_version}{old}"
    )


@contextmanager
def _shown() -> Iterator[Callable[[Any], object] | None]:
    """Show a person how far an import is: the stage, rows, rows per second, time left."""
    from tqdm import tqdm

    if not sys.stderr.isatty():
        yield None
        return
    with tqdm(unit=" rows", unit_scale=True) as bar:
        stage = ""

        def show(progress: Any) -> None:  # noqa: ANN401 - a report.Progress
            nonlocal stage
            if progress.stage != stage:
                stage = progress.stage
                bar.reset(progress.total)
                bar.set_description(stage, refresh=False)
            bar.total = progress.total
            bar.update(progress.done - bar.n)

        yield show


def _print(report: Any) -> None:  # noqa: ANN401 - a report.Report
    """Write what an import did, most telling first."""
    print(report.text)
    print(
        f"registry: {report.rows} records of {report.persons} participants, "
        f"{report.several} of them with several KPJ"
    )
    for what, counts in (
        ("withdrawn", {"KPJ": report.withdrawn}),
        ("again in the file", {"KPJ": report.duplicates}),
        ("rejected", report.rejected),
        ("without", report.without),
        ("standing for nothing", report.placeholders),
        ("birth dates far too frequent", dict(report.heaped)),
    ):
        if listed := ", ".join(f"{name} {count}" for name, count in counts.items() if count):
            print(f"{what}: {listed}")
    total_s = sum(report.seconds.values())
    if total_s >= 10:
        stages = ", ".join(f"{stage} {spent_s:.1f} s" for stage, spent_s in report.seconds.items())
        print(f"{total_s:.1f} s: {stages}; at most {report.peak_bytes >> 20} MiB of memory")
