"""Words around a fact: whose it is, whether it corrects another."""

import re
from functools import lru_cache

DECEASED = "deceased"
SELF = "self"
_RELATIONS = {
    **dict.fromkeys(("suami", "istri", "isteri", "bini", "bojo", "husband", "wife"), "spouse"),
    **dict.fromkeys(("anak", "putra", "putri", "son", "daughter"), "child"),
    **dict.fromkeys(
        ("ayah", "bapak", "bpk", "ibu", "ibunda", "ayahanda", "mama", "mamah", "papa", "orang tua",
         "orangtua", "ortu", "father", "mother"), "parent"),
    **dict.fromkeys(("mertua",), "parent_in_law"),
    **dict.fromkeys(
        ("kakak", "adik", "adek", "abang", "brother", "sister", "saudara"), "sibling"),
    **dict.fromkeys(("paman", "bibi", "sepupu", "keponakan", "kakek", "nenek"), "relative"),
    **dict.fromkeys(("teman", "temen", "tetangga", "rekan", "friend", "pacar"), "friend"),
}  # fmt: skip
_WORDS = "|".join(sorted(_RELATIONS, key=len, reverse=True))
_RELATION = re.compile(
    r"(?:(?<=\n)|^)[\d\W]{0,8}"
    r"(?P<self>saya sendiri|(?:data )?saya|pribadi|pemohon)(?= ?:? *\n| ?:)"
    rf"|(?:(?<=\n)|^)(?:data )?(?P<heading>{_WORDS})(?= ?: *\n)"
    rf"|(?<![a-z])(?:(?P<who>{_WORDS})(?: kandung| pertama| kedua| ke \d)?"
    r"(?: ?\(?alm\)?\.?)? ?(?:saya|sy|sya|aku|gue|kami|abdi|kulo|ku\b)(?! sebagai)"
    rf"|my (?:late )?(?P<en>husband|wife|son|daughter|father|mother|brother|sister|friend)"
    rf"|(?:almarhumah|almarhum|almh?\.?) (?P<late>{_WORDS})"
    r"(?: (?:saya|kami|sy|kandung)\b|(?! (?!dulu|yang|yg)[a-z]))"
    r"|(?P<dead>almarhumah|almarhum)\b"
    r"|(?P<staff>(?:karyawan|karyawati|pegawai|pekerja|tenaga kerja|staf|staff)"
    r"(?:/karyawati)? (?:kami|berikut|tersebut|saya|sbb|di ?bawah)"
    r"|data (?:karyawan|pegawai|pekerja)|(?:untuk|atas nama|an\.?) (?:karyawan|pegawai)"
    r"|(?:our|my|these|following) employees?|(?:karyawan|pegawai|pekerja) ?:))"
)
# A relative's telephone, not their membership.
_ONLY_CONTACT = re.compile(r"(?:hp|wa|email|e-mail|rekening|telp|telepon) $")
_SEEN_FROM = {
    **dict.fromkeys(("suami", "istri", "isteri"), "spouse"),
    **dict.fromkeys(("anak", "putra", "putri"), "parent"),
    **dict.fromkeys(("ayah", "ibu", "bapak"), "child"),
    **dict.fromkeys(("kakak", "adik", "adek"), "sibling"),
    **dict.fromkeys(("menantu",), "parent_in_law"),
    **dict.fromkeys(("keponakan",), "relative"),
}
_WRITER_IS = re.compile(
    rf"(?<![a-z])(?:saya|sy|aku|,) (?:adalah |selaku |sebagai )?(?P<who>{'|'.join(_SEEN_FROM)})"
    r"(?:nya\b| kandungnya\b| (?:kandung )?(?:dari|beliau|almarhumah|almarhum|alm)\b)"
)
_CORRECTS = re.compile(
    r"(?<![a-z])(?:ralat|koreksi|revisi|salah|keliru|typo|kliru|seharusnya|harusnya|mestinya"
    r"|maksudnya|maksud saya|(?:yang|yg) (?:benar|bener|betul)|correction|should be|ganti jadi)"
)


@lru_cache(maxsize=16)  # two rules ask about each message
def relations(low: str) -> tuple[tuple[int, str], ...]:
    """Return position and relation wherever a folded text turns to another person.

    `almarhum` alone keeps the relation said before it.
    """
    found = []
    last = ""
    for match in _RELATION.finditer(low):
        if _ONLY_CONTACT.search(low, max(0, match.start() - 10), match.start()):
            continue
        relation = _relation(match)
        last = last if last and relation == DECEASED else relation
        found.append((match.start(), last))
    return tuple(found)


def relation_of(word: str) -> str:
    """Return the relation a folded word of kinship states, `deceased` for a late person."""
    return _RELATIONS.get(word, DECEASED)


def corrections(low: str) -> list[int]:
    """Return where a folded text says that something written before was wrong."""
    return [match.start() for match in _CORRECTS.finditer(low)]


def writer_is(low: str) -> str:
    """Return the relation of the person asked about when the writer states their own side of it.

    `saya anaknya`: the person is a parent. Empty when the writer says no such thing.
    """
    match = _WRITER_IS.search(low)
    return _SEEN_FROM[match["who"]] if match else ""


def _relation(match: re.Match[str]) -> str:
    if match["staff"]:
        return "employee"
    if match["self"]:
        return SELF
    word = match["heading"] or match["who"] or match["en"] or match["late"] or match["dead"]
    return _RELATIONS.get(word, DECEASED)
