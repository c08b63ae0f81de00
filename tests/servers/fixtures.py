"""Fixtures of real servers; import the ones a test module uses."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import missing
from tests.servers import dovecot as _dovecot
from tests.servers import pymap as _pymap


@pytest.fixture(scope="session")
def dovecot_server() -> Iterator[_dovecot.Dovecot]:
    """One Dovecot for all tests: it takes a second to stop."""
    if not _dovecot.available():
        missing("Dovecot (dovecot-imapd) is not installed")
    with _dovecot.dovecot() as server:
        yield server


@pytest.fixture
def dovecot(dovecot_server: _dovecot.Dovecot) -> _dovecot.Dovecot:
    """A Dovecot with empty mailboxes `care` and `info`."""
    dovecot_server.reset()
    return dovecot_server


@pytest.fixture
def pymap() -> Iterator[_pymap.Pymap]:
    """A pymap of this test's own, with an empty mailbox."""
    with _pymap.pymap() as server:
        yield server


@pytest.fixture
def expired_dovecot(tmp_path: Path) -> Iterator[_dovecot.Dovecot]:
    """A Dovecot whose certificate has expired."""
    if not _dovecot.available():
        missing("Dovecot (dovecot-imapd) is not installed")
    certificate = _dovecot.make_certificate(tmp_path, days=-1)
    with _dovecot.dovecot(certificate=certificate) as server:
        yield server


@pytest.fixture
def tls_dovecot(tmp_path: Path) -> Iterator[_dovecot.Dovecot]:
    """A Dovecot with a valid self-made certificate; its CA file is `root / "cert.pem"`."""
    if not _dovecot.available():
        missing("Dovecot (dovecot-imapd) is not installed")
    certificate = _dovecot.make_certificate(tmp_path, days=30)
    with _dovecot.dovecot(certificate=certificate) as server:
        yield server
