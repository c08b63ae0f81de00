"""Whom a text speaks of: the writer, kin, friends, employees; and whose number is wanted.

Every word for a person becomes a mention with a weight: how strongly it says that this person's
number is asked for. `nomor KPJ suami saya` weighs much, `anak saya bilang` nothing.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files

SELF = "self"
DECEASED = "deceased"
EMPLOYEE = "employee"
THEY = "they"  # beliau, dia: somebody spoken of before
ASKED = 2.0  # a mention of this weight says that the number is this person's
KIN = 1.5  # one of this weight may be meant, when nobody else is

_DATA = tomllib.loads(
    files("helpdesk.identity").joinpath("data/referents.toml").read_text(encoding="utf-8")
)
_KIN = {word: who for who, words in _DATA["kin"].items() for word in words.split()}
_CLASS = {name: frozenset(words.split()) for name, words in _DATA["words"].items()}
_ADDRESS, _SELF, _OWN = _CLASS["address"], _CLASS["self"], _CLASS["own"]
_NUMBER, _FOR, _LOST, _MORE = (
    _CLASS["number"], _CLASS["for"], _CLASS["lost"], _CLASS["kin_more"],
)  # fmt: skip
_INVERSE = {
    "spouse": "spouse", "child": "parent", "parent": "child", "sibling": "sibling",
    "relative": "relative", "friend": "friend", "parent_in_law": "relative",
    "employee": EMPLOYEE,
}  # fmt: skip
_CARD = _NUMBER - {"no", "nomor", "nomer", "nmr", "nmer", "number", "data", "datanya"}
_THEY = frozenset(_CLASS["they"])
_PAIRS = {pair: who for who, pairs in _DATA["pairs"].items() for pair in pairs}
_SOMEBODY = frozenset(_DATA["somebody"]["words"].split())
_MERE_WORK = frozenset({"sebagai", "jadi", "bekerja", "kerja", "nik", "induk", "as"})
_MINE = frozenset({"punyaku", "milikku"})
_US = frozenset({"kami", "kita", "our"})
_OWN_NUMBER = frozenset({"nomor", "no", "nomer", "id", "kartu"})
_SIGNER = frozenset({"bertanda", "bertandatangan"})
_PARENT_OF = frozenset({"menantu", "mantu", "menantuku", "mantuku"})  # of them: a parent-in-law
_TOKEN = re.compile(r"[a-z]+(?:-[a-z]+|2(?!\d))?|[.!?;:()\n,]")
_ROMAN = re.compile(r"[ivx]{1,4}|[a-j]")
_STOPS = frozenset(".!?;\n")
# `suaminya`, in Javanese `bojone`; `like` is no `lik`.
_THEIRS_OF = {
    word + suffix: word
    for word in _KIN
    for suffix in ("nya", "ipun", "ne", "e")
    if suffix == "nya" or len(word) > 3
}
_Token = re.Match[str]
# Every word that can begin a mention; the others are passed over at once.
_PERSON = frozenset(
    {*_SELF, *_THEY, *_SIGNER, *(word for word in _NUMBER if word.endswith("nya")), "orang", *_KIN}
    | set(_THEIRS_OF)
    | {word + "2" for word in _KIN}
    | {pair.partition(" ")[0] for pair in _PAIRS}
    | _SOMEBODY
)
_COMPANY = re.compile(
    r"(?<![a-z])(?:"
    + "|".join([*_DATA["company"]["phrases"], *_DATA["company"]["words"].split()])
    + r")(?:nya|2)?(?![a-z])"
)


@dataclass(frozen=True, slots=True)
class _Kin:
    """A phrase for a person, tokens `first` to `last`."""

    who: str
    stem: str
    first: int
    last: int
    own: bool  # the writer's: `suami saya`
    theirs: bool  # `suaminya`
    kandung: bool


@dataclass(frozen=True, slots=True)
class Mention:
    """A person spoken of at `start`:`end` of a message.

    Attributes:
        who: `self` or a relation seen from the writer.
        key: the word used: of two parents, papa is one and mama another.
        weight: how strongly it says that this person's number is asked for, about -3 to 4.
        heading: it stands over, or in front of, that person's data.
    """

    start: int
    end: int
    who: str
    key: str
    weight: float
    heading: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose number a conversation asks for, by the strongest mentions."""

    own: float
    other: float
    relation: str  # of the strongest mention of somebody else, or ""
    weights: Mapping[str, float] = field(default_factory=dict)  # of each relation, at its best

    @property
    def only_other(self) -> bool:
        """Whether somebody else's number is asked for and not the writer's."""
        return self.own < ASKED and self.other > self.own

    @property
    def both(self) -> bool:
        """Whether the writer's and somebody else's are."""
        return self.own >= ASKED and self.other >= ASKED


def find(low: str) -> tuple[Mention, ...]:
    """Return the people a folded text speaks of, in order; linear."""
    tokens = list(_TOKEN.finditer(low))
    found: list[Mention] = []
    read = 0
    for at, token in enumerate(tokens):
        if at >= read and token[0] in _PERSON:
            mention, read = _mention(tokens, at)
            if mention:
                found.append(mention)
    return tuple(found)


def speaks_of_staff(texts: Iterable[str]) -> bool:
    """Tell whether folded texts speak of a company's people, or of those who look after them."""
    return any(_COMPANY.search(text) for text in texts)


def asked(mentions: Iterable[Mention]) -> Asked:
    """Weigh the mentions of a whole conversation.

    That somebody died says less than what they were to the writer, if that is said at all.
    """
    best: dict[str, float] = {}
    for one in mentions:
        best[one.who] = max(best.get(one.who, 0.0), one.weight)
    own = best.pop(SELF, 0.0)
    spoken_of = best.pop(THEY, 0.0)
    late = best.pop(DECEASED, 0.0)
    relation = max(best, key=lambda who: best[who], default="")
    if late and best.get(relation, 0.0) < KIN / 2:
        return Asked(own, late, DECEASED, {DECEASED: late})
    other = max(late, best.get(relation, 0.0) + spoken_of)
    return Asked(own, other if other >= KIN else 0.0, relation, best)


def _mention(tokens: Sequence[_Token], at: int) -> tuple[Mention | None, int]:
    """Read the mention that begins at a token; return it with where to go on."""
    token = tokens[at]
    if token[0] in _SELF:
        return _self(tokens, at), at + 1
    if token[0] in _SIGNER:  # `yang bertanda tangan di bawah ini` stands over the writer's data
        return Mention(token.start(), token.end(), SELF, SELF, 0.0, heading=True), at + 1
    if weight := _weight_of_they(tokens, at):
        return Mention(token.start(), token.end(), THEY, THEY, weight), at + 1
    kin = _kin(tokens, at)
    if kin is None:
        return None, at + 1
    if kin.who == DECEASED and (inner := _kin_after(tokens, at)):
        return _mention(tokens, inner)
    mention = _employee(tokens, kin) if kin.who == EMPLOYEE else _relative(tokens, kin)
    return mention, (kin.last if mention else at) + 1


def _weight_of_they(tokens: Sequence[_Token], at: int) -> float:
    """Weigh `beliau`, `nomornya` or `warga`: somebody else, of whom no kin is said; 0 for none."""
    word = tokens[at][0]
    if word in _SOMEBODY:
        return _weight(tokens, at, at) + 1.0
    if word in _THEY:
        return 1.5 if _word(tokens, at - 1) in _CLASS["fact"] else 0.5
    return 0.5 * (word.endswith("nya") and word in _NUMBER)


def _kin(tokens: Sequence[_Token], at: int) -> _Kin | None:
    """Read `kakak kandung (alm) saya` from its first word on."""
    stem, theirs = _stem(tokens[at][0])
    after = _word(tokens, at + 1)
    pair = _PAIRS.get(f"{stem} {after}")
    who = pair or _KIN.get(stem)
    if who is None:
        return None
    first = at
    if pair:
        stem, at = f"{stem} {after}", at + 1
    if tokens[at][0] == "anak2":
        who = EMPLOYEE
    if (stem, after[:4]) == ("anak", "buah"):
        who, at = EMPLOYEE, at + 1
    last, own = _phrase(tokens, at)
    more = {tokens[i][0] for i in range(at + 1, last + 1)}
    if who not in {DECEASED, EMPLOYEE} and (who != "relative" or stem in _ADDRESS):
        who = _in_law(more) or who
    return _Kin(who, stem, first, last, own, theirs, kandung="kandung" in more)


def _relative(tokens: Sequence[_Token], kin: _Kin) -> Mention | None:
    """Weigh what is said around a relative or friend; None for a way to address somebody."""
    start, end = tokens[kin.first].start(), tokens[kin.last].end()
    if turned := _turned(tokens, kin):
        # `adalah anak kandung dari:` stands over the data of the parent.
        heads = _word(tokens, kin.last + 2) in {"\n", ":"}
        return Mention(start, end, turned, "", 2.5, heads)
    heading = _heads(tokens, kin.first, kin.last)
    if kin.stem in _ADDRESS and not kin.own and kin.who != "parent_in_law":
        if kin.kandung:
            return None  # `ibu kandung`: the mother's name a form asks for
        if not (kin.theirs or heading or kin.stem.endswith("ku")):
            return None
    weight = _weight(tokens, kin.first, kin.last) + 3.0 * heading + 0.5 * kin.own
    return Mention(start, end, kin.who, kin.stem, weight, heading)


def _in_law(words: set[str]) -> str:
    """Tell what `mertua`, `mantu` or `ipar` after a kin makes of it, "" when none is there."""
    if "ipar" in words:
        return "relative"
    return "parent_in_law" if words & _CLASS["in_law"] else ""


def _stem(word: str) -> tuple[str, bool]:
    """Take `-nya` and its like off a word for a person."""
    if word in _KIN:
        return word, False
    if word in _THEIRS_OF:
        return _THEIRS_OF[word], True
    return word.removesuffix("2"), False


def _phrase(tokens: Sequence[_Token], at: int) -> tuple[int, bool]:
    """Return the last token of `kakak kandung (alm) saya` and whether it is the writer's."""
    last = at
    for step in range(at + 1, min(at + 6, len(tokens))):
        word = tokens[step][0]
        if word in _OWN:
            return step, True
        if word in _MORE or (word == "tua" and step == at + 1) or word in _CLASS["in_law"]:
            last = step
        elif word not in "()" and not (word == "." and _word(tokens, step - 1).startswith("alm")):
            break
    before = _word(tokens, at - 1 - (_word(tokens, at - 1) == "late"))
    return last, before in {"my", "our", "pun"} or _word(tokens, at - 2) in {"sa", "kita", "beta"}


def _kin_after(tokens: Sequence[_Token], at: int) -> int:
    """Return where `almarhum ayah saya` names its kin, 0 when it does not."""
    for step in range(at + 1, min(at + 3, len(tokens))):
        word = tokens[step][0]
        if word in "().":
            continue
        stem, _ = _stem(word)
        if _KIN.get(stem, DECEASED) != DECEASED and (
            stem not in _ADDRESS or _phrase(tokens, step)[1]
        ):
            return step
        return 0
    return 0


def _turned(tokens: Sequence[_Token], kin: _Kin) -> str:
    """Return the relation when the writer says what *they* are: `saya anaknya`, `(istri)`."""
    if kin.own or kin.who in {DECEASED, EMPLOYEE}:
        return ""
    before, after = _word(tokens, kin.first - 1), _word(tokens, kin.last + 1)
    says = before in {":", "selaku", "sebagai"} and any(
        tokens[i][0] in _CLASS["enquirer"] for i in range(max(0, kin.first - 3), kin.first)
    )
    of = after in _CLASS["of"] or kin.theirs
    bracket = (before, after) == ("(", ")")
    if not (says or bracket or (of and (before == "adalah" or _after_self(tokens, kin.first)))):
        return ""
    return "parent_in_law" if kin.stem in _PARENT_OF else _INVERSE.get(kin.who, "")


def _after_self(tokens: Sequence[_Token], at: int) -> bool:
    """Tell whether the writer is the subject: `saya Yuni istri dari`, `saya adalah anaknya`."""
    for step in range(at - 1, max(-1, at - 13), -1):
        word = tokens[step][0]
        if word in _STOPS or word in _NUMBER:
            return False
        if word in _SELF:
            return True
    return False


def _heads(tokens: Sequence[_Token], at: int, last: int) -> bool:
    """Tell whether a mention is a heading: alone on its line, or first in it with a colon."""
    before, after = _word(tokens, at - 1), _word(tokens, last + 1)
    if before in {"data", "identitas", "biodata", "untuk", "punya"}:
        at -= 1
        before = _word(tokens, at - 1)
    starts = before in {"", "\n", ".", ")"}
    alone = before in {"", "\n"} or _is_numbering(tokens, at - 1)
    return starts and (after == ":" or (after in {"\n", ""} and alone))


def _is_numbering(tokens: Sequence[_Token], at: int) -> bool:
    """Tell whether a full stop or bracket ends the number of an entry: `1.`, `II.`, `b)`."""
    if _word(tokens, at) not in {".", ")"}:
        return False
    before = _word(tokens, at - 1)
    if _ROMAN.fullmatch(before):
        before = _word(tokens, at - 2)
    return before in {"", "\n"}


def _weight(tokens: Sequence[_Token], at: int, last: int) -> float:
    weight = 0.5
    if _is_denied(tokens, at):
        return -3.0
    if _is_their_number(tokens, at):
        weight += 2.5
    elif any(word in _FOR for word in _back(tokens, at, 2)):
        weight += 2.0
    if any(word in _LOST for word in _ahead(tokens, last, 10)):
        weight += 1.5
    if any(word in _CLASS["carrier"] for word in _back(tokens, at, 4)):
        weight -= 4.0
    if any(word in _CLASS["passing"] for word in _ahead(tokens, last, 4)):
        weight -= 2.0
    if any(word in _CLASS["hearsay"] for word in _back(tokens, at, 1)):
        weight -= 3.0
    return weight


def _is_denied(tokens: Sequence[_Token], at: int) -> bool:
    """Tell whether it is said that something is not theirs, or theirs by mistake."""
    before = list(_back(tokens, at, 4))
    if not before or before[0] not in _CLASS["of_theirs"]:
        return False
    return not _CLASS["wrong"].isdisjoint(before)


def _is_their_number(tokens: Sequence[_Token], at: int) -> bool:
    """Tell whether a number spoken of before is theirs: `nomor kpj saya dan istri` is both's.

    In `nomor kartu saya dibuang istri` it is the writer's.
    """
    joined = True
    for word in _back(tokens, at, 6):
        if word in _NUMBER:
            return True
        if word in _SELF and not joined:
            return False
        joined = joined and word in _CLASS["and"]
    return False


def _self(tokens: Sequence[_Token], at: int) -> Mention:
    weight = 0.0
    back = list(_back(tokens, at, 3))
    if _is_denied(tokens, at):
        weight = -3.0
    elif _word(tokens, at + 1) in _CLASS["does"]:
        weight = 0.0
    elif _is_theirs(back) or tokens[at][0] in _MINE:
        weight = 3.0
    elif any(word in {"punya", "milik"} for word in back[:1]):
        weight = 2.0
    ahead = list(_ahead(tokens, at, 5))
    kept = "sendiri" in ahead[:2] or tokens[at][0] in _MINE
    if kept and any(word in _CLASS["has"] for word in ahead):
        weight = -2.0
    elif _lacks(ahead[:4]):
        weight = max(weight, 1.5)
    heading = tokens[at][0] not in _US and _heads(
        tokens, at, at + ("sendiri" in ahead[:1])
    )  # `data kami:` is over those of several people
    return Mention(
        tokens[at].start(), tokens[at].end(), SELF, SELF, weight + 3.0 * heading, heading
    )


def _is_theirs(back: Sequence[str]) -> bool:
    """Tell whether what stands before `saya` is a number or card: `kartu bpjs lama saya`."""
    if not back or back[0] not in _NUMBER | _CLASS["old"]:
        return False
    return back[0] in _NUMBER or any(word in _CARD for word in back[1:])


def _lacks(ahead: Sequence[str]) -> bool:
    """Tell whether somebody says that they lost, forgot or never had something."""
    if not _CLASS["gone"].isdisjoint(ahead[:3]):
        return True
    return not _CLASS["not"].isdisjoint(ahead) and not _CLASS["had"].isdisjoint(ahead)


def _employee(tokens: Sequence[_Token], kin: _Kin) -> Mention | None:
    """Read `karyawan kami`; `saya karyawan PT X` speaks of the writer."""
    at, last, own = kin.first, kin.last, kin.own
    back = list(_back(tokens, at, 2))
    if any(word in _SELF or word in _MERE_WORK for word in back):
        return None
    if back[:1] == ["nama"] and _word(tokens, last + 1) == ":":
        return None  # a form's `Nama tenaga kerja:`, whoever fills it in
    if back and (back[0].startswith("bpjs") or (back[0] in _OWN_NUMBER and not own)):
        return None  # `bpjs tenaga kerja`; the number a company gives
    after = _word(tokens, last + 1)
    follows = own or after in {
        "berikut", "tersebut", "sbb", "dibawah", "an", "atas", "bernama", ":", "yang", "yg",
    }  # fmt: skip
    leads = any(
        word in _NUMBER or word in {"daftar", "list", "untuk", "utk", "beberapa", "satu", "para"}
        for word in _back(tokens, at, 4)
    )
    weight = 1.5 * follows + 1.5 * leads + (1.0 if own else 0.0)
    heading = _heads(tokens, at, last)
    return Mention(
        tokens[at].start(), tokens[last].end(), EMPLOYEE, EMPLOYEE, weight + heading, heading
    )


def _back(tokens: Sequence[_Token], at: int, count: int) -> Iterable[str]:
    """Yield up to `count` words before a token within its sentence, nearest first."""
    for step in range(at - 1, max(-1, at - 1 - count), -1):
        word = tokens[step][0]
        if word in _STOPS:
            return
        yield word


def _ahead(tokens: Sequence[_Token], at: int, count: int) -> Iterable[str]:
    for step in range(at + 1, min(len(tokens), at + 1 + count)):
        word = tokens[step][0]
        if word in _STOPS:
            return
        yield word


def _word(tokens: Sequence[_Token], at: int) -> str:
    return tokens[at][0] if 0 <= at < len(tokens) else ""
