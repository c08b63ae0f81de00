"""Whom a text speaks of: the writer, kin, friends, employees; and whose number is wanted.

Every word for a person becomes a mention with a weight: how strongly it says that this person's
number is asked for. `nomor KPJ suami saya` weighs much, `anak saya bilang` nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from helpdesk.identity.whose.referent_weights import (
    heads,
    is_denied,
    is_theirs,
    lacks,
    shares,
    wants_too,
    weigh,
)
from helpdesk.identity.whose.referent_words import (
    ADDRESS,
    CLASS,
    KIN_OF,
    MERE_WORK,
    MINE,
    MORE,
    NUMBER,
    OWN_NUMBER,
    OWNERS,
    PAIRS,
    PERSON,
    SIGNER,
    SOMEBODY,
    STOPS,
    THEIRS_OF,
    THEY_WORDS,
    US,
    WRITER,
    Token,
    cut,
    in_law,
    word_at,
    words_after,
    words_before,
)

SELF = "self"
TOGETHER = "together"  # key of a mention of the writer with others
DECEASED = "deceased"
EMPLOYEE = "employee"
THEY = "they"  # beliau, dia: somebody spoken of before
HEADING = 3.0  # what it weighs that somebody's data stand below
ASKED = 2.0  # a mention of this weight says that the number is this person's
KIN = 1.5  # one of this weight may be meant, when nobody else is

_INVERSE = {
    "spouse": "spouse", "child": "parent", "parent": "child", "sibling": "sibling",
    "relative": "relative", "friend": "friend", "parent_in_law": "relative",
    "employee": EMPLOYEE,
}  # fmt: skip
_COUPLES = frozenset({"suami istri", "suami isteri", "kakak adik"})
_PARENT_OF = frozenset({"menantu", "mantu", "menantuku", "mantuku"})  # of them: a parent-in-law


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
    weak: bool = False  # perhaps the reader is addressed: means kin only where the kin is known
    turned: bool = False  # by it the writer says who they are: `saya anaknya`
    alone: bool = False  # `nomor saya sendiri`
    also: bool = False  # theirs beside the writer's: `sekalian adik saya`


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose number a conversation asks for, by the strongest mentions."""

    own: float
    other: float
    relation: str  # of the strongest mention of somebody else, or ""
    weights: Mapping[str, float] = field(default_factory=dict)  # of each relation, at its best
    together: bool = False  # `kami berdua`: of everybody whose data are given
    alone: bool = False  # `nomor saya sendiri`: of nobody else

    @property
    def only_other(self) -> bool:
        """Whether somebody else's number is asked for and not the writer's."""
        return self.own < ASKED and self.other > self.own

    @property
    def only_own(self) -> bool:
        """Whether the writer's number is asked for, and others' only where that is said."""
        enough = ASKED if self.other else KIN
        return self.own >= enough and not self.together

    @property
    def excludes(self) -> bool:
        """Whether the writer says that they want their own number and nobody else's."""
        return self.alone and self.only_own

    @property
    def both(self) -> bool:
        """Whether the writer's and somebody else's are."""
        return self.own >= ASKED and self.other >= ASKED


def find(low: str) -> tuple[Mention, ...]:
    """Return the people a folded text speaks of, in order; linear."""
    tokens = cut(low)
    found: list[Mention] = []
    read = 0
    for at, token in enumerate(tokens):
        if at >= read and token[0] in PERSON:
            mention, read = _mention(tokens, at)
            if mention:
                found.append(mention)
    return tuple(found)


def is_heading(low: str) -> bool:
    """Tell whether a folded line is nothing but a word for somebody, apart from numbering."""
    low = low.strip(" .:-*()0123456789")
    found = find(low) if low.partition(" ")[0] in PERSON else ()
    if not found or found[0].start or not found[0].heading:
        return False
    return found[0].end == len(low) and low not in CLASS["also_names"]


def firm(mentions: Iterable[tuple[int, Mention]]) -> list[tuple[int, Mention]]:
    """Leave out weak mentions, by message, of whom no other mention speaks.

    Whose kin the writer is says little where their own number is asked for.
    """
    found = list(mentions)
    known = {one.key for _, one in found if not one.weak}
    own = any(one.who == SELF and one.weight >= ASKED for _, one in found)
    return [
        (message, replace(one, weight=0.5) if own and one.turned else one)
        for message, one in found
        if not one.weak or one.key in known
    ]


def relation_of(word: str) -> str:
    """Return the relation a folded word of kinship states, `deceased` for a late person."""
    relation: str = KIN_OF.get(word, DECEASED)
    return relation


def asked(mentions: Iterable[Mention]) -> Asked:
    """Weigh the mentions of a whole conversation.

    That somebody died says less than what they were to the writer, if that is said at all.
    """
    best: dict[str, float] = {}
    together = also = alone = False
    for one in mentions:
        also = also or (one.also and SELF in best)
        together = together or (one.key == TOGETHER and one.weight >= ASKED)
        alone = alone or one.alone
        best[one.who] = max(best.get(one.who, 0.0), one.weight)
    own = best.pop(SELF, 0.0)
    own = max(own, ASKED) if also else own
    spoken_of = best.pop(THEY, 0.0)
    late = best.pop(DECEASED, 0.0)
    relation = max(best, key=lambda who: best[who], default="")
    if late and best.get(relation, 0.0) < KIN / 2:
        return Asked(own, late, DECEASED, {DECEASED: late})
    other = max(late, best.get(relation, 0.0) + spoken_of)
    return Asked(own, other if other >= KIN else 0.0, relation, best, together, alone)


def _mention(tokens: Sequence[Token], at: int) -> tuple[Mention | None, int]:
    """Read the mention that begins at a token; return it with where to go on."""
    token = tokens[at]
    if token[0] in WRITER:
        return _self(tokens, at), at + 1
    if token[0] in SIGNER:  # `yang bertanda tangan di bawah ini` stands over the writer's data
        return Mention(token.start(), token.end(), SELF, SELF, 0.0, heading=True), at + 1
    if weight := _weight_of_they(tokens, at):
        last, own = _phrase(tokens, at) if token[0] in SOMEBODY else (at, False)
        weight = max(weight, ASKED) if own else weight  # `warga saya`
        return Mention(token.start(), tokens[last].end(), THEY, THEY, weight), last + 1
    kin = _kin(tokens, at)
    if kin is None:
        return None, at + 1
    if kin.who == DECEASED and (inner := _kin_after(tokens, at)):
        return _mention(tokens, inner)
    mention = _employee(tokens, kin) if kin.who == EMPLOYEE else _relative(tokens, kin)
    return mention, (kin.last if mention else at) + 1


def _weight_of_they(tokens: Sequence[Token], at: int) -> float:
    """Weigh `beliau`, `nomornya` or `warga`: somebody else, of whom no kin is said; 0 for none."""
    word = tokens[at][0]
    if word in SOMEBODY:
        return weigh(tokens, at, at) + 1.0
    if word in THEY_WORDS:
        return 1.5 if word_at(tokens, at - 1) in CLASS["fact"] else 0.5
    return 0.5 * (word.endswith("nya") and word in NUMBER)


def _kin(tokens: Sequence[Token], at: int) -> _Kin | None:
    """Read `kakak kandung (alm) saya` from its first word on."""
    stem, theirs = _stem(tokens[at][0])
    after = word_at(tokens, at + 1)
    pair = PAIRS.get(f"{stem} {after}")
    who = pair or KIN_OF.get(stem)
    if who is None or _is_couple(tokens, at):
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
    if who not in {DECEASED, EMPLOYEE} and (who != "relative" or stem in ADDRESS):
        who = in_law(more) or who
    return _Kin(who, stem, first, last, own, theirs, kandung="kandung" in more)


def _is_couple(tokens: Sequence[Token], at: int) -> bool:
    """Tell whether two words say what others are to each other: `Budi dan Siti suami istri`."""
    for first in (at, at - 1):
        if f"{word_at(tokens, first)} {word_at(tokens, first + 1)}" in _COUPLES:
            return word_at(tokens, first - 1) not in US
    return False


def _relative(tokens: Sequence[Token], kin: _Kin) -> Mention | None:
    """Weigh what is said around a relative or friend; None for a way to address somebody."""
    start, end = tokens[kin.first].start(), tokens[kin.last].end()
    if turned := _turned(tokens, kin):
        # `adalah anak kandung dari:` stands over the data of the parent.
        over = word_at(tokens, kin.last + 2) in {"\n", ":"}
        return Mention(start, end, turned, "", 2.5, heading=over, turned=not over)
    heading = heads(tokens, kin.first, kin.last)
    if kin.stem in ADDRESS and not kin.own and kin.who != "parent_in_law":
        if kin.kandung:
            return None  # `ibu kandung`: the mother's name a form asks for
        if not (kin.theirs or heading or kin.stem.endswith("ku")):
            of_fact = word_at(tokens, kin.first - 1) in CLASS["fact_of"]
            return Mention(start, end, kin.who, kin.stem, 0.0, weak=True) if of_fact else None
    also = wants_too(tokens, kin.first, kin.last)
    weight = weigh(tokens, kin.first, kin.last) + HEADING * heading + 0.5 * kin.own + ASKED * also
    return Mention(start, end, kin.who, kin.stem, weight, heading, also=also)


def _stem(word: str) -> tuple[str, bool]:
    """Take `-nya` and its like off a word for a person."""
    if word in KIN_OF:
        return word, False
    if word in THEIRS_OF:
        return THEIRS_OF[word], True
    return word.removesuffix("2"), False


def _phrase(tokens: Sequence[Token], at: int) -> tuple[int, bool]:
    """Return the last token of `kakak kandung (alm) saya` and whether it is the writer's."""
    last = at
    for step in range(at + 1, min(at + 6, len(tokens))):
        word = tokens[step][0]
        if word in OWNERS:
            return step, True
        if word in MORE or (word == "tua" and step == at + 1) or word in CLASS["in_law"]:
            last = step
        elif word not in "()" and not (
            word == "." and word_at(tokens, step - 1).startswith("alm")
        ):
            break
    before = word_at(tokens, at - 1 - (word_at(tokens, at - 1) == "late"))
    return last, before in {"my", "our", "pun"} or word_at(tokens, at - 2) in {
        "sa",
        "kita",
        "beta",
    }


def _kin_after(tokens: Sequence[Token], at: int) -> int:
    """Return where `almarhum ayah saya` names its kin, 0 when it does not."""
    for step in range(at + 1, min(at + 3, len(tokens))):
        word = tokens[step][0]
        if word in "().":
            continue
        stem, _ = _stem(word)
        if KIN_OF.get(stem, DECEASED) != DECEASED and (
            stem not in ADDRESS or _phrase(tokens, step)[1]
        ):
            return step
        return 0
    return 0


def _turned(tokens: Sequence[Token], kin: _Kin) -> str:
    """Return the relation when the writer says what *they* are: `saya anaknya`, `(istri)`."""
    if kin.own or kin.who in {DECEASED, EMPLOYEE}:
        return ""
    before, after = word_at(tokens, kin.first - 1), word_at(tokens, kin.last + 1)
    says = before in {":", "selaku", "sebagai"} and any(
        tokens[i][0] in CLASS["enquirer"] for i in range(max(0, kin.first - 3), kin.first)
    )
    of = after in CLASS["of"] or kin.theirs
    bracket = (before, after) == ("(", ")")
    if not (says or bracket or (of and (before == "adalah" or _after_self(tokens, kin.first)))):
        return ""
    return "parent_in_law" if kin.stem in _PARENT_OF else _INVERSE.get(kin.who, "")


def _after_self(tokens: Sequence[Token], at: int) -> bool:
    """Tell whether the writer is the subject: `saya Yuni istri dari`, `saya adalah anaknya`."""
    for step in range(at - 1, max(-1, at - 13), -1):
        word = tokens[step][0]
        if word in STOPS or word in NUMBER:
            return False
        if word in WRITER:
            return True
    return False


def _self(tokens: Sequence[Token], at: int) -> Mention:
    weight = 0.0
    back = list(words_before(tokens, at, 3))
    if is_denied(tokens, at):
        weight = -3.0
    elif word_at(tokens, at + 1) in CLASS["does"]:
        weight = 0.0
    elif is_theirs(back) or tokens[at][0] in MINE:
        weight = 3.0
    elif any(word in {"punya", "milik"} for word in back[:1]):
        weight = 2.0
    ahead = list(words_after(tokens, at, 5))
    kept = "sendiri" in ahead[:2] or tokens[at][0] in MINE
    if kept and any(word in CLASS["has"] for word in ahead):
        weight = -2.0
    elif lacks(ahead[:4]):
        weight = max(weight, 1.5)
    if weight < ASKED and shares(tokens, at):
        weight = ASKED
    heading = tokens[at][0] not in US and heads(
        tokens, at, at + ("sendiri" in ahead[:1])
    )  # `data kami:` is over those of several people
    start, end = tokens[at].span()
    key = TOGETHER if word_at(tokens, at + 1) in CLASS["together"] else SELF
    alone = weight >= ASKED and "sendiri" in ahead[:1]
    return Mention(start, end, SELF, key, weight + HEADING * heading, heading, alone=alone)


def _employee(tokens: Sequence[Token], kin: _Kin) -> Mention | None:
    """Read `karyawan kami`; `saya karyawan PT X` speaks of the writer."""
    at, last, own = kin.first, kin.last, kin.own
    back = list(words_before(tokens, at, 2))
    if any((word in WRITER and word not in {"my", "our"}) or word in MERE_WORK for word in back):
        return None
    if back[:1] == ["nama"] and word_at(tokens, last + 1) == ":":
        return None  # a form's `Nama tenaga kerja:`, whoever fills it in
    if back and (back[0].startswith("bpjs") or (back[0] in OWN_NUMBER and not own)):
        return None  # `bpjs tenaga kerja`; the number a company gives
    after = word_at(tokens, last + 1)
    follows = own or after in {
        "berikut", "tersebut", "sbb", "dibawah", "an", "atas", "bernama", ":", "yang", "yg",
    }  # fmt: skip
    leads = any(
        word in NUMBER or word in {"daftar", "list", "untuk", "utk", "beberapa", "satu", "para"}
        for word in words_before(tokens, at, 4)
    )
    weight = 1.5 * follows + 1.5 * leads + (1.0 if own else 0.0)
    heading = heads(tokens, at, last)
    return Mention(
        tokens[at].start(), tokens[last].end(), EMPLOYEE, EMPLOYEE, weight + heading, heading
    )
