"""`make demo` as a newcomer meets it: real IMAP, real worker, real SMTP, a real browser."""

import email
import email.policy
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.conftest import free_port

READY_S = 60.0


@dataclass(frozen=True, slots=True)
class Demo:
    """A running demo, what it printed, and where it delivers to participants."""

    process: subprocess.Popen
    printed: str
    folder: Path

    @property
    def url(self) -> str:
        return re.search(r"http://127\.0\.0\.1:\d+", self.printed)[0]

    def password(self, login: str) -> str:
        return re.search(rf"^ +{login} +(\S+)", self.printed, re.MULTILINE)[1]

    def delivered(self) -> list[email.message.EmailMessage]:
        return [
            email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            for path in (self.folder / "participants" / "new").glob("*")
        ]

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=60)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[], Demo]]:
    running: list[subprocess.Popen] = []

    def start() -> Demo:
        output = tmp_path / f"printed-{len(running)}"
        with output.open("wb") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "helpdesk.cli", "demo"],
                env=dict(os.environ)
                | {
                    "HELPDESK_DATA_DIR": str(tmp_path / "var"),
                    "HELPDESK_OUTBOX_UNDO_S": "1",
                    "HELPDESK_WEB_PORT": str(free_port()),  # another demo may run beside
                },
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        running.append(process)
        wait_until(lambda: "Ctrl-C" in output.read_text() or process.poll() is not None)
        return Demo(process, output.read_text(), tmp_path / "var")

    yield start
    for process in running:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.wait(timeout=60)


def wait_until(look: Callable[[], object], *, for_s: float = READY_S) -> None:
    until = time.monotonic() + for_s
    while not look():
        assert time.monotonic() < until, "that took too long"
        time.sleep(0.1)


def test_a_newcomer_approves_a_reply_and_the_participant_has_it(start, chromium: Browser):
    demo = start()
    page = chromium.new_page()
    page.goto(demo.url)
    page.fill("input[name=login]", "budi")
    page.fill("input[name=password]", demo.password("budi"))
    page.keyboard.press("Enter")
    page.get_by_text("Lupa nomor KPJ").first.wait_for()
    page.get_by_text("Boleh penuh").first.wait_for()
    page.goto(f"{demo.url}/tickets?channel=whatsapp")
    page.get_by_text("wawan komarudin").first.wait_for()
    page.goto(f"{demo.url}/tickets/{first_by_mail(demo)}")
    recipient = page.get_by_text(re.compile(r"@pos\.example\.org")).first.inner_text()
    page.locator("[data-approve]").click()
    wait_until(demo.delivered, for_s=30)
    [reply] = demo.delivered()
    page.close()
    assert recipient in reply["To"]
    assert re.search(r"\b99\d{9}\b", reply.get_content())
    assert f"[#{first_by_mail(demo)}]" in reply["Subject"] and reply["In-Reply-To"]


def test_ctrl_c_ends_everything_and_a_second_start_keeps_the_data(start):
    first = start()
    assert first.stop() == 0
    assert processes_of(first.folder) == []
    kept = first.folder / "helpdesk.sqlite3"
    before = kept.stat().st_ino, rows(first, "message"), rows(first, "import_batch")
    assert before[2] > 10
    second = start()
    assert (kept.stat().st_ino, rows(second, "message"), rows(second, "import_batch")) == before
    assert second.password("dewi") == first.password("dewi")
    assert second.stop() == 0


def test_once_walks_the_whole_path(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "helpdesk.cli", "demo", "--once"],
        env=dict(os.environ) | {"HELPDESK_DATA_DIR": str(tmp_path / "var")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "PROBLEM" not in done.stdout
    said = re.findall(r"([1-9]\d*) messages from (\w+), (\d+) replies", done.stdout)
    assert {channel for _, channel, _ in said} == {
        *("whatsapp", "facebook", "instagram", "x", "other")
    }
    assert sum(int(replies) for _, _, replies in said) > 5  # a window may close at any hour


def rows(demo: Demo, table: str) -> int:
    with sqlite3.connect(demo.folder / "helpdesk.sqlite3") as database:
        return database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def first_by_mail(demo: Demo) -> int:
    """Return the first ticket that came by mail; the exports were imported before."""
    with sqlite3.connect(demo.folder / "helpdesk.sqlite3") as database:
        found = database.execute("SELECT min(id) FROM ticket WHERE channel = 'email'")
        return found.fetchone()[0]


def processes_of(folder: Path) -> list[str]:
    """Return the programs that still run with this data folder in their environment."""
    found = []
    for path in Path("/proc").glob("[0-9]*/environ"):
        try:
            if f"HELPDESK_DATA_DIR={folder}\0".encode() in path.read_bytes():
                found.append((path.parent / "cmdline").read_text())
        except OSError:  # it ended, or it is somebody else's
            continue
    return found
