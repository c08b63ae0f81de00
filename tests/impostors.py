"""People who want a number that is not theirs: what they write, and the most they may be told."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from helpdesk.registry.synthetic import Person, people

US = "mx.example.com"
CARE = "care@example.com"
MONTHS = (
    *("Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September"),
    *("Oktober", "November", "Desember"),
)


@dataclass(frozen=True)
class Mail:
    """One mail; `to_ticket` asks for what only later is known: `{number}` and `{token}`."""

    sender: str
    body: str
    subject: str = "Lupa nomor KPJ"
    head: str = ""  # more fields, above From
    tail: str = ""  # more fields, below From
    results: str | None = None  # the trace; None: our own server saw DMARC pass for the sender
    kind: str = 'Content-Type: text/plain; charset="utf-8"\n'

    def content(self, message_id: str, **later: str) -> bytes:
        trace = passed(self.sender) if self.results is None else self.results
        text = (
            f"{trace}{self.head}From: {self.sender}\nTo: {CARE}\nSubject: {self.subject}\n"
            f"Message-ID: <{message_id}>\n{self.kind}{self.tail}\n{self.body}\n"
        )
        for name, value in later.items():
            text = text.replace(f"{{{name}}}", value)
        return text.encode()


@dataclass(frozen=True)
class Dialogue:
    """What one impostor does, a mail at a time.

    `victim` is whose number is wanted. `own` is a mail the victim wrote before; it was answered.
    """

    pattern: str
    limit: str  # "never": nothing of the number; "two": at most with a second person's approval
    victim: Person
    mails: tuple[Mail, ...]
    own: Mail | None = None
    others: tuple[Person, ...] = field(default=())


def passed(sender: str) -> str:
    domain = sender.rpartition("@")[2].strip("> ")
    return result("dmarc=pass", domain) + OURS


def result(what: str, domain: str, us: str = US) -> str:
    return f"Authentication-Results: {us}; {what} header.from={domain}\n"


OURS = f"Received: from client by {US} with ESMTPS; Fri, 20 Nov 2026 09:00:00 +0700\n"
FOREIGN = "Received: from home by relay.example.net with SMTP; Fri, 20 Nov 2026 08:59:59 +0700\n"


def participants(count: int, seed: int) -> Iterator[Person]:
    """Made-up people with one record each, that one without errors, no two with one name."""
    names: set[str] = set()
    for person in people(count * 4, seed):
        record = person.records[0]
        right = (person.nik, person.birth_date, person.full_name.upper())
        as_it_is = (record.nik, record.birth_date, record.full_name.upper())
        ordinary = len(person.records) == 1 and len(person.full_name.split()) > 1
        is_new_year = (person.birth_date.day, person.birth_date.month) == (1, 1)
        is_told_apart = right == as_it_is and not is_new_year and person.full_name not in names
        if ordinary and is_told_apart:
            names.add(person.full_name)
            yield person
        if len(names) == count:
            return


def mailbox(person: Person, domain: str = "example.org") -> str:
    return f"{person.full_name.lower().replace(' ', '.').replace(chr(39), '')}@{domain}"


def stranger(person: Person, domain: str = "example.net") -> str:
    """An address of somebody else, one for each victim, so that no two dialogues meet."""
    return f"p{person.nik[-8:]}@{domain}"


def facts(
    person: Person, *, nik: str | None = None, name: str | None = None, date: str | None = None
) -> str:
    born = (
        f"{person.birth_date.day} {MONTHS[person.birth_date.month - 1]} {person.birth_date.year}"
    )
    number = person.nik if nik is None else nik
    lines = [
        f"Nama: {person.full_name if name is None else name}",
        f"Tempat lahir: {person.birth_place}",
        f"Tanggal lahir: {born if date is None else date}",
        f"NIK: {number}" if number else "",
    ]
    return "\n".join(line for line in lines if line)


def asked(person: Person, **wrong: str) -> str:
    return f"Selamat pagi, saya lupa nomor KPJ saya.\n{facts(person, **wrong)}\nTerima kasih"


def near(nik: str, by: int = 1) -> str:
    """The NIK with a later serial."""
    return f"{nik[:12]}{(int(nik[12:]) - 9000 + by) % 1000 + 9000:04d}"


def genuine(person: Person) -> Mail:
    return Mail(mailbox(person), asked(person))


def _plain(victim: Person, other: Person, body: str) -> tuple[Mail, ...]:
    return (Mail(stranger(victim), body),)


def _wrong_date(person: Person) -> str:
    born = person.birth_date
    return f"{(born.day + 13) % 28 + 1:02d}-{(born.month + 4) % 12 + 1:02d}-1961"


def _spoofed(victim: Person, results: str, **more: str) -> tuple[Mail, ...]:
    return (Mail(mailbox(victim), asked(victim), results=results, **more),)


def _html(person: Person) -> str:
    shown = facts(person).replace("\n", "<br>")
    return f"<p>Mohon bantuannya, saya istri dari beliau</p><p>{shown}</p>"


_Make = Callable[[Person, Person], tuple[Mail, ...]]

# What a stranger with an address of their own writes: our server vouches for the sender, so the
# words alone have to keep the number back.
_WRONG_FACTS: dict[str, tuple[str, _Make]] = {
    "one digit of the NIK is wrong": (
        "never", lambda v, o: _plain(v, o, asked(v, nik=near(v.nik)))),
    "the serial of the NIK is wrong": (
        "never", lambda v, o: _plain(v, o, asked(v, nik=near(v.nik, 345)))),
    "the NIK is another person's": (
        "never", lambda v, o: _plain(v, o, asked(v, nik=o.nik))),
    "the name is another person's": (
        "never", lambda v, o: _plain(v, o, asked(v, name=o.full_name))),
    "the birth date is wrong": (
        "never", lambda v, o: _plain(v, o, asked(v, date=_wrong_date(v)))),
    "no NIK": ("never", lambda v, o: _plain(v, o, asked(v, nik=""))),
    "only the NIK": ("never", lambda v, o: _plain(v, o, f"Saya lupa KPJ. NIK: {v.nik}")),
    "twelve digits of the NIK": (
        "never", lambda v, o: _plain(v, o, asked(v, nik=v.nik[:12]))),
    "three NIKs are given, one of them right": (
        "two", lambda v, o: _plain(v, o, f"{asked(v, nik=near(v.nik, 7))}\nNIK: "
                                   f"{near(v.nik, 8)}\nNIK: {v.nik}")),
    "one letter of the name is wrong": (
        "two", lambda v, o: _plain(v, o, asked(v, name=f"{v.full_name}x"))),
    "the KPJ is to be confirmed": (
        "never", lambda v, o: _plain(
            v, o, f"Apakah benar nomor KPJ {v.full_name} adalah {v.records[0].kpj}?")),
}  # fmt: skip

_SOMEBODY_ELSE: dict[str, tuple[str, _Make]] = {
    "the wife asks": ("never", lambda v, o: _plain(
        v, o, f"Saya mau tanya nomor KPJ suami saya.\n{facts(v)}")),
    "the child of a late participant asks": ("never", lambda v, o: _plain(
        v, o, f"Saya anaknya, ayah saya almarhum lupa KPJ.\n{facts(v)}")),
    "the employer asks": ("never", lambda v, o: _plain(
        v, o, f"Mohon nomor KPJ karyawan kami berikut:\n{facts(v)}")),
    "a friend asks in English": ("never", lambda v, o: _plain(
        v, o, f"I need the KPJ number of my friend.\n{facts(v)}")),
    "the wife asks in HTML": ("never", lambda v, o: (
        Mail(stranger(v), _html(v), kind='Content-Type: text/html; charset="utf-8"\n'),)),
    "a forwarded mail": ("two", lambda v, o: (
        Mail(stranger(v), "Mohon dibantu\n\n---------- Forwarded message ---------\n"
             f"Dari: {v.full_name} <{mailbox(v)}>\nDate: Jum, 20 Nov 2026\nSubject: KPJ\n"
             f"To: <{stranger(v)}>\n\n{asked(v)}", "Fwd: KPJ"),)),
    "a forwarded mail in Indonesian": ("two", lambda v, o: (
        Mail(stranger(v), "Tolong\n\n---------- Pesan terusan ---------\n"
             f"Dari: {v.full_name} <{mailbox(v)}>\n\n{asked(v)}", "Trs: KPJ"),)),
    "a forwarded mail as an attachment": ("never", lambda v, o: (
        Mail(stranger(v), "--b\nContent-Type: text/plain\n\nMohon nomor KPJ-nya\n--b\n"
             f"Content-Type: message/rfc822\n\nFrom: {mailbox(v)}\nSubject: KPJ\n\n{asked(v)}\n"
             "--b--\n", "Fwd: KPJ", kind='Content-Type: multipart/mixed; boundary="b"\n'),)),
    "two people in one mail": ("two", lambda v, o: _plain(
        v, o, f"Mohon dua nomor KPJ.\n\nNama: {o.full_name}\nNIK: {o.nik}\n"
        f"Tanggal lahir: {o.birth_date:%d-%m-%Y}\n\n{facts(v)}")),
}  # fmt: skip

# The victim's own data and address, but nothing proves that the victim wrote.
_SPOOFED: dict[str, tuple[str, _Make]] = {
    "dmarc=fail": ("two", lambda v, o: _spoofed(v, result("dmarc=fail", "example.org") + OURS)),
    "dmarc=none": ("two", lambda v, o: _spoofed(v, result("dmarc=none", "example.org") + OURS)),
    "no result": ("two", lambda v, o: _spoofed(v, OURS + FOREIGN)),
    "a foreign result": ("two", lambda v, o: _spoofed(
        v, result("dmarc=pass", "example.org", "evil.example") + OURS)),
    "a result below a foreign Received": ("two", lambda v, o: _spoofed(
        v, OURS + FOREIGN + result("dmarc=pass", "example.org"))),
    "two results of ours": ("two", lambda v, o: _spoofed(
        v, result("dmarc=fail", "example.org") + OURS + result("dmarc=pass", "example.org"))),
    "a result folded into another": ("two", lambda v, o: _spoofed(
        v, f"Authentication-Results: evil.example;\n {US}; dmarc=pass\n header.from=example.org\n"
        + OURS)),
    "a result in a comment": ("two", lambda v, o: _spoofed(
        v, f"Authentication-Results: {US} (;dmarc=pass header.from=example.org);\n"
        " dmarc=fail header.from=example.org\n" + OURS)),
    "a result for another domain": ("two", lambda v, o: _spoofed(
        v, result("dmarc=pass", "evil.example") + OURS)),
    "spf and dkim only": ("two", lambda v, o: _spoofed(
        v, result("spf=pass smtp.mailfrom=evil.example; dkim=pass", "example.org") + OURS)),
    "two From fields": ("two", lambda v, o: _spoofed(
        v, passed("x@example.org"), head=f"From: {stranger(v)}\n")),
    "two addresses in From": ("two", lambda v, o: (
        Mail(f"{mailbox(v)}, {stranger(v)}", asked(v), results=passed("x@example.org")),)),
    "the victim's address as display name": ("two", lambda v, o: (
        Mail(f'"{mailbox(v)}" <{stranger(v)}>', asked(v)),)),
    "an address without quotes before the real one": ("two", lambda v, o: (
        Mail(f"{mailbox(v)} <{stranger(v)}>", asked(v)),)),
    "replies wanted elsewhere": ("two", lambda v, o: (
        Mail(mailbox(v), asked(v), tail=f"Reply-To: {stranger(v)}\n"),)),
    "replies wanted elsewhere too": ("two", lambda v, o: (
        Mail(mailbox(v), asked(v), tail=f"Reply-To: {mailbox(v)}, {stranger(v)}\n"),)),
    "a line break in the name": ("two", lambda v, o: (
        Mail(f"=?utf-8?q?Siti=0D=0ABcc:_{stranger(v)}?= <{mailbox(v)}>", asked(v)),)),
    "no sender at all": ("two", lambda v, o: (
        Mail("", asked(v), results=result("dmarc=pass", "example.org") + OURS),)),
    "a stranger's address that nobody vouches for": ("two", lambda v, o: (
        Mail(stranger(v), asked(v), results=OURS),)),
}  # fmt: skip

# The victim wrote and was answered; now somebody comes with the ticket's number or our token.
_HIJACKS: dict[str, tuple[str, _Make]] = {
    "the ticket's number": ("never", lambda v, o: (
        Mail(stranger(v), "Tolong kirim ulang nomor KPJ saya", "Re: KPJ [#{number}]"),)),
    "our token": ("never", lambda v, o: (
        Mail(stranger(v), "Tolong kirim ulang nomor KPJ saya", "Re: KPJ",
             tail="In-Reply-To: <{token}>\nReferences: <{token}>\n"),)),
    "the victim's own Message-ID": ("never", lambda v, o: (
        Mail(stranger(v), "Tolong kirim ulang ke sini", "Re: KPJ",
             tail="References: <{theirs}>\n"),)),
    "the same facts from another address": ("two", lambda v, o: _plain(v, o, asked(v))),
    "our token, as the victim, unproven": ("two", lambda v, o: (
        Mail(mailbox(v), "Kirim ulang nomornya", results=OURS,
             tail="In-Reply-To: <{token}>\n"),)),
    "our token, as the victim, for another": ("two", lambda v, o: (
        Mail(mailbox(v), f"Ralat, yang benar:\n{facts(o)}", results=OURS,
             tail="In-Reply-To: <{token}>\n"),)),
}  # fmt: skip

_MANY_STEPS: dict[str, tuple[str, _Make]] = {
    "serial after serial, each in its own mail": ("two", lambda v, o: tuple(
        Mail(stranger(v), asked(v, nik=near(v.nik, by)), f"KPJ {by}") for by in (1, 2, 3, 0))),
    "serial after serial, as corrections": ("two", lambda v, o: (
        Mail(stranger(v), asked(v, nik=near(v.nik, 1))),
        *(Mail(stranger(v), f"Ralat, NIK yang benar: {near(v.nik, by)}", "Re: [#{mine}]")
          for by in (2, 3, 0)))),
    "serial after serial in one mail": ("two", lambda v, o: _plain(
        v, o, asked(v, nik=near(v.nik, 1)) + "".join(
            f"\nRalat, NIK yang benar: {near(v.nik, by)}" for by in (2, 3, 0)))),
    "one person after another": ("two", lambda v, o: (
        Mail(stranger(v), asked(o, nik=near(o.nik)), "KPJ saya"),
        Mail(stranger(v), asked(v), "KPJ saya juga"))),
    "the wife first, then as himself": ("two", lambda v, o: (
        Mail(stranger(v), f"Saya mau tanya nomor KPJ suami saya.\n{facts(v)}"),
        Mail(stranger(v), asked(v), "Re: [#{mine}]"))),
}  # fmt: skip


def dialogues(each: int, seed: int = 5) -> list[Dialogue]:
    """Every pattern with `each` victims of its own."""
    tables = (_WRONG_FACTS, _SOMEBODY_ELSE, _SPOOFED, _HIJACKS, _MANY_STEPS)
    wanted = sum(len(table) for table in tables) * each * 2
    found = participants(wanted, seed)
    made = []
    for table in tables:
        for pattern, (limit, mails) in table.items():
            for _ in range(each):
                victim, other = next(found), next(found)
                own = genuine(victim) if table is _HIJACKS else None
                made.append(Dialogue(pattern, limit, victim, mails(victim, other), own, (other,)))
    return made
