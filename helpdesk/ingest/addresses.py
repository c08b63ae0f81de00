"""Address fields: From, To and their like, as names and addresses that can be compared."""

import re

from helpdesk.ingest import headers
from helpdesk.ingest.types import Address

_MOST = 200  # addresses of one field; nobody answers more
_LONGEST = 320  # RFC 3696 erratum 1690: 64 + 1 + 255
_TOKEN = re.compile(
    r'(?P<quoted>"(?:[^"\\]|\\.)*+")|(?P<open>\()|(?P<angle><[^<>]*>|<[^<>,;]*)|(?P<mark>[,;:])'
    r'|(?P<space>\s+)|(?P<atom>[^\s",;:<>()\\]+|.)',
    re.DOTALL,
)
_UNQUOTED = re.compile(  # the same once a quote was seen that never ends
    r"(?P<open>\()|(?P<angle><[^<>]*>|<[^<>,;]*)|(?P<mark>[,;:])|(?P<space>\s+)|(?P<atom>[^\s,;:<>()]+|.)",
    re.DOTALL,
)
_COMMENT_END = re.compile(r"[()]|\\.", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_ADDRESS = re.compile(r'[^\s@<>,;:()\[\]\\]+@(?:[^\s@<>,;:()\[\]\\"]+|\[[0-9A-Fa-f.:IPv]+\])')


def parse(value: bytes | str) -> tuple[tuple[Address, ...], tuple[str, ...]]:
    """Read an address list.

    Args:
        value: a field value as it stands in the mail, folded or not.

    Returns:
        The addresses in order, groups opened, names decoded, and what was wrong:
        `bad_address` (no address, or none that can be written to), `address_in_name` (a name
        that looks like another address than the one it stands before, so that programs
        disagree who wrote), `too_many_addresses`.

    A part without `@` before a comma belongs to the name that follows: `Budi, S.Kom <b@x.org>`.
    Never raises, linear. Source: RFC 5322 §3.4, §4.4.
    """
    reader = _Reader()
    text = value if isinstance(value, str) else headers.raw_text(value)
    pattern = _TOKEN
    position = 0
    while (match := pattern.match(text, position)) and len(reader.found) < _MOST:
        position = match.end()
        if match.lastgroup == "open":
            end = _comment_end(text, position)
            reader.comment(text[position : end - 1])
            position = end
        elif match.lastgroup == "atom" and match[0] == '"':
            pattern = _UNQUOTED
            reader.defects.add("bad_address")
        else:
            reader.token(match.lastgroup or "", match[0])
    reader.finish()
    if position < len(text):
        reader.defects.add("too_many_addresses")
    return tuple(reader.found), tuple(sorted(reader.defects))


def domain(email: str) -> str:
    """Return the domain of an address as servers compare it: lower case, IDNs in ASCII."""
    name = email.rpartition("@")[2].rstrip(".").lower()
    if name.isascii() or len(name) > 255:
        return name
    try:
        return name.encode("idna").decode("ascii")
    except UnicodeError:
        return name


class _Reader:
    """The state of one reading: what was seen since the last separator."""

    def __init__(self) -> None:
        self.found: list[Address] = []
        self.defects: set[str] = set()
        self._words: list[str] = []  # of a display name, or an address without angle brackets
        self._comments: list[str] = []
        self._angle: str | None = None
        self._at = self._quoted = False

    def token(self, kind: str, text: str) -> None:
        if kind == "mark":
            self._mark(text)
        elif kind == "angle":
            if self._angle is not None:  # `<a@x> <b@y>`: two addresses without a comma
                self.finish()
                self.defects.add("bad_address")
            self._angle = text.strip("<> \t\n")
            if not text.endswith(">"):
                self.defects.add("bad_address")
        elif kind == "quoted":
            self._words.append(_ESCAPED.sub(r"\1", text[1:-1]))
            self._quoted = True
        else:
            self._words.append(" " if kind == "space" else text)
            self._at = self._at or "@" in text

    def comment(self, text: str) -> None:
        self._comments.append(text)

    def finish(self) -> None:
        """Make an address of what was seen."""
        bare = "".join(self._words).strip(", \t\n")
        comments = " ".join(self._comments)
        if self._angle is not None:
            self._add(bare or comments, self._angle)
        elif _ADDRESS.fullmatch(bare):
            self._add(comments, bare)
        elif bare:
            written = [word for word in bare.split() if _ADDRESS.fullmatch(word)]
            self.defects.add("bad_address")
            self._add(bare, written[0] if len(written) == 1 and not self._quoted else "")
        self._forget()

    def _mark(self, mark: str) -> None:
        if mark == ":" and self._angle is None:  # the name of a group
            self._forget()
        elif mark == "," and self._angle is None and not self._at:
            self._words.append(mark)
        else:
            self.finish()

    def _add(self, name: str, email: str) -> None:
        name, email = headers.text(name)[:_LONGEST], email.lower()
        if len(email) > _LONGEST or headers.clean_line(email) != email:
            email = ""
        if not _ADDRESS.fullmatch(email):
            self.defects.add("bad_address")
            email = ""
        elif "@" in name and name.lower().strip("'\" ") != email:
            self.defects.add("address_in_name")
        if name or email:
            self.found.append(Address(name, email))

    def _forget(self) -> None:
        self._words.clear()
        self._comments.clear()
        self._angle = None
        self._at = self._quoted = False


def _comment_end(text: str, position: int) -> int:
    """Find the position after the comment that began before `position`."""
    depth = 1
    for match in _COMMENT_END.finditer(text, position):
        depth += {"(": 1, ")": -1}.get(match[0], 0)
        if depth == 0:
            return match.end()
    return len(text) + 1
