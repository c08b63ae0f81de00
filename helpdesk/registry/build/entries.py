"""Number the persons, and make one entry for each way the registry describes one."""

import numpy as np
from numpy.typing import NDArray

from helpdesk.registry import persons
from helpdesk.registry.build.work import Values, Work
from helpdesk.registry.layout import ENTRY, WORDS, mixed

_BLOCK = 1_000_000  # entries made at once
_REPEATED = {"nik": np.int64, "letters": np.uint64, "day": np.uint16, "place": np.uint16}


def group(work: Work) -> Values:
    """Write `person`: for each record the number of its person, the id of their first record."""
    names = {"nik": np.int64, "day": np.uint16, "place": np.uint16, "name": np.uint64}
    found = {name: work.load(name, kind) for name, kind in names.items()}
    words, mothers = work.load("words", np.uint32, WORDS), work.load("mother", np.uint32)
    grouped = persons.group(persons.Columns(**found, words=words, mother=mothers))
    own = np.arange(len(grouped), dtype=np.uint32)
    others = grouped != own
    work.save("person", grouped.astype(np.uint32) + np.uint32(1))
    return {
        "persons": int(len(grouped) - others.sum()),
        "several": len(np.unique(grouped[others])),
    }


def make(work: Work) -> Values:
    """Write `entry` (of ENTRY), `entry_name` (full marks) and `entry_words`, of distinct ones."""
    person = work.load("person", np.uint32)
    rows = _distinct(work, person)
    names = work.load("name", np.uint64)
    words = work.load("words", np.uint32, WORDS)
    columns = {name: work.load(name, kind) for name, kind in _REPEATED.items()}
    work.save("entry", np.empty(0, ENTRY))
    work.save("entry_name", np.empty(0, np.uint64))
    work.save("entry_words", np.empty(0, np.uint32))
    for start in range(0, len(rows), _BLOCK):
        some = rows[start : start + _BLOCK]
        entries = np.zeros(len(some), ENTRY)
        entries["person"] = person[some]
        entries["name"] = names[some].astype(np.uint32)
        for name, column in columns.items():
            entries[name] = column[some]
        work.append("entry", entries)
        work.append("entry_name", names[some])
        work.append("entry_words", words[some].reshape(-1))
    return {"entries": len(rows)}


def _distinct(work: Work, person: NDArray[np.uint32]) -> NDArray[np.int64]:
    """Return the rows that are the first to say of their person what they say."""
    several = np.flatnonzero((np.bincount(person, minlength=1) > 1)[person])
    said = work.load("name", np.uint64)[several]
    said = mixed(said ^ mixed(work.load("nik", np.int64)[several].astype(np.uint64)))
    said ^= work.load("day", np.uint16)[several].astype(np.uint64) << np.uint64(16)
    said = mixed(said ^ work.load("place", np.uint16)[several].astype(np.uint64))
    whose = person[several]
    order = np.lexsort((said, whose))
    said, whose = said[order], whose[order]
    again = np.zeros(len(order), np.bool_)
    again[1:] = (said[1:] == said[:-1]) & (whose[1:] == whose[:-1])
    left = np.ones(len(person), np.bool_)
    left[several[order[again]]] = False
    return np.flatnonzero(left)
