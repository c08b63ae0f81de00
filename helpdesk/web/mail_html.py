"""Make a stranger's HTML safe to look at. Pure; done anew each time it is shown.

The page it goes into is the second wall: sandboxed, without scripts, forms or remote content.
"""

import re
from dataclasses import dataclass

import nh3

MAX_CHARS = 512_000  # what ingestion keeps
MAX_DEPTH = 200  # the sanitiser's time grows with the square of the depth; people nest some 40

_TAGS = frozenset(
    """
    a abbr b blockquote br caption center code col colgroup dd del div dl dt em h1 h2 h3 h4 h5 h6
    hr i ins kbd li ol p pre q s samp small span strike strong sub sup table tbody td tfoot th
    thead tr u ul
    """.split()  # noqa: SIM905 - a list of quoted words reads worse
)
_ATTRIBUTES = {
    "a": {"href", "title"},
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
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_REMOTE = re.compile(r"<(?:img|video|audio|source|link|picture)\b|url\s*\(", re.IGNORECASE)
_VOID = frozenset(
    """
    area base br col embed hr img input link meta param source track wbr
    """.split()  # noqa: SIM905 - a list of quoted words reads worse
)


@dataclass(frozen=True, slots=True)
class SafeHtml:
    """HTML to be shown in the sandbox; `left_out` tells that pictures or the like were removed.

    `html` is None when it is too large or too deep to be shown.
    """

    html: str | None
    left_out: bool = False


def sanitise(html: str) -> SafeHtml:
    """Return what of some HTML may be shown. Never raises; linear in its length."""
    if len(html) > MAX_CHARS or depth(html) > MAX_DEPTH:
        return SafeHtml(None)
    return SafeHtml(_CLEANER.clean(html), _REMOTE.search(html) is not None)


def depth(html: str) -> int:
    """Return how deep tags are nested at most, by counting; unclosed ones count to the end."""
    deepest = now = 0
    for found in _TAG.finditer(html):
        if found.group(2).lower() in _VOID:
            continue
        now = max(now - 1, 0) if found.group(1) else now + 1
        deepest = max(deepest, now)
    return deepest
