"""The demo's own mail servers on loopback: pymap for IMAP, aiosmtpd for SMTP."""

import email
import email.utils
import mailbox
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from imapclient import IMAPClient

from helpdesk.errors import HelpdeskError

HOST = "127.0.0.1"
USER = "care"
PASSWORD = "only-on-loopback"  # noqa: S105 - guards made-up mail of a server nobody else reaches
_START_S = 20.0


def free_port(wanted: int = 0) -> int:
    """Return `wanted` if nobody listens there, else a port that is free."""
    for port in dict.fromkeys((wanted, 0)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    msg = "no free port on loopback"
    raise HelpdeskError(msg)


@contextmanager
def imap() -> Iterator[int]:
    """Run an IMAP server with an empty mailbox for `care`; yields its port."""
    port = free_port()
    command = [sys.executable, "-c", "from pymap.main import main; main()"]
    command += ["--host", HOST, "--port", str(port)]
    command += ["--no-tls", "--no-service", "admin", "dict"]
    command += ["--demo-user", USER, "--demo-password", PASSWORD]
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and a locked package
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        _await_port(port, process)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=10)


def deliver(port: int, mails: list[bytes]) -> None:
    """Put mails into the inbox, as the agency's mail server would."""
    with IMAPClient(HOST, port, ssl=False, use_uid=True) as client:
        client.login(USER, PASSWORD)
        for mail in mails:
            sent = email.message_from_bytes(mail)["Date"]
            received = email.utils.parsedate_to_datetime(sent) if sent else None
            client.append("INBOX", mail, msg_time=received)


class Postman:
    """Delivers what the helpdesk sends: to the care mailbox, or to the participants' Maildir.

    `delivered` lists (recipient, message) in the order of arrival.
    """

    def __init__(self, care: str, imap_port: int, folder: Path) -> None:
        self._care = care
        self._imap_port = imap_port
        self._maildir = mailbox.Maildir(folder)
        self._lock = threading.Lock()
        self.delivered: list[tuple[str, email.message.Message]] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: ANN401, N802 - aiosmtpd names it
        content = bytes(envelope.content)
        for recipient in envelope.rcpt_tos:
            if recipient.lower() == self._care:
                deliver(self._imap_port, [content])
                continue
            message = email.message_from_bytes(content)
            with self._lock:
                self._maildir.add(content)
                self.delivered.append((recipient, message))
        return "250 delivered"


@contextmanager
def smtp(postman: Postman, port: int = 0) -> Iterator[int]:
    """Run an SMTP server that hands its mail to `postman`; yields its port."""
    controller = Controller(postman, hostname=HOST, port=port or free_port(), ident="demo")
    controller.start()
    try:
        yield int(controller.port)
    finally:
        controller.stop()


def await_true(look: Callable[[], bool], *, for_s: float, what: str) -> None:
    """Wait until `look` says yes.

    Raises:
        HelpdeskError: it did not within `for_s` seconds; the text names `what`.
    """
    until = time.monotonic() + for_s
    while time.monotonic() < until:
        if look():
            return
        time.sleep(0.05)
    msg = f"{what} did not happen within {for_s:.0f} seconds"
    raise HelpdeskError(msg)


def listens(port: int) -> bool:
    """Tell whether somebody listens on this port of loopback."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex((HOST, port)) == 0


def _await_port(port: int, process: subprocess.Popen[bytes]) -> None:
    def up() -> bool:
        if process.poll() is not None:
            msg = "the demo's IMAP server ended at once"
            raise HelpdeskError(msg)
        return listens(port)

    await_true(up, for_s=_START_S, what="the start of the demo's IMAP server")
