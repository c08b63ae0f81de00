import datetime as dt

import pytest
from sqlalchemy import select

from helpdesk.accounts.models import AuditEvent
from helpdesk.blobs import Blob
from helpdesk.errors import ConflictError, InvalidError, NotFoundError
from helpdesk.matching import lessons, search, weights_store
from helpdesk.matching.models import ChoiceRow, SecondLook
from helpdesk.matching.score import shipped_data, shipped_weights
from helpdesk.matching.types import Query
from helpdesk.outbox.models import Delivery, DeliveryState
from helpdesk.replies.models import Approval
from helpdesk.replies.told import told
from helpdesk.tickets.kinds import Channel, Direction, MessageKind
from helpdesk.tickets.models import Message
from tests.integration.matching import rows
from tests.integration.matching.rows import NOW
from tests.registry import fill

KEY = b"key"
BUDI, SITI = "99000000011", "99000000029"


@pytest.fixture
def agent_id(database):
    with database.transaction() as tx:
        return rows.agent(tx.session)


@pytest.fixture
def claim(database):
    """Make a ticket with one claim, or add a claim to one; return the ticket's id."""

    def make(verdict="review", *, ticket_id=None, position=0, **facts):
        with database.transaction() as tx:
            if ticket_id is None:
                ticket_id = rows.ticket(tx.session)
            stated = facts or {"full_name": "Budi"}
            rows.claim(tx.session, ticket_id, verdict=verdict, position=position, stated=stated)
        return ticket_id

    return make


@pytest.fixture
def choose(database, agent_id):
    """Let an agent choose, or judge a match drawn for a second look."""

    def run(ticket_id, kpj, *, position=0, blind=False):
        said = {"ticket_id": ticket_id, "position": position, "probability": 0.9}
        row = (
            SecondLook(**said, kpj=BUDI, drawn_at=NOW, chosen_kpj=kpj, looked_at=NOW)
            if blind
            else ChoiceRow(**said, kpj=kpj, best_kpj=BUDI, agent_id=agent_id, made_at=NOW)
        )
        with database.transaction() as tx:
            tx.session.add(row)

    return run


@pytest.fixture
def send(database, agent_id):
    """Let an approved reply with these numbers get as far as `state`."""

    def run(ticket_id, *kpjs, state=DeliveryState.SENT):
        with database.transaction() as tx:
            _reply(tx.session, ticket_id, agent_id, kpjs, state)

    return run


def _reply(session, ticket_id, agent_id, kpjs, state):
    if session.get(Blob, "0" * 64) is None:
        session.add(Blob(sha256="0" * 64, size_bytes=1, content=b"x"))
    message = Message(
        ticket_id=ticket_id,
        direction=Direction.OUTBOUND,
        kind=MessageKind.PERSON,
        body="",
        received_at=NOW,
    )
    session.add(message)
    session.flush()
    delivery = Delivery(
        ticket_id=ticket_id,
        message_row_id=message.id,
        channel=Channel.EMAIL,
        recipient="",
        message_id=f"{message.id}@example.org",
        sha256="0" * 64,
        state=state,
        created_at=NOW,
        not_before=NOW,
    )
    session.add(delivery)
    session.flush()
    session.add(
        Approval(
            ticket_id=ticket_id,
            draft_version=1,
            agent_id=agent_id,
            frozen_sha256=f"{delivery.id}",
            disclosure="full",
            evidence={"records": dict.fromkeys(kpjs, "digest")},
            approved_at=NOW,
            delivery_id=delivery.id,
        )
    )


def learned(database):
    with database.reading() as session:
        return lessons.of_tickets(session, told(session))


def test_claims_become_queries_nobody_answered(database, claim):
    claim(full_name="Budi", birth_date="1990-08-17", nik="3273011708909001")
    [lesson] = learned(database)
    born = dt.date(1990, 8, 17)
    assert lesson.query == Query("Budi", None, born, "3273011708909001")
    assert (lesson.meant, lesson.kind) == (None, "")


def test_newest_choice_is_the_answer(database, claim, choose):
    ticket_id = claim()
    choose(ticket_id, BUDI)
    choose(ticket_id, SITI)
    [lesson] = learned(database)
    assert (lesson.meant, lesson.kind) == ({SITI}, "member")


def test_choice_of_nobody_is_an_answer_too(database, claim, choose):
    choose(claim(), "")
    [lesson] = learned(database)
    assert (lesson.meant, lesson.kind) == (set(), "nobody")


def test_blind_look_counts_before_a_choice_and_a_choice_before_what_was_sent(
    database, claim, choose, send
):
    first, second, third = claim(), claim(), claim()
    for ticket_id in (first, second, third):
        send(ticket_id, BUDI)
    choose(first, BUDI)
    choose(second, SITI)
    choose(first, "", blind=True)
    assert [lesson.meant for lesson in learned(database)] == [set(), {SITI}, {BUDI}]


@pytest.mark.parametrize(
    "state", [each for each in DeliveryState if each is not DeliveryState.SENT]
)
def test_what_was_not_sent_is_no_answer(database, claim, send, state):
    send(claim(), BUDI, state=state)
    assert learned(database)[0].meant is None


def test_reply_without_a_number_is_no_answer(database, claim, send):
    send(claim(), state=DeliveryState.SENT)
    assert learned(database)[0].meant is None


def test_number_sent_for_one_of_several_claims_says_not_which(database, claim, send):
    ticket_id = claim()
    claim(ticket_id=ticket_id, position=1, full_name="Siti")
    send(ticket_id, BUDI)
    assert [lesson.meant for lesson in learned(database)] == [None, None]


def test_rarely_answered_verdicts_weigh_more(database, claim, choose):
    for _ in range(4):
        claim("match")
    sure = claim("match")
    choose(sure, BUDI, blind=True)
    choose(claim("review"), SITI)
    weights = {lesson.kind and lesson.key: lesson.weight for lesson in learned(database)}
    assert weights[sure] == 5
    assert weights[sure + 1] == 1


def test_match_that_a_blind_look_disproved_is_one_lesson_and_stands_for_matches(
    database, claim, choose
):
    for _ in range(4):
        claim("match")
    choose(claim("match"), BUDI, blind=True)
    disproved = claim("review")  # since the look left a choice
    choose(disproved, SITI, blind=True)
    choose(disproved, SITI)
    choose(claim("review"), SITI)
    answered = [lesson for lesson in learned(database) if lesson.meant is not None]
    assert [lesson.weight for lesson in answered] == [3, 3, 1]


def test_claim_without_facts_teaches_nothing(database, claim):
    claim(full_name="")
    assert learned(database) == []


def test_labelled_lines_are_lessons():
    line = {"id": "q1", "full_name": "Budi", "birth_place": None, "birth_date": "", "nik": ""}
    answer = {"id": "q1", "kpjs": [BUDI, SITI], "kind": "member"}
    [answered, unanswered] = lessons.of_lines([line, {**line, "id": "q2"}], [answer])
    assert answered.meant == {BUDI, SITI}
    assert answered.query == unanswered.query == Query("Budi")
    assert unanswered.meant is None
    assert answered.key != unanswered.key


@pytest.mark.parametrize("line", [{"full_name": "Budi"}, {"id": "q1"}], ids=["query", "answer"])
def test_line_of_another_kind_is_refused(line):
    with pytest.raises(InvalidError, match="synthesize"):
        lessons.of_lines([line], [{"id": "q1"}])


def propose(database, member=0.5):
    with database.transaction() as tx:
        data = {**shipped_data(), "prior_member": member}
        return weights_store.propose(tx.session, data, {"queries": 1}, now=NOW)


def accept(database, weights_id, agent_id=None, *, hours=1):
    with database.transaction() as tx:
        at = NOW + dt.timedelta(hours=hours)
        weights_store.accept(tx.session, weights_id, agent_id, at, key=KEY)


def refuse(database, weights_id, agent_id=None):
    with database.transaction() as tx:
        weights_store.refuse(tx.session, weights_id, agent_id, NOW, key=KEY)


def member(database):
    with database.reading() as session:
        return weights_store.active(session).prior_member


def test_shipped_weights_serve_until_others_are_accepted(database):
    with database.reading() as session:
        assert weights_store.active(session) is shipped_weights()
        assert weights_store.active_data(session) == shipped_data()
        assert weights_store.active_id(session) is None


def test_proposal_changes_nothing(database):
    propose(database)
    assert member(database) == shipped_weights().prior_member


def test_accepted_weights_serve(database, agent_id):
    number = propose(database, 0.5)
    accept(database, number, agent_id)
    assert member(database) == 0.5
    with database.reading() as session:
        kept = weights_store.get(session, number)
        [event] = session.scalars(select(AuditEvent))
    assert (kept.state, kept.agent_id) == ("accepted", agent_id)
    assert (event.action, event.subject_id, event.agent_id) == (
        "weights.accept",
        number,
        agent_id,
    )


def test_newest_yes_counts_so_that_one_can_go_back(database):
    one, two = propose(database, 0.5), propose(database, 0.6)
    accept(database, one, hours=1)
    accept(database, two, hours=2)
    assert member(database) == 0.6
    accept(database, one, hours=3)
    assert member(database) == 0.5


def test_refusing_what_serves_brings_back_what_served_before(database):
    one, two = propose(database, 0.5), propose(database, 0.6)
    accept(database, one, hours=1)
    accept(database, two, hours=2)
    refuse(database, two)
    assert member(database) == 0.5
    refuse(database, one)
    assert member(database) == shipped_weights().prior_member


def test_one_session_keeps_to_one_set_of_weights(database):
    with database.reading() as session:
        before = weights_store.active(session)
        accept(database, propose(database))
        assert weights_store.active(session) is before
    assert member(database) == 0.5


def test_decision_is_taken_once(database):
    number = propose(database)
    accept(database, number)
    with pytest.raises(ConflictError):
        accept(database, number)
    refuse(database, number)
    with pytest.raises(ConflictError):
        refuse(database, number)
    with pytest.raises(ConflictError):
        accept(database, number)


def test_unknown_weights_are_an_error(database):
    for decide in (accept, refuse):
        with pytest.raises(NotFoundError):
            decide(database, 7)


def test_incomplete_weights_are_not_kept(database):
    data = {name: value for name, value in shipped_data().items() if name != "levels"}
    with pytest.raises(KeyError), database.transaction() as tx:
        weights_store.propose(tx.session, data, {}, now=NOW)


def test_newest_weights_are_listed_first(database):
    numbers = [propose(database), propose(database)]
    with database.reading() as session:
        assert [kept.id for kept in weights_store.kept(session)] == numbers[::-1]


def test_search_uses_the_accepted_weights(database):
    fill(database, [{"kpj": BUDI, "full_name": "BUDI SANTOSO", "birth_date": "1990-08-17"}])
    query, today = Query("Budi Santoso", None, dt.date(1990, 8, 17)), NOW.date()
    with database.reading() as session:
        before = search.find(session, query, today=today).candidates[0].probability
    accept(database, propose(database, 0.02))
    with database.reading() as session:
        after = search.find(session, query, today=today).candidates[0].probability
    assert after < before
