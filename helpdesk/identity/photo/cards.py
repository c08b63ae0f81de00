"""What photos of identity cards add to what was written: they fill in, agree, or differ.

What a person wrote stands; the card stands beside it. Only a NIK that cannot be one gives way to
the card's, and is kept as what was said before.
"""

from collections.abc import Sequence
from dataclasses import replace

from rapidfuzz.distance import Levenshtein

from helpdesk.identity.figures import nik
from helpdesk.identity.types import About, Card, Claim, Fact, Field
from helpdesk.identity.words import names, places

_AGREES = 3  # points: whose card it is
_NAME_LIKE = 0.85  # of the letters, spaces left out: a reader loses spaces and takes I for L
_NIK_SLIPS = 2
_AT_MOST = 0.99


def merge(claims: Sequence[Claim], cards: Sequence[Card], *, asks: bool) -> tuple[Claim, ...]:
    """Return the claims with what the cards say about them, and claims for the cards of others.

    Args:
        claims: of a conversation.
        cards: in the order their numbers (`Fact.card`) count.
        asks: whether the conversation wants a membership number; only then a card that no claim
            agrees with makes one: about the writer if it is the only person, else about another.

    A fact that card and writer agree on is surer for it; one they differ on keeps the writer's
    value with the warning `photo_differs`. Both point to the card, so that a person can look.
    Never raises.
    """
    known, opened = list(claims), 0
    for number, card in enumerate(cards):
        facts = {fact.field: replace(fact, card=number) for fact in card.facts}
        at = _whose(known, facts)
        if at is not None:
            known[at] = _joined(known[at], facts)
        elif asks and (Field.NIK in facts or Field.FULL_NAME in facts):
            known.append(Claim(_ordered(facts), About.OTHER))
            opened += 1
    if opened == len(known) == 1:
        known = [replace(known[0], about=About.SELF)]
    return tuple(known)


def _whose(claims: Sequence[Claim], facts: dict[Field, Fact]) -> int | None:
    points = [_points(claim, facts) for claim in claims]
    best = max(points, default=0)
    return points.index(best) if best >= _AGREES else None


def _points(claim: Claim, facts: dict[Field, Fact]) -> int:
    """Weigh whether a card is this person's: 3 and more says so."""
    total = 0
    for field, fact in facts.items():
        said = claim.get(field)
        if said is None or not said.value:
            continue
        if field is Field.NIK:
            total += _nik_points(said.value, fact.value)
        elif field is Field.FULL_NAME:
            total += _name_points(said.value, fact.value)
        elif field is Field.BIRTH_DATE:
            total += 2 if said.value == fact.value else -1
        else:
            total += int(_same(said, fact))
    return total


def _nik_points(said: str, shown: str) -> int:
    slips = Levenshtein.distance(nik.clean(said), shown, score_cutoff=_NIK_SLIPS)
    return 9 if slips == 0 else 2 if slips <= _NIK_SLIPS else -3


def _name_points(said: str, shown: str) -> int:
    """Return 4 for the same name of two words or more, 3 for a part of it, 2 for the same word."""
    one, other = names.canonical(said), names.canonical(shown)
    if _alike(one, other):
        return 4 if " " in one or " " in other else 2
    shorter, longer = sorted((set(one.split()), set(other.split())), key=len)
    return (3 if len(shorter) > 1 else 2) if shorter and shorter <= longer else -4


def _alike(one: str, other: str) -> bool:
    one, other = one.replace(" ", ""), other.replace(" ", "")
    return Levenshtein.normalized_similarity(one, other) >= _NAME_LIKE


def _same(said: Fact, shown: Fact) -> bool:
    if said.field is Field.NIK:
        return nik.clean(said.value) == shown.value
    if said.field is Field.FULL_NAME:
        return names.canonical(said.value) == names.canonical(shown.value)
    if said.field is Field.BIRTH_PLACE:
        return places.normalise(said.value) == places.normalise(shown.value)
    return said.value == shown.value


def _joined(claim: Claim, facts: dict[Field, Fact]) -> Claim:
    stated = {fact.field: fact for fact in claim.facts}
    for field, shown in facts.items():
        said = stated.get(field)
        stated[field] = shown if said is None or not said.value else _beside(said, shown)
    return replace(claim, facts=_ordered(stated))


def _beside(said: Fact, shown: Fact) -> Fact:
    if _same(said, shown):
        sure = 1 - (1 - said.confidence) * (1 - shown.confidence)
        both = min(max(sure, said.confidence), _AT_MOST)
        return replace(said, confidence=both, card=shown.card, box=shown.box)
    if said.field is Field.NIK and "nik_malformed" in said.warnings and _is_whole(shown):
        return replace(shown, history=(*said.history, said.value))
    if said.card is not None and said.span is None:  # two photos of one card: the surer reading
        return max(said, shown, key=lambda fact: fact.confidence)
    warnings = tuple(dict.fromkeys((*said.warnings, "photo_differs")))
    return replace(said, warnings=warnings, card=shown.card, box=shown.box)


def _is_whole(number: Fact) -> bool:
    return len(number.value) == nik.LENGTH and "nik_malformed" not in number.warnings


def _ordered(facts: dict[Field, Fact]) -> tuple[Fact, ...]:
    return tuple(facts[field] for field in Field if field in facts)
