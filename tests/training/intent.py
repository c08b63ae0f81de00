"""Train `helpdesk/identity/data/intent.json`: `python -m tests.training.intent`.

Logistic regression over the features of `helpdesk.identity.wish.intent`, plain gradient descent
in a fixed order: the same texts give the same weights. `--judge` trains without each author's file
in turn and prints how well the rest reads it.
"""

import json
import math
import random
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from helpdesk.identity.reading import fold
from helpdesk.identity.wish import intent
from tests.unit.identity.labels import DATA, rows

PURPOSES = Path(__file__).parent / "data" / "purposes.tsv"
# Whole messages and chats of other authors: 1 or 0, a tab, the text; ` || ` between messages.
ASKED = tuple(PURPOSES.with_name(f"purposes_{number}.tsv") for number in (2, 3, 4, 5, 6))
# Authors' files that are learned from; a new one is added here and the model trained anew.
CONVERSATIONS = (
    "development",
    "development_h",
    "development_held",
    "development_j",
    "development_k",
    "development_l",
    "development_m",
    "development_n",
    "development_o",
    "development_p",
    "development_q",
    "development_r",
    "development_t",
    "development_u",
    "development_v",
    "development_w",
)
ASKING = {"number", "data"}
# They ask, and state nothing: nobody is to be found, yet the number is asked for.
STATING_NOTHING = {"e22-photo", "e25-oneword-cap", "k069"}
QUOTED = re.compile(
    r"^(?:>|on .+ wrote:|pada .+ menulis:|(?:dari|from|terkirim|sent) ?:)", re.MULTILINE
)
NEVER_WITH_DATA = {"how", "thanks", "greeting", "machine"}
SIGNED = ("{}\n\nSalam,\nBenny Pasaribu\nHRD", "halo min, saya Dimas. {}")  # a name is no data
# Wishes that leave the request for the number standing beside them.
BESIDE = {
    "claim",
    "balance",
    "status",
    "complaint",
    "change",
    "login",
    "card",
    "accident",
    "subsidy",
}
ONLY_WITH_DATA = {"data"}
IDENTITIES = (
    "nama: budi santoso\nttl: garut, 5 mei 1988\nnik: 3205010505889001",
    "siti aminah, malang 12-03-1990, 3507015203909002",
    "saya ujang suryana lahir di ciamis tanggal 10 oktober 1984 nik saya 3207011010849003",
    "nama : maria wea\ntempat lahir : ende\ntgl lahir : 8 juli 1991\nno ktp : 5308014807919004",
    "// hendra gunawan // lahir di jkt // tgl 9 januari 1992 // nik 3173010901929005",
    "putri ayu/semarang/03-02-1983/3374014302839006",
    "an. slamet riyadi lhr kebumen 11 november 1970 ktp 3305011111709007 no hp 0812-0000-1111",
    "nama ahmad zaini\nlahir 3/4/85 praya\nnik 5202010304859009\ncv mitra\nmasuk 2012 keluar 2018",
    "rina, 3273015505909010, bandung 15 mei 1990, email rina@contoh.id, ibu kandung sumarni",
    "dewi | solo | 1 februari 1988 | 3372014102889011 | hp 0813-0000-2222 | alamat jl melati no 5",
    "NAMA AGUS SALIM LAHIR MEDAN 1 JANUARI 1980 NIK 1271010101809008",
)  # fmt: skip
PASSES, RATE, SHRINK = 14, 0.12, 0.004
REAL = 2.0  # how much a whole conversation counts beside a short text
WHOLE = 2.0  # how much counts what a whole conversation amounts to
PLAIN = 0.4  # how much a word without a concept counts: names and small words are seen by chance
RAREST = 3  # a feature seen in fewer texts is not learned from
SMALLEST = 0.03  # a weight below this decides nothing and is not shipped


@dataclass(frozen=True, slots=True)
class Example:
    """One text with what it looks like and whether it asks for a number."""

    source: str
    purpose: str
    text: str
    seen: frozenset[str]
    asks: bool


def main() -> None:
    """Train and write the weights, or judge them by author."""
    examples = list(read())
    if "--judge" in sys.argv:
        judge(examples)
        return
    text = render(train(examples))
    path = files("helpdesk.identity").joinpath("data/intent.json")
    Path(str(path)).write_text(text, encoding="utf-8")
    print(f"{len(examples)} texts, {text.count(chr(10))} lines")


def read() -> Iterator[Example]:
    """Yield every text to learn from."""
    for name in CONVERSATIONS:
        for row in rows(DATA / f"{name}.jsonl"):
            texts = (row.get("subject", ""), *row["messages"])
            if any(QUOTED.search(fold(text)) for text in texts):
                continue  # the product does not read these words as the writer's own
            asks = bool(row["people"]) or row["id"] in STATING_NOTHING
            yield example(name, "person" if asks else "nobody", texts, asks=asks)
    for path in ASKED:
        yield from _asked(path)
    yield from purposed(list(_purposes()))


def _asked(path: Path) -> Iterator[Example]:
    for line in path.read_text(encoding="utf-8").splitlines():
        label, text = line.split("\t")
        messages = text.replace("\\n", "\n").split(" || ")
        asks = label == "1"
        yield example(path.stem, "person" if asks else "nobody", messages, asks=asks)


def _purposes() -> Iterator[tuple[str, str]]:
    for line in PURPOSES.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            purpose, text = line.split("\t")
            yield purpose, text


def purposed(lines: Sequence[tuple[str, str]]) -> Iterator[Example]:
    """Yield every purpose by itself, and mixed as people mix them."""
    by = {purpose: [text for one, text in lines if one == purpose] for purpose, _ in lines}
    for at, (purpose, text) in enumerate(lines):
        asks = purpose in ASKING
        if purpose not in ONLY_WITH_DATA:
            yield example(f"purposes {at % 5}", purpose, text.split(" // "), asks=asks)
        if purpose in NEVER_WITH_DATA:
            signed = SIGNED[at % len(SIGNED)].format(text)
            yield example(f"purposes {at % 5}", purpose, signed.split(" // "), asks=asks)
        else:
            for number in (at, at + 3, at + 7):
                yield example(
                    f"purposes {at % 5}",
                    purpose,
                    _with_data(text, number, by["data"], last=purpose == "withdrawn"),
                    asks=asks,
                )
        for mixed in _mixed(purpose, text, at, by["number"]):
            yield example(f"purposes {at % 5}", f"+{purpose}", mixed, asks=purpose != "withdrawn")


def _with_data(text: str, number: int, talk: Sequence[str], *, last: bool) -> list[str]:
    """Put identity data behind the first message, before it or after small talk."""
    first, *others = text.split(" // ")
    identity = IDENTITIES[number % len(IDENTITIES)]
    both = [first, identity] if number % 3 else [f"{first}\n{identity}"]
    if not others and (last or number % 4 == 1):
        both = [identity, first]
    if number % 5 < 2:
        both.insert(0, talk[number * 7 % len(talk)])
    return [*both, *others]


def _mixed(purpose: str, text: str, at: int, requests: Sequence[str]) -> Iterator[list[str]]:
    """Ask for the number and take it back, or want something else beside it."""
    identity = IDENTITIES[(at + 1) % len(IDENTITIES)]
    for number in (at * 5, at * 11 + 3):
        request = requests[number % len(requests)]
        if purpose == "withdrawn":
            yield [f"{request}\n{identity}", *text.split(" // ")[-1:]]
        elif purpose in BESIDE and "999" not in text:
            both = [request, text] if number % 2 else [text, request]
            yield [*both, identity]


def example(source: str, purpose: str, texts: Sequence[str], *, asks: bool) -> Example:
    """Look at one conversation as the product does, but for its quoted parts."""
    seen = frozenset(intent.features(map(fold, texts)))
    return Example(source, purpose, " // ".join(texts), seen, asks)


def train(examples: Sequence[Example]) -> dict[str, float]:
    """Return the weight of every feature worth keeping, and the `bias`."""
    count = Counter(one for each in examples for one in each.seen)
    known = {one for one, times in count.items() if times >= RAREST}
    weights = dict.fromkeys(sorted(known), 0.0)
    weights["bias"] = 0.0
    gradients = dict.fromkeys(weights, 0.1)
    share = sum(one.asks for one in examples) / len(examples)
    learned = [
        (
            [("bias", 1.0), *((each, _value(each)) for each in sorted(one.seen & known))],
            one.asks,
            (REAL if one.purpose in {"person", "nobody"} else 1.0)
            * 0.5
            / (share if one.asks else 1 - share),
        )
        for one in examples
    ]
    order = random.Random(1)
    for _ in range(PASSES):
        order.shuffle(learned)
        for seen, asks, importance in learned:
            _step(weights, gradients, seen, asks, importance)
    return {one: weight * _value(one) for one, weight in weights.items()}


def _value(feature: str) -> float:
    if feature.startswith("is:"):
        return WHOLE
    return 1.0 if any(map(str.isupper, feature)) else PLAIN


def _step(
    weights: dict[str, float], gradients: dict[str, float],
    seen: Sequence[tuple[str, float]], asks: bool, importance: float,
) -> None:  # fmt: skip
    score = sum(weights[one] * value for one, value in seen)
    chance = 1 / (1 + math.exp(-max(-30.0, min(30.0, score))))
    wrong = (chance - asks) * importance
    for one, value in seen:
        slope = wrong * value + SHRINK * weights[one]
        gradients[one] += slope * slope
        weights[one] -= RATE * slope / math.sqrt(gradients[one])


def render(weights: dict[str, float]) -> str:
    """Return the file that ships: a line a weight, rounded, the small ones left out."""
    kept = {one: round(weight, 2) for one, weight in sorted(weights.items())
            if abs(weight) >= SMALLEST or one == "bias"}  # fmt: skip
    about = "Weights of helpdesk.identity.wish.intent; made by python -m tests.training.intent."
    return json.dumps({"about": about, "weights": kept}, ensure_ascii=False, indent=0) + "\n"


def judge(examples: Sequence[Example]) -> None:
    """Print how each author's conversations are judged by a model that has not seen them."""
    for source in sorted({one.source for one in examples}):
        weights = train([one for one in examples if one.source != source])
        print(
            source, *_lines(weights, [one for one in examples if one.source == source]), sep="\n"
        )


def _lines(weights: dict[str, float], held: Sequence[Example]) -> Iterator[str]:
    right: Counter[str] = Counter()
    for one in held:
        score = weights["bias"] + sum(weights.get(each, 0.0) for each in one.seen)
        right[f"{one.asks}"] += (score > 0) == one.asks
        right[f"all {one.asks}"] += 1
        if (score > 0) != one.asks:
            yield f"   {score:5.1f} {one.purpose:9} {one.text[:150]!r}"
    for asks in ("True", "False"):
        yield f"  asks {asks}: {right[asks]} of {right['all ' + asks]}"


if __name__ == "__main__":
    main()
