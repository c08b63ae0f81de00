"""Does a conversation ask for somebody's number, or is its data meant for something else?

People state who they are for many reasons: to hear their balance, to claim, to complain, to change
their data, to apply for a job. Whether this conversation wants the number is judged by a logistic
regression over what its words are about (`concepts`). Its weights, `data/intent.json`, are made by
`python -m tests.training.intent` from hand-written texts.
"""

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from helpdesk.identity import shipped
from helpdesk.identity.reading import Reading
from helpdesk.identity.wish.concepts import Clause, clauses, group, words

THRESHOLD = 0.5  # below this chance nobody's number is asked for
_REACH = 4  # so many concepts in a row say something together, two by two

_WISHES = group("wishes")
_OBJECTS = group("objects")
_BEARERS = group("bearers")
_WITHDRAWN = group("withdrawn")
_UNLESS = group("unless")
_ASIDE = group("aside")
_WHICH = words("which")
_ALL_OF_IT = words("all_of_it")
_DATA = group("data")
_OTHERS = group("others")
_UNKNOWN = frozenset({"NOT", "KNOW"})


def asks(readings: Sequence[Reading]) -> float:
    """Return the chance in [0, 1] that the conversation asks for a membership number at all.

    `readings` are the subject and the messages, oldest first, quoted parts blanked. A text that
    states identity data and no wish asks for it: it answers our request. Linear, never raises.
    """
    return chance(features(one.low for one in readings))


def chance(seen: Iterable[str]) -> float:
    """Return the chance that a conversation with these features asks for a number."""
    weights = _weights()
    score = weights["bias"] + sum(map(weights.__getitem__, weights.keys() & seen))
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, score))))


def features(lows: Iterable[str]) -> set[str]:
    """Return what the model looks at in the folded texts of one conversation.

    `w:` a word or a concept, `p:` two concepts near each other, `t:` and `q:` the same after the
    last request, `is:` what the whole conversation amounts to.
    """
    said = list(_of_all(clauses(lows)))
    last = max((at for at, one in enumerate(said) if _requests(one)), default=None)
    seen = set(_looks(said, "w:", "p:"))
    rest = said if last is None else said[last + 1 :]
    if last is not None:
        seen.update(_looks(rest, "t:", "q:"))
    seen.update(_taken_back(rest))
    seen.update(_amounts(said, "asked" if last is not None else "unasked"))
    return seen


@cache
def _weights() -> dict[str, float]:
    text = shipped.text("intent.json")
    weights: dict[str, float] = json.loads(text)["weights"]
    return weights


def _of_all(said: Iterable[Clause]) -> Iterator[Clause]:
    """Leave out what takes back the request for one of several people (`excused` sees to it)."""
    apart = False
    for clause in said:
        apart = _sets_apart(clause) or (apart and clause.goes_on)
        if not (apart and clause.said & _WITHDRAWN):
            yield clause


def _sets_apart(clause: Clause) -> bool:
    which, one, *_ = (*clause.words, "", "")
    picks = which in _WHICH and one not in _ALL_OF_IT and one.islower()
    return picks or bool(clause.said & _ASIDE)


def _requests(clause: Clause) -> bool:
    """Tell whether a clause by itself asks for a number, and does not take that back."""
    said = clause.said
    wished = said & _WISHES or said >= _UNKNOWN
    about = said & _OBJECTS or (said & _BEARERS and not said & _OTHERS) or "STILL" in said
    return bool(wished and about and not said & _WITHDRAWN)


def _looks(said: Iterable[Clause], one: str, two: str) -> Iterator[str]:
    near: tuple[str, ...] = ()
    for clause in said:
        if not clause.goes_on:
            near = ()
        for word in clause.words:
            if word[0] == "#":
                continue
            yield one + word
            if word.isupper():
                for other in near:
                    yield f"{two}{other}>{word}"
                near = (*near[2 - _REACH :], word)


def _taken_back(said: Sequence[Clause]) -> Iterator[str]:
    """Yield how what was asked before is said to be over; `belum ketemu` does not say so.

    Who goes on to state data means something else: `ini NIK nya udah dapet`.
    """
    mistaken = False
    described = max((at for at, one in enumerate(said) if one.said & _DATA), default=-1)
    for at, clause in enumerate(said):
        mistaken = "MISTAKE" in clause.said or (mistaken and clause.goes_on)
        if not (mistaken or clause.said & _UNLESS):
            for concept in clause.said & _WITHDRAWN:
                yield f"is:then {concept}{' then data' if at < described else ''}"


def _amounts(said: Iterable[Clause], asked: str) -> Iterator[str]:
    """Yield what no single clause tells: a request or none, and what stands beside it."""
    all_said = frozenset().union(*(clause.said for clause in said))
    data = "data" if all_said & _DATA else "bare"
    others = all_said & _OTHERS
    yield f"is:{asked}"
    yield f"is:{asked}+{data}"
    for other in others or ("nothing else", f"nothing else+{data}"):
        yield f"is:{asked}+{other}"
    if all_said & _WISHES:
        yield f"is:{asked}+wish{'' if others else ' alone'}"
    if "KNOWN" in all_said:
        yield f"is:{asked}+KNOWN"
