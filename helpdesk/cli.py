"""The one command: `helpdesk …`. Its words and its output are a stable contract."""

import argparse
import getpass
import json
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from helpdesk import clock, log, settings
from helpdesk.db import Database
from helpdesk.errors import HelpdeskError, InvalidError
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
    except HelpdeskError as error:
        print(f"helpdesk: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="helpdesk", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add(commands, "demo", _demo, "everything on this machine, with made-up people").add_argument(
        "--once", action="store_true", help="walk the whole path once without a browser, then end"
    )
    _add(commands, "serve", _serve, "the web process")
    work = _add(commands, "work", _work, "a worker")
    work.add_argument("--beat", action="store_true", help="also send the periodic tasks")
    work.add_argument("--pool", default="threads", choices=["threads", "prefork", "solo"])
    work.add_argument("--concurrency", type=int, default=4)
    _add_data_commands(commands)
    for name, run, about in (
        ("extract", _extract, "JSON lines of conversations in, what they claim out"),
        ("match", _match, "JSON lines of claims in, candidates out"),
    ):
        _add(commands, name, run, about)
    tickets = _add(commands, "tickets", _tickets, "list the tickets")
    tickets.add_argument("--json", action="store_true", help="one JSON object a line")
    _add(commands, "doctor", _doctor, "check the configuration and what it names")
    user = _group(commands, "user", "accounts")
    add = _add(user, "add", _user_add, "add an account; the password is asked for")
    add.add_argument("login")
    add.add_argument("--name", required=True)
    add.add_argument(
        "--role", default="agent", choices=["agent", "supervisor", "admin", "auditor"]
    )
    add.add_argument("--password-file", type=Path, help="read the password from this file")
    _add(_group(commands, "audit", "the trail"), "verify", _audit_verify, "check the hash chain")
    return parser


def _add_data_commands(commands: Any) -> None:  # noqa: ANN401 - argparse keeps its class private
    _add(_group(commands, "db", "the database"), "upgrade", _db_upgrade, "migrate")
    registry = _group(commands, "registry", "the KPJ registry")
    load = _add(registry, "import", _registry_import, "read a CSV file; safe to run again")
    load.add_argument("file", type=Path)
    load.add_argument("--rejects", type=Path, help="where bad rows go (FILE.rejects.csv)")
    made = _add(registry, "synthesize", _registry_synthesize, "write a made-up registry")
    made.add_argument("--people", type=int, required=True)
    made.add_argument("--seed", type=int, default=1)
    made.add_argument("file", type=Path)
    ingest = _group(commands, "ingest", "read messages")
    poll = _add(ingest, "mailbox", _ingest_mailbox, "poll the configured mailboxes")
    poll.add_argument("--once", action="store_true", required=True, help="one poll, then end")
    files = _add(ingest, "eml", _ingest_eml, ".eml, mbox or Maildir")
    files.add_argument("paths", nargs="+", type=Path)
    for each in (poll, files):
        each.add_argument("--queue", action="store_true", help="leave the rest to the workers")


def _add(
    commands: Any,  # noqa: ANN401 - argparse keeps its class private
    name: str,
    run: Callable[[Settings, argparse.Namespace], int | None],
    about: str,
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, help=about, description=about)
    parser.set_defaults(run=run)
    return parser


def _group(commands: Any, name: str, about: str) -> Any:  # noqa: ANN401 - as above
    return commands.add_parser(name, help=about).add_subparsers(required=True, metavar="COMMAND")


def _open(conf: Settings) -> Database:
    """Open the database; an embedded one is prepared on the way."""
    from helpdesk import broker, migrations

    database = Database(conf.database, publish=broker.publisher(conf))
    if database.is_sqlite:
        migrations.upgrade(database)
    return database


def _demo(conf: Settings, options: argparse.Namespace) -> int:
    from helpdesk import demo

    return demo.once(conf) if options.once else demo.run(conf)


def _serve(conf: Settings, _options: argparse.Namespace) -> None:
    from helpdesk import asgi

    _open(conf).dispose()
    asgi.run(conf)


def _work(conf: Settings, options: argparse.Namespace) -> None:
    _open(conf).dispose()
    command = [sys.executable, "-m", "workers", "--pool", options.pool]
    command += ["--concurrency", str(options.concurrency)]
    command += ["--beat"] if options.beat else []
    sys.stdout.flush()
    os.execv(sys.executable, command)  # noqa: S606 - the product never imports its workers


def _db_upgrade(conf: Settings, _options: argparse.Namespace) -> None:
    from helpdesk import migrations

    migrations.upgrade(Database(conf.database))


def _registry_import(conf: Settings, options: argparse.Namespace) -> None:
    from tqdm import tqdm

    from helpdesk.registry import load

    rejects = options.rejects or options.file.with_name(f"{options.file.name}.rejects.csv")
    with tqdm(unit="B", unit_scale=True, disable=not sys.stderr.isatty(), desc="registry") as bar:
        report = load.import_csv(
            _open(conf),
            options.file,
            reject_path=rejects,
            on_progress=lambda done, total: (
                setattr(bar, "total", total),
                bar.update(done - bar.n),
            ),
        )
    print(report.text)


def _registry_synthesize(_conf: Settings, options: argparse.Namespace) -> None:
    from helpdesk.registry import synthetic

    rows = synthetic.write(options.file, people=options.people, seed=options.seed)
    print(f"{rows} rows of {options.people} made-up people in {options.file}")


def _ingest_mailbox(conf: Settings, options: argparse.Namespace) -> int:
    from helpdesk import work

    if not conf.mailbox:
        msg = "no mailbox is configured; add [[mailbox]] to the settings"
        raise InvalidError(msg)
    plant = work.open_plant(conf, _open(conf))
    failed = 0
    for index in range(len(conf.mailbox)):
        report = work.poll(plant, index)
        failed += bool(report.problem)
        print(f"{report.name}: {report.problem or f'{report.stored} new'}")
    if not options.queue:
        work.work_off(plant)
    return 1 if failed else 0


def _ingest_eml(conf: Settings, options: argparse.Namespace) -> int:
    from helpdesk import work

    plant = work.open_plant(conf, _open(conf))
    report = work.store_files(plant, options.paths)
    if not options.queue:
        work.work_off(plant)
    print(report.text)
    for problem in report.problems:
        print(f"helpdesk: {problem}", file=sys.stderr)
    return 1 if report.problems else 0


def _extract(_conf: Settings, _options: argparse.Namespace) -> None:
    from helpdesk.identity import lines

    today = clock.now().date()
    _filter(lambda value: lines.extract_line(value, today=today))


def _match(conf: Settings, _options: argparse.Namespace) -> None:
    from helpdesk.matching import lines

    today = clock.now().date()
    with _open(conf).reading() as session:
        _filter(lambda value: lines.match_line(session, value, today=today))


def _filter(answer: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Answer each JSON line of standard input with one on standard output, in order."""
    for number, line in enumerate(sys.stdin, start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            value = None
        result = (
            answer(value)
            if isinstance(value, dict)
            else {"id": None, "error": f"line {number} is not a JSON object"}
        )
        sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n")
        sys.stdout.flush()


def _tickets(conf: Settings, options: argparse.Namespace) -> None:
    from helpdesk import report

    with _open(conf).reading() as session:
        _print_tickets(report.tickets(session), as_json=options.json)


def _print_tickets(rows: Iterable[dict[str, Any]], *, as_json: bool) -> None:
    for row in rows:
        if as_json:
            print(json.dumps(row, ensure_ascii=False))
        else:
            print(f"#{row['id']}\t{row['status']}\t{row['disclosure'] or '-'}\t{row['subject']}")


def _doctor(conf: Settings, _options: argparse.Namespace) -> int:
    from helpdesk import broker, doctor

    database = Database(conf.database, publish=broker.publisher(conf))
    bad = 0
    for check in doctor.examine(conf, database):
        print(f"{'ok  ' if check.ok else 'BAD '} {check.name}: {check.text}")
        bad += not check.ok
    return 1 if bad else 0


def _user_add(conf: Settings, options: argparse.Namespace) -> None:
    from helpdesk.accounts import users
    from helpdesk.accounts.models import Role

    if options.password_file:
        password = options.password_file.read_text(encoding="utf-8").strip()
    elif sys.stdin.isatty():
        password = getpass.getpass()
    else:
        password = sys.stdin.readline().strip()
    with _open(conf).transaction() as tx:
        users.add(
            tx.session,
            login=options.login,
            name=options.name,
            role=Role(options.role),
            password=password,
            now=clock.now(),
        )
    print(f"{options.login} can sign in as {options.role}")


def _audit_verify(conf: Settings, _options: argparse.Namespace) -> int:
    from helpdesk import work

    broken = work.verify_audit(_open(conf), conf)
    print(f"line {broken.id}: {broken.why}" if broken else "the trail is whole")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
