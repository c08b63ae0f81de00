"""A registry in memory, built from what `layout.py` says one key at a time."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from types import SimpleNamespace
from typing import Any

import numpy as np

from helpdesk.matching.score import shipped_weights
from helpdesk.registry import keys, layout
from helpdesk.registry.layout import COMMON, DAYS, ENTRY, Layout, TermKind
from helpdesk.registry.serving import Found, Generation


class MemoryReader:
    """Stands in for `serving.Reader`; `records` of one person have the same number."""

    def __init__(self, records: Iterable[Found]) -> None:
        self.records = list(records)
        size = len(self.records)
        self.plan = Layout(
            nik=layout.bits_for(size),
            day=layout.bits_for(3 * size, spread=DAYS),
            pair=layout.bits_for(5 * size),
            spot=layout.bits_for(size),
        )
        people = len({each.person for each in self.records})
        self.generation = Generation(1, self.plan, size, people, keys.VERSION, None)
        self._filed: dict[tuple[int, int], set[tuple[int, ...]]] = defaultdict(set)
        self._paired: dict[int, set[tuple[int, ...]]] = defaultdict(set)
        self._terms: dict[int, set[int]] = defaultdict(set)
        for each in self.records:
            self._file(each)
        for pair, entries in self._paired.items():
            self._file_pair(pair, entries)
        packed = defaultdict(list)
        for (bucket, tag), entries in self._filed.items():
            packed[bucket] += [(tag, *entry) for entry in sorted(entries)]
        self.buckets = {
            bucket: np.array(entries, dtype=ENTRY).tobytes() for bucket, entries in packed.items()
        }
        self.looked = self.buckets_read = 0

    def look(
        self, buckets: Collection[int], terms: Collection[int]
    ) -> tuple[dict[int, bytes], dict[int, int]]:
        self.looked += 1
        self.buckets_read += len(buckets)
        counted = {term: len(self._terms.get(term, ())) for term in terms}
        found = {each: self.buckets[each] for each in buckets if each in self.buckets}
        return found, {term: count if count > 1 else 0 for term, count in counted.items()}

    def posting_range(self, start: int, end: int) -> list[bytes]:
        return [entries for bucket, entries in self.buckets.items() if start <= bucket < end]

    def persons(self, numbers: Collection[int]) -> list[Found]:
        wanted = [each for each in self.records if each.person in set(numbers)]
        return sorted(wanted, key=lambda each: each.person)

    def by_kpj(self, kpjs: Collection[str]) -> dict[str, Found]:
        return {each.kpj: each for each in self.records if each.kpj in kpjs}

    def page(self, after: int, size: int) -> list[tuple[Any, ...]]:
        listed = enumerate(self.records, start=1)
        return [(number, *each[1:]) for number, each in listed if number > after][:size]

    def _file(self, record: Found) -> None:
        codes = [word.code for word in keys.words(record.full_name)]
        words = [layout.word_mark(code) for code in codes]
        letters = 0
        for code in codes:
            letters |= layout.letters(code)
        name = layout.name_mark(codes) if codes else 0
        nik, day = keys.nik_number(record.nik) or 0, layout.day_code(record.birth_day)
        place = layout.place_mark(keys.place(record.birth_place))
        entry = (record.person, nik, letters, name & 0xFFFF_FFFF, day, place)
        if nik:
            self._filed[layout.nik_key(self.plan, nik)].add(entry)
        for word in set(words):
            self._terms[layout.term(TermKind.WORD, word)].add(record.person)
            if day:
                self._filed[layout.day_key(self.plan, day, word)].add(entry)
        for pair in layout.pair_marks(words):
            self._paired[pair].add(entry)
        for kind, mark in ((TermKind.NAME, name), (TermKind.DAY, day), (TermKind.PLACE, place)):
            if mark:
                self._terms[layout.term(kind, mark)].add(record.person)

    def _file_pair(self, pair: int, entries: set[tuple[int, ...]]) -> None:
        if len(entries) <= COMMON:
            self._filed[layout.pair_key(self.plan, pair)] |= entries
            return
        by_place = defaultdict(set)
        for entry in entries:
            by_place[entry[5]].add(entry)
        for place, some in by_place.items():
            if len(some) <= COMMON:
                self._filed[layout.spot_key(self.plan, pair, place)] |= some


def session_of(reader: MemoryReader | None) -> Any:
    """Return what a search takes for a session whose registry this is."""
    return SimpleNamespace(info={"registry": reader, "weights": shipped_weights()})


def found(number: int, values: dict[str, Any], *, person: int | None = None) -> Found:
    """Return a record; what `values` leave out is not recorded."""
    empty = dict.fromkeys(Found._fields, "") | {"birth_day": None}
    known = {"person": person or number, "kpj": f"990{number:08}", **values}
    return Found(**{**empty, **known})
