"""How far an import is, and how long things take, in words."""

import datetime as dt

import pytest

from helpdesk.registry.models import GenerationState, ImportKind
from helpdesk.web import registry_words
from helpdesk.web.registry_pages import running, stages

NOW = dt.datetime(2026, 11, 2, 3, 15, tzinfo=dt.UTC)


def test_a_running_stage_says_how_long_it_has_left():
    told = {"stage": "keys", "done": 250, "total": 1_000, "rows_per_s": 50.0}

    found = running(told, NOW, NOW)

    assert (found.ratio, found.left_s, found.silent) == (0.25, 15, False)


@pytest.mark.parametrize(
    "told",
    [None, {}, {"stage": "read", "done": 5, "total": 0}, {"stage": "read", "done": 9, "total": 5}],
    ids=["nothing", "empty", "total not known", "more than thought"],
)
def test_what_is_not_known_is_not_told(told):
    found = running(told, NOW, NOW)

    assert (found.ratio, found.left_s) == (None, None)


def test_a_builder_that_fell_silent_is_seen():
    assert running({}, NOW - dt.timedelta(minutes=3), NOW).silent


def test_stages_are_drawn_by_the_longest():
    found = stages({"seconds": {"read": 5.0, "keys": 10.0}})

    assert [(each.name, each.share) for each in found] == [("read", 0.5), ("keys", 1.0)]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.44, "0,4 dtk"),
        (59.6, "1 mnt"),
        (552, "9 mnt 12 dtk"),
        (3905, "1 j 5 mnt"),
        (7200, "2 j"),
    ],
)
def test_a_duration_has_its_two_largest_units(seconds, text):
    assert registry_words.duration(seconds, language="id") == text


def test_every_state_and_kind_has_words():
    assert set(registry_words.STATES) == set(registry_words.SIGNS) == set(GenerationState)
    assert set(registry_words.KINDS) == set(ImportKind)
