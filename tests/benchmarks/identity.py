"""How well and how fast identities are read: what strangers wrote, and variations of it."""

import time
from collections.abc import Sequence
from typing import Any

from helpdesk.identity.evaluation import conversation, score
from helpdesk.identity.extract import extract
from tests.training.variations import vary
from tests.unit.identity.labels import DATA, TODAY, rows

SETS = (
    ("development", "development*.jsonl"),
    ("blind, an ordinary day", "blind_ordinary.jsonl"),
    ("blind, every trap", "blind_hard*.jsonl"),
)
TIMES = 3  # variations of each conversation
SEED = 20261121
PASSES = 3


def run() -> None:
    """Print quality and speed for every set and for its variations."""
    for name, pattern in SETS:
        written = [row for path in sorted(DATA.glob(pattern)) for row in rows(path)]
        _print(name, written)
        _print(f"{name}, {TIMES} variations of each", list(vary(written, times=TIMES, seed=SEED)))


def _print(name: str, labelled: Sequence[dict[str, Any]]) -> None:
    report = score(labelled, today=TODAY)
    print(f"\nidentity, {name}: {report.conversations} conversations")
    for line in report.lines():
        print(f"  {line}")
    messages = sum(len(row["messages"]) for row in labelled)
    seconds = min(_seconds(labelled) for _ in range(PASSES))
    print(
        f"  speed        {seconds / messages * 1e6:.0f} µs a message, {messages / seconds:,.0f}"
        f" messages/s on one core ({messages} messages, best of {PASSES} passes)"
    )


def _seconds(labelled: Sequence[dict[str, Any]]) -> float:
    talks = [conversation(row) for row in labelled]
    start = time.perf_counter()
    for talk in talks:
        extract(talk, today=TODAY)
    return time.perf_counter() - start
