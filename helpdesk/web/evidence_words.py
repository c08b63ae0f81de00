"""The words for one comparison: which fact, and how it compared."""

from helpdesk.identity.types import Field
from helpdesk.matching.types import Level

_FACTS: dict[str, tuple[str, str]] = {
    Field.NIK: ("NIK", "NIK"),
    Field.FULL_NAME: ("Nama", "Name"),
    Field.BIRTH_DATE: ("Tgl lahir", "Birth date"),
    Field.BIRTH_PLACE: ("Tempat lahir", "Birth place"),
}
_LEVELS: dict[str, tuple[str, str]] = {
    Level.EXACT: ("sama", "the same"),
    Level.SAME: ("sama, ejaan lain", "the same, spelled otherwise"),
    Level.SIMILAR: ("mirip", "similar"),
    Level.SWAPPED: ("tanggal dan bulan tertukar", "day and month swapped"),
    Level.ONE_DIGIT: ("beda satu angka", "one digit off"),
    Level.ONE_DIGIT_SERIAL: ("beda satu angka di akhir", "one digit off at the end"),
    Level.SAME_YEAR: ("hanya tahunnya sama", "only the year agrees"),
    Level.DIFFERENT: ("berbeda", "different"),
    Level.MISSING: ("tidak disebutkan", "not stated"),
    Level.NOT_RECORDED: ("tidak tercatat", "not recorded"),
}


def text(feature: str, level: str, language: str) -> str:
    """Return a comparison in a few words; a code without words comes back readable."""
    which = int(language == "en")
    name = _FACTS.get(feature, (feature, feature))[which]
    how = _LEVELS.get(level, (level, level))[which]
    return f"{name} {how}".replace("_", " ")


def field_of(feature: str) -> str:
    """Return the fact a comparison is about, or nothing."""
    return feature if feature in set(Field) else ""
