"""Names of months in every spelling, old, English, Roman, shortened and misspelt."""

from functools import lru_cache

from rapidfuzz.distance import OSA

_NAMES = (
    "jan januari djanuari january januwari jnuari yanuari",
    "feb peb pebr febr februari pebruari febuari february pebuari febrari pebrari",
    "mar maret mrt march mart mar3t maart",
    "apr april aprl avril",
    "mei may mey mai mie meii",
    "jun juni djuni june juny yuni",
    "jul juli djuli july yuli",
    "agu agt agst ags agus agustus agustos agoestoes aug august agusts agustu agts agustusan",
    "sep sept september septembr spt sepetember",
    "okt oct oktober october oktobr okto",
    "nov nop november nopember nopenber nofember",
    "des dec desember december desembr dessember",
)
MONTHS = {name: i for i, names in enumerate(_NAMES, 1) for name in names.split()}
_FULL = {name: i for name, i in MONTHS.items() if len(name) > 4}
_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")
ROMAN = {name: i for i, name in enumerate(_ROMAN, 1)}
_MIN_LETTERS = 4  # of a misspelt month; shorter words are too many


@lru_cache(maxsize=4096)
def guess(word: str) -> int | None:
    """Return the month a folded word is meant to be, slips of the finger mended, or None.

    Only for a word between a day and a year: by itself `market` is no March.
    """
    if word in MONTHS:
        return MONTHS[word]
    if not _MIN_LETTERS <= len(word) <= 11:
        return None
    slips = 1 if len(word) < 7 else 2
    near = {
        month
        for name, month in _FULL.items()
        if name.startswith(word) or OSA.distance(word, name, score_cutoff=slips) <= slips
    }
    return near.pop() if len(near) == 1 else None
