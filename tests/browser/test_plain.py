"""An agent's way without any script: what JavaScript adds is comfort, not the work."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from helpdesk.outbox.models import Delivery
from helpdesk.outbox.states import DeliveryState
from tests.browser.conftest import Served
from tests.seed import PASSWORD

CLEAR = 21  # may be shown in full, one approval


@pytest.fixture
def plain(chromium: Browser) -> Iterator[Page]:
    """A page in a browser that runs no script."""
    context = chromium.new_context(
        viewport={"width": 1366, "height": 768}, java_script_enabled=False
    )
    yield context.new_page()
    context.close()


def test_from_login_to_an_approved_reply_without_scripts(served: Served, plain: Page):
    plain.goto(f"{served.url}/tickets")
    plain.fill("[name=login]", "sari")
    plain.fill("[name=password]", PASSWORD)
    plain.click("button.primary")
    plain.select_option("[name=channel]", "email")
    plain.get_by_role("button", name="Saring").click()
    plain.locator(f'.row[href^="/tickets/{CLEAR}"]').click()
    plain.locator("[data-approve]").click()

    expect(plain.locator(".undo button")).to_be_visible()
    with served.database.reading() as session:
        assert session.scalars(select(Delivery.state)).all() == [DeliveryState.QUEUED]


def test_draft_is_edited_and_another_macro_chosen_without_scripts(served: Served, plain: Page):
    plain.goto(f"{served.url}/login")
    plain.fill("[name=login]", "sari")
    plain.fill("[name=password]", PASSWORD)
    plain.click("button.primary")
    plain.goto(f"{served.url}/tickets/{CLEAR}")
    plain.select_option("[name=situation]", "incomplete")
    plain.get_by_role("button", name="Pakai").click()
    plain.fill("#reply", "Mohon lengkapi NIK Anda.")
    plain.get_by_role("button", name="Simpan", exact=True).click()

    expect(plain.locator("#reply")).to_have_value(re.compile(r"^Mohon lengkapi NIK Anda\.\s*$"))
