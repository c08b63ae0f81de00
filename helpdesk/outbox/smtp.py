"""Hand one reply to the mail server, knowing at every moment whether it may have been accepted."""

import contextlib
import re
import smtplib
import socket
import ssl
from dataclasses import dataclass, field

from helpdesk.outbox.states import Outcome, OutcomeKind, Phase, cover, kind_of
from helpdesk.settings import Smtp

_QUIT_TIMEOUT_S = 2.0  # the reply is accepted by then: nothing to wait for but good manners
_LINE_DOT = re.compile(rb"(?m)^\.")


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One frozen reply on its way out; `attempt` tells this try from every other."""

    delivery_id: int
    attempt: int
    sender: str
    recipient: str = field(repr=False)
    content: bytes = field(repr=False)


def send(outgoing: Outgoing, conf: Smtp) -> Outcome:
    """Transmit the reply and say what became of it.

    Until the final dot leaves, whatever happens means *not accepted*. From then on only the
    server's own reply counts: no reply, or one that makes no sense, is *unknown* (RFC 1047).
    Takes at most `timeout_s` a step and `final_timeout_s` for the last reply.

    Never raises.
    """
    call = _Call(outgoing, conf)
    try:
        return call.make()
    except smtplib.SMTPResponseException as error:
        return call.answered(error.smtp_code, error.smtp_error)
    except (OSError, smtplib.SMTPException, ValueError) as error:
        return call.cut_off(error)
    finally:
        call.hang_up()


class _Call:
    """One conversation with the server and how far it has come."""

    def __init__(self, outgoing: Outgoing, conf: Smtp) -> None:
        self._outgoing = outgoing
        self._conf = conf
        self._phase = Phase.CONNECT
        self._server: smtplib.SMTP | None = None

    def make(self) -> Outcome:
        if not self._conf.host:
            return self._outcome(OutcomeKind.NOT_SENT, text="no mail server is set (smtp.host)")
        server = self._server = self._connect()
        self._introduce(server)
        self._phase = Phase.MAIL
        self._expect(250, server.mail(self._outgoing.sender, self._size_option(server)))
        self._phase = Phase.RCPT
        self._expect(250, server.rcpt(self._outgoing.recipient))
        self._phase = Phase.DATA
        self._expect(354, server.docmd("DATA"))
        self._phase = Phase.CONTENT
        server.send(_LINE_DOT.sub(b"..", self._outgoing.content))
        return self._end(server)

    def answered(self, code: int, text: bytes | str) -> Outcome:
        if self._phase is Phase.FINAL:  # smtplib's own complaint about a reply, not the reply
            return self._outcome(OutcomeKind.UNKNOWN, text="the server's reply makes no sense")
        return self._outcome(kind_of(self._phase, code), code, text)

    def cut_off(self, error: Exception) -> Outcome:
        if self._phase is Phase.FINAL:
            return self._outcome(OutcomeKind.UNKNOWN, text=_in_words(error))
        if isinstance(error, ssl.SSLError) and self._phase is Phase.CONNECT:
            self._phase = Phase.TLS
        if self._phase in {Phase.TLS, Phase.LOGIN}:  # for an operator to mend
            return self._outcome(OutcomeKind.REFUSED_FOR_NOW, text=_in_words(error))
        return self._outcome(OutcomeKind.NOT_SENT, text=_in_words(error))

    def hang_up(self) -> None:
        if self._server is None:
            return
        with contextlib.suppress(OSError, smtplib.SMTPException, ValueError):
            if self._server.sock is not None and self._phase is not Phase.CONTENT:
                self._server.sock.settimeout(_QUIT_TIMEOUT_S)
                self._server.quit()
        self._server.close()

    def _connect(self) -> smtplib.SMTP:
        host, port, timeout_s = self._conf.host, self._conf.port, self._conf.timeout_s
        # Naming ourselves spares smtplib a look-up of our own name, which can take seconds.
        if self._conf.security != "tls":
            return smtplib.SMTP(host, port, local_hostname="localhost", timeout=timeout_s)
        context = self._tls()
        return smtplib.SMTP_SSL(
            host, port, local_hostname="localhost", timeout=timeout_s, context=context
        )

    def _introduce(self, server: smtplib.SMTP) -> None:
        self._phase = Phase.HELLO
        if server.sock is None:
            raise smtplib.SMTPServerDisconnected
        server.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        server.local_hostname = _address_literal(server.sock.getsockname()[0])
        server.ehlo_or_helo_if_needed()
        if self._conf.security == "starttls":
            self._phase = Phase.TLS
            server.starttls(context=self._tls())
            self._phase = Phase.HELLO
            server.ehlo_or_helo_if_needed()
        if self._conf.username:
            self._phase = Phase.LOGIN
            server.login(self._conf.username, self._conf.password)

    def _tls(self) -> ssl.SSLContext:
        before, self._phase = self._phase, Phase.TLS
        try:
            context = ssl.create_default_context(cafile=self._conf.ca_file or None)
        except OSError as error:
            msg = "the certificates in smtp.ca_file cannot be read"
            raise smtplib.SMTPException(msg) from error
        self._phase = before
        return context

    def _size_option(self, server: smtplib.SMTP) -> list[str]:
        """Let the server refuse by size before anything is sent (RFC 1870)."""
        return [f"SIZE={len(self._outgoing.content)}"] if server.has_extn("size") else []

    def _expect(self, code: int, reply: tuple[int, bytes]) -> None:
        # 251 and 252 after RCPT, 235 and the like: the family is what counts (RFC 5321 §4.2.1).
        if reply[0] // 100 != code // 100:
            raise smtplib.SMTPResponseException(*reply)

    def _end(self, server: smtplib.SMTP) -> Outcome:
        """Send the final dot by itself: what breaks before it is certainly not accepted."""
        if server.sock is None:
            raise smtplib.SMTPServerDisconnected
        server.sock.settimeout(self._conf.final_timeout_s)
        self._phase = Phase.FINAL
        server.send(b".\r\n")
        code, text = server.getreply()
        if code // 100 == 2:
            return self._outcome(OutcomeKind.ACCEPTED, code, text)
        return self._outcome(kind_of(Phase.FINAL, code), code, text)

    def _outcome(
        self, kind: OutcomeKind, code: int | None = None, text: bytes | str = ""
    ) -> Outcome:
        words = text.decode("ascii", "replace") if isinstance(text, bytes) else text
        return Outcome(kind, self._phase, self._outgoing.attempt, code, cover(words))


def _address_literal(ip: str) -> str:
    return f"[IPv6:{ip.partition('%')[0]}]" if ":" in ip else f"[{ip}]"


def _in_words(error: Exception) -> str:
    """Say what broke, in the library's words where these are meant for people."""
    match error:
        case ssl.SSLCertVerificationError():
            said = f"the server's certificate is not trusted: {error.verify_message}"
        case ssl.SSLError():
            said = f"TLS failed: {error.reason}"
        case TimeoutError():
            said = "no answer in time"
        case smtplib.SMTPException():  # "STARTTLS extension not supported by server." and the like
            said = str(error)
        case OSError():
            said = error.strerror or ""
        case _:
            said = ""
    return said or type(error).__name__
