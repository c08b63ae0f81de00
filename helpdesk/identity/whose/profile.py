"""The sender's display name: a fact only when the writer says that it is their name."""

import re
from collections.abc import Iterator, Sequence

from helpdesk.identity.findings import Finding
from helpdesk.identity.reading import Reading
from helpdesk.identity.types import Field, Span
from helpdesk.identity.whose.referents import SELF
from helpdesk.identity.words import names

_MAX_GAP = 20
_SAYS = re.compile(
    r"(?<![a-z])nama(?:nya|ku|\s(?:saya|sy|lengkap|aku|gue|asli|ktp|di ktp))*\s*[:=,]?\s*"
    r"(?:sesuai|sama|seperti|persis|ikut|yang|yg|itu|adalah|tertera|ada)(?:\s(?:dengan|dgn|kayak|kaya"
    r"|seperti|sama|sesuai|di|pada|tertera|ada|nama|yang|yg)){0,4}\s"
    r"(?:akun|profil|profile|display|username|fb|facebook|ig|instagram|twitter|wa|whatsapp|email|e-mail"
    r"|pengirim)"
    r"|(?<![a-z])(?:akun|profil|profile|nama akun|nama profil|nama fb|nama ig|nama wa)"
    r" (?:ini|ni|saya|sy)? ?(?:memang |udah |sudah |itu )?"
    r"(?:nama asli|nama lengkap|nama saya|nama ktp|sesuai ktp)"
)
_NOT = re.compile(r"(?:bukan|beda|tidak|tdk|gak|ga|jangan)[a-z ]{0,20}$")


def find(sender_name: str, readings: Sequence[Reading]) -> Iterator[Finding]:
    """Yield the display name where the writer says `nama sesuai akun ini`; linear."""
    if not sender_name or not names.plausible(names.display(sender_name).lower()):
        return
    for reading in readings:
        for said in _SAYS.finditer(reading.low):
            if _NOT.search(reading.low, max(0, said.start() - _MAX_GAP), said.start()):
                continue
            yield Finding(
                Field.FULL_NAME, names.display(sender_name), 0.85,
                Span(reading.message, said.start(), said.end()), "profile_name", whose=SELF,
            )  # fmt: skip
            return
