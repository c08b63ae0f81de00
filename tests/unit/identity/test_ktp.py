"""Facts from the words a camera saw on a card."""

import datetime as dt
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.identity.photo import ktp
from helpdesk.identity.types import Card, Field
from tests.ktp_words import FACTS, NIK, ROWS, word, words

TODAY = dt.date(2026, 11, 21)


def read(*rows: str, **changes: str) -> Card | None:
    return ktp.read(
        words(*rows, changes={int(at[1:]): text for at, text in changes.items()}), today=TODAY
    )


def values(card: Card | None) -> dict[str, str]:
    assert card is not None
    return {fact.field.value: fact.value for fact in card.facts}


def test_a_card_states_four_facts_each_with_its_place():
    card = read()
    assert values(card) == FACTS
    assert card is not None
    assert [fact.rule for fact in card.facts] == [
        "ktp_full_name", "ktp_birth_place", "ktp_birth_date", "ktp_nik",
    ]  # fmt: skip
    assert all(fact.confidence > 0.9 and fact.span is None for fact in card.facts)
    box = card.facts[3].box
    assert box is not None
    assert 235 < box[0] < 250
    assert (box[1], box[3]) == (77, 40)


@pytest.mark.parametrize(
    ("changes", "field", "expected"),
    [
        ({"r2": f"NIK|: 327301|{NIK[6:]}"}, "nik", NIK),
        ({"r2": "NIK|: 3273O117O8909OO1"}, "nik", NIK),
        ({"r2": "NlK|:327301l7o8909oo1"}, "nik", NIK),
        ({"r2": f"|{NIK}"}, "nik", NIK),
        ({"r2": f"NIK : {NIK}"}, "nik", NIK),
        ({"r2": "NIK|: 3273011708909O0b"}, "nik", "3273011708909006"),
        ({"r2": "NIK|: 3273011700909001"}, "nik", NIK),  # the day printed below tells
        ({"r3": "NamaAGUS SETIAWAN"}, "full_name", "Agus Setiawan"),
        ({"r3": "Narna|: AGUS SETIAWAN"}, "full_name", "Agus Setiawan"),
        ({"r3": "|: AGUS SETIAWAN"}, "full_name", "Agus Setiawan"),
        ({"r3": "Nama|: 5ITI N0R'AINI"}, "full_name", "Siti Nor'aini"),
        ({"r3": "Nama|: H. ABDUL ROHMAN, S.PD"}, "full_name", "Abdul Rohman"),
        ({"r3": "Nama|: SLAMET"}, "full_name", "Slamet"),
        ({"r4": "TempatTgl Lahir|:BANDUNG.17-08-1990"}, "birth_date", "1990-08-17"),
        ({"r4": "TempauTgl Lahir|BANDUNG 17-O8-l990"}, "birth_date", "1990-08-17"),
        ({"r4": "Tempat/Tgl Lahir : GUNUNG KIDUL, 17-08-1990"}, "birth_place", "Gunung Kidul"),
        ({"r4": "Tempat/Tgl LahirBANDUNG, 17-08-1990"}, "birth_place", "Bandung"),
        ({"r4": "Tempat/Tgl Lahir|: BANDUNG, 17081990"}, "birth_date", "1990-08-17"),
    ],
    ids=lambda each: next(iter(each.values())) if isinstance(each, dict) else "",
)  # fmt: skip
def test_what_readers_confuse_is_put_right(changes, field, expected):
    assert values(read(**changes))[field] == expected


def test_a_name_of_two_lines_is_one():
    rows = [*ROWS[:4], "|  NOTONEGORO", *ROWS[4:]]
    assert values(read(*rows))["full_name"] == "Agus Setiawan Notonegoro"


@pytest.mark.parametrize("field", ["full_name", "birth_place", "birth_date", "nik"])
def test_a_blank_field_is_no_fact(field):
    changes = {
        "full_name": {"r3": "Nama|:"},
        "birth_place": {"r4": "Tempat/Tgl Lahir|: , 17-08-1990"},
        "birth_date": {"r4": "Tempat/Tgl Lahir|: BANDUNG,"},
        "nik": {"r2": "NIK|:"},
    }[field]
    assert values(read(**changes)) == {key: FACTS[key] for key in FACTS if key != field}


def test_the_day_of_issue_is_no_birth_date():
    assert "birth_date" not in values(read(r4="Tempat/Tgl Lahir|"))


def test_an_impossible_date_is_left_out():
    assert "birth_date" not in values(read(r4="Tempat/Tgl Lahir|: BANDUNG, 41-13-1990"))


def test_a_mended_number_is_less_sure_and_says_so():
    plain, mended = read(), read(r2="NIK|: 3273011700909001")
    assert plain is not None
    assert mended is not None
    assert mended.facts[3].confidence < plain.facts[3].confidence
    assert "photo_mended" in mended.facts[3].warnings


def test_digits_that_do_not_look_alike_are_left_as_read():
    facts = read(r2="NIK|: 3273012205859001")
    assert values(facts)["nik"] == "3273012205859001"
    assert facts is not None
    assert "nik_date_differs" in facts.facts[3].warnings


def test_a_woman_has_forty_more_in_her_day():
    card = read(r2="NIK|: 3273015708909001", r5="Jenis kelamin|: PEREMPUAN")
    assert card is not None
    assert card.facts[3].warnings == ()


@pytest.mark.parametrize("degrees", [-20, -3, 5, 18, 90, 180, 270])
def test_the_card_may_be_held_in_any_way(degrees):
    angle = math.radians(degrees)

    def turned(x: float, y: float) -> tuple[float, float]:
        return (
            2_000 + x * math.cos(angle) - y * math.sin(angle),
            2_000 + x * math.sin(angle) + y * math.cos(angle),
        )

    seen = [
        ktp.Word(each.text, each.sure, tuple(turned(*point) for point in each.corners))
        for each in words()
    ]
    assert values(ktp.read(seen, today=TODAY)) == FACTS


def test_perspective_fans_the_rows_out():
    def seen(x: float, y: float) -> tuple[float, float]:
        depth = 1 + x / 4_000
        return x / depth, y / depth + 60 * (1 - 1 / depth)

    fan = [
        ktp.Word(each.text, each.sure, tuple(seen(*point) for point in each.corners))
        for each in words()
    ]
    assert values(ktp.read(fan, today=TODAY)) == FACTS


@pytest.mark.parametrize("step", [(0, 700), (1_100, 6)], ids=["below", "beside"])
def test_two_cards_in_one_picture_state_nothing(step):
    other = [
        ktp.Word(each.text, each.sure, tuple((x + step[0], y + step[1]) for x, y in each.corners))
        for each in words(changes={2: "NIK|: 3273015708909002", 3: "Nama|: SITI AMINAH"})
    ]
    assert ktp.read([*words(), *other], today=TODAY) == Card(())


@pytest.mark.parametrize(
    "rows",
    [
        (),
        ("",),
        ("Selamat siang", "Nama saya Agus Setiawan", f"NIK {NIK}", "mohon info KPJ"),
        ("BPJS KETENAGAKERJAAN", "Nomor Peserta", "99012345678", "Nama|AGUS SETIAWAN"),
        ("SURAT IZIN MENGEMUDI", "1. AGUS SETIAWAN", "2. BANDUNG, 17-08-1990", "3. PRIA"),
    ],
    ids=["nothing", "empty", "chat", "kpj card", "driving licence"],
)
def test_what_is_no_ktp_is_none(rows):
    assert ktp.read(words(*rows) if rows else [], today=TODAY) is None


_NUMBERS = st.floats(allow_nan=True, allow_infinity=True)
_POINTS = st.tuples(_NUMBERS, _NUMBERS)
_TEXTS = st.one_of(st.sampled_from([part for row in ROWS for part in row.split("|")]), st.text())


@given(
    st.lists(
        st.builds(
            lambda text, corners, sure: ktp.Word(text, (sure,) * len(text), corners),
            _TEXTS,
            st.tuples(_POINTS, _POINTS, _POINTS, _POINTS),
            st.floats(0, 1),
        ),
        max_size=40,
    )
)
def test_never_raises_on_any_corners(seen):
    card = ktp.read(seen, today=TODAY)
    assert card is None or all(fact.box is not None for fact in card.facts)


@given(st.lists(st.tuples(st.integers(0, 14), st.text(max_size=60)), max_size=8))
def test_never_raises_on_any_text_and_boxes_stay_boxes(swaps):
    card = ktp.read(words(changes=dict(swaps)), today=TODAY)
    for fact in card.facts if card else ():
        assert fact.field in Field
        assert 0 < fact.confidence < 1
        assert fact.box is not None
        assert min(fact.box[:2]) >= 0
        assert min(fact.box[2:]) > 0


def test_a_page_of_digits_takes_no_longer_than_its_words_allow():
    page = [word("9" * 120, 30 + at % 3, 30 * at) for at in range(5_000)]
    assert ktp.read(page, today=TODAY) is None
