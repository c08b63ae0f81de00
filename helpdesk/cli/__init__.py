"""The one command: `helpdesk …`. Its words and its output are a stable contract."""

import argparse
import logging
import os
import sys
import traceback
from collections.abc import Sequence

from helpdesk import log, settings
from helpdesk.cli import common, data, filters, identity, ingest, matching, users
from helpdesk.db import Database
from helpdesk.errors import HelpdeskError
from helpdesk.settings import Settings

# Rooms are imported by the command that needs them: `helpdesk extract` in a pipe should not pay
# for a web server.


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; 0 done, 1 failed with one line on standard error, 2 bad arguments."""
    options = _parser().parse_args(argv)
    try:
        conf = settings.load()
        log.configure(conf.log_level)
        return int(options.run(conf, options) or 0)
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:  # noqa: BLE001 - the outermost shell: one line, whatever it is
        print(f"helpdesk: {common.words(error)}", file=sys.stderr)
        if logging.getLogger("helpdesk").isEnabledFor(logging.DEBUG):
            traceback.print_tb(error.__traceback__)  # without its text, which may quote a mail
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="helpdesk", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    demo = common.add(commands, "demo", _demo, "everything on this machine, with made-up people")
    demo.add_argument(
        "--once", action="store_true", help="walk the whole path once without a browser, then end"
    )
    common.add(commands, "serve", _serve, "the web process")
    work = common.add(commands, "work", _work, "a worker")
    work.add_argument("--beat", action="store_true", help="also send the periodic tasks")
    work.add_argument("--pool", default="threads", choices=["threads", "prefork", "solo"])
    work.add_argument("--concurrency", type=common.positive, default=4)
    for room in (data, ingest, filters, identity, matching):
        room.add(commands)
    common.add(commands, "doctor", _doctor, "check the configuration and what it names")
    users.add(commands)
    trail = common.group(commands, "audit", "the trail")
    common.add(trail, "verify", _audit_verify, "check the hash chain")
    return parser


def _demo(conf: Settings, options: argparse.Namespace) -> int:
    from helpdesk import demo

    return demo.once(conf) if options.once else demo.run(conf)


def _serve(conf: Settings, _options: argparse.Namespace) -> None:
    from helpdesk import asgi

    common.open_database(conf).dispose()
    asgi.run(conf)


def _work(conf: Settings, options: argparse.Namespace) -> None:
    common.open_database(conf).dispose()
    command = [sys.executable, "-m", "workers", "--pool", options.pool]
    command += ["--concurrency", str(options.concurrency)]
    command += ["--beat"] if options.beat else []
    sys.stdout.flush()
    os.execv(sys.executable, command)  # noqa: S606 - the product never imports its workers


def _doctor(conf: Settings, _options: argparse.Namespace) -> None:
    from helpdesk import doctor

    checks = []
    for check in doctor.examine(conf, Database(conf.database)):
        print(f"{'ok  ' if check.ok else 'BAD '} {check.name}: {check.text}", flush=True)
        checks.append(check.ok)
    if not all(checks):
        msg = f"{checks.count(False)} of {len(checks)} checks are bad"
        raise HelpdeskError(msg)


def _audit_verify(conf: Settings, _options: argparse.Namespace) -> None:
    from helpdesk import work

    broken = work.verify_audit(common.open_database(conf), conf)
    if broken:
        msg = f"the audit trail is broken at line {broken.id}: {broken.why}"
        raise HelpdeskError(msg)
    print("the trail is whole")
