"""`helpdesk registry`: a file of any shape is read, or refused in words."""

import csv
import gzip

import pytest

from helpdesk.registry.reader import COLUMNS

pytestmark = pytest.mark.usefixtures("ready")

HEADER = ",".join(COLUMNS)
ROWS = (
    "99000000017,3273015708909001,SITI CONTOH,BANDUNG,1990-08-17,IBU,PT CONTOH,PU,aktif",
    "99000000025,3205004505889001,ANDRÉ CONTOH,GARUT,05-05-1988,IBU,PT CONTOH,PU,aktif",
)
TABLE = "\n".join((HEADER, *ROWS)) + "\n"


@pytest.fixture
def file(tmp_path):
    return tmp_path / "registry.csv"


def test_a_made_up_registry_is_the_same_for_the_same_seed_and_can_be_imported(run, tmp_path):
    first, second = tmp_path / "1.csv", tmp_path / "2.csv"
    for path in (first, second):
        made = run("registry", "synthesize", "--people", 30, "--seed", 7, path)
        assert (made.code, made.err) == (0, "")
    assert first.read_bytes() == second.read_bytes()
    rows = len(first.read_text().splitlines()) - 1
    assert run("registry", "import", first).out.startswith(f"{rows} rows: {rows} new")


@pytest.mark.parametrize("target", ["missing/made.csv", "."])
def test_a_made_up_registry_that_cannot_be_written_is_told(refuse, tmp_path, target):
    said = refuse("registry", "synthesize", "--people", 3, tmp_path / target)
    assert str(tmp_path) in said


@pytest.mark.parametrize(
    "content",
    [
        TABLE.encode(),
        b"\xef\xbb\xbf" + TABLE.replace("\n", "\r\n").encode(),
        TABLE.replace(",", ";").encode(),
        TABLE.encode("latin-1"),
        gzip.compress(TABLE.encode()),
    ],
    ids=["plain", "bom-crlf", "semicolons", "latin-1", "gzip"],
)
def test_a_registry_is_imported_however_it_was_saved(run, file, content):
    file.write_bytes(content)
    done = run("registry", "import", file)
    assert (done.code, done.err) == (0, "")
    assert done.lines[:2] == [
        "2 rows: 2 new, 0 changed, 0 as before, 0 rejected",
        "registry: 2 records of 2 participants, 0 of them with several KPJ",
    ]


def test_a_name_saved_as_latin_1_is_found(run, file):
    file.write_bytes(TABLE.encode("latin-1"))
    run("registry", "import", file)
    claim = '{"id": 1, "full_name": "André Contoh", "birth_date": "1988-05-05"}\n'
    assert '"kpj": "99000000025"' in run("match", stdin=claim).out


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file is empty"),
        (HEADER.encode(), "the file has a header and no rows"),
        (b"Account ID,Campaign,Cost\n1,Iklan,2\n", "the header lacks kpj, nik"),
        (b"<html><table><tr><td>kpj</td>", "a web page"),
        (b"%PDF-1.7\n", "the file is a PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook"),
        (b"PAR1" + b"\0" * 90, "the Parquet file is damaged"),
        (b"nik,name\n1,2\n", "the header lacks kpj, full_name"),
        (bytes(range(256)) * 40, "the header lacks kpj"),
        (TABLE.encode("utf-16"), "the file is in UTF-16"),
        (gzip.compress(TABLE.encode())[:-20], "the packed file is damaged"),
        (b"PK\x03\x04" + b"\x00" * 100, "an Excel workbook or a zip"),
    ],
    ids=[
        *("empty", "only-header", "advertising", "html", "pdf", "xls", "parquet"),
        *("header", "binary", "utf-16", "cut-gzip", "zip"),
    ],
)
def test_a_file_that_is_no_registry_is_refused_in_words(refuse, file, content, said):
    file.write_bytes(content)
    assert said in refuse("registry", "import", file)


@pytest.mark.parametrize("name", ["missing.csv", "."])
def test_a_registry_that_cannot_be_read_is_told(refuse, tmp_path, name):
    assert "cannot read" in refuse("registry", "import", tmp_path / name)


def test_bad_rows_go_to_a_file_with_the_reason_and_the_others_in(run, file, tmp_path):
    bad = ("1,2,3", f"123{ROWS[0][11:]}", ROWS[0].replace("1990-08-17", "1990-02-30"))
    file.write_text("\n".join((HEADER, *bad, *ROWS)))
    rejects = tmp_path / "bad.csv"
    done = run("registry", "import", file, "--rejects", rejects)
    assert (done.code, done.err) == (0, "")
    assert done.lines[0] == f"5 rows: 2 new, 0 changed, 0 as before, 3 rejected (see {rejects})"
    assert done.lines[-1] == (
        "rejected: wrong_number_of_fields 1, kpj_not_eleven_digits 1, birth_date_malformed 1"
    )
    with rejects.open() as lines:
        assert [row[:2] for row in csv.reader(lines)] == [
            ["line", "reason"],
            ["2", "wrong_number_of_fields"],
            ["3", "kpj_not_eleven_digits"],
            ["4", "birth_date_malformed"],
        ]


def test_importing_again_changes_nothing_and_a_changed_row_is_updated(run, file):
    file.write_text(TABLE)
    run("registry", "import", file)
    file.write_text(TABLE.replace("nonaktif", "aktif").replace("SITI CONTOH", "SITI BINTI CONTOH"))
    assert "2 rows: 0 new, 1 changed, 1 as before" in run("registry", "import", file).out


def test_a_whole_file_that_lacks_much_is_refused_unless_told(run, refuse, file):
    file.write_text(TABLE)
    run("registry", "import", file)
    file.write_text(f"{HEADER}\n{ROWS[0]}\n")
    said = refuse("registry", "import", file, "--whole")
    assert "would remove 1 of 2 records" in said
    done = run("registry", "import", file, "--whole", "--shrink")
    assert done.lines[0] == "1 rows: 0 new, 0 changed, 1 as before, 0 rejected"
    assert done.lines[2] == "withdrawn: KPJ 1"


def test_status_says_what_serves_and_one_can_go_back(run, refuse, file):
    assert "no registry yet" in run("registry", "status").out
    file.write_text(TABLE)
    run("registry", "import", file)
    assert "there is no registry before this one" in refuse("registry", "back")
    file.write_text(f"{HEADER},change\n99000000017,,,,,,,,,withdraw\n")
    run("registry", "import", file)
    assert "registry 2 serves since" in run("registry", "status").out
    back = run("registry", "back").out
    assert back == run("registry", "status").out
    assert "2 records of 2 participants, keys of version" in back


def test_keys_can_be_made_anew(run, refuse, file):
    assert "no registry yet" in refuse("registry", "rebuild")
    file.write_text(TABLE)
    run("registry", "import", file)
    done = run("registry", "rebuild")
    assert (done.code, done.err) == (0, "")
    assert done.lines[1].startswith("registry: 2 records of 2 participants")
    assert "registry 2 serves" in run("registry", "status").out
