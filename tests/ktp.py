"""Made-up identity cards as pictures, clean and as phones, scanners and chats spoil them.

Nobody on them exists: the NIK serials begin at 9000, and SPESIMEN is printed across each card in
letters that no copy can hide. The layout is that of the electronic KTP. `python -m tests.ktp`
takes the demo's photo anew.
"""

import datetime as dt
import random
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from helpdesk.demo import cast, mail
from tests.ktp_spoils import SPOILS, slanted, to_jpeg

DEMO = Path(mail.__file__).parent / "ktp.jpg"
DEMO_PERSON = 52  # of the demo's registry: who sends a photo
WIDTH, HEIGHT = 1_012, 638  # 300 dpi
_INK, _PAPER = (24, 26, 32), (176, 208, 226)
_FACES = (  # of labels and values; the first is built into Pillow
    "",
    "/usr/share/fonts/truetype/dejavu/DejaVuSansCondensed.ttf",
    "/usr/share/fonts/truetype/liberation/LiberationSans-Regular.ttf",
)
# The digits of the machine-readable face that the NIK is printed in, as strokes in a box of 4 x 6.
_DIGITS: dict[str, tuple[tuple[tuple[float, float], ...], ...]] = {
    "0": (((1, 0), (3, 0), (4, 1), (4, 5), (3, 6), (1, 6), (0, 5), (0, 1), (1, 0)),),
    "1": (((1, 0), (2, 0), (2, 6)), ((0.5, 6), (4, 6), (4, 4.5))),
    "2": (((0, 0), (4, 0), (4, 3), (0, 3), (0, 6), (4, 6)),),
    "3": (((0, 0), (4, 0), (4, 6), (0, 6)), ((1.5, 3), (4, 3))),
    "4": (((0.5, 0), (0, 3.5), (4, 3.5)), ((3.2, 2), (3.2, 6))),
    "5": (((4, 0), (0.5, 0), (0.5, 2.6), (4, 2.6), (4, 6), (0, 6)),),
    "6": (((0.5, 0), (0.2, 6), (4, 6), (4, 3), (0.4, 3)),),
    "7": (((0, 1), (0, 0), (4, 0), (4, 1.5), (2, 3.5), (2, 6)),),
    "8": (((0.7, 0), (3.3, 0), (3.3, 3), (0.7, 3), (0.7, 0)),
          ((0.7, 3), (0, 3), (0, 6), (4, 6), (4, 3), (3.3, 3))),
    "9": (((3.8, 6), (4, 0), (0, 0), (0, 3), (4, 3)),),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Holder:
    """What is printed on one card."""

    name: str
    place: str
    born: dt.date
    nik: str
    female: bool
    province: str
    regency: str
    address: str = "DUSUN CONTOH"
    district: str = "CONTOHAN"
    job: str = "KARYAWAN SWASTA"
    married: bool = True


_REGIONS = (
    ("3273", "JAWA BARAT", "KOTA BANDUNG"),
    ("3374", "JAWA TENGAH", "KOTA SEMARANG"),
    ("3515", "JAWA TIMUR", "KABUPATEN SIDOARJO"),
    ("1271", "SUMATERA UTARA", "KOTA MEDAN"),
    ("1371", "SUMATERA BARAT", "KOTA PADANG"),
    ("5171", "BALI", "KOTA DENPASAR"),
    ("7371", "SULAWESI SELATAN", "KOTA MAKASSAR"),
    ("9171", "PAPUA", "KOTA JAYAPURA"),
    ("3174", "DKI JAKARTA", "JAKARTA SELATAN"),
    ("6471", "KALIMANTAN TIMUR", "KOTA BALIKPAPAN"),
    ("5371", "NUSA TENGGARA TIMUR", "KOTA KUPANG"),
    ("3201", "JAWA BARAT", "KABUPATEN BOGOR"),
)
_PLACES = (
    "BANDUNG;SEMARANG;SIDOARJO;MEDAN;PADANG;DENPASAR;UJUNG PANDANG;JAYAPURA;JAKARTA;BALIKPAPAN;"
    "KUPANG;BOGOR;TASIKMALAYA;GUNUNG KIDUL;PEMATANG SIANTAR;LAMONGAN;OKU TIMUR;SOLOK;ENDE;CIAMIS;"
    "BANYUWANGI;KOTABARU;MUARA ENIM;WONOGIRI"
)
_MEN = (
    "AGUS SETIAWAN;MUHAMMAD RIZKY PRATAMA;SLAMET;I WAYAN SUDARMA;HOTMAN PARLINDUNGAN SIREGAR;"
    "YOHANES BELA;ANDI BASO MAPPASESSU;BUDI HARTONO WIJAYA;H. ABDUL ROHMAN, S.PD;JOKO SUSILO;"
    "TEUKU ISKANDAR MUDA;FRANSISKUS XAVERIUS DA COSTA;UJANG SUPRIATNA;DJAELANI;OKTAVIANUS WENDA;"
    "LIM KIAN SENG;RADEN MAS SURYO HADIKUSUMO NOTONEGORO;BAMBANG"
)
_WOMEN = (
    "SITI AMINAH;NI MADE AYU LESTARI;DEWI SARTIKA PUTRI;MARIA GORETTI NONA;NUR'AINI;ROSMAWATI BR. "
    "GINTING;SRI WAHYUNINGSIH;INDAH PERMATASARI;TRI;CUT NYAK MEUTIA;FATIMAH AZ-ZAHRA;YULIANA "
    "OKTOVIANA RUMBIAK;EUIS KOMARIAH;HJ. MURNIATI;CHRISTINE NATALIA TANOTO;LULUK ILLIYYIN"
)


def holder(seed: int) -> Holder:
    """Return a made-up person; their NIK agrees with their birth date, sex and province."""
    dice = random.Random(seed)
    female = dice.random() < 0.5
    born = dt.date(1958, 1, 1) + dt.timedelta(days=dice.randrange(46 * 365))
    code, province, regency = dice.choice(_REGIONS)
    day = born.day + 40 * female
    return Holder(
        name=dice.choice((_WOMEN if female else _MEN).split(";")),
        place=dice.choice(_PLACES.split(";")),
        born=born,
        nik=f"{code}{dice.randrange(1, 25):02}{day:02}{born:%m%y}{dice.randrange(9_000, 10_000)}",
        female=female,
        province=province,
        regency=regency,
        district=dice.choice(("CONTOHAN", "REKAAN", "MISALAN")),
        job=dice.choice(
            ("KARYAWAN SWASTA", "BURUH HARIAN LEPAS", "WIRASWASTA", "MENGURUS RUMAH TANGGA")
        ),
        married=dice.random() < 0.6,
    )


def card(who: Holder, *, face: int = 0, stroked: bool = True) -> Image.Image:
    """Return a clean picture of a card, 300 dpi.

    Args:
        who: the holder.
        face: which type face; one the machine has not falls back to the first.
        stroked: the NIK in strokes as machines read it, else in the common face.
    """
    picture = _background(who)
    draw = ImageDraw.Draw(picture)
    for y, text in ((22, f"PROVINSI {who.province}"), (58, who.regency)):
        font = _font(face, 30)
        draw.text(
            (WIDTH / 2 - draw.textlength(text, font) / 2, y), text, _INK, font, stroke_width=0.6
        )
    draw.text((34, 112), "NIK", _INK, _font(face, 36), stroke_width=0.8)
    if stroked:
        draw.text((208, 112), ":", _INK, _font(face, 36))
        _digits(draw, who.nik, 236, 114)
    else:
        draw.text((208, 112), f": {who.nik}", _INK, _font(face, 38), stroke_width=0.8)
    bottom = _fields(draw, who, face)
    _portrait(draw, who, face)
    draw.text((36, min(bottom, HEIGHT - 30)), "", _INK, _font(face, 22))
    return picture


def _fields(draw: ImageDraw.ImageDraw, who: Holder, face: int) -> int:
    font, y = _font(face, 23), 166
    for label, value in _rows(who):
        draw.text((36 if label[0] != " " else 56, y), label.strip(), _INK, font)
        lines = _wrapped(value, 34)
        for line in lines:
            draw.text((244, y), f": {line}" if line is lines[0] else f"  {line}", _INK, font)
            y += 32
    draw.text((578, 230 + 32 * (len(who.name) > 34)), "Gol. Darah : -", _INK, font)
    return y


def _rows(who: Holder) -> tuple[tuple[str, str], ...]:
    return (
        ("Nama", who.name),
        ("Tempat/Tgl Lahir", f"{who.place}, {who.born:%d-%m-%Y}"),
        ("Jenis kelamin", "PEREMPUAN" if who.female else "LAKI-LAKI"),
        ("Alamat", who.address),
        (" RT/RW", "001/002"),
        (" Kel/Desa", "CONTOH JAYA"),
        (" Kecamatan", who.district),
        ("Agama", "ISLAM"),
        ("Status Perkawinan", "KAWIN" if who.married else "BELUM KAWIN"),
        ("Pekerjaan", who.job),
        ("Kewarganegaraan", "WNI"),
        ("Berlaku Hingga", "SEUMUR HIDUP"),
    )


def _wrapped(text: str, width: int) -> list[str]:
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + len(word) >= width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def _background(who: Holder) -> Image.Image:
    """Paper, a wavy pattern as against copying, and the word that makes a copy worthless."""
    picture = Image.new("RGB", (WIDTH, HEIGHT), _PAPER)
    draw = ImageDraw.Draw(picture)
    dice = random.Random(who.nik)
    for _ in range(70):
        y, height = dice.randrange(HEIGHT), dice.randrange(30, 160)
        tint = tuple(part + dice.randrange(-14, 14) for part in _PAPER)
        draw.arc((-100, y, WIDTH + 100, y + height), 180, 360, tint, 3)
    mark = Image.new("L", (WIDTH, 220), 0)
    word = ImageDraw.Draw(mark)
    word.text((30, 0), "SPESIMEN", 78, _font(0, 196), stroke_width=6, stroke_fill=78)
    mark = mark.rotate(24, expand=True, resample=Image.Resampling.BICUBIC)
    place = ((WIDTH - mark.width) // 2, (HEIGHT - mark.height) // 2)
    picture.paste(Image.new("RGB", mark.size, (214, 48, 60)), place, mark)
    return picture


def _portrait(draw: ImageDraw.ImageDraw, who: Holder, face: int) -> None:
    left, top = 760, 150
    draw.rectangle(
        (left, top, left + 208, top + 268), (206, 60, 56) if who.female else (58, 92, 190)
    )
    draw.ellipse((left + 54, top + 44, left + 154, top + 168), (150, 110, 84))
    draw.pieslice((left + 4, top + 160, left + 204, top + 420), 180, 360, (70, 72, 80))
    draw.rectangle((left, top + 268, left + 208, top + 420), _PAPER)
    font = _font(face, 21)
    for y, text in ((432, who.regency.split(" ", 1)[-1]), (460, "17-03-2013")):
        draw.text((left + 104 - draw.textlength(text, font) / 2, y), text, _INK, font)
    draw.line([(790, 540), (830, 510), (850, 556), (890, 508), (930, 548)], _INK, 3)


def _digits(draw: ImageDraw.ImageDraw, digits: str, left: float, top: float) -> None:
    for at, digit in enumerate(digits):
        for stroke in _DIGITS[digit]:
            points = [(left + at * 29.5 + x * 4.6, top + y * 5.6) for x, y in stroke]
            draw.line(points, _INK, 5, joint="curve")


def _font(face: int, size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    path = _FACES[face % len(_FACES)]
    if path and Path(path).exists():
        return ImageFont.truetype(path, size)
    return ImageFont.load_default(size)


def spoilt(kind: str, seed: int) -> tuple[Holder, Image.Image]:
    """Return a made-up person and a picture of their card, spoilt in one of the ways `SPOILS`."""
    who, dice = holder(seed), random.Random(f"{kind} {seed}")
    picture = card(who, face=seed, stroked=seed % 3 != 0)
    for spoil in SPOILS[kind]:
        picture = spoil(picture, dice)
    return who, picture


def of_demo() -> bytes:
    """Return the photo that comes with a mail of the demo, of a person of its registry."""
    person = cast.person(mail.PHOTO_OF)
    who = Holder(
        name=person.full_name.upper(),
        place=person.birth_place.upper(),
        born=person.birth_date,
        nik=person.nik,
        female=person.female,
        province="ACEH",
        regency="KABUPATEN ACEH TENGGARA",
    )
    dice = random.Random(DEMO_PERSON)
    picture = slanted(card(who), dice).filter(ImageFilter.GaussianBlur(0.7))
    return to_jpeg(picture.crop((200, 100, 1_420, 980)), 55)


if __name__ == "__main__":
    DEMO.write_bytes(of_demo())
    print(f"{DEMO}: {DEMO.stat().st_size} bytes")
