"""What a number is by the words around it: a NIK, or a family card, telephone, account, ..."""

import re

_NIK_WORDS = r"nik|niknya|n\.i\.k|e?-?ktp|ktpnya|induk kependudukan|identitas"
# Numbers that can be as long as a NIK; a KPJ has eleven digits.
_OTHER_WORDS = (
    r"kk|kknya|kartu keluarga|npwp|npwp16|rek|rekening|norek|bca|bri|bni|btn|bsi|mandiri"
    r"|dana|gopay|ovo|shopeepay|va|virtual account|kartu kredit|kartu debit|atm|hp|wa|whatsapp"
    r"|telp|tlp|telepon|telpon|handphone|imei|resi|invoice|faktur|polis|paspor|passport|nopol|nip|nrp"
    r"|nisn|npp|nib|nomor mesin|rangka|meter|pln|pelanggan|referensi|transaksi|tiket|laporan"
    r"|pengaduan|bpjs kesehatan|kis|noka|kartu sehat|nik (?:karyawan|pegawai|kerja)"
)
_CUE = rf"(?:(?P<nik>{_NIK_WORDS})|(?P<other>{_OTHER_WORDS}))"
_BEFORE = re.compile(
    rf"(?<![a-z]){_CUE}(?![a-z])"
    r"(?=(?:[ :=.\-()/#]|(?:no|nomor|nomer|nmr|saya|sy|nya|aku|ini|itu|adalah|yaitu|atas nama|an"
    r"|suami|istri|lama|baru|yg|yang|td|tadi|cuma|ada)(?![a-z])){0,12}$)"
)
_AFTER = re.compile(
    r"[ ,(\[=\-]{0,4}(?:(?:itu|ini|adalah|yaitu|tsb|tersebut|untuk|yg|yang|punya|no|nomor|nomer"
    rf"|tadi|ternyata|bukan nik (?:tapi|melainkan|itu))\b\.? {{0,2}}){{0,3}}{_CUE}(?![a-z])"
    r"(?![ :=.\-]{0,4}\d)(?![^\n]{0,12}:)"
)
# `atasan dulu pak Joko Santoso nik 3174...`: not the participant's.
_SUPERIOR = re.compile(
    r"(?<![a-z])(?:atasan|mandor|bos|boss|majikan|pimpinan|direktur|manajer|manager|supervisor|spv"
    r"|saksi|pelapor|penanggung jawab)(?:nya)?(?: (?:saya|sy|dulu|lama|kami|ini))*[ ,:(]{1,3}"
    r"(?:pak|bu|bpk|ibu|bapak)?[a-z .]{3,30}(?:\([a-z ]{3,12}\))?[ ,(]{1,3}$"
)
_SUPERIORS = 60  # characters before a number in which somebody else may be named
_REACH = 40  # characters before a number in which its kind may be said


def is_superiors(low: str, at: int) -> bool:
    """Tell whether somebody the participant worked for or reports is named before `at`."""
    return _SUPERIOR.search(low, max(0, at - _SUPERIORS), at) is not None


def kind(low: str, start: int, end: int) -> str:
    """Return `nik` or `other` when the words beside a number of a folded text say so, or ""."""
    line = low.rfind("\n", max(0, start - _REACH), start) + 1 or max(0, start - _REACH)
    before = list(_BEFORE.finditer(low, line, start))
    match = before[-1] if before else _AFTER.match(low, end, end + _REACH)
    return "" if match is None else "nik" if match["nik"] else "other"
