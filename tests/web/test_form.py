"""The public form, as a browser and as a stranger meet it."""

import datetime as dt
import re
import time

import pytest
from sqlalchemy import func, select

from helpdesk import clock
from helpdesk.ingest import formstamp
from helpdesk.jobs import Job, JobRow
from helpdesk.settings import Form, Settings
from helpdesk.tickets.models import FormUse, Message, Ticket
from helpdesk.web.app import create_app
from tests.web.conftest import BASE_URL, ORIGIN, Browser

NIK = "3273011708909001"
TYPED = {
    "full_name": "Rahmat Contoh",
    "birth_place": "Bandung",
    "birth_date": "17-08-1990",
    "nik": NIK,
    "reach": "email",
    "email": "rahmat@example.org",
    "consent": "1",
    "homepage": "",
}


def stamp(app, *, age_s: float = 60, nonce: int = 1) -> str:
    made_at = clock.now() - dt.timedelta(seconds=age_s)
    return formstamp.make(nonce.to_bytes(16), key=app.state.house.form_key, now=made_at)


@pytest.fixture
def send(client, app):
    def send(path: str = "/permintaan", *, age_s: float = 60, nonce: int = 1, **typed: str):
        sent = TYPED | {"stamp": stamp(app, age_s=age_s, nonce=nonce)} | typed
        return client.post(path, data=sent)

    return send


def count(app, table) -> int:
    with app.state.house.database.reading() as session:
        return session.scalar(select(func.count()).select_from(table))


def link_of(page: str) -> str:
    return re.search(r'id="link" href="http://127\.0\.0\.1:8000([^"]+)"', page)[1]


def test_anybody_gets_the_form_in_indonesian_or_english(client):
    indonesian, english = client.get("/permintaan"), client.get("/permintaan?lang=en")

    assert "Tanyakan nomor KPJ Anda" in indonesian.text and 'lang="id"' in indonesian.text
    assert (
        "Ask for your KPJ number" in english.text
        and 'action="/permintaan?lang=en"' in english.text
    )
    assert 'href="/tickets"' not in indonesian.text
    assert formstamp.read(
        re.search(r'name="stamp" value="([^"]+)"', indonesian.text)[1],
        key=client.app.state.house.form_key,
        now=clock.now(),
    )


def test_a_request_gets_its_number_and_a_link_once_and_is_matched_by_a_worker(app, client, send):
    done = send()

    assert done.status_code == 200 and "<strong" in done.text and "#1" in done.text
    assert done.headers["x-robots-tag"] == "noindex, nofollow"
    assert done.headers["cache-control"] == "no-store"
    with app.state.house.database.reading() as session:
        assert session.scalars(select(JobRow.job)).all() == [Job.MATCH]
    followed = client.get(link_of(done.text))
    assert followed.status_code == 200 and "Diterima" in followed.text
    assert link_of(send().text) == link_of(done.text)
    assert count(app, Ticket) == 1


def test_the_link_shows_numbers_covered_and_is_not_indexed(client, send):
    followed = client.get(link_of(send().text))

    assert NIK not in followed.text and "••••••••••••9001" in followed.text
    assert followed.headers["x-robots-tag"] == "noindex, nofollow"
    assert followed.headers["referrer-policy"] == "same-origin"  # nothing leaves our own pages


def test_what_is_wrong_is_said_at_its_field_and_everything_typed_stays(app, send):
    page = send(nik="12", email="kacau", question="<b>Halo</b>")

    assert page.status_code == 422
    assert '<a href="#nik">NIK terdiri dari 16 angka; hitung lagi NIK Anda</a>' in page.text
    assert 'id="nik-wrong"' in page.text and 'aria-describedby="nik-wrong nik-hint"' in page.text
    assert page.text.count("autofocus") == 1
    assert 'value="Rahmat Contoh"' in page.text and "&lt;b&gt;Halo&lt;/b&gt;" in page.text
    assert re.search(r'name="stamp" value="([^"]+)"', page.text)[1].startswith(
        stamp(app).partition(".")[0][:5]
    )
    assert count(app, Ticket) == 0


@pytest.mark.parametrize(
    "sent",
    [{"homepage": "https://example.org"}, {"age_s": 1}, {"age_s": 90_000}, {"stamp": "made up"}],
    ids=["trap", "hasty", "old", "forged"],
)
def test_what_no_person_sent_is_asked_again_and_not_kept(app, send, sent):
    page = send(**sent)

    assert page.status_code == 422 and 'value="Rahmat Contoh"' in page.text
    assert 'id="homepage" name="homepage" tabindex="-1"' in page.text
    assert count(app, Ticket) == 0


def test_a_hasty_person_only_has_to_send_again(app, send):
    early = stamp(app, age_s=1)
    page = send(stamp=early)

    assert page.status_code == 422 and f'name="stamp" value="{early}"' in page.text
    time.sleep(2.1)
    assert send(stamp=early).status_code == 200


def test_too_many_from_one_network_are_asked_to_wait(app, send):
    for nonce in range(5):
        assert send(nonce=nonce).status_code == 200
    sixth = send(nonce=6)

    assert sixth.status_code == 429 and int(sixth.headers["retry-after"]) > 3_000
    assert "60 menit" in sixth.text or "61 menit" in sixth.text
    assert 'value="Rahmat Contoh"' in sixth.text
    assert count(app, Ticket) == 5


def test_a_form_from_another_site_is_refused(app, client):
    sent = client.post(
        "/permintaan",
        data=TYPED | {"stamp": stamp(app)},
        headers={"origin": "https://example.org", "sec-fetch-site": "cross-site"},
    )

    assert sent.status_code == 403 and count(app, Ticket) == 0


def test_a_large_form_is_refused(client, app):
    sent = client.post(
        "/permintaan", data=TYPED | {"stamp": stamp(app), "question": "a" * 2_000_000}
    )

    assert sent.status_code == 413 and count(app, Ticket) == 0


def test_an_unknown_link_is_a_page_there_is_not_and_guessing_ends(app, client, send):
    link = link_of(send().text)
    unknown = client.get("/permintaan/" + "x" * 32)
    nowhere = client.get("/nowhere")

    code = re.compile(r"<code>\w+</code>")
    assert unknown.status_code == nowhere.status_code == 404
    assert code.sub("", unknown.text) == code.sub("", nowhere.text)
    told = [client.get(f"/permintaan/{number:032d}").status_code for number in range(30)]
    assert told == [404] * 19 + [429] * 11
    assert count(app, FormUse) == 2 + 20
    assert client.get(link).status_code == 200  # others may share the network


def test_an_addition_is_kept_once_and_read_by_a_worker(app, client, send):
    link = link_of(send().text)
    words = {"text": "NIK saya 3273011708909002, bukan yang tadi.", "stamp": stamp(app, nonce=7)}
    pages = [client.post(link, data=words) for _ in "12"]

    assert all("Sudah ditambahkan" in page.text for page in pages)
    assert "3273011708909002" not in pages[0].text
    assert count(app, Message) == 2
    empty = client.post(link, data={"text": " ", "stamp": stamp(app, nonce=8)})
    assert empty.status_code == 422 and "tulis sesuatu" in empty.text
    assert client.post("/permintaan/" + "x" * 32, data=words).status_code == 404


def test_the_answer_does_not_depend_on_who_is_a_participant(send):
    known, unknown = send(), send(nonce=2, full_name="Bukan Siapa", nik="3273011708909099")
    without = re.compile(r"#\d+|permintaan/[\w-]+")

    assert without.sub("", known.text) == without.sub("", unknown.text)


def test_a_signed_in_agent_can_send_the_form_too(app, signed_in):
    browser = signed_in()
    page = browser.get("/permintaan")

    assert f'name="csrf" value="{browser.csrf}"' in page.text
    assert browser.send_form("/permintaan", TYPED | {"stamp": stamp(app)}).status_code == 200


def test_a_form_that_is_switched_off_is_a_page_there_is_not(sqlite_database, blobs, tmp_path):
    conf = Settings(data_dir=str(tmp_path), secret_key="0" * 64, form=Form(enabled=False))
    app = create_app(conf, sqlite_database, blobs=blobs)
    with Browser(app, base_url=BASE_URL, headers=ORIGIN) as browser:
        assert browser.get("/permintaan").status_code == 404
        assert browser.post("/permintaan", data=TYPED).status_code == 404
        assert browser.get("/permintaan/" + "x" * 32).status_code == 404


def test_nothing_typed_is_in_the_log(send, client, caplog):
    link = link_of(send().text)
    send(nik=NIK + "1", nonce=2)
    client.get(link + "x")

    assert NIK not in caplog.text and "rahmat" not in caplog.text.lower()
    assert link.rpartition("/")[2] not in caplog.text
