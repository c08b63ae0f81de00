"""What a single word says about being part of a person's name: lists, and pieces for the rest.

Words that were listed count as what they are. For others two small logistic models look at their
pieces of two to four characters. tests/training/tokens.py writes data/tokens.json.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from helpdesk.identity import shipped

_SHORTEST, _LONGEST = 2, 4  # characters of a piece
_MAX_CHARS = 40  # no word is longer
# Log-odds between which the models may move a word, by what the lists say about it.
_LISTED_NAME, _LISTED_WORD, _EITHER, _UNKNOWN = (2.5, 5.0), (-6.0, -3.0), (-1.0, 1.0), (-3.0, 3.0)


@dataclass(frozen=True, slots=True)
class _Model:
    bounds: Mapping[str, tuple[float, float]]
    name_pieces: Mapping[str, float]
    place_pieces: Mapping[str, float]


def pieces(token: str) -> Iterator[str]:
    """Yield the pieces of two to four characters of a word, with `^` and `$` at its ends."""
    marked = f"^{token[:_MAX_CHARS]}$"
    for size in range(_SHORTEST, _LONGEST + 1):
        for at in range(len(marked) - size + 1):
            yield marked[at : at + size]


@lru_cache(maxsize=20_000)
def name_odds(token: str) -> float:
    """Return the log-odds, in -6 to 5, that a folded word is of a name rather than of talk."""
    model = _model()
    low, high = model.bounds.get(token, _UNKNOWN)
    score = sum(model.name_pieces.get(piece, 0.0) for piece in pieces(token))
    return max(low, min(high, score))


def listed(token: str) -> bool:
    """Tell whether a folded word stands in the lists, as a name or as a word."""
    return token in _model().bounds


@lru_cache(maxsize=20_000)
def place_odds(token: str) -> float:
    """Return the log-odds, in -3 to 3, that a folded word is of a place rather than of a name."""
    score = sum(_model().place_pieces.get(piece, 0.0) for piece in pieces(token))
    return max(-3.0, min(3.0, score))


@cache
def _model() -> _Model:
    text = shipped.text("tokens.json")
    data = json.loads(text)
    bounds = dict.fromkeys(data["names"].split(), _LISTED_NAME)
    bounds |= dict.fromkeys(data["words"].split(), _LISTED_WORD)
    bounds |= dict.fromkeys(data["both"].split(), _EITHER)
    return _Model(bounds, _unpacked(data["name_pieces"]), _unpacked(data["place_pieces"]))


def _unpacked(groups: Mapping[str, str]) -> dict[str, float]:
    return {piece: int(tenths) / 10 for tenths, some in groups.items() for piece in some.split()}
