"""Templates: what they may contain, and that everything else is refused at load."""

import shutil
from pathlib import Path

import pytest

from helpdesk.errors import InvalidError, SettingsError
from helpdesk.replies import macros
from helpdesk.replies.disclosure import Situation
from helpdesk.replies.house import TEMPLATES


def test_every_situation_has_words_in_both_languages():
    loaded = macros.load(TEMPLATES)
    for situation in Situation:
        for language in macros.LANGUAGES:
            assert loaded.of(situation, language).language == language


def test_what_was_found_cannot_be_told_from_the_words():
    loaded = macros.load(TEMPLATES)
    quiet = (Situation.MISMATCH, Situation.NOT_FOUND, Situation.REDIRECT)
    assert len({loaded.of(each, "id").source for each in quiet}) == 1
    assert len({loaded.of(each, "id").subject for each in quiet}) == 1


def test_an_unknown_language_is_answered_in_indonesian():
    loaded = macros.load(TEMPLATES)
    assert loaded.of(Situation.REFUSED, "jv") == loaded.of(Situation.REFUSED, "id")


def test_the_footer_is_not_a_reply():
    loaded = macros.load(TEMPLATES)
    assert "footer" not in loaded.names()
    with pytest.raises(InvalidError):
        loaded.of("footer", "id")


@pytest.mark.parametrize(
    "body",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ greeting.__class__ }}",
        "{{ greeting['__class__'] }}",
        "{{ greeting|attr('__class__') }}",
        "{{ self }}",
        "{{ self._TemplateReference__context }}",
        "{{ config }}",
        "{{ request.application.__globals__ }}",
        "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
        "{{ lipsum.__globals__ }}",
        "{{ namespace() }}",
        "{{ range(10) }}",
        "{{ 7*7 }}",
        "{{ 'a' * 1000000000 }}",
        "{{ 'x'|upper }}",
        "{{ greeting ~ greeting }}",
        "{{ greeting[0] }}",
        "{{ greeting|replace('a', 'b') }}",
        "{{ greeting|safe }}",
        "{{ greeting|map('upper') }}",
        "{{ greeting if ticket else '' }}",
        "{{ kpjs }}",
        "{{ kpjs|upper }}",
        "{{ missing }}",
        "{{ nik }}",
        "{{ loop.index }}",
        "{% set x = 1 %}",
        "{% include 'footer.id.txt' %}",
        "{% extends 'a' %}",
        "{% import 'os' as os %}",
        "{% macro f() %}{% endmacro %}",
        "{% call f() %}{% endcall %}",
        "{% filter upper %}a{% endfilter %}",
        "{% with x = 1 %}{% endwith %}",
        "{% block a %}{% endblock %}",
        "{% autoescape true %}{% endautoescape %}",
        "{% if greeting.x %}a{% endif %}",
        "{% if 1 == 1 %}a{% endif %}",
        "{% if greeting() %}a{% endif %}",
        "{% for x in greeting %}a{% endfor %}",
        "{% for x in range(9) %}a{% endfor %}",
        "{% for x in [1, 2] %}a{% endfor %}",
        "{% for x in kpjs recursive %}a{% endfor %}",
        "{% for x in kpjs if x %}a{% endfor %}",
        "{% for x in kpjs %}a{% else %}b{% endfor %}",
        "{% for x, y in kpjs %}a{% endfor %}",
        "{% for ticket in kpjs %}a{% endfor %}",
        "{% for x in kpjs %}{% for y in kpjs %}a{% endfor %}{% endfor %}",
        "{% for x in kpjs %}{{ loop.cycle('a') }}{% endfor %}",
        "{% for x in kpjs %}{{ loop.__class__ }}{% endfor %}",
        "{% for x in kpjs %}{{ x.__class__ }}{% endfor %}",
        "{% for x in kpjs %}{{ loop }}{% endfor %}",
        "{% for x in kpjs %}a{% endfor %}{{ x }}",
        "{{ greeting",
        "{% nonsense %}",
        "Kunjungi https://evil.example/",
        "Nomor Anda 99000000017",
    ],
)
def test_anything_but_filling_in_is_refused(body):
    with pytest.raises(InvalidError, match=r"line \d"):
        macros.check(f"Subject: Jawaban\n{body}\n", "one_kpj", "id")


def test_the_line_and_the_reason_are_named():
    with pytest.raises(InvalidError, match=r'line 4: "nik" is not a placeholder'):
        macros.check("Subject: A\n\nSatu\nDua {{ nik }}\n", "refused", "id")


@pytest.mark.parametrize("name", ["unconfirmed", "refused", "incomplete", "footer"])
def test_numbers_have_no_place_where_none_may_be_told(name):
    source = "Subject: A\n{% for kpj in kpjs %}{{ kpj }}{% endfor %}"
    with pytest.raises(InvalidError, match="not for this reply"):
        macros.check(source, name, "id")


@pytest.mark.parametrize(
    "source",
    ["", "Halo", "Subject:\nHalo", "Subject: {{ ticket }}\nHalo", f"Subject: {'a' * 201}\nHalo",
     "Subject: A\n" + "a" * 10_000],
    ids=["empty", "no subject", "empty subject", "placeholder", "long subject", "long text"],
)  # fmt: skip
def test_a_malformed_file_is_refused(source):
    with pytest.raises(InvalidError):
        macros.check(source, "refused", "id")


def test_what_is_allowed_is_filled_in():
    loop = "{% for k in kpjs %}{{ loop.index }}. {{ k }}\n{% endfor %}"
    rest = "{% if not ticket %}x{% endif %}{{ app_name|upper }}"
    macro = macros.check(f"Subject: A\n{loop}{rest}", "one_kpj", "id")
    assert (
        macro.render({"kpjs": ("a", "b"), "ticket": "1", "app_name": "jmo"}) == "1. a\n2. b\nJMO"
    )


def test_what_is_filled_in_is_never_a_template_itself():
    macro = macros.check("Subject: A\n{{ greeting }}", "refused", "id")
    assert macro.render({"greeting": "{{ 7*7 }}"}) == "{{ 7*7 }}"


def test_a_bad_or_missing_file_is_named(tmp_path: Path):
    folder = tmp_path / "replies"
    shutil.copytree(TEMPLATES, folder)
    (folder / "refused.en.txt").unlink()
    with pytest.raises(SettingsError, match=r"refused\.en\.txt is missing"):
        macros.load(folder)
    (folder / "refused.en.txt").write_text("Subject: A\n{{ secret }}")
    with pytest.raises(SettingsError, match=r"refused\.en\.txt: line 2"):
        macros.load(folder)
    (folder / "refused.en.txt").write_bytes(b"\xff")
    with pytest.raises(SettingsError, match="UTF-8"):
        macros.load(folder)
