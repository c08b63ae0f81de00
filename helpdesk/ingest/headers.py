"""Header fields: from the bytes of a header block to clean text, whatever was sent."""

import binascii
import codecs
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

Value = TypeVar("Value")

# A name, a colon, and everything up to the next line that does not begin with blank space.
_FIELD = re.compile(rb"^([!-9;-~]{1,80})[ \t]*:((?:[^\n]*)(?:\n[ \t][^\n]*)*)", re.MULTILINE)
_WORD = re.compile(
    r"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*(?:\?(?!=)[^?]*){0,5})\?="  # `?` inside is not allowed
)  # by RFC 2047 §2, and sent all the same
_BETWEEN_WORDS = re.compile(r"(\?=)\s+(=\?[^?\s]{1,60}\?[bBqQ]\?)")
_UNPRINTABLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
_UNSTORABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]")
_CONTROL = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]")
_LINE_BREAKS = frozenset("\t\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029")
_SPACES = re.compile(r"[ \t\n]{2,}")
_CHARSET_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:+-]{0,39}")
# What writers call a charset, and the superset that is meant (WHATWG Encoding §4.2).
_MEANT = {
    "us-ascii": "cp1252",
    "ascii": "cp1252",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "latin-1": "cp1252",
    "latin1": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "utf8": "utf-8",
    "unicode-1-1-utf-8": "utf-8",
}
# Text codecs of Python that no mail means; idna and punycode are quadratic besides.
_NO_CHARSETS = frozenset(
    {"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem"}
)
_LEAD_BYTES = bytes(range(0xC2, 0xF5))  # of a character in UTF-8
_SEVEN_BIT = ("utf-7", "utf-16", "utf-32", "iso2022", "hz")


@dataclass(frozen=True, slots=True)
class Block:
    """The wanted fields of a header block in order: lower-case name and folded value."""

    fields: tuple[tuple[str, bytes], ...]
    names: frozenset[str]  # of every field, wanted or not
    defects: tuple[str, ...] = ()


def block(head: bytes, wanted: frozenset[str], *, most: int = 5_000) -> Block:
    """Take a header block apart: `wanted` fields and every List-* field.

    Args:
        head: up to, not with, the empty line; LF line ends.
        wanted: names in lower case.
        most: fields examined.

    Defects: `bad_header` (a line that is no field), `too_many_headers`. Never raises, linear.
    """
    found = []
    names = set()
    defects = set()
    end = 0
    for count, match in enumerate(_FIELD.finditer(head)):
        if count == most:
            defects.add("too_many_headers")
            end = len(head)
            break
        if match.start() > end + 1 and head[end : match.start()].strip():
            defects.add("bad_header")
        end = match.end()
        name = match[1].decode("ascii").lower()
        names.add(name)
        if name in wanted or name.startswith("list-"):
            found.append((name, match[2]))
    if head[end:].strip():
        defects.add("bad_header")
    return Block(tuple(found), frozenset(names), tuple(sorted(defects)))


def text(value: bytes | str) -> str:
    """Decode an unstructured field value: encoded words, raw 8-bit bytes, controls removed."""
    return clean_line(words(value if isinstance(value, str) else raw_text(value)))


def smuggles(value: bytes) -> bool:
    """Tell whether a field holds what `text` has to take out: controls or hidden line breaks."""
    unfolded = value.replace(b"\n", b"")
    if b"=?" not in value:
        return _CONTROL.search(unfolded) is not None
    return _UNPRINTABLE.search(words(raw_text(unfolded)).replace("\t", "")) is not None


def words(value: str) -> str:
    """Replace the encoded words of RFC 2047; broken ones stay as they are.

    The result may hold line breaks and controls: what shows or stores it calls `clean_line`.
    """
    if "=?" not in value:
        return value
    joined = _BETWEEN_WORDS.sub(r"\1\2", value)
    joined = _BETWEEN_WORDS.sub(r"\1\2", joined)  # the middle one of three was eaten by the first
    out: list[str] = []
    end = 0
    pending: tuple[str, bytes] | None = None
    for match in _WORD.finditer(joined):
        charset = match[1].partition("*")[0].lower()  # RFC 2231 §5: a language may follow
        data = _word_bytes(match[2], match[3])
        if pending and match.start() == end and pending[0] == charset:
            pending = (charset, pending[1] + data)  # one character may be cut in two
        else:
            _flush(out, pending)
            out.append(joined[end : match.start()])
            pending = (charset, data)
        end = match.end()
    _flush(out, pending)
    out.append(joined[end:])
    return "".join(out)


def clean_line(value: str) -> str:
    """Make one line of text: line breaks become spaces; controls, overrides, surrogates go."""
    if _UNPRINTABLE.search(value):
        value = _UNPRINTABLE.sub(lambda m: " " if m[0] in _LINE_BREAKS else "", value)
    if "  " in value:
        value = _SPACES.sub(" ", value)
    return value.strip()


def clean_text(value: str) -> str:
    """Make text that every database stores: LF line ends, tabs kept, other controls removed."""
    if "\r" in value:
        value = value.replace("\r\n", "\n").replace("\r", "\n")
    if _UNSTORABLE.search(value):
        value = _UNSTORABLE.sub(lambda m: "\n" if m[0] in _LINE_BREAKS else "", value)
    return value


def raw_text(value: bytes) -> str:
    """Read bytes of a header that ought to be ASCII."""
    try:
        return value.decode("ascii")
    except UnicodeDecodeError:
        return decode(value, "")[0]


def decode(data: bytes, charset: str) -> tuple[str, bool]:
    """Turn bytes into text whatever they call themselves.

    Args:
        data: the bytes, transfer encoding undone.
        charset: as declared, possibly empty, unknown or wrong.

    Returns:
        The text and whether the declared charset fitted. Mislabelled UTF-8 is read as UTF-8;
        what fits nothing is read as cp1252, then as latin-1, which fits everything.

    Never raises.
    """
    name = codec(charset)
    if data.isascii() and not name.startswith(_SEVEN_BIT):
        return data.decode("ascii"), bool(name) or not charset
    if name in {"", "cp1252"}:
        try:
            return data.decode("utf-8"), bool(name) or not charset
        except UnicodeDecodeError:
            return _western(data), name == "cp1252"
    try:
        return data.decode(name), True
    except (UnicodeError, ValueError):
        return _best_guess(data), False


@lru_cache(maxsize=256)
def codec(charset: str) -> str:
    """Name the Python codec of a declared charset; "" when there is none that mail may use."""
    name = charset.strip().strip("\"'").lower()
    name = _MEANT.get(name, name)
    if not _CHARSET_NAME.fullmatch(name):
        return ""
    try:
        info = codecs.lookup(name)
    except (LookupError, ValueError):
        return ""
    usable = getattr(info, "_is_text_encoding", True) and info.name not in _NO_CHARSETS
    return _MEANT.get(info.name, info.name) if usable else ""


def tried(read: Callable[[bytes], Value], value: bytes, default: Value) -> tuple[Value, bool]:
    """Read one field on its own, so that the worst of them costs only itself.

    Returns:
        The value and True, or `default` and False.
    """
    try:
        return read(value), True
    except Exception:  # noqa: BLE001 - the promise of `mime.parse` that nothing raises
        return default, False


def _word_bytes(encoding: str, encoded: str) -> bytes:
    data = encoded.encode("utf-8", "replace")
    if encoding in "bB":
        return base64(data)
    return binascii.a2b_qp(data.replace(b"\n", b""), header=True)


def base64(data: bytes) -> bytes:
    """Decode base64, leaving out what does not belong and mending the end."""
    try:
        return binascii.a2b_base64(data)
    except binascii.Error:
        kept = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
        kept = kept[: len(kept) - (len(kept) % 4 == 1)]
        return binascii.a2b_base64(kept + b"=" * (-len(kept) % 4))


def _flush(out: list[str], pending: tuple[str, bytes] | None) -> None:
    if pending:
        out.append(decode(pending[1], pending[0])[0])


def _western(data: bytes) -> str:
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _best_guess(data: bytes) -> str:
    """Read what does not fit its label: as UTF-8 if most of it is, else as cp1252."""
    as_utf8 = data.decode("utf-8", "replace")
    broken = as_utf8.count("\ufffd")
    leads = len(data) - len(data.translate(None, _LEAD_BYTES))
    return as_utf8 if leads > 2 * broken else _western(data)
