"""What the public form says of an answer that cannot be accepted or should be looked at again."""

from collections.abc import Callable, Mapping

from helpdesk.i18n import mark
from helpdesk.ingest.formcheck import Problem

_WORDS: dict[tuple[str, Problem], str] = {
    ("full_name", Problem.MISSING): mark("Write your full name"),
    ("full_name", Problem.NO_LETTERS): mark("Write your name in letters"),
    ("birth_place", Problem.MISSING): mark("Write your birth place"),
    ("birth_place", Problem.NO_LETTERS): mark("Write your birth place in letters"),
    ("birth_date", Problem.MISSING): mark("Write your birth date"),
    ("birth_date", Problem.NO_DATE): mark(
        "Write your birth date as day, month and year, for example 17-08-1990"
    ),
    ("birth_date", Problem.DATE_AHEAD): mark("Your birth date has not come yet; check the year"),
    ("birth_date", Problem.DATE_LONG_AGO): mark("Check the year of your birth date"),
    ("nik", Problem.MISSING): mark("Write your NIK"),
    ("nik", Problem.NIK_LENGTH): mark("A NIK has 16 digits; count yours again"),
    ("reach", Problem.MISSING): mark("Choose where we may answer"),
    ("email", Problem.MISSING): mark("Write your e-mail address"),
    ("email", Problem.NO_EMAIL): mark("Write an e-mail address like nama@contoh.id"),
    ("email", Problem.OUR_EMAIL): mark("This is our own address; write yours"),
    ("phone", Problem.MISSING): mark("Write your mobile number"),
    ("phone", Problem.NO_PHONE): mark("Write a number like 0812 3456 7890"),
    ("channel", Problem.MISSING): mark("Choose whether they called or came"),
    ("caller", Problem.MISSING): mark("Write who is calling or has come"),
    ("number", Problem.NO_PHONE): mark("Write a number like 0812 3456 7890"),
    ("question", Problem.MISSING): mark("Write down a fact or what is asked"),
    ("consent", Problem.MISSING): mark("Tick that your data may be used for this request"),
}
_TOO_LONG = mark("This is too long; write it shorter")
_HINTS = {
    "nik_date": mark("The date inside this NIK is not the birth date you wrote. Check both."),
    "nik_impossible": mark("The date inside this NIK does not exist. Check the digits."),
}


def problems(found: Mapping[str, Problem], gettext: Callable[[str], str]) -> dict[str, str]:
    """Return what is wrong with each field in words."""
    return {
        name: gettext(_WORDS.get((name, problem), _TOO_LONG)) for name, problem in found.items()
    }


def hints(gettext: Callable[[str], str]) -> dict[str, str]:
    """Return what is said of a NIK that should be looked at again, by code."""
    return {code: gettext(words) for code, words in _HINTS.items()}
