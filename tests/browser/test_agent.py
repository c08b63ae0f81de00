"""An agent's way through the screens, on a laptop and on a phone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from helpdesk.outbox.models import Delivery
from helpdesk.outbox.states import DeliveryState
from tests.browser.conftest import Served
from tests.seed import person

CLEAR = 21  # may be shown in full, one approval
SignIn = Callable[..., Page]


def test_from_login_over_queue_and_ticket_to_approval_and_undo(served: Served, signed_in: SignIn):
    page = signed_in()
    page.locator(f'.row[href^="/tickets/{CLEAR}"]').click()

    page.locator("[data-approve]").click()
    expect(page.locator(".undo")).to_be_visible()
    page.locator(".undo button").click()

    expect(page.locator("[data-approve]")).to_be_enabled()
    assert _states(served) == [DeliveryState.CANCELLED]


def test_approval_lasts_when_nobody_takes_it_back(served: Served, signed_in: SignIn):
    page = signed_in()
    page.goto(f"{served.url}/tickets/{CLEAR}")

    page.keyboard.press("Control+Enter")

    expect(page.locator(".undo [data-left]")).to_have_text("14", timeout=5_000)
    assert _states(served) == [DeliveryState.QUEUED]


@pytest.mark.parametrize(
    "path",
    [
        "/tickets",
        f"/tickets/{CLEAR}",
        "/tickets/30",
        "/handover",
        "/dead-letters",
        "/kept",
        "/audit",
        "/registry",
        "/matching",
        "/matching/looks",
    ],
)
def test_no_page_is_wider_than_the_screen(served: Served, signed_in: SignIn, path: str):
    page = signed_in()

    page.goto(served.url + path)

    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_reveal_opens_and_covers_again(served: Served, signed_in: SignIn):
    page = signed_in()
    page.goto(f"{served.url}/tickets/{CLEAR}")
    nik = person(CLEAR).nik

    page.locator("button[value=numbers]").click()
    expect(page.locator("mark[data-fact=nik]")).to_have_text(nik)
    page.get_by_text("Tutup lagi").click()

    expect(page.locator("mark[data-fact=nik]")).not_to_have_text(nik)


def test_original_mail_opens_in_a_frame_that_loads_nothing(served: Served, signed_in: SignIn):
    page = signed_in()
    foreign: list[str] = []
    page.on("request", lambda sent: sent.url.startswith(served.url) or foreign.append(sent.url))
    page.goto(f"{served.url}/tickets/{CLEAR}")

    page.locator("[data-original]").first.click()

    frame = page.frame_locator(".msg iframe")
    expect(frame.locator(".mail")).to_contain_text("Terima kasih")
    assert not foreign


def test_keyboard_walks_the_queue(served: Served, signed_in: SignIn):
    page = signed_in()

    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")

    expect(page.locator("h1")).to_contain_text("#")


def test_filter_narrows_without_a_button(served: Served, signed_in: SignIn):
    page = signed_in()

    page.select_option("[name=channel]", "whatsapp")

    page.wait_for_url("**channel=whatsapp**")
    expect(page.locator(".row use[href*='#whatsapp']").first).to_be_visible()
    assert page.locator(".row use[href*='#mail']").count() == 0


def test_second_agent_keeps_their_words(served: Served, signed_in: SignIn):
    page = signed_in()
    page.goto(f"{served.url}/tickets/{CLEAR}")
    page.locator("[data-edit]").click()
    other = page.context.new_page()
    other.goto(f"{served.url}/tickets/{CLEAR}")
    other.locator("[name=situation]").first.select_option("incomplete")
    expect(other.locator("textarea#reply")).to_be_visible()

    page.fill("#reply", "Tulisan saya sendiri.")
    page.locator("[data-approve]").click()

    expect(page.locator("#reply")).to_have_value("Tulisan saya sendiri.")
    assert _states(served) == []


def _states(served: Served) -> list[DeliveryState]:
    with served.database.reading() as session:
        return list(session.scalars(select(Delivery.state)))


def test_decision_and_button_are_in_view_without_scrolling(served: Served, signed_in: SignIn):
    page = signed_in()
    page.goto(f"{served.url}/tickets/{CLEAR}")

    expect(page.locator("[data-approve]")).to_be_in_viewport(ratio=1)
    if page.viewport_size["width"] > 1300:
        for answer in (".facts", ".cand.best", ".verdict"):
            expect(page.locator(answer).first).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize(
    "path",
    [
        "/tickets",
        f"/tickets/{CLEAR}",
        "/tickets/30",
        "/dead-letters",
        "/audit",
        "/registry",
        "/matching",
    ],
)
def test_everything_can_be_hit_with_a_finger(served: Served, signed_in: SignIn, path: str):
    page = signed_in()
    page.goto(served.url + path)

    if page.viewport_size["width"] < 500:
        assert page.evaluate(_TOO_LOW) == []


_TOO_LOW = """() => [...document.querySelectorAll("a, button, select, summary, textarea, input")]
    .filter((each) => each.checkVisibility() && !each.closest(".skip, p, label"))
    .filter((each) => !each.closest("details:not([open])") || each.matches("summary"))
    .filter((each) => each.getBoundingClientRect().height < 40)
    .map((each) => each.outerHTML)"""
