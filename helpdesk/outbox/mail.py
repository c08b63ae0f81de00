"""The exact bytes of a reply, built once when it is approved. Pure."""

import datetime as dt
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingReply:
    """An approved reply, before it is bytes.

    Message-IDs are without angle brackets. `secret` signs the reply's own Message-ID; its domain
    is that of `from_address`. What must not be printed is left out of `repr`.
    """

    ticket_id: int
    message_row_id: int  # the outbound Message row; also what makes the Message-ID unique
    from_name: str
    from_address: str
    recipient: str = field(repr=False)  # one addr-spec
    subject: str = field(repr=False)
    body: str = field(repr=False)  # plain text
    language: str  # "id" or "en"
    date: dt.datetime  # of the approval, aware
    secret: str = field(repr=False)
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()  # oldest first, without `in_reply_to` being necessary
