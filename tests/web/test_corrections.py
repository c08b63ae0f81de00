"""Facts on the ticket page: why each was read, and correcting them by their characters."""

import datetime as dt
import html
import re
from collections.abc import Callable

import pytest
from sqlalchemy import select, update
from starlette.applications import Starlette

from helpdesk import clock
from helpdesk.accounts.models import AuditEvent, Role
from helpdesk.identity.types import Field
from helpdesk.matching import service
from helpdesk.matching.models import ClaimRow, CorrectionRow, FactRow
from helpdesk.matching.queries import FactView, claims_of
from helpdesk.settings import Identity, Settings
from helpdesk.tickets.models import Message, Ticket
from tests.seed import draft_open, seed
from tests.web.conftest import Browser

TICKET, OTHER = 21, 35
MESSAGE = TICKET * 10
NIK = "3273015708909001"
TEXT = (
    "Halo 🙏👩‍👧 mohon nomor KPJ saya\nNama: Siti Aminah\nTTL: Bandung, 17-08-1990\n"
    f"NIK: {NIK}\nAlamat: Jalan Merdeka, anak Kota Garut, 03-02-2015\n"
)
SignIn = Callable[..., Browser]


@pytest.fixture
def conf(conf: Settings) -> Settings:
    return Settings(
        data_dir=conf.data_dir, secret_key="0" * 64, identity=Identity(keep_corrections=True)
    )


@pytest.fixture
def read(app: Starlette) -> Starlette:
    """A ticket whose one message with facts is `TEXT`, read anew."""
    house = app.state.house
    seed(house.database, tickets=60)
    draft_open(house.database, house.replies)
    write(app, TEXT)
    return app


def write(app: Starlette, text: str, subject: str = "") -> None:
    now = clock.now()
    with app.state.house.database.transaction() as tx:
        tx.session.execute(update(Message).where(Message.id == MESSAGE).values(body=text))
        tx.session.execute(update(Ticket).where(Ticket.id == TICKET).values(subject=subject))
        assessed = service.assess(tx.session, [TICKET], today=now.date())
        service.save(tx.session, assessed, now=now)


def facts(app: Starlette, at: int = 0) -> dict[Field, FactView]:
    with app.state.house.database.reading() as session:
        return {fact.field: fact for fact in claims_of(session, TICKET)[at].facts}


def claim_ids(app: Starlette) -> list[int]:
    with app.state.house.database.reading() as session:
        return [claim.id for claim in claims_of(session, TICKET)]


def kept(app: Starlette) -> list[tuple[str, str, str]]:
    with app.state.house.database.reading() as session:
        rows = session.scalars(select(CorrectionRow).order_by(CorrectionRow.id))
        return [(row.field.value, row.before, row.value) for row in rows]


def selecting(app: Starlette, browser: Browser, said: str, field: str, **more: str):
    """What the page sends when `said` is selected and named."""
    page = browser.get(f"/tickets/{TICKET}").text
    return {
        "facts": re.search(r'name="facts" value="(\w+)"', page).group(1),
        "message": str(MESSAGE),
        "start": str(TEXT.index(said)),
        "end": str(TEXT.index(said) + len(said)),
        "field": field,
        "claim": str(claim_ids(app)[0]),
        **more,
    }


def select_as(app: Starlette, browser: Browser, said: str, field: str, **more: str):
    return browser.send_form(
        f"/tickets/{TICKET}/facts", selecting(app, browser, said, field, **more)
    )


def undo_form(page: str) -> dict[str, str]:
    form = page[page.index("/facts/undo") :]
    names = ("facts", "before")
    return {
        name: html.unescape(re.search(rf'name="{name}" value="([^"]*)"', form).group(1))
        for name in names
    }


def test_a_fact_says_why_it_was_read_and_how_sure(read: Starlette, signed_in: SignIn):
    page = signed_in().get(f"/tickets/{TICKET}").text
    claim = claim_ids(read)[0]
    card = page[page.index(f'id="why-{claim}-nik"') :].partition("</div>")[0]

    assert "Tertulis setelah label seperti “NIK”" in card
    assert "hampir pasti" in card
    assert "•••• •••• •••• 9001" in card
    assert NIK not in page


def test_without_a_script_the_mark_itself_says_why(read: Starlette, signed_in: SignIn):
    page = html.unescape(signed_in().get(f"/tickets/{TICKET}").text)

    mark = re.search(r'<mark data-fact="nik"[^>]*>', page).group()
    assert 'title="NIK: hampir pasti, 99%. Tertulis setelah label' in mark
    assert 'tabindex="0"' in mark


def test_a_fact_in_the_subject_is_marked_there_and_covered(read: Starlette, signed_in: SignIn):
    write(read, "Mohon bantuannya", subject=f"Lupa KPJ NIK {NIK}")
    with read.state.house.database.transaction() as tx:
        tx.session.execute(
            update(FactRow)
            .where(FactRow.claim_id.in_(claim_ids(read)))
            .values(message_id=None, span_start=13, span_end=29)
        )
    if not claim_ids(read):
        in_subject(read)

    page = signed_in().get(f"/tickets/{TICKET}").text

    title = re.search(r"<h1.*?</h1>", page, re.DOTALL).group()
    assert re.search(r'<mark data-fact="nik"[^>]*>••••••••••••9001</mark>', title)
    assert NIK not in page


def in_subject(app: Starlette) -> None:
    """Put a fact that stands in the subject where the rules read none."""
    with app.state.house.database.transaction() as tx:
        claim = ClaimRow(
            ticket_id=TICKET, position=0, about="self", verdict="none", matched_at=clock.now()
        )
        tx.session.add(claim)
        tx.session.flush()
        tx.session.add(
            FactRow(
                claim_id=claim.id,
                field=Field.NIK,
                value=NIK,
                confidence=0.9,
                span_start=13,
                span_end=29,
            )
        )


def test_a_place_in_the_text_is_a_place_in_the_page(read: Starlette, signed_in: SignIn):
    write(read, "Halo\r\nNama: Siti Aminah\rNIK: 3273015708909001")

    page = signed_in().get(f"/tickets/{TICKET}").text

    body = re.search(r'<div class="body"[^>]*data-message[^>]*>(.*?)</div>', page, re.DOTALL)
    shown = html.unescape(re.sub(r"<[^>]*>", "", body.group(1)))
    assert shown == "Halo \nNama: Siti Aminah NIK: ••••••••••••9001"


def test_selected_characters_become_the_fact_and_stay_marked(read: Starlette, signed_in: SignIn):
    browser = signed_in()

    page = select_as(read, browser, "Kota Garut,", "birth_place")

    fact = facts(read)[Field.BIRTH_PLACE]
    assert (page.status_code, fact.value, fact.agent_id) == (200, "Garut", browser.agent_id)
    assert TEXT[fact.span_start : fact.span_end] == "Kota Garut"
    assert re.search(r'<mark [^>]*class="ours"[^>]*>Kota Garut</mark>', page.text)
    assert fact.history == ("Bandung",)
    assert kept(read) == [("birth_place", "Bandung", "Garut")]


def test_a_covered_number_is_taken_without_showing_it(read: Starlette, signed_in: SignIn):
    browser = signed_in()
    select_as(read, browser, NIK, "none")

    page = select_as(read, browser, f"NIK: {NIK}", "nik")

    assert facts(read)[Field.NIK].value == NIK
    assert NIK not in page.text


def test_the_way_back_to_a_number_an_agent_entered_does_not_show_it(
    read: Starlette, signed_in: SignIn
):
    browser = signed_in()
    select_as(read, browser, NIK, "none")
    select_as(read, browser, NIK, "nik")

    page = select_as(read, browser, NIK, "none").text
    back = browser.send_form(f"/tickets/{TICKET}/facts/undo", undo_form(page)).text

    assert (NIK in page, NIK in back, facts(read)[Field.NIK].value) == (False, False, NIK)


def test_a_selection_is_narrowed_to_what_says_the_fact(read: Starlette, signed_in: SignIn):
    select_as(read, signed_in(), "Garut, 03-02-2015", "birth_date")

    fact = facts(read)[Field.BIRTH_DATE]
    assert (fact.value, TEXT[fact.span_start : fact.span_end]) == ("2015-02-03", "03-02-2015")


def test_what_is_no_data_is_removed(read: Starlette, signed_in: SignIn):
    page = select_as(read, signed_in(), "Bandung, 17", "none")

    assert facts(read).keys() == {Field.FULL_NAME, Field.NIK}
    assert "Ditandai bukan data" in page.text
    assert kept(read) == [("birth_place", "Bandung", ""), ("birth_date", "1990-08-17", "")]


def test_the_same_words_are_not_two_facts(read: Starlette, signed_in: SignIn):
    select_as(read, signed_in(), "Bandung", "full_name")

    assert facts(read)[Field.FULL_NAME].value == "Bandung"
    assert Field.BIRTH_PLACE not in facts(read)


def test_somebody_else_gets_a_claim_of_their_own(read: Starlette, signed_in: SignIn):
    browser = signed_in()
    select_as(read, browser, "Siti Aminah", "full_name", claim="new")

    assert facts(read, 1)[Field.FULL_NAME].value == "Siti Aminah"
    assert Field.FULL_NAME not in facts(read, 0)  # the words moved with their fact
    page = browser.get(f"/tickets/{TICKET}").text
    assert '<option value="new">orang lain (baru)</option>' in page
    assert "2. Siti Aminah</option>" in page


def test_two_people_may_share_a_place(read: Starlette, signed_in: SignIn):
    select_as(read, signed_in(), "Bandung", "birth_place", claim="new")

    assert [facts(read, at)[Field.BIRTH_PLACE].value for at in (0, 1)] == ["Bandung", "Bandung"]


def test_nobody_is_left_of_somebody_without_a_fact(read: Starlette, signed_in: SignIn):
    browser = signed_in()
    select_as(read, browser, "Siti Aminah", "full_name", claim="new")
    page = select_as(read, browser, "Siti Aminah", "none").text

    with read.state.house.database.reading() as session:
        ticket = session.get_one(Ticket, TICKET)
        assert (ticket.claim_count, ticket.claim_facts) == (1, "-pdi")
    assert page.count('<dl class="facts">') == 1
    back = browser.send_form(f"/tickets/{TICKET}/facts/undo", undo_form(page)).text
    assert back.count('<dl class="facts">') == 2


def test_a_correction_is_taken_back_whole(read: Starlette, signed_in: SignIn):
    browser, before = signed_in(), facts(read)
    page = select_as(read, browser, "Siti Aminah", "full_name", claim="new").text

    undone = browser.send_form(f"/tickets/{TICKET}/facts/undo", undo_form(page))

    assert (undone.status_code, facts(read), len(claim_ids(read))) == (200, before, 1)
    assert kept(read) == []
    assert 'name="before"' not in undone.text


def test_both_leave_their_line_and_no_personal_data_in_it(read: Starlette, signed_in: SignIn):
    browser = signed_in()
    page = select_as(read, browser, "Kota Garut", "birth_place").text
    browser.send_form(f"/tickets/{TICKET}/facts/undo", undo_form(page))

    with read.state.house.database.reading() as session:
        lines = session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()
    done = [line for line in lines if line.action.startswith("claim.")]
    assert [(line.action, line.detail) for line in done] == [
        ("claim.correct", {"fields": "birth_place"}),
        ("claim.undo", {"fields": "birth_place"}),
    ]
    assert "Mengurungkan koreksi" in browser.get(f"/tickets/{TICKET}").text


@pytest.mark.parametrize(
    ("start", "end"),
    [("-1", "4"), ("4", "4"), ("9", "4"), ("0", "99999"), ("0", "9" * 30), ("x", "4"), ("", "")],
)
def test_forged_places_change_nothing(read: Starlette, signed_in: SignIn, start: str, end: str):
    before = facts(read)

    said = select_as(read, signed_in(), "Siti", "full_name", start=start, end=end)

    assert (said.status_code, facts(read)) == (422, before)


def test_a_message_of_another_ticket_is_not_there(read: Starlette, signed_in: SignIn):
    before = facts(read)
    browser = signed_in()

    foreign = select_as(read, browser, "Siti", "full_name", message=str(OTHER * 10))
    none = select_as(read, browser, "Siti", "full_name", message="999999999")

    assert (foreign.status_code, none.status_code, facts(read)) == (404, 404, before)


def test_a_claim_of_another_ticket_is_not_there(read: Starlette, signed_in: SignIn):
    with read.state.house.database.reading() as session:
        foreign = claims_of(session, OTHER)[0].id

    said = select_as(read, signed_in(), "Siti Aminah", "full_name", claim=str(foreign))

    assert said.status_code == 404


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ("Jalan Merdeka", "nik"),
        ("Jalan Merdeka", "birth_date"),
        (NIK, "full_name"),
        ("Jalan Merdeka", "none"),
        ("Siti Aminah", "mother_name"),
        ("Siti Aminah", ""),
    ],
)
def test_what_cannot_be_such_a_fact_is_refused_in_words(
    read: Starlette, signed_in: SignIn, said: str, field: str
):
    before = facts(read)

    told = select_as(read, signed_in(), said, field)

    assert (told.status_code, facts(read)) == (422, before)
    assert 'class="banner bad"' in told.text


def test_of_two_who_correct_at_once_the_second_is_told(read: Starlette, signed_in: SignIn):
    one, two = signed_in(login="satu"), signed_in(login="dua")
    late = selecting(read, two, "Bandung", "full_name")
    select_as(read, one, "Kota Garut", "birth_place")
    after = facts(read)

    told = two.send_form(f"/tickets/{TICKET}/facts", late)

    assert (told.status_code, facts(read)) == (409, after)
    assert "Data peserta berubah sejak Anda membukanya" in told.text


def test_what_changed_since_is_not_taken_back(read: Starlette, signed_in: SignIn):
    browser = signed_in()
    form = undo_form(select_as(read, browser, "Kota Garut", "birth_place").text)
    select_as(read, browser, "Siti", "full_name")

    told = browser.send_form(f"/tickets/{TICKET}/facts/undo", form)

    assert told.status_code == 409
    assert facts(read)[Field.BIRTH_PLACE].value == "Garut"


@pytest.mark.parametrize(
    "before",
    [
        "",
        "[",
        '{"claim_id": 1}',
        '[{"claim_id": 1, "field": "mother", "stood": "read"}]',
        '[{"claim_id": 1, "field": "nik", "stood": "read", "correction_id": 9999999999999999999}]',
        '[{"claim_id": 1, "field": "nik", "stood": "read", "correction_id": 9999999999}]',
        "[" * 30_000,
    ],
)
def test_a_forged_undo_changes_nothing(read: Starlette, signed_in: SignIn, before: str):
    browser, stood = signed_in(), facts(read)
    form = undo_form(select_as(read, browser, "Siti Aminah", "full_name").text)

    told = browser.send_form(f"/tickets/{TICKET}/facts/undo", {**form, "before": before})

    assert told.status_code == 422
    assert facts(read).keys() == stood.keys()


@pytest.mark.parametrize("path", ["facts", "facts/undo"])
def test_who_may_only_look_may_not_correct(read: Starlette, signed_in: SignIn, path: str):
    auditor = signed_in(Role.AUDITOR, login="looker")

    assert auditor.send_form(f"/tickets/{TICKET}/{path}").status_code == 403
    page = auditor.get(f"/tickets/{TICKET}").text
    assert 'id="pick"' not in page
    assert "data-message" not in page


def test_a_form_without_the_token_is_refused(read: Starlette, signed_in: SignIn):
    browser = signed_in()
    form = selecting(read, browser, "Siti", "full_name")

    assert browser.post(f"/tickets/{TICKET}/facts", data=form).status_code == 403


def test_the_form_keeps_what_was_corrected_too(read: Starlette, signed_in: SignIn):
    browser = signed_in()
    page = browser.send_form(f"/tickets/{TICKET}/open", {"what": "claim"}).text
    at = page.index(f"/claims/{claim_ids(read)[0]}")
    names = ("version", "full_name", "birth_place", "birth_date", "nik")
    form = {
        name: re.search(rf'name="{name}" value="([^"]*)"', page[at:]).group(1) for name in names
    }

    browser.send_form(
        f"/tickets/{TICKET}/claims/{claim_ids(read)[0]}", {**form, "birth_place": "Garut"}
    )

    assert kept(read) == [("birth_place", "Bandung", "Garut")]


def test_nothing_is_kept_where_the_settings_do_not_consent(
    sqlite_database, blobs, read: Starlette, signed_in: SignIn, tmp_path
):
    house = read.state.house
    quiet = Settings(data_dir=str(tmp_path), secret_key="0" * 64)
    object.__setattr__(house, "settings", quiet)

    select_as(read, signed_in(), "Kota Garut", "birth_place")

    assert (kept(read), facts(read)[Field.BIRTH_PLACE].value) == ([], "Garut")


def test_a_date_in_the_history_reads_as_one(read: Starlette, signed_in: SignIn):
    browser = signed_in()

    page = select_as(read, browser, "03-02-2015", "birth_date").text

    assert "sebelumnya: 17-08-1990" in page
    assert facts(read)[Field.BIRTH_DATE].value == dt.date(2015, 2, 3).isoformat()
