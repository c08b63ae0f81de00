"""Facts that come after a list and complete it: `Neneng 3203...`, or a column on its own."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from helpdesk.identity.findings import Finding
from helpdesk.identity.lists.table_facts import Entry
from helpdesk.identity.types import Field
from helpdesk.identity.words import names

MAX_ENTRIES = 200  # of a conversation; comparing the names of more would take too long


def by_name(lists: Sequence[Sequence[Entry]]) -> list[list[Entry]]:
    """Let a later list complete an earlier one whose people it names in short.

    An entry goes to the one person whose name has all its words and who lacks its facts.
    """
    if len(lists) < 2 or sum(map(len, lists)) > MAX_ENTRIES:
        return [list(entries) for entries in lists]
    done: list[list[Entry]] = []
    for entries in lists:
        left = [entry for entry in entries if not _completes(entry, done)]
        done.append(left)
    return done


def in_order(entries: list[Entry], column: Sequence[Finding]) -> list[Entry] | None:
    """Give each entry one fact of a column, in order; None when they do not go together."""
    if len(column) != len(entries) or not column:
        return None
    field = column[0].field
    if any(one.field is field for entry in entries for one in entry):
        return None
    return [(*entry, one) for entry, one in zip(entries, column, strict=True)]


def _completes(entry: Entry, done: list[list[Entry]]) -> bool:
    said = _words(entry)
    facts = [one for one in entry if one.field is not Field.FULL_NAME]
    if not said or not facts:
        return False
    may = [
        (some, at)
        for some in done
        for at, other in enumerate(some)
        if said <= _words(other) and not _fields(facts) & _fields(other)
    ]
    if len(may) != 1:
        return False
    some, at = may[0]
    some[at] = (*some[at], *(replace(one, starts_person=False) for one in facts))
    return True


def _words(entry: Entry) -> set[str]:
    said = (one.value for one in entry if one.field is Field.FULL_NAME)
    return {word for name in said for word in names.canonical(name).split()}


def _fields(facts: Iterable[Finding]) -> set[Field]:
    return {one.field for one in facts}
