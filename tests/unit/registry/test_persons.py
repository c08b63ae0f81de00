"""Which records are of one participant: exact about twins, neighbours, namesakes, placeholders."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, groupby
from operator import attrgetter
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from rapidfuzz.distance import DamerauLevenshtein

from helpdesk.registry import keys, layout, persons, slips, synthetic

NIK = "3174021203809001"
BORN = "1980-03-12"  # whose swap, 3 December, is a date too


class Row(NamedTuple):
    name: str = "BUDI SANTOSO"
    nik: str = NIK
    born: str = BORN
    place: str = "JAKARTA"
    mother: str = ""


def columns(rows: Iterable[Row]) -> persons.Columns:
    rows = list(rows)
    codes = [[word.code for word in keys.words(row.name)] for row in rows]
    words = np.zeros((len(rows), 4), np.uint32)
    for i, some in enumerate(codes):
        words[i, : len(some[:4])] = [layout.word_mark(code) for code in some[:4]]
    return persons.Columns(
        nik=np.array([keys.nik_number(row.nik) or 0 for row in rows], np.int64),
        day=np.array([_day(row) for row in rows], np.uint16),
        place=np.array([layout.place_mark(keys.place(row.place)) for row in rows], np.uint16),
        name=np.array([layout.name_mark(some) if some else 0 for some in codes], np.uint64),
        words=words,
        mother=np.array([persons.mother_mark(row.mother) for row in rows], np.uint32),
    )


def grouped(rows: Sequence[Row]) -> list[int]:
    return [int(first) for first in persons.group(columns(rows))]


def one(*rows: Row) -> bool:
    return len(set(grouped(rows))) == 1


@pytest.mark.parametrize(
    "other",
    [
        Row(born="1971-01-01", place="BOGOR"),
        Row(name="SANTOSO BOEDI", born="1971-01-01"),
        Row(name="AGUS WIJAYA"),
        Row(name="BUDI HARTONO", born="1971-01-01"),
        Row(mother="SITI AMINAH"),
        Row(nik="3174021203809002"),
        Row(nik="3174021203890001"),
        Row(nik="3174021230809001", born="1980-12-03"),
        Row(nik="3174021023809001", name="SANTOSO BUDI"),
        Row(nik="3174021213809001", name="BUDI", place="BOGOR"),
        Row(nik="3174031203809001", name="BUDI SANTOSO JAYA"),
        Row(nik=""),
        Row(nik="317402120380900"),
        Row(nik="", name="Drs. SANTOSO Boedi"),
    ],
    ids=[
        "same NIK and name",
        "same NIK and words in another order and spelling",
        "same NIK and date",
        "same NIK and a word",
        "same NIK and name, another mother",
        "one digit in the serial",
        "two neighbours swapped",
        "day and month swapped, and neighbours in the NIK",
        "swap across the middle of the NIK",
        "a word lacks, one digit",
        "a word more, one digit in the region",
        "no NIK",
        "a NIK of fifteen digits is none",
        "no NIK, another spelling",
    ],
)
def test_these_are_one_person(other: Row) -> None:
    assert one(Row(), other)
    assert one(other, Row())


@pytest.mark.parametrize(
    "other",
    [
        Row(nik="3174021203809002", name="BADU SANTOSO"),
        Row(nik="3174021203809002", name="BUDI HARTONO"),
        Row(nik="3174021203809003", born="1980-03-13"),
        Row(nik="3578081203809001"),
        Row(nik="3174021203809012", place="BOGOR"),
        Row(nik="3174021203809012", mother="SITI AMINAH"),
        Row(nik="3174021203809041", name="BUDI", mother="SITI AMINAH"),
        Row(nik="3174021203809002", name="BUDI"),
        Row(nik="3174021203809002", name="SANTOSO BUDI"),
        Row(nik="3174021203809002", name="BUDI", born="1980-12-03"),
        Row(name="AGUS WIJAYA", born="1971-01-01"),
        Row(name="AGUS WIJAYA", mother="SITI AMINAH"),
        Row(nik="", born="1980-12-03"),
        Row(nik="", place="BOGOR"),
        Row(nik="", place=""),
        Row(nik="", mother="SITI AMINAH"),
        Row(nik="", name="BUDI"),
    ],
    ids=[
        "twin",
        "twin with a word of the name",
        "namesake with the next NIK, born the day after",
        "namesake on the same day in the same town, NIKs apart",
        "namesake on the same day, elsewhere",
        "namesake on the same day, another mother",
        "neighbour whose name is the first of two, another mother",
        "twin whose name is the first of two",
        "twin with the same names in another order",
        "a word lacks and the date is swapped",
        "a NIK given to somebody altogether different",
        "born the same day, a slip made the NIK the neighbour's",
        "no NIK and another date",
        "no NIK and another place",
        "no NIK and no place",
        "no NIK and another mother",
        "no NIK and part of the name",
    ],
)
def test_these_are_two_people(other: Row) -> None:
    row = Row(mother="MARIA" if other.mother else "")
    assert not one(row, other)
    assert not one(other, row)


@pytest.mark.parametrize("nik", ["0000000000000000", "1111111111111111", "3174020000000000"])
def test_a_placeholder_is_no_nik(nik: str) -> None:
    assert not one(Row(nik=nik), Row(nik=nik, place="BOGOR"))


def test_a_nik_on_more_records_than_anybody_has_is_no_nik() -> None:
    few = [Row(place=f"KOTA {i}") for i in range(persons.MOST_RECORDS)]
    places = ["A", "B", "C", "D", "E"]
    many = [Row(place=f"KOTA {places[i % 5]}{places[i // 5]}") for i in range(25)]
    assert one(*few)
    assert len(set(grouped(many))) == 25


def test_two_slips_apart_is_never_joined_whoever_stands_between() -> None:
    chain = [
        Row(nik="3174021203809001"),
        Row(nik="3174021203809011"),
        Row(nik="3174021203809111"),
    ]
    assert grouped(chain) == [0, 0, 2]
    assert grouped([chain[1], chain[0], chain[2]]) == [0, 0, 2]


def test_whole_names_are_joined_before_parts_of_names() -> None:
    rows = [Row(nik="3174021203809011", name="BUDI"), Row(), Row(nik="3174021203809002")]
    assert grouped(rows) == [0, 1, 1]


def test_a_record_without_nik_between_two_people_joins_neither() -> None:
    rows = [Row(), Row(nik=""), Row(nik="3578081203809001"), Row(nik="")]
    assert grouped(rows) == [0, 1, 2, 3]


def test_a_record_without_nik_fits_a_person_with_a_slip_in_one_of_two_niks() -> None:
    assert one(Row(nik=""), Row(), Row(nik="3174021203809002"))


def test_heaped_dates_join_nobody_without_a_nik() -> None:
    for born in ("1980-01-01", "1980-12-31"):
        assert not one(Row(nik="", born=born), Row(nik="", born=born))
    assert one(Row(nik="", born="1980-01-02"), Row(nik="", born="1980-01-02"))


def test_a_very_common_name_joins_nobody_without_a_nik() -> None:
    namesakes = _crowd(30_000, name="SITI AMINAH")
    rare = [
        Row(nik="", name="SITI XAVERIA", place="KOTA A"),
        Row(name="SITI XAVERIA", place="KOTA A"),
    ]
    common = [row._replace(name="SITI AMINAH") for row in rare]
    assert _last_two(namesakes, rare) == (30_000, 30_000)
    assert _last_two(namesakes, common) == (30_000, 30_001)


def test_part_of_a_common_name_is_no_proof_where_the_mother_is_not_known() -> None:
    crowd = _crowd(30_000, name="SITI AMINAH")
    pair = [
        Row(name="SITI", place="KOTA A"),
        Row(name="SITI AMINAH", nik=NIK[:-1] + "7", place="KOTA A"),
    ]
    kin = [row._replace(mother="MARIA") for row in pair]
    assert _last_two(crowd, pair) == (30_000, 30_001)
    assert _last_two(crowd, kin) == (30_000, 30_000)


def test_an_empty_registry_has_nobody() -> None:
    assert grouped([]) == []


def test_facts_nobody_has_join_nobody() -> None:
    nothing = Row(name="", nik="", born="", place="")
    rows = [nothing, nothing, nothing._replace(nik=NIK), nothing._replace(name="BUDI SANTOSO")]
    assert grouped(rows) == [0, 1, 2, 3]
    assert not one(Row(name=""), Row(name="", nik="3174021203809002"))


NAMES = ["BUDI", "BUDI SANTOSO", "SANTOSO BUDI", "BUDI SITI SANTOSO AGUS HADI", "SITI", "AGUS", ""]
NIKS = [
    NIK, "3174021203809002", "3174021203809011", "3174021203809010", "3174021230809001",
    "3174025203809001", "3174021023809001", "3174012203809001", "3714021203809001", "",
    "0000000000000000", "317402120380900",
]  # fmt: skip
ROWS = st.builds(
    Row,
    st.sampled_from(NAMES),
    st.sampled_from(NIKS),
    st.sampled_from([BORN, "1980-12-03", "1980-01-01", "1980-03-13", ""]),
    st.sampled_from(["JAKARTA", "BOGOR", ""]),
    st.sampled_from(["SITI AMINAH", "SITI FATIMAH", "MARIA", ""]),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(ROWS, max_size=14))
def test_every_pair_is_treated_as_the_rules_say(rows: list[Row]) -> None:
    assert grouped(rows) == by_the_rules(rows)


@settings(deadline=None)
@given(st.lists(ROWS, max_size=14))
def test_blocks_change_nothing(rows: list[Row]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(persons, "_BLOCK", 3)
        assert grouped(rows) == by_the_rules(rows)


@given(st.integers(0, 10**16 - 1), st.data())
def test_numbers_one_slip_apart_are_known_and_share_a_half(
    number: int, data: st.DataObject
) -> None:
    digits = f"{number:016}"
    at, new = data.draw(st.integers(0, 14)), data.draw(st.sampled_from("0123456789"))
    other = data.draw(
        st.sampled_from(
            [
                digits[:at] + new + digits[at + 1 :],
                digits[:at] + digits[at + 1] + digits[at] + digits[at + 2 :],
                digits[:at] + new + new + digits[at + 2 :],
                digits[::-1],
            ]
        )
    )
    a, b = (slips.packed(np.array([int(text)])) for text in (digits, other))
    near = DamerauLevenshtein.distance(digits, other) == 1
    assert slips.one_apart(a, b)[0] == near
    shared = [
        here[0] == there[0] for here, there in zip(slips.halves(a), slips.halves(b), strict=True)
    ]
    assert any(shared) or not near


@pytest.mark.slow
def test_two_hundred_thousand_made_up_people_are_told_apart() -> None:
    people = _whom_names_tell_apart(synthetic.people(200_000, seed=11))
    truth = np.repeat(np.arange(len(people)), [len(person.records) for person in people])
    found = persons.group(columns(_rows_of(people)))
    right = _pairs(truth.astype(np.uint64) << np.uint64(32) | found)
    precision, recall = right / _pairs(found), right / _pairs(truth)
    print(f"{len(truth)} records: precision {precision:.6f}, recall {recall:.5f} of pairs")
    assert precision >= 0.9999
    assert recall >= 0.99


def by_the_rules(rows: Sequence[Row]) -> list[int]:
    """Group pair by pair, as the module says in words."""
    people = {i: {i} for i in range(len(rows))}
    for a, b in combinations(range(len(rows)), 2):
        if (
            _nik(rows[a])
            and _nik(rows[a]) == _nik(rows[b])
            and _some_fact_agrees(rows[a], rows[b])
        ):
            _merge(people, a, b)
    links = sorted(
        {
            (_codes(rows[a]) != _codes(rows[b]), *sorted((min(people[a]), min(people[b]))))
            for a, b in combinations(range(len(rows)), 2)
            if people[a] is not people[b] and _near(rows[a], rows[b])
        }
    )
    joined: set[int] = set()
    for _, a, b in links:
        if not joined & {a, b}:
            joined |= {a, b}
            _merge(people, a, b)
    bare = [i for i, row in enumerate(rows) if _bare(row)]
    for _, same in groupby(sorted(bare, key=lambda i: _spot(rows[i])), lambda i: _spot(rows[i])):
        alike = list(same)
        fitting = {
            min(people[i])
            for i, row in enumerate(rows)
            if _nik(row) and _codes(row) and _spot(row) == _spot(rows[alike[0]])
        }
        if len(fitting) <= 1:
            target = min(fitting | (set() if fitting else {min(alike)}))
            for i in alike:
                if not _mothers_differ(rows[i], rows[target]):
                    _merge(people, target, i)
    return [min(people[i]) for i in range(len(rows))]


def _merge(people: dict[int, set[int]], a: int, b: int) -> None:
    both = people[a] | people[b]
    for i in both:
        people[i] = both


def _some_fact_agrees(one: Row, other: Row) -> bool:
    words = [set(_words(row)[:4]) for row in (one, other)]
    names = bool(_codes(one)) and _codes(one) == _codes(other)
    some = bool(words[0] & words[1]) or _day(one) == _day(other) > 0
    return names or (some and not _mothers_differ(one, other))


def _near(one: Row, other: Row) -> bool:
    niks = _nik(one), _nik(other)
    if not all(niks) or DamerauLevenshtein.distance(*niks) != 1 or not (_day(one) and _day(other)):
        return False
    in_date = any(a != b for a, b in zip(niks[0][7:12], niks[1][7:12], strict=True))
    kin = bool(one.mother) and one.mother == other.mother
    here, there = keys.place(one.place), keys.place(other.place)
    proof = (
        kin
        or in_date
        or (not _mothers_differ(one, other) and (here == there or not here or not there))
    )
    beside = abs(int(niks[0]) - int(niks[1])) <= 2
    if _codes(one) == _codes(other) != [] and not (
        beside and _words(one)[:4] != _words(other)[:4]
    ):
        return proof and _day(other) in {_day(one), _swapped(one)}
    short, long = sorted((_words(one), _words(other)), key=len)
    part = 0 < len(short) < 4 and set(short) <= set(long[:4])
    return proof and part and _day(one) == _day(other) and not beside


def _mothers_differ(one: Row, other: Row) -> bool:
    return bool(one.mother and other.mother) and one.mother.split()[0] != other.mother.split()[0]


def _bare(row: Row) -> bool:
    known = _codes(row) and _day(row) and row.place and "-01-01" not in row.born
    return bool(known) and not _nik(row)


def _spot(row: Row) -> tuple[list[str], int, str]:
    return _codes(row), _day(row), keys.place(row.place)


def _nik(row: Row) -> str:
    return row.nik if len(row.nik) == 16 and len(set(row.nik)) > 1 else ""


def _words(row: Row) -> list[str]:
    return [word.code for word in keys.words(row.name)]


def _codes(row: Row) -> list[str]:
    return sorted(_words(row))


def _day(row: Row) -> int:
    return layout.day_code(dt.date.fromisoformat(row.born).toordinal()) if row.born else 0


def _swapped(row: Row) -> int:
    return layout.day_code(keys.swapped_day(dt.date.fromisoformat(row.born).toordinal()))


def _crowd(n: int, *, name: str) -> persons.Columns:
    """People of one name on three dates in two towns, whose NIKs are far from each other's."""
    some = columns(
        [
            Row(name=name, born=f"1980-03-{12 + i % 3}", place=f"KOTA {'AB'[i % 2]}")
            for i in range(6)
        ]
    )
    rows = np.arange(n) % 6
    niks = 5_201_010_101_500_000 + 7_777_777 * np.arange(n)
    return persons.Columns(niks, *(column[rows] for column in some[1:]))


def _last_two(crowd: persons.Columns, rows: list[Row]) -> tuple[int, ...]:
    more = columns(rows)
    found = persons.group(
        persons.Columns(*(np.concatenate(both) for both in zip(crowd, more, strict=True)))
    )
    return tuple(int(first) for first in found[-2:])


def _whom_names_tell_apart(people: Iterable[synthetic.Person]) -> list[synthetic.Person]:
    """Leave out twins who were given one name between them, as no parents do."""
    kept: list[synthetic.Person] = []
    for person in people:
        words = sorted(word.code for word in keys.words(person.full_name))
        before = kept[-1] if kept else None
        if before is None or (person.birth_date, words) != (
            before.birth_date,
            sorted(word.code for word in keys.words(before.full_name)),
        ):
            kept.append(person)
    return kept


def _rows_of(people: Iterable[synthetic.Person]) -> Iterator[Row]:
    facts = attrgetter("full_name", "nik", "birth_date", "birth_place", "mother_name")
    for person in people:
        for record in person.records:
            name, nik, born, place, mother = facts(record)
            yield Row(name, nik, born.isoformat() if born else "", place, mother)


def _pairs(groups: NDArray[np.unsignedinteger]) -> int:
    sizes = np.unique(groups, return_counts=True)[1]
    return int((sizes * (sizes - 1) // 2).sum())
