import random

import pytest
from sqlalchemy import func, select, text

from helpdesk.errors import InvalidError
from helpdesk.registry import keys, load, lookup, synthetic
from helpdesk.registry.models import RecordKey, RecordRow, RegistryImport, TermCount
from helpdesk.registry.reader import COLUMNS

HEADER = ",".join(COLUMNS)
ROW = "99000000017,3273015708909001,SITI CONTOH,BANDUNG,1990-08-17,IBU,PT CONTOH,PU,aktif"


@pytest.fixture
def bring_in(database, tmp_path):
    def run(*lines):
        path = tmp_path / "registry.csv"
        path.write_text("\n".join((HEADER, *lines)), encoding="utf-8")
        return load.import_csv(database, path, reject_path=tmp_path / "rejects.csv")

    return run


def content(database):
    """Everything the import keeps, comparable between databases and runs."""
    with database.reading() as session:
        records = session.execute(select(*RecordRow.__table__.c[1:]).order_by(RecordRow.kpj)).all()
        found = session.execute(
            select(RecordKey.key, RecordRow.kpj)
            .join(RecordRow, RecordRow.id == RecordKey.record_id)
            .order_by(RecordKey.key, RecordRow.kpj)
        ).all()
        terms = session.execute(select(TermCount.term, TermCount.records)).all()
    return records, found, {term: count for term, count in terms if count}


def test_import_run_again_changes_nothing(database, tmp_path):
    path = tmp_path / "made.csv"
    rows = synthetic.write(path, people=300, seed=1)
    first = load.import_csv(database, path, reject_path=tmp_path / "rejects.csv")
    before = content(database)
    second = load.import_csv(database, path, reject_path=tmp_path / "rejects.csv")
    assert (first.inserted, second.inserted, second.updated) == (rows, 0, 0)
    assert content(database) == before
    assert not (tmp_path / "rejects.csv").exists()


def test_changed_row_takes_its_keys_and_counts_along(database, bring_in, tmp_path):
    bring_in(ROW, ROW.replace("99000000017", "99000000018"))
    report = bring_in(ROW.replace("SITI CONTOH", "BUDI LAIN").replace("1990-08-17", ""))
    after = content(database)
    assert (report.inserted, report.updated) == (0, 1)
    load.rebuild_keys(database)
    assert content(database) == after


def test_last_of_two_rows_with_one_kpj_counts(database, bring_in):
    report = bring_in(ROW, ROW.replace("SITI", "RINA"))
    with database.reading() as session:
        assert session.scalars(select(RecordRow.full_name)).all() == ["RINA CONTOH"]
    assert (report.read, report.inserted) == (2, 1)


def test_chunks_end_as_one_whole(database, tmp_path, monkeypatch):
    path = tmp_path / "made.csv"
    synthetic.write(path, people=100, seed=1)
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines, *random.Random(1).sample(lines[1:], 30)]))
    monkeypatch.setattr(load, "CHUNK_ROWS", 7)
    load.import_csv(database, path, reject_path=tmp_path / "rejects.csv")
    after = content(database)
    load.rebuild_keys(database)
    assert content(database) == after


def test_rejects_say_line_and_reason_and_only_the_owner_reads_them(bring_in, tmp_path):
    report = bring_in(ROW, "x,y", ROW.replace("99000000017", "17"))
    rejects = tmp_path / "rejects.csv"
    lines = rejects.read_text().splitlines()
    assert (report.rejected, report.inserted, report.reject_path) == (2, 1, rejects)
    assert [line.split(",")[:2] for line in lines[1:]] == [
        ["3", "wrong_number_of_fields"],
        ["4", "kpj_not_eleven_digits"],
    ]
    assert rejects.stat().st_mode & 0o777 == 0o600


def test_wrong_header_leaves_the_registry_as_it_was(database, bring_in, tmp_path):
    bring_in(ROW)
    path = tmp_path / "wrong.csv"
    path.write_text("nomor;nama\n1;2\n")
    with pytest.raises(InvalidError, match="the header lacks kpj"):
        load.import_csv(database, path, reject_path=tmp_path / "rejects.csv")
    assert len(content(database)[0]) == 1


def test_progress_ends_at_the_size_of_the_file(database, tmp_path):
    path, seen = tmp_path / "made.csv", []
    synthetic.write(path, people=50, seed=1)
    load.import_csv(
        database,
        path,
        reject_path=tmp_path / "rejects.csv",
        on_progress=lambda done, total: seen.append((done, total)),
    )
    assert seen[-1] == (path.stat().st_size, path.stat().st_size)


def test_older_keys_are_rebuilt_before_an_import(database, bring_in):
    bring_in(ROW)
    right = content(database)
    with database.transaction() as tx:
        tx.session.execute(text("UPDATE registry_import SET key_version = 0"))
        tx.session.execute(text("DELETE FROM record_key"))
        tx.session.execute(text("UPDATE term_count SET records = 77"))
    bring_in(ROW)
    assert content(database) == right
    assert load.key_version(database) == keys.VERSION


def test_import_is_noted(database, bring_in):
    bring_in(ROW, "bad")
    with database.reading() as session:
        noted = session.scalars(select(RegistryImport)).one()
    assert (noted.read, noted.inserted, noted.rejected) == (2, 1, 1)


def test_record_is_found_by_nik_by_date_and_word_and_by_number(database, bring_in):
    bring_in(ROW)
    key = keys.date_key(726_696, keys.code("siti"))
    with database.reading() as session:
        by_nik = lookup.by_keys(session, [3273015708909001], [])
        by_both = lookup.by_keys(session, [3273015708909001], [key])
        columns = [getattr(RecordRow, name) for name in lookup.Found._fields]
        numbered = select(*columns).where(RecordRow.kpj == "99000000017")
        by_kpj = [lookup.Found(*row) for row in session.execute(numbered)]
        nothing = lookup.by_keys(session, [1], [2])
        [stored] = session.scalars(select(RecordRow.birth_day))
    assert by_nik == by_both == by_kpj
    assert (len(by_nik), nothing) == (1, [])
    with database.reading() as session:
        assert lookup.by_keys(session, [], [keys.date_key(stored, keys.code("siti"))]) == by_nik


def test_range_of_keys_is_cut_at_its_limit(database, bring_in):
    bring_in(*(ROW.replace("99000000017", f"990000001{i:02}") for i in range(20)))
    start, end = keys.pair_range("siti", keys.code("contoh"))
    with database.reading() as session:
        assert len(lookup.by_key_range(session, start, end, limit=50)) == 20
        assert len(lookup.by_key_range(session, start, end, limit=5)) == 5
        assert lookup.counts(session, [keys.ALL_TERM, "word:none"]) == {keys.ALL_TERM: 20}
        assert session.scalar(select(func.count()).select_from(RecordRow)) == 20
