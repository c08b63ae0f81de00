"""Templates, one environment per language, and the static files they name."""

import gettext
import hashlib
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

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


@cache
def icon(name: str, size: str = "i") -> Markup:
    """Draw an icon; a page has dozens, so each is written once and kept."""
    address = f"{static_url('icons.svg')}#{name}"
    drawn = Markup('<svg class="{}" aria-hidden="true"><use href="{}"/></svg>')
    return drawn.format(size, address)


def _texts(translations: gettext.NullTranslations) -> dict[str, Callable[..., Markup]]:
    """Return `_` and `ngettext`, whose values are escaped and named as in Jinja's own.

    Jinja's look the text up and format it at each call, half a millisecond a page.
    """

    @lru_cache(maxsize=2_000)  # more than there are
    def fixed(text: str) -> Markup:
        return Markup(translations.gettext(text)) % {}  # noqa: S704 - texts are ours

    def say(text: str, /, **values: object) -> Markup:
        if not values:
            return fixed(text)
        return Markup(translations.gettext(text)) % values  # noqa: S704 - values are escaped

    def count(one: str, many: str, num: int, /, **values: object) -> Markup:
        text = Markup(translations.ngettext(one, many, num))  # noqa: S704 - values are escaped
        return text % ({"num": num} | values)

    return {"_": say, "gettext": say, "ngettext": count}


def _environment(language: str, agency: Agency) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(_texts(i18n.translations(language)))
    environment.globals.update(static_url=static_url, icon=icon, lang=language, agency=agency)
    environment.filters.update(formats.filters(language, agency.timezone))
    return environment
