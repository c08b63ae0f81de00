"""The policy file: what it says is taken, what would open a hole is refused by name."""

from pathlib import Path

import pytest

from helpdesk.errors import SettingsError
from helpdesk.matching.score import Thresholds
from helpdesk.replies import policy
from helpdesk.replies.policy import Grade, Level
from helpdesk.tickets.kinds import Channel

SHIPPED = Path("config/policy.toml")


def test_the_shipped_policy_shows_a_number_only_for_proven_and_likely():
    loaded = policy.load(SHIPPED)
    for channel in Channel:
        evidence = loaded.of(channel).evidence
        showing = {grade for grade in Grade if evidence.of(grade).disclose.shows}
        assert showing == {Grade.PROVEN, Grade.LIKELY}


def test_the_shipped_thresholds_are_the_matchers_own():
    assert policy.load(SHIPPED).matching.thresholds == Thresholds()


def test_every_channel_builds_on_email_and_keeps_its_own_words():
    loaded = policy.load(SHIPPED)
    assert loaded.of(Channel.X).sender == "account"
    assert loaded.of(Channel.X).evidence == loaded.of(Channel.EMAIL).evidence


def test_a_rule_of_one_channel_leaves_the_others_alone():
    rule = '{ disclose = "redirect", approvals = 1 }'
    own = f"[channel.x.evidence]\nproven = {rule}\nlikely = {rule}\n"
    loaded = policy.parse(f"{SHIPPED.read_text()}\n{own}")
    assert loaded.of(Channel.X).evidence.proven.disclose is Level.REDIRECT
    assert loaded.of(Channel.EMAIL).evidence.proven.disclose is Level.FULL


PROVEN = 'proven = { disclose = "full", approvals = 1 }'
LIKELY = 'likely = { disclose = "masked", approvals = 2 }'
UNAUTHENTICATED = 'unauthenticated = { at_most = "masked", approvals = 2 }'
CHOSE = 'agent_chose = { at_most = "full", approvals = 2 }'
EVIDENCE = "channel.email.evidence"


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        (PROVEN, PROVEN.replace("full", "all"), f"{EVIDENCE}.proven.disclose"),
        (PROVEN, PROVEN.replace("1", "3"), f"{EVIDENCE}.proven.approvals"),
        (PROVEN, PROVEN.replace("1", "1, who = 1"), f"{EVIDENCE}.proven"),
        (PROVEN, PROVEN.replace("full", "redirect"), f"{EVIDENCE}.likely"),
        (LIKELY, LIKELY.replace("masked", "full"), f"{EVIDENCE}.likely"),
        (
            'unsure = { disclose = "redirect"',
            'unsure = { disclose = "masked"',
            f"{EVIDENCE}.unsure",
        ),
        (UNAUTHENTICATED, 'unauthenticated = { at_most = "full", approvals = 1 }', "unauthent"),
        (CHOSE, CHOSE.replace("2", "1"), "agent_chose"),
        ('group = { at_most = "redirect"', 'group = { at_most = "masked"', "doubt.group"),
        ("people = 1", "people = 0", "limits.people"),
        ("people = 1", "peple = 1", "peple"),
        ("rival = 0.01", "rival = nan", "limits.rival"),
        ("[channel.x]", "[channel.myspace]", "channel.myspace"),
        ("[channel.email]", "[channel.email]\nsendr = 1", "sendr"),
        ("accept = 0.99", "accept = 0.5", r"matching\.accept: below 0\.9"),
        ("accept = 0.99", "accept = 1", r"matching\.accept"),
        ("accept = 0.99", "accept = nan", r"matching\.accept"),
        ("reject = 0.1", "reject = 0.99", r"matching\.reject: must be below"),
        ("runner_up = 0.01", "runner_up = 0.2", r"matching\.runner_up"),
        ("second_look = 0.02", "second_look = 1.5", r"matching\.second_look"),
        ("second_look = 0.02", "second_look = -0.1", r"matching\.second_look"),
        ("[matching]", "[match]", "match"),
    ],
    ids=[
        "a level that is none",
        "three approvals",
        "a misspelt key in a rule",
        "likely above proven",
        "likely shows everything",
        "unsure shows something",
        "one person for anybody",
        "one person for whom they chose",
        "a group shows something",
        "nobody at all",
        "a misspelt limit",
        "not a number",
        "no such channel",
        "a misspelt key",
        "a guess as a match",
        "no match ever",
        "a threshold that is no number",
        "nobody left to look",
        "a rival as likely as not",
        "more looks than matches",
        "fewer looks than none",
        "a misspelt section",
    ],
)
def test_what_cannot_be_used_is_refused_with_its_key(old, new, named):
    text = SHIPPED.read_text()
    assert old in text
    with pytest.raises(SettingsError, match=named):
        policy.parse(text.replace(old, new, 1))


def test_without_email_there_is_nothing_to_build_on():
    limits = SHIPPED.read_text().partition("[channel.email]")[0]
    with pytest.raises(SettingsError, match=r"channel\.email"):
        policy.parse(limits + '[channel.x]\nsender = "none"\n')


def test_a_file_that_is_not_there_or_not_toml_is_named(tmp_path):
    with pytest.raises(SettingsError, match="gone"):
        policy.load(tmp_path / "gone.toml")
    (tmp_path / "bad.toml").write_text("[[")
    with pytest.raises(SettingsError, match=r"bad\.toml"):
        policy.load(tmp_path / "bad.toml")
    (tmp_path / "wrong.toml").write_text("limits = 1")
    with pytest.raises(SettingsError, match=r"wrong\.toml: .*limits"):
        policy.load(tmp_path / "wrong.toml")
