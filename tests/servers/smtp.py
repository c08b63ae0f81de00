"""A real SMTP server on loopback that misbehaves on demand."""

import asyncio
import contextlib
import socket
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.conftest import free_port


class Script(StrEnum):
    """What the server does with a reply."""

    ACCEPT = "accept"
    TEMPFAIL = "451 after the final dot"
    REFUSE = "554 after the final dot"
    LATE = "stores it, and says so too late"
    RCPT_REFUSED = "550 for the recipient"
    RCPT_GREYLISTED = "450 for the recipient"
    SENDER_REFUSED = "550 for the sender"
    CUT_BEFORE_DATA = "closes on the DATA command"
    CUT_IN_DATA = "closes while the content arrives"
    CUT_AFTER_DOT = "stores it, and closes without a word"
    LONG_ANSWER = "stores it, and says so in an endless line"
    NONSENSE = "stores it, and says something else than a number"
    CUT_AT_QUIT = "accepts, and closes on QUIT"
    BUSY = "421 as its greeting"


@dataclass
class ScriptedSmtp:
    """A running server. `stored` is what it took responsibility for: (recipient, bytes)."""

    host: str
    port: int
    script: Script = Script.ACCEPT
    late_s: float = 1.0
    stored: list[tuple[str, bytes]] = field(default_factory=list)
    logins: list[bytes] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)


@contextlib.contextmanager
def running(
    script: Script = Script.ACCEPT,
    *,
    late_s: float = 1.0,
    tls: ssl.SSLContext | None = None,
    implicit_tls: bool = False,
    login: tuple[str, str] | None = None,
) -> Iterator[ScriptedSmtp]:
    """Serve until the block ends. With `tls` it demands STARTTLS, or TLS at once."""
    server = ScriptedSmtp("127.0.0.1", free_port(), script, late_s)
    controller = _Controller(server, tls=tls, implicit_tls=implicit_tls, login=login)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()


@contextlib.contextmanager
def silent() -> Iterator[ScriptedSmtp]:
    """Accept connections and never say a word."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield ScriptedSmtp("127.0.0.1", listener.getsockname()[1])


def certificate(folder: Path, *, host: str = "127.0.0.1", days: int = 1) -> Path:
    """Make a self-signed certificate and its key in one file; fewer than 0 days is expired."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"IP:{host}" if host[0].isdigit() else f"DNS:{host}"
    (folder / "extension").write_text(f"subjectAltName={name}")
    _openssl(
        folder,
        "req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=test"
        " -keyout key.pem -out request.pem",
    )
    _openssl(
        folder,
        f"x509 -req -in request.pem -signkey key.pem -days {days} -extfile extension"
        " -out cert.pem",
    )
    made = folder / "both.pem"
    made.write_text((folder / "cert.pem").read_text() + (folder / "key.pem").read_text())
    return made


def _openssl(folder: Path, command: str) -> None:
    subprocess.run(["openssl", *command.split()], cwd=folder, check=True, capture_output=True)


def server_tls(pem: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


class _Server(SMTP):
    """aiosmtpd, whose method names these are, with what its handler hooks cannot express."""

    scripted: ScriptedSmtp

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if self.scripted.script is Script.BUSY and isinstance(transport, asyncio.Transport):
            transport.write(b"421 too busy, ask care@example.org\r\n")
            transport.close()
            return
        super().connection_made(transport)

    async def smtp_DATA(self, arg: str | None) -> None:  # noqa: N802
        if self.scripted.script is Script.CUT_BEFORE_DATA:
            self.transport.abort()
        elif self.scripted.script is Script.CUT_IN_DATA:
            await self.push("354 go on")
            await self._reader.read(10)
            self.transport.abort()
        else:
            await super().smtp_DATA(arg)

    async def smtp_QUIT(self, arg: str | None) -> None:  # noqa: N802
        if self.scripted.script is Script.CUT_AT_QUIT:
            self.transport.abort()
        else:
            await super().smtp_QUIT(arg)


class _Handler:
    def __init__(self, scripted: ScriptedSmtp) -> None:
        self._scripted = scripted

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self._scripted.script is Script.SENDER_REFUSED:
            return "550 5.7.1 not from here"
        self._scripted.senders.append(address)
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        match self._scripted.script:
            case Script.RCPT_REFUSED:
                return f"550 5.1.1 <{address}> no such user"
            case Script.RCPT_GREYLISTED:
                return "450 4.7.1 greylisted, come back later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        script = self._scripted.script
        if script is Script.TEMPFAIL:
            return "451 4.3.0 try again later"
        if script is Script.REFUSE:
            return "554 5.6.0 refused"
        for recipient in envelope.rcpt_tos:
            self._scripted.stored.append((recipient, bytes(envelope.original_content or b"")))
        if script is Script.LATE:
            await asyncio.sleep(self._scripted.late_s)
        if script is Script.CUT_AFTER_DOT:
            server.transport.abort()
        if script is Script.LONG_ANSWER:
            return "250 " + "x" * 20_000
        return "welcome" if script is Script.NONSENSE else "250 2.0.0 stored"


class _Controller(Controller):
    def __init__(
        self,
        scripted: ScriptedSmtp,
        *,
        tls: ssl.SSLContext | None,
        implicit_tls: bool,
        login: tuple[str, str] | None,
    ) -> None:
        self._scripted = scripted
        self._starttls = None if implicit_tls else tls
        self._login = login
        super().__init__(
            _Handler(scripted),
            hostname=scripted.host,
            port=scripted.port,
            ssl_context=tls if implicit_tls else None,
        )

    def factory(self) -> SMTP:
        server = _Server(
            self.handler,
            hostname="mail.example.org",
            tls_context=self._starttls,
            require_starttls=self._starttls is not None,
            auth_required=self._login is not None,
            authenticator=self._authenticate if self._login else None,
        )
        bare = self._login is not None and self._starttls is None
        server._auth_require_tls = not bare  # set here because the constructor would warn
        server.scripted = self._scripted
        return server

    def _authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self._scripted.logins.append(data.login)
        wanted = tuple(each.encode() for each in self._login or ())
        return AuthResult(success=(data.login, data.password) == wanted)
