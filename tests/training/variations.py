"""Made-up variations of labelled conversations: other people, other habits of typing.

Each keeps its conversation's form and changes who is in it (names, birth places, the region and
serial of the NIK) and how it is typed (capitals, punctuation, spaces, abbreviations, stretched
words, invisible characters), with the labels following every change.
"""

import random
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from helpdesk.identity.evaluation import place_of
from helpdesk.registry import synthetic
from tests.unit.identity.labels import faults

_SHORT = {
    "saya": "sy", "yang": "yg", "dengan": "dgn", "nomor": "no", "tidak": "ga", "sudah": "udh",
    "tolong": "tlg", "mohon": "mhn", "terima kasih": "mksh", "untuk": "utk", "belum": "blm",
    "bisa": "bs", "kalau": "klo", "dari": "dr", "tanggal": "tgl", "minta": "mnta",
}  # fmt: skip
_STRETCHED = ("tolong", "mohon", "kak", "min", "makasih", "bang", "pak", "bu")


@dataclass(frozen=True, slots=True)
class _Swap:
    """Characters of a message to be replaced."""

    message: int
    start: int
    end: int
    text: str


def vary(rows: Sequence[Mapping[str, Any]], *, times: int, seed: int) -> Iterator[dict[str, Any]]:
    """Yield `times` variations of each conversation; the same for the same seed."""
    dice = random.Random(seed)
    strangers = synthetic.people(times * sum(len(row["people"]) + 1 for row in rows), seed)
    for row in rows:
        for number in range(times):
            yield _typed(_with_others(row, strangers, f"{row['id']}~{number}"), dice)


def _with_others(
    row: Mapping[str, Any], strangers: Iterator[synthetic.Person], name: str
) -> dict[str, Any]:
    """Put other people into a conversation."""
    swaps: list[_Swap] = []
    people = []
    for person in row["people"]:
        changed, some = _other(row, person, next(strangers))
        people.append(changed)
        swaps += some
    if _overlap(swaps):
        return {**row, "id": name}
    texts = {-1: row.get("subject", ""), **dict(enumerate(row["messages"]))}
    for swap in sorted(swaps, key=lambda one: (one.message, -one.start)):
        text = texts[swap.message]
        texts[swap.message] = text[: swap.start] + swap.text + text[swap.end :]
    varied = {**row, "id": name, "people": people, "subject": texts.pop(-1)}
    varied["messages"] = [texts[at] for at in sorted(texts)]
    return {**row, "id": name} if any(faults(varied)) else varied


def _other(
    row: Mapping[str, Any], person: Mapping[str, Any], stranger: synthetic.Person
) -> tuple[dict[str, Any], list[_Swap]]:
    """Return the labels of another person in the place of one, and what to write for them.

    Only a fact that is written as its label says it, once, can be another; corrected and
    contradicted ones stay.
    """
    new = {**person, "said": dict(person["said"])}
    swaps: list[_Swap] = []
    settled = {*person.get("before", {}), *person.get("contradicted", {})}
    for field, value in _values(person, stranger).items():
        said = person["said"].get(field)
        where = place_of(row, said) if said else None
        if where is None or field in settled or not _is_plain(row, person, field):
            continue
        written = _like(said[1], value)
        new[field] = value
        new["said"][field] = [where.message, written]
        swaps.append(_Swap(where.message, where.start, where.end, written))
    return new, swaps


def _values(person: Mapping[str, Any], stranger: synthetic.Person) -> dict[str, str]:
    values = {"full_name": stranger.full_name, "birth_place": stranger.birth_place}
    nik = person.get("nik", "")
    if len(nik) == 16:
        values["nik"] = stranger.nik[:6] + nik[6:12] + stranger.nik[12:]
    return values


def _is_plain(row: Mapping[str, Any], person: Mapping[str, Any], field: str) -> bool:
    """Tell whether a fact is written once and just as its label gives it."""
    text = person["said"][field][1]
    everything = "\n".join([row.get("subject", ""), row.get("sender_name", ""), *row["messages"]])
    once = everything.casefold().count(text.casefold()) == 1
    if field == "nik":
        return once and text == person["nik"]
    return once and text.casefold() == person[field].casefold()


def _like(old: str, new: str) -> str:
    """Write `new` in the capitals of `old`."""
    if old.isupper():
        return new.upper()
    return new.lower() if old.islower() else new


def _overlap(swaps: Sequence[_Swap]) -> bool:
    ordered = sorted((one.message, one.start, one.end) for one in swaps)
    return any(one[0] == two[0] and two[1] < one[2] for one, two in pairwise(ordered))


def _typed(row: dict[str, Any], dice: random.Random) -> dict[str, Any]:
    """Type a conversation as somebody else would."""
    said = {
        one[1] for person in row["people"] for one in person["said"].values() if one[1].strip()
    }
    habit = dice.choice(_HABITS)
    messages = [_between(text, said, lambda part: habit(part, dice)) for text in row["messages"]]
    if habit in {_small, _capital}:
        change = str.lower if habit is _small else str.upper
        messages = [change(text) for text in row["messages"]]
        if any(len(one) != len(two) for one, two in zip(messages, row["messages"], strict=True)):
            return row
        return {
            **row,
            "messages": messages,
            "people": [_cased(one, change) for one in row["people"]],
        }
    return {**row, "messages": messages}


def _cased(person: Mapping[str, Any], change: Callable[[str], str]) -> dict[str, Any]:
    said = {
        field: [where[0], where[1] if where[0] < 0 else change(where[1]), *where[2:]]
        for field, where in person["said"].items()
    }
    return {**person, "said": said}


def _between(text: str, said: Iterable[str], change: Callable[[str], str]) -> str:
    """Change a text everywhere but in the facts."""
    facts = "|".join(re.escape(one) for one in sorted(said, key=len, reverse=True))
    if not facts:
        return change(text)
    parts = re.split(f"({facts})", text)
    return "".join(part if at % 2 else change(part) for at, part in enumerate(parts))


def _as_it_is(part: str, _dice: random.Random) -> str:
    return part


def _small(part: str, _dice: random.Random) -> str:
    return part


def _capital(part: str, _dice: random.Random) -> str:
    return part


def _short(part: str, dice: random.Random) -> str:
    for long, short in _SHORT.items():
        if dice.random() < 0.7:
            part = re.sub(rf"\b{long}\b", short, part)
    return part


def _stretched(part: str, dice: random.Random) -> str:
    return re.sub(
        rf"\b(?:{'|'.join(_STRETCHED)})\b",
        lambda one: one[0] + one[0][-1] * dice.randint(1, 4),
        part,
    )


def _unpunctuated(part: str, _dice: random.Random) -> str:
    return re.sub(r"[!?]|(?<=[a-z])[.,](?= |$)", "", part)


def _spaced(part: str, dice: random.Random) -> str:
    return re.sub(r"(?<=\w) (?=\w)", lambda _: dice.choice([" ", " ", "  ", "\u00a0"]), part)


def _decorated(part: str, dice: random.Random) -> str:
    return re.sub(r"(?<=[a-z])\n", lambda _: dice.choice(["\n", " 🙏\n", " 😊\n", "..\n"]), part)


_HABITS = (
    _as_it_is, _as_it_is, _small, _capital, _short, _stretched, _unpunctuated, _spaced, _decorated,
)  # fmt: skip
