import gzip
from collections import Counter
from itertools import islice, pairwise

import duckdb
import pytest

from helpdesk.registry import keys, synthetic
from helpdesk.registry.reader import COLUMNS, RegistryFile, Row


@pytest.fixture(scope="module")
def people():
    return list(synthetic.people(40_000, seed=3))


@pytest.fixture(scope="module")
def rows(people):
    return [(person, record) for person in people for record in person.records]


def test_same_seed_gives_the_same_people_and_more_only_adds():
    # The first block is cut here, and there is a second one.
    assert list(synthetic.people(50, 1)) == list(islice(synthetic.people(9_000, 1), 50))
    assert list(synthetic.people(50, 1)) != list(synthetic.people(50, 2))


def test_kpj_are_unique_and_in_the_reserved_range(rows):
    kpjs = [record.kpj for _, record in rows]
    assert len(set(kpjs)) == len(kpjs)
    assert all(len(kpj) == 11 and kpj.startswith(synthetic.KPJ_PREFIX) for kpj in kpjs)


def test_nik_is_unique_agrees_with_date_and_sex_and_cannot_be_real(people):
    for person in people:
        assert person.birth_date.toordinal() in keys.nik_days(person.nik)
        assert (int(person.nik[6:8]) > 40) is person.female
        assert int(person.nik[12:]) > synthetic.FIRST_SERIAL
    assert len({person.nik for person in people}) == len(people)


def test_nik_begins_alike_where_the_birth_place_is_the_same(people):
    codes = {(person.birth_place, person.nik[:4]) for person in people}
    named_twice = {"Bandung", "Bekasi", "Bogor"}  # a regency and a city
    assert {place for place, _ in codes} > named_twice
    assert max(Counter(place for place, _ in codes).values()) == 2


def test_shares_are_as_stated(people, rows):
    several = sum(len(person.records) > 1 for person in people) / len(people)
    wrong = sum(len(record.nik) > 0 and record.nik != p.nik for p, record in rows) / len(rows)
    absent = sum(not record.nik for _, record in rows) / len(rows)
    other_date = sum(record.birth_date != p.birth_date for p, record in rows) / len(rows)
    assert several == pytest.approx(synthetic.SEVERAL_KPJ, abs=0.006)
    assert wrong == pytest.approx(synthetic.NIK_DIGIT_WRONG, abs=0.002)
    assert absent == pytest.approx(synthetic.NIK_ABSENT, abs=0.0015)
    assert 0 < other_date < synthetic.DATE_SWAPPED


def test_twins_share_date_place_and_mother_and_have_neighbouring_niks(people):
    twins = [
        (first, second)
        for first, second in pairwise(people)
        if (first.birth_date, first.mother_name) == (second.birth_date, second.mother_name)
    ]
    assert len(twins) / len(people) == pytest.approx(synthetic.TWIN, abs=0.0015)
    assert all(first.birth_place == second.birth_place for first, second in twins)
    same_sex = [(a, b) for a, b in twins if a.female == b.female]
    assert all(int(b.nik) == int(a.nik) + 1 for a, b in same_sex)


def test_names_are_varied_with_common_ones_and_mononyms(people):
    names = Counter(person.full_name for person in people)
    assert len(names) > 20_000
    assert 0.002 < names.most_common(1)[0][1] / len(people) < 0.008
    assert 0.09 < sum(" " not in person.full_name for person in people) / len(people) < 0.15
    for part in ("NI ", "SIREGAR", "WENDA", "TJANDRA", "TINGANG", "TEUKU"):
        assert any(part in name for name in names)


def test_names_follow_the_fashion_of_their_decade(people):
    def share(names: set[str], years: range) -> float:
        born = [person for person in people if person.birth_date.year in years]
        return sum(not names.isdisjoint(person.full_name.split()) for person in born) / len(born)

    old, young = range(1958, 1975), range(1995, 2007)
    assert share({"RIZKY", "DIMAS", "NAUFAL"}, young) > 5 * share(
        {"RIZKY", "DIMAS", "NAUFAL"}, old
    )
    assert share({"SUMARNO", "TUKIMAN", "PONIYEM"}, old) > 2 * share(
        {"SUMARNO", "TUKIMAN", "PONIYEM"}, young
    )


def test_vocabulary_grows_with_the_registry(people):
    words = [{w for p in some for w in p.full_name.split()} for some in (people[:10_000], people)]
    assert len(words[1]) > 1.5 * len(words[0])


def test_file_holds_the_people_and_reads_back_without_a_bad_row(tmp_path):
    count = synthetic.write(tmp_path / "made.csv", people=500, seed=1)
    with RegistryFile(tmp_path / "made.csv") as source:
        rows = list(source)
    assert all(isinstance(row, Row) for row in rows)
    made = [record for person in synthetic.people(500, seed=1) for record in person.records]
    assert len(made) == count
    assert [(row.kpj, row.full_name, row.birth_day) for row in rows] == [
        (record.kpj, record.full_name, record.birth_date.toordinal()) for record in made
    ]


def test_packed_file_holds_the_same_and_is_the_same_each_time(tmp_path):
    for name in ("plain.csv", "one.csv.gz", "two.csv.gz"):
        synthetic.write(tmp_path / name, people=200, seed=1)
    packed = (tmp_path / "one.csv.gz").read_bytes()
    assert gzip.decompress(packed) == (tmp_path / "plain.csv").read_bytes()
    assert packed == (tmp_path / "two.csv.gz").read_bytes()


def test_parquet_holds_the_same_rows_in_the_same_order(tmp_path):
    count = synthetic.write(tmp_path / "made.parquet", people=200, seed=1)
    synthetic.write(tmp_path / "made.csv", people=200, seed=1)
    with RegistryFile(tmp_path / "made.csv") as source:
        kpjs = [row.kpj for row in source]
    with duckdb.connect() as connection:
        table = connection.read_parquet(str(tmp_path / "made.parquet"))
        assert tuple(table.columns) == COLUMNS
        assert [kpj for (kpj,) in table.select("kpj").fetchall()] == kpjs
    assert len(kpjs) == count
    assert not list(tmp_path.glob("*.part"))
