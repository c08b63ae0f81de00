"""Texts of the screens in the reader's language: English in the code, Indonesian from catalogues.

Every `locale/<language>/*.po` file is read as it is at the first use, so no compiled file can lag
behind its source; one file per room of the interface keeps translators out of each other's way.
"""

import gettext
import io
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LANGUAGES = ("id", "en")
FOLDER = Path(__file__).parent / "locale"


@cache
def translations(language: str) -> gettext.NullTranslations:
    """Return the texts of one language; a text without a translation stays English."""
    merged = Catalog(locale=language)
    for path in sorted((FOLDER / language).glob("*.po")):
        catalog = read_catalog(path, language)
        merged.mime_headers = catalog.mime_headers  # Babel knows no plural rule for Indonesian
        for message in catalog:
            if message.id:
                merged[message.id] = message
    if not len(merged):
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    write_mo(compiled, merged)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def read_catalog(path: Path, language: str) -> Catalog:
    """Read one .po file."""
    with path.open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def mark(text: str) -> str:
    """Mark a text in code for the catalogues; it is translated where it is shown."""
    return text
