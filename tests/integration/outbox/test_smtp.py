"""Every way a mail server can answer, or fail to, against a real one on loopback."""

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from helpdesk.outbox import smtp
from helpdesk.outbox.smtp import Outgoing
from helpdesk.outbox.states import Outcome, OutcomeKind, Phase
from helpdesk.settings import Smtp
from tests.servers import smtp as servers
from tests.servers.smtp import Script, ScriptedSmtp

OUTGOING = Outgoing(
    delivery_id=1,
    attempt=3,
    sender="care@example.org",
    recipient="budi@example.com",
    content=b"From: <care@example.org>\r\nTo: budi@example.com\r\n\r\nHalo\r\n.\r\n..\r\n.x\r\n",
)


def test_an_accepted_reply_is_stored_byte_for_byte():
    with servers.running() as server:
        outcome = smtp.send(OUTGOING, plain(server))
    assert outcome == Outcome(OutcomeKind.ACCEPTED, Phase.FINAL, 3, 250, "2.0.0 stored")
    assert server.stored == [("budi@example.com", OUTGOING.content)]
    assert server.senders == ["care@example.org"]


@pytest.mark.parametrize(
    ("script", "kind", "phase", "code"),
    [
        (Script.TEMPFAIL, OutcomeKind.REFUSED_FOR_NOW, Phase.FINAL, 451),
        (Script.REFUSE, OutcomeKind.REFUSED, Phase.FINAL, 554),
        (Script.RCPT_REFUSED, OutcomeKind.REFUSED, Phase.RCPT, 550),
        (Script.RCPT_GREYLISTED, OutcomeKind.REFUSED_FOR_NOW, Phase.RCPT, 450),
        (Script.SENDER_REFUSED, OutcomeKind.REFUSED, Phase.MAIL, 550),
        (Script.CUT_BEFORE_DATA, OutcomeKind.NOT_SENT, Phase.DATA, None),
        (Script.CUT_IN_DATA, OutcomeKind.NOT_SENT, Phase.CONTENT, None),
        (Script.BUSY, OutcomeKind.REFUSED_FOR_NOW, Phase.CONNECT, 421),
    ],
    ids=str,
)
def test_what_is_not_accepted_is_known_not_to_be(script, kind, phase, code):
    with servers.running(script) as server:
        outcome = smtp.send(LARGE, plain(server))
    assert (outcome.kind, outcome.phase, outcome.code) == (kind, phase, code)
    assert server.stored == []


@pytest.mark.parametrize(
    "script", [Script.LATE, Script.CUT_AFTER_DOT, Script.LONG_ANSWER, Script.NONSENSE]
)
def test_after_the_final_dot_only_a_plain_answer_is_believed(script):
    with servers.running(script, late_s=1.5) as server:
        outcome = smtp.send(OUTGOING, plain(server, final_timeout_s=0.5))
    assert (outcome.kind, outcome.phase) == (OutcomeKind.UNKNOWN, Phase.FINAL)
    assert len(server.stored) == 1


def test_the_last_answer_may_take_longer_than_every_other():
    with servers.running(Script.LATE, late_s=1.0) as server:
        outcome = smtp.send(OUTGOING, plain(server, timeout_s=0.5, final_timeout_s=10))
    assert outcome.kind is OutcomeKind.ACCEPTED


def test_a_server_that_hangs_up_on_goodbye_has_accepted_all_the_same():
    with servers.running(Script.CUT_AT_QUIT) as server:
        outcome = smtp.send(OUTGOING, plain(server))
    assert outcome.kind is OutcomeKind.ACCEPTED


def test_a_server_that_never_speaks_costs_one_timeout():
    with servers.silent() as server:
        outcome = smtp.send(OUTGOING, plain(server, timeout_s=0.3))
    assert (outcome.kind, outcome.phase) == (OutcomeKind.NOT_SENT, Phase.CONNECT)
    assert not outcome.counts


def test_a_port_nobody_listens_on_is_said_in_words(port: Callable[[], int]):
    outcome = smtp.send(OUTGOING, Smtp(host="127.0.0.1", port=port(), security="none"))
    assert outcome.words == "connect: Connection refused"


def test_without_a_server_in_the_settings_the_setting_is_named():
    outcome = smtp.send(OUTGOING, Smtp())
    assert (outcome.kind, outcome.counts) == (OutcomeKind.NOT_SENT, False)
    assert "smtp.host" in outcome.text


def test_addresses_in_the_answer_are_covered():
    with servers.running(Script.RCPT_REFUSED) as server:
        outcome = smtp.send(OUTGOING, plain(server))
    assert outcome.words == "rcpt: 550 5.1.1 <[…]> no such user"


@pytest.mark.parametrize("implicit", [False, True], ids=["starttls", "tls"])
def test_login_over_tls_with_a_certificate_of_our_own(tmp_path: Path, implicit: bool):
    pem = servers.certificate(tmp_path)
    with secured(pem, implicit) as server:
        outcome = smtp.send(OUTGOING, with_tls(server, pem, implicit))
    assert outcome.kind is OutcomeKind.ACCEPTED
    assert server.logins == [b"care"]


@pytest.mark.parametrize("implicit", [False, True], ids=["starttls", "tls"])
def test_an_unknown_certificate_is_refused_and_the_reply_waits(tmp_path: Path, implicit: bool):
    with secured(servers.certificate(tmp_path), implicit) as server:
        outcome = smtp.send(OUTGOING, with_tls(server, None, implicit))
    assert (outcome.kind, outcome.phase) == (OutcomeKind.REFUSED_FOR_NOW, Phase.TLS)
    assert "not trusted" in outcome.text
    assert server.stored == []


@pytest.mark.parametrize(
    ("made", "words"),
    [({"days": -1}, "certificate has expired"), ({"host": "mail.example.org"}, "IP address")],
    ids=["expired", "other name"],
)
def test_a_wrong_certificate_is_named(tmp_path: Path, made, words):
    pem = servers.certificate(tmp_path, **made)
    with secured(pem, implicit=False) as server:
        outcome = smtp.send(OUTGOING, with_tls(server, pem, implicit=False))
    assert (outcome.kind, outcome.counts) == (OutcomeKind.REFUSED_FOR_NOW, False)
    assert words in outcome.text


def test_a_file_of_certificates_that_is_not_there_is_named(tmp_path: Path):
    with servers.running() as server:
        outcome = smtp.send(OUTGOING, with_tls(server, tmp_path / "none.pem", implicit=False))
    assert (outcome.kind, outcome.phase) == (OutcomeKind.REFUSED_FOR_NOW, Phase.TLS)
    assert "smtp.ca_file" in outcome.text


def test_starttls_that_is_not_offered_is_not_done_without():
    with servers.running() as server:
        outcome = smtp.send(OUTGOING, plain(server, security="starttls"))
    assert (outcome.kind, outcome.phase) == (OutcomeKind.REFUSED_FOR_NOW, Phase.TLS)
    assert server.stored == []


@pytest.mark.parametrize("password", ["wrong", "salah-é", ""])
def test_a_wrong_password_does_not_use_up_the_reply(password: str):
    with servers.running(login=("care", "secret")) as server:
        outcome = smtp.send(OUTGOING, plain(server, username="care", password=password))
    assert (outcome.kind, outcome.phase) == (OutcomeKind.REFUSED_FOR_NOW, Phase.LOGIN)
    assert not outcome.counts


def test_a_forgotten_login_does_not_use_up_the_reply():
    with servers.running(login=("care", "secret")) as server:
        outcome = smtp.send(OUTGOING, plain(server))
    assert (outcome.kind, outcome.code, outcome.counts) == (
        OutcomeKind.REFUSED_FOR_NOW, 530, False,
    )  # fmt: skip


def test_a_login_the_server_does_not_know_is_said():
    with servers.running() as server:
        outcome = smtp.send(OUTGOING, plain(server, username="care", password="secret"))
    assert outcome.words == "login: SMTP AUTH extension not supported by server."


def test_no_socket_is_left_open_whatever_happens(monkeypatch: pytest.MonkeyPatch):
    opened: list[socket.socket] = []
    real = socket.create_connection
    monkeypatch.setattr(
        socket, "create_connection", lambda *a, **k: opened.append(real(*a, **k)) or opened[-1]
    )
    for script in Script:
        with servers.running(script, late_s=0.4) as server:
            smtp.send(OUTGOING, plain(server, final_timeout_s=0.2))
    assert opened
    assert all(each.fileno() == -1 for each in opened)


LARGE = Outgoing(
    delivery_id=1,
    attempt=1,
    sender="care@example.org",
    recipient="budi@example.com",
    content=b"To: budi@example.com\r\n\r\n" + b"Halo, ini balasan kami.\r\n" * 400_000,
)


def plain(server: ScriptedSmtp, **changed) -> Smtp:
    fields = {"timeout_s": 5, "final_timeout_s": 20, "security": "none"} | changed
    return Smtp(host=server.host, port=server.port, **fields)


def with_tls(server: ScriptedSmtp, trusted: Path | None, implicit: bool) -> Smtp:
    return plain(
        server,
        security="tls" if implicit else "starttls",
        ca_file=str(trusted or ""),
        username="care",
        password="secret",
    )


def secured(pem: Path, implicit: bool):
    return servers.running(
        tls=servers.server_tls(pem), implicit_tls=implicit, login=("care", "secret")
    )
