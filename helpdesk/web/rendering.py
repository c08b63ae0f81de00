"""Templates, one environment per language, and the static files they name."""

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from helpdesk import i18n
from helpdesk.settings import Agency
from helpdesk.web import formats

_HERE = Path(__file__).parent.parent
TEMPLATES = _HERE / "templates"
STATIC = _HERE / "static"


class Pages:
    """Every template in every language.

    A language has an environment of its own, so `_`, `ngettext`, `static_url`, `lang`, `agency`
    and the filters are true globals: macros know them without importing the context.
    """

    def __init__(self, agency: Agency) -> None:
        self._by_language = {
            language: _environment(language, agency) for language in i18n.LANGUAGES
        }

    def render(self, language: str, template: str, context: Mapping[str, object]) -> str:
        """Render one template."""
        return self._by_language[language].get_template(template).render(context)


@cache
def static_version(path: str) -> str:
    """Return a name for the content of a static file, empty when there is no such file."""
    file = STATIC / path
    return hashlib.sha256(file.read_bytes()).hexdigest()[:12] if file.is_file() else ""


def static_url(path: str) -> str:
    """Return the address of a static file; it changes when the file does."""
    return f"/static/{path}?v={static_version(path)}"


def _environment(language: str, agency: Agency) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(  # type: ignore[attr-defined] # added by the extension
        i18n.translations(language), newstyle=True
    )
    environment.globals.update(static_url=static_url, lang=language, agency=agency)
    environment.filters.update(formats.filters(language, agency.timezone))
    return environment
