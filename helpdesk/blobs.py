"""Bytes by their SHA-256: small ones in the database, large ones in files beside it."""

import hashlib
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import CheckConstraint, LargeBinary, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from helpdesk.db import Base
from helpdesk.errors import NotFoundError

INLINE_BYTES = 1 << 20  # past this a row hurts the page cache more than a file costs an fsync


class Blob(Base):
    """One run of bytes; `content` is null when it lies in a file."""

    __tablename__ = "blob"
    __table_args__ = (CheckConstraint("size_bytes >= 0", name="size"),)

    sha256: Mapped[str] = mapped_column(primary_key=True)
    size_bytes: Mapped[int]
    content: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)


@dataclass(frozen=True, slots=True)
class Stored:
    """What a blob is known by. `content` is None when the bytes lie in a file already."""

    sha256: str
    size_bytes: int
    content: bytes | None


class BlobStore:
    """The folder of large blobs. A file is complete and synced before its row can exist."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def prepare(self, content: bytes) -> Stored:
        """Name some bytes; large ones are written to their file now."""
        digest = hashlib.sha256(content).hexdigest()
        if len(content) <= INLINE_BYTES:
            return Stored(digest, len(content), content)
        return self.prepare_stream([content])

    def prepare_stream(self, chunks: Iterable[bytes]) -> Stored:
        """Write chunks to a file under the digest they turn out to have."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        digest, size = hashlib.sha256(), 0
        part = self._folder / f"part-{os.getpid()}-{os.urandom(8).hex()}"
        try:
            with part.open("wb") as file:
                for chunk in chunks:
                    digest.update(chunk)
                    size += len(chunk)
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            path = self._path(digest.hexdigest())
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            part.replace(path)
            _sync_folder(path.parent)
        finally:
            part.unlink(missing_ok=True)
        return Stored(digest.hexdigest(), size, None)

    def read(self, session: Session, sha256: str) -> bytes:
        """Return a blob's bytes.

        Raises:
            NotFoundError: no such blob, or its file is gone.
        """
        row = session.execute(select(Blob.content).where(Blob.sha256 == sha256)).first()
        if row is None:
            raise NotFoundError("blob row is missing")
        if row[0] is not None:
            return bytes(row[0])
        try:
            return self._path(sha256).read_bytes()
        except FileNotFoundError as error:
            raise NotFoundError("blob file is missing") from error

    def copy_to(self, session: Session, sha256: str, target: BinaryIO) -> None:
        """Write a blob's bytes to an open file without holding a large one in memory."""
        path = self._path(sha256)
        if path.exists():
            with path.open("rb") as file:
                shutil.copyfileobj(file, target, 1 << 20)
        else:
            target.write(self.read(session, sha256))

    def _path(self, sha256: str) -> Path:
        return self._folder / sha256[:2] / sha256


def add(session: Session, stored: Iterable[Stored]) -> None:
    """Insert the rows of these blobs; those that exist already are left as they are."""
    rows = {
        blob.sha256: {
            "sha256": blob.sha256,
            "size_bytes": blob.size_bytes,
            "content": blob.content,
        }
        for blob in stored
    }
    if not rows:
        return
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    statement = dialect.insert(Blob.__table__).on_conflict_do_nothing()
    session.connection().execute(statement, list(rows.values()))


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
