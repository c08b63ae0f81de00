"""What a generation has to hold, built one record at a time from the functions of the layout."""

from collections import Counter, defaultdict

import numpy as np

from helpdesk.registry import keys, layout
from helpdesk.registry.layout import ENTRY, Family, TermKind


def expected(records, person_of, plan, common):
    """Return the postings {bucket: sorted entries} and terms of `records`."""
    entries = _entries(records, person_of)
    niks, pairs, spots, postings = (defaultdict(list) for _ in range(4))
    for entry in entries:
        niks[entry["nik"]].append(entry)
        for pair in layout.pair_marks(entry["words"]):
            pairs[pair].append(entry)
        for word in entry["words"][:4] if entry["day"] else ():
            _file(postings, layout.day_key(plan, entry["day"], word), entry)
    for pair, found in pairs.items():
        for entry in found if len(found) > common else ():
            spots[pair, entry["place"]].append(entry)
    niks.pop(0, None)
    for family, keyed in (("nik", niks), ("pair", pairs), ("spot", spots)):
        for key, found in keyed.items():
            if len(found) <= common:
                parts = key if family == "spot" else (key,)
                _all(postings, getattr(layout, f"{family}_key")(plan, *parts), found)
    return {bucket: sorted(found) for bucket, found in postings.items()}, _terms(entries)


def unpacked(blob):
    return sorted(tuple(entry.tolist()) for entry in np.frombuffer(blob, ENTRY))


def family_of(bucket):
    return Family(bucket >> 60)


def _entries(records, person_of):
    seen, entries = set(), []
    for record_id, nik, name, place, born in records:
        codes = [word.code for word in keys.words(name)]
        words = list(dict.fromkeys(map(layout.word_mark, codes)))
        letters = 0
        for code in codes:
            letters |= layout.letters(code)
        entry = {
            "person": person_of[record_id],
            "nik": keys.nik_number(nik) or 0,
            "letters": letters,
            "name": layout.name_mark(codes) if codes else 0,
            "day": layout.day_code(born),
            "place": layout.place_mark(keys.place(place)),
        }
        if (told := tuple(entry.values())) not in seen:
            seen.add(told)
            entries.append(entry | {"words": words})
    return entries


def _all(postings, key, entries):
    for entry in entries:
        _file(postings, key, entry)


def _file(postings, key, entry):
    bucket, tag = key
    name = entry["name"] & 0xFFFF_FFFF
    values = (entry["person"], entry["nik"], entry["letters"], name, entry["day"], entry["place"])
    postings[bucket].append((tag, *values))


def _terms(entries):
    sharing = defaultdict(set)
    for entry in entries:
        marks = {(TermKind.NAME, entry["name"]), (TermKind.DAY, entry["day"])}
        marks |= {(TermKind.PLACE, entry["place"])}
        marks |= {(TermKind.WORD, word) for word in entry["words"][:4]}
        for kind, mark in marks:
            if mark:
                sharing[kind, mark].add(entry["person"])
    counts = Counter({key: len(found) for key, found in sharing.items()})
    terms = {
        layout.term(kind, mark): count
        for (kind, mark), count in counts.items()
        if count > 1 or kind is not TermKind.NAME
    }
    return terms | {layout.ALL_PERSONS: len({entry["person"] for entry in entries})}
