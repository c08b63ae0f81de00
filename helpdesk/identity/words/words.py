"""Words that are no names, titles and the small words of names, from data/words.toml."""

import re
from functools import lru_cache

from helpdesk.identity import shipped
from helpdesk.identity.words import lexicon

_DATA = shipped.toml("words.toml")
STOP = frozenset(_DATA["talk"].split())
TITLES_BEFORE = frozenset(_DATA["titles_before"].split())
TITLES_AFTER = frozenset(_DATA["titles_after"].split())
ADDRESSES = TITLES_BEFORE | frozenset(_DATA["addresses"].split())
DEGREES = TITLES_AFTER | frozenset(_DATA["more_degrees"].split())
NAMES_TOO = frozenset(_DATA["names_too"].split())
NAME_PARTS = frozenset(_DATA["name_parts"].split())
WITHIN_NAMES = frozenset(_DATA["within_names"].split())
CAPITALS_WITHIN = frozenset(_DATA["capitals_within"].split())
FIRST_OF_CELLS = frozenset(_DATA["first_of_cells"].split())
ADDRESSES_WITHIN = frozenset(_DATA["addresses_within"].split())
BEFORE_OTHERS = frozenset(_DATA["before_others"].split())

# Active verbs of clerks and complainers.
_VERB = re.compile(
    r"(?:meng|mem|meny|men|ber|per|ter|pem|pen|peng|di)[a-z]{3,}(?:kan|an|i|nya|in)"
    r"|(?:meng|memb|memp|meny|mencari|menc|mend|menj)[a-z]{3,}"
    r"|[a-z]{4,}nya"
)


@lru_cache(maxsize=20_000)
def is_talk(word: str) -> bool:
    """Tell whether a folded word is ordinary language rather than part of a name."""
    word = word.strip(".,'-")
    return word in STOP or (bool(_VERB.fullmatch(word)) and lexicon.name_odds(word) < 0)
