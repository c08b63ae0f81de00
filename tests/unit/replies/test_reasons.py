"""The words for reasons."""

from helpdesk.replies import reasons
from helpdesk.replies.policy import Doubt


def test_every_doubt_has_words_in_both_languages():
    for doubt in Doubt:
        assert reasons.text(doubt, "id") != reasons.text(doubt, "en") != doubt


def test_an_unknown_code_is_shown_as_it_is():
    assert reasons.text("new_code", "id") == "new_code"
