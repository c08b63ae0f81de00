"""Take the pictures of the README: `make screenshots`."""

import datetime as dt
import struct
import tempfile
import zlib
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from helpdesk import clock
from helpdesk.db import Base, Database
from tests.browser.conftest import CHROMIUM, FLAGS, SIZES, Served, serving
from tests.seed import PASSWORD

FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"
CLEAR = 21  # a ticket whose KPJ may be shown in full
# The same moment each time, so that a picture changes only when its page does.
NOW = dt.datetime(2026, 11, 2, 3, 15, tzinfo=dt.UTC)
_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def main() -> None:
    """Serve made-up tickets and write every picture."""
    clock.now = lambda: NOW
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        database = Database(f"sqlite:///{folder}/helpdesk.sqlite3")
        Base.metadata.create_all(database.engine)
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        with serving(database, Path(folder)) as served:
            for size in SIZES:
                for theme in ("light", "dark"):
                    _take(browser, served, size, theme)
        browser.close()
    total = sum(path.stat().st_size for path in FOLDER.glob("*.png"))
    print(f"{len(list(FOLDER.glob('*.png')))} pictures, {total // 1000} kB, in {FOLDER}")


def _take(browser: Browser, served: Served, size: str, theme: str) -> None:
    width, height = SIZES[size]
    page = browser.new_page(
        viewport={"width": width, "height": height},
        color_scheme=theme,
        has_touch=size == "phone",
        reduced_motion="reduce",
    )

    def shoot(name: str, path: str = "") -> None:
        if path:
            page.goto(served.url + path)
        page.wait_for_load_state("networkidle")
        picture = FOLDER / f"{name}-{size}-{theme}.png"
        picture.write_bytes(smaller(page.screenshot(caret="hide")))

    page.goto(f"{served.url}/login")
    if (size, theme) == ("laptop", "light"):
        shoot("login")
    page.fill("[name=login]", "sari")
    page.fill("[name=password]", PASSWORD)
    page.click("button.primary")
    page.wait_for_url("**/tickets")
    shoot("queue")
    shoot("ticket", f"/tickets/{CLEAR}")
    if (size, theme) == ("laptop", "light"):
        shoot("dead-letters", "/dead-letters")
    page.close()


def smaller(png: bytes) -> bytes:
    """Return the same picture without what only costs bytes, packed as tightly as zlib can."""
    kept, pixels, at = [], b"", len(_SIGNATURE)
    while at < len(png):
        (length,) = struct.unpack_from(">I", png, at)
        kind, body = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        if kind == b"IDAT":
            pixels += body
        elif kind in {b"IHDR", b"PLTE", b"tRNS"}:
            kept.append((kind, body))
        at += length + 12
    packed = zlib.compress(zlib.decompress(pixels), 9)
    chunks = [*kept, (b"IDAT", packed), (b"IEND", b"")]
    return _SIGNATURE + b"".join(_chunk(kind, body) for kind, body in chunks)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


if __name__ == "__main__":
    main()
