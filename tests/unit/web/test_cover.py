from hypothesis import given
from hypothesis import strategies as st

from helpdesk.web.cover import Mark, cover, cut, has_covered

_MARKS = st.lists(
    st.builds(
        Mark,
        st.integers(-5, 60),
        st.integers(-5, 60),
        st.just("nik"),
        st.booleans(),
        by_agent=st.booleans(),
    )
)


def test_nik_keeps_its_last_four_digits():
    assert cover("NIK 3273011708909001.") == "NIK ••••••••••••9001."


def test_grouped_number_keeps_its_grouping():
    assert cover("3273 0117 0890 9001") == "•••• •••• •••• 9001"


def test_birth_date_stays():
    assert cover("Bandung, 17-08-1990") == "Bandung, 17-08-1990"


def test_kpj_is_covered():
    assert has_covered("99000000017")
    assert not has_covered("117 tiket pada 2026")


@given(st.text())
def test_cover_keeps_every_place(text: str):
    assert len(cover(text)) == len(text)


@given(st.text(max_size=50), _MARKS)
def test_pieces_rejoin_whatever_the_marks(text: str, marks: list[Mark]):
    assert "".join(piece.text for piece in cut(text, marks)) == text


def test_overlapping_marks_keep_the_first_whole():
    pieces = cut("Siti Aminah", [Mark(0, 11, "full_name"), Mark(5, 11, "birth_place")])

    assert [(piece.text, piece.mark and piece.mark.field) for piece in pieces] == [
        ("Siti Aminah", "full_name")
    ]


def test_what_an_agent_selected_is_shown_before_what_was_read_over_it():
    read, near = Mark(0, 16, "full_name"), Mark(17, 20, "nik")
    selected = Mark(5, 16, "full_name", by_agent=True)

    pieces = cut("juga Joko Widagdo 123", [read, near, selected])

    assert [piece.mark for piece in pieces if piece.mark] == [selected, near]
