import datetime as dt
import json

from sqlalchemy import insert

from helpdesk.accounts.models import Agent
from helpdesk.db import Database
from helpdesk.matching.models import CorrectionRow
from helpdesk.tickets.kinds import Channel, Direction, TicketStatus
from helpdesk.tickets.models import Contact, Message, Ticket

NIK = "3273015708909001"
ROW = {
    "id": "x1",
    "messages": [f"Mohon nomor KPJ saya.\nNama: Siti Contoh\nNIK: {NIK}"],
    "people": [
        {
            "about": "self",
            "full_name": "Siti Contoh",
            "nik": NIK,
            "said": {"full_name": [0, "Siti Contoh"], "nik": [0, NIK]},
        }
    ],
}


def test_labelled_conversations_are_scored(run, tmp_path):
    file = tmp_path / "labels.jsonl"
    file.write_text(json.dumps(ROW) + "\n\n" + json.dumps({**ROW, "id": "x2"}), encoding="utf-8")

    told = run("identity", "evaluate", str(file))
    values = json.loads(run("identity", "evaluate", "--json", str(file), str(file)).out)

    assert told.code == 0
    assert "(2 stated)" in told.out
    assert not any(word in told.out for word in ("Siti", NIK))
    assert (values["conversations"], values["fields"]["nik"]["f1"]) == (4, 1.0)


def test_a_line_that_is_no_labelled_conversation_is_named(refuse, tmp_path):
    file = tmp_path / "labels.jsonl"
    for bad in ("[", '{"id": "x"}', json.dumps({**ROW, "messages": [3]}), "\ud800"):
        file.write_bytes((json.dumps(ROW) + "\n" + bad).encode("utf-8", "surrogatepass"))

        said = refuse("identity", "evaluate", str(file))

        assert said == f"{file}: line 2 is not a labelled conversation"


def test_a_label_that_points_nowhere_is_named(refuse, tmp_path):
    file = tmp_path / "labels.jsonl"
    person = {**ROW["people"][0], "said": {"full_name": [7, "Siti"], "nik": [0, NIK]}}
    file.write_text(json.dumps({**ROW, "people": [person]}), encoding="utf-8")

    assert "line 1 is not" in refuse("identity", "evaluate", str(file))


def test_a_file_that_is_not_there_is_named(refuse, tmp_path):
    assert "No such file" in refuse("identity", "evaluate", str(tmp_path / "none"))


def test_without_kept_corrections_it_says_how_to_keep_them(ready, refuse):
    assert "identity.keep_corrections" in refuse("identity", "evaluate")


def test_corrections_are_scored_without_a_word_of_them(ready, run, tmp_path):
    database = Database(f"sqlite:///{tmp_path}/var/helpdesk.sqlite3")
    now = dt.datetime(2026, 11, 21, tzinfo=dt.UTC)
    with database.transaction() as tx:
        who = Agent(login="a", name="A", role="agent", password_hash="x", created_at=now)
        contact = Contact(channel=Channel.EMAIL, address="", display_name="", created_at=now)
        tx.session.add_all([who, contact])
        tx.session.flush()
        ticket = Ticket(
            channel=Channel.EMAIL, contact_id=contact.id, subject="",
            status=TicketStatus.WAITING_AGENT, opened_at=now, updated_at=now, waiting_since=now,
        )  # fmt: skip
        tx.session.add(ticket)
        tx.session.flush()
        written = {"ticket_id": ticket.id, "direction": Direction.INBOUND, "received_at": now}
        tx.session.add(Message(**written, body=ROW["messages"][0]))
        made = {"ticket_id": ticket.id, "position": 0, "before": "", "rule": "", "confidence": 0.0,
                "agent_id": who.id, "made_at": now}  # fmt: skip
        tx.session.execute(insert(CorrectionRow).values(**made, field="nik", value=NIK))
        tx.session.execute(insert(CorrectionRow).values(**made, field="full_name", value="Sita"))

    database.dispose()

    told, values = run("identity", "evaluate"), run("identity", "evaluate", "--json")

    assert (told.code, "Siti" in told.out, NIK in told.out) == (0, False, False)
    fields = json.loads(values.out)["fields"]
    assert (fields["nik"]["right"], fields["full_name"]["right"]) == (1, 0)
    assert fields["full_name"]["still_wrong"] == [1]
