"""Make a stranger's HTML safe to look at. Pure; done anew each time it is shown.

The page it goes into is the second wall: sandboxed, without scripts, forms or remote content.
"""

import re
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

import nh3
from lxml import etree

MAX_CHARS = 512_000  # what ingestion keeps
MAX_ELEMENTS = 20_000  # a long newsletter has some 5,000
_MAX_ATTRIBUTES = 4  # of those that are kept at all

_TAGS = frozenset(
    """
    a abbr b blockquote br caption center code col colgroup dd del div dl dt em h1 h2 h3 h4 h5 h6
    hr i ins kbd li ol p pre q s samp small span strike strong sub sup table tbody td tfoot th
    thead tr u ul
    """.split()  # noqa: SIM905 - a list of quoted words reads worse
)
_ATTRIBUTES = {
    "a": {"href"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
    "ol": {"start"},
}
_DROPPED_WHOLE = {
    "script",
    "style",
    "title",
    "head",
    "iframe",
    "object",
    "svg",
    "math",
    "template",
}
_CLEANER = nh3.Cleaner(
    tags=set(_TAGS),
    clean_content_tags=_DROPPED_WHOLE,
    attributes=_ATTRIBUTES,
    url_schemes={"https", "http", "mailto"},
    url_relative="deny",
    link_rel="noopener noreferrer nofollow",
    set_tag_attribute_values={"a": {"target": "_blank"}},
)
_KEPT = re.compile(
    r"(?<![\w-])(href|colspan|rowspan|start)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'<>`=]+))",
    re.IGNORECASE,
)
# As in `ingest.markup`: what is inside quotes may hold `>`.
_TAG = re.compile(
    r"<(/?[a-zA-Z][a-zA-Z0-9:._-]{0,30})"
    r"(?:[\s/]((?>\"[^\"]*\"|'[^']*'|[^<>\"'])*+|[^<>]*+))?>"
)
_STRAY = re.compile(r"<(?![!?]|/?[a-zA-Z][a-zA-Z0-9:._-]{0,30}(?: [a-z]{4,7}=\"[^\"<>]*\")*+>)")
_REMOTE = re.compile(r"<(?:img|video|audio|source|link|picture)\b|url\s*\(", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SafeHtml:
    """HTML to be shown in the sandbox; `left_out` tells that pictures or the like were removed.

    `html` is None when it is too large or too deep to be shown.
    """

    html: str | None
    left_out: bool = False


def sanitise(html: str) -> SafeHtml:
    """Return what of some HTML may be shown. Never raises; linear in its length.

    The sanitiser itself takes time that grows with the square of how deep tags are nested, and how
    deep that is no counting of tags can tell: browsers ignore some end tags and imply others. So
    it is given what libxml2, which gives up on depth, has read and written down anew.
    """
    if len(html) > MAX_CHARS:
        return SafeHtml(None)
    tidy = _tidied(html)
    if tidy is None:
        return SafeHtml(None)
    return SafeHtml(_CLEANER.clean(tidy), _REMOTE.search(html) is not None)


def _tidied(html: str) -> str | None:
    """Write HTML with every tag closed and few attributes; None if it is too deep or has too much.

    libxml2 compares every attribute of a tag with all before it, so most are taken off first.
    """
    bare = _STRAY.sub("&lt;", _TAG.sub(_bare, html.replace("\x00", "")))
    parser = etree.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True
    )
    root = None
    with suppress(etree.LxmlError, ValueError):
        root = etree.fromstring(bare.encode("utf-8", "replace"), parser)
    if root is None:  # nothing in it
        return ""
    too_much = next(islice(root.iter(), MAX_ELEMENTS, None), None) is not None
    if too_much or any("depth" in entry.message for entry in parser.error_log):
        return None
    written: str = etree.tostring(root, method="html", encoding="unicode")
    return written


def _bare(tag: re.Match[str]) -> str:
    kept = _KEPT.findall(tag[2] or "")[:_MAX_ATTRIBUTES]
    values = ((name.lower(), "".join(value)) for name, *value in kept)
    written = "".join(f' {name}="{_quoted(value)}"' for name, value in values)
    return f"<{tag[1]}{'' if tag[1][0] == '/' else written}>"


def _quoted(value: str) -> str:
    return value.replace('"', "&quot;").replace("<", "&lt;").replace(">", "&gt;")
