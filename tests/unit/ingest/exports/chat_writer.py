"""Write WhatsApp chats as its many versions do: the counterpart of the reader, for tests."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

LRM, NARROW = "\u200e", "\u202f"


@dataclass(frozen=True)
class Style:
    """How one version writes a line: `date` and `clock` for strftime, `line` around both."""

    date: str
    clock: str
    line: str
    end: str = "\n"
    encoding: str = "utf-8"
    minutes_only: bool = True

    def write(self, messages: Iterable[tuple[dt.datetime, str, str]]) -> bytes:
        lines = []
        for at, sender, text in messages:
            when = self.line.format(date=at.strftime(self.date), clock=self._clock(at))
            lines.append(f"{when}{sender}: {text}{self.end}")
        return "".join(lines).encode(self.encoding)

    def _clock(self, at: dt.datetime) -> str:
        part = "pagi" if at.hour < 10 else "siang" if at.hour < 15 else "sore"
        if at.hour >= 18:
            part = "malam"
        return at.strftime(self.clock).replace("PART", part)


STYLES = {
    "android-id-old": Style("%d/%m/%y", "%H.%M", "{date} {clock} - "),
    "android-id": Style("%d/%m/%Y", "%H.%M", "{date} {clock} - "),
    "android-id-pukul": Style("%d/%m/%y", "%H.%M", "{date} pukul {clock} - "),
    "ios-id": Style(
        "%d/%m/%y", "%H.%M.%S", LRM + "[{date}, {clock}] ", "\r\n", minutes_only=False
    ),
    "ios-id-no-comma": Style("%d/%m/%y", "%H.%M.%S", "[{date} {clock}] ", minutes_only=False),
    "ios-id-12": Style("%d/%m/%y", "%I.%M.%S PART", "[{date} {clock}] ", minutes_only=False),
    "android-us": Style("%-m/%-d/%y", f"%-I:%M{NARROW}%p", "{date}, {clock} - "),
    "android-us-old": Style("%-m/%-d/%y", "%-I:%M %p", "{date}, {clock} - "),
    "android-uk": Style("%d/%m/%Y", "%H:%M", "{date}, {clock} - "),
    "android-uk-12": Style("%d/%m/%Y", f"%-I:%M{NARROW}%p", "{date}, {clock} - "),
    "ios-us": Style(
        "%-m/%-d/%y", f"%-I:%M:%S{NARROW}%p", "[{date}, {clock}] ", "\r\n", minutes_only=False
    ),
    "iso": Style("%Y-%m-%d", "%H:%M", "{date}, {clock} - "),
    "ios-iso": Style("%Y-%m-%d", "%H:%M:%S", "[{date}, {clock}] ", minutes_only=False),
    "dashes": Style("%d-%m-%Y", "%H:%M", "{date} {clock} - "),
    "dots": Style("%d.%m.%y", "%H:%M", "{date}, {clock} - "),
    "bom": Style("%d/%m/%y", "%H.%M", "{date} {clock} - ", encoding="utf-8-sig"),
    "utf-16": Style("%d/%m/%y", "%H.%M", "{date} {clock} - ", "\r\n", encoding="utf-16"),
    "utf-16-be": Style("%d/%m/%y", "%H.%M", "{date} {clock} - ", encoding="utf-16-be"),
}
