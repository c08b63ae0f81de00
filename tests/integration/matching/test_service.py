import pytest
from sqlalchemy import event, func, select

from helpdesk.accounts.models import Agent
from helpdesk.errors import InvalidError, NotFoundError
from helpdesk.identity.types import Field
from helpdesk.matching import corrections, queries, service
from helpdesk.matching.corrections import Change
from helpdesk.matching.models import CandidateRow, ChoiceRow, ClaimRow, FactRow
from helpdesk.matching.score import Thresholds
from helpdesk.matching.types import Doubt, Verdict
from helpdesk.tickets.kinds import MessageKind
from helpdesk.tickets.models import Ticket
from tests.integration.matching.conftest import NOW

TODAY = NOW.date()
SITI = ("99000000017", "3273015708909001", "SITI AMINAH RAHAYU", "BANDUNG", "1990-08-17")


def letter(person, nik=None):
    return (
        f"Nama: {person.full_name}\nTempat/tgl lahir: {person.birth_place}, "
        f"{person.birth_date:%d-%m-%Y}\nNIK: {nik or person.nik}\n"
    )


def run(database, *ticket_ids):
    with database.transaction() as tx:
        assessed = service.assess(tx.session, ticket_ids, today=TODAY)
        service.save(tx.session, assessed, now=NOW)


def ticket(database, ticket_id):
    with database.reading() as session:
        return session.get_one(Ticket, ticket_id)


def claims(database, ticket_id):
    with database.reading() as session:
        return queries.claims_of(session, ticket_id)


def correct(database, claim_id, field, value, agent_id):
    with database.transaction() as tx:
        enter(tx.session, claim_id, Change(claim_id, field, value), agent_id)


def enter(session, claim_id, change, agent_id):
    """Correct one fact and match again, as the shells do."""
    ticket_id = session.scalar(select(ClaimRow.ticket_id).where(ClaimRow.id == claim_id)) or 0
    corrections.correct(session, ticket_id, [change], agent_id, NOW, keep=False)
    service.save(session, service.assess(session, [ticket_id], today=TODAY), now=NOW)


@pytest.fixture
def agent_id(database):
    with database.transaction() as tx:
        agent = Agent(login="dewi", name="Dewi", role="agent", password_hash="x", created_at=NOW)
        tx.session.add(agent)
        tx.session.flush()
        return agent.id


def test_ticket_shows_what_it_claims_and_whom_it_means(registry, people, write_in):
    number = write_in(letter(people[0]))
    run(registry, number)
    row = ticket(registry, number)
    assert (row.claim_count, row.claim_facts, row.decision) == (1, "npdi", "match")
    assert row.best_probability > 0.99
    assert row.version == 1


def test_claims_come_with_spans_candidates_and_records(registry, people, write_in):
    text = letter(people[0])
    number = write_in("Selamat pagi", text)
    run(registry, number)
    [claim] = claims(registry, number)
    facts = {fact.field: fact for fact in claim.facts}
    nik = facts[Field.NIK]
    assert text[nik.span_start : nik.span_end] == people[0].nik
    assert {each.record.kpj for each in claim.candidates[:1]} <= {
        each.kpj for each in people[0].records
    }
    assert claim.candidates[0].evidence[0].level == "exact"


def test_only_what_people_wrote_is_read(registry, people, write_in):
    number = write_in("Halo")
    write_in(letter(people[0]), ticket_id=number, kind=MessageKind.AUTO_REPLY)
    run(registry, number)
    row = ticket(registry, number)
    assert (row.claim_count, row.claim_facts, row.decision) == (0, "----", "none")
    assert row.best_probability is None


def test_second_message_completes_the_claim_under_its_old_id(registry, people, write_in):
    number = write_in(f"Nama: {people[0].full_name}\n")
    run(registry, number)
    [before] = claims(registry, number)
    write_in(letter(people[0]), ticket_id=number)
    run(registry, number)
    [after] = claims(registry, number)
    assert after.id == before.id
    assert len(after.facts) == 4
    assert ticket(registry, number).version == 2


def test_assessing_again_changes_nothing(registry, people, write_in):
    number = write_in(letter(people[0]))
    run(registry, number)
    before = claims(registry, number)
    run(registry, number)
    assert claims(registry, number) == before
    assert ticket(registry, number).version == 1


def test_many_tickets_are_assessed_in_the_order_asked(registry, people, write_in):
    numbers = [write_in(letter(person)) for person in people[:5]]
    with registry.reading() as session:
        assessed = service.assess(session, [*reversed(numbers), 999], today=TODAY)
    assert [each.ticket_id for each in assessed] == numbers[::-1]


def test_saving_takes_as_many_statements_for_many_tickets_as_for_one(registry, people, write_in):
    def statements(numbers):
        with registry.reading() as session:
            assessed = service.assess(session, numbers, today=TODAY)
        count = 0

        def saw(*_args):
            nonlocal count
            count += 1

        event.listen(registry.engine, "before_cursor_execute", saw)
        with registry.transaction() as tx:
            service.save(tx.session, assessed, now=NOW)
        event.remove(registry.engine, "before_cursor_execute", saw)
        return count

    one = statements([write_in(letter(people[0]))])
    assert statements([write_in(letter(person)) for person in people[:20]]) == one


def test_corrected_fact_is_matched_at_once_and_outlives_extraction(
    registry, people, write_in, agent_id
):
    number = write_in(letter(people[0], nik=people[1].nik))
    run(registry, number)
    [claim] = claims(registry, number)
    correct(registry, claim.id, Field.NIK, people[0].nik, agent_id)
    assert ticket(registry, number).decision == "match"
    write_in("Mohon segera ya", ticket_id=number)
    run(registry, number)
    [after] = claims(registry, number)
    [nik] = [fact for fact in after.facts if fact.field is Field.NIK]
    assert (nik.value, nik.agent_id, nik.history) == (people[0].nik, agent_id, (people[1].nik,))


def test_a_correction_made_while_the_ticket_was_assessed_is_not_lost(
    registry, people, write_in, agent_id
):
    number = write_in(letter(people[0], nik=people[1].nik))
    run(registry, number)
    [claim] = claims(registry, number)
    with registry.reading() as session:
        assessed = service.assess(session, [number], today=TODAY)
    correct(registry, claim.id, Field.NIK, people[0].nik, agent_id)
    with registry.transaction() as tx:
        service.save(tx.session, service.renewed(tx.session, assessed, today=TODAY), now=NOW)
    [after] = claims(registry, number)
    [nik] = [fact for fact in after.facts if fact.field is Field.NIK]
    assert (nik.value, nik.agent_id) == (people[0].nik, agent_id)


def test_removed_fact_stays_removed(registry, people, write_in, agent_id):
    number = write_in(letter(people[0]))
    run(registry, number)
    [claim] = claims(registry, number)
    correct(registry, claim.id, Field.BIRTH_PLACE, "", agent_id)
    run(registry, number)
    [after] = claims(registry, number)
    assert Field.BIRTH_PLACE not in {fact.field for fact in after.facts}
    assert ticket(registry, number).claim_facts == "n-di"


def test_claim_can_be_entered_where_none_was_found(registry, people, write_in, agent_id):
    number = write_in("Tolong nomor saya")
    run(registry, number)
    with registry.transaction() as tx:
        claim_id = corrections.add_claim(tx.session, number, NOW)
        enter(tx.session, claim_id, Change(claim_id, Field.NIK, people[0].nik), agent_id)
    assert ticket(registry, number).claim_facts == "---i"
    assert claims(registry, number)[0].candidates


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        (Field.NIK, "12345", "16 digits"),
        (Field.BIRTH_DATE, "31-02-1990", "day-month-year"),
        (Field.FULL_NAME, "12345", "letters"),
        (Field.BIRTH_PLACE, "x" * 201, "200 characters"),
    ],
)
def test_impossible_correction_says_what_to_enter(
    registry, people, write_in, agent_id, field, value, message
):
    number = write_in(letter(people[0]))
    run(registry, number)
    [claim] = claims(registry, number)
    with pytest.raises(InvalidError, match=message):
        correct(registry, claim.id, field, value, agent_id)


def test_corrected_date_is_kept_in_one_form(registry, people, write_in, agent_id):
    number = write_in(letter(people[0]))
    run(registry, number)
    [claim] = claims(registry, number)
    correct(registry, claim.id, Field.BIRTH_DATE, "17-8-1990", agent_id)
    facts = {fact.field: fact.value for fact in claims(registry, number)[0].facts}
    assert facts[Field.BIRTH_DATE] == "1990-08-17"


def test_claim_or_ticket_that_is_gone_is_said(registry, agent_id):
    with pytest.raises(NotFoundError):
        correct(registry, 404, Field.NIK, "", agent_id)
    with registry.transaction() as tx, pytest.raises(NotFoundError):
        corrections.add_claim(tx.session, 404, NOW)


def test_record_that_left_the_registry_is_left_out(registry, people, write_in):
    number = write_in(letter(people[0]))
    run(registry, number)
    with registry.transaction() as tx:
        tx.session.execute(CandidateRow.__table__.update().values(kpj="99999999999"))
    assert claims(registry, number)[0].candidates == ()


def test_nothing_is_left_behind_of_replaced_claims(registry, people, write_in):
    number = write_in(letter(people[0]))
    run(registry, number)
    run(registry, number)
    with registry.reading() as session:
        counts = [
            session.scalar(select(func.count()).select_from(table))
            for table in (ClaimRow, FactRow)
        ]
    assert counts == [1, 4]


def test_an_agents_choice_comes_first_and_is_no_match(bring_in, write_in, agent_id):
    database = bring_in(SITI, ("99000000018", "", "BUDI CONTOH", "MEDAN", "1970-01-02"))
    number = write_in(f"Nama: Siti Aminah Rahayu\nTanggal lahir: 17-08-1990\nNIK: {SITI[1]}")
    said = {}
    for kpj in ("99000000018", SITI[0], ""):
        with database.transaction() as tx:
            tx.session.add(choice(number, kpj, agent_id))
        with database.reading() as session:
            [assessed] = service.assess(session, [number], today=TODAY)
        answer = assessed.claims[0].answer
        said[kpj] = answer.verdict, [each.record.kpj for each in answer.candidates]
    assert said["99000000018"] == (Verdict.REVIEW, ["99000000018", SITI[0]])
    assert said[SITI[0]] == (Verdict.MATCH, [SITI[0]])
    assert said[""] == (Verdict.NONE, [])


def test_doubts_about_who_was_chosen_are_those_of_the_limits(bring_in, write_in, agent_id):
    database = bring_in(SITI, ("99000000018", "", "BUDI CONTOH", "MEDAN", "1970-01-02"))
    number = write_in(f"Nama: Siti Aminah Rahayu\nTanggal lahir: 17-08-1990\nNIK: {SITI[1]}")
    lenient = Thresholds(accept=0.0, reject=0.0, runner_up=1.0)
    with database.transaction() as tx:
        tx.session.add(choice(number, "99000000018", agent_id))
    with database.reading() as session:
        doubts = [
            service.assess(session, [number], today=TODAY, limits=each)[0].claims[0].answer.doubts
            for each in (Thresholds(), lenient)
        ]
    assert set(doubts[0]) - set(doubts[1]) == {Doubt.UNSURE, Doubt.RUNNER_UP}


def choice(ticket_id, kpj, agent_id):
    return ChoiceRow(
        ticket_id=ticket_id, position=0, kpj=kpj, best_kpj=SITI[0], probability=0.999,
        agent_id=agent_id, made_at=NOW,
    )  # fmt: skip
