"""Made-up mail as participants write it, about people of the made-up registry."""

import datetime as dt
import email.utils
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from importlib.resources import files

from helpdesk.registry.synthetic import Person

AUTHSERV_ID = "mx.demo.example"
PHOTO_OF = "1102072911749001"  # the made-up person on ktp.jpg, which `tests.ktp` renders
_MONTHS = (
    *("Januari", "Februari", "Maret", "April", "Mei", "Juni"),
    *("Juli", "Agustus", "September", "Oktober", "November", "Desember"),
)


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail to write: `{name}` and the like in subject and body are the person's."""

    subject: str
    body: str
    verdict: str = "pass"  # what our mail server says of DMARC
    headers: tuple[tuple[str, str], ...] = ()
    html: bool = False
    sender: str = ""  # local part; by default made from the name
    attach: bool = False


LETTERS = (
    Letter(
        "Lupa nomor KPJ",
        "Selamat pagi,\n\nMohon bantuannya, saya lupa nomor KPJ saya. Berikut data saya:\n\n"
        "Nama lengkap : {name}\nTempat/tgl lahir : {place}, {long_date}\nNIK : {nik}\n\n"
        "Terima kasih.\n{name}",
    ),
    Letter(
        "kartu bpjs tk hilang",
        "Min mohon bantu, kartu saya hilang dan saya gak inget no kpj nya.\n"
        "nama {lower}\nttl {place} {short_date}\nnik {spaced_nik}\nmksh sebelumnya",
    ),
    Letter(
        "MOHON INFO NOMOR PESERTA",
        "DENGAN HORMAT,\nSAYA {upper}, LAHIR DI {place_upper} TANGGAL {short_date}, NIK {nik} "
        "MOHON DIINFOKAN NOMOR KPJ SAYA UNTUK PENCAIRAN JHT.\nTERIMA KASIH",
    ),
    Letter("Nomor KPJ", "{name}, {place} {long_date}, {nik}\n\nSent from my phone"),
    Letter(
        "Tanya nomor kartu Jamsostek lama",
        "Assalamualaikum, saya {name} mau tanya nomor KPJ saya, dulu kerja di pabrik dan kartunya "
        "sudah tidak ada. Kelahiran {place}, tgl lahir {dotted_date}. No KTP {nik}.\n\n"
        "Hormat saya,\n{name}",
    ),
    Letter(
        "Lost my BPJS TK number",
        "Dear Sir or Madam,\n\nI lost my membership card and would like to know my KPJ number.\n"
        "Full name: {name}\nPlace and date of birth: {place}, {long_date}\nNIK: {nik}\n\n"
        "Kind regards,\n{name}",
    ),
    Letter(
        "data untuk cek kpj",
        "1. Nama: {name}\n2. Tempat lahir: {place}\n3. Tanggal lahir: {dash_date}\n4. NIK: {nik}\n"
        "mohon dibalas secepatnya ya kak",
        html=True,
    ),
    Letter("Lupa KPJ", "Pak, saya {name}. Tolong nomor KPJ saya, mau klaim JHT."),
    Letter(
        "permohonan nomor KPJ",
        "Nama {name}\nTTL {place}, {long_date}\nMohon info nomor KPJ saya. NIK menyusul, KTP "
        "sedang di bank.",
    ),
    Letter(
        "KPJ istri saya",
        "Selamat siang, saya mau menanyakan nomor KPJ istri saya.\nNama istri: {name}\n"
        "Tempat tanggal lahir: {place}, {long_date}\nNIK: {nik}\nTerima kasih",
        sender="suami.contoh",
    ),
    Letter(
        "nomor kpj saya",
        "nama: {name}\ntempat lahir: {place}\ntgl lahir: {short_date}\nnik: {wrong_nik}\n",
    ),
    Letter(
        "Lupa nomor",
        "Nama: {name}\nTTL: {place}, {long_date}\nNIK: {nik}\nmohon bantuannya",
        verdict="fail",
    ),
    Letter(
        "Foto KTP dan data diri",
        "Berikut saya lampirkan foto KTP.\nNama {name}\nTTL {place} {dash_date}\nNIK {nik}\n"
        "Mohon nomor KPJ saya. Terima kasih banyak.\n\nDikirim dari iPhone saya",
        attach=True,
    ),
    Letter(
        "Tidak terdaftar?",
        "Saya Fulan Contoh Takterdaftar, lahir Bandung 2 Maret 1991, NIK 3273010203919977. Mohon "
        "nomor KPJ saya.",
        sender="fulan.contoh",
    ),
    Letter(
        "Otomatis: sedang cuti",
        "Saya sedang cuti sampai hari Senin dan akan membalas setelahnya.",
        headers=(("Auto-Submitted", "auto-replied"), ("Precedence", "bulk")),
        sender="cuti",
    ),
)


def samples(people: Sequence[Person], *, care: str, now: dt.datetime, run: str) -> list[bytes]:
    """Write the letters for these people, several rounds if there are more people than letters.

    Args:
        people: one person a mail, in order.
        care: the address written to.
        now: when the last of them was sent; the others a few minutes earlier each.
        run: distinguishes the Message-IDs of one call from another's.
    """
    mails = []
    for index, person in enumerate(people):
        letter = LETTERS[index % len(LETTERS)]
        sent = now - dt.timedelta(minutes=7 * (len(people) - index))
        mails.append(_write(letter, person, care=care, sent=sent, name=f"{run}.{index}"))
    return mails


def _write(letter: Letter, person: Person, *, care: str, sent: dt.datetime, name: str) -> bytes:
    facts = _facts(person)
    local = letter.sender or ".".join(person.full_name.lower().replace("'", "").split())
    address = f"{local}@pos.example.org"
    display = "" if letter.sender else person.full_name
    mail = EmailMessage(policy=SMTP)
    mail["Authentication-Results"] = (
        f"{AUTHSERV_ID}; dmarc={letter.verdict} header.from=pos.example.org"
    )
    mail["Received"] = (
        f"from pos.example.org by {AUTHSERV_ID} with ESMTPS; {email.utils.format_datetime(sent)}"
    )
    mail["From"] = email.utils.formataddr((display, address))
    mail["To"] = care
    mail["Subject"] = letter.subject
    mail["Date"] = email.utils.format_datetime(sent)
    mail["Message-ID"] = f"<{name}@pos.example.org>"
    for key, value in letter.headers:
        mail[key] = value
    text = letter.body.format_map(facts)
    if letter.html:
        rows = "".join(f"<p>{line}</p>" for line in text.splitlines())
        mail.set_content(f"<html><body style='color:navy'>{rows}</body></html>", subtype="html")
    else:
        mail.set_content(text)
    if letter.attach:
        _attach(mail, person)
    return mail.as_bytes()


def _attach(mail: EmailMessage, person: Person) -> None:
    """Attach the photo of who is on it, and the smallest picture there is for everybody else."""
    if person.nik == PHOTO_OF:
        photo = files("helpdesk.demo").joinpath("ktp.jpg").read_bytes()
        mail.add_attachment(photo, maintype="image", subtype="jpeg", filename="foto-ktp.jpg")
    else:
        mail.add_attachment(_PIXEL, maintype="image", subtype="png", filename="foto-ktp.png")


def _facts(person: Person) -> dict[str, str]:
    born = person.birth_date
    return {
        "name": person.full_name.title(),
        "lower": person.full_name.lower(),
        "upper": person.full_name.upper(),
        "place": person.birth_place.title(),
        "place_upper": person.birth_place.upper(),
        "long_date": f"{born.day} {_MONTHS[born.month - 1]} {born.year}",
        "short_date": f"{born:%d-%m-%Y}",
        "dash_date": f"{born:%d/%m/%Y}",
        "dotted_date": f"{born:%d.%m.%Y}",
        "nik": person.nik,
        "spaced_nik": " ".join(person.nik[at : at + 4] for at in range(0, 16, 4)),
        "wrong_nik": person.nik[:15] + str((int(person.nik[15]) + 5) % 10),
    }


# One transparent pixel.
_PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c63600"
    "00000000500010d0a2db40000000049454e44ae426082"
)
