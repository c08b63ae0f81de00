# ruff: noqa: E501, SIM905 - made-up data reads best in lines as long as a row
"""Made-up tickets straight into the tables, few to look at or many to measure with."""

import datetime as dt
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy import text as sql

from helpdesk import clock
from helpdesk.accounts import users
from helpdesk.accounts.models import Agent, Role
from helpdesk.blobs import Blob
from helpdesk.db import Base, Database
from helpdesk.jobs import Job, JobRow, JobState
from helpdesk.matching.models import CandidateRow, ClaimRow, FactRow
from helpdesk.outbox.models import Delivery
from helpdesk.replies import service as replies
from helpdesk.replies.house import House
from helpdesk.replies.models import Draft
from helpdesk.tickets.kinds import TicketStatus
from helpdesk.tickets.models import Attachment, Contact, Mailbox, Message, RawMessage, Ticket
from tests.registry import fill

PASSWORD = "kuda laut biru 7"
AGENTS = (
    ("dewi", "Dewi Anggraini", Role.AGENT),
    ("bayu", "Bayu Pratama", Role.AGENT),
    ("sari", "Sari Wulandari", Role.SUPERVISOR),
    ("admin", "Agus Hidayat", Role.ADMIN),
    ("auditor", "Ratna Kartika", Role.AUDITOR),
)
FIRST = "Rahmat Siti Budi Nur Agus Dwi Eko Fitri Hendra Indah Joko Kartini Lukman Maya Nanda Putri Rizky Sri Teguh Wahyu Yuni Zainal Bambang Citra Desi".split()
LAST = "Contoh Hidayat Lestari Santoso Wulandari Saputra Rahayu Nugroho Handayani Kurniawan Permata Siregar Hasibuan Setiawan Utami Firmansyah Maharani Prasetyo".split()
WOMEN = frozenset("Siti Fitri Indah Kartini Maya Putri Sri Yuni Citra Desi".split())
PLACES = "Bandung Garut Surabaya Semarang Medan Makassar Palembang Yogyakarta Denpasar Cirebon Malang Padang".split()
AREAS = (
    "327301 320501 357801 337401 127101 737101 167101 347101 517101 327401 357301 137101".split()
)
MONTHS = "Januari Februari Maret April Mei Juni Juli Agustus September Oktober November Desember".split()
EMPLOYERS = (
    "PT Contoh Garmen Jaya",
    "PT Maju Bersama Contoh",
    "CV Sinar Contoh",
    "PT Contoh Logistik",
    "PT Tekstil Contoh Abadi",
    "",
)
SUBJECTS = (
    "Lupa nomor KPJ",
    "Kartu BPJS TK hilang",
    "Mohon info nomor KPJ saya",
    "Tanya no peserta",
    "Nomor KPJ untuk klaim JHT",
    "no kpj lupa min",
    "Permintaan nomor KPJ",
    "Re: Lupa nomor KPJ",
    "",
)
CHANNELS = ("email",) * 6 + ("whatsapp", "facebook", "instagram", "x")
_CHUNK = 5_000


@dataclass(frozen=True, slots=True)
class Person:
    """A made-up participant."""

    number: int
    name: str
    place: str
    born: dt.date
    nik: str

    def kpj(self, which: int) -> str:
        return f"99{(self.number * 3 + which) % 1_000_000_000:09d}"

    @property
    def born_text(self) -> str:
        return f"{self.born.day} {MONTHS[self.born.month - 1]} {self.born.year}"


def seed(database: Database, *, tickets: int = 60, seed: int = 7) -> None:
    """Fill an empty database with agents and tickets; the same seed gives the same content."""
    dice, now = random.Random(seed), clock.now()
    records: list[dict[str, str]] = []
    with database.transaction() as tx:
        made = users.hash_password(PASSWORD)
        tx.session.execute(
            insert(Agent),
            [
                {
                    "login": login,
                    "name": name,
                    "role": role,
                    "language": "id",
                    "theme": "system",
                    "password_hash": made,
                    "active": True,
                    "created_at": now,
                }
                for login, name, role in AGENTS
            ],
        )
        box = Mailbox(name="care", folder="INBOX", uidvalidity=1, last_success_at=now)
        tx.session.add(box)
        tx.session.add(Blob(sha256="0" * 64, size_bytes=9, content=b"made up\r\n"))
        tx.session.flush()
        tables: dict[type[Base], list[dict[str, Any]]] = {}
        base = int(tx.session.scalar(select(func.count()).select_from(Ticket)) or 0)
        for number in range(base + 1, base + tickets + 1):
            for table, row in _ticket(number, dice, now, box.id, busy=tickets <= 200):
                if table is None:
                    records.append(row)
                else:
                    tables.setdefault(table, []).append(row)
            if number % _CHUNK == 0:
                _flush(tx.session, tables)
        _flush(tx.session, tables)
        if not database.is_sqlite:  # there, ids given by hand do not move the sequences
            for name in ("contact", "ticket", "raw_message", "message", "claim"):
                last = f"SELECT setval('{name}_id_seq', (SELECT max(id) FROM {name}))"
                tx.session.execute(sql(last))
        tx.session.add(
            JobRow(
                job=Job.MATCH,
                subject_id=3,
                state=JobState.PARKED,
                attempts=3,
                created_at=now,
                not_before=now,
                error="the worker died three times",
            )
        )
    fill(database, records)


def draft_open(database: Database, house: House) -> None:
    """Let the reply room write its own drafts for what waits, so that they can be approved."""
    with database.transaction() as tx:
        waiting = select(Ticket.id).where(Ticket.status == TicketStatus.WAITING_AGENT)
        ids, now = list(tx.session.scalars(waiting)), clock.now()
        replies.save(tx.session, replies.prepare(tx.session, ids, house, now=now), now=now)


def person(number: int) -> Person:
    """Return the same made-up person for the same number."""
    dice = random.Random(number * 7919)
    born = dt.date(1962, 1, 1) + dt.timedelta(days=dice.randrange(40 * 365))
    name = f"{dice.choice(FIRST)} {dice.choice(LAST)}"
    area = dice.randrange(len(PLACES))
    day = born.day + 40 * (name.split(maxsplit=1)[0] in WOMEN)
    nik = f"{AREAS[area]}{day:02d}{born.month:02d}{born.year % 100:02d}{9001 + number % 999}"
    return Person(number, name, PLACES[area], born, nik)


def _flush(session, tables: dict[type[Base], list[dict[str, Any]]]) -> None:
    order = (
        Blob,
        Contact,
        Ticket,
        RawMessage,
        Message,
        Attachment,
        ClaimRow,
        FactRow,
        CandidateRow,
        Draft,
        Delivery,
    )
    for table in order:
        rows = tables.pop(table, [])
        if rows:
            session.execute(insert(table), rows)


_KINDS = (
    "clear",
    "clear",
    "clear",
    "several",
    "unsure",
    "missing",
    "missing",
    "other",
    "none",
    "closed",
    "participant",
    "unparsed",
)


def _ticket(
    number: int, dice: random.Random, now: dt.datetime, box_id: int, *, busy: bool
) -> Iterator[tuple[type[Base] | None, dict[str, Any]]]:
    kind = dice.choice(
        _KINDS if busy or number % 9 == 0 else ("closed", "closed", "closed", "participant")
    )
    who, channel = person(number), dice.choice(CHANNELS)
    if kind == "unparsed":
        channel = "email"
    since = now - dt.timedelta(
        minutes=dice.choice((7, 25, 90, 300, 800, 1700, 3200, 6000)) + number % 60
    )
    facts = {
        "clear": "ypdi",
        "several": "ypdi",
        "unsure": "y?di",
        "missing": dice.choice(("n---", "np--", "npd-", "--d?")),
        "other": "npdi",
        "none": "npdi",
        "unparsed": "----",
    }.get(kind, "npdi")
    facts = "".join("y" if mark.isalpha() else mark for mark in facts)
    probability = {
        "clear": 0.9994,
        "several": 0.998,
        "unsure": 0.71,
        "other": 0.997,
        "none": 0.04,
        "closed": 0.999,
        "participant": None,
    }.get(kind)
    decision = {
        "clear": "match",
        "several": "match",
        "unsure": "review",
        "other": "match",
        "none": "none",
        "closed": "match",
    }.get(kind)
    disclosure = {
        "clear": "full",
        "several": "full",
        "unsure": "masked",
        "missing": "ask",
        "other": "none",
        "none": "redirect",
        "closed": "full",
        "participant": "ask",
    }.get(kind)
    needed = {"unsure": 2, "unparsed": 0}.get(kind, 1)
    status = {
        "closed": "closed",
        "participant": "waiting_participant",
        "unparsed": "unparsed",
    }.get(kind, "waiting_agent")
    address = (
        f"{who.name.lower().replace(' ', '.')}{number}@example.org"
        if channel == "email"
        else f"{who.name.split()[0].lower()}_{number}"
    )
    phone = f"+6281200{number:06d}" if channel == "whatsapp" else ""
    hours = {"whatsapp": 24, "facebook": 168, "instagram": 168}.get(channel)
    subject = dice.choice(SUBJECTS) if channel == "email" else ""
    texts = _texts(kind, who, facts, dice)
    yield (
        Contact,
        {
            "id": number,
            "channel": channel,
            "address": phone or address,
            "display_name": who.name,
            "handle": address if channel in {"instagram", "x"} else "",
            "phone": phone,
            "created_at": since,
        },
    )
    yield (
        Ticket,
        {
            "id": number,
            "channel": channel,
            "contact_id": number,
            "subject": subject,
            "preview": " ".join(texts[-1].split())[:200],
            "language": "id",
            "status": status,
            "priority": 1,
            "assignee_id": dice.choice((None, None, 1, 2)),
            "opened_at": since - dt.timedelta(hours=3),
            "updated_at": since,
            "waiting_since": since,
            "window_ends_at": since + dt.timedelta(hours=hours) if hours else None,
            "message_count": len(texts),
            "version": 1,
            "claim_count": int(kind != "unparsed"),
            "claim_facts": facts,
            "best_probability": probability,
            "decision": decision,
            "disclosure": disclosure,
            "approvals_needed": needed,
            "approvals_given": 0,
        },
    )
    first = number * 10
    for place, said in enumerate(texts):
        message = first + place
        yield Blob, {"sha256": f"{message:064x}", "size_bytes": 9, "content": b"made up\r\n"}
        yield (
            RawMessage,
            {
                "id": message,
                "mailbox_id": box_id,
                "channel": channel,
                "sha256": f"{message:064x}",
                "size_bytes": 9,
                "full_size_bytes": 9,
                "received_at": since,
                "stored_at": since,
                "outcome": "unparsed" if kind == "unparsed" else "filed",
                "problem": "RecursionError at ingest/mime.py:88" if kind == "unparsed" else None,
            },
        )
        quoted = (
            "\n> Pada tanggal Sab, 31 Okt 2026 pukul 22.12 Care <care@example.com> menulis:\n> Yth. Bapak/Ibu, mohon melengkapi data berikut:\n> 1. Nama lengkap\n> 2. NIK\n"
            if place
            else ""
        )
        html = (
            f"<p>{said.replace(chr(10), '<br>')}</p><img src='https://example.com/track.gif'><p style='color:red'>Terima kasih</p>"
            if channel == "email" and number % 3 == 0
            else None
        )
        yield (
            Message,
            {
                "id": message,
                "ticket_id": number,
                "direction": "inbound",
                "kind": "person",
                "contact_id": number,
                "agent_id": None,
                "raw_id": message,
                "message_id": f"{message}@example.org",
                "subject": subject,
                "body": said,
                "quoted": quoted,
                "signature": "-- \nDikirim dari iPhone saya" if number % 4 == 0 else "",
                "html": html,
                "sent_at": since - dt.timedelta(hours=2 - place),
                "received_at": since - dt.timedelta(hours=2 - place),
                "sender_name": who.name,
                "reply_to": f"lain{number}@example.com" if number % 17 == 0 else None,
                "authentic": channel == "email" and number % 5 != 0,
                "authenticity": "passed" if number % 5 else "dmarc_fail",
                "thread_reason": "in_reply_to" if place else "",
                "defects": ["two_from"] if number % 17 == 0 else [],
            },
        )
    if number % 4 == 1:
        yield (
            Attachment,
            {
                "message_id": first,
                "position": 0,
                "file_name": "KTP.jpg",
                "media_type": "image/jpeg",
                "size_bytes": 184_221,
                "sha256": "0" * 64,
                "problem": None,
            },
        )
    yield from _claim(kind, who, facts, texts[0], probability, decision, now)
    if needed:
        yield (
            Draft,
            {
                "ticket_id": number,
                "version": 1,
                "situation": {
                    "several": "several_kpj",
                    "missing": "incomplete",
                    "participant": "incomplete",
                    "other": "refused",
                    "none": "not_found",
                    "unsure": "one_kpj_masked",
                }.get(kind, "one_kpj"),
                "language": "id",
                "subject": f"Re: {subject or 'Pesan Anda'}",
                "body": _reply(kind, who),
                "disclosure": disclosure,
                "approvals_needed": needed,
                "reasons": {
                    "full": ["about_self", "nik_exact", "birth_date_exact", "name_exact"],
                    "masked": [
                        "about_self",
                        "nik_exact",
                        "birth_date_exact",
                        "name_near",
                        "unauthenticated",
                    ],
                    "ask": ["about_self", "missing_nik"],
                    "none": ["about_other"],
                    "redirect": ["about_self", "no_candidate"],
                }[str(disclosure)],
                "kpjs": [who.kpj(0)] if disclosure in {"full", "masked"} else [],
                "claim_id": number,
                "answers_message_id": first + len(texts) - 1,
                "edited_by_id": None,
                "updated_at": since,
            },
        )


def _texts(kind: str, who: Person, facts: str, dice: random.Random) -> list[str]:
    has = {field: mark != "-" for field, mark in zip("npdi", facts, strict=True)}
    if kind == "unparsed":
        return [""]
    lines = [
        "Selamat siang min,",
        "",
        dice.choice(
            (
                "Saya lupa nomor KPJ saya karena kartunya hilang, mohon dibantu.",
                "Mohon info no KPJ saya untuk klaim JHT, kartu lama sudah tidak ada.",
                "Sudah cari di rumah tapi kartu BPJS TK tidak ketemu. Bisa minta nomor KPJ-nya?",
            )
        ),
    ]
    lines += ["", "Berikut data saya:"] if any(has.values()) else []
    lines += [f"Nama: {who.name}"] if has["n"] else []
    if has["p"] and has["d"]:
        lines += [f"TTL: {who.place}, {who.born_text}"]
    elif has["p"] or has["d"]:
        lines += [f"Lahir: {who.place if has['p'] else who.born_text}"]
    lines += [f"NIK: {who.nik}"] if has["i"] else []
    lines += [
        "",
        "Ini data suami saya, dia sedang bekerja di luar kota."
        if kind == "other"
        else "Terima kasih banyak atas bantuannya.",
    ]
    texts = ["\n".join(lines)]
    if kind in {"several", "unsure", "participant"}:
        texts.append(
            f"Maaf menyusul, nama di KTP: {who.name.upper()}.\nDulu kerja di {EMPLOYERS[who.number % 5]}."
        )
    return texts


def _claim(
    kind: str,
    who: Person,
    facts: str,
    text: str,
    probability: float | None,
    decision: str | None,
    now: dt.datetime,
) -> Iterator[tuple[type[Base] | None, dict[str, Any]]]:
    if kind == "unparsed":
        return
    number, first = who.number, who.number * 10
    other = kind == "other"
    evidence = _EVIDENCE.get(kind, _EVIDENCE["clear"])
    judged = probability is not None and kind != "missing"
    yield (
        ClaimRow,
        {
            "id": number,
            "ticket_id": number,
            "position": 0,
            "about": "other" if other else "self",
            "relation": "spouse" if other else None,
            "verdict": decision,
            "doubts": {"unsure": ["unsure", "runner_up"], "none": ["not_enough"]}.get(kind, []),
            "reckoning": _reckoning(evidence, probability) if judged else None,
            "ask": {"unsure": "birth_place", "missing": "nik", "none": "birth_date"}.get(kind),
            "matched_at": now,
        },
    )
    values = (
        ("full_name", who.name, who.name, 0.98, "name_label"),
        ("birth_place", who.place, who.place, 0.97, "place_label"),
        ("birth_date", who.born.isoformat(), who.born_text, 0.97, "date_label"),
        ("nik", who.nik, who.nik, 0.99, "nik_label"),
    )
    for mark, (field, value, written, confidence, rule) in zip(facts, values, strict=True):
        start = text.find(written)
        if mark == "-" or start < 0:
            continue
        yield (
            FactRow,
            {
                "claim_id": number,
                "field": field,
                "value": value,
                "confidence": 0.55 if mark == "?" else confidence,
                "message_id": first,
                "span_start": start,
                "span_end": start + len(written),
                "rule": rule,
                "agent_id": None,
                "warnings": ["nik_date_differs"] if field == "nik" and kind == "unsure" else [],
                "history": [],
            },
        )
    if not judged:
        return
    recorded = _RECORDED.get(kind, lambda same: same)(who)
    for which in range(2 if kind == "several" else 1):
        yield _record(recorded, which)
        yield (
            CandidateRow,
            {
                "claim_id": number,
                "rank": which,
                "kpj": who.kpj(which),
                "person": 1,
                "probability": probability,
                "way": "nik",
                "evidence": evidence,
            },
        )
    if probability < 0.99:
        rival = _born(person(100_000_000 + number), who.born)
        yield _record(rival, 0)
        yield (
            CandidateRow,
            {
                "claim_id": number,
                "rank": 2,
                "kpj": rival.kpj(0),
                "person": 2,
                "probability": 0.02,
                "way": "name",
                "evidence": [
                    ["nik", "different", -10.1, 0.0],
                    ["birth_date", "exact", 14.1, 0.3],
                    ["full_name", "different", -1.7, 0.0],
                    ["birth_place", "different", -2.3, 0.0],
                ],
            },
        )


def _misspelt(who: Person) -> Person:
    """The same person as a registry may have them: a letter, a digit and the place are others."""
    digit = (int(who.nik[5]) + 1) % 10
    place = PLACES[(PLACES.index(who.place) + 1) % len(PLACES)]
    return replace(
        who, name=f"{who.name[:-1]}h", nik=f"{who.nik[:5]}{digit}{who.nik[6:]}", place=place
    )


def _namesake(who: Person) -> Person:
    """Somebody else of the same name and place, born another day."""
    other = replace(who, nik=f"{who.nik[:12]}{9001 + (int(who.nik[12:]) + 37) % 999}")
    return _born(other, who.born + dt.timedelta(days=1_203))


def _born(who: Person, day: dt.date) -> Person:
    """The same person, born another day; the NIK, which holds the day, tells so."""
    first = f"{int(who.nik[6:8]) - who.born.day + day.day:02d}"
    return replace(who, born=day, nik=f"{who.nik[:6]}{first}{day:%m%y}{who.nik[12:]}")


_RECORDED = {"unsure": _misspelt, "none": _namesake}


def _reckoning(evidence: list[list[Any]], probability: float) -> dict[str, float]:
    """How the evidence comes to the probability; what is left over was learned from answers."""
    prior, rivals = -23.3, -0.4
    bits = sum(agreement + rarity for _, _, agreement, rarity in evidence)
    odds = math.log2(probability / (1 - probability))
    return {"prior": prior, "rivals": rivals, "calibration": odds - prior - rivals - bits}


_EVIDENCE: dict[str, list[list[Any]]] = {
    "clear": [
        ["nik", "exact", 19.7, 0.0],
        ["birth_date", "exact", 14.1, 0.3],
        ["full_name", "exact", 14.9, -2.6],
        ["birth_place", "exact", 7.2, -2.8],
    ],
    "unsure": [
        ["nik", "one_digit", 9.6, 0.0],
        ["birth_date", "exact", 14.1, 0.3],
        ["full_name", "similar", 6.1, -1.4],
        ["birth_place", "different", -2.3, 0.0],
    ],
    "none": [
        ["nik", "different", -8.3, 0.0],
        ["birth_date", "different", -5.6, 0.0],
        ["full_name", "exact", 14.9, 1.2],
        ["birth_place", "exact", 7.2, -2.8],
    ],
}


def _record(who: Person, which: int) -> tuple[None, dict[str, Any]]:
    return None, {  # not a row of any table: it is imported
        "kpj": who.kpj(which),
        "nik": who.nik,
        "full_name": who.name.upper(),
        "birth_place": who.place.upper(),
        "birth_date": who.born.isoformat(),
        "employer": EMPLOYERS[(who.number + which) % len(EMPLOYERS)].upper(),
        "segment": "PU",
        "status": "nonaktif" if which else "aktif",
    }


def _reply(kind: str, who: Person) -> str:
    middle = {
        "several": f"Kami menemukan dua nomor KPJ atas nama Anda:\n1. {who.kpj(0)}\n2. {who.kpj(1)}\n\nKami sarankan kedua nomor digabungkan (amalgamasi) di kantor cabang atau melalui JMO.",
        "missing": "Agar kami dapat membantu, mohon lengkapi data berikut dengan membalas pesan ini:\n1. NIK (16 angka) sesuai KTP",
        "participant": "Agar kami dapat membantu, mohon lengkapi data berikut dengan membalas pesan ini:\n1. NIK (16 angka) sesuai KTP",
        "other": "Demi kerahasiaan data, nomor KPJ hanya dapat kami sampaikan kepada peserta sendiri. Mohon yang bersangkutan menghubungi kami dari alamatnya sendiri.",
        "none": "Data yang Anda kirim belum dapat kami cocokkan. Silakan hubungi 175 atau kantor cabang terdekat dengan membawa KTP.",
        "unsure": f"Nomor KPJ Anda berakhiran {who.kpj(0)[-4:]}.",
    }.get(kind, f"Nomor KPJ Anda: {who.kpj(0)}")
    return f"Selamat siang, {who.name}.\n\n{middle}\n\nLayanan ini tidak dipungut biaya. Petugas kami tidak pernah meminta PIN, OTP atau kata sandi.\n\nSalam,\nBPJS Ketenagakerjaan"
