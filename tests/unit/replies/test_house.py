"""What replies need, read once."""

import msgspec
import pytest

from helpdesk.errors import SettingsError
from helpdesk.replies.house import open_house
from helpdesk.settings import Agency, Settings


def opened(**agency):
    return open_house(Settings(secret_key="0" * 64, agency=Agency(**agency)))


def test_hours_are_given_in_the_language_of_the_reply():
    words = opened(call_centre_hours="setiap saat", call_centre_hours_en="at any time").words
    assert words["id"]["call_centre_hours"] == "setiap saat"
    assert words["en"]["call_centre_hours"] == "at any time"


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("timezone", "Asia/Atlantis"),
        ("website", "www.bpjs.example"),
        ("call_centre", "08119115910"),
        ("app_name", ""),
    ],
)
def test_what_could_not_stand_in_a_reply_is_refused_at_start(setting, value):
    with pytest.raises(SettingsError, match=f"agency.{setting}"):
        opened(**{setting: value})


def test_the_secret_is_not_printed():
    house = open_house(msgspec.structs.replace(Settings(), secret_key="very-secret"))
    assert "very-secret" not in repr(house)
