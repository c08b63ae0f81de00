import datetime as dt

import pytest
from sqlalchemy import delete, func, select, update

from helpdesk import clock, work
from helpdesk.accounts.models import Agent
from helpdesk.errors import InvalidError, NotFoundError
from helpdesk.identity.types import About, Field
from helpdesk.matching import corrections, queries, service, training
from helpdesk.matching.corrections import Before, Change, Place, Stood
from helpdesk.matching.models import ClaimRow, CorrectionRow, FactRow
from helpdesk.settings import Identity, Settings
from helpdesk.tickets.models import Message, Ticket
from tests.integration.matching.conftest import NOW

TODAY = NOW.date()
TEXT = "🙏 Nama: Siti Aminah\nTTL: Bandung, 17-08-1990\nNIK: 3273015708909001\nIbu: Dewi Lestari\n"


@pytest.fixture
def agent_id(database):
    with database.transaction() as tx:
        agent = Agent(login="dewi", name="Dewi", role="agent", password_hash="x", created_at=NOW)
        tx.session.add(agent)
        tx.session.flush()
        return agent.id


@pytest.fixture
def ticket_id(database, write_in):
    """A ticket of one message that has been assessed."""
    number = write_in(TEXT, subject="")
    judge(database, number)
    return number


def judge(database, ticket_id):
    with database.transaction() as tx:
        assessed = service.assess(tx.session, [ticket_id], today=TODAY)
        service.save(tx.session, assessed, now=NOW)


def claims(database, ticket_id):
    with database.reading() as session:
        return queries.claims_of(session, ticket_id)


def facts(database, ticket_id, at=0):
    return {fact.field: fact for fact in claims(database, ticket_id)[at].facts}


def message_id(database):
    with database.reading() as session:
        return session.scalars(select(Message.id)).one()


def where(database, said):
    return Place(message_id(database), TEXT.index(said), TEXT.index(said) + len(said))


def correct(database, ticket_id, agent_id, *changes, keep=True):
    with database.transaction() as tx:
        befores = corrections.correct(tx.session, ticket_id, changes, agent_id, NOW, keep=keep)
    judge(database, ticket_id)
    return befores


def take_back(database, ticket_id, agent_id, befores):
    with database.transaction() as tx:
        corrections.take_back(tx.session, ticket_id, befores, agent_id)
    judge(database, ticket_id)


def kept(database):
    with database.reading() as session:
        rows = session.scalars(select(CorrectionRow).order_by(CorrectionRow.id)).all()
        session.expunge_all()
        return rows


def name_of(database, ticket_id, value, said=None):
    claim = claims(database, ticket_id)[0].id
    return Change(claim, Field.FULL_NAME, value, where(database, said) if said else None)


def test_a_selected_fact_keeps_its_place_when_the_ticket_is_read_again(
    database, ticket_id, agent_id
):
    change = name_of(database, ticket_id, "Dewi Lestari", "Dewi Lestari")
    correct(database, ticket_id, agent_id, change)
    judge(database, ticket_id)

    fact = facts(database, ticket_id)[Field.FULL_NAME]
    assert (fact.value, fact.agent_id, fact.rule) == ("Dewi Lestari", agent_id, "")
    assert TEXT[fact.span_start : fact.span_end] == "Dewi Lestari"
    assert fact.history == ("Siti Aminah",)


def test_a_correction_is_kept_with_what_was_read(database, ticket_id, agent_id):
    read = facts(database, ticket_id)[Field.FULL_NAME]
    change = name_of(database, ticket_id, "Dewi Lestari", "Dewi Lestari")

    correct(database, ticket_id, agent_id, change)

    [row] = kept(database)
    assert (row.ticket_id, row.position, row.field) == (ticket_id, 0, Field.FULL_NAME)
    assert (row.before, row.value) == ("Siti Aminah", "Dewi Lestari")
    assert (row.confidence, row.rule) == (pytest.approx(read.confidence), read.rule)
    assert (row.message_id, row.span_start) == (change.place.message_id, change.place.start)
    assert (row.agent_id, row.made_at) == (agent_id, NOW)


def test_nothing_is_kept_without_consent_or_without_a_change(database, ticket_id, agent_id):
    same = name_of(database, ticket_id, "Siti Aminah", "Siti Aminah")
    correct(database, ticket_id, agent_id, same)
    other = name_of(database, ticket_id, "Dewi Lestari")
    correct(database, ticket_id, agent_id, other, keep=False)

    assert kept(database) == []


def test_a_missed_and_a_removed_fact_are_kept_too(database, ticket_id, agent_id):
    claim = claims(database, ticket_id)[0].id
    place = where(database, "Bandung")
    correct(database, ticket_id, agent_id, Change(claim, Field.BIRTH_PLACE, "", place))
    with database.transaction() as tx:
        new = corrections.add_claim(tx.session, ticket_id, NOW)
        corrections.correct(
            tx.session,
            ticket_id,
            [name_of(database, ticket_id, "x"), Change(new, Field.FULL_NAME, "Dewi Lestari")][1:],
            agent_id,
            NOW,
            keep=True,
        )
    judge(database, ticket_id)

    assert [(row.position, row.before, row.value) for row in kept(database)] == [
        (0, "Bandung", ""),
        (1, "", "Dewi Lestari"),
    ]
    assert Field.BIRTH_PLACE not in facts(database, ticket_id)


def test_somebody_added_beside_others_is_somebody_else(database, ticket_id, agent_id):
    with database.transaction() as tx:
        new = corrections.add_claim(tx.session, ticket_id, NOW)
        change = Change(new, Field.FULL_NAME, "Dewi Lestari")
        corrections.correct(tx.session, ticket_id, [change], agent_id, NOW, keep=False)
    judge(database, ticket_id)

    assert claims(database, ticket_id)[1].about is About.OTHER


def test_taking_back_leaves_what_was_read(database, ticket_id, agent_id):
    before = facts(database, ticket_id)
    change = name_of(database, ticket_id, "Dewi Lestari", "Dewi Lestari")
    befores = correct(database, ticket_id, agent_id, change)

    take_back(database, ticket_id, agent_id, befores)

    assert facts(database, ticket_id) == before
    assert kept(database) == []


@pytest.mark.parametrize("then", ["Budi", "", "Dewi Lestari"])
@pytest.mark.parametrize("first", ["Dewi Lestari", ""])
def test_taking_back_leaves_what_an_agent_had_entered_before(
    database, ticket_id, agent_id, first, then
):
    said = "Dewi Lestari" if first else None
    correct(database, ticket_id, agent_id, name_of(database, ticket_id, first, said))
    before = facts(database, ticket_id)
    befores = correct(database, ticket_id, agent_id, name_of(database, ticket_id, then))

    take_back(database, ticket_id, agent_id, befores)

    assert facts(database, ticket_id) == before
    assert [row.value for row in kept(database)] == [first]


def test_taking_back_somebody_new_leaves_nobody(database, ticket_id, agent_id):
    with database.transaction() as tx:
        new = corrections.add_claim(tx.session, ticket_id, NOW)
        change = Change(new, Field.FULL_NAME, "Dewi Lestari")
        befores = corrections.correct(tx.session, ticket_id, [change], agent_id, NOW, keep=True)
    judge(database, ticket_id)
    take_back(database, ticket_id, agent_id, befores)

    assert len(claims(database, ticket_id)) == 1


def test_nobody_takes_back_what_another_agent_or_ticket_keeps(
    database, ticket_id, agent_id, write_in
):
    correct(database, ticket_id, agent_id, name_of(database, ticket_id, "Dewi Lestari"))
    [row] = kept(database)
    forged = [Before(0, Field.FULL_NAME, Stood.READ, correction_id=row.id)]
    other = write_in("Halo", subject="")

    take_back(database, other, agent_id, forged)
    take_back(database, ticket_id, agent_id + 1, forged)

    assert len(kept(database)) == 1


def test_a_claim_or_a_message_of_another_ticket_is_not_there(
    database, ticket_id, agent_id, write_in
):
    other = write_in("Halo", subject="")
    place = Place(message_id_of(database, ticket_id), 0, 4)
    claim = claims(database, ticket_id)[0].id

    with pytest.raises(NotFoundError), database.transaction() as tx:
        changes = [Change(claim, Field.FULL_NAME, "Budi")]
        corrections.correct(tx.session, other, changes, agent_id, NOW, keep=False)
    with pytest.raises(NotFoundError), database.reading() as session:
        corrections.text_at(session, other, place)


def message_id_of(database, ticket_id):
    with database.reading() as session:
        return session.scalars(select(Message.id).where(Message.ticket_id == ticket_id)).one()


@pytest.mark.parametrize(("start", "end"), [(-1, 3), (3, 3), (5, 2), (0, 10_000), (0, 201)])
def test_a_place_outside_of_the_message_or_too_long_is_refused(
    database, write_in, start: int, end: int
):
    number = write_in("a" * 500, subject="")

    with pytest.raises(InvalidError), database.reading() as session:
        corrections.text_at(session, number, Place(message_id(database), start, end))


def test_facts_are_found_where_they_stand(database, ticket_id):
    with database.reading() as session:
        found = corrections.touched(session, ticket_id, where(database, "Bandung, 17-08-1990"))
        between = corrections.touched(session, ticket_id, where(database, "NIK: "))

    assert [each.field for each in found] == [Field.BIRTH_PLACE, Field.BIRTH_DATE]
    assert between == []


def test_old_corrections_are_forgotten(database, ticket_id, agent_id):
    correct(database, ticket_id, agent_id, name_of(database, ticket_id, "Dewi Lestari"))

    with database.transaction() as tx:
        assert corrections.forget(tx.session, before=NOW) == 0
        assert corrections.forget(tx.session, before=NOW + dt.timedelta(seconds=1)) == 1


@pytest.mark.parametrize(
    ("keep", "days", "left"), [(True, 10, 1), (True, 8, 0), (False, 10, 0), (True, 10**12, 1)]
)
def test_only_what_the_settings_allow_outlives_the_tidying(
    database, ticket_id, agent_id, tmp_path, monkeypatch, keep, days, left
):
    correct(database, ticket_id, agent_id, name_of(database, ticket_id, "Dewi Lestari"))
    identity = Identity(keep_corrections=keep, keep_corrections_days=days)
    conf = Settings(data_dir=str(tmp_path), secret_key="0" * 64, identity=identity)
    monkeypatch.setattr(clock, "now", lambda: NOW + dt.timedelta(days=9))

    work.tidy(work.open_plant(conf, database))

    assert len(kept(database)) == left


def test_corrections_go_with_their_ticket(database, ticket_id, agent_id):
    correct(database, ticket_id, agent_id, name_of(database, ticket_id, "Dewi Lestari"))
    with database.transaction() as tx:
        for table in (Message, ClaimRow):
            tx.session.execute(delete(table).where(table.ticket_id == ticket_id))
        tx.session.execute(delete(Ticket).where(Ticket.id == ticket_id))

    assert kept(database) == []


def test_todays_reading_is_scored_on_what_agents_made_of_it(database, ticket_id, agent_id):
    claim = claims(database, ticket_id)[0].id
    wrong = Change(claim, Field.FULL_NAME, "Dewi Lestari", where(database, "Dewi Lestari"))
    correct(database, ticket_id, agent_id, wrong)
    with database.transaction() as tx:  # as if these had been read by other rules
        tx.session.execute(
            update(FactRow).where(FactRow.field == Field.BIRTH_PLACE).values(value="Garut")
        )
        tx.session.add(
            CorrectionRow(
                ticket_id=ticket_id,
                position=0,
                field=Field.NIK,
                before="",
                rule="",
                value="3273015708909001",
                confidence=0.0,
                agent_id=agent_id,
                made_at=NOW,
            )
        )

    with database.reading() as session:
        score = training.evaluate(session, today=TODAY)

    name, place, day, nik = (score.fields[each] for each in Field)
    assert (name.corrected, name.right, name.still) == (1, 0, {ticket_id})
    assert (nik.corrected, nik.right, nik.still) == (1, 1, set())
    assert (place.left, place.wrong, place.newly) == (1, 1, {ticket_id})
    assert (day.left, day.wrong) == (1, 0)
    text = "\n".join(score.lines())
    assert not any(word in text for word in ("Dewi", "Siti", "Garut", "3273"))


def test_a_fact_nobody_stated_is_right_when_it_is_not_read(database, ticket_id, agent_id):
    claim = claims(database, ticket_id)[0].id
    correct(database, ticket_id, agent_id, Change(claim, Field.BIRTH_PLACE, ""))

    with database.reading() as session:
        still = training.evaluate(session, today=TODAY).fields[Field.BIRTH_PLACE]
    with database.transaction() as tx:
        tx.session.execute(update(Message).values(body=TEXT.replace("Bandung, ", "")))
    with database.reading() as session:
        now = training.evaluate(session, today=TODAY).fields[Field.BIRTH_PLACE]
        count = session.scalar(select(func.count()).select_from(CorrectionRow))

    assert (count, still.right, now.right) == (1, 0, 1)
