"""What of a message the writer says now, and what is quoted, forwarded or stands below."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from helpdesk.identity.reading import Reading, has
from helpdesk.identity.sections import (
    section_chats,
    section_forms,
    section_quotes,
    section_signatures,
)
from helpdesk.identity.sections.section_lines import Line, cut, words

_FOOTER = re.compile(rf"\W{{0,4}}{words('footers', 'lines')}$")
_FINE_PRINT = re.compile(words("footers", "paragraphs"))
# Cheap signs, each of one kind of part; a message without any is its writer's from end to end.
_QUOTE_SIGNS = (
    ">", "menulis", "wrote", "tulis", "berkata", "schrieb", "---", "___", "forward", "terusan",
    "dari", "from", "pengirim", "de:", "von:",
)  # fmt: skip
_EXAMPLE_SIGNS = ("contoh", "cth", "misal", "mis.", "example", "e.g", "ilustrasi", "bukan ")
_END_SIGNS = (
    "dikirim", "sent ", "outlook", "unduh", "yahoo", "confidential", "rahasia", "recipient",
    "penerima yang", "disclaimer", "privileged", "berhak",
)  # fmt: skip
_LINE_SIGNS = (*_EXAMPLE_SIGNS, *_END_SIGNS, "[")  # of what one line may have
_MAY_STAMP = re.compile(r"\d[.:]\d\d")


@dataclass(frozen=True, slots=True)
class Sections:
    """Parts of one message that are not the writer's own words now.

    Attributes:
        blank: characters (start, end) that no rule may read: quoted mails, forwarded matter,
            examples and unfilled forms of ours, signature blocks, marks of quoting.
        card: of these, what stands under a name: who the writer is and for whom they write.
        theirs: the words of another, or of the writer before, that are passed on and count.
    """

    blank: tuple[tuple[int, int], ...] = ()
    card: tuple[tuple[int, int], ...] = ()
    theirs: tuple[tuple[int, int], ...] = ()


_WHOLE = Sections()


def find(reading: Reading) -> Sections:
    """Tell the parts of a message apart; linear, never raises."""
    low = reading.low
    if "\n" not in low and not has(low, _LINE_SIGNS):
        return _WHOLE
    lines = cut(low)
    quotes = section_quotes.find(lines) if has(low, _QUOTE_SIGNS) else section_quotes.Quotes()
    live = [line for at, line in enumerate(lines) if at not in quotes.blank]
    signed = section_signatures.find(live)
    blank = [
        *((lines[at].start, lines[at].end) for at in quotes.blank),
        *((line.start, line.body) for line in live if line.depth),
        *signed.blank,
        *_programs(low, live),
    ]
    theirs = ((lines[at].start, lines[at].end) for at in quotes.theirs)
    return Sections(tuple(_merged(blank)), signed.blank, tuple(_merged(theirs)))


def _programs(low: str, lines: Sequence[Line]) -> Iterator[tuple[int, int]]:
    """Yield what no writer typed as theirs: footers, stamps of chats, examples."""
    if has(low, _EXAMPLE_SIGNS):
        yield from section_forms.examples(lines)
        yield from section_forms.disowned(low)
    if _MAY_STAMP.search(low):
        yield from section_chats.find(lines)
    if has(low, _END_SIGNS):
        yield from _footers(lines)


def _footers(lines: Sequence[Line]) -> Iterator[tuple[int, int]]:
    """Yield what mail programs and lawyers add below."""
    fine = False  # from here to the end of the paragraph
    for line in lines:
        fine = bool(line.text) and (fine or _FINE_PRINT.search(line.text) is not None)
        if fine or _FOOTER.match(line.text):
            yield line.start, line.end


def _merged(spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Join spans that touch, as each span costs a copy of the text to blank."""
    last: tuple[int, int] | None = None
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if last is not None and start <= last[1] + 1:
            last = last[0], max(last[1], end)
            continue
        if last is not None:
            yield last
        last = start, end
    if last is not None:
        yield last
