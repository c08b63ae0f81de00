"""Which steps a delivery may take, and what an attempt to send came to. Pure."""

import re
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from unicodedata import category


class DeliveryState(StrEnum):
    """How far a delivery got."""

    QUEUED = "queued"
    SENDING = "sending"  # committed before connecting: from here on it may have left
    SENT = "sent"
    DEFERRED = "deferred"  # refused for now, certainly not accepted
    FAILED = "failed"  # refused for good, or bounced
    UNKNOWN = "unknown"  # may have been accepted: a person decides
    CANCELLED = "cancelled"  # taken back before it left
    HANDED = "handed"  # given to a person or a bulk sender: out of our hands, not yet confirmed


class Step(StrEnum):
    """What can happen to a delivery."""

    BEGIN = "begin"
    SPOIL = "spoil"  # what is stored is not what was approved
    CANCEL = "cancel"
    ACCEPT = "accept"
    DEFER = "defer"
    REFUSE = "refuse"
    LOSE = "lose"  # no answer after the final dot, or a worker that never came back
    BOUNCE = "bounce"
    DELAY = "delay"  # a server that took it says it is still trying
    FOUND = "found"  # a person found that it was sent
    REPEAT = "repeat"  # a person found that it was not
    ABANDON = "abandon"  # a person stops waiting for a server that keeps refusing
    HAND = "hand"  # given to a person or a bulk sender to send
    MARK = "mark"  # whoever sends it by hand says that it is sent
    UNMARK = "unmark"  # and that this was a mistake
    FAIL = "fail"  # whoever sends it by hand says that it cannot be sent


class OutcomeKind(StrEnum):
    """What one attempt to send came to."""

    ACCEPTED = "accepted"
    REFUSED_FOR_NOW = "refused_for_now"
    REFUSED = "refused"
    NOT_SENT = "not_sent"  # cut off before the final dot: certainly not accepted
    UNKNOWN = "unknown"  # cut off after it: perhaps accepted


class Phase(StrEnum):
    """How far the conversation with the server had come."""

    CONNECT = "connect"
    TLS = "tls"
    HELLO = "hello"
    LOGIN = "login"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    CONTENT = "content"
    FINAL = "final"  # the final dot, or a request to an API, is on its way
    SERVICE = "service"  # an API has trouble of its own, or wants us to wait
    WINDOW = "window"  # the channel does not let us write any more


_BEFORE_MAIL = frozenset({Phase.CONNECT, Phase.TLS, Phase.HELLO, Phase.LOGIN})
_LOGIN_CODES = frozenset({530, 534, 535, 538})  # RFC 4954 §6: about our login, wherever they come
_ANSWER_CHARS = 300
_COVERED = re.compile(r"[^\s<>\"'@]{1,64}@[^\s<>\"'@]+|\d[\d .\-]{8,}\d")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What attempt number `attempt` came to; `text` is the server's, with addresses covered.

    `retry_after_s` is how long the server wants to be left alone, if it says so.
    """

    kind: OutcomeKind
    phase: Phase
    attempt: int
    code: int | None = None
    text: str = ""
    retry_after_s: float | None = None

    @property
    def counts(self) -> bool:
        """Whether the server judged this reply, and not just our connection or our login."""
        return self.phase not in _BEFORE_MAIL and self.code not in _LOGIN_CODES

    @property
    def words(self) -> str:
        """One line for a person: phase, code and text."""
        if self.phase is Phase.WINDOW:  # a sentence of ours
            return self.text
        code = "" if self.code is None else f"{self.code} "
        return f"{self.phase}: {code}{self.text}".rstrip()


_STEPS = MappingProxyType(
    {
        # The undo time is over. This is committed before connecting, so a crash from here on
        # cannot lead to a second copy.
        (DeliveryState.QUEUED, Step.BEGIN): DeliveryState.SENDING,
        (DeliveryState.DEFERRED, Step.BEGIN): DeliveryState.SENDING,
        # The bytes are not those a person approved, so nobody may send them.
        (DeliveryState.QUEUED, Step.SPOIL): DeliveryState.FAILED,
        (DeliveryState.DEFERRED, Step.SPOIL): DeliveryState.FAILED,
        # Undo: only while no attempt was ever begun (the service checks that).
        (DeliveryState.QUEUED, Step.CANCEL): DeliveryState.CANCELLED,
        # The server answered.
        (DeliveryState.SENDING, Step.ACCEPT): DeliveryState.SENT,
        (DeliveryState.SENDING, Step.DEFER): DeliveryState.DEFERRED,
        (DeliveryState.SENDING, Step.REFUSE): DeliveryState.FAILED,
        # Nobody knows. Never sent again without a person.
        (DeliveryState.SENDING, Step.LOSE): DeliveryState.UNKNOWN,
        # A slow worker that was given up on comes back with the answer to the same attempt.
        (DeliveryState.UNKNOWN, Step.ACCEPT): DeliveryState.SENT,
        (DeliveryState.UNKNOWN, Step.DEFER): DeliveryState.DEFERRED,
        (DeliveryState.UNKNOWN, Step.REFUSE): DeliveryState.FAILED,
        # The same, after a person had already asked for another attempt: there is no need for it.
        (DeliveryState.QUEUED, Step.ACCEPT): DeliveryState.SENT,
        # A person looked into the server's log or asked.
        (DeliveryState.UNKNOWN, Step.FOUND): DeliveryState.SENT,
        (DeliveryState.UNKNOWN, Step.REPEAT): DeliveryState.QUEUED,
        # A person does not want to wait for this server any longer.
        (DeliveryState.DEFERRED, Step.ABANDON): DeliveryState.FAILED,
        # Replies that no machine sends. Once handed over one may have left at any moment, so it
        # cannot be taken back any more, nor be handed over again unless a person finds that it
        # was not sent.
        (DeliveryState.QUEUED, Step.HAND): DeliveryState.HANDED,
        (DeliveryState.QUEUED, Step.MARK): DeliveryState.SENT,
        (DeliveryState.HANDED, Step.MARK): DeliveryState.SENT,
        (DeliveryState.HANDED, Step.FAIL): DeliveryState.FAILED,
        (DeliveryState.HANDED, Step.LOSE): DeliveryState.UNKNOWN,
        (DeliveryState.SENT, Step.UNMARK): DeliveryState.HANDED,
        # A bounce proves that it was accepted, and that it did not arrive. It may come before the
        # worker has written down that it sent.
        (DeliveryState.SENDING, Step.BOUNCE): DeliveryState.FAILED,
        (DeliveryState.SENT, Step.BOUNCE): DeliveryState.FAILED,
        (DeliveryState.UNKNOWN, Step.BOUNCE): DeliveryState.FAILED,
        (DeliveryState.DEFERRED, Step.BOUNCE): DeliveryState.FAILED,
        (DeliveryState.QUEUED, Step.BOUNCE): DeliveryState.FAILED,
        # A server that is still trying has accepted it.
        (DeliveryState.SENT, Step.DELAY): DeliveryState.SENT,
        (DeliveryState.UNKNOWN, Step.DELAY): DeliveryState.SENT,
    }
)


def next_state(state: DeliveryState, step: Step) -> DeliveryState | None:
    """Return the state that `step` leads to, or None where it is not allowed."""
    return _STEPS.get((state, step))


def step_of(outcome: Outcome, *, max_attempts: int) -> Step:
    """Return the step an attempt's outcome means; the last attempt that counts is a refusal."""
    match outcome.kind:
        case OutcomeKind.ACCEPTED:
            return Step.ACCEPT
        case OutcomeKind.UNKNOWN:
            return Step.LOSE
        case OutcomeKind.REFUSED:
            return Step.REFUSE
        case OutcomeKind.REFUSED_FOR_NOW | OutcomeKind.NOT_SENT:
            spent = outcome.counts and outcome.attempt >= max_attempts
            return Step.REFUSE if spent else Step.DEFER


def kind_of(phase: Phase, code: int) -> OutcomeKind:
    """Return what a server's unwelcome reply to `phase` means for the reply.

    Before MAIL every refusal is about the connection or our login, so it holds for now however
    permanent its code is: a wrong password must not use up the replies.
    """
    if 500 <= code <= 599 and phase not in _BEFORE_MAIL and code not in _LOGIN_CODES:
        return OutcomeKind.REFUSED
    if 400 <= code <= 599:
        return OutcomeKind.REFUSED_FOR_NOW
    return OutcomeKind.UNKNOWN if phase is Phase.FINAL else OutcomeKind.NOT_SENT


def cover(text: str) -> str:
    """Make a foreign text fit to be kept: one bounded line, addresses and long numbers covered."""
    bounded = text[: _ANSWER_CHARS * 4]
    plain = "".join(" " if category(char)[0] in "CZ" else char for char in bounded)
    return _COVERED.sub("[…]", " ".join(plain.split()))[:_ANSWER_CHARS]
