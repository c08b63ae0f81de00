"""Ask matchers as `helpdesk match` is asked: one line in, one line out, warm."""

import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helpdesk.matching import evaluation
from helpdesk.matching.evaluation import Quality
from helpdesk.registry.synthetic import queries

WARM = 300  # queries that are asked first and not counted
_SAMPLE_S = 0.2
_PAGE_KIB = 1024

Line = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sheet:
    """Queries and whose they are, as values of a line each; the first `warm` only warm up."""

    queries: list[Line]
    truths: list[Line]
    warm: int = WARM

    def part(self, count: int, *, warm: int) -> "Sheet":
        """Return a sheet with the first so many queries that count, and less to warm up."""
        chosen = slice(self.warm - warm, self.warm + count)
        return Sheet(self.queries[chosen], self.truths[chosen], warm)


@dataclass(frozen=True, slots=True)
class Answers:
    """What a matcher said to the queries that count, a line each, with "ms"."""

    lines: list[Line]

    def percentiles(self) -> tuple[float, float, float]:
        """Return p50, p95 and p99 in milliseconds."""
        cuts = statistics.quantiles([line["ms"] for line in self.lines], n=100)
        return cuts[49], cuts[94], cuts[98]

    def quality(self, sheet: Sheet) -> Quality:
        """Measure them against the truth."""
        return evaluation.measure(
            evaluation.outcomes(sheet.queries[sheet.warm :], self.lines, sheet.truths)
        )


def sheet(people: int, seed: int, *, count: int, query_seed: int) -> Sheet:
    """Make queries about the registry of `people` and `seed`, and `WARM` more to begin with."""
    made = queries.labelled(people, seed, count=WARM + count, query_seed=query_seed)
    asked, truths = zip(*(queries.lines(n, each) for n, each in enumerate(made)), strict=True)
    return Sheet(list(asked), list(truths))


def ask_function(answer: Callable[[Line], Line], asked: Sheet) -> Answers:
    """Ask a function in this process; it need not say the "ms"."""
    lines = []
    for query in asked.queries:
        began = time.perf_counter()
        said = answer(query)
        lines.append({"ms": (time.perf_counter() - began) * 1_000} | said)
    return Answers(lines[asked.warm :])


def ask_filter(environ: dict[str, str], asked: Sheet) -> Answers:
    """Ask one `helpdesk match`, the next query once the last is answered."""
    with _filter(environ) as process:
        lines = [_exchange(process, query) for query in asked.queries]
        process.stdin.close()
    errors = [line["error"] for line in lines if "error" in line]
    if errors:
        msg = f"{len(errors)} queries got no answer: {errors[0]}"
        raise RuntimeError(msg)
    return Answers(lines[asked.warm :])


def throughput(environ: dict[str, str], asked: Sheet, clients: int) -> float:
    """Return queries a second of so many `helpdesk match` at once, each asked all of them."""
    ready = threading.Barrier(clients + 1)
    processes = [_filter(environ) for _ in range(clients)]

    def work(process: "subprocess.Popen[bytes]") -> None:
        for query in asked.queries[: asked.warm]:
            _exchange(process, query)
        ready.wait()
        # Written ahead by a thread of its own: what is measured is the filter, not this process.
        lines = b"".join(map(_line, asked.queries[asked.warm :]))
        writer = threading.Thread(target=_write, args=(process, lines))
        writer.start()
        for _ in process.stdout:
            pass
        writer.join()

    threads = [threading.Thread(target=work, args=(process,)) for process in processes]
    for thread in threads:
        thread.start()
    ready.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    spent = time.perf_counter() - began
    for process in processes:
        process.wait()
    return clients * (len(asked.queries) - asked.warm) / spent


def run_command(environ: dict[str, str], *words: str) -> tuple[str, float, float]:
    """Run a `helpdesk` command; returns what it printed, seconds, and its peak memory in MB.

    Memory is that of the process with its children, what they share counted once.
    """
    began = time.perf_counter()
    process = _popen(environ, words)
    over, peak = threading.Event(), [0.0]

    def watch() -> None:
        while not over.wait(_SAMPLE_S):
            peak[0] = max(peak[0], _tree_mb(process.pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    said, _ = process.communicate()
    over.set()
    watcher.join()
    if process.returncode:
        msg = f"helpdesk {' '.join(words)} failed"
        raise RuntimeError(msg)
    return said.decode(), time.perf_counter() - began, peak[0]


def _popen(environ: dict[str, str], words: Sequence[str]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-m", "helpdesk.cli", *words],
        env={**_surroundings(), **environ},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )


def _surroundings() -> dict[str, str]:
    """Return the environment without settings of whoever measures."""
    return {name: value for name, value in os.environ.items() if not name.startswith("HELPDESK_")}


def _filter(environ: dict[str, str]) -> "subprocess.Popen[bytes]":
    return _popen(environ, ["match"])


def _line(query: Line) -> bytes:
    return json.dumps(query).encode() + b"\n"


def _exchange(process: "subprocess.Popen[bytes]", query: Line) -> Line:
    process.stdin.write(_line(query))
    process.stdin.flush()
    said = process.stdout.readline()
    if not said:
        msg = f"helpdesk match ended with {process.wait()}"
        raise RuntimeError(msg)
    return json.loads(said)


def _write(process: "subprocess.Popen[bytes]", lines: bytes) -> None:
    process.stdin.write(lines)
    process.stdin.close()


def _tree_mb(pid: int) -> float:
    """Return the memory of a process and its descendants, shared pages divided among sharers."""
    total = 0.0
    for each in _tree(pid):
        try:
            rollup = Path(f"/proc/{each}/smaps_rollup").read_text()
        except OSError:
            continue  # ended meanwhile
        total += sum(
            int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:")
        )
    return total / _PAGE_KIB


def _tree(pid: int) -> Iterable[int]:
    yield pid
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = task.read_text().split()
        except OSError:
            continue
        for child in children:
            yield from _tree(int(child))
