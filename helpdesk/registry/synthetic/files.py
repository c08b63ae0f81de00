"""Write a made-up registry: CSV, packed CSV or Parquet, as the file's name ends."""

import csv
import gzip
import io
from collections.abc import Callable
from pathlib import Path

from helpdesk.registry.reader import COLUMNS
from helpdesk.registry.synthetic.blocks import Serials, blocks
from helpdesk.registry.synthetic.rows import rows

_LEVEL = 1  # of packing: half the size of level 9 more, in a fifth of its time


def write(
    path: Path, people: int, seed: int, *, on_progress: Callable[[int], object] = lambda _: None
) -> int:
    """Write the registry of that many people and return how many rows it has.

    The same number and seed give the same rows; `on_progress` hears how many people are written.
    """
    if path.suffix == ".parquet":
        return _write_parquet(path, people, seed, on_progress)
    return _write_csv(path, people, seed, on_progress)


def _write_csv(path: Path, people: int, seed: int, on_progress: Callable[[int], object]) -> int:
    count = 0
    with path.open("wb") as raw:
        # Without name and time in its head a packed file is the same for the same seed.
        packed = gzip.GzipFile("", "wb", _LEVEL, raw, mtime=0) if path.suffix == ".gz" else raw
        with io.TextIOWrapper(packed, encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            for block in blocks(people, seed, Serials()):
                columns = rows(block)
                writer.writerows(zip(*columns, strict=True))
                count += len(columns[0])
                on_progress(block.number + len(block))
    return count


def _write_parquet(
    path: Path, people: int, seed: int, on_progress: Callable[[int], object]
) -> int:
    import duckdb  # noqa: PLC0415 - takes a moment, and few ask for it

    plain = path.with_name(f"{path.name}.csv.part")
    try:
        count = _write_csv(plain, people, seed, on_progress)
        with duckdb.connect() as connection:
            connection.execute("SET memory_limit = '300MB'; SET preserve_insertion_order = true")
            connection.read_csv(
                str(plain), header=True, all_varchar=True, na_values="\\N"
            ).to_parquet(str(path))
    finally:
        plain.unlink(missing_ok=True)
    return count
