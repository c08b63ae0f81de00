"""What a reply by direct message is made of: texts short enough, frozen as bytes. Pure."""

import datetime as dt
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from unicodedata import category

from helpdesk.errors import PermanentError
from helpdesk.tickets.kinds import Channel

MIN_CHARS = 4  # one character of any script in UTF-8
_MAX_GLUED = 40  # digits written in groups, "0812 3456 7890", are kept together up to this length
# No-break spaces are none to us either: whoever typed one meant it.
_GAP = re.compile(r"[^\S\u00a0\u202f\u2007]+")
_DIGIT_LAST = re.compile(r"\d[)\]]?$")
_DIGIT_FIRST = re.compile(r"[(\[+]?\d")
_LIST_MARK = re.compile(r"(?:\d{1,3}|[A-Za-z])[.)]|[-*•]")
_SENTENCE_LAST = re.compile(r"[.!?…][\"'”’)\]]*$")
_JOINER = "\u200d"
_TONES = range(0x1F3FB, 0x1F400)  # skin tones follow their emoji
_FLAGS = range(0x1F1E6, 0x1F200)  # two letters make one flag
_TAGS = range(0xE0020, 0xE0080)  # and these follow the flags of countries' parts


class _Break(IntEnum):
    """How good a place is to end a part at."""

    WORD = 1
    SENTENCE = 2
    PARAGRAPH = 3


@dataclass(frozen=True, slots=True)
class DirectReply:
    """An approved reply as it is sent: every text of `parts` is one message, in this order."""

    channel: Channel
    recipient: str = field(repr=False)
    parts: tuple[str, ...] = field(repr=False)


def window_open(window_ends_at: dt.datetime | None, now: dt.datetime) -> bool:
    """Tell whether the channel lets us write freely at `now`; None is no limit. Both aware."""
    return window_ends_at is None or now < window_ends_at


def split(text: str, max_chars: int) -> tuple[str, ...]:
    """Cut a text into messages that a platform takes.

    Lengths are counted in UTF-8 bytes: that is what Instagram counts, and whoever counts
    characters or UTF-16 units (Messenger, WhatsApp, X) never counts more of them.

    A part ends at a paragraph, else at a sentence or line, else between words; the better place
    is taken if the part is at least half full there. Words are never cut, so neither are links
    and emoji, nor are numbers in groups. Only a single word longer than a whole message is, and
    then between what a reader sees as characters.

    Args:
        text: as approved; an empty one gives no part.
        max_chars: of one part; less than `MIN_CHARS` counts as that.

    Never raises, and takes time in proportion to the text.
    """
    limit = max(max_chars, MIN_CHARS)
    parts: list[str] = []
    words = list(_words(text, limit))
    at = 0
    while at < len(words):
        until = _end_of_part(words, at, limit)
        whole = "".join(word.text + word.gap for word in words[at:until])
        parts.append(whole.removesuffix(words[until - 1].gap))
        at = until
    return tuple(parts)


def build(reply: DirectReply) -> bytes:
    """Return the bytes that stand for a reply; the same reply gives the same bytes."""
    meant = {
        "channel": reply.channel.value,
        "parts": list(reply.parts),
        "recipient": reply.recipient,
    }
    return json.dumps(meant, sort_keys=True, separators=(",", ":")).encode("ascii")


def read(content: bytes) -> DirectReply:
    """Return the reply that bytes stand for.

    Raises:
        PermanentError: they are not what `build` made.
    """
    msg = "these bytes are not a direct reply"
    try:
        meant = json.loads(content)
        reply = DirectReply(Channel(meant["channel"]), meant["recipient"], tuple(meant["parts"]))
        same = build(reply) == content
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise PermanentError(msg) from error
    if not same:
        raise PermanentError(msg)
    return reply


@dataclass(frozen=True, slots=True)
class _Word:
    """What may not be cut, with the gap after it and how good a place to end that gap is."""

    text: str
    gap: str
    after: _Break

    @property
    def size(self) -> int:
        return _size(self.text)


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _words(text: str, limit: int) -> Iterator[_Word]:
    text = text.strip()
    pieces = _GAP.split(text) if text else []
    gaps = [*_GAP.findall(text), ""][: len(pieces)]
    held = ""
    for number, (piece, gap) in enumerate(zip(pieces, gaps, strict=True)):
        held += piece
        follower = pieces[number + 1] if number + 1 < len(pieces) else ""
        if follower and _glued(held, piece, gap, follower, limit):
            held += gap
            continue
        *whole, last = _cut(held, limit)
        yield from (_Word(each, "", _Break.WORD) for each in whole)
        yield _Word(last, gap, _after(piece, gap))
        held = ""


def _glued(held: str, piece: str, gap: str, follower: str, limit: int) -> bool:
    """Tell whether a gap is no place to cut: it is inside a number, a list's sign or a cluster."""
    if _size(held) + _size(gap) + _size(follower) > limit:
        return False
    if _continues(follower[0]):
        return True
    if len(gap) > 1 or gap == "\n":
        return False
    in_number = len(held) + len(follower) <= _MAX_GLUED and bool(
        _DIGIT_LAST.search(piece) and _DIGIT_FIRST.match(follower)
    )
    return in_number or (held == piece and bool(_LIST_MARK.fullmatch(piece)))


def _after(piece: str, gap: str) -> _Break:
    if gap.count("\n") > 1:
        return _Break.PARAGRAPH
    if "\n" in gap or _SENTENCE_LAST.search(piece[-8:]):
        return _Break.SENTENCE
    return _Break.WORD


def _end_of_part(words: Sequence[_Word], at: int, limit: int) -> int:
    """Return the index after the last word of the part that begins at `at`."""
    best: dict[_Break, int] = {}
    size = 0
    for here in range(at, len(words)):
        size += words[here].size
        if size > limit:
            break
        if here + 1 == len(words):
            return len(words)
        if size * 2 >= limit:
            best[words[here].after] = here + 1
        size += _size(words[here].gap)
    return best[max(best)] if best else max(here, at + 1)


def _cut(word: str, limit: int) -> list[str]:
    """Cut a word that is longer than a message; almost never anything to do."""
    if _size(word) <= limit:
        return [word]
    pieces, size = [""], 0
    for cluster in _clusters(word):
        for part in [cluster] if _size(cluster) <= limit else cluster:
            size += _size(part)
            if size > limit:
                pieces.append("")
                size = _size(part)
            pieces[-1] += part
    return pieces


def _clusters(text: str) -> Iterator[str]:
    """Yield what a reader sees as one character, nearly as Unicode's annex 29 has it."""
    cluster, flags = "", 0
    for char in text:
        is_flag = ord(char) in _FLAGS
        joined = cluster.endswith(_JOINER) or _continues(char) or (is_flag and flags % 2 == 1)
        if cluster and not joined:
            yield cluster
            cluster, flags = "", 0
        cluster += char
        flags += is_flag
    if cluster:
        yield cluster


def _continues(char: str) -> bool:
    code = ord(char)
    return char == _JOINER or category(char)[0] == "M" or code in _TONES or code in _TAGS
