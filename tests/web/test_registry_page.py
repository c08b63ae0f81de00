"""The registry page: what serves, what runs, what failed, and the way back."""

import datetime as dt
from collections.abc import Callable

import pytest
from sqlalchemy import delete, insert, select, update
from starlette.applications import Starlette

from helpdesk import clock
from helpdesk.accounts.models import AuditEvent, Role
from helpdesk.matching.models import CandidateRow, Rematch
from helpdesk.registry import keys
from helpdesk.registry.models import GenerationState, ImportKind, RegistryImport
from tests.registry import fill
from tests.seed import seed
from tests.web.conftest import Browser

SignIn = Callable[..., Browser]
ROWS = [
    {"kpj": f"990000000{number:02}", "nik": f"32730117089090{number:02}", "full_name": "RAHMAT"}
    for number in range(1, 4)
]


@pytest.fixture
def supervisor(signed_in: SignIn) -> Browser:
    return signed_in(Role.SUPERVISOR)


def add_import(app: Starlette, **values: object) -> None:
    now = clock.now()
    known = {
        "kind": ImportKind.DELTA,
        "source": "perubahan.csv",
        "holder": "somebody",
        "started_at": now,
        "beat_at": now,
        "key_version": keys.VERSION,
    }
    with app.state.house.database.transaction() as tx:
        tx.session.execute(insert(RegistryImport).values(**{**known, **values}))


def set_serving(app: Starlette, **values: object) -> None:
    serving = RegistryImport.state == GenerationState.SERVING
    with app.state.house.database.transaction() as tx:
        tx.session.execute(update(RegistryImport).where(serving).values(**values))


def test_an_empty_registry_says_how_to_fill_it(supervisor: Browser):
    page = supervisor.get("/registry").text

    assert "Registri masih kosong" in page
    assert "helpdesk registry import peserta.csv" in page
    assert "kpj, nik, full_name" in page
    assert "/registry/back" not in page


def test_what_serves_is_counted(app: Starlette, supervisor: Browser):
    fill(app.state.house.database, ROWS)

    page = supervisor.get("/registry").text

    assert "<dt>Nomor KPJ</dt><dd>3</dd>" in page
    assert "Registri ini berumur" not in page
    assert "hx-trigger" not in page


def test_an_old_registry_is_told(app: Starlette, supervisor: Browser):
    fill(app.state.house.database, ROWS)
    set_serving(app, served_at=clock.now() - dt.timedelta(days=60))

    assert "Registri ini berumur 60 hari." in supervisor.get("/registry").text


def test_old_keys_are_told(app: Starlette, supervisor: Browser):
    fill(app.state.house.database, ROWS)
    set_serving(app, key_version=keys.VERSION - 1)

    assert "Kuncinya lebih lama" in supervisor.get("/registry").text


def test_a_running_import_shows_how_far_it_is_and_asks_again(app: Starlette, supervisor: Browser):
    progress = {"stage": "keys", "done": 2_500, "total": 10_000, "rows_per_s": 500}
    add_import(app, state=GenerationState.BUILDING, progress=progress)

    page = supervisor.get("/registry").text
    part = supervisor.get("/registry", headers={"hx-request": "true"}).text

    assert "Menyusun kunci" in page
    assert "25%" in page
    assert "500 baris per detik" in page
    assert "sisa 15 dtk" in page
    assert 'data-hx-trigger="every 2s"' in part
    assert "<html" not in part


def test_a_failed_import_says_why_and_what_still_serves(app: Starlette, supervisor: Browser):
    fill(app.state.house.database, ROWS)
    add_import(
        app,
        state=GenerationState.FAILED,
        source="peserta 3273011708909001.csv",
        problem="the packed file is damaged or ends in the middle; nothing was changed",
    )

    page = supervisor.get("/registry").text

    assert "Impor terakhir gagal." in page
    assert "Registri sebelumnya tetap dipakai." in page
    assert "3273011708909001" not in page


def test_the_report_of_an_import_is_shown(app: Starlette, supervisor: Browser):
    report = {
        "read": 120,
        "inserted": 80,
        "rejected": {"kpj_not_eleven_digits": 7, "something_new": 2},
        "heaped": [["1980-01-01", 44]],
        "placeholders": {"shared_nik": 5},
        "seconds": {"read": 1.5, "keys": 3.0},
        "peak_bytes": 812_000_000,
    }
    add_import(app, state=GenerationState.DROPPED, report=report)

    page = supervisor.get("/registry").text

    for said in ("KPJ bukan sebelas angka", "something new", "1 Jan 1980", "3 dtk", "812 MB"):
        assert said in page


def test_a_rematch_shows_how_far_it_is(app: Starlette, supervisor: Browser):
    fill(app.state.house.database, ROWS)
    done = {"started_at": clock.now(), "finished_at": clock.now(), "total": 40, "changed": 3}
    with app.state.house.database.transaction() as tx:
        number = tx.session.scalar(select(RegistryImport.id))
        tx.session.execute(insert(Rematch).values(registry_import_id=number, **done))

    page = supervisor.get("/registry").text

    assert "40 dari 40 tiket" in page
    assert "3 kini dinilai lain" in page


def test_going_back_serves_the_registry_before(app: Starlette, supervisor: Browser):
    database = app.state.house.database
    fill(database, ROWS[:2])
    fill(database, ROWS)

    response = supervisor.send_form("/registry/back")

    assert response.headers["location"] == "/registry"
    assert "<dt>Nomor KPJ</dt><dd>2</dd>" in supervisor.get("/registry").text
    with database.reading() as session:
        event = session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()[-1]
    assert (event.action, event.subject_id) == ("registry.back", 1)
    assert event.agent_id == supervisor.agent_id


def test_a_ticket_says_of_an_empty_registry_only_that(app: Starlette, supervisor: Browser):
    seed(app.state.house.database, tickets=30)
    with app.state.house.database.transaction() as tx:
        tx.session.execute(delete(CandidateRow))
        tx.session.execute(delete(RegistryImport))

    page = supervisor.get("/tickets/21").text

    assert "Registri masih kosong, jadi calon tidak dapat dicari." in page
    assert "Tidak ada data kepesertaan yang cocok." not in page


def test_there_is_no_way_back_before_the_second_import(app: Starlette, supervisor: Browser):
    response = supervisor.send_form("/registry/back")

    assert response.status_code == 409
    assert "Tidak ada yang diubah" in response.text
    with app.state.house.database.reading() as session:
        assert "registry.back" not in session.scalars(select(AuditEvent.action)).all()


@pytest.mark.parametrize("role", [Role.AGENT, Role.AUDITOR])
def test_the_registry_is_for_supervisors(signed_in: SignIn, role: Role):
    browser = signed_in(role)

    assert browser.get("/registry").status_code == 403
    assert browser.send_form("/registry/back").status_code == 403
    assert 'href="/registry"' not in browser.get("/tickets").text
