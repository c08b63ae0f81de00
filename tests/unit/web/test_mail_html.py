import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.web.mail_html import MAX_DEPTH, depth, sanitise


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<a href='javascript:alert(1)'>x</a>",
        "<svg onload=alert(1)>",
        "<iframe src='https://example.com'></iframe>",
        "<form action='https://example.com'><input></form>",
        "<style>@import 'https://example.com'</style>",
        "<p style='background:url(https://example.com)'>x</p>",
        "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    ],
)
def test_nothing_that_acts_or_loads_is_left(html: str):
    shown = sanitise(html).html or ""

    for bad in ("alert", "src", "style", "form", "javascript", "import", "url("):
        assert bad not in shown


def test_text_and_tables_are_left():
    assert sanitise("<table><tr><td>Nama</td></tr></table>").html == (
        "<table><tbody><tr><td>Nama</td></tr></tbody></table>"
    )


def test_links_open_elsewhere_and_tell_nothing():
    shown = sanitise('<a href="https://example.com/a">x</a>').html or ""

    assert 'target="_blank"' in shown
    assert "noreferrer" in shown


def test_relative_links_lead_nowhere():
    assert "href" not in (sanitise('<a href="/logout">x</a>').html or "")


def test_blocked_pictures_are_told():
    assert sanitise("<img src='https://example.com/t.gif'>").left_out


def test_too_deep_is_not_shown():
    assert sanitise("<div>" * (MAX_DEPTH + 1)).html is None


def test_breaks_do_not_count_as_depth():
    assert depth("<br>" * 1000 + "<p>x</p>") == 1


@given(st.text(alphabet="<>/abdivscript \"'=", max_size=200))
def test_never_raises(html: str):
    sanitise(html)
