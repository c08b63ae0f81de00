"""Phone numbers as people and platforms write them, as E.164."""

import re

# Hyphens of all kinds, spaces of all kinds, dots and brackets; and marks of writing direction.
_FILLERS = re.compile(
    r"[-().\s\u00a0\u2007\u2010-\u2015\u202f\u2212\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069]+"
)
_MAX_CHARS = 60  # a number of 15 digits with a mark around each
_NATIONAL = re.compile(r"(?:\+?62|0062|0)(8[0-9]{7,12})")  # Indonesian mobile
_INTERNATIONAL = re.compile(r"(?:\+|00)([1-9][0-9]{7,14})")


def e164(text: str) -> str:
    """Return the phone number that this text is, as `+6281234567890`; "" if it is none.

    Indonesian mobile numbers are known with +62, 62, 0062 or 0 in front, others only with their
    country's number after + or 00. Never raises.
    """
    if len(text) > _MAX_CHARS:
        return ""
    digits = _FILLERS.sub("", text).removeprefix("~")
    if match := _NATIONAL.fullmatch(digits):
        return f"+62{match[1]}"
    if match := _INTERNATIONAL.fullmatch(digits):
        return f"+{match[1]}"
    return ""
