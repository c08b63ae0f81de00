"""The doorbell: IDLE tells that mail may have come, the poll then looks."""

import threading
import time
from collections.abc import Callable

from imapclient import IMAPClient

from helpdesk.errors import PermanentError
from helpdesk.ingest import imap
from helpdesk.settings import Ingest, Mailbox

_RENEW_S = 540.0  # servers and middle boxes drop a silent connection after ten minutes or more
_LOOK_S = 1.0  # how long a stop may have to wait
_BACK_OFF_S = (1.0, 900.0)


def watch(
    box: Mailbox, conf: Ingest, *, on_mail: Callable[[], None], stop: threading.Event
) -> None:
    """Call `on_mail` when mail may have come, until `stop` is set; the body of a thread.

    It is called once after every (re)connection too, for what came while nobody listened. Returns
    at once from a server without IDLE. Errors are not reported here: the poll meets the same
    ones and tells.
    """
    wait_s = _BACK_OFF_S[0]
    while not stop.is_set():
        try:
            client = imap.opened(box, conf)
            try:
                if not client.has_capability("IDLE"):
                    return
                client.select_folder(box.folder, readonly=True)
                on_mail()
                wait_s = _BACK_OFF_S[0]
                while _listen(client, on_mail, stop):
                    pass
            finally:
                imap.close(client)
        except PermanentError:  # the next try is as hopeless; a server may lock the account
            wait_s = _BACK_OFF_S[1]
        # Whatever else went wrong, all there is to do is to connect again.
        except Exception:  # noqa: BLE001, S110
            pass
        if stop.wait(wait_s):
            return
        wait_s = min(wait_s * 2, _BACK_OFF_S[1])


def _listen(client: IMAPClient, on_mail: Callable[[], None], stop: threading.Event) -> bool:
    """Listen until it is time to renew; False when the connection is of no more use."""
    client.idle()
    renew_at = time.monotonic() + _RENEW_S
    while not stop.is_set() and time.monotonic() < renew_at:
        asked_at = time.monotonic()
        heard = client.idle_check(timeout=_LOOK_S)
        if not heard and time.monotonic() - asked_at < _LOOK_S / 2:
            return False  # readable and yet nothing to read: the other side hung up
        if any(line and line[0] == b"BYE" for line in heard):
            return False
        if any(len(line) > 1 and line[1] in {b"EXISTS", b"RECENT"} for line in heard):
            on_mail()
    if stop.is_set():
        return False  # without DONE: its answer could be waited for for ever
    client.idle_done()
    return True
