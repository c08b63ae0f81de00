"""What the queue shows of a message: its subject without noise, first words, language. Pure."""

import re

_REPLY_MARKS = re.compile(
    r"^(?:\s*(?:re|fwd?|fw|bls|balas|balasan|trs|terusan|aw|antw|tr|wg)\s*(?:\[\d+\])?\s*[:：])+",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\s*\[#\d{1,18}\]")
_WORD = re.compile(r"[a-z]+")

# Words that are frequent in one language and no words of the other.
# ruff: noqa: SIM905 - a sentence of words is easier to read and to change than a list of strings
_ENGLISH = frozenset(
    "the and you your my is are was have has had this that with for from please would could "
    "not can what how when where which there been will we they of to in on it but because".split()
)
_INDONESIAN = frozenset(
    "yang dan di ke dari saya anda kami untuk dengan tidak ini itu ada bisa mohon tolong nomor "
    "nama lahir lupa kartu tanggal terima kasih selamat pagi siang sore malam bapak ibu pak bu "
    "sudah belum akan juga atau karena gimana bagaimana apa mau minta nya dong kak min".split()
)
_TURNS = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)))
_VOTING_CHARS = 2_000
_PREVIEW_CHARS = 140
_SUBJECT_CHARS = 200


def clean_subject(subject: str) -> str:
    """Return a subject without `Re:` and `[#12]`, on one line, at most 200 characters."""
    flat = " ".join(_NUMBER.sub("", subject[: _SUBJECT_CHARS * 5]).split())
    return _REPLY_MARKS.sub("", flat).strip()[:_SUBJECT_CHARS]


def preview(text: str) -> str:
    """Return the first words of a text on one line, at most 140 characters.

    Marks that turn the direction of writing are left out: here they would turn what follows too.
    """
    flat = " ".join(text[: _PREVIEW_CHARS * 20].translate(_TURNS).split())
    if len(flat) <= _PREVIEW_CHARS:
        return flat
    return flat[: _PREVIEW_CHARS - 1].rstrip() + "…"


def language(text: str) -> str | None:
    """Return `en` or `id` if the common words of a text clearly say so."""
    words = _WORD.findall(text[:_VOTING_CHARS].lower())
    english = sum(word in _ENGLISH for word in words)
    indonesian = sum(word in _INDONESIAN for word in words)
    if english >= 3 and english > 2 * indonesian:
        return "en"
    if indonesian >= 2 and indonesian > english:
        return "id"
    return None
