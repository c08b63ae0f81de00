"""An import does what it says, or changes nothing."""

import csv
import datetime as dt
import errno
import os
import random

import duckdb
import numpy as np
import pytest
from sqlalchemy import select, update

from helpdesk import clock, process
from helpdesk.accounts import audit
from helpdesk.accounts.models import AuditEvent
from helpdesk.errors import ConflictError, InvalidError, NotFoundError
from helpdesk.matching import search
from helpdesk.matching.types import Query
from helpdesk.registry import keys, load, persons, serving, synthetic
from helpdesk.registry.build import store
from helpdesk.registry.build.work import Folder
from helpdesk.registry.models import GenerationState, ImportKind, RegistryImport
from helpdesk.registry.report import Report
from tests.integration.registry.conftest import HEADER, ROW, content
from tests.registry import AUDIT_KEY, change, fill, record, withdraw

LARGE = pytest.mark.usefixtures("as_large")


def row(number, name="SITI CONTOH"):
    return ROW.replace("99000000017", f"990000{number:05}").replace("SITI CONTOH", name)


def csv_rows(path):
    return list(csv.reader(path.read_text().splitlines()))


def kpjs(database):
    return {found[1] for found in content(database).get("record", ())}


def imports(database):
    with database.reading() as session:
        return session.scalars(select(RegistryImport).order_by(RegistryImport.id)).all()


def states(database):
    return [found.state.value for found in imports(database)]


def test_import_run_again_changes_nothing_and_builds_nothing(database, load_file, tmp_path):
    path = tmp_path / "made.csv"
    rows = synthetic.write(path, people=300, seed=1)
    first = load_file(path)
    before = content(database)
    second = load_file(path)
    assert (first.inserted, second.inserted, second.updated, second.unchanged) == (
        rows,
        0,
        0,
        rows,
    )
    assert content(database) == before
    assert states(database) == ["serving", "dropped"]


def test_delta_adds_changes_and_withdraws(database, bring_in):
    bring_in(row(1), row(2), row(3))
    lines = [f"{row(2, 'RINA')},", f"{row(4)},upsert", "99000000003,,,,,,,,,hapus"]
    report = bring_in(*lines, header=f"{HEADER},change")
    counts = (report.inserted, report.updated, report.unchanged, report.withdrawn)
    assert counts == (1, 1, 0, 1)
    assert (report.rows, kpjs(database)) == (3, {99000000001, 99000000002, 99000000004})
    assert record(database, "99000000002").full_name == "RINA"


def test_last_of_several_rows_with_one_kpj_counts(database, bring_in):
    report = bring_in(row(1), row(1, "RINA"), row(2), f"{row(2)}")
    assert record(database, "99000000001").full_name == "RINA"
    assert (report.read, report.inserted, report.duplicates) == (4, 2, 2)


def test_what_is_added_and_withdrawn_in_one_file_is_not_there(database, bring_in):
    bring_in(f"{row(1)},", f"{row(2)},", "99000000001,,,,,,,,,tarik", header=f"{HEADER},change")
    assert kpjs(database) == {99000000002}


def test_everybody_may_be_withdrawn(database, bring_in):
    bring_in(row(1))
    report = bring_in("99000000001,,,,,,,,,hapus", header=f"{HEADER},change")
    assert (report.withdrawn, report.rows, report.persons, kpjs(database)) == (1, 0, 0, set())
    with database.reading() as session:
        asked = Query(full_name="Siti Contoh", nik="3273015708909001")
        assert search.find(session, asked, today=dt.date(2026, 11, 21)).candidates == ()
    assert bring_in(row(2)).rows == 1


@pytest.mark.parametrize("kind", [ImportKind.DELTA, ImportKind.WHOLE])
def test_file_without_a_usable_row_is_refused_whatever_it_is_to_the_registry(
    database, bring_in, kind
):
    bring_in(row(1))
    with pytest.raises(InvalidError, match="no row of the file can be used"):
        bring_in("x", kind=kind, shrink=True)
    assert kpjs(database) == {99000000001}


def test_an_import_goes_on_where_an_old_registry_cannot_be_dropped(
    database, bring_in, monkeypatch
):
    def refused(*_args):
        raise PermissionError(errno.EACCES, "Permission denied")

    for number in range(3):
        bring_in(row(number))
    with database.transaction() as tx:
        tx.session.execute(
            update(RegistryImport).where(RegistryImport.id == 2).values(state="dropped")
        )
    drop = store.drop
    monkeypatch.setattr(store, "drop", lambda engine, n: refused() if n == 2 else drop(engine, n))
    assert bring_in(row(3)).rows == 4
    assert states(database)[-1] == "serving"


def test_unknown_change_is_rejected(bring_in):
    report = bring_in(f"{row(1)},merge", f"{row(2)},", header=f"{HEADER},change")
    assert report.rejected == {"change_unknown": 1}


def test_whole_file_is_the_registry(database, bring_in):
    bring_in(*map(row, range(10)))
    report = bring_in(row(20), *map(row, range(9)), kind=ImportKind.WHOLE)
    assert (report.inserted, report.unchanged, report.withdrawn) == (1, 9, 1)
    assert kpjs(database) == {99000000020, *range(99000000000, 99000000009)}


def test_whole_file_that_lacks_much_is_refused_unless_it_is_meant(database, bring_in):
    bring_in(*map(row, range(10)))
    with pytest.raises(InvalidError, match="would remove 7 of 10 records"):
        bring_in(*map(row, range(3)), kind=ImportKind.WHOLE)
    assert len(kpjs(database)) == 10
    report = bring_in(*map(row, range(3)), kind=ImportKind.WHOLE, shrink=True)
    assert (report.withdrawn, report.rows) == (7, 3)


@LARGE
def test_many_blocks_end_as_one_whole(database, load_file, tmp_path):
    path = tmp_path / "made.csv"
    synthetic.write(path, people=200, seed=1)
    lines = path.read_text().splitlines()
    dice = random.Random(1)
    path.write_text("\n".join([*lines, *dice.sample(lines[1:], 30), *dice.sample(lines[1:], 9)]))
    report = load_file(path)
    assert (report.rows, report.duplicates) == (len(lines) - 1, 39)
    again = load.rebuild(database, audit_key=AUDIT_KEY, folder=tmp_path / "again")
    assert again.rows == report.rows


def test_rejects_say_line_and_reason_and_only_the_owner_reads_them(bring_in, tmp_path):
    report = bring_in(ROW, "x,y", ROW.replace("99000000017", "17"))
    rejects = tmp_path / "rejects.csv"
    lines = csv_rows(rejects)
    assert (report.rejects, report.inserted, report.reject_path) == (2, 1, rejects)
    assert [line[:2] for line in lines[1:]] == [
        ["3", "wrong_number_of_fields"],
        ["4", "kpj_not_eleven_digits"],
    ]
    assert rejects.stat().st_mode & 0o777 == 0o600


@LARGE
def test_rejects_of_many_blocks_come_in_the_order_of_lines(bring_in, tmp_path):
    report = bring_in(*(row(n) if n % 3 else f"{n},bad" for n in range(300)))
    lines = [int(line[0]) for line in csv_rows(tmp_path / "rejects.csv")[1:]]
    assert lines == list(range(2, 302, 3))
    assert report.inserted == 200


def test_file_without_a_usable_row_changes_nothing(database, bring_in):
    with pytest.raises(InvalidError, match="no row of the file can be used"):
        bring_in("x,y")
    assert states(database) == ["failed"]
    assert content(database) == {}


@pytest.mark.parametrize("lines", [(), ("nomor;nama",)], ids=["header", "other"])
def test_file_without_rows_is_refused_before_anything_begins(database, load_file, tmp_path, lines):
    path = tmp_path / "wrong.csv"
    path.write_text("\n".join(lines) or HEADER)
    with pytest.raises(InvalidError):
        load_file(path)
    assert imports(database) == []


def test_parquet_is_read_as_csv_is(database, load_file, tmp_path):
    made, packed = tmp_path / "made.csv", tmp_path / "made.parquet"
    synthetic.write(made, people=50, seed=1)
    load_file(made)
    before = content(database)
    duckdb.execute(
        f"COPY (SELECT * REPLACE (CAST(birth_date AS DATE) AS birth_date) "
        f"FROM read_csv('{made}', all_varchar=true)) TO '{packed}' (FORMAT parquet)"
    )
    assert load_file(packed).unchanged == len(before["record"])
    packed.write_bytes(packed.read_bytes()[:-100])
    with pytest.raises(InvalidError, match="Parquet file is damaged"):
        load_file(packed)
    assert content(database) == before


def test_older_keys_are_made_anew(database, bring_in, work):
    bring_in(ROW)
    right = content(database)
    with database.transaction() as tx:
        tx.session.execute(update(RegistryImport).values(key_version=0))
    report = load.rebuild(database, audit_key=AUDIT_KEY, folder=work)
    with database.reading() as session:
        assert serving.current(session).key_version == keys.VERSION
    assert content(database) == right
    assert (report.read, report.rows) == (0, 1)


def test_unchanged_file_brings_older_keys_up_to_date(database, bring_in):
    bring_in(ROW)
    with database.transaction() as tx:
        tx.session.execute(update(RegistryImport).values(key_version=0))
    bring_in(ROW)
    with database.reading() as session:
        assert serving.current(session).key_version == keys.VERSION


def test_nothing_can_be_rebuilt_or_gone_back_to_at_first(database, bring_in, work):
    with pytest.raises(NotFoundError, match="no registry yet"):
        load.rebuild(database, audit_key=AUDIT_KEY, folder=work)
    bring_in(ROW)
    with pytest.raises(NotFoundError, match="no registry before"):
        load.go_back(database, audit_key=AUDIT_KEY)


def test_one_can_go_back_and_forth_but_not_further(database, bring_in):
    for number in range(3):
        bring_in(row(number))
    assert states(database) == ["dropped", "retired", "serving"]
    load.go_back(database, audit_key=AUDIT_KEY)
    assert len(kpjs(database)) == 2
    load.go_back(database, audit_key=AUDIT_KEY)
    assert len(kpjs(database)) == 3
    assert store.existing(database.engine) == {2, 3}


def test_what_begins_to_serve_leaves_a_line_and_what_changes_nothing_none(
    database, bring_in, work
):
    bring_in(ROW)
    bring_in(ROW)
    load.rebuild(database, audit_key=AUDIT_KEY, folder=work)
    load.go_back(database, audit_key=AUDIT_KEY)
    with pytest.raises(InvalidError):
        bring_in(header="no,such,table")
    with database.reading() as session:
        lines = session.scalars(select(AuditEvent).order_by(AuditEvent.id))
        assert [(line.action, line.subject_id) for line in lines] == [
            ("registry.import", 1),
            ("registry.rebuild", 3),
            ("registry.back", 1),
        ]
        assert audit.verify(session, AUDIT_KEY) is None


def test_who_reads_while_the_registry_is_replaced_reads_on(database, bring_in):
    bring_in(row(1))
    with database.reading() as session:
        reader = serving.serving(session)
        bring_in(row(1, "RINA"))
        assert reader.by_kpj(["99000000001"])["99000000001"].full_name == "SITI CONTOH"
    assert record(database, "99000000001").full_name == "RINA"


def begun(database, *, holder=None, beat_at=None):
    """Have somebody else import."""
    with database.transaction() as tx:
        tx.session.add(
            RegistryImport(
                state=GenerationState.BUILDING,
                kind=ImportKind.DELTA,
                source="other.csv",
                holder=holder or process.name(),
                started_at=clock.now(),
                beat_at=beat_at or clock.now(),
                key_version=keys.VERSION,
            )
        )


def test_second_import_is_told_of_the_first(database, bring_in):
    begun(database)
    with pytest.raises(ConflictError, match="another import of the registry is running"):
        bring_in(ROW)
    assert states(database) == ["building"]


@pytest.mark.parametrize("how", ["dead", "silent"])
def test_import_that_died_is_taken_over(database, bring_in, how):
    child = os.fork()
    if not child:
        os._exit(0)
    os.waitpid(child, 0)
    host = process.name().rpartition(":")[0]
    silent = clock.now() - dt.timedelta(minutes=3)
    begun(database, **({"holder": f"{host}:{child}"} if how == "dead" else {"beat_at": silent}))
    bring_in(ROW)
    assert states(database) == ["failed", "serving"]
    assert imports(database)[0].problem == "it was cut off"


def test_import_that_was_taken_over_puts_nothing_in_place(database, bring_in):
    bring_in(row(1))

    def take_over(progress):
        if progress.stage == "records":
            with database.transaction() as tx:
                building = RegistryImport.state == GenerationState.BUILDING
                tx.session.execute(update(RegistryImport).where(building).values(state="failed"))

    with pytest.raises(ConflictError, match="another took over"):
        bring_in(row(2), on_progress=take_over)
    assert kpjs(database) == {99000000001}


@LARGE
@pytest.mark.parametrize("stage", ["read", "resolve", "persons", "records", "postings", "indexes"])
def test_import_that_was_cut_off_goes_on(database, load_file, tmp_path, work, stage, monkeypatch):
    path = tmp_path / "made.csv"
    synthetic.write(path, people=200, seed=1)

    def stop(progress):
        if progress.stage == stage and (progress.done or stage != "read"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load_file(path, on_progress=stop)
    assert states(database) == ["failed"]
    assert store.existing(database.engine) == set()
    kept = {found.name: found.stat().st_mtime_ns for found in work.glob("chunk*.done")}
    assert kept
    seen = {}
    monkeypatch.setattr(Folder, "remove", lambda self: seen.update(
        {found.name: found.stat().st_mtime_ns for found in work.glob("chunk*.done")}
    ))  # fmt: skip
    load_file(path)
    assert {name: seen[name] for name in kept} == kept


@LARGE
def test_work_on_another_file_is_not_taken_up(database, load_file, tmp_path, work):
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"
    synthetic.write(first, people=100, seed=1)
    synthetic.write(second, people=100, seed=2)

    def stop(progress):
        if progress.stage == "persons":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load_file(first, on_progress=stop)
    load_file(second)
    resumed = content(database)
    assert len(resumed["record"]) == len(second.read_text().splitlines()) - 1
    assert not work.exists()


@pytest.mark.parametrize("at", ["work", "store"])
def test_full_disk_is_told_and_the_old_registry_serves(
    database, bring_in, monkeypatch, request, at
):
    bring_in(row(1))

    def full(*_args):
        raise OSError(errno.ENOSPC, "No space left on device")

    request.getfixturevalue("as_large")
    if at == "work":
        monkeypatch.setattr(Folder, "save", full)
    else:
        monkeypatch.setattr(store, "writing", full)
    with pytest.raises(InvalidError, match="the disk is full"):
        bring_in(row(2))
    assert kpjs(database) == {99000000001}
    failed = imports(database)[-1]
    assert (failed.state, failed.problem[:16]) == ("failed", "the disk is full")


def test_import_is_noted_with_its_report(database, bring_in):
    nameless = row(2, "TANPA NAMA"), row(3, "3273015708909001")
    bring_in(row(1), *nameless, "bad", ROW.replace("1990-08-17", "1900-01-01"))
    [noted] = imports(database)
    report = Report.from_json(noted.report)
    assert (noted.source, noted.rows, noted.progress) == ("registry.csv", 4, None)
    assert (report.read, report.inserted, report.rejects) == (5, 4, 1)
    assert report.placeholders == {"name": 2, "birth_date": 1}
    assert set(report.seconds) >= {"read", "resolve", "persons", "records", "postings"}


@pytest.mark.parametrize("nik", ["1111111111111111", "3174020000000000", "1234567890123456"])
def test_a_nik_that_joins_nobody_is_reported_once(bring_in, nik):
    most = persons.MOST_RECORDS
    report = bring_in(*[row(n).replace("3273015708909001", nik) for n in range(most + 1)])
    assert report.placeholders == {"nik": most + 1}


def test_report_counts_what_is_missing_and_what_is_heaped(bring_in):
    alone = [
        row(n).replace("1990-08-17", f"1980-{1 + n % 12:02}-{1 + n % 28:02}") for n in range(84)
    ]
    heap = [row(100 + n).replace("1990-08-17", "1990-01-01") for n in range(40)]
    bare = (
        row(200).replace("1990-08-17", "").replace("3273015708909001", "").replace("BANDUNG", "")
    )
    report = bring_in(*alone, *heap, bare)
    assert report.heaped == (("1990-01-01", 40),)
    assert report.without == {"nik": 1, "birth_date": 1, "birth_place": 1}
    assert report.placeholders == {"shared_nik": 124}


def test_a_nik_is_reported_from_where_it_joins_nobody_any_more(bring_in):
    most = persons.MOST_RECORDS
    *rows, one_more = [row(n).replace("1990", str(1950 + n)) for n in range(most + 1)]
    report = bring_in(*rows)
    assert (report.persons, report.placeholders) == (1, {})
    report = bring_in(one_more)
    assert (report.persons, report.placeholders) == (most + 1, {"shared_nik": most + 1})


@pytest.mark.parametrize("count", [1, 1_000_000])
def test_a_full_disk_is_told_however_little_is_written(tmp_path, count):
    (tmp_path / "full").symlink_to("/dev/full")
    for keep in (Folder(tmp_path).save, Folder(tmp_path).append):
        with pytest.raises(OSError, match="No space left") as raised:
            keep("full", np.zeros(count, np.int64))
        assert raised.value.errno == errno.ENOSPC


@LARGE
def test_progress_is_told_by_stage_and_written_down(database, bring_in, monkeypatch):
    seen, noted, pulses = [], [], []

    class Pulse(load.Pulse):
        def __init__(self, beat):
            super().__init__(beat)
            pulses.append(beat)

    def told(progress):
        seen.append(progress.stage)
        if progress.stage == "records":
            pulses[0]()
            noted.append(imports(database)[0].progress)

    monkeypatch.setattr(load, "Pulse", Pulse)
    bring_in(*map(row, range(50)), on_progress=told)
    stages = ["read", "resolve", "persons", "records", "postings", "indexes"]
    assert list(dict.fromkeys(seen)) == stages
    assert (noted[0]["stage"], noted[0]["total"]) == ("records", 50)


def test_helpers_of_tests_fill_change_and_withdraw(database):
    fill(database, [{"kpj": "99000000001", "full_name": "SITI", "birth_date": "1990-08-17"}])
    change(database, "99000000001", full_name="RINA")
    assert record(database, "99000000001").full_name == "RINA"
    assert record(database, "99000000001").birth_day == dt.date(1990, 8, 17).toordinal()
    change(database, "99000000001", kpj="99000000002")
    assert kpjs(database) == {99000000002}
    withdraw(database, "99000000002")
    assert kpjs(database) == set()
