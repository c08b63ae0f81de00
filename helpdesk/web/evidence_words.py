"""The words for one comparison: which fact, and how it compared."""

from helpdesk.identity.types import Field

_FEATURES: dict[str, tuple[str, str]] = {
    "nik": ("NIK", "NIK"),
    "full_name": ("nama", "name"),
    "name": ("nama", "name"),
    "birth_date": ("tgl lahir", "birth date"),
    "birth_place": ("tempat lahir", "birth place"),
    "sex": ("jenis kelamin", "sex"),
}
_LEVELS: dict[str, tuple[str, str]] = {
    "exact": ("sama", "the same"),
    "same": ("sama", "the same"),
    "similar": ("mirip", "similar"),
    "different": ("berbeda", "different"),
    "one_digit": ("beda satu angka", "one digit off"),
    "missing": ("tidak ada", "missing"),
}
_FIELDS = {
    "nik": Field.NIK,
    "name": Field.FULL_NAME,
    "full_name": Field.FULL_NAME,
    "birth_date": Field.BIRTH_DATE,
    "birth_place": Field.BIRTH_PLACE,
}


def text(feature: str, level: str, language: str) -> str:
    """Return a comparison in a few words; unknown codes come back readable."""
    which = int(language == "en")
    name = _FEATURES.get(feature, (feature, feature))[which]
    how = _LEVELS.get(level, (level, level))[which]
    return f"{name} {how}".replace("_", " ")


def field_of(feature: str) -> str:
    """Return the fact a comparison is about, or nothing."""
    return _FIELDS.get(feature, "")
