"""The Celery producer: announces jobs by name, with ids only, after they are committed.

The broker is a bell, not a store. If it is down or loses a message, the sweep rings again; so a
failure to publish is logged and never fails the transaction that is already committed.
"""

import functools
import logging
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpdesk.db import Hint
from helpdesk.errors import describe
from helpdesk.settings import Settings

if TYPE_CHECKING:
    from celery import Celery

QUEUE = "helpdesk"
POLL = "poll"  # the periodic tasks are announced by the same bell
_PATIENCE_S = 1.0  # for a broker that does not answer, while a person waits
_SILENCE_S = 5.0  # then; the sweep rings again for what is not announced meanwhile
_log = logging.getLogger(__name__)


def configuration(settings: Settings) -> dict[str, Any]:
    """Return the Celery configuration for the broker in force, equal for producer and worker."""
    url = settings.broker
    common: dict[str, Any] = {
        "broker_url": url,
        "task_default_queue": QUEUE,
        "task_ignore_result": True,
        "task_serializer": "json",
        "accept_content": ["json"],
        "enable_utc": True,
        "worker_prefetch_multiplier": 1,
        "task_acks_late": True,
        "broker_connection_retry_on_startup": True,
        "broker_connection_timeout": 4,
        "worker_hijack_root_logger": False,
        "worker_soft_shutdown_timeout": 30.0,
    }
    scheme = url.partition(":")[0].partition("+")[0]
    transport = _TRANSPORTS.get(scheme)
    return common | (transport(settings) if transport else {})


def publisher(settings: Settings) -> Callable[[Sequence[Hint]], None]:
    """Return what a `Database` calls after each commit that created jobs.

    Celery is imported with the first job, so that a web process that only shows pages stays small.
    After a failure nothing is announced for some seconds: a person waits for each of these calls.
    """
    producer = functools.cache(lambda: _producer(settings))
    silent_until = 0.0

    def publish(hints: Sequence[Hint]) -> None:
        nonlocal silent_until
        if time.monotonic() < silent_until:
            return
        for name, subject_id in hints:
            try:
                producer().send_task(
                    f"helpdesk.{name}",
                    args=[subject_id],
                    retry=False,
                    timeout=_PATIENCE_S,
                    confirm_timeout=_PATIENCE_S,
                )
            except Exception as error:  # noqa: BLE001 - any broker trouble: the sweep rings later
                _log.warning("could not announce %s: %s", name, describe(error))
                silent_until = time.monotonic() + _SILENCE_S
                return

    return publish


def reach(settings: Settings) -> None:
    """Connect to the broker once; raises whatever the transport raises when it cannot."""
    with _producer(settings).connection_for_write() as connection:
        connection.ensure_connection(max_retries=1, timeout=4)


def _producer(settings: Settings) -> "Celery":
    from celery import Celery  # noqa: PLC0415 - see publisher()

    app = Celery("helpdesk-producer", set_as_current=False)
    app.conf.update(configuration(settings))
    app.conf.broker_connection_timeout = _PATIENCE_S
    app.conf.broker_transport_options |= {
        "max_retries": 1,
        "interval_start": 0,
        "interval_step": 0,
        "socket_connect_timeout": _PATIENCE_S,  # Redis has no limit of its own
        "socket_timeout": _PATIENCE_S,
    }
    return app


def _filesystem(settings: Settings) -> dict[str, Any]:
    from kombu.transport import TRANSPORT_ALIASES  # noqa: PLC0415 - see publisher()

    TRANSPORT_ALIASES["filesystem"] = "helpdesk.bell:Transport"
    root = settings.data_path / "broker"
    for folder in ("queue", "control", "passing"):
        Path(root / folder).mkdir(parents=True, exist_ok=True, mode=0o700)
    return {
        "broker_transport_options": {
            "data_folder_in": str(root / "queue"),
            "data_folder_out": str(root / "queue"),
            "control_folder": str(root / "control"),
            "polling_interval": 0.1,
        },
        "worker_enable_remote_control": False,  # its fanout files are never collected
    }


def _rabbitmq(_settings: Settings) -> dict[str, Any]:
    return {
        "task_default_queue_type": "quorum",
        "broker_transport_options": {"confirm_publish": True},
        "worker_detect_quorum_queues": True,
    }


def _redis(_settings: Settings) -> dict[str, Any]:
    # Without the two restore options a task of a killed worker comes back after minutes.
    return {
        "broker_transport_options": {
            "visibility_timeout": 900,
            "unacked_restore_interval": 2,
            "unacked_restore_throttle": 1,
        }
    }


_TRANSPORTS = {
    "filesystem": _filesystem,
    "amqp": _rabbitmq,
    "amqps": _rabbitmq,
    "pyamqp": _rabbitmq,
    "redis": _redis,
    "rediss": _redis,
}
