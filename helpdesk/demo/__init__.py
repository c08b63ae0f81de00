"""`helpdesk demo`: the whole product on one machine, with made-up people."""

import contextlib
import signal
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from helpdesk import migrations, settings, work
from helpdesk.db import Database
from helpdesk.demo import prepare, servers
from helpdesk.demo.once import once as once
from helpdesk.errors import HelpdeskError
from helpdesk.settings import Settings

_STOP_S = 20.0


def run(conf: Settings) -> int:
    """Prepare and run everything until Ctrl-C; a second start finds its data again."""
    conf = _own_folder(conf)
    folder = conf.data_path
    print(f"Preparing the demo in {folder}/")
    with contextlib.ExitStack() as stack:
        with prepare.step("mail servers on loopback"):
            imap_port = stack.enter_context(servers.imap())
            postman = servers.Postman(prepare.CARE, imap_port, folder / "participants")
            smtp_port = stack.enter_context(servers.smtp(postman))
        env = prepare.environ(
            conf,
            imap_port=imap_port,
            smtp_port=smtp_port,
            web_port=servers.free_port(conf.web.port),
        )
        conf = prepare.demo_settings(env)
        logins = _prepare_data(conf, imap_port)
        with prepare.step("web process and worker"):
            processes = stack.enter_context(_processes(folder, env))
            servers.await_true(
                lambda: _ready(conf.web.base_url, processes), for_s=60, what="the start of the web"
            )
        with prepare.step("first tickets"):
            servers.await_true(
                lambda: prepare.is_drafted(conf.database), for_s=60, what="the first ticket"
            )
        _tell(conf, logins, smtp_port)
        return _wait(processes, folder)


def _own_folder(conf: Settings) -> Settings:
    """Keep the demo out of the folder of a real installation."""
    if conf.data_dir == "var":
        conf = msgspec.structs.replace(conf, data_dir="var/demo")
    conf.data_path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return conf


def _prepare_data(conf: Settings, imap_port: int) -> list[tuple[str, str, str]]:
    database = Database(conf.database)
    with prepare.step("database"):
        migrations.upgrade(database)
    with prepare.step(f"registry of {prepare.PEOPLE:,} made-up people"):
        prepare.registry(database, conf)
    with prepare.step("accounts"):
        logins = prepare.accounts(database, conf.data_path)
    if not prepare.tickets(database):
        with prepare.step("sample mail"):
            servers.deliver(imap_port, prepare.letters())
    prepare.conversations(work.open_plant(conf, database))
    database.dispose()
    return logins


@contextlib.contextmanager
def _processes(
    folder: Path, env: Mapping[str, str]
) -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """Run web and worker with their logs in `log/`; ends both, gently first."""
    logs = folder / "log"
    logs.mkdir(exist_ok=True)
    running: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for name, arguments in (("serve", ["serve"]), ("work", ["work", "--beat"])):
            with (logs / f"{name}.log").open("ab") as log:
                running[name] = subprocess.Popen(  # noqa: S603 - our own command
                    [sys.executable, "-m", "helpdesk.cli", *arguments],
                    env=settings.child_environ(env),
                    stdout=log,
                    stderr=log,
                    start_new_session=True,  # Ctrl-C reaches us alone, and we end them in order
                )
        yield running
    finally:
        for process in running.values():
            process.terminate()
        for process in running.values():
            try:
                process.wait(timeout=_STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _ready(base_url: str, processes: Mapping[str, subprocess.Popen[bytes]]) -> bool:
    for name, process in processes.items():
        if process.poll() is not None:
            msg = f"helpdesk {name} ended; its log says why"
            raise HelpdeskError(msg)
    try:
        with urllib.request.urlopen(f"{base_url}/readyz", timeout=2) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except OSError:
        return False


def _tell(conf: Settings, logins: list[tuple[str, str, str]], smtp_port: int) -> None:
    print(f"\nOpen {conf.web.base_url} and sign in as\n")
    for login, role, password in logins:
        print(f"    {login:<10} {password:<18} {role}")
    print(
        f"\nWrite to {prepare.CARE} by SMTP on 127.0.0.1:{smtp_port}; replies to participants "
        f"arrive\nin {conf.data_dir}/participants/new/. Exports put into {conf.inbox_path}/auto/ "
        f"are imported. Logs are\nin {conf.data_dir}/log/. "
        "Ctrl-C ends everything; the data stays.",
        flush=True,
    )


def _wait(processes: Mapping[str, subprocess.Popen[bytes]], folder: Path) -> int:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    while not stop.wait(0.5):
        for name, process in processes.items():
            if process.poll() is not None:
                msg = f"helpdesk {name} ended unexpectedly; see {folder}/log/{name}.log"
                raise HelpdeskError(msg)
    print("\nStopping ...", flush=True)
    return 0
