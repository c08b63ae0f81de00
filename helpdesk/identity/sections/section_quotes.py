"""Quoted and forwarded mails: which lines they are, whose words, and which of them count."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from helpdesk.identity.sections import section_forms
from helpdesk.identity.sections.section_lines import Line, next_words, words

_WROTE = re.compile(rf".{{0,200}}{words('quotes', 'wrote')}\W{{0,6}}$")
_INTRODUCES = re.compile(r"\W{0,3}(?:pada|on|am|tanggal|hari|\d)|.{0,120}[@<]")
_FROM = re.compile(rf"\W{{0,4}}{words('quotes', 'from')} {{0,3}}:(?P<who>.*)")
_HEAD = re.compile(rf"\W{{0,4}}{words('quotes', 'head')} {{0,3}}:")
_MARKER = re.compile(
    rf"(?P<line>[-_*= ]{{3,}})?(?:(?P<forward>{words('quotes', 'forwarded')})"
    rf"|{words('quotes', 'original')}) {{0,3}}:?(?P<tail>[-_*= ]{{3,}})?$"
)
_RULE = re.compile(r"[-_*=]{5,}$")
_SERVICE = re.compile(rf"(?<![a-z]){words('quotes', 'service')}(?![a-z])")
_AGENCY = re.compile(rf"(?<![a-z]){words('quotes', 'agency')}")
_REQUEST = re.compile(rf"(?<![a-z]){words('quotes', 'request')}(?![a-z])")
_POINTING = re.compile(rf"(?<![a-z]){words('quotes', 'pointing')}(?![a-z])")
_WANTING = re.compile(rf"(?<![a-z]){words('quotes', 'wanting')}(?![a-z])")
_NUMBER = re.compile(r"\d(?:[ .\-]?\d){12}")  # a NIK of their own: they speak for themselves
_HEAD_LINES = 8


@dataclass(slots=True)
class Part:
    """Lines that somebody wrote before.

    Attributes:
        head: numbers of the lines that say who wrote and when.
        lines: numbers of its lines.
        author: what its head says of who wrote it, folded; "" when nothing does.
        marked: its lines carry `>`, so that what stands between without is the writer's.
        forward: it says that it was passed on.
    """

    head: list[int] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    author: str = ""
    marked: bool = False
    forward: bool = False


@dataclass(frozen=True, slots=True)
class Quotes:
    """What of a mail is quoted.

    Attributes:
        blank: line numbers that are nobody's words now.
        kept: line numbers that are quoted and count all the same, without their marks.
        theirs: of these, what somebody wrote whose mail is passed on.
    """

    blank: frozenset[int] = frozenset()
    kept: frozenset[int] = frozenset()
    theirs: frozenset[int] = frozenset()


def find(lines: tuple[Line, ...]) -> Quotes:
    """Tell which lines are quoted and which of these count; linear.

    Our own request counts where it was filled in; somebody else's mail where the writer points to
    it, or says nothing else.
    """
    parts = list(_parts(lines))
    if not parts:
        return Quotes()
    quoted = {number for part in parts for number in (*part.head, *part.lines)}
    own = [line.text for number, line in enumerate(lines) if number not in quoted and line.text]
    pointed = _points("\n".join(own))
    blank: set[int] = set()
    kept: set[int] = set()
    theirs: set[int] = set()
    chain = True  # nothing above was ours
    for part in parts:
        blank.update(part.head)
        if is_ours(lines, part):
            chain = False
            counting = set(section_forms.filled(lines, part.lines, marked=part.marked))
        else:
            counting = set(part.lines) if chain and (pointed or part.forward) else set()
            theirs |= counting
        kept |= counting
        blank.update(set(part.lines) - counting)
    return Quotes(frozenset(blank), frozenset(kept), frozenset(theirs))


def is_ours(lines: Sequence[Line], part: Part) -> bool:
    """Tell whether a part is what we wrote: by who wrote it, else by what it asks."""
    if part.forward:
        return _AGENCY.search(part.author) is not None
    if part.author:
        return _SERVICE.search(part.author) is not None
    bare = sum(section_forms.is_bare(lines[number].text) for number in part.lines[:_HEAD_LINES])
    return bare > 1 or any(_REQUEST.search(lines[number].text) for number in part.lines)


def _points(own: str) -> bool:
    """Tell whether the writer speaks of what is quoted: by words, by asking, by saying nothing."""
    if not any(map(str.isalnum, own)) or _POINTING.search(own):
        return True
    return _WANTING.search(own) is not None and _NUMBER.search(own) is None


def _parts(lines: tuple[Line, ...]) -> Iterator[Part]:
    """Yield the quoted parts in order; each begins with a head or with the first marked line."""
    part: Part | None = None
    at = 0
    while at < len(lines):
        opened = _open(lines, at)
        if opened is not None:
            if part is not None:
                yield part
            part, at = opened, max(opened.head) + 1
            continue
        line = lines[at]
        if line.depth and (part is None or not (part.marked or part.author)):
            if part is not None:
                yield part
            part = Part(marked=True)
        if part is not None and (line.depth or not part.marked):
            part.lines.append(at)
        at += 1
    if part is not None:
        yield part


def _open(lines: tuple[Line, ...], at: int) -> Part | None:
    """Return a new part when line `at` begins its head."""
    line = lines[at]
    if not line.text:
        return None
    marker = _MARKER.match(line.text) if len(line.text) < 80 else None
    if _RULE.match(line.text) or (marker and (marker["line"] or marker["tail"])):
        following = next_words(lines, at)
        below = _headed(lines, following) if following < len(lines) else None
        if below is not None:
            forward = bool(marker and marker["forward"])
            return replace(below, head=[at, *below.head], forward=forward or below.forward)
        return Part([at], forward=bool(marker["forward"])) if marker else None
    return _headed(lines, at) or _attributed(lines, at)


def _headed(lines: tuple[Line, ...], at: int) -> Part | None:
    """Read a mail's head: `Dari: … Terkirim: … Kepada: … Subjek: …`."""
    first = _FROM.match(lines[at].text)
    if not first:
        return None
    head = [at]
    for number in range(at + 1, min(len(lines), at + 1 + _HEAD_LINES)):
        if lines[number].text and not _HEAD.match(lines[number].text):
            break
        head.append(number)
    while not lines[head[-1]].text:
        head.pop()
    if len([number for number in head if lines[number].text]) < 3:
        return None
    return Part(head, author=first["who"].strip() or "?", marked=bool(lines[at].depth))


def _attributed(lines: tuple[Line, ...], at: int) -> Part | None:
    """Read `Pada … <…> menulis:`, on one line or cut in two."""
    line = lines[at]
    if not _INTRODUCES.match(line.text):
        return None
    below = at + 1 < len(lines) and lines[at + 1].depth == line.depth
    both = f"{line.text} {lines[at + 1].text}" if below else line.text
    for text, head in ((line.text, [at]), (both, [at, at + 1])):
        if len(text) < 260 and _WROTE.match(text):
            following = next_words(lines, head[-1])
            marked = following < len(lines) and lines[following].depth > line.depth
            return Part(head, author=text, marked=marked or bool(line.depth))
    return None
