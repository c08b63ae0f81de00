"""What somebody wrote into the public form: checked, cleaned, and put into words. Pure."""

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from helpdesk.identity.figures import dates, nik
from helpdesk.ingest.exports.phones import e164

MAX_CHARS = 200  # of a one-line field, as in the registry
MAX_QUESTION_CHARS = 4_000
_MAX_READ = 20_000  # of what a browser sent in one field; the rest is not looked at
_OLDEST_YEARS = 120
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_EMAIL = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._%+'-]{{0,63}}@{_LABEL}(?:\.{_LABEL}){{1,5}}")
_LOCAL_NUMBER = re.compile(r"0[2-9][0-9]{6,11}")  # a landline, which is called and not written to
_FILLERS = re.compile(r"[-()./\s]+")


class Reach(StrEnum):
    """How the writer wants to be answered."""

    EMAIL = "email"
    WHATSAPP = "whatsapp"
    PHONE = "phone"


class Problem(StrEnum):
    """What keeps a field from being accepted; the page has the words."""

    MISSING = "missing"
    TOO_LONG = "too_long"
    NO_LETTERS = "no_letters"
    NO_DATE = "no_date"
    DATE_AHEAD = "date_ahead"
    DATE_LONG_AGO = "date_long_ago"
    NIK_LENGTH = "nik_length"
    NO_EMAIL = "no_email"
    OUR_EMAIL = "our_email"
    NO_PHONE = "no_phone"


@dataclass(frozen=True, slots=True)
class Facts:
    """The four facts and the question, clean; `nik` is 16 digits. "" is not stated."""

    full_name: str = field(default="", repr=False)
    birth_place: str = field(default="", repr=False)
    birth_date: dt.date | None = field(default=None, repr=False)
    nik: str = field(default="", repr=False)
    question: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Request:
    """A request that can be accepted.

    `address` is where the answer goes: an e-mail address in lower case, or a number as +62….
    `phone` is a number, also when the answer goes by mail; "" if none was given.
    """

    facts: Facts
    reach: Reach
    address: str = field(repr=False)
    phone: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Checked:
    """`request` is None as long as there are `problems`, by name of the field."""

    problems: Mapping[str, Problem]
    request: Request | None
    hints: tuple[str, ...] = ()


def check(
    typed: Mapping[str, str], *, today: dt.date, own_addresses: frozenset[str] = frozenset()
) -> Checked:
    """Check a form as it was sent. Never raises, linear in what was sent.

    Args:
        typed: `full_name`, `birth_place`, `birth_date`, `nik`, `reach`, `email`, `phone`,
            `question`, `consent`; what is missing counts as empty.
        today: to tell two-digit years, and dates that are yet to come.
        own_addresses: ours, in lower case; nobody can be answered there.

    Returns:
        Problems in the order of the form. A NIK whose date differs from the stated one is a
        hint and never a problem: for some people that is so.
    """
    facts, problems = check_facts(typed, today=today, needed=True)
    if not _line(typed, "reach") or _line(typed, "reach") not in set(Reach):
        problems["reach"] = Problem.MISSING
        reach = Reach.EMAIL
    else:
        reach = Reach(_line(typed, "reach"))
    address, phone = "", phone_number(typed.get("phone", ""), landline=reach is Reach.PHONE)
    if "reach" in problems:
        pass
    elif reach is Reach.EMAIL:
        address = _line(typed, "email").lower()
        _note(problems, "email", _email_problem(address, own_addresses))
    else:
        address = phone
        unreadable = Problem.NO_PHONE if _line(typed, "phone") else Problem.MISSING
        _note(problems, "phone", None if phone else unreadable)
    if _too_long(typed, "question"):
        problems["question"] = Problem.TOO_LONG
    if not typed.get("consent"):
        problems["consent"] = Problem.MISSING
    request = None if problems else Request(facts, reach, address, phone)
    return Checked(problems, request, hints(facts, today=today))


def check_facts(
    typed: Mapping[str, str], *, today: dt.date, needed: bool
) -> tuple[Facts, dict[str, Problem]]:
    """Check the four facts; unless `needed` they may be left out, but not be wrong."""
    problems: dict[str, Problem] = {}
    for name in ("full_name", "birth_place"):
        _note(problems, name, _words_problem(typed, name, needed=needed))
    said = _line(typed, "birth_date")
    born = dates.parse(said[:MAX_CHARS], today=today)
    _note(problems, "birth_date", _date_problem(said, born, today, needed=needed))
    digits = nik.clean(_line(typed, "nik")[:MAX_CHARS])
    if not digits:
        _note(problems, "nik", Problem.MISSING if needed else None)
    elif len(digits) != nik.LENGTH or not (digits.isascii() and digits.isdecimal()):
        problems["nik"] = Problem.NIK_LENGTH
    facts = Facts(
        full_name=_line(typed, "full_name")[:MAX_CHARS],
        birth_place=_line(typed, "birth_place")[:MAX_CHARS],
        birth_date=None if "birth_date" in problems else born,
        nik="" if "nik" in problems else digits,
        question=paragraph(typed.get("question", "")),
    )
    return facts, problems


def hints(facts: Facts, *, today: dt.date) -> tuple[str, ...]:
    """Return what of a NIK the writer should look at again: `nik_date`, `nik_impossible`."""
    if not facts.nik:
        return ()
    read = nik.inspect(facts.nik, today=today)
    if not read.birth_dates:
        return ("nik_impossible",)
    differs = facts.birth_date is not None and nik.differs(read, facts.birth_date)
    return ("nik_date",) if differs else ()


def phone_number(text: str, *, landline: bool = False) -> str:
    """Return a number as +62…, "" if it is none; `landline`: with area codes too. Never raises."""
    found = e164(text.strip())
    if found or not landline or len(text) > MAX_CHARS:
        return found
    digits = _FILLERS.sub("", text)
    return f"+62{digits[1:]}" if _LOCAL_NUMBER.fullmatch(digits) else ""


def paragraph(text: str) -> str:
    """Return several lines as they are kept: without control characters and outer blanks."""
    lines = _clean(text, keep="\n\t").replace("\t", " ").split("\n")
    kept = "\n".join(line.rstrip() for line in lines)
    return re.sub(r"\n{3,}", "\n\n", kept).strip()


def line(text: str) -> str:
    """Return one line as it is kept: without control characters, single blanks between words."""
    return " ".join(_clean(text).split())


def body(facts: Facts, *, language: str = "id") -> str:
    """Put facts into the words a letter would use, so that they are read as in one.

    What is not stated has no line. The question follows after an empty line.
    """
    labels = _LABELS["en" if language == "en" else "id"]
    born = facts.birth_date.strftime("%d-%m-%Y") if facts.birth_date else ""
    values = (facts.full_name, facts.birth_place, born, facts.nik)
    stated = [f"{label}: {value}" for label, value in zip(labels, values, strict=True) if value]
    return "\n\n".join(part for part in ("\n".join(stated), facts.question) if part)


_LABELS = {
    "id": ("Nama lengkap", "Tempat lahir", "Tanggal lahir", "NIK"),
    "en": ("Full name", "Place of birth", "Date of birth", "NIK"),
}


def _words_problem(typed: Mapping[str, str], name: str, *, needed: bool) -> Problem | None:
    value = _line(typed, name)
    if not value:
        return Problem.MISSING if needed else None
    if len(value) > MAX_CHARS:
        return Problem.TOO_LONG
    return None if any(char.isalpha() for char in value) else Problem.NO_LETTERS


def _date_problem(
    said: str, born: dt.date | None, today: dt.date, *, needed: bool
) -> Problem | None:
    if not said:
        return Problem.MISSING if needed else None
    if born is None:
        return Problem.NO_DATE
    if born > today:
        return Problem.DATE_AHEAD
    return Problem.DATE_LONG_AGO if today.year - born.year > _OLDEST_YEARS else None


def _email_problem(address: str, own_addresses: frozenset[str]) -> Problem | None:
    if not address:
        return Problem.MISSING
    local = address.partition("@")[0]
    if not _EMAIL.fullmatch(address) or ".." in local or local.endswith("."):
        return Problem.NO_EMAIL
    return Problem.OUR_EMAIL if address in own_addresses else None


def _too_long(typed: Mapping[str, str], name: str) -> bool:
    return len(typed.get(name, "")) > MAX_QUESTION_CHARS


def _line(typed: Mapping[str, str], name: str) -> str:
    return line(typed.get(name, ""))


def _clean(text: str, keep: str = "") -> str:
    """Replace what cannot be seen or stored by a space."""
    text = text[:_MAX_READ].replace("\r\n", "\n")
    return "".join(
        char if char in keep or unicodedata.category(char)[0] != "C" else " " for char in text
    )


def _note(problems: dict[str, Problem], name: str, problem: Problem | None) -> None:
    if problem is not None:
        problems[name] = problem
