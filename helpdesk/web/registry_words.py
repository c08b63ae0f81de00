"""What pages say of imports of the registry: stages, reasons, values that stand for nothing."""

from babel.units import format_unit

from helpdesk.i18n import mark
from helpdesk.registry.models import GenerationState, ImportKind

STATES: dict[str, str] = {
    GenerationState.BUILDING: mark("Being built"),
    GenerationState.SERVING: mark("Serving"),
    GenerationState.RETIRED: mark("Kept to go back to"),
    GenerationState.DROPPED: mark("Replaced"),
    GenerationState.FAILED: mark("Failed"),
}
SIGNS: dict[str, tuple[str, str]] = {
    GenerationState.BUILDING: ("info", "hourglass"),
    GenerationState.SERVING: ("good", "check"),
    GenerationState.RETIRED: ("", "archive"),
    GenerationState.DROPPED: ("", "history"),
    GenerationState.FAILED: ("bad", "warn"),
}
KINDS: dict[str, str] = {
    ImportKind.DELTA: mark("Changes"),
    ImportKind.WHOLE: mark("Whole registry"),
    ImportKind.REBUILD: mark("Keys made anew"),
}
_STAGES: dict[str, str] = {
    "read": mark("Reading the file"),
    "resolve": mark("Settling which row counts"),
    "persons": mark("Grouping records into persons"),
    "keys": mark("Making keys"),
    "records": mark("Writing records"),
    "postings": mark("Writing keys"),
    "indexes": mark("Making indexes"),
    "swap": mark("Swapping"),
}
_REASONS: dict[str, str] = {
    "unreadable": mark("The line cannot be read"),
    "wrong_number_of_fields": mark("Too many or too few fields"),
    "kpj_not_eleven_digits": mark("The KPJ has not eleven digits"),
    "change_unknown": mark("What to do with the row is not known"),
    "full_name_missing": mark("The name is missing"),
    "birth_date_malformed": mark("The birth date cannot be read"),
    "field_too_long": mark("A field is too long"),
}
_PLACEHOLDERS: dict[str, str] = {
    "nik": mark("NIK such as 0000…"),
    "name": mark("Name such as “TANPA NAMA”"),
    "birth_date": mark("Birth date 1900-01-01"),
    "shared_nik": mark("A NIK that far too many have"),
}
_WITHOUT: dict[str, str] = {
    "nik": mark("without NIK"),
    "birth_date": mark("without birth date"),
    "birth_place": mark("without birth place"),
}


def stage(code: str) -> str:
    """Return a stage of an import, to be translated; an unknown one readable."""
    return _STAGES.get(code, code.replace("_", " "))


def reason(code: str) -> str:
    """Return why a row was rejected, to be translated; an unknown code readable."""
    return _REASONS.get(code, code.replace("_", " "))


def placeholder(code: str) -> str:
    """Return what kind of value stands for nothing, to be translated; an unknown one readable."""
    return _PLACEHOLDERS.get(code, code.replace("_", " "))


def without(code: str) -> str:
    """Return what rows lack, to be translated; an unknown one readable."""
    return _WITHOUT.get(code, code.replace("_", " "))


def duration(seconds: float, *, language: str) -> str:
    """Write how long something takes in its two largest units."""
    whole = round(seconds)
    if seconds < 10:
        return format_unit(round(seconds, 1), "duration-second", "short", locale=language)
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    parts = [(hours, "duration-hour"), (minutes, "duration-minute"), (rest, "duration-second")]
    first = next((at for at, (number, _) in enumerate(parts) if number), len(parts) - 1)
    return " ".join(
        format_unit(number, unit, "short", locale=language)
        for number, unit in parts[first : first + 2]
        if number
    )
