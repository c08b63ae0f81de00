"""The rules of config/policy.toml as values, read and refused by name."""

import tomllib
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias, TypeVar

import msgspec
from msgspec import Meta, Struct

from helpdesk.errors import SettingsError
from helpdesk.matching.score import Thresholds
from helpdesk.tickets.kinds import Channel

_T = TypeVar("_T")

_LEAST_ACCEPTED = 0.9  # whatever a match costs to look at, a wrong number told costs more


class Level(StrEnum):
    """What a reply does about a KPJ; only the first two show any of it."""

    FULL = "full"
    MASKED = "masked"
    REDIRECT = "redirect"
    ASK = "ask"
    NONE = "none"

    @property
    def shows(self) -> bool:
        return self in {Level.FULL, Level.MASKED}


class Grade(StrEnum):
    """How strong the evidence is that the writer speaks of one known participant."""

    PROVEN = "proven"
    LIKELY = "likely"
    UNSURE = "unsure"
    UNKNOWN = "unknown"
    INCOMPLETE = "incomplete"
    OTHER = "other"
    NOTHING = "nothing"


class Doubt(StrEnum):
    """What takes trust away, whatever the evidence."""

    UNAUTHENTICATED = "unauthenticated"
    REPLY_TO_DIFFERS = "reply_to_differs"
    DEFECTS = "defects"
    SEVERAL_PEOPLE = "several_people"
    ASKED_FOR_OTHERS = "asked_for_others"
    NIK_ASKED_ELSEWHERE = "nik_asked_elsewhere"
    AGENT_ENTERED = "agent_entered"
    AGENT_CHOSE = "agent_chose"
    GROUP = "group"


Approvals: TypeAlias = Literal[1, 2]

# One person alone never sends a whole number to a writer who may be anybody, nor that of somebody
# the matcher did not hold for the one meant.
_FOR_TWO = (
    Doubt.UNAUTHENTICATED,
    Doubt.REPLY_TO_DIFFERS,
    Doubt.DEFECTS,
    Doubt.SEVERAL_PEOPLE,
    Doubt.ASKED_FOR_OTHERS,
    Doubt.AGENT_CHOSE,
)


class Rule(Struct, frozen=True, forbid_unknown_fields=True):
    """What evidence of one grade allows."""

    disclose: Level
    approvals: Approvals


class Cap(Struct, frozen=True, forbid_unknown_fields=True):
    """What a doubt leaves of it."""

    at_most: Level
    approvals: Approvals


class Evidence(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A rule for each grade; the fields are the values of `Grade`."""

    proven: Rule
    likely: Rule
    unsure: Rule
    unknown: Rule
    incomplete: Rule
    other: Rule
    nothing: Rule

    def of(self, grade: Grade) -> Rule:
        rule: Rule = getattr(self, grade.value)
        return rule


class Doubts(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A cap for each doubt; the fields are the values of `Doubt`."""

    unauthenticated: Cap
    reply_to_differs: Cap
    defects: Cap
    several_people: Cap
    asked_for_others: Cap
    nik_asked_elsewhere: Cap
    agent_entered: Cap
    agent_chose: Cap
    group: Cap

    def of(self, doubt: Doubt) -> Cap:
        cap: Cap = getattr(self, doubt.value)
        return cap


class Rules(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Everything one channel is judged by."""

    sender: Literal["dmarc", "account", "verified", "none"]
    evidence: Evidence
    doubt: Doubts


class Limits(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where counting and comparing turn into doubt."""

    people: Annotated[int, Meta(ge=1)]
    days: Annotated[int, Meta(ge=1, le=3650)]
    rival: Annotated[float, Meta(ge=0, le=0.5)]
    second_confirms: bool
    harmless_defects: frozenset[str]


class Matching(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """When a record counts as the one meant, and how often that is looked at twice."""

    accept: Annotated[float, Meta(gt=0, lt=1)]
    reject: Annotated[float, Meta(gt=0, lt=1)]
    runner_up: Annotated[float, Meta(ge=0, le=0.1)]
    second_look: Annotated[float, Meta(ge=0, le=1)]

    @property
    def thresholds(self) -> Thresholds:
        return Thresholds(self.accept, self.reject, self.runner_up)


class Policy(Struct, frozen=True, kw_only=True):
    """Who may be told what, per channel, and when the matcher is believed."""

    limits: Limits
    matching: Matching
    channels: Mapping[Channel, Rules]

    def of(self, channel: Channel) -> Rules:
        return self.channels.get(channel) or self.channels[Channel.EMAIL]


class _File(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    limits: Limits
    matching: Matching
    channel: dict[str, dict[str, Any]]


def load(path: Path) -> Policy:
    """Read a policy file.

    Raises:
        SettingsError: it cannot be read, a key is unknown or missing, or a value cannot be used;
            the text names the file and the key.
    """
    try:
        return parse(path.read_text(encoding="utf-8"))
    except OSError as error:
        msg = f"cannot read the policy file {path}: {error.strerror}"
        raise SettingsError(msg) from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        msg = f"{path} is not valid TOML: {error}"
        raise SettingsError(msg) from error
    except SettingsError as error:
        msg = f"{path}: {error}"
        raise SettingsError(msg) from error


def parse(text: str) -> Policy:
    """Make a policy of TOML text; raises as `load`, and TOMLDecodeError."""
    file = _convert(tomllib.loads(text), _File, "")
    _check_matching(file.matching)
    known = {channel.value for channel in Channel}
    for name in file.channel:
        if name not in known:
            msg = f"channel.{name}: there is no such channel"
            raise SettingsError(msg)
    base = file.channel.get(Channel.EMAIL)
    if base is None:
        msg = "channel.email: is missing, and every other channel builds on it"
        raise SettingsError(msg)
    channels = {}
    for name, own in file.channel.items():
        key = f"channel.{name}"
        rules = _convert(_merged(base, own), Rules, key)
        _check(rules, key)
        channels[Channel(name)] = rules
    return Policy(limits=file.limits, matching=file.matching, channels=channels)


def _convert(tree: object, into: type[_T], key: str) -> _T:
    try:
        return msgspec.convert(tree, into)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at `$")
        name = ".".join(part for part in (key, where.rstrip("`").lstrip(".")) if part)
        msg = f"{name}: {what}" if name else what
        raise SettingsError(msg) from error


def _merged(base: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """Lay a channel's own tables over those of e-mail; a rule is replaced as a whole."""
    merged = base | own
    for table in ("evidence", "doubt"):
        if isinstance(base.get(table), dict) and isinstance(own.get(table), dict):
            merged[table] = base[table] | own[table]
    return merged


def _check_matching(rules: Matching) -> None:
    """Refuse what would let a guess pass for a match, or call nobody what is one."""
    if rules.accept < _LEAST_ACCEPTED:
        _refuse("matching.accept", f"below {_LEAST_ACCEPTED} strangers would pass for matches")
    if rules.reject >= rules.accept:
        _refuse("matching.reject", "must be below matching.accept, with room for people to look")


def _check(rules: Rules, key: str) -> None:
    """Refuse what no setting may allow: see the comments of config/policy.toml."""
    for grade in Grade:
        level = rules.evidence.of(grade).disclose
        if level.shows and grade not in {Grade.PROVEN, Grade.LIKELY}:
            _refuse(f"{key}.evidence.{grade}", f'"{level}" would show a number without evidence')
    if rules.evidence.likely.disclose is Level.FULL:
        _refuse(f"{key}.evidence.likely", '"full" needs facts that agree exactly')
    if _power(rules.evidence.likely) > _power(rules.evidence.proven):
        _refuse(f"{key}.evidence.likely", "weaker evidence may not be allowed more than `proven`")
    for doubt in _FOR_TWO:
        cap = rules.doubt.of(doubt)
        if cap.at_most is Level.FULL and cap.approvals == 1:
            _refuse(f"{key}.doubt.{doubt}", '"full" needs two approvals here')
    if rules.doubt.group.at_most.shows:
        _refuse(f"{key}.doubt.group", "what is written in a group is read by others")


def _power(rule: Rule) -> int:
    shown = {Level.FULL: 4, Level.MASKED: 2}.get(rule.disclose, 0)
    return shown - (rule.approvals - 1) if shown else 0


def _refuse(key: str, why: str) -> None:
    msg = f"{key}: {why}"
    raise SettingsError(msg)
