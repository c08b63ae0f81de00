import pytest

from helpdesk.tickets.kinds import TicketStatus
from helpdesk.tickets.states import may_become


def test_closed_ticket_can_only_be_reopened():
    allowed = {then for then in TicketStatus if may_become(TicketStatus.CLOSED, then)}

    assert allowed == {TicketStatus.WAITING_AGENT}


def test_nothing_becomes_unparsed():
    assert not any(may_become(now, TicketStatus.UNPARSED) for now in TicketStatus)


@pytest.mark.parametrize("status", list(TicketStatus))
def test_no_state_leads_to_itself(status: TicketStatus):
    assert not may_become(status, status)
