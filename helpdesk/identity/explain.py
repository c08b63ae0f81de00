"""Why something was read: what each rule looks for, and what all of them saw in a conversation."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from helpdesk.identity.extract import look
from helpdesk.identity.findings import Finding
from helpdesk.identity.types import Conversation
from helpdesk.identity.whose.people import Scene
from helpdesk.identity.wish import intent

RULES: Mapping[str, str] = {
    "name_label": "follows a label for a name",
    "name_cell": "stands beside other facts and can only be the name",
    "introduction": "the writer introduces somebody by it",
    "sign_off": "stands under the letter",
    "profile_name": "the writer says that the profile's name is theirs",
    "place_label": "follows a label for a birth place",
    "place_cell": "a known place beside other facts",
    "place_after_date": "a place right after the birth date",
    "place_shared": "the birth place that all of them have",
    "date_shared": "the birth date that all of them have",
    "date_label": "follows a label for a birth date",
    "date_shape": "a date of a participant's age that nothing says is another date",
    "nik_label": "follows a label for the NIK",
    "nik_shape": "sixteen digits with a region and a birth date inside",
    "nik_tail": "corrects the end of the NIK",
    "nik_head": "corrects the start of the NIK",
    "nik_part": "corrects some digits of the NIK",
    "year": "corrects the year of birth",
    "date_part": "corrects the day or the month of birth",
    "name_part": "corrects the spelling of the name",
    "name_column": "in a list's column or line of names",
    "place_column": "in a list's column or line of places",
    "date_column": "in a list's column or line of birth dates",
    "nik_column": "in a list's column or line of NIKs",
    "ktp_full_name": "on the photo of an identity card",
    "ktp_birth_place": "on the photo of an identity card",
    "ktp_birth_date": "on the photo of an identity card",
    "ktp_nik": "on the photo of an identity card",
}


def explain(conversation: Conversation, *, today: dt.date) -> dict[str, Any]:
    """Return what was seen, whether it stood or not, for a person who wonders.

    Returns:
        `{"asks": chance that a number is asked for, "wanted": whether it is enough, "own",
        "other", "relation": whose, by weight,
        "findings": [{"field", "value", "confidence", "rule", "why", "span", "whose"}, …]}` in the
        order of the text; spans are [message, start, end], message -1 is the subject.
    """
    seen = look(conversation, today=today)
    asked = seen.scene.stage.asked
    ordered = sorted(seen.findings, key=lambda one: (one.span.message, one.span.start))
    return {
        "asks": round(seen.asks, 3),
        "wanted": seen.asks >= intent.THRESHOLD,
        "own": asked.own,
        "other": asked.other,
        "relation": asked.relation or None,
        "findings": [_finding(one, seen.scene) for one in ordered],
    }


def _finding(finding: Finding, scene: Scene) -> dict[str, Any]:
    return {
        "field": finding.field.value,
        "value": finding.value,
        "confidence": round(finding.confidence, 3),
        "rule": finding.rule,
        "why": RULES.get(finding.rule, finding.rule.replace("_", " ")),
        "span": [finding.span.message, finding.span.start, finding.span.end],
        "whose": scene.stage.whose(finding).who or None,
        "corrects": finding.corrects,
    }
