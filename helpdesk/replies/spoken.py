"""Whether a name somebody said is the name on record, spelled as it may. Pure."""

from rapidfuzz.distance import Indel

from helpdesk.registry import keys
from helpdesk.registry.keys import Word

_LONG = 5  # in shorter words one letter makes another name: Ani, Ana, Rani


def is_same_name(said: str, on_record: str) -> bool:
    """Tell whether two names are one.

    Titles, letter case and old spellings do not matter (Hj. Soepinah is Supinah), nor where a
    name is split; every word has to be there. One letter too many or too few is forgiven, in one
    word of five and more; another letter is not, for Aminah is not Amirah. Never raises.
    """
    ours, theirs = keys.words(on_record), keys.words(said)
    if not ours or not theirs:
        return False
    if keys.code(_joined(ours)) == keys.code(_joined(theirs)):
        return True
    if len(ours) != len(theirs):
        return False
    differing = [
        pair
        for pair in zip(_sorted(ours), _sorted(theirs), strict=True)
        if pair[0].code != pair[1].code
    ]
    return not differing or (len(differing) == 1 and _is_slip(*differing[0]))


def _is_slip(one: Word, other: Word) -> bool:
    long = min(len(one.spelled), len(other.spelled)) >= _LONG
    return long and Indel.distance(one.spelled, other.spelled, score_cutoff=1) <= 1


def _sorted(words: tuple[Word, ...]) -> list[Word]:
    return sorted(words, key=lambda word: word.code)


def _joined(words: tuple[Word, ...]) -> str:
    return "".join(word.spelled for word in words)
