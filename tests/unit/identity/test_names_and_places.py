import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.identity import names, places


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("SITI NURHALIZAH", "Siti Nurhalizah"),
        ("drs. h. ahmad fauzi, m.m.", "Ahmad Fauzi"),
        ("Bpk. Sutrisno", "Sutrisno"),
        ("M. RIZKI A", "M. Rizki A"),
        ("Edy Suprapto, S.T.", "Edy Suprapto"),
        ("ABDUL KARIM BIN SALEH", "Abdul Karim bin Saleh"),
        ("nur'aini", "Nur'aini"),
        ("McDonald Siahaan", "McDonald Siahaan"),
        ("Hj. Nurjannah", "Nurjannah"),
    ],
)
def test_a_name_is_shown_as_on_a_card(written, shown):
    assert names.display(written) == shown


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Moh. Rizky", "MUHAMMAD RIZKI"),
        ("Djoko Soesilo", "Joko Susilo"),
        ("Drs. Achmad Bin Yusup", "ahmad yusuf"),
    ],
)
def test_spellings_of_one_name_have_one_canonical_form(one, two):
    assert names.canonical(one) == names.canonical(two)


def test_different_names_stay_different():
    assert names.canonical("Dwi Lestari") != names.canonical("Dewi Lestari")


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Kab. GARUT", "Garut"), ("jkt", "Jakarta"), ("Kota Kupang", "Kupang"),
        ("KOTABUMI", "Kotabumi"), ("Lombok Tengah", "Lombok Tengah"), ("Kotamadya Solo", "Solo"),
        ("sby", "Surabaya"), ("", ""),
    ],
)  # fmt: skip
def test_a_place_is_shown_as_on_a_form(written, shown):
    assert places.display(written) == shown


@pytest.mark.parametrize(
    ("one", "two"),
    [("Ujung Pandang", "Makassar"), ("Kab. Bandung", "bandung"), ("Jogja", "Yogyakarta")],
)
def test_one_place_under_two_names_has_one_key(one, two):
    assert places.normalise(one) == places.normalise(two)


def test_the_longest_known_place_is_found():
    assert places.find(["jakarta", "barat", "3", "mei"]) == 2


@given(st.text(max_size=60))
def test_any_text_can_be_shown_and_compared(text):
    names.canonical(text)
    places.normalise(text)
    assert names.display(names.display(text)) is not None
