"""The display name counts only when the writer says that it is their name."""

import pytest

from helpdesk.identity.reading import read
from helpdesk.identity.whose.profile import find


def _names(text: str, sender: str = "Budi Santoso") -> list[str]:
    return [one.value for one in find(sender, [read(0, text)])]


@pytest.mark.parametrize(
    "text",
    [
        "nama sesuai akun ini ya min, nik 3273",
        "nama saya sama dengan profil",
        "Nama lengkap: sesuai nama akun FB",
        "nama seperti di wa",
        "akun ini nama asli saya kok",
    ],
)
def test_a_name_is_that_of_the_profile_when_the_writer_says_so(text):
    assert _names(text) == ["Budi Santoso"]


@pytest.mark.parametrize(
    "text",
    ["saya lupa nomor kpj", "nama tidak sesuai akun ya", "nama di ktp beda, bukan nama akun"],
)
def test_a_name_is_not_that_of_the_profile_otherwise(text):
    assert _names(text) == []


def test_a_profile_that_is_no_name_is_none():
    assert _names("nama sesuai akun", "") == []
    assert _names("nama sesuai akun", "12345") == []
