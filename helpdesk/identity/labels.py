"""Labels: the words on a form or in a sentence that say what comes next."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a label announces."""

    NAME = "name"
    PLACE = "place"
    DATE = "date"
    PLACE_DATE = "place_date"
    NIK = "nik"
    OTHER = "other"  # something that is never a fact here: mother, employer, phone, KK, KPJ, ...


@dataclass(frozen=True, slots=True)
class Label:
    """A label at `start`:`end`; its value begins at `value`, after separators.

    Attributes:
        firm: the label has a separator or stands at the start of a line, as on a form.
        whose: the relation a label itself states (`nama suami`), as written, or "".
    """

    kind: Kind
    start: int
    end: int
    value: int
    firm: bool
    whose: str = ""


_S = r"[ ]{0,3}"
_NO = r"(?:no|nomor|nomer|nmr|num|number)\b\.?" + _S
_WHO = r"(?:suami|istri|isteri|anak|ayah|bapak|bpk|ibu|ibunda|mertua|kakak|adik|adek|orang ?tua)"
_MINE = r"(?:saya|sy|aku|kami|ku|nya|almarhumah|almarhum|alm)"
_NAME_NOT = (
    r"(?:ibu kandung|ibu|gadis|ayah|bapak|perusahaan|prshn|pt|cv|kantor|instansi|toko"
    r"|bank|panggilan"
    r"|pemilik|rekening|akun|pengguna|user|atasan|hrd|petugas|badan usaha|tempat kerja"
    r"|pabrik|jalan"
    r"|majikan|pemberi kerja|alias|kontak|file|sekolah|desa|kecamatan|kota)"
)
_NAME_OF = (
    r"(?: {1,2}(?:lengkap(?:nya)?|lngkp|lkp|lengkp|peserta|sesuai|sy|saya|kami|aku|ktp"
    r"|e-ktp|ektp|kk|di|asli"
    r"|pada|tenaga kerja|tk|karyawan|pekerja|pegawai|pemohon|beliau|almarhumah|almarhum|alm|dalam"
    r"|dan gelar|aye|ambo|abdi|kulo|lahir|kpj|kartu|bpjs|jamsostek|yang bersangkutan"
    r"|(?:yg|yang) (?:benar|bener|betul|sesuai|asli)|(?:benar|bener|betul)nya|ybs"
    r"|pemilik kartu))"
)
_BORN = r"(?:lahir|lhr|lahirnya|kelahiran)"
_PLACE_WORD = r"(?:tempat|tmpt|tmpat|tmp|tpt|tmt|temp)"
_DATE_WORD = r"(?:tanggal|tgl|tgll|tggl|tg|tangal|tanggl)"
_PERSONAL = r"(?: {1,2}(?:saya|sy|aku|kami|nya|beliau|suami|istri|anak|ayah|almarhum|alm))?"

# First word -> what a label beginning with it may be; the first alternative that fits wins.
_GRAMMAR: dict[str, tuple[tuple[Kind, str], ...]] = {}


def _rule(first: str, kind: Kind, pattern: str) -> None:
    for word in first.split():
        _GRAMMAR[word] = (*_GRAMMAR.get(word, ()), (kind, pattern))


_rule(
    "nama nami nm nma",
    Kind.NAME,
    r"\w+" + r" {1,2}(?P<whose>" + _WHO + r")(?: kandung)? {0,2}" + _MINE,
)
_rule(
    "nama nami nm nma",
    Kind.NAME,
    r"\w+ {1,2}(?P<whose>suami|istri|isteri|anak|almarhumah|almarhum|alm)",
)
_rule(
    "nama nami nm nma",
    Kind.OTHER,
    r"\w+ {1,2}" + _NAME_NOT + r"(?: (?:kandung|saya|sy|terakhir|lama|kerja|orang tua))*",
)
_rule("nama nami nm nma namo namaa namaaa asma", Kind.NAME, r"\w+" + _NAME_OF + "{0,5}")
_rule("namanya namaku jenengku jeneng ngaranku", Kind.NAME, r"\w+")
_rule("a", Kind.NAME, r"a[./] ?n\b\.?")
_rule("an", Kind.NAME, r"an\.(?= ?[a-z])|an(?= ?:)|an(?= [a-z]{3,} [a-z]{2,})")
_rule("atas", Kind.NAME, r"atas ?nama(?: (?:karyawan|peserta|saya|almarhumah|almarhum|alm))?")
_rule("atasnama", Kind.NAME, r"atasnama")
_rule("full", Kind.NAME, r"full ?name(?: is)?")
_rule("fullname", Kind.NAME, r"fullname(?: is)?")
_rule("name", Kind.NAME, r"name(?: is|(?= ?[:=\-\n]))")
_rule(
    "place birthplace pob kota tempat tmpt tmpat tmp tpt tmt temp",
    Kind.PLACE_DATE,
    r"(?:tempat|tmpt|tmpat|tmp|tpt|tmt|temp)\.?(?: {0,2}"
    + _BORN
    + r")?"
    + _S
    + r"(?:[,/&.+\-]|dan|serta|and)?"
    + _S
    + _DATE_WORD
    + r"\.?"
    + _S
    + r"(?:"
    + _BORN
    + r")?"
    + _PERSONAL
    + r"|place ?(?:and|&|,) ?date of birth|place ?/ ?date of birth",
)
_rule(
    "tempat tmpt tmpat tmp tpt tmt temp",
    Kind.PLACE,
    r"\w+\.?" + _S + _BORN + r"(?:nya)?" + _PERSONAL,
)
_rule("kota", Kind.PLACE, r"kota" + _S + _BORN)
_rule("place birthplace pob birth", Kind.PLACE, r"place of birth|birth ?place|pob")
_rule(
    "tanggal tgl tgll tggl tg tangal tanggl tgllahir",
    Kind.DATE,
    r"(?:tgllahir|\w+\.?"
    + _S
    + r"(?:"
    + _BORN
    + r"))(?:nya)?"
    + _PERSONAL
    + r"(?:[ :]{1,3}(?:tanggal|tgl))?",
)
_rule(
    "tanggal tgl tgll tggl",
    Kind.OTHER,
    r"\w+\.? {0,2}(?:masuk|mulai|keluar|resign|bekerja|kerja|berhenti|phk|klaim|surat"
    r"|pengajuan|daftar|kejadian|bergabung|join|meninggal|wafat)(?: kerja)?",
)
_rule(
    "date dob birthdate birthday birth",
    Kind.DATE,
    r"date of birth|dob|birth ?date|birthday|d\.o\.b\.?",
)
_rule("d", Kind.DATE, r"d\.o\.b\.?")
_rule("ttl", Kind.PLACE_DATE, r"ttl\.?(?:nya)?" + _PERSONAL)
_rule("ttlnya", Kind.PLACE_DATE, r"ttlnya")
_rule("t", Kind.PLACE_DATE, r"t\. ?t\. ?l\.?")
_rule(
    "lahir lhr kelahiran dilahirkan lahirnya",
    Kind.PLACE_DATE,
    r"\w+\.?(?: (?:di|d|dikota|didesa))?(?: kota(?= ))?(?: {0,2}(?:pada )?(?:tanggal|tgl)\b\.?)?",
)
_rule("born", Kind.PLACE_DATE, r"born(?: (?:in|at|on))?")
_rule(
    "nik",
    Kind.OTHER,
    r"nik {1,2}(?:karyawan|pegawai|kerja|perusahaan|bpjs|pt|kantor|pekerja)(?! *: *\d{16})\w*",
)
_rule(
    "nik niknya",
    Kind.NIK,
    r"nik(?: ?nya)?(?: ?(?:/|\() ?(?:no\.? ?)?(?:e-?)?ktp\)?)?(?: {1,2}(?:e-?ktp|ktp"
    r"|sesuai ktp|saya|sy|aku|suami|istri|beliau|no|nomor|nomer|adalah|yg|yang|benar"
    r"|bener|betul|di|seharusnya)\b\.?){0,4}",
)
_rule("n", Kind.NIK, r"n\. ?i\. ?k\.?(?: ktp)?")
_KTP = (
    r"(?:nik|n\.i\.k\.?|e-?ktp|ktp|ktp-el|induk kependudukan|identitas"
    r"|kependudukan)(?:[ /(]{1,2}(?:nik|ktp)\)?)?(?: ?nya)?(?: (?:saya|sy|suami"
    r"|istri))?"
)
_rule(
    "no nomor nomer nmr nomernya nomornya",
    Kind.OTHER,
    r"(?:no|nomor|nomer|nmr)\w*\b\.?"
    + _S
    + r"(?:nik {1,2}(?:karyawan|pegawai|bpjs|kerja)|induk (?:karyawan|pegawai)"
    r"|k\.?k\b|kartu keluarga|hp|hape|wa|whatsapp|telp|tlp|tlpn|telepon|telpon|telfon"
    r"|handphone|rekening|rek|npwp"
    r"|kpj|kjp|peserta|kepesertaan|kartu|jamsostek|bpjs\w*|jht|referensi|polis|paspor|sim)"
    r"(?:[ /]{1,2}(?:peserta|bpjs|tk|bpjstk|jamsostek|ketenagakerjaan|kesehatan|lama"
    r"|hp|wa|kpj|jht|saya|sy|aktif|kartu|rumah|bca|bri|bni|mandiri)){0,4}",
)
_rule("no nomor nomer nmr", Kind.NIK, r"(?:no|nomor|nomer|nmr)\b\.?" + _S + _KTP)
_rule(
    "ktp ektp ktpnya",
    Kind.NIK,
    r"e?ktp(?: ?nya)?(?: (?:saya|sy|no|nomor|nomer)\b\.?)?(?=[ .:=]{0,4}[\do])",
)
_rule("e", Kind.NIK, r"e-ktp(?: (?:saya|sy|no|nomor)\b\.?)?(?=[ .:=]{0,4}[\do])")
_rule(
    "id identity national",
    Kind.NIK,
    r"(?:national )?(?:id|identity)(?: card)?(?: (?:number|no|num))\b\.?(?: ?\(nik\))?",
)
_rule("nomorinduk induk", Kind.NIK, r"induk kependudukan")
_rule(
    "kk kpj kjp npwp hp wa telp tlp telepon telpon handphone whatsapp rek rekening",
    Kind.OTHER,
    r"\w+(?: (?:saya|lama|no))?\b\.?(?= {0,2}[:=\d+])",
)
_rule("kartu", Kind.OTHER, r"kartu keluarga|kartu {1,2}(?:kpj|bpjs|peserta|jamsostek)(?= ?[:=])")
_rule(
    "alamat almt email e-mail mail pekerjaan jabatan bagian agama status perusahaan pt instansi "
    "keperluan perihal hal umur usia kewarganegaraan "
    "keterangan catatan phone mobile company employer "
    "address ibu bapak kelamin gender sex gol nationality religion occupation kode npp "
    "segmen masalah kendala pertanyaan hrd nb note salam kontak upah gaji",
    Kind.OTHER,
    r"[a-z\-]+(?: (?:kandung|saya|sy|lengkap|rumah|domisili|ktp|kerja|perusahaan"
    r"|perkawinan|number|no|darah|pos|aktif|terakhir|sekarang|bekerja))*(?= {0,3}[:=])",
)
_rule("alamat almt", Kind.OTHER, r"\w+(?= )")
_rule("jenis", Kind.OTHER, r"jenis kelamin")
_rule("ibu", Kind.OTHER, r"ibu kandung(?: saya)?")
_rule("mother mothers", Kind.OTHER, r"mother'?s?(?: maiden)? name")
_rule("company", Kind.OTHER, r"company(?: name)?(?= ?[:=])")
_rule(
    "masuk resign periode bekerja",
    Kind.OTHER,
    r"\w+(?: (?:kerja|tanggal|tgl|sejak))*(?= {0,2}[:=])",
)


def _compile(rules: tuple[tuple[Kind, str], ...]) -> re.Pattern[str]:
    """Join rules into one pattern; group `k<number>_<kind>` says which rule it was that fitted."""
    parts = (
        f"(?P<k{at}_{kind.value}>(?:{pattern.replace('?P<whose>', f'?P<whose{at}>')})(?![a-z]))"
        for at, (kind, pattern) in enumerate(rules)
    )
    return re.compile("|".join(parts))


_COMPILED = {word: _compile(rules) for word, rules in _GRAMMAR.items()}
_WORD = re.compile(r"(?<![a-z])[a-z]+(?:-?mail)?")
_AFTER = re.compile(
    r"(?: {0,3}(?:[:=|>.\-_*;,/]|adalah\b|ialah\b|yaitu\b|yakni\b|is\b|itu\b)){0,40} {0,40}"
)
_FIRM = re.compile(r" {0,3}(?:[:=|>\n]|-+ |$)")


def find(low: str) -> Iterator[Label]:
    """Yield the labels of a folded text from left to right, never overlapping; linear."""
    done = 0
    for word in _WORD.finditer(low):
        at = word.start()
        if at < done:
            continue
        pattern = _COMPILED.get(word[0])
        match = pattern.match(low, at) if pattern else None
        if not match or match.end() == at or low[match.end() : match.end() + 1].isalpha():
            continue
        label = _label(low, match)
        yield label
        done = label.end


def _label(low: str, match: re.Match[str]) -> Label:
    group = match.lastgroup or "k0_other"  # the outermost group, as it closes last
    number, _, kind = group[1:].partition("_")
    named = f"whose{number}"
    whose = (match[named] or "") if named in match.re.groupindex else ""
    end = match.end()
    after = _AFTER.match(low, end)
    value = after.end() if after else end
    firm = bool(_FIRM.match(low, end)) or _starts_line(low, match.start())
    return Label(Kind(kind), match.start(), end, value, firm, whose)


def _starts_line(low: str, at: int) -> bool:
    head = low[max(0, at - 12) : at]
    return not any(c.isalpha() for c in head.rpartition("\n")[2])
