import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.identity.words import places


@pytest.mark.parametrize(
    ("written", "shown"),
    [("Tj. Pinang", "Tanjung Pinang"), ("jbr", "Jember"), ("sei penuh", "Sungai Penuh"),
     ("P. Siantar", "Pematang Siantar"), ("TG. PANDAN", "Tanjung Pandan"), ("jkt", "Jakarta"),
     ("T. Tinggi", "Tebing Tinggi"), ("t. balai", "Tanjung Balai"), ("M. Enim", "Muara Enim"),
     ("skh", "Sukoharjo")],
)  # fmt: skip
def test_short_forms_are_spelled_out(written, shown):
    assert places.display(written) == shown
    assert places.known(written)


@pytest.mark.parametrize("written", ["Tj. Nowhere", "p. budi", "budi", "terima kasih", ""])
def test_what_is_no_known_place_stays_as_it_is(written):
    assert not places.known(written)


@pytest.mark.parametrize(
    ("written", "key"),
    [("Kab. Bandung", "bandung"), ("jogja", "yogyakarta"), ("Solo", "surakarta"), ("jbr", "jbr"),
     ("Tj. Pinang", "tjpinang"), ("Kotabumi", "kotabumi")],
)  # fmt: skip
def test_the_keys_of_the_registry_stay_what_version_1_made_them(written, key):
    assert places.VERSION == 1
    assert places.normalise(written) == key


@pytest.mark.parametrize(
    "town", ["Tanjung Balai Karimun", "Kuala Lumpur", "Sandakan", "Rantepao", "Wamena", "Ampenan"]
)
def test_towns_that_are_no_region_are_known(town):
    assert places.major(town)


@pytest.mark.parametrize("written", ["Garut*", "_Garut_", "(Kab. GARUT)", "garut,"])
def test_marks_around_a_place_are_left_out(written):
    assert places.display(written) == "Garut"


@given(st.text(max_size=40))
def test_a_shown_place_is_shown_the_same_again(text):
    once = places.display(text)
    assert places.normalise(places.display(once)) == places.normalise(once)
