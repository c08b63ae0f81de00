"""Who a claim means: reading why, deciding otherwise, looking by hand; laptop and phone."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Served
from tests.seed import person

CLEAR = 21  # one candidate, a match
DOUBTFUL = 30  # two candidates, none a match
SignIn = Callable[..., Page]


def test_why_opens_with_the_keyboard_and_ends_at_the_probability(
    served: Served, signed_in: SignIn
):
    page = signed_in()
    page.goto(f"{served.url}/tickets/{CLEAR}")

    page.locator(".cand.best summary").first.focus()
    page.keyboard.press("Enter")

    expect(page.locator(".cand.best .ev .total")).to_contain_text("99,9%")
    written = page.locator(".cand.best .ev .bits").all_inner_texts()
    *steps, total = (float(each.replace("−", "-").replace(",", ".")) for each in written)
    assert sum(steps) == pytest.approx(total)


def test_the_next_one_stands_beside_with_what_differs_marked(served: Served, signed_in: SignIn):
    page = signed_in()
    page.goto(f"{served.url}/tickets/{DOUBTFUL}")

    beside = page.locator(".cand.best .beside")

    expect(beside).to_be_visible()
    assert beside.locator("b").count() > 2
    expect(beside.locator(".of", has_text="calon 2")).to_have_count(4)
    assert person(DOUBTFUL).nik not in beside.inner_text().replace(" ", "")


@pytest.mark.parametrize("page", ["laptop"], indirect=True)
def test_the_choice_is_seen_without_scrolling(served: Served, signed_in: SignIn):
    page = signed_in()
    page.goto(f"{served.url}/tickets/{DOUBTFUL}")

    for button in page.locator(".cand.best button[name=person]").all():
        expect(button).to_be_in_viewport(ratio=1)


def test_an_agent_says_that_it_is_somebody_else_and_takes_it_back(
    served: Served, signed_in: SignIn
):
    page = signed_in()
    page.goto(f"{served.url}/tickets/{CLEAR}")

    page.locator("button[name=person][value=none]").click()
    expect(page.locator(".chosen")).to_contain_text("Sari Wulandari")
    page.locator(".chosen button").click()

    expect(page.locator(".chosen")).to_have_count(0)
    expect(page.locator(".cand.best")).to_be_visible()


def test_a_person_found_by_hand_is_chosen_on_the_same_page(served: Served, signed_in: SignIn):
    page = signed_in()
    page.goto(f"{served.url}/tickets/{CLEAR}")
    form = page.locator(".by-hand form")

    page.locator(".by-hand summary").click()
    form.locator("[name=full_name]").fill("")
    form.locator("[name=birth_place]").fill("")
    form.locator("[name=birth_date]").fill("")
    form.locator("[name=kpj]").fill(person(DOUBTFUL).kpj(0))
    form.locator("[name=reason]").fill("Penelepon menyebut kartu lama")
    form.locator("button").click()
    found = page.locator(".found .cand")

    expect(found).to_have_count(1)
    assert page.url.endswith(f"/tickets/{CLEAR}")
    found.locator("button[name=found]").click()
    expect(page.locator(".chosen")).to_contain_text(re.compile("Sari Wulandari"))
