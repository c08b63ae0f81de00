"""The matching page: weights, proposals, plots, and the way through second looks."""

import datetime as dt
import json
from collections.abc import Callable
from importlib import resources

import pytest
from sqlalchemy import insert, select
from starlette.applications import Starlette

from helpdesk import clock
from helpdesk.accounts.models import AuditEvent, Role
from helpdesk.matching import weights_store
from helpdesk.matching.evaluation import Outcome, measure
from helpdesk.matching.models import ChoiceRow, SecondLook, WeightsRow
from tests.seed import person, seed
from tests.web.conftest import Browser

CLEAR = 21  # a ticket with one match
SHIPPED = json.loads(resources.files("helpdesk.matching").joinpath("weights.json").read_text())
SignIn = Callable[..., Browser]


@pytest.fixture
def supervisor(signed_in: SignIn) -> Browser:
    return signed_in(Role.SUPERVISOR)


@pytest.fixture
def filled(app: Starlette) -> Starlette:
    seed(app.state.house.database, tickets=30)
    return app


def quality(right: int) -> dict[str, object]:
    outcomes = [Outcome("NPDI", "member", 1, 0.999)] * right
    outcomes += [Outcome("NP--", "same_name", 0, 0.4)] * 20
    return measure(outcomes).as_json()


def propose(app: Starlette, state: str = "proposed", **report: object) -> None:
    figures = {"queries": 400, "answered": 120, "other_best": 3, **report}
    with app.state.house.database.transaction() as tx:
        tx.session.execute(
            insert(WeightsRow).values(
                state=state,
                data=SHIPPED,
                report=figures,
                trained_at=clock.now(),
                decided_at=None if state == "proposed" else clock.now(),
            )
        )


def draw(app: Starlette, **values: object) -> None:
    """Draw the match of a ticket for a second look."""
    known = {"ticket_id": CLEAR, "position": 0, "kpj": person(CLEAR).kpj(0)}
    known |= {"probability": 0.9994, "drawn_at": clock.now()}
    with app.state.house.database.transaction() as tx:
        tx.session.execute(insert(SecondLook).values(**{**known, **values}))


def actions(app: Starlette) -> list[str]:
    with app.state.house.database.reading() as session:
        return list(session.scalars(select(AuditEvent.action)))


def test_the_weights_in_use_are_listed(supervisor: Browser):
    page = supervisor.get("/matching").text

    assert "bawaan" in page
    assert page.count("<caption>") == len(SHIPPED["levels"])


def test_where_the_weights_come_from_is_said_in_the_readers_language(supervisor: Browser):
    page = supervisor.get("/matching").text

    assert "Dilatih pada 22 November 2026 dengan 15.964 permintaan" in page
    assert 'lang="en">Trained on' in page
    assert "partial" not in page


def test_shipped_weights_that_were_measured_are_plotted(
    monkeypatch: pytest.MonkeyPatch, supervisor: Browser
):
    measured = {**SHIPPED, "figures": quality(90)}
    monkeypatch.setattr(weights_store, "active_data", lambda _session: measured)

    page = supervisor.get("/matching").text

    assert page.count('class="plot"') == 2
    assert "belum diukur" not in page


def test_weights_that_were_not_measured_say_how_to_measure_them(
    monkeypatch: pytest.MonkeyPatch, supervisor: Browser
):
    unmeasured = {name: each for name, each in SHIPPED.items() if name != "figures"}
    monkeypatch.setattr(weights_store, "active_data", lambda _session: unmeasured)

    page = supervisor.get("/matching").text

    assert 'class="plot"' not in page
    assert "belum diukur" in page
    assert "helpdesk matching train" in page


def test_a_proposal_shows_before_and_after(app: Starlette, supervisor: Browser):
    propose(app, before=quality(60), after=quality(90))

    page = supervisor.get("/matching").text

    assert "Bobot 1 diusulkan" in page
    assert "400 permintaan, 120 sudah dijawab" in page
    assert "lebih" in page


def test_a_proposal_nobody_could_compare_says_so(app: Starlette, supervisor: Browser):
    propose(app, before=None, after=None)

    assert "terlalu sedikit untuk membandingkan" in supervisor.get("/matching").text


def test_accepted_weights_are_in_use_and_plotted(app: Starlette, supervisor: Browser):
    propose(app, before=quality(60), after=quality(90))

    response = supervisor.send_form("/matching/weights/1", {"what": "accept"})

    assert response.headers["location"] == "/matching"
    page = supervisor.get("/matching").text
    assert "bobot 1, dilatih di sini" in page
    assert page.count('class="plot"') == 2
    assert "weights.accept" in actions(app)


def test_refused_weights_are_not_used(app: Starlette, supervisor: Browser):
    propose(app)

    supervisor.send_form("/matching/weights/1", {"what": "refuse"})

    page = supervisor.get("/matching").text
    assert "dilatih di sini" not in page
    assert "ditolak" in page
    assert supervisor.send_form("/matching/weights/1", {"what": "accept"}).status_code == 409


def test_a_form_that_says_neither_changes_nothing(app: Starlette, supervisor: Browser):
    propose(app)

    assert supervisor.send_form("/matching/weights/1", {"what": "x"}).status_code == 422
    assert "Bobot 1 diusulkan" in supervisor.get("/matching").text


def test_enough_choices_of_agents_are_plotted(app: Starlette, filled: Starlette, supervisor):
    row = {"ticket_id": CLEAR, "position": 0, "kpj": "a", "best_kpj": "a", "probability": 0.97}
    row |= {"agent_id": 1, "made_at": clock.now()}
    with app.state.house.database.transaction() as tx:
        tx.session.execute(insert(ChoiceRow), [row] * 25)

    page = supervisor.get("/matching").text

    assert "pilihan petugas" in page
    assert 'class="plot"' in page


def test_outcomes_of_second_looks_come_with_their_interval(
    app: Starlette, filled: Starlette, supervisor: Browser
):
    draw(app, chosen_kpj=person(CLEAR).kpj(0), agent_id=1, looked_at=clock.now())

    page = supervisor.get("/matching").text

    assert "1 dari 1 sependapat dengan pencocok" in page
    assert "dengan keyakinan 95% antara 20,7% dan 100,0%" in page


def test_looks_that_disagree_stand_above_the_others(
    app: Starlette, filled: Starlette, supervisor: Browser
):
    draw(app, chosen_kpj=person(CLEAR).kpj(0), agent_id=1, looked_at=clock.now())
    draw(app, position=1, chosen_kpj="", agent_id=1, looked_at=clock.now())

    above, folded = supervisor.get("/matching").text.split("Pemeriksaan terakhir (2)")

    assert ("tidak satu pun" in above, "sependapat</" in above) == (True, False)
    assert ("tidak satu pun" in folded, "sependapat</" in folded) == (True, True)


@pytest.mark.parametrize("role", [Role.AGENT, Role.AUDITOR])
def test_the_matching_page_is_for_supervisors(signed_in: SignIn, role: Role):
    browser = signed_in(role)

    assert browser.get("/matching").status_code == 403
    assert browser.send_form("/matching/weights/1", {"what": "accept"}).status_code == 403


def test_a_second_look_shows_neither_score_nor_whole_numbers(
    app: Starlette, filled: Starlette, signed_in: SignIn
):
    draw(app)
    agent = signed_in()

    there = agent.get("/matching/looks")
    page = agent.get(there.headers["location"]).text

    who = person(CLEAR)
    assert who.name.upper() in page
    assert "%" not in page.partition("<main")[2]
    assert who.nik not in page
    assert who.kpj(0) not in page
    assert "look.view" in actions(app)


def test_after_a_look_the_next_one_comes(app: Starlette, filled: Starlette, signed_in: SignIn):
    draw(app)
    agent = signed_in()
    page = agent.get("/matching/looks/1").text
    mark = page.partition('name="person" value="')[2].partition('"')[0]

    response = agent.send_form("/matching/looks/1", {"person": mark})

    assert response.headers["location"] == "/matching/looks"
    assert "Tidak ada pemeriksaan kedua untuk Anda" in agent.get("/matching/looks").text
    assert "look.agree" in actions(app)


def test_who_has_seen_the_ticket_is_given_no_look(
    app: Starlette, filled: Starlette, signed_in: SignIn
):
    draw(app)
    agent = signed_in()
    agent.get(f"/tickets/{CLEAR}")

    assert agent.get("/matching/looks").status_code == 200
    assert agent.get("/matching/looks/1").status_code == 403


def test_a_look_that_is_taken_is_not_shown(app: Starlette, filled: Starlette, signed_in: SignIn):
    draw(app, chosen_kpj="", agent_id=1, looked_at=clock.now() - dt.timedelta(hours=1))

    assert signed_in().get("/matching/looks/1").status_code == 409
