"""A participant fills in the public form; an agent opens a ticket for a caller."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from helpdesk.tickets.kinds import Channel
from helpdesk.tickets.models import Message, Ticket
from tests.browser.conftest import Served
from tests.registry import RECORD
from tests.registry import fill as register

FACTS = {
    "#full_name": "Rahmat Contoh",
    "#birth_place": "Bandung",
    "#birth_date": "17 Agustus 1990",
    "#nik": "3273 0117 0890 9001",
}


@pytest.fixture
def refused(page: Page) -> Page:
    """A page whose browser calls our own word for a wrong answer an error; it is none."""
    page.route("**/permintaan?lang=id", _as_accepted)
    return page


def _as_accepted(route) -> None:
    answer = route.fetch()
    route.fulfill(response=answer, status=200)


def fill(page: Page, facts: dict[str, str]) -> None:
    for field, value in facts.items():
        page.fill(field, value)


def newest(served: Served, *columns):
    with served.database.reading() as session:
        return session.execute(select(*columns).order_by(Ticket.id.desc()).limit(1)).one()


def test_a_participant_asks_keeps_the_link_and_adds_to_the_request(refused: Page, served: Served):
    page = refused
    page.goto(f"{served.url}/permintaan")
    page.fill("#nik", "3273 0118 0890")
    expect(page.locator("#nik-live")).to_have_text("12 dari 16 angka")
    page.click("button.send")

    expect(page.locator(".summary")).to_contain_text("Isi nama lengkap Anda")
    expect(page.locator("#full_name")).to_be_focused()
    fill(page, FACTS | {"#nik": "3273 0118 0890 9001"})
    expect(page.locator("#nik-live")).to_contain_text("berbeda dengan tanggal lahir")
    page.fill("#nik", FACTS["#nik"])
    expect(page.locator("#nik-live")).to_have_text("Sudah 16 angka")
    expect(page.locator("#email")).to_be_hidden()
    page.get_by_label("E-mail", exact=True).check(force=True)
    page.fill("#email", "rahmat@example.org")
    expect(page.locator("#phone")).to_be_hidden()
    page.check("#consent")
    page.wait_for_timeout(3_100)  # a person takes longer than that
    page.click("button.send")

    expect(page.locator("h1")).to_have_text("Permintaan Anda sudah kami terima")
    assert newest(served, Ticket.channel).channel is Channel.WEB
    link = page.locator("#link").text_content()
    page.goto(link)
    expect(page.locator(".stage")).to_contain_text("Diterima")
    expect(page.locator(".said")).to_contain_text("••••••••••••9001")
    page.fill("#text", "Dulu saya bekerja di PT Contoh.")
    page.wait_for_timeout(3_100)
    page.click("button.send")
    expect(page.locator("[role=status]")).to_contain_text("Sudah ditambahkan")
    expect(page.locator(".said")).to_have_count(2)


def test_the_form_works_without_scripts(chromium: Browser, served: Served):
    context = chromium.new_context(
        java_script_enabled=False, viewport={"width": 390, "height": 844}
    )
    page = context.new_page()
    page.goto(f"{served.url}/permintaan?lang=en")
    fill(page, FACTS)
    page.check("#reach-whatsapp", force=True)
    page.fill("#phone", "0812 3456 7890")
    page.check("#consent")
    page.wait_for_timeout(3_100)
    page.click("button.send")

    expect(page.locator("h1")).to_have_text("We have your request")
    expect(page.locator("main")).to_contain_text("by WhatsApp to +6281234567890")
    expect(page.locator("[data-copy-from]")).to_be_hidden()
    context.close()


def test_the_public_pages_have_big_targets_and_no_sideways_scroll(page: Page, served: Served):
    page.goto(f"{served.url}/permintaan")
    fields = page.locator("main input:not([type=hidden], [type=radio]), textarea, .choice, .send")
    small = fields.evaluate_all(
        """(all) => all.filter((each) => each.checkVisibility() && !each.closest(".trap"))
        .filter((each) => each.type === "checkbox" ? each.closest("label").offsetHeight < 44
          : each.offsetHeight < 44 || parseFloat(getComputedStyle(each).fontSize) < 16)
        .map((each) => each.id || each.className)"""
    )
    assert small == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_an_agent_opens_a_ticket_for_a_caller_and_verifies_them(
    signed_in: Callable[[str], Page], served: Served
):
    register(served.database, [RECORD])
    page = signed_in("dewi")
    page.click("a[href='/intake/new']")
    page.fill("#caller", "Rahmat Contoh")
    page.fill("#number", "0812 3456 7890")
    fill(page, FACTS)
    page.click("button.primary")

    page.wait_for_selector("[name=said]")
    expect(page.locator(".cand .name").first).to_contain_text("RAHMAT CONTOH")
    page.fill("[name=said]", "Kartini")
    page.press("[name=said]", "Enter")
    expect(page.locator(".verify")).to_contain_text("Sisa 2 kali.")
    page.fill("[name=said]", "Hj. Siti Aminah")
    page.press("[name=said]", "Enter")
    expect(page.locator(".verify")).to_contain_text("Nama yang disebutkan sesuai dengan data.")
    expect(page.locator(".verdict")).to_contain_text("Nomor KPJ boleh ditampilkan penuh")
    assert newest(served, Ticket.channel).channel is Channel.PHONE
    with served.database.reading() as session:
        assert "Aminah" not in " ".join(session.scalars(select(Message.body)))
