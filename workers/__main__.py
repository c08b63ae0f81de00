"""`python -m workers [--beat] [--concurrency N] [--pool P]`: one worker process."""

import argparse
import os
import threading

from celery.signals import worker_ready, worker_shutting_down

from helpdesk.ingest import idle
from workers import schedule
from workers.app import app, plant


def main() -> None:
    """Run a worker until it is told to stop."""
    parser = argparse.ArgumentParser(prog="helpdesk work")
    parser.add_argument("--beat", action="store_true", help="also send the periodic tasks")
    parser.add_argument("--pool", default="threads", choices=["threads", "prefork", "solo"])
    parser.add_argument("--concurrency", type=int, default=4)
    options = parser.parse_args()
    stop = threading.Event()
    if options.beat:
        worker_ready.connect(lambda **_: _start_beside(stop), weak=False)
        worker_shutting_down.connect(lambda **_: stop.set(), weak=False)
    app.worker_main(
        [
            "worker",
            f"--hostname=helpdesk-{os.getpid()}@%h",  # two of one name lock each other out
            f"--pool={options.pool}",
            f"--concurrency={options.concurrency}",
            "--without-gossip",
            "--without-mingle",
            "--loglevel=WARNING",
        ]
    )


def _start_beside(stop: threading.Event) -> None:
    beat = schedule.start_beside_worker()
    threading.Thread(target=lambda: (stop.wait(), beat.stop()), daemon=True).start()
    settings = plant().settings
    for index, box in enumerate(settings.mailbox):
        threading.Thread(
            target=idle.watch,
            args=(box, settings.ingest),
            kwargs={
                "on_mail": lambda index=index: app.send_task("helpdesk.poll", args=[index]),
                "stop": stop,
            },
            name=f"watch-{box.name}",
            daemon=True,
        ).start()


main()
