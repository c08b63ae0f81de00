"""Why a fact was read, and correcting it with the mouse, the keyboard and a finger."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import update

from helpdesk import clock
from helpdesk.identity.types import Field
from helpdesk.matching import service
from helpdesk.matching.queries import FactView, claims_of
from helpdesk.tickets.models import Message
from tests.browser.conftest import Served

TICKET = 21
NIK = "3273015708909001"
TEXT = (
    "Halo 🙏👩‍👧 mohon nomor KPJ saya\nNama: Siti Aminah\nTTL: Bandung, 17-08-1990\n"
    f"NIK: {NIK}\nIbu kandung saya bernama Dewi Lestari.\n"
)
SignIn = Callable[..., Page]


@pytest.fixture
def page_of(served: Served, signed_in: SignIn) -> Page:
    """The page of a ticket whose message with facts is `TEXT`."""
    with served.database.transaction() as tx:
        tx.session.execute(
            update(Message).where(Message.id == TICKET * 10).values(body=TEXT, html=None)
        )
        now = clock.now()
        assessed = service.assess(tx.session, [TICKET], today=now.date())
        service.save(tx.session, assessed, now=now)
    page = signed_in()
    page.goto(f"{served.url}/tickets/{TICKET}")
    return page


def facts(served: Served) -> dict[Field, FactView]:
    with served.database.reading() as session:
        return {fact.field: fact for fact in claims_of(session, TICKET)[0].facts}


def drag_over(page: Page, words: str) -> None:
    """Select words with the mouse, from before the first letter to behind the last."""
    box = page.evaluate(_BOX, words)
    page.mouse.move(box["left"] + 1, box["y"])
    page.mouse.down()
    page.mouse.move(box["left"] + 20, box["y"])
    page.mouse.move(box["right"], box["y"], steps=4)
    page.mouse.up()


# Where words stand in the window, after bringing them into view.
_BOX = """(words) => {
    const body = document.querySelector("[data-message]");
    const walker = document.createTreeWalker(body, NodeFilter.SHOW_TEXT);
    for (let node; (node = walker.nextNode()); ) {
        const at = node.data.indexOf(words);
        if (at < 0) continue;
        node.parentElement.scrollIntoView({ block: "center" });
        const range = document.createRange();
        range.setStart(node, at);
        range.setEnd(node, at + words.length);
        const { left, right, top, bottom } = range.getBoundingClientRect();
        return { left, right, y: (top + bottom) / 2 };
    }
}"""

_INTO_VIEW = """(each) => {
    each.scrollIntoView({ block: "center" });
    return new Promise(requestAnimationFrame);
}"""


def mark(page: Page, field: str) -> Locator:
    return page.locator(f".body mark[data-fact={field}]")


def test_a_selected_name_becomes_the_fact_and_can_be_taken_back(served: Served, page_of: Page):
    drag_over(page_of, "Dewi Lestari")
    page_of.locator("#pick").get_by_text("Nama").click()

    expect(mark(page_of, "full_name")).to_have_text("Dewi Lestari")
    expect(page_of.locator(".fact[data-fact=full_name] dt + dd")).to_have_text("Dewi Lestari")
    fact = facts(served)[Field.FULL_NAME]
    # Behind emoji, where the browser counts two for each and we count one.
    assert TEXT[fact.span_start : fact.span_end] == "Dewi Lestari"

    page_of.locator(".undone").get_by_text("Urungkan").click()

    expect(mark(page_of, "full_name")).to_have_text("Siti Aminah")
    expect(page_of.locator(".undone")).to_have_count(0)
    assert facts(served)[Field.FULL_NAME].agent_id is None


def test_a_covered_number_is_selected_without_being_shown(served: Served, page_of: Page):
    mark(page_of, "nik").click()
    page_of.locator("#pick [data-none]").click()
    expect(mark(page_of, "nik")).to_have_count(0)

    drag_over(page_of, "9001")
    page_of.locator("#pick").get_by_text("NIK").click()
    expect(page_of.locator(".banner.bad")).to_contain_text("NIK terdiri atas 16 angka")

    drag_over(page_of, "•" * 12 + "9001")
    page_of.locator("#pick").get_by_text("NIK").click()

    expect(mark(page_of, "nik")).to_have_text("•" * 12 + "9001")
    assert facts(served)[Field.NIK].value == NIK
    assert NIK not in page_of.content()


def test_a_fact_says_why_it_was_read(page_of: Page):
    card = page_of.locator(".whycard:popover-open")
    expect(card).to_have_count(0)

    mark(page_of, "birth_date").hover()

    expect(card).to_contain_text("Tertulis setelah label")
    expect(page_of.locator(".fact[data-fact=birth_date]")).to_have_class("fact lit")
    page_of.locator("h1").hover()
    expect(card).to_have_count(0)
    row = page_of.locator(".fact[data-fact=nik]")
    row.evaluate(_INTO_VIEW)  # scrolling, as hovering would do first, hides a card
    row.hover()
    expect(card).to_contain_text("•••• •••• •••• 9001")
    expect(mark(page_of, "nik")).to_have_class("lit")
    assert page_of.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_keyboard_reaches_the_reason_and_the_correction(served: Served, page_of: Page):
    mark(page_of, "birth_place").focus()
    expect(page_of.locator(".whycard:popover-open")).to_contain_text("Bandung")

    page_of.keyboard.press("Enter")
    expect(page_of.locator("#pick button").first).to_be_focused()
    page_of.keyboard.press("Escape")
    expect(page_of.locator("#pick")).to_be_hidden()
    expect(mark(page_of, "birth_place")).to_be_focused()

    page_of.keyboard.press("Enter")
    page_of.keyboard.press("0")

    expect(mark(page_of, "birth_place")).to_have_count(0)
    expect(page_of.locator(".undone button").first).to_be_focused()
    page_of.keyboard.press("Enter")
    expect(mark(page_of, "birth_place")).to_have_text("Bandung")


def test_a_finger_reaches_the_reason_and_the_correction(served: Served, page_of: Page):
    if page_of.viewport_size["width"] > 500:
        mark(page_of, "full_name").click()
    else:
        mark(page_of, "full_name").tap()

    expect(page_of.locator(".whycard:popover-open")).to_contain_text("Siti Aminah")
    expect(page_of.locator("#pick")).to_be_visible()
    page_of.locator("#pick select").select_option("new")
    page_of.locator("#pick").get_by_text("Nama").click()

    expect(page_of.locator(".section .facts")).to_have_count(2)
    expect(mark(page_of, "full_name")).to_have_class("ours")


def test_nothing_moves_when_a_fact_was_corrected(served: Served, page_of: Page):
    drag_over(page_of, "Dewi Lestari")
    before = page_of.evaluate("document.querySelector('[data-message]').getBoundingClientRect().y")
    page_of.locator("#pick").get_by_text("Nama").click()
    expect(page_of.locator(".undone")).to_be_visible()

    after = page_of.evaluate("document.querySelector('[data-message]').getBoundingClientRect().y")
    assert abs(after - before) < 2


def test_a_selection_that_ends_below_its_message_ends_with_it(served: Served, page_of: Page):
    page_of.evaluate("""() => {
        const body = document.querySelector("[data-message]");
        const range = document.createRange();
        range.setStart(body.lastChild, body.lastChild.data.indexOf("Dewi"));
        range.setEnd(document.querySelector(".msg footer, .claim"), 0);
        getSelection().addRange(range);
    }""")

    page_of.locator("#pick").get_by_text("Nama").click()

    expect(mark(page_of, "full_name")).to_have_text("Dewi Lestari")


def test_a_reply_that_is_being_written_is_not_lost(served: Served, page_of: Page):
    asked: list[str] = []
    page_of.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    page_of.locator("[data-edit]").click()
    page_of.fill("#reply", "Tulisan saya sendiri.")

    drag_over(page_of, "Dewi Lestari")
    page_of.locator("#pick").get_by_text("Nama").click()

    expect(page_of.locator("#reply")).to_have_value("Tulisan saya sendiri.")
    assert len(asked) == 1
    assert facts(served)[Field.FULL_NAME].agent_id is None


def test_a_note_that_is_being_written_stays(page_of: Page):
    page_of.locator(".foot summary").click()
    page_of.fill("#note", "Sudah ditelepon.")

    drag_over(page_of, "Dewi Lestari")
    page_of.locator("#pick").get_by_text("Nama").click()

    expect(page_of.locator(".undone")).to_be_visible()
    expect(page_of.locator("#note")).to_have_value("Sudah ditelepon.")
    expect(page_of.locator("#note")).to_be_visible()
