"""Every page keeps the rules of WCAG 2.2 AA that a machine can check, at both sizes and themes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from helpdesk import clock
from helpdesk.db import Base, Database
from tests.browser import screenshots
from tests.browser.conftest import SIZES, serving
from tests.seed import PASSWORD

AXE = (Path(__file__).parents[1] / "data" / "axe" / "axe.min.js").read_text("utf-8")
PAGES = (
    "/tickets",
    "/tickets?q=tidak-ada",
    "/intake/new",
    "/handover",
    "/dead-letters",
    "/kept",
    "/imports",
    "/imports/{batch}",
    "/registry",
    "/matching",
    "/matching/looks/1",
    "/audit",
    "/tickets/{chat}",
    "/tickets/21",  # one candidate, a match
    "/tickets/30",  # two candidates, none a match
    "/tickets/99999",
)
OPENED = ("claim", "draft", "numbers")  # what a ticket shows beyond the usual
PUBLIC = ("/login", "/permintaan", "/permintaan?lang=en")
# What is closed is not seen by axe, so it is opened first, but for what opens over something else.
# Bars that stay at the top and the bottom cover what happens to be scrolled under them. Frames
# hold mail of others.
RUN = """() => {
  const all = (selector) => [...document.querySelectorAll(selector)];
  for (const each of all("details:not(.menu, .refuse)")) each.open = true;
  for (const each of all(".acts.main")) each.style.position = "static";
  scrollTo(0, 0);
  const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  return axe.run(document, {iframes: false, runOnly: rules, resultTypes: ["violations"]})
    .then((found) => found.violations.flatMap((each) =>
      each.nodes.map((node) => `${each.id}: ${node.target.join(" ")}`)));
}"""


@pytest.fixture(scope="module")
def lived_in(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The address of a helpdesk with something on every page, and of what was imported."""
    folder = tmp_path_factory.mktemp("lived_in")
    database = Database(f"sqlite:///{folder}/helpdesk.sqlite3")
    Base.metadata.create_all(database.engine)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", lambda: screenshots.NOW)
        with serving(database, folder) as served:
            chats = screenshots.bring_in(database, folder)
            yield {
                "url": served.url,
                "chat": str(chats.ticket_id),
                "batch": str(chats.batch_id),
            }
    database.dispose()


@pytest.mark.xdist_group("lived_in")
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", list(SIZES))
def test_no_page_breaks_a_rule_of_accessibility(
    chromium: Browser, lived_in: dict[str, str], size: str, theme: str
):
    width, height = SIZES[size]
    context = chromium.new_context(
        viewport={"width": width, "height": height},
        color_scheme=theme,
        has_touch=size == "phone",
        reduced_motion="reduce",
    )
    context.clock.set_fixed_time(screenshots.NOW)
    page, url = context.new_page(), lived_in["url"]
    broken: dict[str, list[str]] = {}

    def check(what: str) -> None:
        page.evaluate(AXE)
        if found := page.evaluate(RUN):
            broken[what] = found

    for path in PUBLIC:
        page.goto(url + path)
        check(path)
    _sign_in(page, url)
    for path in PAGES:
        page.goto(url + path.format_map(lived_in))
        check(path)
    for what in OPENED:
        page.goto(f"{url}/tickets/21")
        page.locator(f"form[action*='/open'] button[value={what}]").click()
        page.wait_for_url("**/open")
        check(what)
    page.goto(f"{url}/tickets")
    page.keyboard.press("?")
    page.locator("#keys").wait_for()
    check("keys")
    context.close()

    assert broken == {}


def _sign_in(page: Page, url: str) -> None:
    page.goto(f"{url}/login")
    page.fill("[name=login]", "sari")
    page.fill("[name=password]", PASSWORD)
    page.click("button.primary")
    page.wait_for_url("**/tickets")
