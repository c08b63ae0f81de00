"""The words for how a fact was read: which rule saw it, and how sure that makes it."""

from collections.abc import Callable

from helpdesk.i18n import mark
from helpdesk.matching.queries import FactView

# One sentence for each rule of the reading.
RULES: dict[str, str] = {
    "name_label": mark("It stands after a label such as “Nama”."),
    "place_label": mark("It stands after a label such as “Tempat lahir” or “TTL”."),
    "date_label": mark("It stands after a label such as “Tanggal lahir” or “TTL”."),
    "nik_label": mark("It stands after a label such as “NIK” or “No. KTP”."),
    "nik_shape": mark("It has the shape of a NIK: 16 digits with a region and a birth date."),
    "date_shape": mark("It is a date at which a participant can be born, among the other data."),
    "name_cell": mark("It stands among the other data, where a name belongs."),
    "place_cell": mark("It is a known place and stands among the other data."),
    "place_after_date": mark("It is a place and stands at the birth date."),
    "introduction": mark("The writer introduces somebody by this name: “saya …”, “suami saya …”."),
    "sign_off": mark("The message is signed with this name."),
    "profile_name": mark("The writer says that the name of their profile is theirs."),
    "nik_tail": mark("The writer corrected the last digits of a NIK given before."),
    "nik_head": mark("The writer corrected the first digits of a NIK given before."),
    "nik_part": mark("The writer corrected some digits of a NIK given before."),
    "year": mark("The writer corrected the year of a date given before."),
    "date_part": mark("The writer corrected the day or the month of a date given before."),
    "name_part": mark("The writer corrected the spelling of a name given before."),
    "place_shared": mark("The writer says that all of them were born there."),
    "date_shared": mark("The writer says that all of them were born on that day."),
}
# For a rule without a sentence of its own, by how its name ends or begins.
_KINDS: tuple[tuple[str, str], ...] = (
    ("label", mark("It stands after a label that announces it.")),
    ("shape", mark("It was known by its shape.")),
    ("cell", mark("It stands among the other data.")),
    ("column", mark("It stands in a table, in a column of its own.")),
    ("ktp", mark("It was read from a photo of an identity card.")),
    ("card", mark("It was read from a photo of an identity card.")),
    ("photo", mark("It was read from a photo of an identity card.")),
)
_ANY = mark("It was found in the conversation.")
_BY_AGENT = mark("An agent entered it.")
_SELECTED = mark("An agent selected it in the message.")
# From which confidence on, surest first.
_SURE: tuple[tuple[float, str], ...] = (
    (0.95, mark("almost certain")),
    (0.8, mark("fairly sure")),
    (0.5, mark("unsure")),
    (0.0, mark("only a guess")),
)


def why(fact: FactView) -> str:
    """Return in one English sentence why a fact was taken for one; to be translated."""
    if fact.agent_id is not None:
        return _BY_AGENT if fact.span_start is None else _SELECTED
    return RULES.get(fact.rule) or _of_kind(fact.rule)


def how_sure(confidence: float) -> str:
    """Return a confidence in English words; to be translated."""
    return next(words for least, words in _SURE if confidence >= least)


def percent(confidence: float) -> int:
    """Round down: nothing is shown as certain that is not."""
    return min(int(confidence * 100), 99)


def hint(fact: FactView, gettext: Callable[[str], str]) -> str:
    """Return how sure a fact is and why in one line, for where nothing better can be shown."""
    reason = gettext(why(fact))
    if fact.agent_id is not None:
        return reason
    return f"{gettext(how_sure(fact.confidence))}, {percent(fact.confidence)}%. {reason}"


def _of_kind(rule: str) -> str:
    parts = set(rule.split("_"))
    return next((words for part, words in _KINDS if part in parts), _ANY)
