"""Polling real servers: everything arrives once, and every trouble gets one clear sentence."""

import datetime as dt
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import func, select

from helpdesk import clock, work
from helpdesk.db import Database
from helpdesk.ingest import mailbox
from helpdesk.jobs import JobRow
from helpdesk.leases import acquire
from helpdesk.settings import Settings
from helpdesk.tickets.models import Mailbox, MailboxMessage, RawMessage
from tests.conftest import free_port
from tests.integration.ingest.conftest import CONF, mail
from tests.servers.dovecot import Dovecot
from tests.servers.pymap import Pymap


def count(database: Database, table: type) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(table))


def test_every_mail_is_stored_with_its_job(database, blobs, dovecot: Dovecot):
    dovecot.append(mail(n) for n in range(120))

    report = mailbox.poll(database, dovecot.box(), CONF, blobs, holder="test")

    assert report == mailbox.PollReport("care", stored=120, seen=120)
    assert count(database, RawMessage) == count(database, JobRow) == 120


def test_bytes_are_kept_as_the_server_gave_them(poll, sqlite_database, blobs, dovecot: Dovecot):
    dovecot.append([mail(1)])

    poll(dovecot.box())

    with sqlite_database.reading() as session:
        assert blobs.read(session, session.scalar(select(RawMessage.sha256))) == mail(1)


def test_second_poll_fetches_only_what_is_new(poll, dovecot: Dovecot):
    dovecot.append([mail(1)])
    poll(dovecot.box())
    dovecot.append([mail(2)])

    report = poll(dovecot.box())

    assert (report.stored, report.seen) == (1, 1)


def test_mail_is_marked_only_after_it_is_safe(poll, dovecot: Dovecot):
    dovecot.append([mail(1), mail(2)])

    poll(dovecot.box())

    assert len(dovecot.uids(search="SEEN KEYWORD $Ingested")) == 2


def test_keep_leaves_no_trace_on_the_server(poll, dovecot: Dovecot):
    dovecot.append([mail(1)])

    report = poll(dovecot.box(after="keep"))

    assert report.stored == 1
    assert dovecot.uids(search="UNSEEN UNKEYWORD $Ingested") == [1]


def test_move_puts_mail_into_a_folder_it_makes(poll, dovecot: Dovecot):
    dovecot.append([mail(1), mail(2)])

    report = poll(dovecot.box(after="move", move_to="Sudah"))

    assert report.problem is None
    assert dovecot.uids() == []
    assert len(dovecot.uids(folder="Sudah")) == 2


def test_unmarked_mail_is_marked_by_the_next_full_comparison(
    poll, sqlite_database, dovecot: Dovecot
):
    dovecot.append([mail(1)])
    poll(dovecot.box(after="keep"))

    report = poll(dovecot.box(after="flag"))

    assert report.seen == 0
    assert dovecot.uids(search="KEYWORD $Ingested") == [1]
    with sqlite_database.reading() as session:
        assert session.scalars(select(MailboxMessage.flagged)).all() == [True]


def test_mail_the_cursor_missed_is_found_by_the_full_comparison(
    poll, sqlite_database, dovecot: Dovecot
):
    dovecot.append([mail(1), mail(2)])
    poll(dovecot.box())
    with sqlite_database.transaction() as tx:
        row = tx.session.get(MailboxMessage, (1, _validity(tx.session), 1))
        raw = tx.session.get(RawMessage, row.raw_id)
        tx.session.delete(row)
        tx.session.flush()
        tx.session.delete(raw)

    assert poll(dovecot.box()).stored == 1


def test_mail_flagged_deleted_is_taken_too(poll, dovecot: Dovecot):
    dovecot.append([mail(1)])
    with dovecot.client() as client:
        client.select_folder("INBOX")
        client.delete_messages([1])

    assert poll(dovecot.box()).stored == 1


def test_new_uidvalidity_adds_nothing(poll, sqlite_database, dovecot: Dovecot):
    dovecot.append(mail(n) for n in range(60))
    poll(dovecot.box())
    dovecot.doveadm("mailbox", "update", "-u", "care", "--uid-validity", "42", "INBOX")
    dovecot.append([mail(100)])

    report = poll(dovecot.box())

    assert (report.stored, report.seen) == (1, 61)
    assert count(sqlite_database, RawMessage) == 61
    assert count(sqlite_database, MailboxMessage) == 60 + 61


def test_restored_server_with_lower_uids_adds_nothing(poll, sqlite_database, dovecot: Dovecot):
    dovecot.append([mail(1), mail(2)])
    poll(dovecot.box())
    with sqlite_database.transaction() as tx:
        tx.session.get_one(Mailbox, 1).last_uid = 1_000

    report = poll(dovecot.box())

    assert (report.stored, report.seen) == (0, 2)


def test_same_mail_in_two_mailboxes_is_kept_in_both(poll, sqlite_database, dovecot: Dovecot):
    dovecot.append([mail(1)], user="care")
    dovecot.append([mail(1)], user="info")

    reports = [poll(dovecot.box("care")), poll(dovecot.box("info"))]

    assert [report.stored for report in reports] == [1, 1]
    assert count(sqlite_database, RawMessage) == 2


def test_two_pollers_at_once_store_everything_once(database, blobs, dovecot: Dovecot):
    dovecot.append(mail(n) for n in range(200))
    mailbox.poll(database, dovecot.box(), CONF, blobs, holder="test", limit=1)
    reports = []

    def run(name: str) -> None:
        reports.append(mailbox.poll(database, dovecot.box(), CONF, blobs, holder=name))

    threads = [threading.Thread(target=run, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert count(database, RawMessage) == 200
    assert any(report.stored == 200 - CONF.batch for report in reports)


def test_mailbox_another_process_polls_is_left_alone(poll, sqlite_database, dovecot: Dovecot):
    poll(dovecot.box())
    with sqlite_database.transaction() as tx:
        now = dt.datetime.now(tz=dt.UTC)
        acquire(tx.session, "mailbox:1", holder="other", ttl_s=60, now=now)

    assert poll(dovecot.box()).busy


def test_two_pollers_without_the_lease_still_store_everything_once(
    database, blobs, dovecot: Dovecot, monkeypatch
):
    dovecot.append(mail(n) for n in range(100))
    monkeypatch.setattr(mailbox.leases, "acquire", lambda *_a, **_k: True)
    monkeypatch.setattr(mailbox, "_polling", _Forgetful())

    def run() -> None:
        mailbox.poll(database, dovecot.box(), CONF, blobs, holder="test")

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert count(database, RawMessage) == count(database, JobRow) == 100


def test_mail_expunged_under_us_is_no_error(poll, dovecot: Dovecot, monkeypatch):
    dovecot.append([mail(1), mail(2), mail(3)])
    listed = mailbox.imap.Connection.listed

    def expunge_then_list(self, uids):
        answer = listed(self, uids)
        dovecot.expunge(2)
        return answer

    monkeypatch.setattr(mailbox.imap.Connection, "listed", expunge_then_list)

    report = poll(dovecot.box())

    assert (report.stored, report.failed, report.problem) == (2, 0, None)


def test_connection_cut_in_the_middle_is_made_anew(poll, dovecot: Dovecot, monkeypatch):
    dovecot.append(mail(n) for n in range(5))
    bodies, kicked = mailbox.imap.Connection.bodies, []

    def kick_once(self, uids):
        if not kicked:
            kicked.append(1)
            dovecot.doveadm("kick", "care")
        return bodies(self, uids)

    monkeypatch.setattr(mailbox.imap.Connection, "bodies", kick_once)

    report = poll(dovecot.box())

    assert (report.stored, report.failed, report.problem) == (5, 0, None)


def test_mail_that_cannot_be_fetched_does_not_hold_up_the_others(
    poll, sqlite_database, dovecot: Dovecot, monkeypatch
):
    dovecot.append(mail(n) for n in range(5))
    bodies = mailbox.imap.Connection.bodies

    def refuse_third(self, uids):
        if 3 in uids:
            raise mailbox.imap.RefusedError("no usable answer")
        return bodies(self, uids)

    with monkeypatch.context() as patch:
        patch.setattr(mailbox.imap.Connection, "bodies", refuse_third)
        report = poll(dovecot.box())
    with sqlite_database.transaction() as tx:
        row = tx.session.scalars(select(MailboxMessage).where(MailboxMessage.uid == 3)).one()
        assert (row.attempts, row.raw_id) == (1, None)
        row.next_try_at = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)

    assert (report.stored, report.failed) == (4, 1)
    assert poll(dovecot.box()).stored == 1


def test_mail_that_ends_every_connection_is_passed_over(poll, dovecot: Dovecot, monkeypatch):
    dovecot.append(mail(n) for n in range(4))
    bodies = mailbox.imap.Connection.bodies

    def cut_on_second(self, uids):
        if 2 in uids:
            dovecot.doveadm("kick", "care")
        return bodies(self, uids)

    monkeypatch.setattr(mailbox.imap.Connection, "bodies", cut_on_second)

    report = poll(dovecot.box())

    assert (report.stored, report.failed) == (3, 1)


def test_large_mail_comes_in_pieces_and_whole(poll, sqlite_database, blobs, dovecot: Dovecot):
    raw = mail(1, size=3_500_000)
    dovecot.append([raw])
    conf = _conf(large_bytes=1_000_000)

    poll(dovecot.box(), conf)

    with sqlite_database.reading() as session:
        row = session.scalars(select(RawMessage)).one()
        assert row.full_size_bytes == len(raw)
        assert blobs.read(session, row.sha256) == raw


def test_of_oversize_mail_the_beginning_is_kept(poll, sqlite_database, blobs, dovecot: Dovecot):
    raw = mail(1, size=3_000_000)
    dovecot.append([raw])
    conf = _conf(large_bytes=500_000, max_bytes=1_000_000, oversize_keep_bytes=200_000)

    poll(dovecot.box(), conf)

    with sqlite_database.reading() as session:
        row = session.scalars(select(RawMessage)).one()
        assert (row.size_bytes, row.full_size_bytes) == (200_000, len(raw))
        assert blobs.read(session, row.sha256) == raw[:200_000]


@pytest.mark.slow
def test_mail_of_60_megabytes_needs_little_memory(dovecot: Dovecot, tmp_path):
    dovecot.append([mail(1, size=60 << 20)])

    done = subprocess.run(
        [sys.executable, "-m", "tests.servers.poll_memory", str(dovecot.port), str(tmp_path)],
        check=True, capture_output=True, text=True, timeout=120,
    )  # fmt: skip

    stored, grown_bytes = map(int, done.stdout.split())
    assert stored == 1
    assert grown_bytes < 30 << 20


def test_server_without_keywords_is_no_trouble(poll, pymap: Pymap):
    pymap.append([mail(1), mail(2)])

    report = poll(pymap.box())

    assert (report.stored, report.problem) == (2, None)
    assert poll(pymap.box()).seen == 0


def test_move_works_without_dovecot(poll, pymap: Pymap):
    pymap.append([mail(1), mail(2)])

    report = poll(pymap.box(after="move", move_to="Archive"))

    assert (report.stored, report.problem) == (2, None)
    assert poll(pymap.box()).seen == 0


TROUBLE = {
    "wrong password": ({"password": "wrong"}, "refused the user name or password"),
    "password that is not ASCII": ({"password": "kätze"}, "refused the user name or password"),
    "no such folder": ({"folder": "Nowhere"}, "cannot open folder Nowhere"),
    "TLS where there is none": ({"security": "tls"}, "does not speak TLS"),
    "STARTTLS where there is none": ({"security": "starttls"}, "does not offer STARTTLS"),
    "unreadable CA file": (
        {"security": "tls", "ca_file": "/nonexistent"},
        "ca_file cannot be read",
    ),
    "unknown host": ({"host": "mail.invalid"}, "the server name mail.invalid is not known"),
}


@pytest.mark.parametrize(("changes", "sentence"), TROUBLE.values(), ids=TROUBLE)
def test_trouble_is_told_in_one_sentence(poll, sqlite_database, dovecot, changes, sentence):
    report = poll(dovecot.box(**changes))

    assert sentence in report.problem
    with sqlite_database.reading() as session:
        assert session.scalars(select(Mailbox.last_error)).one() == report.problem


def test_unreachable_port_is_told(poll, dovecot: Dovecot):
    report = poll(dovecot.box(port=free_port()))

    assert "nothing listens at 127.0.0.1" in report.problem


def test_server_that_says_nothing_is_told(poll, dovecot: Dovecot):
    with _silent_server() as silent:
        report = poll(dovecot.box(port=silent), _conf(connect_timeout_s=0.3))

    assert "did not answer within 0.3 s" in report.problem


def test_trouble_is_forgotten_when_it_is_over(poll, sqlite_database, dovecot: Dovecot):
    poll(dovecot.box(password="wrong"))

    poll(dovecot.box())

    with sqlite_database.reading() as session:
        row = session.scalars(select(Mailbox)).one()
        assert row.last_error is None
        assert row.last_success_at is not None


def test_expired_certificate_is_told(poll, expired_dovecot: Dovecot):
    box = expired_dovecot.box(
        port=expired_dovecot.tls_port,
        security="tls",
        ca_file=str(expired_dovecot.root / "cert.pem"),
    )

    assert "the certificate of 127.0.0.1 has expired" in poll(box).problem


def test_self_signed_certificate_is_told(poll, tls_dovecot: Dovecot):
    report = poll(tls_dovecot.box(port=tls_dovecot.tls_port, security="tls"))

    assert "the certificate of 127.0.0.1 is self-signed" in report.problem


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_mail_comes_over_tls(poll, tls_dovecot: Dovecot, security):
    tls_dovecot.append([mail(1)])
    port = tls_dovecot.tls_port if security == "tls" else tls_dovecot.port
    box = tls_dovecot.box(port=port, security=security, ca_file=str(tls_dovecot.root / "cert.pem"))

    assert poll(box).stored == 1


def test_certificate_for_another_name_is_told(poll, tls_dovecot: Dovecot):
    box = tls_dovecot.box(
        host="localhost",
        port=tls_dovecot.tls_port,
        security="tls",
        ca_file=str(tls_dovecot.root / "cert.pem"),
    )

    assert "is for another name" in poll(box).problem


def test_new_mail_rings_the_bell(dovecot: Dovecot):
    rung, stop, thread = _watching(dovecot)
    assert rung.wait(5)  # once on connecting
    rung.clear()

    dovecot.append([mail(1)])

    assert rung.wait(5)
    stop.set()
    thread.join(5)
    assert not thread.is_alive()


def test_bell_survives_a_kick(dovecot: Dovecot):
    rung, stop, thread = _watching(dovecot)
    assert rung.wait(5)
    time.sleep(0.3)  # let it enter IDLE
    rung.clear()

    dovecot.doveadm("kick", "care")

    assert rung.wait(10)  # connected again
    stop.set()
    thread.join(5)
    assert not thread.is_alive()


def _watching(server: Dovecot) -> tuple[threading.Event, threading.Event, threading.Thread]:
    rung, stop = threading.Event(), threading.Event()
    thread = threading.Thread(
        target=mailbox.watch,
        args=(server.box(), CONF),
        kwargs={"on_mail": rung.set, "stop": stop},
        daemon=True,
    )
    thread.start()
    return rung, stop, thread


def _validity(session) -> int:
    return session.scalars(select(Mailbox.uidvalidity)).one()


def _conf(**changes: object):
    return msgspec.structs.replace(CONF, **changes)


@contextmanager
def _silent_server():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


class _Forgetful(set):
    """A set that keeps nothing: lets two threads poll one mailbox."""

    def __contains__(self, _: object) -> bool:
        return False


def _tries(poll, monkeypatch, box, moments, **options):
    """Poll at these seconds; tells at which of them the server was asked."""
    start = clock.now()
    asked = []
    for second in moments:
        monkeypatch.setattr(clock, "now", lambda second=second: start + dt.timedelta(0, second))
        if not poll(box, _conf(poll_interval_s=30), fingerprint="a", **options).resting:
            asked.append(second)
    return asked


def test_a_wrong_password_is_tried_more_and_more_seldom(poll, monkeypatch, dovecot: Dovecot):
    moments = range(0, 3_600, 30)

    asked = _tries(poll, monkeypatch, dovecot.box(password="wrong"), moments)

    assert asked == [0, 60, 180, 420, 900, 1_800, 2_700]


def test_changed_settings_are_tried_at_once_and_success_forgets(
    poll, sqlite_database, dovecot: Dovecot
):
    wrong = dovecot.box(password="wrong")
    assert not poll(wrong, fingerprint="a").resting
    assert poll(wrong, fingerprint="a").resting
    assert not poll(wrong, fingerprint="b").resting

    assert poll(dovecot.box(), fingerprint="c").problem is None

    with sqlite_database.reading() as session:
        row = session.scalars(select(Mailbox)).one()
    assert (row.failures, row.next_poll_at, row.fingerprint) == (0, None, None)


def test_a_person_who_asks_is_answered_at_once_and_counts_nothing(
    poll, sqlite_database, dovecot: Dovecot
):
    wrong = dovecot.box(password="wrong")
    poll(wrong, fingerprint="a")

    assert "refused the user name or password" in poll(wrong).problem

    with sqlite_database.reading() as session:
        assert session.scalar(select(Mailbox.failures)) == 1


def test_a_server_that_is_away_is_looked_for_at_every_poll(poll, dovecot: Dovecot):
    away = dovecot.box(port=free_port())

    assert not any(poll(away, fingerprint="a").resting for _ in range(3))


def test_a_worker_tells_changed_settings_by_their_fingerprint(dovecot, tmp_path, sqlite_database):
    def report(password: str) -> mailbox.PollReport:
        conf = Settings(
            data_dir=str(tmp_path),
            secret_key="0" * 64,
            policy_file=str(Path("config/policy.toml").resolve()),
            mailbox=(dovecot.box(password=password),),
        )
        return work.poll(work.open_plant(conf, sqlite_database), 0)

    assert [report(each).resting for each in ("wrong", "wrong", "other")] == [False, True, False]
    assert report("secret").problem is None
    with sqlite_database.reading() as session:
        assert "secret" not in str(session.execute(select(Mailbox.__table__)).all())
