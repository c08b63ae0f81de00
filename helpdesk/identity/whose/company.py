"""Does a company write, and of its people?"""

import re
from collections.abc import Iterable

from helpdesk.identity import shipped

_DATA = shipped.toml("referents.toml")["company"]
_OFFICE = "|".join(_DATA["office"].split())
_OFFICES = re.compile(rf"(?<![a-z])(?:{_OFFICE}|human (?:resources?|capital))(?![a-z])")
_FOR_COMPANY = re.compile(
    r"(?<![a-z])(?:kami (?:dari|mewakili|selaku|sebagai) (?:pihak )?"
    r"(?:perusahaan|pt|cv|ud|yayasan|koperasi"
    rf"|{_OFFICE})|(?:saya|sy) (?:dari |selaku |sebagai |adalah )?(?:{_OFFICE}))(?![a-z])"
)
_COMPANY = re.compile(
    r"(?<![a-z])(?:"
    + "|".join([*_DATA["phrases"], *_DATA["words"].split()])
    + r")(?:nya|2)?(?![a-z])"
)


def speaks_of_staff(texts: Iterable[str]) -> bool:
    """Tell whether folded texts speak of a company's people, or of those who look after them."""
    return any(_COMPANY.search(text) for text in texts)


def answers_for_staff(texts: Iterable[str], cards: Iterable[str]) -> bool:
    """Tell whether a company's office writes: a single person it asks about is its employee."""
    return any(map(_OFFICES.search, cards)) or any(map(_FOR_COMPANY.search, texts))
