"""HTML mail as plain text, in time that grows with its length only."""

import html
import re
from collections.abc import Iterable
from contextlib import suppress

from lxml import etree

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:._-]{0,30})(?:[\s/][^<>]*+)?>")
# libxml2 compares every attribute of a tag with all before it, and nothing here needs them: they
# are taken off first. What is inside quotes may hold `>`.
_ATTRIBUTES = re.compile(
    r"<([a-zA-Z][a-zA-Z0-9:._-]{0,30})[\s/]((?>\"[^\"]*\"|'[^']*'|[^<>\"'])*+|[^<>]*+)>"
)
_STRAY = re.compile(r"<(?!/?[a-zA-Z][a-zA-Z0-9:._-]{0,30}(?: hidden)?>|[!?])")
_HIDDEN = re.compile(r"display\s*:\s*none|\bhidden\b", re.IGNORECASE)
_SPACE = re.compile(r"[ \t\n\r\f\u00a0]+")
_EDGES = re.compile(r"[ \t]*\n[ \t]*")
_GAPS = re.compile(r"\n{3,}")
_STARTS = re.compile(r"[ \t]*\x00[ \t\x00]*")
_AFTER_BREAK = re.compile(r"(?<=\n)\x01|^\x01|\x01$")
_UNSEEN = frozenset(
    ("head", "script", "style", "title", "template", "noscript", "iframe", "object", "svg", "math")
)
_PARAGRAPH = frozenset(
    ("p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "table", "blockquote", "pre")
)
_LINE = frozenset(
    (
        "div",
        "tr",
        "li",
        "dt",
        "dd",
        "section",
        "article",
        "header",
        "footer",
        "main",
        "aside",
        "nav",
        "address",
        "center",
        "form",
        "fieldset",
        "legend",
        "figure",
        "figcaption",
        "tbody",
        "thead",
        "tfoot",
        "body",
        "caption",
        "hr",
        "option",
    )
)
_CELL = frozenset(("td", "th"))


def html_to_text(source: str) -> str:
    """Write an HTML document as text that reads like it.

    Block elements begin a line, paragraphs are set apart, the cells of a row stay on one line;
    hidden elements, scripts and styles are left out, links show their text.

    Never raises, linear. Past libxml2's 256 levels of nesting the tags are only taken out.
    """
    if _TAG.search(source) is None:
        return html.unescape(source).strip()
    source = source.replace("\x00", "")
    hides = "display" in source or "hidden" in source
    bare = _ATTRIBUTES.sub(_bare_tag if hides else r"<\1>", source)
    tree = _tree(_STRAY.sub("&lt;", bare))
    return _written(_scanned(bare) if tree is None else _walked(tree))


def _bare_tag(match: re.Match[str]) -> str:
    return f"<{match[1]} hidden>" if _HIDDEN.search(match[2]) else f"<{match[1]}>"


def _tree(bare: str) -> etree._Element | None:
    """Build the tree a browser would; None when libxml2 gave up half-way."""
    parser = etree.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True
    )
    root = None
    with suppress(etree.LxmlError, ValueError):
        root = etree.fromstring(bare.encode("utf-8", "replace"), parser)
    gave_up = any("depth" in entry.message for entry in parser.error_log)
    return None if gave_up else root


def _walked(root: etree._Element) -> Iterable[tuple[str, str]]:
    """Yield ("<", tag), (">", tag) and ("", text) in document order."""
    unseen = None  # the element whose insides are passed over
    for event, element in etree.iterwalk(root, events=("start", "end")):
        tag = element.tag
        if unseen is None and event == "start":
            if tag in _UNSEEN or element.get("hidden") is not None:
                unseen = element
            else:
                yield "<", tag
                yield "", element.text or ""
        elif event == "end" and (unseen is None or element is unseen):
            if unseen is None:
                yield ">", tag
            unseen = None
            yield "", element.tail or ""


def _scanned(bare: str) -> Iterable[tuple[str, str]]:
    """Yield the same from the tags alone, without a tree; only scripts and styles are hidden."""
    bare = _without_comments(bare)
    end = 0
    unseen = ""
    for match in _TAG.finditer(bare):
        if not unseen and match.start() > end:
            yield "", html.unescape(bare[end : match.start()])
        end = match.end()
        tag = match[2].lower()
        if unseen:
            unseen = "" if match[1] and tag == unseen else unseen
        elif tag in {"script", "style"} and not match[1]:
            unseen = tag
        else:
            yield (">" if match[1] else "<"), tag
    if not unseen:
        yield "", html.unescape(bare[end:])


def _without_comments(bare: str) -> str:
    kept = []
    end = 0
    while (start := bare.find("<!--", end)) >= 0 and (stop := bare.find("-->", start)) >= 0:
        kept.append(bare[end:start])
        end = stop + 3
    return "".join((*kept, bare[end:]))


def _written(events: Iterable[tuple[str, str]]) -> str:
    out: list[str] = []
    preformatted = 0
    for event, value in events:
        if not event:
            out.append(value if preformatted else _SPACE.sub(" ", value))
        elif value in _PARAGRAPH:
            out.append("\n\n")
            if value == "pre":
                preformatted = max(preformatted + (1 if event == "<" else -1), 0)
        elif value in _LINE or (value == "br" and event == "<"):
            out.append("\n" if value == "br" else "\x00")
        elif value in _CELL and event == ">":
            out.append("  ")
    text = _line_starts("".join(out))
    return _GAPS.sub("\n\n", _EDGES.sub("\n", text)).strip()


def _line_starts(text: str) -> str:
    """Turn the marks where a line must begin into breaks, unless one begins there already."""
    return _AFTER_BREAK.sub("", _STARTS.sub("\x01", text)).replace("\x01", "\n")
