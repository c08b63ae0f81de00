"""What a page says of a delivery's state."""

from dataclasses import dataclass

from helpdesk.i18n import mark
from helpdesk.outbox.states import DeliveryState


@dataclass(frozen=True, slots=True)
class Words:
    """A state in words; `kind` names its colour, `icon` its sign, `more` what to do about it."""

    kind: str
    icon: str
    text: str
    more: str = ""


_WORDS: dict[DeliveryState, Words] = {
    DeliveryState.QUEUED: Words("info", "clock", mark("Waiting to be sent")),
    DeliveryState.SENDING: Words("info", "send", mark("Being sent")),
    DeliveryState.SENT: Words("good", "check", mark("Sent")),
    DeliveryState.DEFERRED: Words(
        "care", "clock", mark("Deferred"), mark("The server refused for now; it is tried again.")
    ),
    DeliveryState.FAILED: Words(
        "bad", "warn", mark("Not delivered"), mark("Check the address, then approve a new reply.")
    ),
    DeliveryState.UNKNOWN: Words(
        "bad",
        "warn",
        mark("Not known whether it arrived"),
        mark("Look in the mail server's log for the time and the recipient."),
    ),
    DeliveryState.CANCELLED: Words("", "undo", mark("Taken back")),
    DeliveryState.HANDED: Words("info", "send", mark("Handed over")),
}
_BY_HAND: dict[DeliveryState, Words] = {
    DeliveryState.QUEUED: Words("care", "clock", mark("Waiting for a person to send it")),
    DeliveryState.SENT: Words("good", "check", mark("Sent by hand")),
    DeliveryState.FAILED: Words(
        "bad", "warn", mark("Not delivered"), mark("Find another way, then approve a new reply.")
    ),
    DeliveryState.UNKNOWN: Words(
        "bad",
        "warn",
        mark("Not known whether it was sent"),
        mark("Look into the conversation on the platform whether the reply is there."),
    ),
}
_BY_API: dict[DeliveryState, Words] = {
    DeliveryState.DEFERRED: Words(
        "care",
        "clock",
        mark("Deferred"),
        mark("The platform refused for now; what is left is tried again."),
    ),
    DeliveryState.FAILED: _BY_HAND[DeliveryState.FAILED],
    DeliveryState.UNKNOWN: Words(
        "bad",
        "warn",
        mark("Not known whether it arrived"),
        mark("Look into the conversation on the platform whether the part sent last is there."),
    ),
}
# What a delivery's answer says in our own words.
ANSWERS = (
    mark(
        "the time to reply on this channel is over; ask the participant to write again, "
        "or answer by e-mail"
    ),
    mark("the reply or the records behind it changed after the approval"),
    mark("what is stored is not the reply that was approved"),
    mark("the worker that was sending it did not come back"),
)

STATES = tuple(_WORDS)


def of(state: DeliveryState, *, by_hand: bool = False, by_api: bool = False) -> Words:
    """Return the words for a state, as texts to be translated; who sends it: people, an API."""
    special = _BY_HAND if by_hand else _BY_API if by_api else {}
    return special.get(state) or _WORDS[state]
