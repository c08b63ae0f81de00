"""The words for what the matcher found: a comparison, a person, what stands against them."""

from collections.abc import Sequence
from dataclasses import dataclass

from babel.lists import format_list

from helpdesk import i18n
from helpdesk.i18n import mark
from helpdesk.identity.types import Field
from helpdesk.matching.types import Doubt, Evidence, Level, Verdict, Way

_ORDER = (Field.NIK, Field.BIRTH_DATE, Field.FULL_NAME, Field.BIRTH_PLACE)
_FACTS: dict[str, str] = {
    Field.NIK: "NIK",
    Field.FULL_NAME: mark("name"),
    Field.BIRTH_DATE: mark("birth date"),
    Field.BIRTH_PLACE: mark("birth place"),
}
_SHORT = {**_FACTS, Field.BIRTH_DATE: mark("date"), Field.BIRTH_PLACE: mark("place")}
_LEVELS: dict[str, str] = {
    Level.EXACT: mark("the same"),
    Level.SAME: mark("the same, spelled otherwise"),
    Level.SIMILAR: mark("similar"),
    Level.SWAPPED: mark("day and month swapped"),
    Level.ONE_DIGIT: mark("one digit off"),
    Level.ONE_DIGIT_SERIAL: mark("one digit off at the end"),
    Level.TWO_DIGITS: mark("two digits off"),
    Level.SAME_YEAR: mark("only the year agrees"),
    Level.SAME_AREA: mark("only the area agrees"),
    Level.DIFFERENT: mark("different"),
    Level.MISSING: mark("not stated"),
    Level.NOT_RECORDED: mark("not recorded"),
}
AGREEING = frozenset({Level.EXACT, Level.SAME})
UNKNOWN = frozenset({Level.MISSING, Level.NOT_RECORDED})
_DOUBTS: dict[str, str] = {
    Doubt.UNSURE: mark("It is not probable enough to be taken for granted."),
    Doubt.NOT_ENOUGH: mark(
        "Neither NIK nor birth date agrees, so it may be somebody else of that name."
    ),
    Doubt.OTHER_NIK: mark(
        "Name and birth date agree, but the NIK is altogether another: perhaps somebody else."
    ),
    Doubt.OTHER_NAME: mark("The name is another one: perhaps the NIK of somebody else."),
    Doubt.RUNNER_UP: mark("Somebody else could be meant, too."),
}
_WAYS: dict[str, str] = {
    Way.NIK: mark("Found by the NIK."),
    Way.DATE_AND_NAME: mark("Found by the birth date and the name."),
    Way.NEAR_NIK: mark("Found by a NIK that is one slip away."),
    Way.NEAR_DATE: mark("Found by a birth date that is one digit off, and the name."),
    Way.NAME_AND_PLACE: mark("Found by the name and the birth place."),
    Way.NAME: mark("Found by the name."),
    Way.DAY: mark("Found among everybody of that birth date, by the likeness of the name."),
}
# From which probability on, surest first; the name follows.
_WHO: tuple[tuple[float, str], ...] = (
    (0.99, mark("Almost certainly %(name)s")),
    (0.9, mark("Very probably %(name)s")),
    (0.5, mark("Probably %(name)s")),
    (0.1, mark("Perhaps %(name)s")),
    (0.0, mark("Hardly %(name)s")),
)
_NOBODY = mark("Nobody fits; %(name)s is the most alike")
_RIVAL = 0.01  # from this probability on somebody else is named


@dataclass(frozen=True, slots=True)
class Others:
    """Who else could be meant: how many are listed, the likeliest, and whether more are not.

    `percent` is the likeliest one's probability as it is shown.
    """

    count: int = 0
    name: str = ""
    probability: float = 0.0
    percent: str = ""
    unlisted: bool = False


def ordered(evidence: Sequence[Evidence]) -> list[Evidence]:
    """Return comparisons with those first that tell people apart best."""
    return sorted(
        evidence,
        key=lambda each: _ORDER.index(Field(each.feature)) if field_of(each.feature) else 9,
    )


def fact(feature: str, language: str) -> str:
    """Return the name of a fact within a sentence."""
    name = _FACTS.get(feature)
    return i18n.translations(language).gettext(name) if name else feature.replace("_", " ")


def how(level: str, language: str) -> str:
    """Return how a fact compared; a code without words comes back readable."""
    said = _LEVELS.get(level)
    return i18n.translations(language).gettext(said) if said else level.replace("_", " ")


def text(feature: str, level: str, language: str) -> str:
    """Return a comparison in a few words."""
    name = fact(feature, language)
    return f"{name[:1].upper()}{name[1:]} {how(level, language)}"


def short(feature: str, level: str, language: str) -> str:
    """Return a comparison beside a sign that says whether it agrees: then its name is enough."""
    if level in UNKNOWN or level == Level.EXACT:
        name = i18n.translations(language).gettext(_SHORT.get(feature, feature))
        return f"{name[:1].upper()}{name[1:]}"
    return text(feature, level, language)


def field_of(feature: str) -> str:
    """Return the fact a comparison is about, or nothing."""
    return feature if feature in set(Field) else ""


def who(name: str, probability: float, verdict: str | None, language: str) -> str:
    """Return who it is and how sure that is, in words."""
    said = next(words for least, words in _WHO if probability >= least)
    if verdict == Verdict.NONE:
        said = _NOBODY
    return i18n.translations(language).gettext(said) % {"name": name}


def why(evidence: Sequence[Evidence], others: Others, language: str) -> str:
    """Return why it is them in one or two sentences: what agrees, what not, and who else is."""
    speech = _Speech(language)
    agreeing = [speech.clause(*group) for group in _grouped(evidence, near=True)]
    against = [speech.clause(*group) for group in _grouped(evidence, near=False)]
    said = ", ".join(agreeing)
    if against:
        joined = ", ".join(against)
        said = speech.say(_BUT) % {"first": said, "second": joined} if said else joined
    return (
        f"{said[:1].upper()}{said[1:]}. {speech.others(others)}" if said else speech.others(others)
    )


def missing(evidence: Sequence[Evidence], level: Level, language: str) -> str:
    """Return which facts the claim does not state, or the registry does not have, or ""."""
    facts = [each.feature for each in ordered(evidence) if each.level == level]
    if not facts:
        return ""
    said = _Speech(language).clause(level, facts)
    return f"{said[:1].upper()}{said[1:]}."


def doubt(code: str, language: str) -> str:
    """Return in a sentence what stands against a match; an unknown code readable."""
    return i18n.translations(language).gettext(_DOUBTS.get(code, code.replace("_", " ")))


def way(code: str, language: str) -> str:
    """Return in a sentence which key led to a person; an unknown code readable."""
    return i18n.translations(language).gettext(_WAYS.get(code, code.replace("_", " ")))


_BUT = mark("%(first)s, but %(second)s")
_NEAR = (
    Level.EXACT,
    Level.SAME,
    Level.SIMILAR,
    Level.SWAPPED,
    Level.ONE_DIGIT,
    Level.ONE_DIGIT_SERIAL,
)
AGAINST = (Level.TWO_DIGITS, Level.SAME_YEAR, Level.SAME_AREA, Level.DIFFERENT)


def _grouped(evidence: Sequence[Evidence], *, near: bool) -> list[tuple[Level, list[str]]]:
    groups: list[tuple[Level, list[str]]] = []
    for level in _NEAR if near else AGAINST:
        facts = [each.feature for each in ordered(evidence) if each.level == level]
        if facts:
            groups.append((level, facts))
    return groups


class _Speech:
    """The sentences of one language."""

    def __init__(self, language: str) -> None:
        self._language = language
        translations = i18n.translations(language)
        self.say, self._count = translations.gettext, translations.ngettext

    def clause(self, level: Level, features: list[str]) -> str:
        """Say of some facts how they compare."""
        named = [fact(each, self._language) for each in features]
        return self._clauses(len(named))[level] % {
            "facts": format_list(named, locale=self._language)
        }

    def others(self, others: Others) -> str:
        """Say who else could be meant."""
        if others.probability >= _RIVAL:
            values = {"name": others.name, "percent": others.percent}
            return self.say(mark("It may also be %(name)s (%(percent)s).")) % values
        if others.unlisted:
            return self.say(mark("Others of such a name could be meant just as well."))
        if not others.count:
            return self.say(mark("Nobody else is like them."))
        return self._count(
            "%(num)s other person is like them, but fits far less.",
            "%(num)s others are like them, but fit far less.",
            others.count,
        ) % {"num": others.count}

    def _clauses(self, number: int) -> dict[Level, str]:
        ngettext = self._count
        return {
            Level.EXACT: ngettext("%(facts)s agrees", "%(facts)s agree", number),
            Level.SAME: self.say(mark("%(facts)s agrees but for the spelling")),
            Level.SIMILAR: ngettext("%(facts)s is similar", "%(facts)s are similar", number),
            Level.SWAPPED: self.say(mark("day and month of birth are swapped")),
            Level.ONE_DIGIT: ngettext(
                "%(facts)s is one digit off", "%(facts)s are one digit off", number
            ),
            Level.ONE_DIGIT_SERIAL: self.say(mark("%(facts)s is one digit off at the end")),
            Level.TWO_DIGITS: self.say(mark("%(facts)s is two digits off")),
            Level.SAME_AREA: ngettext(
                "of %(facts)s only the area agrees", "of %(facts)s only the area agrees", number
            ),
            Level.SAME_YEAR: self.say(mark("of the birth date only the year agrees")),
            Level.DIFFERENT: ngettext("%(facts)s differs", "%(facts)s differ", number),
            Level.MISSING: ngettext("%(facts)s is not stated", "%(facts)s are not stated", number),
            Level.NOT_RECORDED: ngettext(
                "%(facts)s is not in the registry", "%(facts)s are not in the registry", number
            ),
        }
