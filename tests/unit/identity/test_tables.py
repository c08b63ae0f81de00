import datetime as dt
import random
import time
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpdesk.identity.labels.labels import Kind
from helpdesk.identity.lists import table_headers, tables
from helpdesk.identity.reading import MAX_CHARS, read
from helpdesk.identity.types import Field

TODAY = dt.date(2026, 11, 21)
ASK = "Mohon nomor KPJ karyawan kami:\n\n"

BUDI = ("Budi Santoso", "Garut", "1988-05-05", "3205010505889001")
ANI = ("Ani Rahayu", "Ciamis", "1990-06-16", "3207015606909002")
JOKO = ("Joko Susilo", "Pati", "1985-07-27", "3318012707859003")
PEOPLE = (BUDI, ANI, JOKO)


def dmy(day: str, sign: str = "-") -> str:
    return sign.join(reversed(day.split("-")))


def under(row: str, head: str = "", people: Sequence[tuple[str, ...]] = PEOPLE) -> str:
    """Write people down, a `row` each: {i} number, {n} name, {p} place, {d} date, {k} NIK."""
    rows = (
        row.format(i=i, n=n, p=p, d=dmy(d), k=k, N=n.upper(), P=p.upper())
        for i, (n, p, d, k) in enumerate(people, 1)
    )
    return ASK + (head + "\n" if head else "") + "\n".join(rows) + "\n\nTerima kasih\nRatih, HRD"


def entries(*messages: str) -> list[dict[Field, str]]:
    """Return what the lists say, one person after the other."""
    found: dict[tuple[int, int], dict[Field, str]] = {}
    readings = [read(number, text) for number, text in enumerate(messages)]
    for one in tables.find(readings, TODAY):
        for fact in one.findings:
            assert fact.entry
            found.setdefault(fact.entry, {})[fact.field] = fact.value
    return list(found.values())


def facts(person: tuple[str, ...], fields: str = "npdk") -> dict[Field, str]:
    keys = dict(zip("npdk", (*Field,), strict=True))
    return {keys[one]: person["npdk".index(one)] for one in fields}


def all_of(fields: str = "npdk", people: Sequence[tuple[str, ...]] = PEOPLE):
    return [facts(person, fields) for person in people]


ROWS = {
    "tabs": ("{i}\t{n}\t{p}\t{d}\t{k}", "No\tNama\tTempat Lahir\tTgl Lahir\tNIK"),
    "tabs in another order": ("{k}\t{d}\t{n}\t{p}", "No KTP\tTgl Lahir\tNama\tKota Lahir"),
    "tabs without a header": ("{n}\t{p}\t{d}\t{k}", ""),
    "markdown": ("| {n} | {p}, {d} | {k} |", "| Nama | TTL | NIK |\n|---|---|---|"),
    "drawn box": ("│ {n} │ {p}, {d} │ {k} │\n├──┼──┼──┤", "│ Nama │ Kelahiran │ KTP │"),
    "semicolons": (";{n};{k};{d};{p};Sumi", "KPJ;NAMA;NIK;TGL_LAHIR;TEMPAT_LAHIR;IBU_KANDUNG"),
    "quoted csv": ('"{n}","{p}","{d}","{k}"', '"Nama","Tempat Lahir","Tgl Lahir","NIK"'),
    "commas": ("{i}. {n}, {p}, {d}, {k}", ""),
    "slashes": ("{N} / {P} / {d} / {k}", ""),
    "single spaces": ("{i} {N} {k} {P}, {d}", "NO NAMA NO KTP TEMPAT, TGL LAHIR"),
    "name and place in one": ("{i} {N} {P} {d} {k}", "NO NAMA TEMPAT LAHIR TGL LAHIR NIK"),
    "aligned by spaces": ("{i:<4}{n:<30}  {p:<20}  {d}  {k}", ""),
    "wrapped": ("{i}. {n}\n   {p}, {d} - {k}", ""),
    "paragraphs": ("{n}\n{p}, {d}\n{k}\n", ""),
    "one cell a line": ("{n}\n{p}\n{d}\n{k}", "Nama\nTempat Lahir\nTgl Lahir\nNIK"),
    "one cell a line, no header": ("{n}\n{p}, {d}\n{k}", ""),
    "labelled blocks": ("{i}. Nama : {n}\n   TTL : {p}, {d}\n   NIK : {k}\n", ""),
    "blocks that begin with the NIK": ("NIK: {k}\nNama: {n}\nTTL: {p}, {d}\n", ""),
    "labelled rows": ("{n}, lahir di {p} tgl {d}, no ktp {k}", ""),
    "lettered": ("{c}. {n}, {p}, {d}, {k}", ""),
}


@pytest.mark.parametrize(("row", "head"), ROWS.values(), ids=ROWS)
def test_people_are_read_from_a_list_however_it_is_laid_out(row, head):
    text = under(row, head) if "{c}" not in row else under(row.replace("{c}", "{i}"))
    assert entries(text) == all_of()


def test_letters_number_as_figures_do():
    text = ASK + "\n".join(
        f"{letter}. {n}, {p}, {dmy(d)}, {k}"
        for letter, (n, p, d, k) in zip("abc", PEOPLE, strict=True)
    )
    assert entries(text) == all_of()


@pytest.mark.parametrize("sign", [":\n", ":\n\n", "\n"])
def test_lists_side_by_side_are_dealt_out_by_their_numbers(sign):
    columns = {
        "NAMA": [n for n, *_ in PEOPLE],
        "TEMPAT, TGL LAHIR": [f"{p}, {dmy(d)}" for _, p, d, _ in PEOPLE],
        "NIK": [k for *_, k in PEOPLE],
    }
    text = ASK + "\n\n".join(
        head + sign + "\n".join(f"{at}. {one}" for at, one in enumerate(some, 1))
        for head, some in columns.items()
    )
    assert entries(text) == all_of()


def test_each_list_may_come_in_a_message_of_its_own():
    messages = (
        "minta no kpj karyawan saya",
        "namanya:\n" + "\n".join(n for n, *_ in PEOPLE),
        "tgl lahir urut sesuai nama:\n" + "\n".join(dmy(d) for _, _, d, _ in PEOPLE),
        "nik urut juga:\n" + "\n".join(k for *_, k in PEOPLE),
    )
    assert entries(*messages) == all_of("ndk")


def test_a_table_on_its_side_has_a_person_a_column():
    text = ASK + "\n".join(
        "\t".join([head, *(person[at] for person in PEOPLE)])
        for at, head in enumerate(("Nama", "Tempat Lahir", "Tgl Lahir", "NIK"))
    )
    assert entries(text) == all_of()


def test_several_people_in_one_line_are_told_apart():
    row = " , ".join(f"{n} {k}" for n, _, _, k in PEOPLE)
    assert entries(f"minta nomer kpj tukang saya : {row} . nuhun") == all_of("nk")


def test_a_list_of_mere_names_is_one_when_staff_is_spoken_of():
    names = "\n".join(f"{at}. {n}" for at, (n, *_) in enumerate(PEOPLE, 1))
    assert entries(ASK + names) == all_of("n")
    assert entries("Syaratnya apa saja?\n" + names) == []


def test_the_birth_dates_are_those_that_agree_with_the_niks():
    row = "{n}\t01-02-200{i}\t{d}\t{k}"
    assert entries(under(row)) == all_of("ndk")


def test_without_niks_the_older_dates_are_the_birth_dates():
    assert entries(under("{n} | 01-02-200{i} | {d}")) == all_of("nd")


def test_a_header_tells_the_dates_of_joining_and_the_numbers_of_families():
    row = "{n}\t320501010203900{i}\t{k}\t0{i}-02-1999\t{d}"
    head = "Nama\tNo KK\tNIK KTP\tTgl Masuk\tTgl Lahir"
    assert entries(under(row, head)) == all_of("ndk")


def test_names_of_places_and_months_are_names_in_a_column_of_names():
    odd = [("Mawar", *BUDI[1:]), ("Medan Siregar", *ANI[1:]), ("Agustus Riyadi", *JOKO[1:])]
    assert entries(under("{n}\t{p}\t{d}\t{k}", people=odd)) == all_of(people=odd)


def test_a_cell_may_be_empty():
    text = under("{n}\t{p}\t{d}\t{k}", "Nama\tTempat Lahir\tTgl Lahir\tNIK")
    text = text.replace(ANI[3], "-").replace(JOKO[1], "")
    assert entries(text) == [facts(BUDI), facts(ANI, "npd"), facts(JOKO, "ndk")]


def test_a_nik_with_a_digit_too_few_is_kept_in_its_column():
    text = under("{n}\t{k}", "Nama\tNIK").replace(ANI[3], ANI[3][:-1])
    assert entries(text)[1][Field.NIK] == ANI[3][:-1]


def test_degrees_and_remarks_are_no_people_and_no_places():
    text = under("Drs. {n}, S.E. | {k} | {p}, {d} | kartu hilang di bus")
    assert entries(text) == all_of()


def test_lists_under_headings_of_departments_are_one_list():
    text = under("{i}. {n}, {p}, {d}, {k}") + "\n\nBagian Gudang:\n"
    more = ("Rina Wati", "Solo", "1991-08-08", "3372014808919004")
    text += f"1. {more[0]}, {more[1]}, {dmy(more[2])}, {more[3]}"
    assert entries(text) == all_of(people=[*PEOPLE, more])


def test_entries_that_each_look_different_are_read_one_by_one():
    text = (
        "ini org2 nya pak, minta nomor kpj\nbudi santoso garut 5 5 1988 nik 3205010505889001\n"
        "Ani Rahayu nik 3207015606909002 ciamis 16 6 90\n"
        "yg satu lagi si Joko Susilo lahir 27 juli 1985 di Pati 3318012707859003"
    )
    assert entries(text) == all_of()


def test_first_and_last_names_and_parts_of_dates_may_stand_in_columns_of_their_own():
    head = "First Name\tLast Name\tTempat\tTgl\tBln\tThn\tNo KTP"
    rows = (
        "\t".join([*n.split(), p, *reversed(d.split("-")), k]) for n, p, d, k in PEOPLE
    )  # fmt: skip
    assert entries("\n".join([ASK, head, *rows])) == all_of()


@pytest.mark.parametrize("sign", [" 🔹 ", " .... ", " -> ", " – "])
def test_any_sign_may_stand_between_cells(sign):
    assert entries(under(sign.join(("{i}. {n}", "{p}", "{d}", "{k}")))) == all_of()


def test_a_line_of_totals_is_nobody():
    text = under("{i}\t{n}\t{d}\t{k}", "No\tNama\tTgl Lahir\tNIK")
    assert entries(text.replace("\n\nTerima", "\n\tJumlah\t3 orang\t\n\nTerima")) == all_of("ndk")


def test_later_numbers_complete_a_list_in_its_order_or_by_short_names():
    first = under("{n}, {p}, {d}")
    column = "ini NIK nya sesuai urutan\n" + "\n".join(k for *_, k in PEOPLE)
    named = "\n".join(f"{n.split()[0]} {k}" for n, _, _, k in reversed(PEOPLE))
    assert entries(first, column) == entries(first, named) == all_of()


def test_what_is_said_beside_a_name_is_no_part_of_it():
    rows = [
        f"- {n} {said}, {p}, {dmy(d)}, {k}"
        for said, (n, p, d, k) in zip(
            ("(Cak Bud)", "alias Bu An", "yg bagian dapur"), PEOPLE, strict=True
        )
    ]
    assert entries("\n".join([ASK, *rows])) == all_of()


ALONE = {
    "form": "Nama: Budi\nNIK: 3205010505889001\nNo KK: 3205012008159002\nTTL: Garut, 5 Mei 1988",
    "two columns": "Nama\tBudi\nNIK\t3205010505889001\nTgl Lahir\t05-05-1988\nMasuk\t01-02-2010",
    "bare": "Budi Santoso\n3205010505889001 (nik)\n3205012008159002 (kk)\nGarut 5 mei 1988",
    "answers": "1. Budi Santoso\n2. Cisompet, 5 Mei 1988\n3. 3205010505889001\n4. PT Maju",
    "corrected": (
        "Budi Santoso\nCisompet, 5 Mei 1988\n3205010505889001\n\nmaaf salah, yang benar\n\n"
        "Budi Santosa\nCisompet, 6 Mei 1988\n3205010605889001"
    ),
    "prose": "Saya Budi NIK 3205010505889001, 5 Mei 1988. Ibu saya Siti NIK 3205014505609002.",
    "employers": "1. PT Maju, Bekasi, 01-02-1999 s/d 05-06-2002\n2. CV Abadi, Bogor, 01-07-2002",
    "papers": "Karyawan baru, syaratnya?\n1. KTP\n2. KK\n3. Buku tabungan",
}


@pytest.mark.parametrize("text", ALONE.values(), ids=ALONE)
def test_one_persons_data_are_no_list(text):
    reading = read(0, text)
    assert tables.find([reading], TODAY) == [tables.Tables((), reading)]


def test_lines_that_were_read_are_blank_for_the_rules_that_follow():
    text = under("{n}\t{p}\t{d}\t{k}", "Nama\tTempat\tTgl Lahir\tNIK")
    rest = tables.find([read(0, text)], TODAY)[0].rest
    assert rest.low.split() == (ASK + "Terima kasih Ratih, HRD").lower().split()
    assert len(rest.low) == len(text)


def test_the_first_fact_of_an_entry_starts_a_person():
    listed = tables.find([read(0, under("{k}\t{n}"))], TODAY)[0].findings
    first = {one.entry: one for one in reversed(listed)}
    assert len(first) == 3
    assert all(one.starts_person for one in first.values())


HEADINGS = {
    "Nama Karyawan": Kind.NAME, "No. KTP": Kind.NIK, "NIK Kary.": Kind.OTHER,
    "Tmp/Tgl Lahir": Kind.PLACE_DATE, "TTL": Kind.PLACE_DATE, "Kota Lahir": Kind.PLACE,
    "tgl_lahir": Kind.DATE, "Tgl Masuk": Kind.OTHER, "Nama Ibu Kandung": Kind.OTHER,
    "L/P": Kind.OTHER, "Nama sesuai KTP": Kind.NAME, "Budi Santoso": None, "3205": None,
}  # fmt: skip


@pytest.mark.parametrize(("heading", "kind"), HEADINGS.items(), ids=HEADINGS)
def test_a_heading_says_what_its_column_holds(heading, kind):
    assert table_headers.kind(heading.lower()) is kind


def test_headings_without_signs_between_are_told_apart():
    assert table_headers.split("no nama no ktp tempat, tgl lahir tgl masuk") == [
        "no", "nama", "no ktp", "tempat tgl lahir", "tgl masuk",
    ]  # fmt: skip
    assert table_headers.split("nama saya budi santoso") == []


PIECES = st.sampled_from(
    ["\t", "|", ";", ", ", " / ", "\n", "\n\n", "  ", "1. ", "2) ", "a. ", "- ", "Nama", "NIK: ",
     "TTL\n", "Tgl Masuk", "Budi Santoso", "Garut", "05-05-1988", "3205010505889001", "-", "(",
     "3207015606909002", "16/6/90", "Ani", "nama:\n", "---|---", "İ", "ﬁ", "Ⅷ", "０"]
)  # fmt: skip


@given(st.lists(st.lists(PIECES | st.text(max_size=6), max_size=40).map("".join), max_size=3))
def test_any_list_is_read_and_every_span_lies_in_its_message(messages):
    readings = [read(number, text) for number, text in enumerate(messages)]
    for reading, one in zip(readings, tables.find(readings, TODAY), strict=True):
        assert len(one.rest.low) == len(reading.low)
        for fact in one.findings:
            assert fact.span.message == reading.message
            assert 0 <= fact.span.start < fact.span.end <= len(reading.text)
            assert fact.value


@given(st.permutations(range(4)), st.integers(2, 30), st.randoms())
def test_columns_are_known_in_any_order_by_what_stands_in_them(order, count, dice):
    people = [_somebody(dice, *one) for one in enumerate(dice.sample(NAMES, count))]
    rows = [[n, p, dmy(d), k] for n, p, d, k in people]
    text = ASK + "\n".join("\t".join(row[at] for at in order) for row in rows)
    assert entries(text) == all_of(people=people)


NAMES = [
    f"{given_name} {family}"
    for given_name in ("Agus", "Siti", "Wayan", "Tri", "Yohanes", "Nurul", "Ujang")
    for family in ("Hidayat", "Rahayu", "Sudarma", "Handoko", "Siregar", "Komala")
]


def _somebody(dice: random.Random, number: int, name: str) -> tuple[str, str, str, str]:
    day = dt.date(1960 + dice.randrange(40), 1 + dice.randrange(12), 1 + dice.randrange(28))
    place = dice.choice(["Garut", "Kebumen", "Sragen", "Kupang", "Banjarmasin", "Lumajang"])
    return name, place, day.isoformat(), f"320501{day:%d%m%y}9{number:03d}"


HOSTILE = [
    "1\t2\n", "nama\tnik\n", "nama\n", "3205010505889001\n", "budi\n3205010505889001\n", "a. ",
    "1. budi 2. ani ", "|", ";;", "budi, garut, 5-5-1988, 3205010505889001\n", "5-5-1988 ", "- ",
    "nik: 3205010505889001 ", "nama: a\n", "budi\t5-5-88\t3205010505889001\n\n", "(", "ya ",
    "nama nik ttl\n", "yang satu ", "a\t",
]  # fmt: skip


@pytest.mark.parametrize("piece", HOSTILE)
def test_work_grows_no_faster_than_the_text(piece):
    small, large = (_seconds(piece, size) for size in (MAX_CHARS // 8, MAX_CHARS))
    assert large < 24 * small + 0.1


def _seconds(piece: str, size: int) -> float:
    two = "3205010505889001\n3207015606909002\n5-5-1988\n6-6-1990\n"
    reading = read(0, (two + piece * (size // len(piece) + 1))[:size])
    times = []
    for _ in range(3):
        start = time.perf_counter()
        tables.find([reading], TODAY)
        times.append(time.perf_counter() - start)
    return min(times)
