"""Lists as chats have them: a message a line, headings with small talk, columns afterwards."""

import datetime as dt

import pytest

from helpdesk.identity.extract import extract
from helpdesk.identity.lists import table_headers
from helpdesk.identity.types import Conversation, Field

TODAY = dt.date(2026, 11, 21)
ASK = "kak minta nomor kpj karyawan kami ya"
BUDI = ("Budi Santoso", "Garut", "1988-05-05", "3205010505889001")
ANI = ("Ani Rahayu", "Ciamis", "1990-06-16", "3207015606909002")
JOKO = ("Joko Susilo", "Pati", "1985-07-27", "3318012707859003")
PEOPLE = (BUDI, ANI, JOKO)
NAMES, PLACES, DATES, NIKS = zip(*PEOPLE, strict=True)


def _people(*messages: str) -> list[tuple[str | None, ...]]:
    claims = extract(Conversation(messages), today=TODAY)
    return [
        tuple(fact.value if (fact := one.get(field)) else None for field in Field)
        for one in claims
    ]


def _without(place: bool = True, date: bool = True) -> list[tuple[str | None, ...]]:
    return [(n, None if place else p, None if date else d, k) for n, p, d, k in PEOPLE]


@pytest.mark.parametrize("heading", ["nik nya urut ya kak", "NIK masing2", "trus nik juga urut"])
def test_names_in_a_message_each_are_a_list_beside_their_numbers(heading):
    assert _people(ASK, *NAMES, f"{heading}\n" + "\n".join(NIKS)) == _without()
    assert _people(ASK, *NAMES, heading, *NIKS) == _without()


def test_a_place_may_stand_behind_the_date_of_a_list():
    born = "\n".join(f"{date} {place}" for _, place, date, _ in PEOPLE)
    names, niks = "\n".join(NAMES), "\n".join(NIKS)
    assert _people(ASK, f"nama2 nya:\n{names}", f"lahirnya urut\n{born}", f"nik urut\n{niks}") == [
        *PEOPLE
    ]


@pytest.mark.parametrize("lead", ["tgl lahir masing2 ", "mohon infonya ya. lahir berturut-turut "])
def test_the_rest_of_a_list_may_stand_in_a_line_below_it(lead):
    rows = ", ".join(f"{name} ({nik})" for name, *_, nik in PEOPLE)
    assert _people(f"{ASK}\n{rows}\n{lead}{', '.join(DATES)}") == _without(date=False)


def test_a_line_of_births_completes_the_people_it_names():
    rows = "\n".join(f"{name} ({nik})" for name, *_, nik in PEOPLE)
    born = ", ".join(f"{name.split()[0]} {place} {date}" for name, place, date, _ in PEOPLE)
    assert _people(f"{ASK}\n{rows}", f"lahirnya: {born}") == [*PEOPLE]


def test_dashes_alone_may_stand_between_cells():
    rows = "\n".join(
        f"{name}-{place}-{dt.date.fromisoformat(date):%d%m%Y}-{nik}"
        for name, place, date, nik in PEOPLE
    )
    assert _people(f"{ASK}\n{rows}") == [*PEOPLE]


def test_the_order_of_an_entry_may_differ_from_the_others():
    first, second, third = (f"{n}\n{k}\n{d}" for n, _, d, k in PEOPLE)
    swapped = f"{ANI[0]}\n{ANI[2]}\n{ANI[3]}"
    assert _people(f"{ASK}\n{first}\n{swapped}\n{third}\n{second.replace('Ani', 'Ina')}")[
        :3
    ] == _without(date=False)


def test_the_last_of_a_list_is_a_person_of_their_own():
    rows = [" / ".join(person) for person in PEOPLE]
    assert _people(ASK, rows[0], rows[1], f"yg terakhir {rows[2]}") == [*PEOPLE]


def test_whether_a_man_or_a_woman_is_no_place():
    rows = [f"{name} ({sex}) {nik} lhr {date}" for (name, _, date, nik), sex in zip(
        PEOPLE, "LPL", strict=True)]  # fmt: skip
    assert _people(ASK, *rows) == _without(date=False)


def test_a_date_of_birth_over_the_end_of_a_letter_is_no_date_of_the_letter():
    rows = "\n".join(f"{n} NIK {k}\nTTL {p}, {d}" for n, p, d, k in PEOPLE)
    assert _people(f"{ASK}\n{rows}\nHormat kami\nSr. Veronika, Yayasan Kasih") == [*PEOPLE]


@pytest.mark.parametrize(
    ("line", "found"),
    [("nama2 nya", "name"), ("nik urut juga", "nik"), ("tgl lahir ya kak", "date"),
     ("ya kak makasih", None), ("budi", None), ("nik 3", None)],
)  # fmt: skip
def test_small_talk_in_a_heading_is_passed_over(line, found):
    kind = table_headers.over_list(line)
    assert (kind.value if kind else None) == found
