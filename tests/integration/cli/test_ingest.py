"""`helpdesk ingest` and `tickets`: what cannot be read is told, and everything else goes on."""

import json
import mailbox
import os

import pytest

from tests.nasty import nasty

pytestmark = pytest.mark.usefixtures("ready")

CLAIM = b"Nama: Siti Contoh\nTTL: Garut, 5 Mei 1988\nNIK: 3205004505889001\n"


def letter(number: int) -> bytes:
    return (
        b"From: Siti Contoh <siti%d@example.org>\nTo: care@example.org\nSubject: Lupa KPJ\n"
        b"Message-ID: <%d@example.org>\n\n" % (number, number)
    ) + CLAIM


@pytest.fixture
def mails(tmp_path):
    """A folder with an .eml, an mbox, a Maildir and a file that is no mail: six letters."""
    folder = tmp_path / "mails"
    folder.mkdir()
    (folder / "1.eml").write_bytes(letter(1))
    (folder / "notes.xlsx").write_bytes(b"PK\x03\x04 no mail")
    box = mailbox.mbox(folder / "2.mbox")
    for number in (2, 3):
        box.add(letter(number))
    box.close()
    maildir = mailbox.Maildir(folder / "3")
    for number in (4, 5, 6):
        maildir.add(letter(number))
    return folder


@pytest.fixture
def boxes(environ, dovecot):
    """Settings of two mailboxes on the real server, `care` and `info`, each with one letter."""
    for number, name in enumerate(("care", "info")):
        dovecot.append([letter(number)], user=name)
        for key in ("host", "port", "security", "username", "password"):
            value = getattr(dovecot.box(name), key)
            environ[f"HELPDESK_MAILBOX_{name.upper()}_{key.upper()}"] = str(value)
    return environ


def test_mail_in_files_of_any_kind_becomes_tickets_once(run, mails):
    first, second = run("ingest", "eml", mails), run("ingest", "eml", mails)
    assert (first.code, first.out, first.err) == (0, "6 new, 0 known already\n", "")
    assert (second.code, second.out, second.err) == (0, "0 new, 6 known already\n", "")


def test_tickets_are_json_lines_with_every_promised_key(run, mails):
    run("ingest", "eml", mails / "1.eml")
    [ticket] = map(json.loads, run("tickets", "--json").lines)
    assert ticket.keys() >= {
        *("id", "channel", "status", "subject", "contact", "message_count", "message_ids"),
        *("claims", "candidates", "disclosure", "approvals", "draft"),
    }
    assert (ticket["message_ids"], ticket["message_count"]) == (["1@example.org"], 1)
    assert ticket["claims"][0]["nik"] == "3205004505889001"
    assert isinstance(ticket["draft"], str)


def test_left_to_the_workers_nothing_is_a_ticket_yet(run, mails):
    assert run("ingest", "eml", "--queue", mails).out == "6 new, 0 known already\n"
    assert run("tickets", "--json").out == ""


def test_paths_that_are_no_mail_are_told_and_the_others_read(run, mails):
    done = run("ingest", "eml", "/nowhere", mails / "notes.xlsx", mails / "1.eml")
    assert (done.code, done.out) == (1, "1 new, 0 known already\n")
    assert done.err.splitlines() == [
        "helpdesk: /nowhere: there is no such file or folder",
        f"helpdesk: {mails}/notes.xlsx: this is not mail; expected .eml, mbox or Maildir",
    ]


def test_tickets_of_nasty_mail_do_no_harm_to_a_terminal(run, tmp_path):
    (tmp_path / "nasty.eml").write_bytes(nasty()["nul-in-header"])
    run("ingest", "eml", tmp_path / "nasty.eml")
    [line] = run("tickets").lines
    assert line.replace("\t", " ").isprintable()


def test_a_broker_that_is_away_delays_nothing_that_is_done_here(run, mails):
    done = run("ingest", "eml", mails, BROKER_URL="amqp://127.0.0.1:1//")
    assert (done.code, done.out, done.err) == (0, "6 new, 0 known already\n", "")


def test_without_a_mailbox_there_is_nothing_to_poll(run):
    assert run("ingest", "mailbox", "--once").refusal.startswith("no mailbox is configured; add")


def test_two_mailboxes_are_polled_and_worked_off(run, boxes):
    done = run("ingest", "mailbox", "--once")
    assert (done.code, done.out, done.err) == (0, "care: 1 new\ninfo: 1 new\n", "")
    assert len(run("tickets").lines) == 2
    assert run("ingest", "mailbox", "--once").out == "care: 0 new\ninfo: 0 new\n"


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("PORT", "1", "mailbox care: nothing listens at 127.0.0.1:1"),
        ("PASSWORD", "wrong", "mailbox care: 127.0.0.1 refused the user name or password"),
        ("FOLDER", "Nowhere", "mailbox care: the server cannot open folder Nowhere"),
        ("HOST", "no.such.host.invalid", "mailbox care: the server name no.such.host.invalid is"),
        ("SECURITY", "starttls", "mailbox care: 127.0.0.1 does not offer STARTTLS"),
    ],
    ids=["port", "password", "folder", "name", "starttls"],
)
def test_one_mailbox_in_trouble_is_told_and_the_other_is_read(run, boxes, setting, value, said):
    done = run("ingest", "mailbox", "--once", **{f"MAILBOX_CARE_{setting}": value})
    assert (done.code, done.out) == (1, "care: 0 new\ninfo: 1 new\n")
    assert done.err.startswith(f"helpdesk: {said}")
    assert done.err.count("\n") == 1
    assert len(run("tickets").lines) == 1


def test_an_expired_certificate_is_told_and_the_other_mailbox_read(
    run,
    boxes,
    expired_dovecot,
):
    ca_file = expired_dovecot.root / "cert.pem"
    settings = {"PORT": expired_dovecot.tls_port, "SECURITY": "tls", "CA_FILE": ca_file}
    done = run(
        "ingest",
        "mailbox",
        "--once",
        **{f"MAILBOX_CARE_{name}": value for name, value in settings.items()},
    )
    assert (done.code, done.out) == (1, "care: 0 new\ninfo: 1 new\n")
    assert "the certificate of 127.0.0.1 has expired" in done.err


def test_mail_that_cannot_be_read_from_disk_is_told(run, mails):
    if os.getuid() == 0:
        (mails / "1.eml").unlink()
        (mails / "1.eml").symlink_to(mails / "1.eml")  # root may read anything, but not this
    else:
        (mails / "1.eml").chmod(0)
    done = run("ingest", "eml", mails / "1.eml")
    assert (done.code, done.out) == (1, "0 new, 0 known already\n")
    assert "1.eml: cannot be read: " in done.err
