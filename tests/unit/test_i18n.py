"""The catalogues are whole and fit the texts they translate."""

import re
from pathlib import Path

from babel.messages.extract import extract_from_dir

from helpdesk import i18n

HELPDESK = Path(i18n.__file__).parent
METHODS = [("web/**.py", "python"), ("templates/*.html", "jinja2")]
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "mark": None}
_PLACEHOLDER = re.compile(r"%\(\w+\)s")


def texts() -> set[str]:
    """Every text of code and templates that has a translation, singular ones."""
    found = extract_from_dir(HELPDESK, METHODS, {"jinja2": {"trimmed": "true"}}, KEYWORDS)
    return {text if isinstance(text, str) else text[0] for _, _, text, _, _ in found}


def catalog() -> dict[str, list[str]]:
    """English text -> Indonesian translations, one a catalogue."""
    translated: dict[str, list[str]] = {}
    for path in (i18n.FOLDER / "id").glob("*.po"):
        for message in i18n.read_catalog(path, "id"):
            if message.id:
                key, *_ = message.id if isinstance(message.id, tuple) else (message.id,)
                forms = message.string if isinstance(message.string, tuple) else (message.string,)
                translated.setdefault(key, []).extend(forms[:1])
    return translated


def test_every_text_has_an_indonesian_translation():
    assert sorted(text for text in texts() if not any(catalog().get(text, []))) == []


def test_no_text_is_translated_in_two_ways():
    assert {key: forms for key, forms in catalog().items() if len(set(forms)) > 1} == {}


def test_translation_keeps_the_placeholders():
    for text, forms in catalog().items():
        for form in forms:
            assert set(_PLACEHOLDER.findall(form)) <= set(_PLACEHOLDER.findall(text)), text


def test_indonesian_text_is_found_and_an_unknown_one_stays_english():
    indonesian = i18n.translations("id")

    assert indonesian.gettext("Sign in") == "Masuk"
    assert indonesian.gettext("not in any catalogue") == "not in any catalogue"


def test_english_needs_no_catalogue():
    assert i18n.translations("en").ngettext("one", "many", 2) == "many"


def test_indonesian_has_one_form_for_every_number():
    translated = i18n.translations("id").ngettext

    assert {translated("%(num)s approval", "%(num)s approvals", n) for n in range(4)} == {
        "%(num)s persetujuan"
    }
