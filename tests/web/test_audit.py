"""The audit list."""

import datetime as dt
import re
from pathlib import Path

import pytest

import helpdesk
from helpdesk import i18n
from helpdesk.accounts import audit
from helpdesk.accounts.audit import Entry
from helpdesk.accounts.models import Role
from helpdesk.web import audit as audit_page

NOW = dt.datetime(2026, 3, 1, 2, 30, tzinfo=dt.UTC)


@pytest.fixture
def browser(signed_in):
    return signed_in(Role.AUDITOR)


@pytest.fixture
def record(app, sqlite_database):
    """Add lines to the trail."""

    def add(*entries: Entry, agent_id: int | None = None) -> None:
        key = app.state.house.audit_key
        with sqlite_database.transaction() as tx:
            audit.record_all(tx.session, entries, key=key, now=NOW, agent_id=agent_id)

    return add


def test_empty_trail_says_so(browser):
    assert "Belum ada kejadian." in browser.get("/audit").text


def test_line_shows_who_did_what_in_words_and_local_time(browser, record):
    record(Entry("ticket.view", "ticket", 7, {"reason": "reply"}), agent_id=browser.agent_id)

    page = browser.get("/audit").text

    assert "Auditor Contoh</td>" in page
    assert "<td>Tiket dilihat</td>" in page
    assert "Tiket #7" in page
    assert "1 Mar 2026, 09.30" in page or "1 Mar 2026, 09:30" in page
    assert "alasan: reply" in page


def test_whatever_the_product_notes_has_words():
    sources = "".join(each.read_text("utf-8") for each in Path(helpdesk.__path__[0]).rglob("*.py"))
    noting = r'(?:action=|Entry\(\s*|note\(\s*\*?\(?request, [\w.]+, )"(\w+\.\w+)"'
    noted = re.findall(noting, sources)
    assert len(noted) > 20
    assert set(noted) <= audit_page.ACTIONS.keys()


def test_a_detail_may_be_a_list_and_an_empty_one_says_nothing(browser, record):
    record(Entry("claim.correct", "ticket", 7, {"fields": ["full_name", "birth_date"], "to": []}))

    page = browser.get("/audit").text

    assert "nama lengkap, tanggal lahir" in page
    assert f"{i18n.translations('id').gettext('assigned to')}:" not in page


def test_detail_cannot_bring_markup_along(browser, record):
    record(Entry("ticket.view", "<b>x</b>", 7, {"<script>": "<img>"}))

    page = browser.get("/audit").text

    assert "<script>:" not in page
    assert "<img>" not in page
    assert "<b>x" not in page


@pytest.mark.parametrize(
    "query", ["action=ticket.view", "subject=ticket&number=1", "agent={agent}"]
)
def test_filter_leaves_the_other_lines_out(browser, record, query):
    record(Entry("ticket.view", "ticket", 1), agent_id=browser.agent_id)
    record(Entry("draft.edit", "draft", 2))

    page = browser.get(f"/audit?{query.format(agent=browser.agent_id)}").text

    assert "<td>Tiket dilihat</td>" in page
    assert "<td>Konsep diubah</td>" not in page


def test_long_trail_goes_on_to_older_lines_within_the_filter(browser, record):
    record(*(Entry("ticket.view", "ticket", number) for number in range(1, 52)))

    first = browser.get("/audit?action=ticket.view").text
    second = browser.get("/audit?action=ticket.view&before=2").text

    assert "/audit?action=ticket.view&amp;before=2" in first
    assert "#51" in first
    assert "#1<" not in first.replace("#1 ", "#1<").replace("#1\n", "#1<")
    assert "Lebih lama" not in second


@pytest.mark.parametrize("value", ["x", "-1", "1e9", "٣", "9" * 400, "99999999999999999999"])
def test_nonsense_in_the_filter_is_harmless(browser, value):
    assert browser.get("/audit", params={"number": value, "before": value}).status_code == 200


def test_agent_may_not_read_the_trail(signed_in):
    assert signed_in(Role.AGENT).get("/audit").status_code == 403


def test_page_is_in_the_language_of_who_is_signed_in(signed_in):
    assert "Jejak audit" in signed_in(Role.ADMIN).get("/audit").text
    assert "Audit trail" in signed_in(Role.ADMIN, login="b", language="en").get("/audit").text
