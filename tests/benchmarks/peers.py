"""What others do, to be measured beside the matcher: trigrams in PostgreSQL, and Splink."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks import splinking, trigrams
from tests.benchmarks.built import Built


@dataclass(frozen=True, slots=True)
class Peer:
    """Another way to find a person.

    Attributes:
        missing: says why it cannot be measured here, "" if it can.
        built: makes it ready for a registry file.
        most: queries it is asked at most.
        warm: queries that warm it up.
    """

    missing: Callable[[], str]
    built: Callable[[Path], AbstractContextManager[Built]]
    most: int
    warm: int


PEERS = {
    "pg_trgm": Peer(trigrams.missing, trigrams.built, 2_000, 300),
    "splink": Peer(splinking.missing, splinking.built, 100, 5),
}
