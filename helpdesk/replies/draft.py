"""Put a reply into words. Pure."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from helpdesk.errors import InvalidError
from helpdesk.identity.types import Field
from helpdesk.replies import guard
from helpdesk.replies.disclosure import Decision
from helpdesk.replies.macros import SHOWING, Macros, macro_name
from helpdesk.replies.policy import Level

_MAX_NAME_CHARS = 60
# A name that may stand in a greeting: letters and the signs of names, nothing that could be an
# address, a number or a link somebody put into their display name.
_WORD = r"[^\W\d_]+(?:['’\-][^\W\d_]+)*\.?"
_NAME = re.compile(rf"{_WORD}(?: {_WORD}){{0,6}}")
_NIK = re.compile(r"\d{6}([0-7]\d)(0[1-9]|1[0-2])\d{6}")


class Daypart(StrEnum):
    """The time of day at the agency, as greetings name it."""

    PAGI = "pagi"
    SIANG = "siang"
    SORE = "sore"
    MALAM = "malam"


class Sex(StrEnum):
    """Which title to greet with."""

    MALE = "male"
    FEMALE = "female"


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whom the reply greets; an empty name is greeted without one."""

    name: str = ""
    sex: Sex | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """What a draft says, and which macro in which language said it."""

    situation: str
    language: str
    subject: str
    body: str


_FIELDS = {
    "id": {
        Field.FULL_NAME: "Nama lengkap sesuai KTP",
        Field.BIRTH_PLACE: "Tempat lahir",
        Field.BIRTH_DATE: "Tanggal lahir (tanggal, bulan, dan tahun)",
        Field.NIK: "NIK (16 angka pada KTP)",
    },
    "en": {
        Field.FULL_NAME: "Full name as on the identity card (KTP)",
        Field.BIRTH_PLACE: "Place of birth",
        Field.BIRTH_DATE: "Date of birth (day, month and year)",
        Field.NIK: "NIK (the 16 digits on the identity card)",
    },
}
_TITLES = {"id": {Sex.MALE: "Bapak", Sex.FEMALE: "Ibu"}, "en": {Sex.MALE: "Mr", Sex.FEMALE: "Ms"}}
_ENGLISH_DAYPARTS = {
    Daypart.PAGI: "morning",
    Daypart.SIANG: "afternoon",
    Daypart.SORE: "afternoon",
    Daypart.MALAM: "evening",
}
_CLOSING = {"id": "Hormat kami,", "en": "Yours sincerely,"}


def compose(
    decision: Decision,
    macros: Macros,
    words: Mapping[str, str],
    *,
    language: str,
    ticket_id: int,
    addressee: Addressee,
    daypart: Daypart,
    spoken: bool = False,
    situation: str | None = None,
) -> Text:
    """Write the reply that a decision calls for.

    Args:
        decision: what may be said; its KPJs are the only numbers that go in.
        macros: the templates.
        words: the agency's placeholders, in `language`.
        language: "id" or "en".
        ticket_id: shown to the participant.
        addressee: whom to greet.
        daypart: when.
        spoken: whether it is read out, so that nobody can reply to it.
        situation: another macro than the decision's own, as an agent chose it.

    Raises:
        InvalidError: the macro shows a number that the decision does not allow, or the text would
            contain something no reply may have.
    """
    wanted = situation or decision.situation.value
    macro = macros.of(wanted, language)
    values: dict[str, object] = {
        **words,
        "greeting": greet(addressee, daypart, language),
        "ticket": str(ticket_id),
        "spoken": "yes" if spoken else "",
    }
    if macro.name in SHOWING:
        values["kpjs"] = _shown(decision, macro.name)
    if decision.missing or macro_name(wanted) == "incomplete":
        asked = decision.missing or tuple(Field)
        values["missing"] = tuple(_FIELDS[macro.language][field] for field in asked)
    body = f"{macro.render(values)}\n\n{macros.footer(macro.language).render(values)}\n"
    refuse_problems(body, whole_numbers(decision))
    return Text(wanted, macro.language, macro.subject, body)


def whole_numbers(decision: Decision) -> tuple[str, ...]:
    """Return the KPJs a reply may show in full."""
    return decision.kpjs if decision.level is Level.FULL else ()


def mask(kpj: str) -> str:
    """Cover all but the last four digits."""
    return "•" * (len(kpj) - 4) + kpj[-4:]


def sign(body: str, *, agent_name: str, agency_name: str, language: str) -> str:
    """Return the body as the participant gets it, with who answered below."""
    closing = _CLOSING.get(language, _CLOSING["id"])
    return f"{body.rstrip()}\n\n{closing}\n{agent_name}\n{agency_name}\n"


def greet(addressee: Addressee, daypart: Daypart, language: str) -> str:
    """Return one sentence that greets by time of day, title if known, and name."""
    title = _TITLES[language][addressee.sex] if addressee.sex and addressee.name else ""
    name = " ".join(part for part in (title, addressee.name) if part)
    if language == "en":
        return f"Good {_ENGLISH_DAYPARTS[daypart]}{', ' if name else ''}{name}."
    return f"Selamat {daypart}, {name or 'Bapak/Ibu'}."


def daypart_at(hour: int) -> Daypart:
    """Return the part of the day an hour (0-23, local) falls in."""
    if 3 <= hour < 11:
        return Daypart.PAGI
    if 11 <= hour < 15:
        return Daypart.SIANG
    return Daypart.SORE if 15 <= hour < 18 else Daypart.MALAM


def addressee(name: str, nik: str) -> Addressee:
    """Return whom to greet by what the writer said of themself.

    The sex is that of the NIK they stated (women: day + 40), whether or not any record has it:
    a greeting must not tell what was found.
    """
    sex = None
    if found := _NIK.fullmatch(nik):
        day = int(found[1])
        sex = Sex.MALE if 1 <= day <= 31 else Sex.FEMALE if 41 <= day <= 71 else None
    return Addressee(_greetable(name), sex)


def refuse_problems(body: str, kpjs: Collection[str], candidates: Collection[str] = ()) -> None:
    """Raise InvalidError in words if the text has something a reply may not have.

    Args:
        body: the text.
        kpjs: the numbers it may show.
        candidates: numbers it may not hide either, however they are spread over it.

    The text never repeats what was found, so that it can be shown and logged.
    """
    for problem in guard.problems(body, kpjs, candidates):
        raise InvalidError(_PROBLEMS[problem])


_PROBLEMS = {
    guard.Problem.EMPTY: "the reply is empty",
    guard.Problem.TOO_LONG: f"the reply is longer than {guard.MAX_BODY_CHARS} characters",
    guard.Problem.NIK: "the reply contains a NIK: a reply never does; take the number out",
    guard.Problem.NUMBER: (
        "the reply contains an 11-digit number that is not the participant's KPJ or that this "
        "decision does not allow to show; take the number out"
    ),
    guard.Problem.LINK: "the reply links to an address that does not end in .go.id; take it out",
}


def _shown(decision: Decision, name: str) -> tuple[str, ...]:
    masked = name.endswith("_masked")
    if not decision.level.shows or (decision.level is Level.MASKED and not masked):
        msg = "this decision does not allow a reply that shows the KPJ like that"
        raise InvalidError(msg)
    return tuple(mask(kpj) for kpj in decision.kpjs) if masked else decision.kpjs


def _greetable(name: str) -> str:
    plain = " ".join(name.split())
    if len(plain) > _MAX_NAME_CHARS or not _NAME.fullmatch(plain):
        return ""
    return plain.title() if plain.isupper() or plain.islower() else plain
