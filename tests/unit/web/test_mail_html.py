import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.web.mail_html import MAX_CHARS, MAX_ELEMENTS, sanitise


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


@pytest.mark.parametrize(
    "nested",
    [
        "<div>",
        "<div></p>",  # an end tag browsers ignore
        '<div title="</div>">',
        "<div><!--</div>-->",
        "<div><table><td></div></td></table>",  # one that cannot reach what it names
        "<b><div></b>",
        "<p><font color=1></p>",  # taken up again in every paragraph
    ],
)
def test_nesting_that_would_take_minutes_is_not_shown(nested: str):
    assert sanitise(nested * (MAX_CHARS // len(nested))).html is None


def test_more_elements_than_any_newsletter_has_are_not_shown():
    assert sanitise("<p>x</p>" * MAX_ELEMENTS).html is None
    assert sanitise("<p>x</p>" * (MAX_ELEMENTS // 10)).html is not None


def test_a_tag_with_thousands_of_attributes_costs_no_more_than_its_length():
    attributes = " ".join(f"a{number}" for number in range(60_000))

    assert sanitise(f"<a {attributes} href='https://example.com'>x</a>").html == (
        '<a href="https://example.com" target="_blank" rel="noopener noreferrer nofollow">x</a>'
    )


@pytest.mark.parametrize(
    "html",
    [
        "Halo &amp; selamat",
        "<p>Halo &amp; selamat</p>",
        "<P CLASS=x>Halo &amp; selamat</P>",
        "<!-- x --><p>Halo &amp; selamat",
    ],
)
def test_ordinary_mail_is_shown_as_it_is(html: str):
    assert "Halo &amp; selamat" in (sanitise(html).html or "")


def test_nothing_at_all_is_shown_as_nothing():
    assert [sanitise(html).html for html in ("", "<!-- x -->", "\x00")] == ["", "", ""]


@given(st.text(alphabet="<>/abdivscript \"'=", max_size=200))
def test_never_raises(html: str):
    sanitise(html)
