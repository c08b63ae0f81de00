"""`helpdesk ingest export`: one line a path, tickets at once, and what cannot be read is told."""

import json

import pytest

pytestmark = pytest.mark.usefixtures("ready")

CLAIM = "Nama: Siti Contoh\nTTL: Garut, 5 Mei 1988\nNIK: 3205004505889001"


@pytest.fixture
def chat(tmp_path):
    file = tmp_path / "Chat WhatsApp dengan Siti Contoh.txt"
    file.write_text(
        "26/09/26 23.10 - Siti Contoh: Min saya lupa nomor KPJ\n"
        f"26/09/26 23.11 - Siti Contoh: {CLAIM}\n"
        "26/09/26 23.12 - Meja Bantuan: baik, ditunggu\n"
        "26/09/26 23.13 - Siti Contoh: terima kasih\n"
    )
    return file


def test_an_export_becomes_tickets_that_are_matched_and_drafted(run, chat):
    done = run("ingest", "export", chat, "--own-name", "Meja Bantuan")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"{chat}: whatsapp: It holds a chat as WhatsApp")
    assert done.out.endswith(" 4 new, 0 known already, 1 tickets opened, 0 continued\n")
    [ticket] = map(json.loads, run("tickets", "--json").lines)
    assert (ticket["channel"], ticket["message_count"]) == ("whatsapp", 4)
    assert ticket["claims"][0]["nik"] == "3205004505889001"
    assert isinstance(ticket["draft"], str)


def test_the_same_again_is_known(run, chat):
    first, again = (run("ingest", "export", chat, "--own-name", "Meja Bantuan") for _ in "12")
    assert "4 new, 0 known already" in first.out
    assert "0 new, 4 known already, 0 tickets opened, 0 continued" in again.out


def test_one_that_cannot_be_read_is_told_and_the_others_go_on(run, chat, tmp_path):
    (tmp_path / "foto.zip").write_bytes(b"PK\3\4 no zip")
    done = run("ingest", "export", "/nowhere", tmp_path / "foto.zip", chat)
    assert done.code == 1
    assert [line.startswith(f"{chat}: whatsapp") for line in done.lines] == [True]
    first, second = done.err.splitlines()
    assert first == "helpdesk: /nowhere: There is no such file or folder. Check the path."
    assert second.startswith(f"helpdesk: {tmp_path}/foto.zip: ")


def test_another_channel_than_said_is_refused(run, chat):
    done = run("ingest", "export", chat, "--channel", "x")
    assert (done.code, done.out) == (1, "")
    assert run("tickets").out == ""


def test_left_to_the_workers_it_waits(run, chat):
    done = run("ingest", "export", "--queue", chat)
    assert (done.code, done.out) == (0, f"{chat}: waits for a worker\n")
    assert run("tickets").out == ""
