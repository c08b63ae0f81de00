from collections import Counter
from itertools import islice

import pytest

from helpdesk.registry import keys, synthetic
from helpdesk.registry.reader import RegistryFile, Row


@pytest.fixture(scope="module")
def people():
    return list(synthetic.people(20_000, seed=3))


def test_same_seed_gives_the_same_people_and_more_only_adds():
    assert list(synthetic.people(50, 1)) == list(islice(synthetic.people(200, 1), 50))
    assert list(synthetic.people(50, 1)) != list(synthetic.people(50, 2))


def test_kpj_are_unique_and_in_the_reserved_range(people):
    kpjs = [record.kpj for person in people for record in person.records]
    assert len(set(kpjs)) == len(kpjs)
    assert all(len(kpj) == 11 and kpj.startswith(synthetic.KPJ_PREFIX) for kpj in kpjs)


def test_nik_is_unique_agrees_with_date_and_sex_and_cannot_be_real(people):
    for person in people:
        assert person.birth_date.toordinal() in keys.nik_days(person.nik)
        assert (int(person.nik[6:8]) > 40) is person.female
        assert int(person.nik[12:]) >= synthetic.FIRST_SERIAL
    assert len({person.nik for person in people}) == len(people)


def test_shares_are_as_stated(people):
    rows = [(person, record) for person in people for record in person.records]
    several = sum(len(person.records) > 1 for person in people) / len(people)
    wrong = sum(len(record.nik) > 0 and record.nik != p.nik for p, record in rows) / len(rows)
    assert several == pytest.approx(synthetic.SEVERAL_KPJ, abs=0.01)
    assert wrong == pytest.approx(synthetic.NIK_DIGIT_WRONG, abs=0.003)


def test_names_are_varied_with_common_ones_and_mononyms(people):
    names = Counter(person.full_name for person in people)
    assert len(names) > 8_000
    assert names.most_common(1)[0][1] > 20
    assert 0.05 < sum(" " not in person.full_name for person in people) / len(people) < 0.25
    for part in ("NI ", "SIREGAR", "WENDA", "TJANDRA"):
        assert any(part in name for name in names)


def test_file_reads_back_without_a_bad_row(tmp_path):
    count = synthetic.write(tmp_path / "made.csv", people=500, seed=1)
    with RegistryFile(tmp_path / "made.csv") as source:
        rows = list(source)
    assert len(rows) == count
    assert all(isinstance(row, Row) for row in rows)
