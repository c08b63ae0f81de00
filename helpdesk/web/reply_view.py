"""What the page shows of the reply: the decision, the draft, and how far a delivery got."""

import datetime as dt
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from helpdesk import i18n
from helpdesk.accounts.models import Role
from helpdesk.accounts.sessions import SignedIn
from helpdesk.i18n import mark
from helpdesk.outbox.queries import DeliveryView
from helpdesk.outbox.states import DeliveryState
from helpdesk.replies import reasons
from helpdesk.replies.macros import macro_name
from helpdesk.replies.queries import Told
from helpdesk.tickets.history import MessageView, TicketHead
from helpdesk.tickets.kinds import Direction, TicketStatus
from helpdesk.web import conversation, delivery_words
from helpdesk.web.cover import cover, has_covered
from helpdesk.web.sending_view import Sending
from helpdesk.web.way_view import WayPane

_ICONS = {"full": "shield-check", "masked": "shield-alert", "ask": "ask", "redirect": "info"}
_MACROS: dict[str, str] = {
    "one_kpj": mark("One KPJ"),
    "several_kpj": mark("Several KPJ"),
    "one_kpj_masked": mark("One KPJ, last four digits"),
    "several_kpj_masked": mark("Several KPJ, last four digits"),
    "incomplete": mark("Ask for missing data"),
    "unconfirmed": mark("Cannot be confirmed"),
    "refused": mark("Asked for somebody else"),
    "group": mark("Written in a group"),
    "reopen_window": mark("Ask them to write again"),
}
_GIVEN = mark("You have approved this draft. A supervisor has to approve it too.")
_SUPERVISOR = mark("The second approval has to come from a supervisor.")
# States after which nothing is left to do for an agent.
_FINE = frozenset({DeliveryState.QUEUED, DeliveryState.SENDING, DeliveryState.SENT})


@dataclass(frozen=True, slots=True)
class Reason:
    """Why it was decided so; `speaks_for` tells whether it is a ground to trust the writer."""

    text: str
    speaks_for: bool


@dataclass(frozen=True, slots=True)
class DraftPane:
    """The draft as the page shows it; `blocked` says why this person may not approve.

    `may_refuse`: this is the second person. `refused_by` is who refused it as it stands, and why.
    """

    version: int
    situation: str
    language: str
    text: str
    theirs: str
    writable: bool
    disclosure: str
    icon: str
    reasons: tuple[Reason, ...]
    approvals_needed: int
    approvals_given: int
    approved_by: str
    first_of_two: bool
    may_refuse: bool
    refused_by: str
    refused_why: str
    confirm: tuple[str, ...]
    blocked: str


@dataclass(frozen=True, slots=True)
class MacroChoice:
    """A macro an agent can choose."""

    name: str
    title: str


@dataclass(frozen=True, slots=True)
class Undo:
    """A reply that can still be taken back, and until when."""

    delivery_id: int
    until: dt.datetime
    seconds: int
    left: int


@dataclass(frozen=True, slots=True)
class DeliveryNote:
    """What became of the last reply; `fine` unless somebody has to see to it.

    `answer` is the server's own word where it says more than ours, `settle` that the dead letters
    are the place to decide; `unmark` is the delivery if a person said that it is sent.
    """

    kind: str
    icon: str
    words: str
    detail: str
    answer: str
    fine: bool
    settle: bool
    unmark: int | None


def context(
    told: Told,
    ticket: TicketHead,
    messages: Sequence[MessageView],
    way: WayPane,
    sending: Sending | None,
    agent: SignedIn,
    *,
    revealed: bool,
    editing: bool,
    typed: str | None,
    now: dt.datetime,
) -> dict[str, object]:
    """Return what the reply pane needs, in the agent's language.

    Args:
        told: from `replies.queries`.
        ticket: the ticket.
        messages: its conversation.
        way: where the reply goes.
        sending: a reply that waits for a person to send it.
        agent: who looks.
        revealed: whether numbers are shown.
        editing: whether the draft is open to be written in, though it has numbers.
        typed: the agent's own text that could not be saved.
        now: the current time.
    """
    gettext = i18n.translations(agent.language).gettext
    open_ticket = ticket.status is TicketStatus.WAITING_AGENT
    last = told.deliveries[-1] if told.deliveries else None
    inbound = [each for each in messages if each.direction is Direction.INBOUND]
    return {
        "way": way,
        "sending": sending,
        "draft": _draft(told, way, agent, revealed=revealed, editing=editing, typed=typed)
        if told.draft and open_ticket
        else None,
        "macros": [MacroChoice(name, gettext(title)) for name, title in _MACROS.items()],
        "undo": _undo(last, now) if last else None,
        "last_delivery": _note(last, gettext) if last and not _is(last, sending) else None,
        "sender_flags": conversation.flags(inbound[-1], gettext)[:2] if inbound else (),
    }


def _draft(
    told: Told,
    way: WayPane,
    agent: SignedIn,
    *,
    revealed: bool,
    editing: bool,
    typed: str | None,
) -> DraftPane:
    draft = told.draft
    assert draft is not None  # noqa: S101 - the caller asked
    gettext = i18n.translations(agent.language).gettext
    given = len(told.approvals)
    second = draft.approvals_needed == 2 and given == 1
    mine = any(agent_id == agent.id for agent_id, _ in told.approvals)
    blocked = ""
    if way.problem:
        blocked = way.problem
    elif mine:
        blocked = gettext(_GIVEN)
    elif second and agent.role is Role.AGENT:
        blocked = gettext(_SUPERVISOR)
    open_to_edit = editing or typed is not None or not has_covered(draft.body)
    body = draft.body if revealed else cover(draft.body)
    refused_by, refused_why = told.refusal or ("", "")
    return DraftPane(
        version=draft.version,
        situation=macro_name(draft.situation),
        language=draft.language,
        text=body if typed is None else typed,
        theirs=cover(draft.body) if typed is not None and typed != draft.body else "",
        writable=open_to_edit,
        disclosure=draft.disclosure,
        icon=_ICONS.get(draft.disclosure, "ban"),
        reasons=tuple(
            Reason(
                reasons.text(code, agent.language),
                code in {"about_self", "verified"} or code.endswith("_exact"),
            )
            for code in draft.reasons
        ),
        approvals_needed=draft.approvals_needed,
        approvals_given=given,
        approved_by=", ".join(name for _, name in told.approvals),
        first_of_two=draft.approvals_needed == 2 and given == 0,
        may_refuse=second and not mine and agent.role in {Role.SUPERVISOR, Role.ADMIN},
        refused_by=refused_by,
        refused_why=refused_why if revealed else cover(refused_why),
        confirm=_to_confirm(draft.reasons) if second and not blocked else (),
        blocked=blocked,
    )


def _to_confirm(codes: Sequence[str]) -> tuple[str, ...]:
    """Return the facts the decision says agree: the second person compares each of them."""
    agreeing = {"nik": "nik", "birth_date": "birth_date", "name": "full_name"}
    return tuple(
        field
        for fact, field in agreeing.items()
        if f"{fact}_exact" in codes or f"{fact}_near" in codes
    )


def _is(delivery: DeliveryView, sending: Sending | None) -> bool:
    return sending is not None and sending.delivery_id == delivery.id


def _undo(delivery: DeliveryView, now: dt.datetime) -> Undo | None:
    if not delivery.can_cancel or delivery.not_before <= now:
        return None
    whole = (delivery.not_before - delivery.created_at).total_seconds()
    left = (delivery.not_before - now).total_seconds()
    return Undo(delivery.id, delivery.not_before, max(round(whole), 1), math.ceil(left))


def _note(delivery: DeliveryView, gettext: Callable[[str], str]) -> DeliveryNote | None:
    if delivery.state is DeliveryState.CANCELLED:
        return None
    words = delivery_words.of(delivery.state, by_hand=delivery.by_hand, by_api=delivery.by_api)
    state = delivery.state
    marked = delivery.by_hand and state is DeliveryState.SENT
    return DeliveryNote(
        kind=words.kind,
        icon=words.icon,
        words=gettext(words.text),
        detail=gettext(words.more) if words.more else "",
        answer=gettext(delivery.answer) if delivery.answer and state not in _FINE else "",
        fine=state in _FINE,
        settle=state is DeliveryState.UNKNOWN,
        unmark=delivery.id if marked else None,
    )
