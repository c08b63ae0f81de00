"""Name made-up people by group, sex and year of birth, a block at a time."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from helpdesk.registry.synthetic.vocabulary import (
    Chances,
    Numbers,
    Texts,
    data,
    decades,
    vocabulary,
)

Flags: TypeAlias = NDArray[np.bool_]

CHANCES = 12  # columns of chances that one name takes

_MODERN_YEAR, _MODERN_SPREAD = 1988, 5.0  # when half of the names were modern, and how fast
_WHOLE = 0.14  # names taken whole, Siti Aminah, where there are such
_COINED, _COINED_MODERN, _COINED_LAST = 0.04, 0.12, 0.22  # words that no list has
_NO_LIST = -1
_SEXES = ("male", "female")


@dataclass(frozen=True, slots=True)
class Names:
    """The words of names by number, a row each: before, first, second, last; 0 for none."""

    words: Numbers
    clan: Flags  # the last word is a family's name

    def texts(self, chosen: Numbers) -> Texts:
        """Return the names of these rows, in capitals."""
        rows, spell = self.words[chosen], vocabulary().spell
        joined = spell(rows[:, 0]) + spell(rows[:, 1]) + spell(rows[:, 2]) + spell(rows[:, 3])
        texts: Texts = np.array([text[:-1] for text in joined], dtype=object)
        return texts


@dataclass(frozen=True, slots=True)
class _Groups:
    """How groups are called: lists and styles by [sex, group], shares by [group]."""

    numbers: dict[str, int]
    given: Numbers
    last: Numbers
    modern: Numbers
    modern_last: Numbers
    whole: Numbers
    whole_modern: Numbers
    before: Numbers
    style: Numbers
    modern_style: Numbers
    mononym: Chances
    three: Chances
    clan: Flags


def draw(group: Numbers, female: Flags, year: Numbers, chances: Chances) -> Names:
    """Name people; `chances` has a row of `CHANCES` for each."""
    called, spoken = groups(), vocabulary()
    at, decade = (female.astype(np.int64), group), decades(year)
    kind = chances[:, 0]
    modern = chances[:, 1] < 1 / (1 + np.exp((_MODERN_YEAR - year) / _MODERN_SPREAD))

    given = np.where(modern, called.modern[at], called.given[at])
    style = np.where(modern, called.modern_style[at], called.style[at])
    rate = np.where(modern, _COINED_MODERN, _COINED)
    first = spoken.draw(given, decade, chances[:, 2])
    first = np.where(chances[:, 3] < rate, spoken.coin(style, chances[:, 4]), first)
    second = spoken.draw(given, decade, chances[:, 5])
    second = np.where(chances[:, 6] < rate, spoken.coin(style, chances[:, 7]), second)
    last = np.where(modern, called.modern_last[at], called.last[at])
    last = spoken.draw(last, decade, chances[:, 8])
    last = np.where(
        chances[:, 9] < _COINED_LAST, spoken.coin(called.style[at], chances[:, 10]), last
    )

    # Names of one word go out of fashion, those of three come into it.
    last[kind < called.mononym[group] * np.where(modern, 0.35, 1.0)] = 0
    three = kind > 1 - called.three[group] * np.where(modern, 2.2, 0.8)
    second[~three | (second == first)] = 0
    last[(last == first) | (last == second)] = 0
    before = _drawn_where_listed(called.before[at], decade, chances[:, 11])

    whole = np.where(modern, called.whole_modern[at], called.whole[at])
    whole = _drawn_where_listed(whole, decade, chances[:, 11] / _WHOLE)
    first = np.where(whole, whole, first)
    second[whole > 0], last[whole > 0] = 0, 0
    words = np.column_stack((before, first, second, last))
    return Names(words, called.clan[group] & (last > 0))


@lru_cache(maxsize=1)
def groups() -> _Groups:
    """Return how groups are called."""
    called = data()["groups"]
    spoken = vocabulary()

    def lists(name_of: Callable[[dict[str, Any], str], str]) -> Numbers:
        return _by_sex(called, lambda group, sex: _number(spoken.list_number, name_of(group, sex)))

    def styles(name_of: Callable[[dict[str, Any], str], str]) -> Numbers:
        return _by_sex(called, lambda group, sex: spoken.style_number[name_of(group, sex)])

    return _Groups(
        numbers={name: at for at, name in enumerate(called)},
        given=lists(lambda group, sex: group[sex]),
        last=lists(lambda group, sex: group[f"last_{sex}"]),
        modern=lists(lambda group, sex: f"{group['modern']}_{sex}"),
        modern_last=lists(
            lambda group, sex: (
                f"{group['modern_last']}_{sex}" if group["modern_last"] else group[f"last_{sex}"]
            )
        ),
        whole=lists(lambda group, sex: f"full_{sex}" if group["full"] else ""),
        whole_modern=lists(lambda group, sex: f"full_{sex}_modern" if group["full"] else ""),
        before=lists(lambda group, sex: f"bali_before_{sex}" if group["coined"] == "bali" else ""),
        style=styles(lambda group, sex: _style(group["coined"], sex, spoken.style_number)),
        modern_style=styles(lambda _group, sex: f"modern_{sex}"),
        mononym=np.array([group["mononym"] for group in called.values()]),
        three=np.array([group["three"] for group in called.values()]),
        clan=np.array([group["clan"] for group in called.values()]),
    )


def _drawn_where_listed(lists: Numbers, decade: Numbers, chances: Chances) -> Numbers:
    """Return a word of each list; 0 where there is no list or the chance is 1 or more."""
    fit = (lists != _NO_LIST) & (chances < 1)
    drawn = vocabulary().draw(np.where(fit, lists, 0), decade, np.where(fit, chances, 0.0))
    return np.where(fit, drawn, 0)


def _by_sex(
    called: dict[str, dict[str, Any]], number_of: Callable[[dict[str, Any], str], int]
) -> Numbers:
    rows = [[number_of(group, sex) for group in called.values()] for sex in _SEXES]
    return np.array(rows, dtype=np.int64)


def _number(numbers: dict[str, int], name: str) -> int:
    return numbers[name] if name else _NO_LIST


def _style(name: str, sex: str, known: dict[str, int]) -> str:
    return name if name in known else f"{name}_{sex}"
