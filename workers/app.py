"""The Celery application; `celery -A workers.app worker` or `helpdesk work`."""

import functools
import tempfile

from celery import Celery
from celery.signals import setup_logging, worker_process_init

from helpdesk import broker, log, settings, work
from helpdesk.db import Database

_settings = settings.load()

app = Celery(
    "helpdesk",
    include=["workers.ingest", "workers.match", "workers.photos", "workers.deliver"],
)
app.conf.update(broker.configuration(_settings))
app.conf.update(
    beat_scheduler="workers.schedule:LeasedScheduler",
    beat_schedule={
        "sweep": {"task": "helpdesk.sweep", "schedule": _settings.worker.sweep_interval_s},
        "anchor": {"task": "helpdesk.anchor", "schedule": 3600.0},
        "tidy": {"task": "helpdesk.tidy", "schedule": 3600.0},
        "watch": {"task": "helpdesk.watch", "schedule": _settings.exports.watch_interval_s},
    }
    | {
        f"poll-{box.name}": {
            "task": "helpdesk.poll",
            "schedule": _settings.ingest.poll_interval_s,
            "args": (index,),
        }
        for index, box in enumerate(_settings.mailbox)
    },
)
if _settings.broker.startswith("filesystem"):
    # kombu moves each message through the temporary folder, and a rename is atomic only within one
    # file system.
    tempfile.tempdir = str((_settings.data_path / "broker" / "passing").resolve())


@functools.cache
def plant() -> work.Plant:
    """Return this process's database and tools, opened on first use."""
    database = Database(_settings.database, publish=broker.publisher(_settings))
    return work.open_plant(_settings, database)


@worker_process_init.connect
def _after_fork(**_: object) -> None:
    # A forked child must not use its parent's connections.
    if plant.cache_info().currsize:
        plant().database.dispose(close=False)


@setup_logging.connect
def _log(**_: object) -> None:
    log.configure(_settings.log_level)
