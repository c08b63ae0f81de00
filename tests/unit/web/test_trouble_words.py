"""Every sentence about a mailbox or a job has an Indonesian one, and what is unforeseen stays."""

import socket
import ssl

import pytest
from imapclient.exceptions import CapabilityError, IMAPClientAbortError, LoginError

from helpdesk.errors import ConflictError, describe
from helpdesk.ingest import imap
from helpdesk.settings import Ingest, Mailbox
from helpdesk.web import trouble_words

BOX = Mailbox(name="care", host="imap.example.org", username="care")


def _untrusted(code: int) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError()
    error.verify_code = code
    return error


def _tls(reason: str) -> ssl.SSLError:
    error = ssl.SSLError()
    error.reason = reason
    return error


ERRORS = [
    LoginError("NO"), LoginError("UNAVAILABLE"), CapabilityError(), _tls("HTTP_REQUEST"),
    _tls("OTHER"), socket.gaierror(), ConnectionRefusedError(), TimeoutError(),
    IMAPClientAbortError(), OSError(5, "Input/output error"), ValueError(),
    *(_untrusted(code) for code in (*imap._CERTIFICATE, 1)),
]  # fmt: skip


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: f"{type(error).__name__}")
def test_what_a_mailbox_says_has_a_translation(error):
    said = str(imap._explain(error, BOX, Ingest()))

    told = trouble_words.text(said, "id")

    english = trouble_words.text(said, "en")
    assert said == f"mailbox care: {english}"
    assert told != english
    assert ("imap.example.org" in told) == ("imap.example.org" in english)


def test_a_job_says_what_failed_in_words():
    assert trouble_words.text("the worker died three times", "id") == (
        "Proses pekerja berhenti tiga kali."
    )
    lost = describe(ConflictError("another worker took the job over"))
    assert trouble_words.text(lost, "id") == "proses pekerja lain mengambil alih tugas ini"
    assert trouble_words.text("KeyError at ingest/mime.py:12", "id") == (
        "kesalahan program: KeyError di ingest/mime.py:12"
    )


@pytest.mark.parametrize("text", ["", "something new", "%(host)s", "mailbox : x", "100 % (a)s"])
def test_what_nobody_foresaw_stays_as_it_is(text):
    assert trouble_words.text(text, "id") == text
