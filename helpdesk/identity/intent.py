"""Does a conversation ask for somebody's number, or is its data meant for something else?"""

from collections.abc import Sequence

from helpdesk.identity import cues
from helpdesk.identity.reading import Reading


def asks(readings: Sequence[Reading]) -> float:
    """Return the chance in [0, 1] that the conversation asks for a membership number at all.

    `readings` are the subject and the messages, oldest first, quoted parts blanked. A text that
    states identity data and no wish asks for it: it answers our request. Linear, never raises.
    """
    if any(cues.is_withdrawn(one.low) for one in readings):
        return 0.0
    return 0.9 if any(cues.asks_for_number(one.low) for one in readings) else 0.3
