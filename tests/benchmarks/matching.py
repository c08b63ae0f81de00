"""The matcher on made-up registries: how good, how fast, and beside what others do.

HELPDESK_BENCH_PEOPLE has the sizes (100000,1000000), HELPDESK_BENCH_QUERIES how many queries are
measured (2000), HELPDESK_BENCH_WITH which of sqlite, postgresql, pg_trgm and splink (all),
HELPDESK_BENCH_DATA a folder in which registries made once are kept.
The seeds are used here and nowhere else: nothing was trained on these people or queries.
"""

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from helpdesk.matching.evaluation import Quality
from helpdesk.registry import synthetic
from tests.benchmarks import asking, peers
from tests.benchmarks.asking import Answers, Sheet
from tests.benchmarks.databases import empty_database

SIZES = [int(n) for n in os.environ.get("HELPDESK_BENCH_PEOPLE", "100000,1000000").split(",")]
QUERIES = int(os.environ.get("HELPDESK_BENCH_QUERIES", "2000"))
SEED, QUERY_SEED = 40_417, 90_901

_CLIENTS, _EACH, _EACH_WARM = 8, 1_000, 100  # at once, and what each of them asks
_PEERS_UP_TO = 1_000_000  # people; beyond that they are known to be slower yet
_KINDS = ("sqlite", "postgresql")
_WITH = os.environ.get("HELPDESK_BENCH_WITH", ",".join((*_KINDS, *peers.PEERS))).split(",")


@dataclass(frozen=True, slots=True)
class Result:
    """One matcher on one registry."""

    name: str
    people: int
    build_s: float
    answers: Answers
    quality: Quality


def run() -> None:
    """Print a table for each size, then how it grows, and the ratios to the peers."""
    results: list[Result] = []
    with _folder() as folder:
        for people in SIZES:
            file = folder / f"made-{people}-{SEED}.csv"
            if not file.exists():
                began = time.perf_counter()
                rows = synthetic.write(file, people=people, seed=SEED)
                print(
                    f"matching {people:,} people, {rows:,} rows: made up in "
                    f"{time.perf_counter() - began:.0f} s"
                )
            asked = asking.sheet(people, SEED, count=QUERIES, query_seed=QUERY_SEED)
            results += [
                _ours(kind, people, file, asked, folder) for kind in _KINDS if kind in _WITH
            ]
            if people <= _PEERS_UP_TO:
                results += _theirs(people, file, asked)
            _compare([each for each in results if each.people == people])
        _growth(results)


def _ours(kind: str, people: int, file: Path, asked: Sheet, folder: Path) -> Result:
    with empty_database(kind, folder) as url, tempfile.TemporaryDirectory() as data:
        environ = {
            "HELPDESK_DATA_DIR": data,
            "HELPDESK_DATABASE_URL": url,
            "HELPDESK_LOG_LEVEL": "WARNING",
        }
        asking.run_command(environ, "db", "upgrade")
        _, build_s, peak_mb = asking.run_command(environ, "registry", "import", str(file))
        answers = asking.ask_filter(environ, asked)
        some = asked.part(min(_EACH, QUERIES), warm=_EACH_WARM)
        one = asking.throughput(environ, some, 1)
        many = asking.throughput(environ, some, _CLIENTS)
    result = Result(f"helpdesk, {kind}", people, build_s, answers, answers.quality(asked))
    _show(result)
    print(
        f"  imported with at most {peak_mb:,.0f} MB; {_CLIENTS} clients {many:,.0f} queries/s, "
        f"one {one:,.0f}: {many / one:.1f} times on {os.cpu_count()} cores"
    )
    print("  " + "\n  ".join(result.quality.lines()[1:]))
    return result


def _theirs(people: int, file: Path, asked: Sheet) -> Iterator[Result]:
    for name, peer in peers.PEERS.items():
        if name not in _WITH:
            continue
        missing = peer.missing()
        if missing:
            print(f"matching {people:,} people, {name}: left out, {missing}")
            continue
        part = asked.part(min(peer.most, QUERIES), warm=peer.warm)
        with peer.built(file) as built:
            answers = asking.ask_function(built.answer, part)
        result = Result(name, people, built.build_s, answers, answers.quality(part))
        _show(result)
        yield result


def _show(result: Result) -> None:
    p50, p95, p99 = result.answers.percentiles()
    quality = result.quality
    print(
        f"matching {result.people:,} people, {result.name}: built in {result.build_s:.0f} s; "
        f"p50 {p50:.3f}, p95 {p95:.2f}, p99 {p99:.2f} ms; recall@1 {quality.recall_1:.4f}, "
        f"identifiable {quality.recall_1_identifiable:.4f}, recall@5 {quality.recall_5:.4f}; "
        f"coverage@99 {quality.at_precision.coverage:.4f}, FAR "
        f"{quality.at_precision.false_accepts:.1%} ({quality.queries:,} queries); load of the "
        f"machine {os.getloadavg()[0]:.1f}"
    )


def _compare(results: list[Result]) -> None:
    """Print how many times slower the others are than the first, and what they find less."""
    if not results:
        return
    best = results[0]
    for other in results[1:]:
        times = [
            theirs / ours
            for theirs, ours in zip(
                other.answers.percentiles(), best.answers.percentiles(), strict=True
            )
        ]
        print(
            f"  {other.name} : {best.name} = {times[0]:.1f} : 1 at p50, {times[1]:.1f} at p95, "
            f"{times[2]:.1f} at p99; coverage@99 "
            f"{other.quality.at_precision.coverage - best.quality.at_precision.coverage:+.3f}"
        )


def _growth(results: list[Result]) -> None:
    for name in dict.fromkeys(each.name for each in results):
        same = [each for each in results if each.name == name]
        for small, large in pairwise(same):
            times = [
                after / before
                for after, before in zip(
                    large.answers.percentiles(), small.answers.percentiles(), strict=True
                )
            ]
            print(
                f"  {name}: {large.people / small.people:.0f} times the people take "
                f"{times[0]:.2f} times at p50, {times[1]:.2f} at p95, {times[2]:.2f} at p99"
            )


@contextmanager
def _folder() -> Iterator[Path]:
    kept = os.environ.get("HELPDESK_BENCH_DATA")
    if kept:
        Path(kept).mkdir(parents=True, exist_ok=True)
        yield Path(kept)
    else:
        with tempfile.TemporaryDirectory() as folder:
            yield Path(folder)
