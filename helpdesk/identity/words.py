"""Words that are no names: talk and titles, from the word lists in data/words.toml."""

import re
import tomllib
from importlib.resources import files

_DATA = tomllib.loads(
    files("helpdesk.identity").joinpath("data/words.toml").read_text(encoding="utf-8")
)
STOP = frozenset(_DATA["talk"].split())
TITLES_BEFORE = frozenset(_DATA["titles_before"].split())
TITLES_AFTER = frozenset(_DATA["titles_after"].split())

# Active verbs of clerks and complainers; no name of four or more letters after these prefixes is
# common (Mendrofa is lost here in lower-case running text only).
_VERB = re.compile(
    r"(?:meng|mem|meny|men|ber|per|ter|pem|pen|peng|di)[a-z]{3,}(?:kan|an|i|nya|in)"
    r"|(?:meng|memb|memp|meny|mencari|menc|mend|menj)[a-z]{3,}"
    r"|[a-z]{3,}(?:kannya|annya)|ke[a-z]{3,}annya"
)


def is_talk(word: str) -> bool:
    """Tell whether a folded word is ordinary language rather than part of a name."""
    word = word.strip(".,'-")
    return word in STOP or bool(_VERB.fullmatch(word))
