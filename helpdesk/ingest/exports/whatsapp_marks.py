"""What WhatsApp itself writes where a message's text would be, in Indonesian and English."""

import re
from dataclasses import dataclass

from helpdesk.ingest.exports.types import Event
from helpdesk.ingest.exports.whatsapp_lines import unmarked

_MAX_MARK_CHARS = 600  # the longest is the notice of encryption
_EDITED = (
    "<Pesan ini diedit>",
    "<Pesan ini telah diedit>",
    "<This message was edited>",
)
_ATTACHED_BEHIND = (" (file terlampir)", " (file attached)", " (berkas terlampir)")  # Android
_ATTACHED_AROUND = ("<terlampir: ", "<attached: ", "<lampiran: ")  # iOS
_STICKER_NAME = re.compile(r"STK-.{0,80}\.webp|.{0,80}-STICKER-.{0,80}", re.IGNORECASE)

_DURATION = (
    r"(?:[0-9]{1,3} ?(?:dtk|detik|mnt|menit|jam|d|m|j|h|s|secs?|mins?|hrs?|seconds?|minutes?"
    r"|hours?)\b\.? ?){1,3}"
)
_CALL_END = (
    rf"(?:[.,] ?(?:{_DURATION}|tidak ada jawaban|tidak dijawab|no answer|dibatalkan|canceled"
    r"|dijawab di perangkat lain|answered on other device"
    r"|(?:ketuk|klik) untuk menelepon (?:kembali|balik)|(?:tap|click) to call back"
    r"|[0-9]{1,3} (?:orang )?(?:bergabung|joined)))?\.?"
)
_CALL_TIME = r"(?: (?:pada|pukul|at) [0-9]{1,2}[.:][0-9]{2}(?: ?[AP]M)?)?"
_FIXED = re.compile(
    r"(?P<deleted>(?:(?:Pesan ini (?:telah )?dihapus|This message was deleted)"
    r"(?: (?:oleh|by) admin.{0,100})?"
    r"|(?P<own>Anda (?:telah )?menghapus pesan ini|You deleted this message)"
    r"(?: (?:sebagai|as) admin)?)\.?)"
    r"|(?P<call>(?:(?:Panggilan|Telepon)(?: (?:suara|video|grup)){1,2}"
    r"(?: (?:tak terjawab|tidak terjawab|tidak dijawab|senyap))?"
    r"|(?:Missed |Silenced )?(?:group )?(?:voice|video) (?:group )?call)"
    rf"{_CALL_TIME}{_CALL_END})"
    r"|(?P<location>(?:Lokasi|Location): https?://\S{1,400}"
    r"|(?:Lokasi langsung|Lokasi terkini) (?:dibagikan|berakhir)|live location shared)"
    r"|(?P<sticker>stiker tidak disertakan|sticker omitted)"
    r"|<(?P<media>Media) (?:tidak disertakan|omitted)>"
    r"|(?P<omitted>gambar|foto|video|audio|pesan suara|pesan video|catatan video|dokumen|GIF"
    r"|image|photo|document|video note) (?:tidak disertakan|omitted)"
    r"|(?P<notice>(?:Pesan dan panggilan|Pesan yang Anda kirim|Pesan ke (?:chat|grup) ini"
    r"|Messages and calls|Messages you send|Messages to this (?:chat|group)).{0,200}"
    r"(?:terenkripsi|enkripsi|end-to-end|secured|diamankan|dilindungi).{0,300})"
    r"|(?P<system>Menunggu pesan ini\b.{0,120}|Waiting for this message\b.{0,120}"
    r"|(?:Anda )?(?:menerima|mengirim) (?:pesan|foto|video|pesan suara) sekali lihat\b.{0,150}"
    r"|You (?:received|sent) a view once (?:voice )?(?:message|photo|video)\b.{0,150}"
    r"|<?(?:pesan suara|pesan|foto|video|media) sekali lihat(?: tidak disertakan)?>?"
    r"|<?view once (?:voice )?(?:message|photo|video|media)(?: omitted)?>?|null)",
    re.IGNORECASE,
)
_EVENTS = {
    "deleted": Event.DELETED,
    "call": Event.CALL,
    "location": Event.LOCATION,
    "sticker": Event.STICKER,
    "system": Event.SYSTEM,
    "notice": Event.SYSTEM,  # of encryption
}
# iOS writes what happened in a group as if the group had sent it.
_GROUP = re.compile(
    r"\b(?:membuat grup|telah membuat|created (?:this )?group|created the group"
    r"|menambahkan(?! .{0,100}ke kontak)|added|mengeluarkan|removed|keluar$|left$"
    r"|bergabung (?:menggunakan|melalui|lewat)|joined (?:using|via|from)"
    r"|mengubah (?:subjek|nama grup|deskripsi grup|ikon grup|setelan grup)"
    r"|changed (?:the subject|the group|this group))",
    re.IGNORECASE,
)
_INDONESIAN = re.compile(
    r"\(file terlampir\)|<terlampir: |tidak disertakan|<Pesan ini |Pesan ini (?:telah )?dihapus"
    r"|Anda menghapus pesan|secara end-to-end"
)
_INDONESIAN_SYSTEM = re.compile(r"\b(?:menambahkan|membuat|mengubah|mengganti|keluar|Anda|grup)\b")


@dataclass(frozen=True, slots=True)
class Told:
    """What a message says: its text without WhatsApp's own marks, and what these tell."""

    text: str
    event: Event | None = None
    files: tuple[str, ...] = ()  # names; what was left out has that of its kind
    edited: bool = False
    by_own_side: bool = False  # the wording is that of the phone that exported


def tell(raw: str) -> Told:
    """Read one message's text as exported, its lines joined by LF. Never raises."""
    text, edited = _without_edited(raw)
    text, files = _without_files(text)
    if files:
        event = Event.STICKER if any(map(_STICKER_NAME.fullmatch, files)) else None
        return Told(_trimmed(text), event, files, edited)
    first, _, caption = text.partition("\n")
    bare = unmarked(first) if len(first) <= _MAX_MARK_CHARS else ""
    match = _FIXED.fullmatch(bare) if bare else None
    if match and (left_out := match["media"] or match["omitted"]):
        return Told(_trimmed(caption), None, (left_out.lower(),), edited)
    if match and not caption.strip():
        return Told(bare, _event(match), (), edited, by_own_side=match["own"] is not None)
    return _with_kind_behind(text, edited=edited)


def is_of_group(text: str) -> bool:
    """Tell whether a line of the system is one that only groups have."""
    return len(text) <= _MAX_MARK_CHARS and _GROUP.search(unmarked(text)) is not None


def is_notice(text: str) -> bool:
    """Tell whether a text that has a sender is the system's all the same."""
    if len(text) > _MAX_MARK_CHARS:
        return False
    match = _FIXED.fullmatch(unmarked(text))
    if match:
        return match["notice"] is not None
    return text.startswith("\u200e") and is_of_group(text)


def is_indonesian(line: str, *, of_system: bool = False) -> bool:
    """Tell whether WhatsApp wrote its own words in this line, in Indonesian."""
    if of_system and _INDONESIAN_SYSTEM.search(line, 0, _MAX_MARK_CHARS):
        return True
    return _INDONESIAN.search(line, 0, _MAX_MARK_CHARS) is not None


def _event(match: re.Match[str]) -> Event:
    return next(event for name, event in _EVENTS.items() if match[name] is not None)


def _without_edited(text: str) -> tuple[str, bool]:
    trimmed = text.rstrip()
    for mark in _EDITED:
        if trimmed.endswith(mark):
            return trimmed.removesuffix(mark).rstrip(" \n\u200e"), True
    return text, False


def _without_files(text: str) -> tuple[str, tuple[str, ...]]:
    """Take the names of attached files out of a text; the rest is their caption."""
    first, _, rest = text.partition("\n")
    bare = unmarked(first)
    for mark in _ATTACHED_BEHIND:
        if bare.endswith(mark) and 0 < len(bare) - len(mark) <= 255:
            return rest, (bare.removesuffix(mark),)
    if not any(mark in text for mark in _ATTACHED_AROUND):
        return text, ()
    kept: list[str] = []
    names: list[str] = []
    for line in text.split("\n"):
        caption, name = _file_at_end(line)
        kept.append(caption)
        if name:
            names.append(name)
    return "\n".join(kept), tuple(names)


def _file_at_end(line: str) -> tuple[str, str]:
    bare = line.rstrip()
    for mark in _ATTACHED_AROUND:
        at = bare.rfind(mark)
        if at >= 0 and bare.endswith(">") and 0 < (size := len(bare) - at - len(mark) - 1) <= 255:
            name = unmarked(bare[at + len(mark) : at + len(mark) + size])
            return (bare[:at].rstrip(" \u200e"), name) if name else (line, "")
    return line, ""


def _with_kind_behind(text: str, *, edited: bool) -> Told:
    """Read what iOS puts behind a document's name or a caption: `surat.pdf • ‎dokumen …`."""
    before, mark, behind = text.rpartition("\u200e")
    match = _FIXED.fullmatch(behind.strip()) if mark and len(behind) <= 60 else None
    kind = match["omitted"] if match else None
    if not kind or not before.strip():
        return Told(_trimmed(text), edited=edited)
    name, dot, _ = unmarked(before).partition(" •")
    if dot and "\n" not in name:
        return Told("", None, (name[:255],), edited)
    return Told(_trimmed(before), None, (kind.lower(),), edited)


def _trimmed(text: str) -> str:
    return text.strip().lstrip("\u200e\u200f\u202a\u202b\u202c\ufeff").strip()
