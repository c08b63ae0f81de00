"""Static files, kept by browsers for as long as their address names their content."""

import gzip
import os
from functools import cache
from pathlib import Path

from starlette.datastructures import Headers, QueryParams
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from helpdesk.web.rendering import STATIC, static_version

# Pages are never compressed: they hold a secret beside what others wrote (the BREACH attack).
_COMPRESSED = frozenset({".css", ".js", ".svg"})


class Static(StaticFiles):
    """The folder `static/`; an address with the right version never needs to be asked again."""

    def __init__(self, folder: Path = STATIC) -> None:
        super().__init__(directory=folder)

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        if os.path.splitext(path)[1] in _COMPRESSED:  # noqa: PTH122 - a part of an address
            response = _compressed(response, scope)
        version = QueryParams(scope["query_string"]).get("v")
        named = bool(version) and version == static_version(path)
        if named:
            response.headers["cache-control"] = "public, max-age=31536000, immutable"
        elif path.endswith(".woff2"):  # named by the style sheet, which knows no version
            response.headers["cache-control"] = "public, max-age=604800"
        else:
            response.headers["cache-control"] = "no-cache"
        # The sandboxed frame of a mail has no origin, and needs our style sheet.
        response.headers["cross-origin-resource-policy"] = "cross-origin"
        return response


def _compressed(response: Response, scope: Scope) -> Response:
    """Return the same answer in fewer bytes, where the browser takes them."""
    response.headers["vary"] = "accept-encoding"
    wanted = "gzip" in Headers(scope=scope).get("accept-encoding", "")
    if not wanted or not isinstance(response, FileResponse) or scope["method"] != "GET":
        return response
    headers = {
        "content-encoding": "gzip",
        "vary": "accept-encoding",
        "etag": response.headers["etag"],
        "last-modified": response.headers["last-modified"],
    }
    body = _gzipped(str(response.path), response.headers["etag"])
    return Response(body, headers=headers, media_type=response.media_type)


@cache
def _gzipped(path: str, _etag: str) -> bytes:
    """Compress a file once for as long as it stays the same."""
    return gzip.compress(Path(path).read_bytes(), 9, mtime=0)
