"""Static files, kept by browsers for as long as their address names their content."""

from pathlib import Path

from starlette.datastructures import QueryParams
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from helpdesk.web.rendering import STATIC, static_version


class Static(StaticFiles):
    """The folder `static/`; an address with the right version never needs to be asked again."""

    def __init__(self, folder: Path = STATIC) -> None:
        super().__init__(directory=folder)

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
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
