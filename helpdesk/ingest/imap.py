"""One IMAP connection: opened, read without marking anything, and explained when it fails."""

import datetime as dt
import logging
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import CapabilityError, IMAPClientAbortError, LoginError

from helpdesk.errors import HelpdeskError, PermanentError, TransientError
from helpdesk.settings import Ingest, Mailbox

KEYWORD = "$Ingested"
CHUNK_BYTES = 1 << 20  # 60 MB at once costs 183 MB of memory, in pieces of this size 4 MB

_LIST_WINDOW = 50_000  # imaplib refuses a line of more than a million bytes
_FIRST_BYTES = "BODY.PEEK[]<{}.{}>"
_CERTIFICATE = {
    9: "the certificate of {host} is not valid yet; is the clock of this machine right?",
    10: "the certificate of {host} has expired",
    18: "the certificate of {host} is self-signed; name it in ca_file if that is meant",
    19: "the certificate of {host} ends in an unknown authority; name that in ca_file",
    20: "the certificate of {host} is from an unknown authority; name that in ca_file",
    62: "the certificate of {host} is for another name",
    64: "the certificate of {host} is for another address",
}

logging.getLogger("imapclient").setLevel(logging.WARNING)  # its DEBUG quotes the mail


class ConnectionLostError(TransientError):
    """The connection is gone; a new one may work."""


class RefusedError(PermanentError):
    """The server refused one command, or answered what cannot be used."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A selected folder as it is now."""

    uidvalidity: int
    uidnext: int | None
    exists: int


@dataclass(frozen=True, slots=True)
class Listed:
    """What the server says of one mail; `received_at` is its INTERNALDATE, aware."""

    uid: int
    size_bytes: int
    received_at: dt.datetime | None


class Connection:
    """A logged-in session with one server.

    Every method raises `ConnectionLostError` or `RefusedError` and nothing else, except where the
    settings are wrong (`PermanentError`). The texts name the server, never a mail or a person.
    """

    def __init__(self, client: IMAPClient, box: Mailbox) -> None:
        self._client = client
        self._box = box

    def select(self, *, readonly: bool) -> Folder:
        """Open the folder.

        Raises:
            PermanentError: there is no such folder.
        """
        try:
            with self._explained("opening the folder"):
                answer = self._client.select_folder(self._box.folder, readonly=readonly)
                return Folder(
                    int(answer[b"UIDVALIDITY"]),
                    int(answer[b"UIDNEXT"]) if b"UIDNEXT" in answer else None,
                    int(answer[b"EXISTS"]),
                )
        except RefusedError as error:
            msg = f"mailbox {self._box.name}: the server cannot open folder {self._box.folder}"
            raise PermanentError(msg) from error

    def uids(self, exists: int) -> set[int]:
        """List every UID of the folder."""
        found: set[int] = set()
        with self._explained("listing the folder"):
            for first in range(1, max(exists, 1) + 1, _LIST_WINDOW):
                last = first + _LIST_WINDOW - 1
                window = f"{first}:{last if last < exists else '*'}"
                found.update(self._client.search(window) if exists else ())
        return found

    def uids_after(self, last: int) -> set[int]:
        """List the UIDs above `last`; the server names its newest one even when there is none."""
        with self._explained("listing new mail"):
            return {uid for uid in self._client.search(f"UID {last + 1}:*") if uid > last}

    def listed(self, uids: Sequence[int]) -> list[Listed]:
        """Ask for size and time of arrival; mails that vanished are left out."""
        with self._explained("asking for sizes"):
            answer = self._client.fetch(uids, ["RFC822.SIZE", "INTERNALDATE"])
            return [
                Listed(uid, int(answer[uid][b"RFC822.SIZE"]), answer[uid].get(b"INTERNALDATE"))
                for uid in uids
                if answer.get(uid, {}).get(b"RFC822.SIZE") is not None
            ]

    def bodies(self, uids: Sequence[int]) -> dict[int, bytes]:
        """Fetch whole mails; None for a body means that the mail vanished, and it is left out."""
        with self._explained("fetching mail"):
            answer = self._client.fetch(uids, ["BODY.PEEK[]"])
            bodies = {uid: answer[uid].get(b"BODY[]") for uid in uids if uid in answer}
            return {uid: bytes(body) for uid, body in bodies.items() if body is not None}

    def chunks(self, uid: int, *, limit: int | None = None) -> Iterator[bytes]:
        """Fetch one mail in pieces, at most its first `limit` bytes.

        Nothing is yielded for a mail that vanished before the first piece.
        """
        start = 0
        while limit is None or start < limit:
            size = CHUNK_BYTES if limit is None else min(CHUNK_BYTES, limit - start)
            with self._explained("fetching a large mail"):
                piece = self._piece(uid, start, size)
            if not piece:
                return
            yield piece
            if len(piece) < size:  # the size the server gave may be wrong, a short piece is not
                return
            start += len(piece)

    def mark(self, uids: Sequence[int]) -> None:
        """Tell the server that these mails are safe with us, in the way the settings ask for."""
        with self._explained(
            "marking mail as read" if self._box.after == "flag" else "moving mail"
        ):
            if self._box.after == "move":
                self._move(uids)
            elif self._box.after == "flag":
                try:
                    self._client.add_flags(uids, ["\\Seen", KEYWORD], silent=True)
                except IMAPClientAbortError:
                    raise
                except self._client.Error:  # keywords refused: the flag everybody has will do
                    self._client.add_flags(uids, ["\\Seen"], silent=True)

    def _piece(self, uid: int, start: int, size: int) -> bytes:
        answer = self._client.fetch([uid], [_FIRST_BYTES.format(start, size)])
        piece = answer.get(uid, {}).get(b"BODY[]<%d>" % start)
        return bytes(piece or b"")

    def _move(self, uids: Sequence[int]) -> None:
        client, target = self._client, self._box.move_to
        if not client.folder_exists(target):
            client.create_folder(target)
        if client.has_capability("MOVE"):
            client.move(uids, target)
            return
        client.copy(uids, target)
        client.add_flags(uids, ["\\Deleted"], silent=True)
        if client.has_capability("UIDPLUS"):  # a plain EXPUNGE would take other people's mail too
            client.uid_expunge(uids)

    @contextmanager
    def _explained(self, doing: str) -> Iterator[None]:
        try:
            yield
        except (OSError, IMAPClientAbortError) as error:
            msg = (
                f"mailbox {self._box.name}: the connection to {self._box.host} broke off ({doing})"
            )
            raise ConnectionLostError(msg) from error
        # Whatever a library makes of a server's odd answer (IndexError has been seen) is an answer
        # that cannot be used, and the next mail must not suffer for it.
        except Exception as error:
            msg = f"mailbox {self._box.name}: {self._box.host} gave no usable answer ({doing})"
            raise RefusedError(msg) from error


@contextmanager
def connected(box: Mailbox, conf: Ingest) -> Iterator[Connection]:
    """Log in, and close the connection whatever happens.

    Raises:
        TransientError: the server cannot be reached or does not answer, for now.
        PermanentError: login, certificate or settings are wrong; a person has to change something.
    """
    client = opened(box, conf)
    try:
        yield Connection(client, box)
        with suppress(Exception):
            client.logout()
    finally:
        close(client)


def opened(box: Mailbox, conf: Ingest) -> IMAPClient:
    """Connect and log in; raises as `connected` does."""
    try:
        context = _context(box)
        client = IMAPClient(
            box.host,
            box.port,
            ssl=box.security == "tls",
            ssl_context=context,
            timeout=SocketTimeout(connect=conf.connect_timeout_s, read=conf.read_timeout_s),
        )
    except Exception as error:
        raise _explain(error, box, conf) from error
    try:
        _log_in(client, box, context)
    except Exception as error:
        close(client)
        raise _explain(error, box, conf) from error
    return client


def close(client: IMAPClient) -> None:
    """Close the socket without a word: a farewell can wait for ever on a dead connection."""
    with suppress(OSError, AttributeError):
        client.shutdown()


def _context(box: Mailbox) -> ssl.SSLContext | None:
    if box.security == "none":
        return None
    try:
        return ssl.create_default_context(cafile=box.ca_file or None)
    except (OSError, ssl.SSLError) as error:
        msg = f"mailbox {box.name}: ca_file cannot be read as certificates"
        raise PermanentError(msg) from error


def _log_in(client: IMAPClient, box: Mailbox, context: ssl.SSLContext | None) -> None:
    client.normalise_times = False  # else INTERNALDATE comes as naive local time
    client._imap.debug = 0  # noqa: SLF001 - it formats every line for a log that is off
    client.socket().setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if box.security == "starttls":
        client.starttls(context)
    if client.has_capability("LOGINDISABLED"):
        msg = f"mailbox {box.name}: {box.host} allows no login without TLS; set security"
        raise PermanentError(msg)
    if box.username.isascii() and box.password.isascii():
        client.login(box.username, box.password)
    else:
        client.plain_login(box.username, box.password)  # LOGIN carries ASCII only


def _explain(error: Exception, box: Mailbox, conf: Ingest) -> HelpdeskError:
    """Turn what opening a connection raised into one sentence for a person."""
    if isinstance(error, HelpdeskError):
        return error
    if isinstance(error, LoginError):
        return _explain_login(error, box)
    what = _explain_tls(error, box) if isinstance(error, ssl.SSLError) else None
    if what is not None:
        return PermanentError(f"mailbox {box.name}: {what}")
    if isinstance(error, CapabilityError):
        return PermanentError(f"mailbox {box.name}: {box.host} does not offer STARTTLS")
    return TransientError(f"mailbox {box.name}: {_explain_network(error, box, conf)}")


def _explain_login(error: LoginError, box: Mailbox) -> HelpdeskError:
    if any(code in str(error) for code in ("UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG")):
        return TransientError(f"mailbox {box.name}: {box.host} takes no logins for now")
    return PermanentError(f"mailbox {box.name}: {box.host} refused the user name or password")


def _explain_tls(error: ssl.SSLError, box: Mailbox) -> str | None:
    if isinstance(error, ssl.SSLCertVerificationError):
        default = "the certificate of {host} cannot be trusted"
        return _CERTIFICATE.get(error.verify_code, default).format(host=box.host)
    if error.reason in {"WRONG_VERSION_NUMBER", "UNKNOWN_PROTOCOL", "HTTP_REQUEST"}:
        return f"{box.host}:{box.port} does not speak TLS; check port and security"
    return None


def _explain_network(error: Exception, box: Mailbox, conf: Ingest) -> str:
    where = f"{box.host}:{box.port}"
    reason = getattr(error, "strerror", None) or type(error).__name__
    known: tuple[tuple[type[Exception], str], ...] = (  # the more exact ones first
        (socket.gaierror, f"the server name {box.host} is not known"),
        (ConnectionRefusedError, f"nothing listens at {where}"),
        (TimeoutError, f"{where} did not answer within {conf.connect_timeout_s:g} s"),
        (ssl.SSLError, f"the TLS connection to {where} failed"),
        (IMAPClientAbortError, f"{where} closed the connection; check port and security"),
        (OSError, f"{where} cannot be reached ({reason})"),
    )
    unusable = f"{where} gave no usable answer"
    return next((text for kind, text in known if isinstance(error, kind)), unusable)
