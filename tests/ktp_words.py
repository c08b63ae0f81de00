"""A made-up identity card as the words a reader sees, for tests that need no reader."""

from collections.abc import Mapping

from helpdesk.identity.photo.ktp import Word

NIK = "3273011708909001"
ROWS = (
    "PROVINSI JAWA BARAT",
    "KOTA BANDUNG",
    f"NIK|: {NIK}",
    "Nama|: AGUS SETIAWAN",
    "Tempat/Tgl Lahir|: BANDUNG, 17-08-1990",
    "Jenis kelamin|: LAKI-LAKI|Gol. Darah : O",
    "Alamat|: DUSUN CONTOH",
    "RT/RW|: 001/002",
    "Kel/Desa|: CONTOH JAYA",
    "Kecamatan|: CONTOHAN",
    "Agama|: ISLAM",
    "Status Perkawinan : KAWIN|BANDUNG",
    "Pekerjaan|: WIRASWASTA|17-03-2013",
    "Kewarganegaraan : WNI",
    "Berlaku Hingga|: SEUMUR HIDUP",
)
FACTS = {
    "full_name": "Agus Setiawan",
    "birth_place": "Bandung",
    "birth_date": "1990-08-17",
    "nik": NIK,
}
_COLUMNS = (30, 240, 600)


def word(text: str, x: float, y: float, sure: float = 0.99) -> Word:
    """Return a word of letters 13 pixels wide and 26 high."""
    wide = x + 13 * len(text)
    return Word(text, (sure,) * len(text), ((x, y), (wide, y), (wide, y + 26), (x, y + 26)))


def words(*rows: str, changes: Mapping[int, str] | None = None) -> list[Word]:
    """Return the words of rows whose columns are parted by `|`, or of `ROWS` with changes."""
    lines = [(changes or {}).get(at, row) for at, row in enumerate(rows or ROWS)]
    return [
        word(text, _COLUMNS[column], 20 + 32 * at)
        for at, line in enumerate(lines)
        for column, text in enumerate(line.split("|"))
        if text
    ]
