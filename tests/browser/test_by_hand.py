"""Sending an approved direct reply by hand, on a laptop and on a phone."""

import datetime as dt
from collections.abc import Callable

from playwright.sync_api import Page, expect
from sqlalchemy import select, update

from helpdesk import clock
from helpdesk.outbox.models import Delivery
from helpdesk.outbox.states import DeliveryState
from tests.browser.conftest import Served
from tests.seed import person

INSTAGRAM = 35  # may be shown in full, one approval, too long for one message there
SignIn = Callable[..., Page]


def test_from_approval_over_copying_to_marked_and_back(served: Served, signed_in: SignIn):
    page = signed_in()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{served.url}/tickets/{INSTAGRAM}")
    page.locator("[data-approve]").click()
    expect(page.locator(".undo")).to_be_visible()
    _let_the_undo_time_pass(served)
    page.goto(f"{served.url}/tickets/{INSTAGRAM}")

    page.locator("button[value=send]").click()
    expect(page.locator(".parts li")).to_have_count(2)
    page.locator("[data-copy-from=part-1]").click()
    expect(page.locator("[data-copy-from=part-1]")).to_have_text("Tersalin")
    copied = page.evaluate("navigator.clipboard.readText()")
    page.locator("button[value=sent]").click()

    expect(page.locator(".answer .banner.good")).to_be_visible()
    assert person(INSTAGRAM).kpj(0) in copied
    assert len(copied.encode()) <= 1_000
    assert _states(served) == [DeliveryState.SENT]
    page.locator("button[value=unsent]").click()
    expect(page.locator("button[value=failed]")).to_be_visible()
    assert _states(served) == [DeliveryState.HANDED]


def test_a_channel_is_handed_over_and_marked(served: Served, signed_in: SignIn):
    page = signed_in()
    page.goto(f"{served.url}/tickets/{INSTAGRAM}")
    page.locator("[data-approve]").click()
    expect(page.locator(".undo")).to_be_visible()
    _let_the_undo_time_pass(served)
    page.goto(f"{served.url}/handover")

    page.locator("button[value=instagram]").click()
    page.wait_for_url("**/handover/1")
    with page.expect_download() as download:
        page.get_by_text("JSON lines").last.click()
    page.get_by_text("Semua terkirim").click()

    expect(page.get_by_text("Belum terkirim")).to_be_visible()
    assert download.value.suggested_filename == "serah-terima-1-instagram.jsonl"
    assert _states(served) == [DeliveryState.SENT]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def _let_the_undo_time_pass(served: Served) -> None:
    with served.database.transaction() as tx:
        tx.session.execute(update(Delivery).values(not_before=clock.now() - dt.timedelta(hours=1)))


def _states(served: Served) -> list[DeliveryState]:
    with served.database.reading() as session:
        return list(session.scalars(select(Delivery.state)))
