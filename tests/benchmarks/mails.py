"""The mail mix of the peers' measurement: 15.7 kB a mail, 20 % with a picture, 30 % replies."""

import random
from collections.abc import Iterator
from email.message import EmailMessage
from email.policy import SMTP
from itertools import islice

from helpdesk.registry import synthetic

PEOPLE = 20_000
SEED = 7


def mix(count: int, *, care: str = "care@helpdesk.example", seed: int = 1) -> Iterator[bytes]:
    """Write `count` mails about people of the registry `synthetic.people(PEOPLE, SEED)`."""
    dice = random.Random(seed)
    picture = dice.randbytes(50_000)
    people = list(islice(synthetic.people(PEOPLE, SEED), count))
    sent: list[tuple[str, str]] = []
    for index in range(count):
        person = people[index % len(people)]
        mail = EmailMessage(policy=SMTP)
        message_id = f"{seed}.{index}@pos.example.org"
        sender = f"peserta{index}@pos.example.org"
        mail["Authentication-Results"] = "mx.bench; dmarc=pass header.from=pos.example.org"
        mail["Received"] = "from pos.example.org by mx.bench; Sat, 21 Nov 2026 09:00:00 +0700"
        subject = "Lupa nomor KPJ"
        if sent and dice.random() < 0.3:
            answered, sender = dice.choice(sent)
            mail["In-Reply-To"] = f"<{answered}>"
            mail["References"] = f"<{answered}>"
            subject = f"Re: {subject}"
        else:
            sent.append((message_id, sender))
        mail["From"] = f"{person.full_name.title()} <{sender}>"
        mail["To"] = care
        mail["Subject"] = subject
        mail["Date"] = "Sat, 21 Nov 2026 09:00:00 +0700"
        mail["Message-ID"] = f"<{message_id}>"
        mail.set_content(_text(dice, person))
        if index % 5 == 0:
            mail.add_attachment(picture, maintype="image", subtype="jpeg", filename="ktp.jpg")
        yield mail.as_bytes()


def _text(dice: random.Random, person: synthetic.Person) -> str:
    filler = "\n".join(
        "> " + " ".join(dice.choices(_WORDS, k=11)) for _ in range(dice.randrange(0, 40))
    )
    return (
        "Selamat pagi,\n\nMohon bantuannya, saya lupa nomor KPJ.\n"
        f"Nama: {person.full_name}\n"
        f"Tempat/tgl lahir: {person.birth_place}, {person.birth_date:%d-%m-%Y}\n"
        f"NIK: {person.nik}\n\nTerima kasih.\n\n"
        "Pada tanggal Sab, 31 Okt 2026 pukul 22.12 Layanan <care@helpdesk.example> menulis:\n"
        f"{filler}\n"
    )


_WORDS = (
    *("mohon", "data", "nomor", "kartu", "peserta", "kami", "akan", "segera", "balas", "terima"),
    *("kasih", "atas", "pesan", "Anda", "lengkap", "tanggal", "lahir", "dengan", "hormat", "dan"),
)
