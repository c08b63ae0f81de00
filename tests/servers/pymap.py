"""A real pymap on loopback: no keywords, no CONDSTORE, gone when the block ends."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from imapclient import IMAPClient

from helpdesk.settings import Mailbox
from tests.conftest import free_port
from tests.servers.running import running

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
    server = Pymap(free_port())
    command = [
        str(Path(sys.executable).with_name("pymap")),
        *("--host", "127.0.0.1", "--port", str(server.port)),
        *("--no-tls", "--no-service", "admin"),
        *("dict", "--demo-user", USER, "--demo-password", PASSWORD),
    ]
    with running(command, port=server.port, greeting=b"* OK"):
        yield server
