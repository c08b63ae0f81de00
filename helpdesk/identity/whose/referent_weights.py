"""What is said around a word for somebody: over their data, in passing, denied, wished."""

import re
from collections.abc import Sequence

from helpdesk.identity.whose.referent_words import (
    CARD,
    CLASS,
    FOR_WHOM,
    KIN_OF,
    LOST,
    NUMBER,
    WRITER,
    Token,
    word_at,
    words_after,
    words_before,
)

_ROMAN = re.compile(r"[ivx]{1,4}|[a-j]")


def heads(tokens: Sequence[Token], at: int, last: int) -> bool:
    """Tell whether a mention is a heading: alone on its line, or first in it with a colon."""
    before, after = word_at(tokens, at - 1), word_at(tokens, last + 1)
    if before in {"data", "identitas", "biodata", "untuk", "punya"}:
        at -= 1
        before = word_at(tokens, at - 1)
    starts = before in {"", "\n", ".", ")"}
    alone = before in {"", "\n"} or _is_numbering(tokens, at - 1)
    return starts and (after == ":" or (after in {"\n", ""} and alone))


def _is_numbering(tokens: Sequence[Token], at: int) -> bool:
    """Tell whether a full stop or bracket ends the number of an entry: `1.`, `II.`, `b)`."""
    if word_at(tokens, at) not in {".", ")"}:
        return False
    before = word_at(tokens, at - 1)
    if _ROMAN.fullmatch(before):
        before = word_at(tokens, at - 2)
    return before in {"", "\n"}


def weigh(tokens: Sequence[Token], at: int, last: int) -> float:
    """Weigh how strongly what is said around somebody asks for their number, about -3 to 5."""
    weight = 0.5
    if is_denied(tokens, at):
        return -3.0
    if _is_field(tokens, at, last):
        return weight
    return weight + _wished(tokens, at, last)


def _is_field(tokens: Sequence[Token], at: int, last: int) -> bool:
    """Tell whether somebody is a field of a form: `Nama istri: ...`, or a line of its own."""
    if word_at(tokens, at - 1) not in {"nama", "nik", "ktp"}:
        return False
    return word_at(tokens, last + 1) == ":" or word_at(tokens, at - 2) == "\n"


def _wished(tokens: Sequence[Token], at: int, last: int) -> float:
    weight = 0.0
    if _is_their_number(tokens, at):
        weight += 2.5
    elif any(word in FOR_WHOM for word in words_before(tokens, at, 2)):
        weight += 2.0
    if any(word in LOST for word in words_after(tokens, last, 10)):
        weight += 1.5
    if any(word in CLASS["carrier"] for word in words_before(tokens, at, 4)):
        weight -= 4.0
    if _is_passing(list(words_after(tokens, last, 8))):
        weight -= 2.0
    if any(word in CLASS["hearsay"] for word in words_before(tokens, at, 1)):
        weight -= 3.0
    return weight


def _is_passing(after: Sequence[str]) -> bool:
    """Tell whether somebody only said or did something; not if they send the writer to ask."""
    said = [word for word in after[:4] if word in CLASS["passing"]]
    if said and "ada" in after[:2]:
        said = [word for word in said if word not in {"yang", "yg"}]
    sends = not CLASS["sends"].isdisjoint(after[:3]) and any(
        word in NUMBER and word.endswith("nya") for word in after
    )
    return bool(said) and not sends


def is_denied(tokens: Sequence[Token], at: int) -> bool:
    """Tell whether it is said that something is not theirs, or theirs by mistake."""
    before = list(words_before(tokens, at, 4))
    if not before or before[0] not in CLASS["of_theirs"]:
        return False
    return not CLASS["wrong"].isdisjoint(before)


def _is_their_number(tokens: Sequence[Token], at: int) -> bool:
    """Tell whether a number spoken of before is theirs: `nomor kpj saya dan istri` is both's.

    In `nomor kartu saya dibuang istri` it is the writer's.
    """
    joined = True
    for word in words_before(tokens, at, 6):
        if word in NUMBER:
            return True
        if word in WRITER and not joined:
            return False
        joined = joined and word in CLASS["and"]
    return False


def shares(tokens: Sequence[Token], at: int) -> bool:
    """Tell whether writer and kin wish something together: `saya sama istri lupa nomornya`."""
    if word_at(tokens, at + 1) not in CLASS["and"]:
        return False
    kin = next((step for step in (at + 2, at + 3) if word_at(tokens, step) in KIN_OF), 0)
    return bool(kin) and any(word in LOST for word in words_after(tokens, kin, 6))


def wants_too(tokens: Sequence[Token], at: int, last: int) -> bool:
    """Tell whether somebody's is asked for on top: `sekalian adek sy`, `suami saya juga dong`."""
    after = list(words_after(tokens, last, 4))
    if CLASS["besides"].intersection([*words_before(tokens, at, 2), *after[:2]]):
        return True
    return not CLASS["too"].isdisjoint(after[:2]) and not CLASS["pleads"].isdisjoint(after[1:])


def is_theirs(back: Sequence[str]) -> bool:
    """Tell whether what stands before `saya` is a number or card: `kartu bpjs lama saya`."""
    if not back or back[0] not in NUMBER | CLASS["old"]:
        return False
    return back[0] in NUMBER or any(word in CARD for word in back[1:])


def lacks(ahead: Sequence[str]) -> bool:
    """Tell whether somebody says that they lost, forgot or never had something."""
    if not CLASS["gone"].isdisjoint(ahead[:3]):
        return True
    return not CLASS["not"].isdisjoint(ahead) and not CLASS["had"].isdisjoint(ahead)
