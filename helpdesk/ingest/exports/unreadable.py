"""What people are told about an export that cannot be read: what to download instead, and how."""

import re

from helpdesk.i18n import mark

NO_CHANNEL = mark("There is no such channel. Use auto, x, facebook, instagram, whatsapp or other.")
OTHER_CHANNEL = mark(
    "This export is of another channel than the one that was named. "
    "Name the right one, or auto to have it told by the export itself."
)
WHICH_OF_META = mark(
    "Nothing in this export tells whether it is Facebook's or Instagram's. "
    "Say so with --channel facebook or --channel instagram."
)
FACEBOOK_HTML = mark(
    "This is Facebook's download as web pages, which leave out the time zone. On Facebook choose "
    "Download your information again, tick Messages, and as Format choose JSON instead of HTML."
)
INSTAGRAM_HTML = mark(
    "This is Instagram's download as web pages, which leave out the time zone. On Instagram "
    "choose Download your information again, tick Messages, and as Format choose JSON instead of "
    "HTML."
)
META_HTML = mark(
    "This is a download of Facebook or Instagram as web pages, which leave out the time zone. "
    "Choose Download your information again, tick Messages, and as Format choose JSON instead of "
    "HTML."
)
META_WITHOUT_MESSAGES = mark(
    "This download of Facebook or Instagram holds no messages. If it came in parts, give the part "
    "with the folder messages; else choose Download your information again, tick Messages, and "
    "as Format choose JSON."
)
X_WITHOUT_MESSAGES = mark(
    "This archive of X holds no direct messages. If it came in parts, give the part with "
    "data/direct-messages.js; else on X choose Settings, Your account, Download an archive of "
    "your data."
)
X_PAGE_ONLY = mark(
    "This is only the page to look at an archive of X. "
    "Give the whole zip file that X handed out, which has the folder data."
)
PIECE = mark(
    "This is one file out of a download of Facebook or Instagram. "
    "Give the whole zip file as it was downloaded, or the folder it was unpacked to."
)
NESTED = mark("This holds zip files. Unpack the outer one, then give each export in it by itself.")
OTHER_TABLE = mark(
    "This table is not in our form: the first row has to name at least the columns thread, "
    "sent_at and text. Rename the columns, or give the export of the platform itself."
)
SPREADSHEET = mark(
    "This is a spreadsheet. Save it as CSV (UTF-8) with at least the columns thread, sent_at "
    "and text, or give the export of the platform itself."
)
PDF = mark(
    "This is a PDF. Give the export of the platform itself: an archive of X, Download your "
    "information of Facebook or Instagram as JSON, or Export chat of WhatsApp."
)
IMAGE = mark(
    "This is a picture or a film. Give the export of the platform itself: an archive of X, "
    "Download your information of Facebook or Instagram as JSON, or Export chat of WhatsApp."
)
WEB_PAGE = mark(
    "This is a saved web page. Give the export of the platform itself: an archive of X, Download "
    "your information of Facebook or Instagram with the format JSON, or Export chat of WhatsApp."
)
BACKUP = mark(
    "This is a database or a backup, which cannot be read. In WhatsApp open the chat, choose "
    "More, Export chat, and give the file it makes."
)
PACKED = mark("This is packed in a way that cannot be read here. Unpack it and give the folder.")
NO_CHAT = mark(
    "This text is not a chat of WhatsApp: no line at its beginning has a date, a time and a name. "
    "In WhatsApp open the chat, choose More, Export chat, and give the file it makes."
)
EMPTY = mark("There is nothing in this export. Download it again from the platform.")
UNKNOWN = mark(
    "This is no export that can be read. Known are: an archive of X, Download your information of "
    "Facebook or Instagram as JSON, messages.zip of Messenger, Export chat of WhatsApp, and our "
    "own CSV or JSON lines with the columns thread, sent_at and text."
)

_SIGNS = (
    (b"%PDF", PDF),
    (b"\x89PNG", IMAGE),
    (b"\xff\xd8\xff", IMAGE),
    (b"GIF8", IMAGE),
    (b"RIFF", IMAGE),
    (b"Rar!", PACKED),
    (b"7z\xbc\xaf", PACKED),
    (b"\x1f\x8b", PACKED),
    (b"\xd0\xcf\x11\xe0", SPREADSHEET),
    (b"SQLite format 3", BACKUP),
)
_WEB_PAGE = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|head|meta|\?xml)", re.IGNORECASE)
_WEB_ENDINGS = (".html", ".htm", ".mht", ".mhtml")
_BACKUP_ENDING = re.compile(r"\.crypt[0-9]*$")
_MHTML = re.compile(
    rb"(?:.*\n){0,20}?(?:From: <Saved by|Snapshot-Content-Location:)", re.IGNORECASE
)


def by_content(head: bytes, name: str) -> str:
    """Name what a single file is by its first bytes, else by the ending of its lower-case name."""
    for sign, sentence in _SIGNS:
        if head.startswith(sign):
            return sentence
    if head[4:8] == b"ftyp":  # as telephones keep pictures and films
        return IMAGE
    if _WEB_PAGE.match(head) or _MHTML.match(head) or name.endswith(_WEB_ENDINGS):
        return WEB_PAGE
    if _BACKUP_ENDING.search(name):
        return BACKUP
    if name.endswith(".txt"):
        return NO_CHAT
    return UNKNOWN if head else EMPTY
