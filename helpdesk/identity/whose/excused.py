"""People of a request whom the writer leaves out afterwards: `yang nomor 2 tidak usah`."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from helpdesk.identity.reading import Reading, fold
from helpdesk.identity.types import About, Claim, Field
from helpdesk.identity.whose import referents
from helpdesk.identity.wish.concepts import Clause, clauses, group

_WITHDRAWN = group("withdrawn")
_MYSELF = "MYSELF"
_NUMBERED = frozenset({"APART", "NUMBER"})  # concepts that make `2` the second of the list
_ORDINALS = {"pertama": 1, "kedua": 2, "ketiga": 3, "keempat": 4, "kelima": 5, "keenam": 6}
_SHORTEST = 3  # letters of a part of a name that tells somebody apart

Index = Mapping[str, set[int]]


def left(claims: tuple[Claim, ...], readings: Sequence[Reading]) -> tuple[Claim, ...]:
    """Return the claims without those of people left out by name, by relation or by number.

    A single person stays: whether anything is asked at all is for `intent` to say. Linear.
    """
    if len(claims) < 2:
        return claims
    said = clauses(one.low for one in readings)
    taken_back = [
        at for at, one in enumerate(said) if one.said & _WITHDRAWN and "NOT" not in one.said
    ]
    if not taken_back:
        return claims
    index = _index(claims)
    out: set[int] = set()
    for at in taken_back:
        before = _about(said[at - 1], index) if at and said[at].goes_on else set()
        out |= _about(said[at], index) or before
    return tuple(one for at, one in enumerate(claims) if at not in out) or claims


def _index(claims: Sequence[Claim]) -> Index:
    """Map what people are called (names, relations, their number in the list) to who that is."""
    index: defaultdict[str, set[int]] = defaultdict(set)
    for at, claim in enumerate(claims):
        for called in _called(claim):
            index[called].add(at)
        index[f"#{at + 1}"].add(at)
    return index


def _called(claim: Claim) -> Iterator[str]:
    name = claim.get(Field.FULL_NAME)
    for word in fold(name.value).split() if name else ():
        if len(word) >= _SHORTEST:
            yield word
    if claim.relation:
        yield f"={claim.relation}"
    if claim.about is About.SELF:
        yield _MYSELF


def _about(clause: Clause, index: Index) -> set[int]:
    """Return which people a clause speaks of."""
    called = [word for word in clause.words if word[0] != "#"]
    called += [f"={one.who}" for one in referents.find(" ".join(clause.words).lower())]
    called += [f"#{_ORDINALS[word]}" for word in clause.words if word in _ORDINALS]
    if clause.said & _NUMBERED:
        called += [word for word in clause.words if word[0] == "#"]
    return set().union(*(index.get(one, ()) for one in called))
