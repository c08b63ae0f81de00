"""Exports in the browser: uploaded, listed, looked at, taken back."""

import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select
from starlette.applications import Starlette

from helpdesk import clock, importing, jobs
from helpdesk.accounts.models import AuditEvent, Role
from helpdesk.ingest import imports
from helpdesk.jobs import Job, JobRow
from helpdesk.settings import Exports, Settings
from helpdesk.tickets.kinds import Channel, ImportState
from helpdesk.tickets.models import ImportBatch, Message
from helpdesk.web import standing, uploads
from tests.web.conftest import Browser

CHAT = """01/11/26 08.00 - Siti Contoh: Saya lupa nomor KPJ
01/11/26 08.05 - BPJS Ketenagakerjaan: Silakan kirim NIK
02/11/26 09.00 - Siti Contoh: NIK saya 3273015708909001
"""
NAME = "Chat WhatsApp dengan Siti Contoh.txt"
MAX_BYTES = 3_000_000
SignIn = Callable[..., Browser]


@pytest.fixture
def conf(tmp_path: Path) -> Settings:
    exports = Exports(max_upload_bytes=MAX_BYTES)
    return Settings(data_dir=str(tmp_path), secret_key="0" * 64, exports=exports)


@pytest.fixture
def folder(conf: Settings) -> Path:
    return conf.upload_path


@pytest.fixture
def work(app: Starlette) -> Callable[[], None]:
    """Do the imports that are due, as a worker would."""
    house = app.state.house

    def run() -> None:
        while True:
            with house.database.transaction() as tx:
                found = jobs.claim(tx.session, Job.IMPORT, limit=1, now=clock.now())
            if not found:
                return
            importing.run(house, found[0])

    return run


def send(browser: Browser, *files: tuple[str, bytes], **fields: str):
    parts = [("files", (name, content)) for name, content in files]
    return browser.post("/imports", data={"csrf": browser.csrf, **fields}, files=parts)


def chat(browser: Browser, text: str = CHAT, name: str = NAME):
    return send(browser, (name, text.encode()))


def batches(app: Starlette) -> list[ImportBatch]:
    with app.state.house.database.reading() as session:
        return list(session.scalars(select(ImportBatch).order_by(ImportBatch.id)))


def left(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.exists() else []


def test_upload_is_stored_under_a_number_and_queued(app, signed_in: SignIn, folder: Path):
    browser = signed_in(Role.SUPERVISOR)

    response = chat(browser)

    (batch,) = batches(app)
    assert response.headers["location"] == f"/imports/{batch.id}"
    assert (batch.state, batch.file_name, batch.agent_id) == ("waiting", NAME, browser.agent_id)
    (path,) = left(folder)
    assert str(path) == batch.path
    assert path.name.isdecimal()
    assert path.read_bytes() == CHAT.encode()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with app.state.house.database.reading() as session:
        assert session.scalars(select(JobRow.subject_id)).all() == [batch.id]


def test_upload_becomes_tickets_and_says_what_it_came_to(app, signed_in: SignIn, folder, work):
    browser = signed_in(Role.SUPERVISOR)
    chat(browser)

    work()

    page = browser.get("/imports/1").text
    assert "Chat WhatsApp" in page
    assert "Selesai" in page
    assert 'href="/tickets?view=all&amp;import=1"' in page
    assert "Siti Contoh" in page
    assert "3273015708909001" not in page
    assert not left(folder)


def test_queue_shows_the_tickets_of_an_import(app, signed_in: SignIn, work):
    browser = signed_in(Role.SUPERVISOR)
    chat(browser)
    chat(browser, CHAT.replace("Siti", "Budi"), NAME.replace("Siti", "Budi"))
    work()

    page = browser.get("/tickets?view=all&import=2").text

    assert "Budi Contoh" in page
    assert "Siti Contoh" not in page
    assert 'name="import" value="2"' in page


def test_same_export_again_adds_nothing(app, signed_in: SignIn, work):
    browser = signed_in(Role.SUPERVISOR)
    chat(browser)
    chat(browser)

    work()

    assert "sudah ada sebelumnya" in browser.get("/imports/2").text
    assert [(each.new, each.known) for each in batches(app)] == [(3, 0), (0, 3)]


def test_several_files_at_once_are_several_imports(app, signed_in: SignIn):
    response = send(
        signed_in(Role.SUPERVISOR), ("a.txt", b"1"), ("b.txt", b"2"), channel="whatsapp"
    )

    assert response.headers["location"] == "/imports"
    assert [(each.file_name, each.channel) for each in batches(app)] == [
        ("a.txt", Channel.WHATSAPP),
        ("b.txt", Channel.WHATSAPP),
    ]


def test_names_of_our_side_come_along(app, signed_in: SignIn):
    send(signed_in(Role.SUPERVISOR), ("a.txt", b"1"), own_names=" Cabang Contoh, 0812 ,,")

    assert batches(app)[0].own_names == ["Cabang Contoh", "0812"]


def test_browser_that_shows_progress_gets_a_fragment(app, signed_in: SignIn):
    browser = signed_in(Role.SUPERVISOR)

    response = browser.post(
        "/imports",
        files={"files": (NAME, CHAT.encode())},
        headers={"x-csrf-token": browser.csrf, "hx-request": "true"},
    )

    assert response.status_code == 200
    assert 'href="/imports/1"' in response.text
    assert "<html" not in response.text


def test_file_over_the_limit_is_refused_and_the_others_are_kept(app, signed_in: SignIn, folder):
    response = send(
        signed_in(Role.SUPERVISOR), ("besar.zip", b"x" * (MAX_BYTES + 1)), ("kecil.txt", b"x")
    )

    assert response.status_code == 422
    assert "besar.zip" in response.text
    assert "lebih besar daripada" in response.text
    assert [each.file_name for each in batches(app)] == ["kecil.txt"]
    assert len(left(folder)) == 1


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ([("kosong.zip", b"")], "Berkas ini kosong"),
        ([("", b"")], "Belum ada berkas yang dipilih"),
        ([], "Belum ada berkas yang dipilih"),
    ],
    ids=["an empty file", "a form without a chosen file", "no file field"],
)
def test_form_without_anything_to_import_says_so(app, signed_in: SignIn, files, said: str):
    browser = signed_in(Role.SUPERVISOR)
    parts = "".join(
        f'--b\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n\r\n'
        for name, _ in files
    )

    response = _post_raw(browser, parts + "--b--\r\n")

    assert response.status_code == 422
    assert said in response.text
    assert not batches(app)


def test_more_files_than_allowed_are_refused(app, signed_in: SignIn, monkeypatch):
    monkeypatch.setattr(uploads, "MAX_FILES", 2)

    response = send(signed_in(Role.SUPERVISOR), *[(f"{n}.txt", b"x") for n in range(3)])

    assert "lebih banyak daripada" in response.text
    assert len(batches(app)) == 2


def test_full_disk_is_told_and_leaves_no_file(app, signed_in: SignIn, folder, monkeypatch):
    real = uploads.os.write

    def write(descriptor: int, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(uploads.os, "write", write)
    response = send(signed_in(Role.SUPERVISOR), ("ekspor.zip", b"x" * 2_000_000))
    monkeypatch.setattr(uploads.os, "write", real)

    assert "Diska peladen penuh" in response.text
    assert not left(folder)
    assert not batches(app)


@pytest.mark.parametrize("ends", ["", "\r\n--b\r\n", "\r\n--lain--"])
def test_upload_that_breaks_off_leaves_nothing(app, signed_in: SignIn, folder, ends: str):
    begun = (
        '--b\r\nContent-Disposition: form-data; name="files"; filename="a.zip"\r\n\r\n'
        + "x" * 2_000_000
    )

    response = _post_raw(signed_in(Role.SUPERVISOR), begun + ends)

    assert response.status_code == 422
    assert "terputus" in response.text
    assert not left(folder)
    assert not batches(app)


@pytest.mark.parametrize(
    "body",
    [
        "--lain\r\n\r\n",
        '--b\r\nContent-Disposition: form-data; name="own_names"\r\n\r\n' + "x" * 20_000,
        "--b\r\nNo colon here\r\n\r\n",
        "".join(
            f'--b\r\nContent-Disposition: form-data; name="f{n}"\r\n\r\nx\r\n' for n in range(30)
        ),
    ],
    ids=["another boundary", "an endless field", "a bad header", "too many fields"],
)
def test_damaged_forms_are_refused(app, signed_in: SignIn, folder, body: str):
    assert _post_raw(signed_in(Role.SUPERVISOR), body).status_code == 422
    assert not batches(app)


def test_form_of_another_kind_is_refused(signed_in: SignIn):
    browser = signed_in(Role.SUPERVISOR)

    assert browser.post("/imports", headers={"x-csrf-token": browser.csrf}).status_code == 422


def test_odd_channel_is_refused_and_leaves_no_file(app, signed_in: SignIn, folder):
    response = send(signed_in(Role.SUPERVISOR), ("a.zip", b"x"), channel="email")

    assert response.status_code == 422
    assert not left(folder)


def test_upload_without_the_sessions_token_keeps_nothing(app, signed_in: SignIn, folder):
    browser = signed_in(Role.SUPERVISOR)
    browser.csrf = "x"

    assert chat(browser).status_code == 403
    assert browser.post("/imports", files={"files": (NAME, b"x")}).status_code == 403
    assert not left(folder)


def test_upload_from_elsewhere_is_refused(signed_in: SignIn):
    browser = signed_in(Role.SUPERVISOR)
    browser.headers["origin"] = "https://contoh.example"
    browser.headers["sec-fetch-site"] = "cross-site"

    assert chat(browser).status_code == 403


@pytest.mark.parametrize(("role", "status"), [(Role.AGENT, 403), (Role.AUDITOR, 403)])
def test_only_supervisors_bring_in_and_take_back(app, signed_in: SignIn, work, role, status):
    chat(signed_in(Role.SUPERVISOR))
    work()
    browser = signed_in(role)

    assert chat(browser).status_code == status
    assert browser.send_form("/imports/1/undo").status_code == status
    assert "Siti Contoh" in browser.get("/imports").text
    assert 'type="file"' not in browser.get("/imports").text
    assert "Hapus" not in browser.get("/imports/1").text


def test_nobody_uploads_without_signing_in(client: Browser, folder):
    response = client.post("/imports", files={"files": (NAME, b"x")})

    assert response.headers["location"] == "/login"
    assert not left(folder)


def test_file_left_by_a_process_that_died_is_removed(app, signed_in: SignIn, folder):
    browser = signed_in(Role.SUPERVISOR)
    chat(browser)
    for name, age_s in (("11", 100_000), ("12", 60)):
        (folder / name).write_bytes(b"x")
        _age(folder / name, age_s)
    (kept,) = (Path(each.path) for each in batches(app))
    _age(kept, 100_000)

    chat(browser)

    assert kept.exists()
    assert (folder / "12").exists()
    assert not (folder / "11").exists()


def test_damaged_export_says_what_to_do(app, signed_in: SignIn, work):
    browser = signed_in(Role.SUPERVISOR)
    send(browser, ("ekspor.zip", b"PK\3\4 nothing more"))
    work()

    page = browser.get("/imports/1").text

    assert "Gagal" in page
    assert "rusak atau belum terunduh seluruhnya" in page
    assert "tidak ada yang perlu dibersihkan" in page


def test_reason_with_something_filled_in_is_translated(app, signed_in: SignIn, work):
    browser = signed_in(Role.SUPERVISOR)
    send(browser, ("pesan.csv", b"thread,sent_at,text,warna\n1,2026-11-01,halo,biru\n"))
    work()

    assert "Tabel ini punya kolom yang tidak dikenal" in browser.get("/imports/1").text


def test_import_is_taken_back_and_recorded(app, signed_in: SignIn, work):
    browser = signed_in(Role.SUPERVISOR)
    chat(browser)
    work()
    assert "Menghapus 3 pesan beserta berkasnya dan 1 tiket" in " ".join(
        browser.get("/imports/1").text.split()
    )

    response = browser.send_form("/imports/1/undo")

    assert response.headers["location"] == "/imports/1"
    assert "Impor ini sudah dibatalkan" in browser.get("/imports/1").text
    with app.state.house.database.reading() as session:
        assert not session.scalars(select(Message.id)).all()
        actions = session.scalars(select(AuditEvent.action).order_by(AuditEvent.id)).all()
    assert actions == ["import.upload", "import.view", "import.undo", "import.view"]


def test_import_somebody_worked_on_is_not_taken_back(app, signed_in: SignIn, work):
    browser = signed_in(Role.SUPERVISOR)
    chat(browser)
    work()
    browser.send_form("/tickets/1/note", {"body": "sudah saya telepon"})

    page = browser.get("/imports/1").text
    response = browser.send_form("/imports/1/undo")

    assert "sudah dikerjakan seseorang" in page
    assert "/undo" not in page
    assert response.status_code == 409
    assert "tiket #1 sudah dikerjakan" in response.text
    assert batches(app)[0].state is ImportState.DONE


@pytest.mark.parametrize("path", ["/imports/7", "/imports/7/undo"])
def test_unknown_import_is_not_found(signed_in: SignIn, path: str):
    browser = signed_in(Role.SUPERVISOR)
    answer = browser.send_form(path) if path.endswith("undo") else browser.get(path)

    assert answer.status_code == 404


def test_running_import_asks_again_by_itself_until_it_is_done(app, signed_in: SignIn, work):
    browser = signed_in(Role.SUPERVISOR)
    chat(browser)
    with app.state.house.database.transaction() as tx:
        imports.note_position(tx.session, 1, ImportState.READING, 250, 1_000)
    fragment = {"hx-request": "true"}

    page = browser.get("/imports/1", headers=fragment).text
    assert 'data-hx-get="/imports/1"' in page
    assert 'value="0.25"' in page
    assert "<html" not in page
    assert 'data-hx-get="/imports"' in browser.get("/imports", headers=fragment).text

    work()
    assert "data-hx-get" not in browser.get("/imports/1", headers=fragment).text
    assert "data-hx-get" not in browser.get("/imports", headers=fragment).text


def test_asking_again_leaves_no_line_in_the_trail(app, signed_in: SignIn):
    browser = signed_in(Role.SUPERVISOR)
    chat(browser)

    browser.get("/imports/1")
    browser.get("/imports/1", headers={"hx-request": "true"})

    page = browser.get("/audit?action=import.view").text
    assert page.count("Impor dilihat") == 2  # the line, and the filter's choice


def test_older_imports_are_on_the_next_page(app, signed_in: SignIn):
    browser = signed_in(Role.SUPERVISOR)
    send(browser, *[(f"{n}.txt", b"x") for n in range(31)])

    assert 'href="/imports?before=2"' in browser.get("/imports").text
    assert "0.txt" in browser.get("/imports?before=2").text
    assert "30.txt" in browser.get("/imports?before=x").text


def test_empty_list_says_how_to_get_exports_and_where_they_go(conf, signed_in: SignIn):
    page = signed_in(Role.AGENT).get("/imports").text

    for word in ("Unduh arsip data Anda", "Pusat Akun", "format JSON", "Ekspor chat"):
        assert word in page
    assert str(conf.inbox_path) in page


def test_number_in_a_file_name_is_covered(app, signed_in: SignIn):
    browser = signed_in(Role.SUPERVISOR)
    chat(browser, name="WhatsApp Chat with +62 812-0000-0001.txt")

    assert "812-0000-0001" not in browser.get("/imports").text
    assert "812-0000-0001" not in browser.get("/imports/1").text


@pytest.mark.parametrize(
    ("state", "ago_s", "told"),
    [
        (ImportState.WAITING, 0, "running"),
        (ImportState.FILING, 0, "running"),
        (ImportState.DONE, 0, ""),
        (ImportState.FAILED, 60, "failed"),
        (ImportState.FAILED, 90_000, ""),
        (ImportState.UNDONE, 0, ""),
    ],
)
def test_rail_tells_of_imports_that_run_or_failed(app, signed_in: SignIn, state, ago_s, told):
    chat(signed_in(Role.SUPERVISOR))
    now, house = clock.now(), app.state.house
    with house.database.transaction() as tx:
        batch = tx.session.get_one(ImportBatch, 1)
        batch.state, batch.finished_at = state, now - importing.dt.timedelta(seconds=ago_s)

    with house.database.reading() as session:
        assert standing.read(session, house.settings, now=now).imports == told


def _post_raw(browser: Browser, body: str):
    kind = {"content-type": "multipart/form-data; boundary=b", "x-csrf-token": browser.csrf}
    return browser.post("/imports", content=body.encode(), headers=kind)


def _age(path: Path, age_s: float) -> None:
    at = clock.now().timestamp() - age_s
    uploads.os.utime(path, (at, at))
