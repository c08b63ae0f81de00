"""Texts as they may stand in a table that somebody opens with a spreadsheet."""

_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "'")


def cell(text: str) -> str:
    """Return a text as it may stand in a CSV cell; `text` comes back if one apostrophe is cut."""
    odd = text.lstrip().startswith(_FORMULA) or text.startswith(("\t", "\r", "\n"))
    return f"'{text}" if odd else text
