"""Group the records of persons with Splink: for registries that one machine cannot hold.

The extra `splink` brings it with DuckDB; with Spark it runs on a cluster. It weighs what
`persons.group` decides by rules, with the matcher's weights, and blocks on the same keys.
"""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from helpdesk.errors import SettingsError
from helpdesk.registry import keys, persons
from helpdesk.registry.serving import Found, Reader

Levels: TypeAlias = Mapping[str, Mapping[str, Mapping[str, float]]]
Level: TypeAlias = dict[str, Any]
_Person: TypeAlias = tuple[int, list[str]]  # the number, the KPJ

COLUMNS = (
    "kpj", "nik", "region", "serial", "digits", "born", "swapped", "either", "name",
    "word1", "word2", "word3", "word4", "place",
)  # fmt: skip
THRESHOLD = 0.99  # of the probability that two records are of one person
FURTHER = 0.15  # records beside the first of their person, of all; the prior follows from it

_PAGE = 20_000
_FETCHED = 1_000  # persons whose records are asked for together
_SAME_DATE = "born_l = born_r"
# One digit, or two neighbours that changed places: then the digits are the same.
_ONE_SLIP = (
    "(levenshtein(nik_l, nik_r) <= 1 OR (levenshtein(nik_l, nik_r) = 2 AND digits_l = digits_r))"
)
# As near as the NIK of a twin, who shares the date, the place and perhaps a word of the name.
_BESIDE = "coalesce(abs(cast(nik_l AS bigint) - cast(nik_r AS bigint)), 0) BETWEEN 1 AND 2"
_SLIPS_BESIDE = 1 / 9  # of the slips in a serial: in the last of four digits, by two at most
_OTHER_NAME = 0.01  # of the records of one person: not a word in common
_SHARES_WORD = " OR ".join(f"word{i}_l = word{j}_r" for i in range(1, 5) for j in range(1, 5))
_SEVERAL = (
    "SELECT person, kpj, unique_id FROM (SELECT kpj, unique_id, "
    "min(unique_id) OVER (PARTITION BY cluster_id) AS person, "
    "count(*) OVER (PARTITION BY cluster_id) AS size FROM {}) WHERE size > 1"
)
_IN_ORDER = "SELECT person, kpj FROM {} ORDER BY person, unique_id"


class Backend(StrEnum):
    """What Splink computes with."""

    DUCKDB = "duckdb"
    SPARK = "spark"  # the session that Spark's own configuration says


@dataclass(frozen=True, slots=True)
class Splink:
    """How to group with Splink.

    Attributes:
        levels: what each level of agreement weighs, as `levels` of the matcher's weights.
        backend: what computes.
        threshold: what probability joins two records.
        folder: where the records go for the time being, readable by all that compute; on a
            cluster a shared one. None: the system's folder for such files.
    """

    levels: Levels
    backend: Backend = Backend.DUCKDB
    threshold: float = THRESHOLD
    folder: Path | None = None

    def several(self, reader: Reader) -> Iterator[list[Found]]:
        """Yield the records of each person who has more than one; their number is the first's id.

        Raises:
            SettingsError: Splink, or Spark, is not installed.
        """
        cluster = _backend(self.backend)
        with tempfile.TemporaryDirectory(prefix="helpdesk-splink-", dir=self.folder) as name:
            path = Path(name) / "records.parquet"
            prepare(reader, path)
            found = cluster(path, settings(self.levels, reader.generation.rows), self.threshold)
            people: list[_Person] = []
            for person, members in groupby(found, itemgetter(0)):
                people.append((person, [f"{kpj:011}" for _, kpj in members]))
                if len(people) == _FETCHED:
                    yield from _records(reader, people)
                    people = []
            yield from _records(reader, people)


def settings(levels: Levels, records: int) -> dict[str, Any]:
    """Return what Splink is to compare, how that weighs, and which pairs it looks at.

    The NIK is weighed given the date, which it repeats: where the dates agree a neighbour's is
    one slip away.
    """
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "unique_id",
        "additional_columns_to_retain": ["kpj"],
        "probability_two_random_records_match": 2 * FURTHER / max(records, 1),
        "comparisons": [_niks(levels), _dates(levels), _names(levels), _places(levels)],
        "blocking_rules_to_generate_predictions": [
            "l.nik = r.nik",
            "l.region = r.region AND l.either = r.either",
            "l.serial = r.serial AND l.either = r.either AND l.name = r.name",
            "l.serial = r.serial AND l.either = r.either AND l.word1 = r.word1",
            "l.name = r.name AND l.born = r.born AND l.place = r.place",
        ],
    }


def prepare(reader: Reader, path: Path) -> None:
    """Write the records as Parquet, with what they are compared and blocked by."""
    arrow, parquet = _import("pyarrow"), _import("pyarrow.parquet")
    kinds = {"unique_id": arrow.int64(), "kpj": arrow.int64()}
    schema = arrow.schema(
        [(name, kinds.get(name, arrow.string())) for name in ("unique_id", *COLUMNS)]
    )
    after = 0
    with parquet.ParquetWriter(path, schema) as out:
        while page := reader.page(after, _PAGE):
            columns = zip(*(row(record) for record in page), strict=True)
            arrays = [arrow.array(c, t) for c, t in zip(columns, schema.types, strict=True)]
            out.write_table(arrow.Table.from_arrays(arrays, schema=schema))
            after = page[-1][0]


def row(record: Sequence[Any]) -> tuple[Any, ...]:
    """Return (unique_id, *COLUMNS) of a record as `Reader.page` gives it; None is not known."""
    number, kpj, nik, name, place, born = record[:6]
    digits = keys.nik_digits(nik)
    if len(digits) != 16 or persons.placeholder(np.array([int(digits)]))[0]:
        digits = ""
    codes = [word.code for word in keys.words(name)]
    swapped = keys.swapped_day(born) if born else None
    niks = (digits, digits[:7], digits[8:], "".join(sorted(digits)))
    dates = (born, swapped, min(born or 0, swapped or born or 0))
    words = (" ".join(sorted(codes)), *[*codes, "", "", "", ""][:4])
    texts = (*niks, *(str(date or "") for date in dates), *words, keys.place(place))
    return number, kpj, *(text or None for text in texts)


def _niks(levels: Levels) -> dict[str, Any]:
    plain, given = levels["nik"], levels["nik_given_date"]
    serial = given["one_digit_serial"]
    twin = {"m": serial["m"] * _SLIPS_BESIDE, "u": serial["u"]}
    return _comparison(
        "nik",
        _level(f"nik_l = nik_r AND {_SAME_DATE}", given["exact"]),
        _level("nik_l = nik_r", plain["exact"]),
        _level(f"{_BESIDE} AND {_SAME_DATE}", twin),
        _level(f"{_ONE_SLIP} AND {_SAME_DATE}", given["one_digit"], given["one_digit_serial"]),
        _level(_ONE_SLIP, plain["one_digit"], plain["one_digit_serial"]),
        _level("ELSE", plain["different"]),
    )


def _dates(levels: Levels) -> dict[str, Any]:
    known = levels["birth_date"]
    return _comparison(
        "born",
        _level(_SAME_DATE, known["exact"]),
        _level("born_l = swapped_r", known["swapped"]),
        _level("ELSE", known["one_digit"], known["same_year"], known["different"]),
    )


def _names(levels: Levels) -> dict[str, Any]:
    known, word = levels["full_name"], levels["word"]
    same = _level("name_l = name_r", known["exact"], known["same"])
    same["u_probability"] = known["exact"]["u"]
    same["tf_adjustment_column"] = "name"
    same["tf_adjustment_weight"] = 1.0
    part = {"m": 1 - same["m_probability"] - _OTHER_NAME, "u": word["same"]["u"] * 4}
    other = {"m": _OTHER_NAME, "u": 1 - part["u"]}
    shared = _level(f"({_SHARES_WORD}) AND NOT {_BESIDE}", part)
    return _comparison("name", same, shared, _level("ELSE", other))


def _places(levels: Levels) -> dict[str, Any]:
    known = levels["birth_place"]
    return _comparison(
        "place",
        _level("place_l = place_r", known["exact"]),
        _level("ELSE", known["similar"], known["different"]),
    )


def _comparison(column: str, *levels: Level) -> dict[str, Any]:
    unknown = {
        "sql_condition": f"{column}_l IS NULL OR {column}_r IS NULL",
        "label_for_charts": "not known",
        "is_null_level": True,
    }
    return {"output_column_name": column, "comparison_levels": [unknown, *levels]}


def _level(condition: str, *weights: Mapping[str, float]) -> Level:
    return {
        "sql_condition": condition,
        "label_for_charts": condition,
        "m_probability": sum(weight["m"] for weight in weights),
        "u_probability": min(1.0, sum(weight["u"] for weight in weights)),
    }


def _records(reader: Reader, people: Sequence[_Person]) -> Iterator[list[Found]]:
    records = reader.by_kpj([kpj for _, kpjs in people for kpj in kpjs])
    for person, kpjs in people:
        yield [records[kpj]._replace(person=person) for kpj in kpjs]


_Clusters: TypeAlias = Callable[[Path, dict[str, Any], float], Iterator[tuple[int, int]]]


def _backend(backend: Backend) -> _Clusters:
    """Return what clusters a file into (number of a person, KPJ), by person, then by record."""
    _import("splink")
    return _with_duckdb if backend is Backend.DUCKDB else _with_spark


def _with_duckdb(
    path: Path, settings: dict[str, Any], threshold: float
) -> Iterator[tuple[int, int]]:
    splink, duckdb = _import("splink"), _import("duckdb")
    with duckdb.connect(str(path.with_name("work.duckdb"))) as connection:
        connection.execute("SET temp_directory = ?", [str(path.parent)])
        api = splink.DuckDBAPI(connection=connection)
        clusters = _clusters(splink, api, connection.read_parquet(str(path)), settings, threshold)
        ordered = connection.execute(_IN_ORDER.format(clusters.physical_name))
        while some := ordered.fetchmany(_PAGE):
            yield from some


def _with_spark(
    path: Path, settings: dict[str, Any], threshold: float
) -> Iterator[tuple[int, int]]:
    splink = _import("splink")
    session = _import("pyspark.sql").SparkSession.builder.getOrCreate()
    api = splink.SparkAPI(spark_session=session)
    clusters = _clusters(splink, api, session.read.parquet(str(path)), settings, threshold)
    ordered = clusters.as_spark_dataframe().orderBy("person", "unique_id")
    for found in ordered.toLocalIterator():
        yield int(found["person"]), int(found["kpj"])


def _clusters(
    splink: Any,  # noqa: ANN401 - what Splink ships has no types that hold for both
    api: Any,  # noqa: ANN401 - as above
    records: Any,  # noqa: ANN401 - as above
    settings: dict[str, Any],
    threshold: float,
) -> Any:  # noqa: ANN401 - as above
    linker = splink.Linker(api.register(records), settings, log_level="WARNING")
    pairs = linker.inference.predict(threshold_match_probability=threshold)
    found = linker.clustering.cluster_pairwise_predictions_at_threshold(pairs, threshold)
    return api.query_sql(_SEVERAL.format(found.physical_name))


def _import(name: str) -> Any:  # noqa: ANN401 - a module of the extra
    try:
        return import_module(name)
    except ImportError as error:
        extra = name.partition(".")[0]
        msg = (
            f"grouping with Splink needs {extra}, which is not installed; "
            + ("install pyspark in the version of your cluster" if extra == "pyspark"
               else "make splink, or pip install 'helpdesk[splink]'")
        )  # fmt: skip
        raise SettingsError(msg) from error
