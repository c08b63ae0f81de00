"""A real pymap on loopback: no keywords, no CONDSTORE, gone when the block ends."""

import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from imapclient import IMAPClient

from helpdesk.settings import Mailbox

USER, PASSWORD = "care", "secret"


@dataclass(frozen=True, slots=True)
class Pymap:
    """A running server with one user."""

    port: int

    def box(self, name: str = "care", **changes: object) -> Mailbox:
        """Settings of its mailbox."""
        values = {
            "name": name,
            "host": "127.0.0.1",
            "port": self.port,
            "security": "none",
            "username": USER,
            "password": PASSWORD,
        }
        return Mailbox(**(values | changes))

    def append(self, raws: Iterable[bytes], *, folder: str = "INBOX") -> None:
        with self.client() as client:
            for raw in raws:
                client.append(folder, raw)

    @contextmanager
    def client(self) -> Iterator[IMAPClient]:
        client = IMAPClient("127.0.0.1", self.port, ssl=False, timeout=10)
        try:
            client.login(USER, PASSWORD)
            yield client
        finally:
            client.shutdown()


@contextmanager
def pymap() -> Iterator[Pymap]:
    """Start a server with an empty mailbox, kept in memory."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        server = Pymap(int(probe.getsockname()[1]))
    process = subprocess.Popen(
        [
            str(Path(sys.executable).with_name("pymap")),
            *("--host", "127.0.0.1", "--port", str(server.port)),
            *("--no-tls", "--no-service", "admin"),
            *("dict", "--demo-user", USER, "--demo-password", PASSWORD),
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(server, process)
        yield server
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(5)
        process.kill()
        process.wait()


def _wait(server: Pymap, process: subprocess.Popen[bytes]) -> None:
    """Return once the server greets."""
    deadline = time.monotonic() + 20
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with socket.create_connection(("127.0.0.1", server.port), timeout=5) as probe:
                if probe.recv(4) == b"* OK":
                    return
        except OSError:
            pass
        time.sleep(0.05)
    msg = "pymap did not start"
    raise RuntimeError(msg)
