"""Our request and our form in what the writer sends back, and examples that are nobody's data."""

import re
from collections.abc import Iterator, Sequence

from helpdesk.identity.labels import label_words, labels
from helpdesk.identity.labels.labels import Label
from helpdesk.identity.sections import section_signatures
from helpdesk.identity.sections.section_lines import Line, next_words, words

_EXAMPLE = re.compile(
    r"(?:^|[.,;!?(*#]|(?<= )-"
    r"|(?<![a-z])(?:format|krm|kirim|ketik|seperti|sesuai|dengan|pakai|pake))"
    rf"[\W_]{{0,4}}{words('examples', 'words')}(?: [a-z]{{1,15}}){{0,3}} ?[:=]"
)
# `itu contoh, bukan punya saya`: what stands between quotation marks is nobody's.
_DISOWNED = re.compile(
    r"(?<![a-z])(?:itu|ini|cuma|cuman|hanya|sekedar|sekadar|tersebut|yang|yg) contoh(?![a-z])"
    r"|(?<![a-z])bukan (?:punya|data|milik|identitas) (?:saya|sy|aku|kami|asli)"
)
_QUOTED = re.compile(r"[\"\u201c][^\"\u201c\u201d]{10,600}[\"\u201d]")
_COLON = re.compile(r"[:=>]")
_BRACKETS = re.compile(r"\([^()]{0,80}\)")
_MASK = re.compile(r"(?<!\d)\d*[x*#]{4,}\d*|[_.…\-]{4,}")
_WORD = re.compile(r"[a-z0-9]+")
_DIGITS = re.compile(r"\d[\d .\-/]{5,}")
_BEFORE_LABEL = re.compile(r"[^a-z]{0,12}(?:(?:your|the|no|nomor)\b[ .]{0,3})?$")
_ANSWER_WORDS = 7


def filled(lines: tuple[Line, ...], numbers: Sequence[int], *, marked: bool) -> Iterator[int]:
    """Yield the lines of our quoted request that the writer filled in.

    `Nama : Budi` in the quote, or a bare `Nama :` whose answer stands on the next line: unmarked
    between marked lines (it is the writer's), or in a quote without marks.
    """
    quoted = set(numbers)
    for at in numbers:
        label = _label(lines[at].text)
        if label is None or is_example(lines[at].text):
            continue
        if has_value(lines[at].text, label):
            yield at
            continue
        below = next_words(lines, at)
        if below >= len(lines) or below > at + 2 or _MASK.search(lines[at].text):
            continue
        if marked and below not in quoted and not lines[below].depth:
            yield at
        elif not marked and _is_answer(lines[below].text):
            yield at
            yield below


def is_bare(text: str) -> bool:
    """Tell whether a folded line is a label of a form and nothing else."""
    label = _label(text)
    return label is not None and not has_value(text, label)


def has_value(text: str, label: Label) -> bool:
    """Tell whether more than a mask or a hint stands behind a label in a folded line."""
    value = _MASK.sub(" ", _BRACKETS.sub(" ", text[label.end :]))
    if not (_COLON.search(value, 0, 40) or _DIGITS.search(value)):
        return False
    found = _WORD.findall(value)
    return sum(map(len, found)) > 1 and not all(word in label_words.HINTS for word in found)


def examples(lines: Sequence[Line]) -> Iterator[tuple[int, int]]:
    """Yield the characters of examples: what stands behind `contoh:`, or on the lines below it."""
    below = False
    for line in lines:
        match = _EXAMPLE.search(line.text) if line.text else None
        if match:
            yield line.body + match.start(), line.end
            below = not any(map(str.isalnum, line.text[match.end() :]))
        elif below and line.text:
            yield line.start, line.end
        else:
            below = False


def disowned(low: str) -> Iterator[tuple[int, int]]:
    """Yield the characters between quotation marks that the writer says are an example."""
    if _DISOWNED.search(low):
        yield from (match.span() for match in _QUOTED.finditer(low))


def is_example(text: str) -> bool:
    """Tell whether a folded line shows how to fill a form."""
    return _EXAMPLE.search(text) is not None


def _label(text: str) -> Label | None:
    """Return the label a line begins with, after numbering and `your`."""
    first = next(labels.find(text), None)
    if first is None or not _BEFORE_LABEL.match(text, 0, first.start):
        return None
    return first


def _is_answer(text: str) -> bool:
    """Tell whether a line below a bare label looks like what was asked for."""
    if _label(text) is not None or section_signatures.closes(text):
        return False
    return bool(_DIGITS.search(text)) or len(text.split()) < _ANSWER_WORDS
