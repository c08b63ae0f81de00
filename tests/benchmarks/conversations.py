"""Made-up exports of every format, of any size, written a conversation at a time."""

import csv
import datetime as dt
import io
import json
import random
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from helpdesk.registry import synthetic
from tests.benchmarks.mails import PEOPLE, SEED

OWN_NAME = "Layanan Peserta"
PER_THREAD = 20  # messages of one conversation; every fourth is ours

_OWN_ID = "222222222"
_BEGAN = dt.datetime(2025, 11, 3, 2, tzinfo=dt.UTC)
_JAKARTA = dt.timezone(dt.timedelta(hours=7))
_IN_FILE = 10_000  # what Meta puts into one message_N.json
_PICTURE_BYTES = 1 << 20
_SAYINGS = (
    "Selamat pagi min, mau tanya nomor KPJ saya yang hilang 🙏",
    "kartu nya sudah lama tidak ada, dulu kerja di pabrik sepatu sampai 2019 lalu pindah",
    "Mohon dibantu ya kak, untuk pencairan JHT. Kantornya sudah tutup.",
    "Baik, data sedang kami periksa. Mohon menunggu.",
    "ok",
    "sudah ada kabar min?",
    "Terima kasih banyak atas bantuannya, semoga sehat selalu",
)


@dataclass(frozen=True, slots=True)
class Said:
    """One message of a made-up conversation."""

    at: dt.datetime
    ours: bool
    text: str

    @property
    def ms(self) -> int:
        return int(self.at.timestamp() * 1_000)


@dataclass(frozen=True, slots=True)
class Talk:
    """One conversation; `number` is its own, from 0."""

    number: int
    name: str
    said: tuple[Said, ...]

    def by(self, one: Said) -> str:
        return OWN_NAME if one.ours else self.name


def talks(count: int, *, per_thread: int = PER_THREAD) -> Iterator[Talk]:
    """Make up `count` messages in conversations about people of the made-up registry."""
    dice = random.Random(1)
    people = list(islice(synthetic.people(PEOPLE, SEED), PEOPLE))
    for number in range(count // per_thread):
        person = people[number % len(people)]
        start = _BEGAN + dt.timedelta(minutes=17 * number)
        said = tuple(
            Said(start + dt.timedelta(minutes=at), at % 4 == 3, _text(dice, person, at))
            for at in range(per_thread)
        )
        yield Talk(number, f"{person.full_name.title()} {number}", said)


def _text(dice: random.Random, person: synthetic.Person, at: int) -> str:
    if at == 1:
        return f"{person.full_name}\nttl {person.birth_place} {person.birth_date:%d-%m-%Y}"
    if at == 2:
        return f"NIK {person.nik}"
    return dice.choice(_SAYINGS)


def write_x(out: zipfile.ZipFile, found: Iterator[Talk]) -> None:
    """Write an archive of X."""
    account = {"account": {"accountId": _OWN_ID, "username": "layanan"}}
    out.writestr("data/account.js", f"window.YTD.account.part0 = {json.dumps([account])}")
    with out.open("data/direct-messages.js", "w") as file:
        file.write(b"window.YTD.direct_messages.part0 = [")
        for talk in found:
            file.write(b"," if talk.number else b"")
            file.write(json.dumps({"dmConversation": _x_conversation(talk)}).encode())
        file.write(b"]")


def _x_conversation(talk: Talk) -> dict[str, object]:
    other = str(300_000_000 + talk.number)
    messages = [
        {
            "messageCreate": {
                "recipientId": other if one.ours else _OWN_ID,
                "senderId": _OWN_ID if one.ours else other,
                "reactions": [],
                "urls": [],
                "mediaUrls": [],
                "text": one.text,
                "id": str((talk.number << 20) + at + 1_900_000_000_000_000_000),
                "createdAt": f"{one.at:%Y-%m-%dT%H:%M:%S}.000Z",
            }
        }
        for at, one in enumerate(talk.said)
    ]
    return {"conversationId": f"{_OWN_ID}-{other}", "messages": messages}


def write_facebook(out: zipfile.ZipFile, found: Iterator[Talk]) -> None:
    """Write a download of Facebook."""
    profile = {"profile_v2": {"name": {"full_name": OWN_NAME}}}
    place = "personal_information/profile_information/profile_information.json"
    out.writestr(place, json.dumps(profile))
    _meta(out, "your_facebook_activity", found)


def write_instagram(out: zipfile.ZipFile, found: Iterator[Talk]) -> None:
    """Write a download of Instagram."""
    profile = {"profile_user": [{"string_map_data": {"Name": {"value": OWN_NAME}}}]}
    place = "personal_information/personal_information/personal_information.json"
    out.writestr(place, json.dumps(profile))
    _meta(out, "your_instagram_activity", found)


def _meta(out: zipfile.ZipFile, root: str, found: Iterator[Talk]) -> None:
    for talk in found:
        folder = f"inbox/peserta{talk.number}_{10_000_000 + talk.number}"
        newest = list(reversed(talk.said))
        for part, start in enumerate(range(0, len(newest), _IN_FILE), start=1):
            content = {
                "participants": [{"name": _bytewise(talk.name)}, {"name": OWN_NAME}],
                "messages": [
                    {
                        "sender_name": talk.by(one),
                        "timestamp_ms": one.ms,
                        "content": _bytewise(one.text),
                        "is_geoblocked_for_viewer": False,
                    }
                    for one in newest[start : start + _IN_FILE]
                ],
                "title": _bytewise(talk.name),
                "thread_path": folder,
            }
            out.writestr(f"{root}/messages/{folder}/message_{part}.json", json.dumps(content))


def _bytewise(text: str) -> str:
    """Return a text as Meta writes it: each byte of its UTF-8 as if it were a character."""
    return text.encode().decode("latin-1")


def write_encrypted(out: zipfile.ZipFile, found: Iterator[Talk]) -> None:
    """Write Messenger's download of encrypted chats."""
    for talk in found:
        messages = [
            {
                "isUnsent": False,
                "media": [],
                "reactions": [],
                "senderName": talk.by(one),
                "text": one.text,
                "timestamp": one.ms,
                "type": "text",
            }
            for one in talk.said
        ]
        content = {
            "participants": [talk.name, OWN_NAME],
            "threadName": f"{talk.name}_{talk.number}",
            "messages": messages,
        }
        name = f"{talk.name}_{talk.number}.json"
        out.writestr(name, json.dumps(content, ensure_ascii=False))


def write_whatsapp(out: zipfile.ZipFile, found: Iterator[Talk]) -> None:
    """Write WhatsApp chats of an Indonesian telephone, all in one file."""
    for talk in found:
        lines = [
            f"{one.at.astimezone(_JAKARTA):%d/%m/%y %H.%M} - {talk.by(one)}: {one.text}\n"
            for one in talk.said
        ]
        out.writestr(f"Chat WhatsApp dengan {talk.name}.txt", "".join(lines))


def write_table(out: zipfile.ZipFile, found: Iterator[Talk]) -> None:
    """Write our own table."""
    columns = ("thread", "sent_at", "direction", "sender_name", "message_id", "text")
    with out.open("messages.csv", "w") as file:
        lines = io.TextIOWrapper(file, "utf-8", newline="")
        table = csv.writer(lines)
        table.writerow(columns)
        for talk in found:
            for at, one in enumerate(talk.said):
                number, way = f"m-{talk.number}-{at}", "out" if one.ours else "in"
                row = (f"t-{talk.number}", one.at.isoformat(), way, talk.by(one), number, one.text)
                table.writerow(row)
        lines.flush()
        lines.detach()


WRITERS: dict[str, Callable[[zipfile.ZipFile, Iterator[Talk]], None]] = {
    "x": write_x,
    "facebook": write_facebook,
    "facebook_e2ee": write_encrypted,
    "instagram": write_instagram,
    "whatsapp": write_whatsapp,
    "table": write_table,
}


def write(format_: str, path: Path, count: int) -> None:
    """Write an export of `count` messages, a zip file."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        WRITERS[format_](out, talks(count))


def write_large(path: Path, *, messages: int, media_bytes: int) -> None:
    """Write a download of Facebook with long conversations, and pictures that do not pack."""
    dice = random.Random(1)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as out:
        write_facebook(out, talks(messages, per_thread=25_000))
        for number in range(media_bytes // _PICTURE_BYTES):
            picture = (
                f"your_facebook_activity/messages/inbox/peserta0_10000000/photos/{number}.jpg"
            )
            out.writestr(picture, dice.randbytes(_PICTURE_BYTES), zipfile.ZIP_STORED)
