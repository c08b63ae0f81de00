"""Reply templates: read from files, refused unless they only fill in allowed placeholders."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from helpdesk.errors import InvalidError, SettingsError
from helpdesk.replies import guard
from helpdesk.replies.disclosure import Situation

LANGUAGES = ("id", "en")

# What a template may use, and what stands for it. The two lists may only be looped over.
PLACEHOLDERS: Mapping[str, str] = {
    "greeting": "the greeting by time of day and name, one sentence",
    "ticket": "the ticket's number",
    "agency_name": "the agency's name",
    "care_address": "the address replies come from",
    "website": "the agency's website",
    "call_centre": "the call centre's number",
    "call_centre_hours": "when the call centre answers",
    "branch_hours": "when branch offices are open",
    "app_name": "the app's name",
    "spoken": "not empty where the reply is read out: to a caller, at a counter",
    "kpjs": "list: the KPJs the decision allows, covered up to the last four digits where masked",
    "missing": "list: the facts to ask for, in words",
}
LISTS = frozenset({"kpjs", "missing"})
FILTERS = frozenset({"upper", "lower", "capitalize"})

# What was found and what was not must read the same: otherwise a stranger learns from the answer
# who is a participant. So these three situations share one text.
_SHARED = {
    Situation.MISMATCH: "unconfirmed",
    Situation.NOT_FOUND: "unconfirmed",
    Situation.REDIRECT: "unconfirmed",
}
FOOTER = "footer"
_NUMBERED = {Situation.ONE_KPJ, Situation.SEVERAL_KPJ}
_MASKED = {Situation.ONE_KPJ_MASKED, Situation.SEVERAL_KPJ_MASKED}
SHOWING = frozenset(situation.value for situation in _NUMBERED | _MASKED)

_MAX_SOURCE_CHARS = 10_000
_SUBJECT = "Subject:"

_environment = ImmutableSandboxedEnvironment(
    undefined=StrictUndefined,
    autoescape=False,  # plain text: a name with "&" must stay as it is
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=False,
)
_environment.globals.clear()


@dataclass(frozen=True, slots=True)
class Macro:
    """One checked template in one language. `subject` is empty for the footer."""

    name: str
    language: str
    subject: str
    source: str
    template: Template

    def render(self, values: Mapping[str, object]) -> str:
        """Fill in the placeholders.

        Raises:
            InvalidError: the text became empty or longer than a reply may be.
        """
        text = self.template.render(values).strip()
        if not text or len(text) > guard.MAX_BODY_CHARS:
            msg = f"{self.name}.{self.language}: the text is empty or too long"
            raise InvalidError(msg)
        return text


@dataclass(frozen=True, slots=True)
class Macros:
    """Every macro, by name and language."""

    by_name: Mapping[tuple[str, str], Macro]

    def of(self, situation: str, language: str) -> Macro:
        """Return the macro of a situation, in Indonesian unless `language` is "en".

        Raises:
            InvalidError: there is none.
        """
        name = macro_name(situation)
        found = self.by_name.get((name, language)) or self.by_name.get((name, LANGUAGES[0]))
        if found is None or name == FOOTER:
            msg = "there is no such reply template"
            raise InvalidError(msg)
        return found

    def footer(self, language: str) -> Macro:
        return self.by_name.get((FOOTER, language)) or self.by_name[FOOTER, LANGUAGES[0]]

    def names(self) -> tuple[str, ...]:
        """Return what `of` knows, as an agent chooses among them."""
        return tuple(sorted({name for name, _ in self.by_name if name != FOOTER}))


def macro_name(situation: str) -> str:
    """Return the name of the file that has the words of a situation."""
    return _SHARED.get(situation, situation)  # type: ignore[call-overload,no-any-return]


def load(folder: Path) -> Macros:
    """Read every `<name>.<language>.txt` of a folder.

    Raises:
        SettingsError: a file is missing, or has something that is not allowed; the text names
            file, line and reason.
    """
    found: dict[tuple[str, str], Macro] = {}
    for path in sorted(folder.glob("*.txt")):
        name, _, language = path.name.removesuffix(".txt").partition(".")
        try:
            found[name, language] = check(path.read_text(encoding="utf-8"), name, language)
        except (OSError, UnicodeDecodeError, InvalidError) as error:
            reason = error if isinstance(error, InvalidError) else "cannot be read as UTF-8 text"
            msg = f"{path}: {reason}"
            raise SettingsError(msg) from error
    for name in (FOOTER, *dict.fromkeys(macro_name(situation) for situation in Situation)):
        for language in LANGUAGES:
            if (name, language) not in found:
                msg = f"{folder}: {name}.{language}.txt is missing"
                raise SettingsError(msg)
    return Macros(found)


def check(source: str, name: str, language: str) -> Macro:
    """Make a macro of its source.

    Raises:
        InvalidError: the text names the line and what is not allowed there.
    """
    if language not in LANGUAGES:
        _refuse(1, f'the language "{language}" is not one of {", ".join(LANGUAGES)}')
    if len(source) > _MAX_SOURCE_CHARS:
        _refuse(1, f"longer than {_MAX_SOURCE_CHARS} characters")
    subject, body = _split(source, name)
    try:
        tree = _environment.parse(body)
    except TemplateSyntaxError as error:
        _refuse(error.lineno, error.message or "not a template")
    for problem in _not_allowed(tree, name):
        _refuse(*problem)
    _check_text(tree)
    return Macro(name, language, subject, source, _environment.from_string(body))


def _split(source: str, name: str) -> tuple[str, str]:
    """Take the subject off the first line; the rest keeps its line numbers."""
    source = source.replace("\r\n", "\n")
    if name == FOOTER:
        return "", source
    first, _, rest = source.partition("\n")
    subject = first.removeprefix(_SUBJECT).strip()
    if not first.startswith(_SUBJECT) or not subject:
        _refuse(1, f'the first line must be "{_SUBJECT} …"')
    if "{" in subject or len(subject) > guard.MAX_SUBJECT_CHARS:
        _refuse(1, "the subject is plain text, at most 200 characters")
    return subject, "\n" + rest


def _check_text(tree: nodes.Template) -> None:
    for data in tree.find_all(nodes.TemplateData):
        wrong = guard.problems(f".{data.data}")
        if wrong:
            _refuse(data.lineno, f"the text has something no reply may have ({wrong[0]})")


def _not_allowed(node: nodes.Node, name: str, looped: str = "") -> Iterator[tuple[int, str]]:
    """Yield line and reason of everything but text, placeholders, conditions and plain loops."""
    for child in node.iter_child_nodes():
        reason = _reason(child, name, looped)
        if reason:
            yield child.lineno or node.lineno or 1, reason
        elif isinstance(child, nodes.For):
            yield from _in_loop(child, name)
        elif not isinstance(child, nodes.Getattr):
            yield from _not_allowed(child, name, looped)


def _in_loop(loop: nodes.For, name: str) -> Iterator[tuple[int, str]]:
    target = loop.target.name if isinstance(loop.target, nodes.Name) else ""
    for child in loop.body:
        wrapped = nodes.Template([child], lineno=child.lineno)
        yield from _not_allowed(wrapped, name, target)


def _reason(node: nodes.Node, name: str, looped: str) -> str:
    check_node = _CHECKS.get(type(node))
    if check_node is None:
        return f"{type(node).__name__} is not allowed"
    return check_node(node, name, looped)


def _check_name(node: Any, name: str, looped: str) -> str:  # noqa: ANN401 - a jinja2 node
    if node.name in LISTS:
        allowed = {"kpjs": SHOWING, "missing": {Situation.INCOMPLETE.value}}[node.name]
        return "" if name in allowed else f'"{node.name}" is not for this reply'
    known = node.name == looped or node.name in PLACEHOLDERS
    return "" if known and node.ctx == "load" else f'"{node.name}" is not a placeholder'


def _check_output(node: Any, _name: str, _looped: str) -> str:  # noqa: ANN401 - a jinja2 node
    lists = [part for part in node.nodes if isinstance(part, nodes.Name) and part.name in LISTS]
    return f'"{lists[0].name}" is a list: loop over it' if lists else ""


def _check_filter(node: Any, _name: str, _looped: str) -> str:  # noqa: ANN401 - a jinja2 node
    plain = not (node.args or node.kwargs or node.dyn_args or node.dyn_kwargs)
    ok = plain and node.name in FILTERS and isinstance(node.node, nodes.Name)
    return "" if ok and node.node.name not in LISTS else f'the filter "{node.name}" is not allowed'


def _check_if(node: Any, _name: str, _looped: str) -> str:  # noqa: ANN401 - a jinja2 node
    test = node.test.node if isinstance(node.test, nodes.Not) else node.test
    return "" if isinstance(test, nodes.Name) else "a condition is one placeholder, or not one"


def _check_for(node: Any, name: str, looped: str) -> str:  # noqa: ANN401 - a jinja2 node
    if looped or node.else_ or node.test is not None or node.recursive:
        return "only a plain loop is allowed"
    if not isinstance(node.iter, nodes.Name) or node.iter.name not in LISTS:
        return f"a loop is over one of {', '.join(sorted(LISTS))}"
    target = node.target
    if not isinstance(target, nodes.Name) or target.name in PLACEHOLDERS:
        return "a loop needs a name of its own for each item"
    return _check_name(node.iter, name, looped)


def _check_attribute(node: Any, _name: str, looped: str) -> str:  # noqa: ANN401 - a jinja2 node
    of_loop = isinstance(node.node, nodes.Name) and node.node.name == "loop" and bool(looped)
    return "" if of_loop and node.attr == "index" else f'".{node.attr}" is not allowed'


def _fine(_node: Any, _name: str, _looped: str) -> str:  # noqa: ANN401 - a jinja2 node
    return ""


_CHECKS = {
    nodes.TemplateData: _fine,
    nodes.Output: _check_output,
    nodes.Name: _check_name,
    nodes.Filter: _check_filter,
    nodes.If: _check_if,
    nodes.Not: _fine,
    nodes.For: _check_for,
    nodes.Getattr: _check_attribute,
}


def _refuse(line: int, reason: str) -> NoReturn:
    msg = f"line {line}: {reason}"
    raise InvalidError(msg)
