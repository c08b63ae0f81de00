"""Splink 5 on DuckDB, trained by EM on unlabelled queries, asked one record at a time."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Any

import duckdb

from helpdesk.registry.synthetic import queries
from tests.benchmarks.built import Built

_LESSONS, _LESSON_SEED = 2_000, 90_902  # queries it is trained on; others than those measured
_RANDOM_PAIRS = 2e6
_NAMES = ("id", "nik", "full_name", "birth_place", "birth_date")
_COLUMNS = ", ".join(f"{name} text" for name in _NAMES)
_CLEAN = """
SELECT {id} AS unique_id, '{side}' AS source_dataset, nullif(nik, '') AS nik,
    lower(full_name) AS full_name, split_part(lower(full_name), ' ', 1) AS first_word,
    lower(birth_place) AS birth_place, nullif(birth_date, '') AS birth_date
FROM {source}
"""


def missing() -> str:
    """Return why this cannot be measured here, "" if it can."""
    absent = [name for name in ("splink", "pyarrow") if find_spec(name) is None]
    return f"{' and '.join(absent)} not installed" if absent else ""


@contextmanager
def built(file: Path) -> Iterator[Built]:
    """Load a registry file named as `matching` names them, and train."""
    import splink  # noqa: PLC0415 - not everywhere

    _, people, seed = file.stem.split("-")
    logging.getLogger("splink").setLevel(logging.ERROR)
    with duckdb.connect() as connection:
        api = splink.DuckDBAPI(connection)
        began = time.perf_counter()
        read = f"read_csv('{file}', header = true, all_varchar = true)"
        _make(connection, "registry", _CLEAN.format(id="kpj", side="registry", source=read))
        _teach(connection, int(people), int(seed))
        registry = api.register("registry", dataset_display_name="registry")
        lessons = api.register("lessons", dataset_display_name="queries")
        linker = splink.Linker([registry, lessons], _settings(), log_level=logging.ERROR)
        _train(linker)
        spent = time.perf_counter() - began
        persons = dict(
            connection.execute(
                "SELECT unique_id, coalesce(nik, full_name || birth_date) FROM registry"
            ).fetchall()
        )

        numbers = count()  # no name is taken twice

        def answer(query: dict[str, Any]) -> dict[str, Any]:
            _ask(connection, [query], "asked")
            asked = api.register(
                "asked", table_name=f"asked_{next(numbers)}", dataset_display_name="queries"
            )
            found = linker.inference.predict_between(
                [registry], [asked], threshold_match_probability=0.001, warning_mode="never"
            )
            rows = found.as_record_list()
            found.drop_table_from_database_and_remove_from_cache()
            return _answer(query, rows, persons)

        yield Built(spent, answer)


def _settings() -> Any:
    import splink  # noqa: PLC0415 - not everywhere
    from splink import comparison_library as compare  # noqa: PLC0415 - as above

    rules = (
        splink.block_on("nik"),
        splink.block_on("birth_date", "first_word"),
        splink.block_on("full_name"),
        splink.block_on("birth_date", "birth_place"),
    )
    return splink.SettingsCreator(
        link_type="link_only",
        comparisons=[
            compare.DamerauLevenshteinAtThresholds("nik", [1, 2]),
            compare.JaroWinklerAtThresholds("full_name", [0.92, 0.85, 0.7]).configure(
                term_frequency_adjustments=True
            ),
            compare.DamerauLevenshteinAtThresholds("birth_date", [1, 2]),
            compare.JaroWinklerAtThresholds("birth_place", [0.9]).configure(
                term_frequency_adjustments=True
            ),
        ],
        blocking_rules_to_generate_predictions=list(rules),
        probability_two_random_records_match=1e-6,
    )


def _train(linker: Any) -> None:
    import splink  # noqa: PLC0415 - not everywhere

    linker.training.estimate_u_using_random_sampling(max_pairs=_RANDOM_PAIRS)
    for rule in (splink.block_on("nik"), splink.block_on("birth_date", "first_word")):
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    for name in ("full_name", "birth_place"):
        linker.table_management.compute_tf_table(name)


def _teach(connection: "duckdb.DuckDBPyConnection", people: int, seed: int) -> None:
    made = queries.labelled(people, seed, count=_LESSONS, query_seed=_LESSON_SEED)
    _ask(connection, [queries.lines(n, each)[0] for n, each in enumerate(made)], "lessons")


def _ask(connection: "duckdb.DuckDBPyConnection", asked: list[dict[str, Any]], name: str) -> None:
    connection.execute(f"CREATE OR REPLACE TEMP TABLE stated ({_COLUMNS})")
    rows = [[query[name] for name in _NAMES] for query in asked]
    connection.executemany("INSERT INTO stated VALUES (?, ?, ?, ?, ?)", rows)
    _make(connection, name, _CLEAN.format(id="id", side="queries", source="stated"))


def _make(connection: "duckdb.DuckDBPyConnection", name: str, select: str) -> None:
    connection.execute(f"CREATE OR REPLACE TABLE {name} AS {select}")


def _answer(
    query: dict[str, Any], rows: list[dict[str, Any]], persons: dict[str, str]
) -> dict[str, Any]:
    ranked = sorted(rows, key=lambda row: -row["match_probability"])[:20]
    return {
        "id": query["id"],
        "candidates": [
            {
                "kpj": row["unique_id_l"],
                "probability": row["match_probability"],
                "person": persons[row["unique_id_l"]],
            }
            for row in ranked
        ],
        "decision": "match" if ranked and ranked[0]["match_probability"] >= 0.99 else "review",
    }
