"""Exports brought in with a browser, on a laptop and on a phone, with and without scripts."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from helpdesk import clock, importing, jobs
from helpdesk.blobs import BlobStore
from helpdesk.jobs import Job
from helpdesk.settings import Settings
from helpdesk.tickets.models import Message
from tests.browser.conftest import Served
from tests.seed import PASSWORD
from tests.web.test_conversations import CHAT, png

SignIn = Callable[..., Page]
NAME = "Chat WhatsApp dengan Siti Contoh.zip"


class Tools:
    """What an import needs, beside the served process."""

    def __init__(self, served: Served, folder: Path) -> None:
        self.settings = Settings(data_dir=str(folder), secret_key="0" * 64)
        self.database = served.database
        self.blobs = BlobStore(self.settings.blob_path)

    def work(self) -> None:
        while True:
            with self.database.transaction() as tx:
                found = jobs.claim(tx.session, Job.IMPORT, limit=1, now=clock.now())
            if not found:
                return
            importing.run(self, found[0])


@pytest.fixture
def tools(served: Served, tmp_path: Path) -> Tools:
    return Tools(served, tmp_path)


@pytest.fixture
def export(tmp_path: Path) -> Path:
    folder = tmp_path / "unduhan"
    folder.mkdir()
    with zipfile.ZipFile(folder / NAME, "w") as archive:
        archive.writestr("Chat WhatsApp dengan Siti Contoh.txt", CHAT)
        archive.writestr("IMG-1.gif", png())
        archive.writestr("IMG-2.jpg", b"no picture")
    return folder / NAME


def test_zip_is_uploaded_and_its_page_shows_by_itself_what_it_came_to(
    served: Served, signed_in: SignIn, tools: Tools, export: Path
):
    page = signed_in()
    page.goto(f"{served.url}/imports")

    page.set_input_files("input[type=file]", export)
    expect(page.locator("[data-name]")).to_have_text(NAME)
    page.click("form.upload button.primary")
    page.locator(".told a").click()

    expect(page.locator("#import")).to_contain_text("Menunggu giliran")
    tools.work()
    expect(page.locator(".tiles")).to_contain_text("Pesan baru", timeout=10_000)
    expect(page.locator("#import")).not_to_have_attribute("data-hx-get", "/imports/1")
    page.get_by_text("Siti Contoh", exact=True).click()
    expect(page.locator(".day")).to_have_count(2)


def test_list_shows_by_itself_that_an_upload_is_done(
    served: Served, signed_in: SignIn, tools: Tools, export: Path
):
    page = signed_in()
    page.goto(f"{served.url}/imports")
    page.set_input_files("input[type=file]", [export, _empty(export)])

    page.click("form.upload button.primary")

    expect(page.locator(".told .no")).to_have_text("kosong.zip Berkas ini kosong.")
    expect(page.locator("#batches")).to_contain_text("Menunggu giliran")
    tools.work()
    expect(page.locator("#batches")).to_contain_text("Selesai", timeout=10_000)


def test_file_over_the_limit_is_not_even_sent(served: Served, signed_in: SignIn, export: Path):
    page = signed_in()
    sent: list[str] = []
    page.on("request", lambda each: each.method == "POST" and sent.append(each.url))
    page.goto(f"{served.url}/imports")
    page.evaluate("document.querySelector('[data-upload]').dataset.max = '10'")

    page.set_input_files("input[type=file]", export)
    page.click("form.upload button.primary")

    expect(page.locator(".told .no")).to_contain_text("lebih besar daripada")
    assert not sent


def test_export_is_uploaded_without_scripts(
    served: Served, chromium: Browser, tools: Tools, export: Path
):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{served.url}/login")
    page.fill("[name=login]", "sari")
    page.fill("[name=password]", PASSWORD)
    page.click("button.primary")
    page.goto(f"{served.url}/imports")

    page.set_input_files("input[type=file]", export)
    page.click("form.upload button.primary")

    expect(page.locator("h1")).to_contain_text("Impor 1")
    tools.work()
    page.reload()
    expect(page.locator(".tiles")).to_contain_text("Tiket dibuka")
    context.close()


def test_import_is_taken_back(served: Served, signed_in: SignIn, tools: Tools, export: Path):
    report = importing.bring_in(tools, _new(export))
    page = signed_in()
    page.goto(f"{served.url}/imports/{report.id}")

    page.locator("details.refuse summary").click()
    page.get_by_role("button", name="Hapus").click()

    expect(page.locator(".banner")).to_contain_text("sudah dibatalkan")
    with served.database.reading() as session:
        assert not session.scalars(select(Message.id).where(Message.import_id == report.id)).all()


def test_picture_shows_in_its_place_when_it_is_wanted(
    served: Served, signed_in: SignIn, tools: Tools, export: Path
):
    report = importing.bring_in(tools, _new(export))
    with served.database.reading() as session:
        ticket = session.scalar(select(Message.ticket_id).where(Message.import_id == report.id))
    page = signed_in()
    page.goto(f"{served.url}/tickets/{ticket}")

    page.locator("[data-picture]").first.click()
    expect(page.locator(".picture img")).to_have_count(1)
    page.locator("[data-picture] .veil").click()

    expect(page.locator(".picture .veil")).to_contain_text("Bukan gambar")


@pytest.mark.parametrize("which", ["empty list", "list", "import", "ticket"])
def test_no_page_of_imports_is_wider_than_the_screen(
    served: Served, signed_in: SignIn, tools: Tools, export: Path, which: str
):
    path = "/imports"
    if which != "empty list":
        report = importing.bring_in(tools, _new(export))
        with served.database.reading() as session:
            ticket = session.scalar(
                select(Message.ticket_id).where(Message.import_id == report.id)
            )
        path = {"import": f"/imports/{report.id}", "ticket": f"/tickets/{ticket}"}.get(which, path)
    page = signed_in()

    page.goto(served.url + path)

    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate(
        "[...document.querySelectorAll('main')].every(one => one.scrollWidth <= one.clientWidth)"
    )


def _new(export: Path) -> importing.NewImport:
    return importing.NewImport(importing.Source.COMMAND, export, export.name)


def _empty(export: Path) -> Path:
    path = export.with_name("kosong.zip")
    path.touch()
    return path
