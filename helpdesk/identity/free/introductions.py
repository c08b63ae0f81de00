"""Names that a writer introduces or signs with: `saya <Nama>`, `suami saya <Nama>`, a sign-off."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import pairwise

from helpdesk.identity.findings import Finding
from helpdesk.identity.free import cells
from helpdesk.identity.free.cells import Marked
from helpdesk.identity.reading import Reading, Taken
from helpdesk.identity.whose.referents import SELF
from helpdesk.identity.words import names, places, words

# The writer, in the languages people write; `ana` only where no name goes on with it.
_I = (
    r"(?:saya|sya|say|sy|syaa?|aku|ak|aq|gue|gw|gua|ane|(?<![a-z] )ana|abdi|kuring|kulo|kula|tiang"
    r"|titiang|tityang|ambo|awak|denai|beta|sa|kita|aye|ulun|unda|inyong|sengko|bula|dengan|dgn)"
)
_KIN = (
    r"(?:suami|istri|isteri|bini|bojo|semah|garwa|salaki|pamajikan|laki|anak|putra|putri|ayah"
    r"|bapak|bpk|bapa|papa|mama|mamah|mamak|ibu|ibunda|ayahanda|emak|mak|mertua|kakak|adik|adek"
    r"|ade|abang|teteh|saudara|sodara|paman|bibi|om|tante|pakde|bude|kakek|nenek|mbah|eyang|opa"
    r"|oma|sepupu|keponakan|ponakan|cucu|menantu|mantu|ipar|teman|temen|kawan|kanca|konco|timpal"
    r"|rerencangan|rekan|tetangga|pacar|driver|supir|sopir|karyawan|pegawai|pekerja|husband|wife"
    r"|son|daughter|father|mother|brother|sister|friend|employee)"
)
_OWN = r"(?:saya|sy|sya|aku|ku|gue|gw|gua|kami|abdi|kulo|kula|tiang|tiange|ambo|beta|sa|ane|awak)"
_LATE = r"(?:almarhumah|almarhum|almh|alm)\.?"
_KIN_MORE = (
    r"(?: (?:kandung|angkat|tiri|pertama|kedua|ketiga|bungsu|sulung|perempuan|lelaki|laki-laki"
    r"|mertua|ipar|mantu|satu|kerja|sekantor|dekat|baik)(?![a-z])){0,3}"
)
_BE = (
    r"(?:bernama|namanya|nama|yaitu|yakni|adalah|ialah|an\.?|a\.?n\.?|atas nama|sendiri|ini"
    r"|pu nama)"
)
_GAP = r"[ ,:;\-(]{1,4}"
_SELF_NAME = re.compile(
    rf"(?:(?:perkenalkan|kenalkan|kenalin|introduce)"
    rf"(?: (?:saya|sy|aku|diri))?(?: {_BE})?"
    rf"|{_I}(?: {_BE}){{0,2}}(?P<kin>[ (]{{1,2}}{_KIN}(?:nya| kandungnya)),?"
    rf"|{_I}(?: {_BE}){{0,2}}|i am|i'm|im|this is|it's|my name is|my name|iki|niki"
    rf"|ini(?: dengan| sama| saya)?){_GAP}(?=[^\W\d_])"
)
_KIN_NAME = re.compile(
    rf"(?:(?P<late>(?:{_LATE}|my|my late) ))?{_KIN}(?P<suffix>ku|ipun)?{_KIN_MORE}"
    rf"(?P<own> {_OWN}(?![a-z]))?(?:{_GAP}{_LATE}(?![a-z])\)?)?"
    rf"(?P<be>{_GAP}(?:yg |yang )?{_BE}(?![a-z]))?{_GAP}(?=[^\W\d_])"
)
_NAMED = re.compile(
    rf"(?:bernama|asmanipun|naminipun|asmane|{_KIN}(?:nya)?(?: kandung)? (?:dari|dr|daripada|of)"
    rf"(?: {_LATE}(?![a-z]))?|{_LATE}){_GAP}(?=[^\W\d_])"
)
# The patterns above are tried only where a word stands that one of them can begin with.
_FIRST = re.compile(r"(?<![a-z'])[a-z]+")
_LATE_FIRST = frozenset(re.findall("[a-z]+", _LATE))
_KIN_WORDS = frozenset(re.findall("[a-z]+", _KIN))
_KIN_FIRST = (
    _KIN_WORDS
    | _LATE_FIRST
    | {word + end for word in _KIN_WORDS for end in ("ku", "ipun")}
    | {"my"}
)
_NAMED_FIRST = _LATE_FIRST | _KIN_WORDS | {word + "nya" for word in _KIN_WORDS} | {
    "bernama", "asmanipun", "naminipun", "asmane",
}  # fmt: skip
_SELF_FIRST = frozenset(re.findall("[a-z]+", _I.replace("(?<![a-z] )", ""))) | {
    "perkenalkan", "kenalkan", "kenalin", "introduce", "i", "im", "this", "it", "my", "iki",
    "niki", "ini", "sy", "sya", "syaa",
}  # fmt: skip
_BEFORE = re.compile(r"([a-z]+) $")
_GREETINGS = frozenset(
    ["halo", "hallo", "hai", "hi", "pagi", "siang", "sore", "malam", "dear", "thanks", "makasih"]
)
_HERE = re.compile(
    r"[ ,]{1,2}(?:di ?sini|disini|here|kak|min|mimin|pak|bu|mba|mbak|mas)(?![a-z])"
    r"(?! [a-z]+ ?[,\d])"
)
_CLOSING = re.compile(
    r"(?<![a-z])(?:hormat (?:saya|kami|ku)|hormatku|salam(?: hormat| hangat| kenal)?"
    r"|terima ?kasih\w*|trima ?kasih|trims|thx|tks|makasih|mksh|matur \w+|suksma|nuhun|mauliate"
    r"|ttd|tertanda|regards|sincerely|faithfully|cheers|wassalam\w*|pemohon|thank you|thanks|rgds"
    r"|yang memohon)(?![a-z])"
)
_NAME_IS_MINE = re.compile(
    rf" (?:nama|namo|asmo|asma|jeneng|ngaran|wasta|wasto|adan|aran) ?{_OWN}"
    r"(?= ?(?:$|[\n.,;!)]|mawon))"
)
_CLAUSE_BREAK = re.compile(r"[\n,;:!?()|/\d] *|(?<=[a-z]{3})\.+ *")
_SIGNED = re.compile(
    r"(?<![a-z])(?:ttd|tertanda|hormat (?:saya|kami)|pemohon|salam hormat|regards|sincerely)"
    r"[ ,.:\-]{1,4}(?=[^\W\d_])"
)
# What a writer goes on with after their name: `saya untung mau minta ...`.
_WANTS = re.compile(
    r" (?:mau|ingin|pengen|pengin|hendak|mohon|minta|bermaksud|lupa|kehilangan|izin|ijin|badhe"
    r"|bade|arep|mo|dari|lahir|kelahiran|asal|umur|usia|nik)(?![a-z])"
)
_BIRTH_LIKE = re.compile(
    r"(?<!\d)\d{1,2}[-/. ]{1,3}(?:\d{1,2}|[a-z]{3,9})[-/. ]{1,3}(?:19\d\d|200\d|\d\d(?!\d))"
)
_END_OF_NAME = re.compile(r"[ ]{0,3}(?:$|[\n,.;:!?()/|]|-)")
_JOINED = 40  # characters of the writer's name before that of their kin
_MAX_NAME = 90
_CLOSING_LINES = 8  # between the closing words and the name: blank lines, place and date
_SURE = 2.0  # log-odds of a name in running talk


def find(marked: Marked) -> Iterator[Finding]:
    """Yield the names a message introduces, then the one it is signed with; linear."""
    reading = marked.reading
    taken = Taken(len(reading.low), marked.taken)
    for start, whose in _announced(reading.low):
        found = _name_at(reading, taken, start, whose)
        if found:
            taken.add(found.span.start, found.span.end)
            yield found
    yield from _named_before(reading, taken)
    yield from _sign_off(marked, taken)


def _named_before(reading: Reading, taken: Taken) -> Iterator[Finding]:
    """Yield names given before the words that announce them: `Sabar nama saya`."""
    low = reading.low
    for match in _NAME_IS_MINE.finditer(low):
        start, stop = max(0, match.start() - _MAX_NAME), match.start()
        start = max([start, *(one.end() for one in _CLAUSE_BREAK.finditer(low, start, stop))])
        said = low[start:stop]
        if not taken.touches(start, stop) and names.plausible(said) and names.odds(said) > 0:
            found = cells.name_finding(reading, start, stop, 0.85, "introduction")
            taken.add(start, stop)
            yield replace(found, whose=SELF)


def _announced(low: str) -> Iterator[tuple[int, str]]:
    """Yield where a name may begin, and whose it is if that is sure."""
    starts: dict[int, str] = {}
    done = 0  # what a word for kin speaks for: the `saya` of `suami saya` introduces nobody
    for word in _FIRST.finditer(low):
        at = word.start()
        if word[0] in _NAMED_FIRST and (match := _NAMED.match(low, at)):
            starts[match.end()] = ""
        if (
            word[0] in _KIN_FIRST
            and (match := _KIN_NAME.match(low, at))
            and (_tells_whose(match) or _joins_writer(low, starts, at))
        ):
            starts[match.end()] = ""
            done = match.end()
        elif at >= done and word[0] in _SELF_FIRST:
            match = _SELF_NAME.match(low, at)
            if match and _is_own(low, match):
                starts.setdefault(match.end(), SELF)
    yield from sorted(starts.items())


def _joins_writer(low: str, starts: Mapping[int, str], at: int) -> bool:
    """Tell whether kin stand right behind the writer's name: `saya Reni, suami Dedi Kusuma`."""
    own = max((start for start, whose in starts.items() if whose == SELF), default=-1)
    between = low[own:at] if 0 <= own <= at <= own + _JOINED else ""
    return names.plausible(between.strip(" ,"))


def _is_own(low: str, match: re.Match[str]) -> bool:
    """Tell whether the writer's own name follows.

    `saya ibunya Kevin` is not Kevin, nor `atasan saya Pak Budi` Budi.
    """
    before = _BEFORE.search(low, max(0, match.start() - 24), match.start())
    if before and before[1] in words.BEFORE_OTHERS and before[1] not in _GREETINGS:
        return False
    return not match["kin"] or "," in match[0]


def _tells_whose(match: re.Match[str]) -> bool:
    """Tell whether a word for kin is the writer's kin, rather than how one addresses people."""
    return any(match[part] for part in ("late", "suffix", "own", "be"))


def _name_at(reading: Reading, taken: Taken, start: int, whose: str) -> Finding | None:
    low = reading.low
    line = low.find("\n", start, start + _MAX_NAME)
    end = line if line >= 0 else min(len(low), start + _MAX_NAME)
    written = "" if reading.shouted or not reading.text[start].isupper() else reading.text
    stop = names.measure(low, start, end, written=written)
    if stop == start or taken.touches(start, stop) or not _is_name(reading, start, stop):
        return None
    found = cells.name_finding(reading, start, stop, 0.85, "introduction")
    return replace(found, whose=whose)


def _is_name(reading: Reading, start: int, stop: int) -> bool:
    """Judge a name in running talk by its words, by its capitals, and by what follows it."""
    low = reading.low[start:stop]
    if not names.plausible(low):
        return False
    wants = _WANTS.match(reading.low, stop)
    odds = names.odds(low) - (2.0 if places.major(low) and not wants else 0.0)
    goes_on = _HERE.match(reading.low, stop) or wants
    if not reading.shouted and any(map(str.isupper, reading.text[start:stop])):
        ends = goes_on or _END_OF_NAME.match(reading.low, stop)
        odds += 3.0 if ends else 1.5
    elif goes_on:
        odds += 2.0
    return odds >= _SURE


def _sign_off(marked: Marked, taken: Taken) -> Iterator[Finding]:
    """Yield the name under a letter: alone on its line, after closing words, no fact behind it."""
    reading = marked.reading
    yield from _signed_in_line(reading, taken)
    if "\n" not in reading.low:
        return
    closings = [match.end() for match in _CLOSING.finditer(reading.low)]
    if not closings:
        return
    facts = max((one.span.end for one in marked.findings), default=0)
    facts = max(facts, max((one.end for one in marked.numbers if len(one.digits) > 14), default=0))
    lines = _lines_after(reading.low, closings[-1])
    for start, end in lines:
        if start < facts or taken.touches(start, end):
            continue
        if _BIRTH_LIKE.search(reading.low, end, end + _MAX_NAME):
            continue
        if end - start <= _MAX_NAME and _signs(reading.low[start:end]):
            found = cells.name_finding(reading, start, end, 0.7, "sign_off")
            yield replace(found, whose=SELF)
            return


def _signed_in_line(reading: Reading, taken: Taken) -> Iterator[Finding]:
    """Yield the name that a message ends with behind firm closing words: `Ttd, Paskalis Klau`."""
    low = reading.low
    for match in _SIGNED.finditer(low, max(0, len(low) - _MAX_NAME)):
        start, stop = match.end(), len(low.rstrip(" .\n"))
        name = low[start:stop]
        if " " in name and "\n" not in name and _signs(name) and not taken.touches(start, stop):
            taken.add(start, stop)
            yield replace(cells.name_finding(reading, start, stop, 0.7, "sign_off"), whose=SELF)


def _signs(low: str) -> bool:
    bare = low.strip(" .,")
    return names.plausible(bare) and names.odds(bare) >= _SURE and not words.is_talk(bare)


def _lines_after(low: str, at: int) -> list[tuple[int, int]]:
    """Return the few lines after a closing, trimmed of signs."""
    first = low.find("\n", at)
    found: list[tuple[int, int]] = []
    breaks = [first]
    while 0 <= breaks[-1] < len(low) and len(breaks) <= _CLOSING_LINES:
        following = low.find("\n", breaks[-1] + 1)
        breaks.append(following if following >= 0 else len(low))
    for one, two in pairwise(breaks):
        start, end = one + 1, two
        while start < end and not low[start].isalpha():
            start += 1
        while end > start and not (low[end - 1].isalpha() or low[end - 1] == "."):
            end -= 1
        if one >= 0 and end > start:
            found.append((start, end))
    return found
