import json
from collections import Counter

import pytest

from helpdesk.errors import InvalidError
from helpdesk.registry import synthetic
from helpdesk.registry.synthetic import queries

PEOPLE, SEED = 20_000, 4


@pytest.fixture(scope="module")
def made():
    return queries.labelled(PEOPLE, SEED, count=2_000, query_seed=9)


@pytest.fixture(scope="module")
def owners():
    """Return who owns a KPJ."""
    people = synthetic.people(PEOPLE, SEED)
    return {record.kpj: person for person in people for record in person.records}


def test_kinds_come_in_the_shares_of_the_study(made):
    assert Counter(each.kind for each in made) == {
        "member": 1_700,
        "same_name": 100,
        "same_name_and_date": 100,
        "same_name_and_place": 40,
        "neighbour": 30,
        "random": 30,
    }


def test_members_are_answered_with_all_their_kpj(made, owners):
    for each in made:
        if each.kind == "member":
            person = owners[each.kpjs[0]]
            assert each.kpjs == tuple(record.kpj for record in person.records)


def test_facts_are_stated_in_the_shares_of_the_study(made, owners):
    members = [(each.asked, owners[each.kpjs[0]]) for each in made if each.kind == "member"]

    def share(flags):
        return sum(flags) / len(members)

    assert share(not asked.nik for asked, _ in members) == pytest.approx(0.35, abs=0.04)
    assert share(asked.nik == person.nik for asked, person in members) == pytest.approx(
        0.48, abs=0.04
    )
    assert share(not asked.birth_date for asked, _ in members) == pytest.approx(0.20, abs=0.03)
    assert share(not asked.birth_place for asked, _ in members) == pytest.approx(0.30, abs=0.035)
    assert share(not asked.full_name for asked, _ in members) == pytest.approx(0.02, abs=0.015)
    unchanged = share(
        (asked.full_name or "").upper() == person.full_name for asked, person in members
    )
    assert unchanged == pytest.approx(0.57, abs=0.06)


def test_every_query_states_a_name_or_a_nik(made):
    assert all(each.asked.full_name or each.asked.nik for each in made)


def test_non_members_are_nobody_of_the_registry(made, owners):
    niks = {person.nik for person in owners.values()}
    others = [each for each in made if each.kind != "member"]
    assert not any(each.kpjs for each in others)
    # A slip can make a NIK anybody's; one in hundreds.
    assert sum(each.asked.nik in niks for each in others) <= 2


def test_neighbours_have_a_nik_one_behind_that_of_a_member(made, owners):
    niks = {int(person.nik) for person in owners.values()}
    stated = [each.asked.nik for each in made if each.kind == "neighbour"]
    assert all(stated)
    clean = [nik for nik in stated if len(nik) == 16 and int(nik) - 1 in niks]
    assert len(clean) >= 15  # about half are stated as they are


def test_same_numbers_give_the_same_queries_and_another_seed_others(made):
    assert queries.labelled(PEOPLE, SEED, count=2_000, query_seed=9) == made
    other = queries.labelled(PEOPLE, SEED, count=2_000, query_seed=10)
    assert len({each.asked for each in other} & {each.asked for each in made}) < 100


@pytest.mark.parametrize(("people", "count"), [(1, 1), (20, 20), (60, 60), (200, 200)])
def test_small_registries_have_queries_too(people, count):
    made = queries.labelled(people, SEED, count=count, query_seed=1)
    assert len(made) == count
    assert len({each.kpjs for each in made if each.kpjs}) == round(count * queries.MEMBERS)


def test_more_queries_than_people_are_refused_in_words():
    with pytest.raises(InvalidError, match="3 queries need as many people; there are 2"):
        queries.labelled(2, SEED, count=3, query_seed=1)


def test_files_have_a_line_each_with_the_same_ids(made, tmp_path):
    queries.write(made[:50], tmp_path / "asked", tmp_path / "answers")
    asked = [json.loads(line) for line in (tmp_path / "asked").read_text().splitlines()]
    truths = [json.loads(line) for line in (tmp_path / "answers").read_text().splitlines()]
    assert [each["id"] for each in asked] == [each["id"] for each in truths]
    assert list(asked[0]) == ["id", "full_name", "birth_place", "birth_date", "nik"]
    assert [tuple(each["kpjs"]) for each in truths] == [each.kpjs for each in made[:50]]
