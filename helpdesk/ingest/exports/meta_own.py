"""Which display names in an export of Meta are ours: it has no ids."""

import re
from collections.abc import Collection, Iterator, Sequence

from helpdesk.i18n import mark
from helpdesk.ingest.exports import json_stream
from helpdesk.ingest.exports.json_stream import EACH
from helpdesk.ingest.exports.json_values import name_of
from helpdesk.ingest.exports.meta_threads import Thread, head_of
from helpdesk.ingest.exports.types import Export, ExportError, ReadConfig

NO_OWN = mark(
    "This export does not tell which side is ours. Give the page's or account's name, as people "
    "see it, in exports.own_names or with --own-name."
)

_PROFILE = re.compile(
    r"(?:[^/]+/)*(?:profile_information/profile_information"
    r"|(?:personal|account)_information/personal_information)\.json"
)
_NAMES = {("profile_v2", "name"), ("profile", "name")}  # Facebook
_FIELDS = ("profile_user", EACH, "string_map_data")  # Instagram; its keys are in our language
_FIELD_NAMES = frozenset(("name", "nama", "username", "nama pengguna"))
_ENOUGH = 3  # conversations in which one name takes part before it can only be ours


def fold(name: str) -> str:
    """Return a name as names are compared."""
    return name.strip().casefold()


def own_names(
    export: Export, threads: Sequence[Thread], conf: ReadConfig, problem: str
) -> frozenset[str]:
    """Tell our names, folded: of the profile and the settings, else who is in every conversation.

    Raises:
        ExportError: none of these takes part in any conversation; or with `problem`, as
            `json_stream.values` does.
    """
    told = {fold(name_of(name)) for name in conf.own_names}
    told.update(map(fold, _of_profile(export, problem)))
    told.discard("")
    everywhere: set[str] | None = None
    for thread in threads:
        people = {fold(name) for name in head_of(export, thread, problem).people}
        if told and (not people or not told.isdisjoint(people)):
            return frozenset(told)
        everywhere = people if everywhere is None else everywhere & people
    distinct = {thread.key for thread in threads}
    if len(distinct) >= _ENOUGH and everywhere and len(everywhere) == 1 and "" not in everywhere:
        return frozenset(everywhere | told)
    raise ExportError(NO_OWN)


def _of_profile(export: Export, problem: str) -> Iterator[str]:
    for member in _profiles(export.names()):
        with export.open(member) as file:
            for _, value in json_stream.values(file, {*_NAMES, _FIELDS}, problem=problem):
                yield from _names_in(value)


def _profiles(names: Collection[str]) -> list[str]:
    return sorted(name for name in names if _PROFILE.fullmatch(name))


def _names_in(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield name_of(value, mended=True)
    if not isinstance(value, dict):
        return
    yield name_of(value.get("full_name"), mended=True)
    for key, field in value.items():
        if fold(name_of(key, mended=True)) in _FIELD_NAMES and isinstance(field, dict):
            yield name_of(field.get("value"), mended=True)
