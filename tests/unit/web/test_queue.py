import datetime as dt

import pytest

from helpdesk.errors import InvalidError
from helpdesk.tickets.queries import Cursor
from helpdesk.web.queue import age
from helpdesk.web.raw import safe_name


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(-5, (0, "m")), (59, (59, "m")), (60, (1, "h")), (47 * 60, (47, "h")), (48 * 60, (2, "d"))],
)
def test_age_is_rounded_as_people_say_it(minutes: int, said: tuple[int, str]):
    assert age(dt.timedelta(minutes=minutes)) == said


def test_cursor_comes_back_as_it_was():
    cursor = Cursor(dt.datetime(2026, 11, 21, 13, 5, 9, 123456, tzinfo=dt.UTC), 4711)

    assert Cursor.parse(str(cursor)) == cursor


@pytest.mark.parametrize("text", ["", "-", "x-1", "1", "ffffffffffffffffffff-1"])
def test_other_cursors_are_refused(text: str):
    with pytest.raises(InvalidError):
        Cursor.parse(text)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\x\\KTP.jpg", "KTP.jpg"),
        ("a\r\nb.pdf", "ab.pdf"),
        ("...", "file"),
        ("", "file"),
    ],
)
def test_file_names_cannot_lead_elsewhere(name: str, kept: str):
    assert safe_name(name) == kept
