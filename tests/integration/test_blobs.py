import hashlib
import io
import os

import pytest
from sqlalchemy import delete

from helpdesk import blobs as blob_rows
from helpdesk.blobs import INLINE_BYTES, Blob
from helpdesk.errors import NotFoundError

SMALL = b"small \x00 bytes"
LARGE = os.urandom(INLINE_BYTES + 1)


@pytest.mark.parametrize("content", [b"", SMALL, LARGE], ids=["empty", "small", "large"])
def test_bytes_come_back_by_their_digest(database, blobs, content):
    stored = blobs.prepare(content)
    with database.transaction() as tx:
        blob_rows.add(tx.session, [stored, stored])
    with database.transaction() as tx:
        blob_rows.add(tx.session, [stored])
    with database.reading() as session:
        assert blobs.read(session, hashlib.sha256(content).hexdigest()) == content


def test_large_bytes_lie_in_a_file_and_not_in_the_row(blobs, tmp_path):
    assert blobs.prepare(LARGE).content is None
    assert [path.stat().st_size for path in tmp_path.glob("blobs/*/*")] == [len(LARGE)]


def test_a_stream_that_breaks_leaves_nothing(blobs, tmp_path):
    def broken():
        yield b"half"
        raise OSError

    with pytest.raises(OSError):
        blobs.prepare_stream(broken())
    assert list(tmp_path.glob("blobs/*")) == []


def test_a_blob_is_copied_to_a_file(database, blobs):
    for content in (SMALL, LARGE):
        stored = blobs.prepare(content)
        with database.transaction() as tx:
            blob_rows.add(tx.session, [stored])
        target = io.BytesIO()
        with database.reading() as session:
            blobs.copy_to(session, stored.sha256, target)
        assert target.getvalue() == content


def test_a_missing_blob_says_so(database, blobs):
    stored = blobs.prepare(SMALL)
    with database.transaction() as tx:
        blob_rows.add(tx.session, [stored])
        tx.session.execute(delete(Blob))
    with database.reading() as session, pytest.raises(NotFoundError):
        blobs.read(session, stored.sha256)
