"""Take the pictures of the README: `make screenshots`."""

import datetime as dt
import struct
import tempfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import select

from helpdesk import clock, settings, work
from helpdesk.accounts.models import Agent
from helpdesk.db import Base, Database
from helpdesk.demo import exports, prepare
from helpdesk.matching import lessons, search, weights_store, weights_training
from helpdesk.matching.models import CandidateRow, ClaimRow, SecondLook
from helpdesk.matching.observed import Observed
from helpdesk.matching.score import Weights
from helpdesk.matching.types import Query, Verdict
from helpdesk.registry import load
from helpdesk.registry.synthetic import queries
from helpdesk.replies import service as replies
from helpdesk.replies.models import Draft
from helpdesk.tickets.kinds import Channel, TicketStatus
from helpdesk.tickets.models import Contact, ImportBatch, Ticket
from tests.browser.conftest import CHROMIUM, FLAGS, SIZES, Served, serving
from tests.registry import AUDIT_KEY
from tests.seed import PASSWORD

FOLDER = Path(__file__).parents[2] / "docs" / "screenshots"
CLEAR = 21  # a ticket whose KPJ may be shown in full
DOUBTFUL = 30  # one whose best candidate is no match
# The same moment each time, so that a picture changes only when its page does.
NOW = dt.datetime(2026, 11, 2, 3, 15, tzinfo=dt.UTC)
_CHAT = "Erna Rostiani"  # of the sample chat that has pictures in it
_MATCHED = (
    select(ClaimRow.ticket_id, CandidateRow.kpj, CandidateRow.probability)
    .join(CandidateRow, CandidateRow.claim_id == ClaimRow.id)
    .where(ClaimRow.verdict == Verdict.MATCH, CandidateRow.rank == 0)
    .order_by(ClaimRow.ticket_id)
    .limit(28)
)
_SIGNATURE = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, slots=True)
class Chats:
    """Where to look at what the sample exports brought: a ticket, and the import it came by."""

    ticket_id: int
    batch_id: int


def main() -> None:
    """Serve made-up tickets and write every picture."""
    clock.now = lambda: NOW
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        database = Database(f"sqlite:///{folder}/helpdesk.sqlite3")
        Base.metadata.create_all(database.engine)
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        with serving(database, Path(folder)) as served:
            chats = bring_in(database, Path(folder))
            for size in SIZES:
                for theme in ("light", "dark"):
                    _take(browser, served, size, theme, chats)
        browser.close()
    total = sum(path.stat().st_size for path in FOLDER.glob("*.png"))
    print(f"{len(list(FOLDER.glob('*.png')))} pictures, {total // 1000} kB, in {FOLDER}")


def bring_in(database: Database, folder: Path) -> Chats:
    """Import the sample exports as of today, and approve a few of the replies to them."""
    conf = settings.load(
        environ={
            "HELPDESK_DATA_DIR": str(folder),
            "HELPDESK_DATABASE_URL": database.engine.url.render_as_string(hide_password=False),
            "HELPDESK_EXPORTS_OWN_NAMES": exports.OWN_NAME,
            "HELPDESK_OUTBOX_UNDO_S": "0",
        }
    )
    plant = work.open_plant(conf, database)
    with database.reading() as session:
        before = list(session.scalars(select(Ticket.id)))
    _registry(database, folder)
    prepare.conversations(plant)
    work.work_off(plant)
    with database.reading() as session:
        found = select(Ticket.id).join(Contact, Contact.id == Ticket.contact_id)
        ticket_id = session.scalars(found.where(Contact.display_name == _CHAT)).one()
        batch_id = session.scalars(
            select(ImportBatch.id).where(ImportBatch.file_name == "facebook-2025")
        ).one()
    _approve(plant, {*before, ticket_id})
    _matching(database)
    return Chats(ticket_id, batch_id)


def _registry(database: Database, folder: Path) -> None:
    """Add the people of the made-up registry, among whom the writers of the samples are."""
    file = folder / "registry.csv"
    prepare.write_registry(file)
    where = {
        "reject_path": folder / "rejects.csv",
        "audit_key": AUDIT_KEY,
        "folder": folder / "work",
    }
    load.import_file(database, file, **where)
    header, *rows = file.read_text("utf-8").splitlines()
    changed = [row.replace(",aktif", ",nonaktif") for row in rows[:900]]
    file.write_text("\n".join([header, *changed, *rows[:40], "99,,,"]), "utf-8")
    changes = file.rename(folder / "perubahan.csv")
    load.import_file(database, changes, **where)


def _matching(database: Database) -> None:
    """Train on queries about the made-up people, and look at some matches a second time."""
    made = queries.labelled(prepare.PEOPLE, prepare.SEED, count=1_500, query_seed=200)
    pairs = [queries.lines(number, each) for number, each in enumerate(made)]
    taught = lessons.of_lines([asked for asked, _ in pairs], [meant for _, meant in pairs])
    with database.reading() as session:

        def see(query: Query, weights: Weights) -> Observed:
            seen = search.observe(session, query, today=NOW.date(), weights=weights)
            assert seen is not None, "the registry is empty"
            return seen

        trained = weights_training.train(taught, weights_store.active_data(session), see, now=NOW)
    with database.transaction() as tx:
        for _ in range(2):
            number = weights_store.propose(tx.session, trained.data, trained.report(), now=NOW)
        weights_store.accept(tx.session, number - 1, None, NOW, key=b"pictures")
        tickets = tx.session.execute(_MATCHED).all()
        tx.session.add_all(
            SecondLook(
                ticket_id=ticket_id,
                position=0,
                kpj=kpj,
                probability=probability,
                drawn_at=NOW,
                chosen_kpj=None if at == 0 else "" if at == 7 else kpj,
                agent_id=1 + at % 2,
                looked_at=NOW - dt.timedelta(hours=3 * at) if at else None,
            )
            for at, (ticket_id, kpj, probability) in enumerate(tickets)
        )


def _approve(plant: work.Plant, but: set[int]) -> None:
    with plant.database.reading() as session:
        agent = session.scalars(select(Agent).where(Agent.login == "sari")).one()
        drafts = session.execute(
            select(Draft.ticket_id, Draft.version)
            .join(Ticket, Ticket.id == Draft.ticket_id)
            .where(
                Ticket.status == TicketStatus.WAITING_AGENT,
                Ticket.channel.in_([Channel.X, Channel.WHATSAPP, Channel.INSTAGRAM]),
                Ticket.window_ends_at.is_(None) | (Ticket.window_ends_at > NOW),
                Ticket.id.not_in(but),
            )
        ).all()
    for ticket_id, version in drafts:
        with plant.database.transaction() as tx:
            replies.approve(tx.session, ticket_id, version, agent, plant.house, now=NOW)


def _take(browser: Browser, served: Served, size: str, theme: str, chats: Chats) -> None:
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
    page.goto(f"{served.url}/tickets/{CLEAR}")
    if size == "laptop":
        explain(page)
    shoot("ticket")
    if theme == "light":
        shoot("chat", f"/tickets/{chats.ticket_id}")
    if (size, theme) == ("laptop", "light"):
        page.goto(f"{served.url}/tickets/{CLEAR}")
        offer(page)
        shoot("correct")
        shoot("dead-letters", "/dead-letters")
        shoot("imports", "/imports")
        shoot("import", f"/imports/{chats.batch_id}")
        shoot("hand-over", "/handover")
    if theme == "light":
        page.goto(f"{served.url}/tickets/{DOUBTFUL}")
        weigh(page)
        shoot("candidates")
    if (size, theme) in {("laptop", "light"), ("phone", "dark")}:
        page.goto(f"{served.url}/registry")
        page.locator(".gen summary").first.click()
        shoot("registry")
        page.goto(f"{served.url}/matching")
        page.locator(".plot").first.evaluate("each => each.scrollIntoView({block: 'center'})")
        shoot("matching")
    if (size, theme) == ("phone", "light"):
        shoot("form", "/permintaan")
    page.close()


def explain(page: Page) -> None:
    """Show why a fact was read."""
    page.locator(".body mark[data-fact=nik]").hover()
    page.locator(".whycard:popover-open").wait_for()


def offer(page: Page) -> None:
    """Press a fact, so that it can be corrected."""
    page.locator(".body mark[data-fact=birth_date]").click()
    page.locator("#pick").wait_for()


def weigh(page: Page) -> None:
    """Show what weighs for the best candidate, and whom it could mean beside them."""
    page.locator(".cand.best summary").first.click()
    page.locator(".cand.best").evaluate("each => each.scrollIntoView({block: 'start'})")


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
