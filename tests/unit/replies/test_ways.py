"""Which way a reply goes back."""

import pytest

from helpdesk.replies import ways
from helpdesk.replies.ways import Reach
from helpdesk.settings import Direct
from helpdesk.tickets.kinds import Channel

API = dict.fromkeys([each for each in Channel if each.is_direct], Direct(send="api"))


@pytest.mark.parametrize(
    ("reach", "by_machine"),
    [
        (Reach(Channel.X, "4711", platform_id="4711"), True),
        (Reach(Channel.X, "rina_k"), False),
        (Reach(Channel.X, "4711"), False),
        (Reach(Channel.FACEBOOK, "4711", platform_id="4711"), True),
        (Reach(Channel.FACEBOOK, "rina_4711", platform_id="rina/4711"), False),
        (Reach(Channel.INSTAGRAM, "4711", platform_id="4711", is_group=True), False),
        (Reach(Channel.WHATSAPP, "+628120009001", phone="+628120009001"), True),
        (Reach(Channel.WHATSAPP, "rina", phone="+628120009001"), True),
        (Reach(Channel.WHATSAPP, "+628120009001"), False),
        (Reach(Channel.WHATSAPP, "rina", phone="0812 0009001"), False),
        (Reach(Channel.OTHER, "4711", platform_id="4711"), False),
    ],
)
def test_an_api_writes_only_to_whom_it_can_name(reach, by_machine):
    way = ways.way(reach, API)
    assert (way.by_hand, way.nameless) == (not by_machine, not by_machine)


def test_where_people_send_anyway_nothing_is_said_of_names():
    reach = Reach(Channel.X, "rina_k")
    assert not ways.way(reach, {Channel.X: Direct()}).nameless
