"""What free text beside facts could be: how likely the name, how likely the birth place."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from helpdesk.identity.figures.months import MONTHS
from helpdesk.identity.findings import Finding
from helpdesk.identity.free import cells
from helpdesk.identity.free.cells import Cell, Page
from helpdesk.identity.reading import Reading
from helpdesk.identity.types import Field
from helpdesk.identity.words import lexicon, names, places, words
from helpdesk.identity.words.name_words import is_vowelless

_SURE_AT = ((6.0, 0.93), (3.5, 0.88), (-99.0, 0.78))  # score -> confidence
_WORD = re.compile(r"[^\W\d_]+")
_ALIAS = re.compile(
    r"(?:alias|panggilan|dipanggil|panggil|biasa|aka|dulu|dahulu|nickname)"
    r"\W{0,3}$"
)
_CITY = re.compile(
    r"(?:kota|kab|kabupaten|desa|kec|kecamatan|kel|dusun|asal|asli|di|lahir)"
    r"\W{1,3}$"
)
_BEFORE_PLACE = re.compile(
    r"(?:(?:di|d|in|at|asli|asal|dari|lahir|lahirnya|kelahiran|orang|org|wong|ring|wonten|nang|ing"
    r"|kota|dikota|ti|tempat|tempatnya|tmpt|dusun|dsn|desa|ds|kampung|kampong|kp|nagari|gampong|banjar"
    r"|jorong|distrik|pulau)\b\.? ){1,3}"
)
_LIVES = re.compile(r"(?:alamat\w*|almt|beralamat|domisili|berdomisili|tinggal\w*)(?![a-z])")
_AFTER_PLACE = re.compile(
    r"(?: (?:saya|sy|sya|aku|tiang|kulo|beliau|dia|lahir|lahirnya|dilahirkan|juga|jg|jua|pula"
    r"|sama|ya|yah|kak|min|bu|pak|mas|mbak)){1,4}$"
)
_WORDS_BEFORE = re.compile(r"([^\W\d_]+)\W{0,3}$")
_SPOKEN_TO = frozenset(
    ["pak", "bu", "bapak", "ibu", "mas", "mbak", "mba", "bang", "kang", "teh", "kak", "om",
     "tante", "mbah", "min", "admin", "bos", "ko", "koh", "ci", "cik", "bli", "ustad", "ustadz",
     "mr", "mrs", "ms", "sir", "madam"]
)  # fmt: skip
_THANKS = frozenset(
    ["thanks", "makasih", "mksh", "terimakasih", "terima", "trims", "tks", "thx", "nuhun", "suwun",
     "suksma", "mauliate", "salam", "regards", "wassalam", "hormat", "cheers", "ttd"]
)  # fmt: skip
_MIN_LETTERS = 3
_LISTED = 2.5  # log-odds of a word that is known as a name
_MAX_ODDS = 8.0  # more words of a name make it no surer
_MAX_PLACE_WORDS = 4
_MAX_PIECE = 90  # characters; a longer piece without a fact behind it is a story

# What speaks for and against, in the log-odds of the name and in the like of the place.
_WHOLE, _IN_TALK = 1.5, -1.5
_ALONE_ON_LINE = 1.0
_BEFORE_FACT = 3.0
_ONLY_WORDS = -2.0  # Juli, Bulan: nothing but words that are names too
_SIGNED = -5.0
_OF_OTHERS, _SPOKEN, _ALIASED, _BRACKETED = -8.0, -4.0, -6.0, -2.0
_IS_TOWN, _IS_VILLAGE = -5.0, -1.0
_SMALL_AMONG_CAPITALS = -2.0
_PLACE_TOWN, _PLACE_VILLAGE = 4.0, 2.5
_PLACE_BY_DATE, _PLACE_AFTER_DATE, _PLACE_BY_NIK = 3.0, 1.5, 1.0
_PLACE_LIVED = -6.0  # an address is no place of birth
_PLACE_SHORTENED = 2.0  # Skh, Brb
_PLACE_LONG = -4.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """`start`:`end` of a cell as a name or place, with how much speaks for it."""

    cell: Cell
    start: int
    end: int
    score: float

    @property
    def reading(self) -> Reading:
        """The message it stands in."""
        return self.cell.reading

    @property
    def fills_cell(self) -> bool:
        """Whether the cell says nothing else."""
        return self.start == self.cell.start and self.end >= self.cell.end - 1

    def overlaps(self, other: "Candidate") -> bool:
        """Tell whether two candidates claim the same characters."""
        same = self.reading.message == other.reading.message
        return same and self.start < other.end and other.start < self.end


def name(page: Page, cell: Cell, *, until: int = -1) -> Candidate | None:
    """Judge the likeliest words of a text cell as a name; None when nothing speaks for them.

    `until`: the name ends here at the latest, as a place follows.
    """
    end = cell.end if until < 0 else until
    low = page.reading.low
    written = "" if page.reading.shouted else page.reading.text
    start = cell.start if end - cell.start <= _MAX_PIECE else end - _MAX_PIECE
    seen = names.best(
        low, start, end,
        written=written if _shows_case(written, start, end) else "",
        alone=start == cell.start and end == cell.end and cells.fills_line(cell),
    )  # fmt: skip
    if seen is None or sum(map(str.isalpha, low[seen.start : seen.end])) < _MIN_LETTERS:
        return None
    if written and seen.start > start == cell.start:
        seen = _with_first(page.reading, cell, seen)
    score = min(seen.odds, _MAX_ODDS) + _surroundings(page, cell, seen, end)
    return Candidate(cell, seen.start, seen.end, score)


def _with_first(reading: Reading, cell: Cell, seen: names.Segment) -> names.Segment:
    """Take the first word of a cell to its name: `Sandi Perkasa Alam` is no talk of passwords."""
    first = reading.text[cell.start : seen.start].rstrip()
    if not first[:1].isupper() or first.lower() not in words.FIRST_OF_CELLS:
        return seen
    return replace(seen, start=cell.start)


def place(
    page: Page, cell: Cell, start: int, before: Cell | None, after: Cell | None
) -> Candidate:
    """Judge the end of a text cell, from `start` on, as a birth place between its neighbours."""
    end = _place_end(cell, start)
    low = page.reading.low[start : max(end, _said_end(cell, start))]
    score = _like_place(low) + (_PLACE_LIVED if _is_no_birth(cell, start, low) else 0.0)
    before_it = _WORD.findall(page.reading.low[cell.start : start])
    in_talk = start != place_start(cell) and any(map(words.is_talk, before_it[-3:]))
    if score < _PLACE_VILLAGE and in_talk:
        score += _PLACE_LONG  # a word of a sentence, rather than a village nobody knows
    if after is not None and after.is_date and _is_near(page.reading, cell, after):
        score += _PLACE_BY_DATE
    elif before is not None and before.is_date and _is_near(page.reading, before, cell):
        score += _PLACE_AFTER_DATE
    elif after is not None and after.field is Field.NIK and _is_near(page.reading, cell, after):
        score += _PLACE_BY_NIK
    if start == cell.start and _CITY.search(page.reading.low, max(0, start - 14), start):
        score += 0.5
    if start == cell.start and cells.fills_line(cell):
        score += 0.5
    if end < _said_end(cell, start) and start == place_start(cell):
        score = max(score, _PLACE_TOWN + _PLACE_BY_DATE) + 1.0
    return Candidate(cell, start, end, score)


def _is_no_birth(cell: Cell, start: int, low: str) -> bool:
    """Tell whether a place is an address, or a word that is also a district: `salah tulis`."""
    capital = cell.reading.text[start : start + 1].isupper()
    return _LIVES.match(cell.low) is not None or (low in words.STOP and not capital)


def place_starts(cell: Cell) -> Iterator[int]:
    """Yield where a place at the end of a cell may begin: at each of its last four words."""
    said = list(_WORD.finditer(cell.low))
    for word in said[-_MAX_PLACE_WORDS:]:
        yield cell.start + word.start()


def place_start(cell: Cell) -> int:
    """Return where a place that is all of a cell begins: behind `di`, `asli` and the like."""
    said = _BEFORE_PLACE.match(cell.low)
    return cell.start + (said.end() if said else 0)


def _place_end(cell: Cell, start: int) -> int:
    """Return where a place ends: of `arosbaya bangkalan` only the first, nearer one is it."""
    stop = _said_end(cell, start)
    low = cell.reading.low[start:stop]
    said = low.split()
    if len(said) < 2 or places.known(low):
        return stop
    for count in range(len(said) - 1, 0, -1):
        first, rest = " ".join(said[:count]), " ".join(said[count:])
        unknown = count == 1 and names.plausible(first) and names.odds(first) < _LISTED
        is_place = places.known(first) or unknown
        if places.major(rest) and is_place:
            return start + len(low) - len(low.split(maxsplit=count)[count])
    return stop


def _said_end(cell: Cell, start: int) -> int:
    """Return where the words of a place end: `di Long Pahangai saya lahir`, `Garut juga`."""
    tail = _AFTER_PLACE.search(cell.reading.low, start, cell.end)
    return tail.start() if tail else cell.end


def _surroundings(page: Page, cell: Cell, seen: names.Segment, end: int) -> float:
    low = page.reading.low
    is_whole = seen.start == cell.start and seen.end >= end - 1
    said = _WORD.findall(low[seen.start : seen.end])
    is_followed = page.is_followed(seen.end) or end < cell.end
    score = _WHOLE if is_whole else _IN_TALK
    if len(said) == 1 and said[0] in words.NAMES_TOO:
        score += _ONLY_WORDS
    if is_whole and end == cell.end and cells.fills_line(cell):
        score += _ALONE_ON_LINE
    town = _town(low[seen.start : seen.end]) if end == cell.end else 0.0
    if is_followed and town > _IS_TOWN:
        score += _BEFORE_FACT
    elif _is_spoken_to(low, seen):
        score += _SPOKEN
    elif _follows_thanks(low, seen.start):
        score += _SIGNED
    return score + town + _company(low, seen, is_whole=is_whole) + _case(page.reading, seen)


def _company(low: str, seen: names.Segment, *, is_whole: bool) -> float:
    """Judge what stands just before a name, and which word it begins with."""
    score = 0.0
    head = low[max(0, seen.start - 24) : seen.start]
    before = _WORDS_BEFORE.search(head)
    if before and "\n" not in head[before.start() :] and before[1] in words.BEFORE_OTHERS:
        joined = not is_whole or head[before.end(1) :].strip() in {"", "."}
        score += _OF_OTHERS if joined else 0.0
    if _ALIAS.search(head):
        score += _ALIASED
    if head.endswith("("):
        score += _BRACKETED
    return score


def _follows_thanks(low: str, at: int) -> bool:
    """Tell whether thanks stand before a name on its line: `makasih ya, Robert`."""
    head = low[max(0, at - 30) : at].rpartition("\n")[2]
    return any(word in _THANKS for word in _WORD.findall(head))


def _is_spoken_to(low: str, seen: names.Segment) -> bool:
    """Tell whether a name has `Pak` or the like before it: an agent or a boss, mostly."""
    first = _WORD.match(low, seen.start)
    return first is not None and first[0] in _SPOKEN_TO


def _town(low: str) -> float:
    if places.major(low):
        return _IS_TOWN
    return _IS_VILLAGE if places.known(low) else 0.0


def _case(reading: Reading, seen: names.Segment) -> float:
    if reading.shouted or not reading.text[seen.start].islower():
        return 0.0
    return _SMALL_AMONG_CAPITALS if sum(map(str.isupper, reading.text)) >= 3 else 0.0


def _shows_case(written: str, start: int, end: int) -> bool:
    return any(map(str.isupper, written[start:end]))


def _like_place(low: str) -> float:
    said = _WORD.findall(low)
    if places.major(low):
        return _PLACE_TOWN
    if places.known(low):
        return _PLACE_VILLAGE
    if sum(map(len, said)) < _MIN_LETTERS:
        return _PLACE_LONG  # (L), (P): whether a man or a woman
    if len(said) > _MAX_PLACE_WORDS or any(word in MONTHS or words.is_talk(word) for word in said):
        return _PLACE_LONG
    if len(said) == 1 and is_vowelless(said[0]):
        return _PLACE_SHORTENED
    odds = sum(map(lexicon.place_odds, said)) / max(1, len(said))
    likeness = max(-1.5, min(1.5, odds / 2))
    return likeness - max(0.0, min(3.0, names.odds(low) - 2.0))


def _is_near(reading: Reading, one: Cell, two: Cell) -> bool:
    """Tell whether two cells stand in neighbouring places: one line, or one after the other."""
    if one.reading is not two.reading:
        return True  # one fact a message
    gap = reading.low[one.end : two.start]
    return len(gap) < 40 and not any(map(str.isdigit, gap))


def name_found(one: Candidate) -> Finding:
    """Return a candidate as the name it is taken for."""
    sure = next(sure for score, sure in _SURE_AT if one.score >= score)
    return cells.name_finding(one.reading, one.start, one.end, sure, "name_cell")


def place_found(one: Candidate) -> Finding:
    """Return a candidate as the birth place it is taken for."""
    value = places.display(one.reading.text[one.start : one.end])
    sure = 0.92 if one.score >= 6 else 0.88 if one.score >= 4 else 0.75
    return cells.place_finding(one.reading, one.start, one.end, value, sure)
