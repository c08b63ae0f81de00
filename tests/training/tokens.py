"""Train the token model of `helpdesk.identity.words.lexicon`: what a word says about being a name.

    .venv/bin/python -m tests.training.tokens

reads the lists in tests/training/data, fits two logistic regressions over the pieces (2 to 4
characters) of a word, name against ordinary word and name against place, and writes
helpdesk/identity/data/tokens.json. Pure Python, the same result every time, some ten seconds.
"""

import csv
import json
import math
import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from helpdesk.identity.words import lexicon

HERE = Path(__file__).parent / "data"
DATA = Path(lexicon.__file__).parents[1] / "data"
ABOUT = "Written by tests/training/tokens.py from the hand-written lists in tests/training/data."
EPOCHS = 8
RATE, DECAY, PENALTY = 0.1, 0.05, 1e-3
MIN_COUNT = 3  # a piece of fewer words says nothing about the next one
MIN_TENTHS = 2  # weights are kept in tenths; smaller ones are dropped
_WORD = re.compile(r"[a-z]+(?:['\-][a-z]+)*\Z")
_MARK = re.compile(r"[^a-z]+")
# The nasal that `me-` and `pe-` put before a stem, by its first letter; p, t, s and k melt away.
_NASAL = {
    **dict.fromkeys("bfv", "m"), "p": "m-", **dict.fromkeys("cdjz", "n"), "t": "n-", "s": "ny-",
    "k": "ng-", **dict.fromkeys("aeiouhgq", "ng"),
}  # fmt: skip
_SUFFIXES = ("kan", "i", "an", "nya", "in", "kannya", "ku")

Example = tuple[tuple[str, ...], bool]


def build() -> dict[str, object]:
    """Return the content of tokens.json."""
    people = set(listed("person_names.txt"))
    ordinary = set(listed("ordinary_words.txt"))
    inflected = {form for root in _roots() for form in inflections(root)} - people
    towns = set(_region_words())
    return {
        "about": ABOUT,
        "names": " ".join(sorted(people - ordinary)),
        "words": " ".join(sorted(ordinary - people)),
        "both": " ".join(sorted(people & ordinary)),
        "name_pieces": _packed(train(people - ordinary, (ordinary - people) | inflected)),
        "place_pieces": _packed(train(towns - people, people - towns)),
    }


def listed(name: str) -> list[str]:
    """Return the words of a list in tests/training/data, comments left out."""
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    text = " ".join(line for line in lines if not line.startswith("#"))
    return [word for word in text.lower().split() if _WORD.match(word)]


def inflections(root: str) -> Iterator[str]:
    """Yield what Indonesian grammar makes of a root, in writing and in chat."""
    nasal = _NASAL.get(root[0], "")
    stem = nasal.rstrip("-") + (root[1:] if nasal.endswith("-") else root)
    for head in (root, f"me{stem}", f"di{root}", f"ter{root}", f"ber{root}", f"pe{stem}"):
        yield head
        yield from (head + suffix for suffix in _SUFFIXES)
    yield from (f"{stem}{suffix}" for suffix in ("", "in", "i"))
    yield from (f"ke{root}an", f"pe{stem}an", f"ke{root}", f"ke{root}annya", f"pe{stem}annya")


def train(yes: Iterable[str], no: Iterable[str]) -> dict[str, float]:
    """Fit a logistic regression that tells `yes` from `no` by their pieces: piece -> weight."""
    words = [*((word, True) for word in sorted(yes)), *((word, False) for word in sorted(no))]
    examples = [(tuple(lexicon.pieces(word)), label) for word, label in words]
    counts = Counter(piece for seen, _ in examples for piece in set(seen))
    kept = [
        (tuple(piece for piece in seen if counts[piece] >= MIN_COUNT), label)
        for seen, label in examples
    ]
    return _descend(kept)


def accuracy(yes: Sequence[str], no: Sequence[str], folds: int = 5) -> float:
    """Return the share of words told right by models that have not seen them."""
    right = 0
    for fold in range(folds):
        weights = train(
            (word for at, word in enumerate(yes) if at % folds != fold),
            (word for at, word in enumerate(no) if at % folds != fold),
        )
        right += sum(_score(weights, word) > 0 for word in yes[fold::folds])
        right += sum(_score(weights, word) < 0 for word in no[fold::folds])
    return right / (len(yes) + len(no))


def _descend(examples: list[Example]) -> dict[str, float]:
    weights: dict[str, float] = {}
    order = list(range(len(examples)))
    dice = random.Random(1)  # the same shuffle every time
    for epoch in range(EPOCHS):
        dice.shuffle(order)
        rate = RATE / (1 + DECAY * len(order) * epoch / 1000)
        for at in order:
            seen, label = examples[at]
            guess = _squash(sum(weights.get(piece, 0.0) for piece in seen))
            step = rate * (label - guess)
            for piece in seen:
                old = weights.get(piece, 0.0)
                weights[piece] = old + step - PENALTY * old
    return weights


def _squash(score: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, score))))


def _score(weights: Mapping[str, float], word: str) -> float:
    return sum(weights.get(piece, 0.0) for piece in lexicon.pieces(word))


def _packed(weights: Mapping[str, float]) -> dict[str, str]:
    """Group pieces by their weight in tenths: tenths -> pieces, one space between."""
    groups: dict[int, list[str]] = {}
    for piece in sorted(weights):
        tenths = round(weights[piece] * 10)
        if abs(tenths) >= MIN_TENTHS:
            groups.setdefault(tenths, []).append(piece)
    return {str(tenths): " ".join(groups[tenths]) for tenths in sorted(groups)}


def _roots() -> list[str]:
    lines = (HERE / "ordinary_words.txt").read_text(encoding="utf-8").split("# roots\n")[1]
    return lines.partition("#")[0].split()


def _region_words() -> Iterator[str]:
    with (DATA / "regions.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield from (w for w in _MARK.sub(" ", row["name"].lower()).split() if len(w) > 2)


if __name__ == "__main__":
    text = json.dumps(build(), indent=0, separators=(",", ":"), ensure_ascii=False)
    (DATA / "tokens.json").write_text(text + "\n", encoding="utf-8")
