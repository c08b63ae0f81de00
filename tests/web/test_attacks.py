"""What an attacker tries on the pages: looks without a trace, forms out of place, hostile mail."""

import datetime as dt
import re
from collections.abc import Callable

import pytest
from sqlalchemy import func, insert, select, update
from starlette.applications import Starlette
from starlette.routing import Route

from helpdesk import clock
from helpdesk.accounts.models import Agent, AuditEvent, Role
from helpdesk.jobs import JobRow, JobState
from helpdesk.matching.models import CandidateRow, ClaimRow, FactRow, SecondLook, WeightsRow
from helpdesk.matching.queries import claims_of, stated
from helpdesk.outbox.models import Delivery, Handover
from helpdesk.outbox.states import DeliveryState
from helpdesk.replies.models import Draft
from helpdesk.tickets.kinds import ImportState, RawOutcome, TicketStatus
from helpdesk.tickets.models import (
    Attachment,
    Contact,
    ImportBatch,
    Message,
    RawMessage,
    Ticket,
)
from helpdesk.web import hooks, security
from helpdesk.web.claim_view import facts_version
from helpdesk.web.claim_view import version as claim_version
from helpdesk.web.routes import routes
from tests.registry import fill
from tests.seed import draft_open, person, seed
from tests.web.conftest import PASSWORD, Browser

CLEAR = 21  # an e-mail whose KPJ may be shown in full, with an attachment and HTML
DIRECT = 35  # asked on Instagram, may be told by one agent
NIK = "3273011708909001"
SignIn = Callable[..., Browser]
ROUTES = {
    f"{method} {route.path}": route
    for route in routes()
    if isinstance(route, Route)
    and route.path not in hooks.PATHS  # nobody of ours calls those,
    and not route.path.startswith("/permintaan")  # nor these: the messages are their trace
    for method in sorted(route.methods - {"HEAD"})
}
CHANGES = sorted(
    name
    for name in ROUTES
    if name.partition(" ")[0] in security.UNSAFE_METHODS
    and name != "POST /imports"  # a form in parts, whose line test_imports looks for
)
# Pages without a participant's data, and lists that show names and covered previews only: what is
# looked at from there leaves its line. A page that is not here must leave one.
QUIET = {
    *("GET /", "GET /login", "GET /livez", "GET /readyz", "GET /audit"),
    *("GET /tickets", "GET /dead-letters", "GET /kept", "GET /imports", "GET /intake/new"),
    *("GET /handover", "GET /handover/{number:id}"),
    *("GET /registry", "GET /matching", "GET /matching/looks"),
}
LOOKS = sorted(set(ROUTES) - QUIET - set(CHANGES) - {"POST /imports"})
FORM = {
    "what": "numbers", "to": "nobody", "body": "Catatan", "situation": "refused",
    "language": "id", "theme": "dark", "confirm": "nik", "full_name": "Rahmat Contoh",
    "birth_date": "17-08-1990", "birth_place": "Bandung", "nik": NIK, "login": "dewi",
    "channel": "instagram", "password": PASSWORD, "reason": "Periksa lagi", "next": "/",
    "field": "full_name", "start": "0", "end": "12", "before": "[]", "person": "none",
    "ticket": str(CLEAR), "claim": "1",
}  # fmt: skip


@pytest.fixture
def filled(app: Starlette) -> Starlette:
    house = app.state.house
    seed(house.database, tickets=60)
    draft_open(house.database, house.replies)
    return app


def lines(app: Starlette) -> int:
    with app.state.house.database.reading() as session:
        return session.scalar(select(func.count()).select_from(AuditEvent))


def change(app: Starlette, *statements) -> None:
    with app.state.house.database.transaction() as tx:
        for statement in statements:
            tx.session.execute(statement)


def versions(app: Starlette, path: str) -> dict[str, str]:
    """The version a form of this address would carry."""
    if path.endswith("/choice"):
        with app.state.house.database.reading() as session:
            seen = session.scalar(select(ClaimRow.matched_at).where(ClaimRow.ticket_id == CLEAR))
        return {"matched_at": seen.isoformat()}
    if "/claims/" in path and not path.endswith("/undo"):
        with app.state.house.database.reading() as session:
            claim = next(
                each for each in claims_of(session, CLEAR) if path.endswith(f"/{each.id}")
            )
        return {"version": claim_version({fact.field: fact.value for fact in claim.facts})}
    if "/facts" in path:
        with app.state.house.database.reading() as session:
            return {"facts": facts_version(stated(session, CLEAR)), "claim": ""}
    table = Draft if path.endswith(("/approve", "/refuse", "/draft", "/macro")) else Ticket
    key = Draft.ticket_id if table is Draft else Ticket.id
    with app.state.house.database.reading() as session:
        return {"version": str(session.scalar(select(table.version).where(key == CLEAR)))}


def address(app: Starlette, route: Route) -> str:
    """An address of the route that leads to something that is there."""
    with app.state.house.database.reading() as session:
        known = {
            "ticket_id": CLEAR,
            "message_id": CLEAR * 10,
            "file_id": session.scalar(
                select(Attachment.id).where(Attachment.message_id == CLEAR * 10)
            ),
            "claim_id": session.scalar(select(ClaimRow.id).where(ClaimRow.ticket_id == CLEAR)),
            "job_id": session.scalar(select(JobRow.id).where(JobRow.state == JobState.PARKED)),
            "delivery_id": session.scalar(select(func.max(Delivery.id))),
            "number": session.scalar(select(func.max(Handover.id))),
            "batch_id": session.scalar(select(func.max(ImportBatch.id))),
            "look_id": session.scalar(select(func.max(SecondLook.id))),
            "weights_id": session.scalar(select(func.max(WeightsRow.id))),
            "kind": "csv",
            "raw_id": session.scalar(
                select(RawMessage.id).where(RawMessage.outcome == RawOutcome.IGNORED)
            ),
        }
    wanted = {name: known[name] for name in route.param_convertors}
    return str(route.url_path_for(route.name, **wanted))


def prepare(app: Starlette, browser: Browser, name: str) -> None:
    """Bring about what a route needs to find."""
    if "/imports/" in name:
        done = {"state": ImportState.DONE, "source": "upload", "file_name": "chat.txt"}
        change(app, insert(ImportBatch).values(**done, created_at=clock.now()))
    prepare_matching(app, browser, name)
    if name.endswith("/undo") and "deliveries" in name:
        form = versions(app, "/approve")
        assert browser.send_form(f"/tickets/{CLEAR}/approve", form).status_code == 303
    if "/kept/" in name:
        change(
            app,
            update(Message).where(Message.id == 300).values(raw_id=None),
            update(RawMessage).where(RawMessage.id == 300).values(outcome=RawOutcome.IGNORED),
        )
    if name.endswith("/again"):
        change(app, update(Ticket).where(Ticket.id == CLEAR).values(status=TicketStatus.UNPARSED))
    if "deliveries/{delivery_id:id}" in name and not name.endswith("/undo"):
        browser.send_form(f"/tickets/{CLEAR}/approve", versions(app, "/approve"))
        unknown = {"state": DeliveryState.UNKNOWN, "attempts": 1}
        change(app, update(Delivery).values(**unknown))
    if name.endswith("/settle"):
        change(app, update(Delivery).values(state=DeliveryState.QUEUED, by_hand=True))
    if "/handover" in name:
        with app.state.house.database.reading() as session:
            version = session.scalar(select(Draft.version).where(Draft.ticket_id == DIRECT))
        browser.send_form(f"/tickets/{DIRECT}/approve", {"version": str(version)})
        change(app, update(Delivery).values(not_before=clock.now() - dt.timedelta(hours=1)))
    if "/handover/" in name:
        browser.send_form("/handover", {"channel": "instagram"})


def prepare_matching(app: Starlette, browser: Browser, name: str) -> None:
    if "/looks/" in name:
        best = select(CandidateRow.kpj).join(ClaimRow).where(ClaimRow.ticket_id == CLEAR).limit(1)
        drawn = {"ticket_id": CLEAR, "position": 0, "probability": 1.0, "drawn_at": clock.now()}
        change(app, insert(SecondLook).values(**drawn, kpj=best.scalar_subquery()))
    if "/weights/" in name:
        trained = {"state": "proposed", "data": {}, "report": {}, "trained_at": clock.now()}
        change(app, insert(WeightsRow).values(**trained))
    if name.endswith("/registry/back"):
        fill(app.state.house.database, [{"kpj": "99000000017", "full_name": "Siti Contoh"}])
    if name.endswith("/choice/undo"):
        path = address(app, ROUTES[name]).removesuffix("/undo")
        browser.send_form(path, {**FORM, **versions(app, path)})


@pytest.mark.parametrize("name", CHANGES)
def test_every_change_leaves_a_line(filled: Starlette, signed_in: SignIn, name: str):
    browser = signed_in(Role.SUPERVISOR)
    prepare(filled, browser, name)
    path, before = address(filled, ROUTES[name]), lines(filled)
    form = {**FORM, **versions(filled, path), "mail": str(CLEAR * 10), "message": str(CLEAR * 10)}
    if "/dead-letters/" in path or path.endswith("/settle"):
        form["what"] = "sent"
    if "/weights/" in path:
        form["what"] = "refuse"
    if "/intake/" in path:
        form |= {"channel": "phone", "caller": "Rahmat Contoh"}

    response = browser.send_form(path, form)

    assert response.status_code < 500
    assert lines(filled) > before, response.status_code


@pytest.mark.parametrize("name", LOOKS)
def test_every_look_at_somebody_leaves_a_line(filled: Starlette, signed_in: SignIn, name: str):
    shown_to_auditors = "/handover/" not in name and "/looks/" not in name
    role = Role.AUDITOR if shown_to_auditors else Role.SUPERVISOR  # who may do so at all
    browser = signed_in(role, login="looker")
    prepare(filled, browser, name)
    before = lines(filled)

    response = browser.get(address(filled, ROUTES[name]))

    assert response.status_code == 200
    assert lines(filled) == before + 1


@pytest.mark.parametrize("name", [each for each in CHANGES if "{ticket_id" in each])
def test_a_refused_form_shows_no_ticket_without_a_line(
    filled: Starlette, signed_in: SignIn, name: str
):
    browser = signed_in(Role.SUPERVISOR)
    prepare(filled, browser, name)
    path, before = address(filled, ROUTES[name]), lines(filled)

    page = browser.send_form(path, {"version": "99999", "nik": "12", "birth_date": "x"}).text

    shown = person(CLEAR).name in page
    assert lines(filled) > before or not shown


def test_a_wrong_fact_does_not_reveal_the_numbers_in_silence(filled: Starlette, signed_in: SignIn):
    browser = signed_in()
    path = address(filled, ROUTES["POST /tickets/{ticket_id:id}/claims/{claim_id:id}"])

    page = browser.send_form(path, {**FORM, **versions(filled, path), "nik": "12"})

    assert (page.status_code, person(CLEAR).nik in page.text) == (422, True)
    with filled.state.house.database.reading() as session:
        actions = session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all()
    assert actions[-1] == "ticket.reveal"


@pytest.mark.parametrize("what", ["", "resend", "SENT", "sent "])
def test_a_damaged_form_sends_nothing_again(filled: Starlette, signed_in: SignIn, what: str):
    browser = signed_in()
    prepare(filled, browser, "deliveries/{delivery_id:id}")
    with filled.state.house.database.reading() as session:
        delivery_id = session.scalar(select(Delivery.id))

    response = browser.send_form(f"/dead-letters/deliveries/{delivery_id}", {"what": what})

    assert response.status_code == 422
    with filled.state.house.database.reading() as session:
        assert session.scalar(select(Delivery.state)) is DeliveryState.UNKNOWN


def test_numbers_in_names_of_people_and_files_are_covered(filled: Starlette, signed_in: SignIn):
    change(
        filled,
        update(Message).where(Message.id == CLEAR * 10).values(sender_name=f"Budi {NIK}"),
        update(Contact).where(Contact.id == CLEAR).values(display_name=f"Budi {NIK}"),
        update(Attachment).values(file_name=f"KTP_{NIK}.jpg"),
        update(Ticket).where(Ticket.id == CLEAR).values(subject=f"KPJ {NIK}", preview=NIK),
    )
    browser = signed_in()

    pages = [browser.get(path).text for path in (f"/tickets/{CLEAR}", "/tickets?view=all")]

    assert [NIK in page for page in pages] == [False, False]
    assert "Budi ••••" in pages[0]


@pytest.mark.parametrize(
    "written", ["3273 / 0117 / 0890 / 9001", "3273011708\n909001", "3273_0117_0890_9001"]
)
def test_a_nik_is_covered_however_it_was_written(
    filled: Starlette, signed_in: SignIn, written: str
):
    with filled.state.house.database.reading() as session:
        claim_id = session.scalar(select(ClaimRow.id).where(ClaimRow.ticket_id == CLEAR))
    change(
        filled,
        update(Message).where(Message.id == CLEAR * 10).values(body=f"NIK {written} ya"),
        update(FactRow)
        .where(FactRow.claim_id == claim_id, FactRow.field == "nik")
        .values(message_id=CLEAR * 10, span_start=4, span_end=4 + len(written)),
    )

    page = signed_in().get(f"/tickets/{CLEAR}").text

    assert not re.search(r"3273|0117|0890", page.partition('data-fact="nik"')[2][:200])


@pytest.mark.parametrize(
    "name",
    [
        'x"; filename=evil.html',
        "x\r\nSet-Cookie: a=b.pdf",
        "../../etc/passwd",
        "\u202egpj.exe",
        "\ud800",
    ],
)
def test_a_file_name_stays_a_name(filled: Starlette, signed_in: SignIn, name: str):
    stored = name.encode("utf-8", "replace").decode()
    change(filled, update(Attachment).values(file_name=stored))

    path = address(filled, ROUTES["GET /tickets/{ticket_id:id}/files/{file_id:id}"])
    headers = signed_in().get(path).headers

    said = headers["content-disposition"]
    assert re.fullmatch(r"attachment; filename\*=UTF-8''[A-Za-z0-9_.~%-]+", said)
    assert ("set-cookie" in headers, "%2F" in said, "%E2%80%AE" in said) == (False, False, False)


def test_two_agents_cannot_both_use_the_version_they_saw(filled: Starlette, signed_in: SignIn):
    one, two = signed_in(), signed_in(login="two")
    form = versions(filled, "/draft")

    first = one.send_form(f"/tickets/{CLEAR}/draft", {**form, "body": "Teks satu"})
    second = two.send_form(f"/tickets/{CLEAR}/approve", {**form, "body": "Teks dua"})

    assert (first.status_code, second.status_code) == (303, 409)


def test_an_approval_of_a_closed_account_does_not_count(filled: Starlette, signed_in: SignIn):
    change(filled, update(Draft).where(Draft.ticket_id == CLEAR).values(approvals_needed=2))
    one, two = signed_in(login="one"), signed_in(Role.SUPERVISOR, login="two")
    form = {**versions(filled, "/approve"), "confirm": "nik"}
    assert one.send_form(f"/tickets/{CLEAR}/approve", form).status_code == 303
    change(filled, update(Agent).where(Agent.login == "one").values(active=False))

    two.send_form(f"/tickets/{CLEAR}/approve", form)

    with filled.state.house.database.reading() as session:
        assert session.scalars(select(Delivery)).all() == []
