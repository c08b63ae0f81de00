"""What a date is by the words around it: of birth, or when somebody joined, left, wrote, died."""

import re

from helpdesk.identity.words import places

# Words that make a date in the same sentence another one, by what they speak of.
_OTHER = {
    "work": r"masuk\w*|mulai|join\w*|gabung|bergabung|resign\w*|keluar|berhenti|di-?phk|phk"
    r"|pensiun|mengundurkan|mundur|kerja|bekerja|krj|gawe|kontrak|pkwt|tmt|diangkat|mutasi"
    r"|hired?|joined|worked",
    "time": r"sejak|semenjak|sampai|sampe|hingga|s\.?/?d\.?|periode|since|until",
    "papers": r"klaim|claim|tertanggal|bertanggal|berlaku|dicetak|terbit|diterbitkan|terdaftar"
    r"|didaftarkan|mendaftar|lulus|wisuda",
    "life": r"meninggal\w*|wafat|tutup usia|berpulang|kejadian|kecelakaan|menikah|nikah|married"
    r"|died|passed|melahirkan|operasi|dirawat",
}
# Words that do so only when nothing but words of `_LINKS` is between.
_OTHER_CLOSE = {
    "work": r"pengangkatan|dipindah|pindah|left|terakhir|pertama|magang|training|tutup|bangkrut",
    "time": r"dari|from|till|per|kemarin|kmrn|tadi|besok|lusa|hari|jam|pukul|pkl|deadline|batas"
    r"|lambat",
    "papers": r"surat|pengajuan|diajukan|mengajukan|ajukan|daftar|pendaftaran|cetak|dibuat|buat"
    r"|laporan|lapor|melapor|dilaporkan|kehilangan|hilang|paklaring|perubahan|update|legalisir"
    r"|sertifikat|kepesertaan|aktif|nonaktif|dinonaktifkan|ijazah",
    "life": r"bersalin|rawat|cerai|kebakaran|banjir|gempa",
    "money": r"transfer|tf|cair|dicairkan|pencairan|bayar|dibayar|pembayaran|iuran|gaji|gajian"
    r"|saldo",
    "talk": r"izin|ijin|cuti|dikirim|kirim|mengirim|email|e-mail|chat|telepon|telp|wa|balas"
    r"|dibalas|hubungi|datang|kunjung|berkunjung|antri|janji|jadwal",
}
_LINKS = re.compile(
    r"[ :,.]*(?:(?:pada|tgl|tanggal|hari|per|kpj|kartu|kartunya|bpjs|jht|saya|sy|aku|ke|dari|di"
    r"|kantor|online|polisi|lagi|lalu|kemarin|kmrn|senin|selasa|rabu|kamis|jumat|jum'at|sabtu|minggu|kerja"
    r"|on|the|date|th|thn|tahun)[ :,.]*){0,5}"
)
_BIRTH = r"lahir\w*|dilahirkan|lhr|ttl\w*|kelahiran|t\.t\.l|born|dob|birth\w*|ultah|brojol|mijil"
_CUE = re.compile(
    rf"(?<![a-z])(?:(?P<birth>{_BIRTH})|(?P<other>{'|'.join(_OTHER.values())})"
    rf"|(?P<close>{'|'.join(_OTHER_CLOSE.values())}))(?![a-z])"
    r"|(?P<number>\d{2,})"
)
_RANGE = re.compile(
    r" {0,2}(?:-|s\.?/?d\.?|sampai|sampe|hingga|to|until|till|dan|&) {0,2}"
    r"(?:dengan |tgl\.? |tanggal )?$"
)
_STOP = re.compile(
    r"[\n;!?]|(?<!tgl)(?<!bln)(?<!kab)(?<!kec)(?<!thn)(?<!lhr)(?<!\bth)(?<!\btg)(?<!\bpt)"
    r"(?<!\d)\. "
)
_LAST_WORDS = re.compile(r"[,/|;][ ]{0,2}([a-z'. ]{3,40}?)[ ,.:\-(]*$")
_AFTER = re.compile(
    r"[ ,(]{0,3}(?:(?:itu|adalah|saya|sy|aku|beliau|dia|mulai|baru|sudah|sdh|udah|tgl|tanggal|hari"
    r"|pas|waktu|ketika|yg|yang) ){0,3}"
    r"(?:masuk|join|gabung|bergabung|resign|keluar|berhenti|phk|di-?phk|pensiun|meninggal|wafat"
    r"|menikah|nikah|dicetak|terbit|mulai kerja|mulai bekerja|terdaftar|didaftarkan|cair"
    r"|kecelakaan|jam|pukul|pkl)(?![a-z])"
)
_DATE_WORD_BEFORE = re.compile(r"(?:^|[ ,(])(?:tgl|tanggal|pada|per|sejak|tg|date|on)?[ :.]*$")
_WINDOW = 64  # characters before a date in which its kind is said


def is_other_date(low: str, start: int, end: int | None = None) -> bool:
    """Tell whether the words around a date of a folded text say that it is no birth date.

    The nearest word before it in the sentence decides, unless another number took that word for
    itself (`masuk 2010, Garut 5 Mei 1988`); `end` lets the words behind be looked at too.
    """
    head = _STOP.split(low[max(0, start - _WINDOW) : start])[-1]
    said = ""
    at = 0
    for cue in _CUE.finditer(head):
        kind = cue.lastgroup or ""
        if kind == "close" and _LINKS.fullmatch(head, cue.end()):
            return True
        if kind in {"birth", "other"}:
            said, at = kind, cue.end()
        elif kind == "number" and said == "other" and not _RANGE.search(head):
            said = ""
    if said == "other":
        return not _follows_place(head[at:])
    return not said and end is not None and _is_other_behind(low, head, end)


def _follows_place(text: str) -> bool:
    """Tell whether a birth place begins a new entry just before the date: `..., Garut 5 Mei`."""
    last = _LAST_WORDS.search(text)
    return last is not None and places.known(last[1].strip())


def _is_other_behind(low: str, head: str, end: int) -> bool:
    """Tell whether `5 Mei 2010 masuk kerja` is said, with nothing of a person before it."""
    return bool(_AFTER.match(low, end)) and bool(_DATE_WORD_BEFORE.fullmatch(head.strip()[-8:]))
