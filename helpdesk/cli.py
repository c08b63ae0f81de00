"""The one command: `helpdesk …`. Its words and its output are a stable contract."""

import argparse
import getpass
import json
import logging
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy.exc import SQLAlchemyError

from helpdesk import clock, log, settings
from helpdesk.db import Database, explain
from helpdesk.errors import HelpdeskError, InvalidError, SettingsError, describe
from helpdesk.settings import Settings

if TYPE_CHECKING:
    from helpdesk.ingest.imports import ImportReport, NewImport
    from helpdesk.work import Plant

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
        print(f"helpdesk: {_words(error)}", file=sys.stderr)
        if logging.getLogger("helpdesk").isEnabledFor(logging.DEBUG):
            traceback.print_tb(error.__traceback__)  # without its text, which may quote a mail
        return 1


def _words(error: Exception) -> str:
    """Say what went wrong; only errors that cannot quote a mail or a record speak themselves."""
    if isinstance(error, HelpdeskError):
        return str(error)
    if isinstance(error, OSError):
        return ": ".join(str(part) for part in (error.filename, error.strerror) if part)
    if isinstance(error, SQLAlchemyError):
        return f"the database cannot be used ({explain(error)}); see: helpdesk doctor"
    return f"a fault in this program ({describe(error)}); HELPDESK_LOG_LEVEL=DEBUG shows more"


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
    work.add_argument("--concurrency", type=_positive, default=4)
    _add_data_commands(commands)
    for name, run, about in (
        ("extract", _extract, "JSON lines of conversations in, what they claim out"),
        ("match", _match, "JSON lines of claims in, candidates out"),
    ):
        _add(commands, name, run, about)
    tickets = _add(commands, "tickets", _tickets, "list the tickets")
    tickets.add_argument("--json", action="store_true", help="one JSON object a line")
    _add(commands, "doctor", _doctor, "check the configuration and what it names")
    _add_user_commands(commands)
    _add(_group(commands, "audit", "the trail"), "verify", _audit_verify, "check the hash chain")
    return parser


def _add_user_commands(commands: Any) -> None:  # noqa: ANN401 - argparse keeps its class private
    user = _group(commands, "user", "accounts")
    _add(user, "list", _user_list, "list the accounts: login, role, name")
    add = _add(user, "add", _user_add, "add an account; the password is asked for")
    role = _add(user, "role", _user_role, "change what an account may do; signs it out")
    password = _add(user, "password", _user_password, "change a password; signs the account out")
    disable = _add(user, "disable", _user_disable, "shut an account out at once")
    enable = _add(user, "enable", _user_enable, "let a disabled account in again")
    for each in (add, role, password, disable, enable):
        each.add_argument("login")
    add.add_argument("--name", required=True)
    roles = ["agent", "supervisor", "admin", "auditor"]
    add.add_argument("--role", default="agent", choices=roles)
    role.add_argument("role", choices=roles)
    for each in (add, password):
        each.add_argument("--password-file", type=Path, help="read the password from this file")


def _add_data_commands(commands: Any) -> None:  # noqa: ANN401 - argparse keeps its class private
    _add(_group(commands, "db", "the database"), "upgrade", _db_upgrade, "migrate")
    registry = _group(commands, "registry", "the KPJ registry")
    load = _add(registry, "import", _registry_import, "read a CSV file; safe to run again")
    load.add_argument("file", type=Path)
    load.add_argument("--rejects", type=Path, help="where bad rows go (FILE.rejects.csv)")
    made = _add(registry, "synthesize", _registry_synthesize, "write a made-up registry")
    made.add_argument("--people", type=_positive, required=True)
    made.add_argument("--seed", type=int, default=1)
    made.add_argument("file", type=Path)
    ingest = _group(commands, "ingest", "read messages")
    poll = _add(ingest, "mailbox", _ingest_mailbox, "poll the configured mailboxes")
    poll.add_argument("--once", action="store_true", required=True, help="one poll, then end")
    files = _add(ingest, "eml", _ingest_eml, ".eml, mbox or Maildir")
    files.add_argument("paths", nargs="+", type=Path)
    export = _add(ingest, "export", _ingest_export, "exports of social inboxes")
    export.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="zip, folder or file")
    channels = ["auto", "x", "facebook", "instagram", "whatsapp", "other"]
    export.add_argument("--channel", default="auto", choices=channels)
    export.add_argument(
        "--own-name", action="append", default=[], help="a display name or number of our side"
    )
    for each in (poll, files, export):
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


def _positive(text: str) -> int:
    if not text.isdecimal() or not int(text):
        msg = f"{text} is not a whole number above 0"
        raise argparse.ArgumentTypeError(msg)
    return int(text)


def _open(conf: Settings, *, announce: bool = False) -> Database:
    """Open the database; an embedded one is prepared on the way.

    With `announce` workers are told of new jobs; a command that does its jobs itself need not.
    """
    from helpdesk import broker, migrations

    database = Database(conf.database, publish=broker.publisher(conf) if announce else None)
    if database.is_sqlite:
        migrations.upgrade(database)
    elif not migrations.is_current(database):
        msg = "the tables of the database are missing or old; run: helpdesk db upgrade"
        raise SettingsError(msg)
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

    rejects = options.rejects or Path(f"{options.file}.rejects.csv")
    with tqdm(unit="B", unit_scale=True, disable=not sys.stderr.isatty(), desc="registry") as bar:

        def show(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        report = load.import_csv(_open(conf), options.file, reject_path=rejects, on_progress=show)
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
    plant = work.open_plant(conf, _open(conf, announce=options.queue))
    failed = 0
    for index in range(len(conf.mailbox)):
        report = work.poll(plant, index, now=True)
        busy = "a worker is reading it right now"
        print(f"{report.name}: {busy if report.busy else f'{report.stored} new'}")
        problem = report.problem
        if report.failed and not problem:
            problem = f"{report.name}: {report.failed} mails could not be fetched yet"
        if problem:
            failed += 1
            print(f"helpdesk: {problem}", file=sys.stderr)
    if not options.queue:
        work.work_off(plant)
    return 1 if failed else 0


def _ingest_eml(conf: Settings, options: argparse.Namespace) -> int:
    from helpdesk import work

    plant = work.open_plant(conf, _open(conf, announce=options.queue))
    report = work.store_files(plant, options.paths)
    if not options.queue:
        work.work_off(plant)
    print(report.text)
    for problem in report.problems:
        print(f"helpdesk: {problem}", file=sys.stderr)
    return 1 if report.problems else 0


def _ingest_export(conf: Settings, options: argparse.Namespace) -> int:
    from helpdesk import importing, work
    from helpdesk.ingest.imports import NewImport, Source
    from helpdesk.tickets.kinds import Channel, ImportState

    plant = work.open_plant(conf, _open(conf, announce=options.queue))
    channel = None if options.channel == "auto" else Channel(options.channel)
    failed = 0
    for path in options.paths:
        new = NewImport(
            Source.COMMAND, path.absolute(), path.name, channel, tuple(options.own_name)
        )
        if options.queue:
            with plant.database.transaction() as tx:
                importing.submit(tx, new, clock.now())
            print(f"{path}: waits for a worker")
            continue
        report = _bring_in(plant, new)
        if report.state is ImportState.FAILED:
            failed += 1
            print(f"helpdesk: {path}: {report.problem}", file=sys.stderr)
        else:
            print(f"{path}: {report.format}: {report.why} {report.text}")
    if not options.queue:
        work.work_off(plant)
    return 1 if failed else 0


def _bring_in(plant: "Plant", new: "NewImport") -> "ImportReport":
    """Import one export with a progress bar: first of its bytes, then of its messages."""
    from tqdm import tqdm

    from helpdesk import importing
    from helpdesk.tickets.kinds import ImportState

    with tqdm(unit_scale=True, disable=not sys.stderr.isatty(), desc="export") as bar:

        def show(state: ImportState, done: int, total: int) -> None:
            bar.unit = "B" if state is ImportState.READING else " messages"
            bar.total, bar.n = total, done
            bar.refresh()

        return importing.bring_in(plant, new, show)


def _extract(_conf: Settings, _options: argparse.Namespace) -> int:
    from helpdesk.identity import lines

    today = clock.now().date()
    return _filter(lambda value: lines.extract_line(value, today=today))


def _match(conf: Settings, _options: argparse.Namespace) -> int:
    from helpdesk.matching import lines

    today, database = clock.now().date(), _open(conf)

    def answer(value: dict[str, Any]) -> dict[str, Any]:
        with database.reading() as session:  # each its own: one that fails spoils no other
            return lines.match_line(session, value, today=today)

    return _filter(answer)


def _filter(answer: Callable[[dict[str, Any]], dict[str, Any]]) -> int:
    """Answer each JSON line of standard input with one on standard output, in order.

    A line that cannot be answered gets `{"id", "error"}` and the others go on; 1 if there was one.
    """
    bad = 0
    for number, line in enumerate(sys.stdin.buffer, start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            value = None
        if not isinstance(value, dict):
            _print_json({"id": None, "error": f"line {number} is not a JSON object"})
            bad += 1
            continue
        try:
            _print_json(answer(value))
        except BrokenPipeError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the next lines must not suffer
            _print_json({"id": None, "error": f"line {number}: {_words(error)}"})
            bad += 1
    if bad:
        msg = f"lines that got no answer but an error: {bad}"
        raise InvalidError(msg)
    return 0


def _print_json(value: dict[str, Any]) -> None:
    """Write one line of UTF-8 at once, whatever the locale."""
    try:
        line = json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:  # half a surrogate pair has no UTF-8, only an escape
        line = json.dumps(value).encode()
    sys.stdout.buffer.write(line + b"\n")
    sys.stdout.buffer.flush()


def _tickets(conf: Settings, options: argparse.Namespace) -> None:
    from helpdesk import report

    with _open(conf).reading() as session:
        for row in report.tickets(session):
            if options.json:
                _print_json(row)
            else:
                disclosure = row["disclosure"] or "-"
                print(f"#{row['id']}\t{row['status']}\t{disclosure}\t{row['subject']}")


def _doctor(conf: Settings, _options: argparse.Namespace) -> None:
    from helpdesk import doctor

    checks = []
    for check in doctor.examine(conf, Database(conf.database)):
        print(f"{'ok  ' if check.ok else 'BAD '} {check.name}: {check.text}", flush=True)
        checks.append(check.ok)
    if not all(checks):
        msg = f"{checks.count(False)} of {len(checks)} checks are bad"
        raise HelpdeskError(msg)


def _user_list(conf: Settings, _options: argparse.Namespace) -> None:
    from helpdesk.accounts import users

    with _open(conf).reading() as session:
        for agent in users.list_all(session):
            shut = "" if agent.active else "\tdisabled"
            print(f"{agent.login}\t{agent.role}\t{agent.name}{shut}")


def _user_add(conf: Settings, options: argparse.Namespace) -> None:
    from helpdesk import people
    from helpdesk.accounts.models import Role

    password, role = _password(options.password_file), Role(options.role)
    people.add(_open(conf), conf, options.login, name=options.name, role=role, password=password)
    print(f"{options.login} can sign in as {options.role}")


def _user_role(conf: Settings, options: argparse.Namespace) -> None:
    from helpdesk import people
    from helpdesk.accounts.models import Role

    people.set_role(_open(conf), conf, options.login, Role(options.role))
    print(f"{options.login} signs in as {options.role} from now on")


def _user_password(conf: Settings, options: argparse.Namespace) -> None:
    from helpdesk import people

    people.set_password(_open(conf), conf, options.login, _password(options.password_file))
    print(f"{options.login} has a new password")


def _user_disable(conf: Settings, options: argparse.Namespace) -> None:
    from helpdesk import people

    people.disable(_open(conf), conf, options.login)
    print(f"{options.login} cannot sign in any more")


def _user_enable(conf: Settings, options: argparse.Namespace) -> None:
    from helpdesk import people

    people.enable(_open(conf), conf, options.login)
    print(f"{options.login} can sign in again")


def _password(file: Path | None) -> str:
    try:
        if file is not None:
            return file.read_text(encoding="utf-8").strip()
        if sys.stdin.isatty():
            return getpass.getpass()
        return sys.stdin.readline().strip()
    except (UnicodeDecodeError, EOFError) as error:
        msg = "password: cannot be read as one line of text in UTF-8"
        raise InvalidError(msg) from error


def _audit_verify(conf: Settings, _options: argparse.Namespace) -> None:
    from helpdesk import work

    broken = work.verify_audit(_open(conf), conf)
    if broken:
        msg = f"the audit trail is broken at line {broken.id}: {broken.why}"
        raise HelpdeskError(msg)
    print("the trail is whole")


if __name__ == "__main__":
    sys.exit(main())
