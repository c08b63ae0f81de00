"""Which step a ticket may take. Pure."""

from helpdesk.tickets.kinds import TicketStatus

_ALLOWED: dict[TicketStatus, frozenset[TicketStatus]] = {
    TicketStatus.UNPARSED: frozenset(
        {TicketStatus.WAITING_AGENT, TicketStatus.CLOSED, TicketStatus.SPAM}
    ),
    TicketStatus.WAITING_AGENT: frozenset(
        {TicketStatus.WAITING_PARTICIPANT, TicketStatus.CLOSED, TicketStatus.SPAM}
    ),
    TicketStatus.WAITING_PARTICIPANT: frozenset(
        {TicketStatus.WAITING_AGENT, TicketStatus.CLOSED, TicketStatus.SPAM}
    ),
    TicketStatus.CLOSED: frozenset({TicketStatus.WAITING_AGENT}),
    TicketStatus.SPAM: frozenset({TicketStatus.WAITING_AGENT}),
}

OPEN = frozenset(
    {TicketStatus.UNPARSED, TicketStatus.WAITING_AGENT, TicketStatus.WAITING_PARTICIPANT}
)


def may_become(now: TicketStatus, then: TicketStatus) -> bool:
    """Tell whether a ticket in state `now` may be put into state `then`."""
    return then in _ALLOWED[now]
