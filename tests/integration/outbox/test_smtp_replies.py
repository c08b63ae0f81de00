"""A server that answers anything at all."""

import contextlib
import socket
import threading

from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk.outbox import smtp
from helpdesk.outbox.states import OutcomeKind, Phase
from helpdesk.settings import Smtp
from tests.integration.outbox.test_smtp import OUTGOING

lines = st.one_of(
    st.sampled_from([b"220 hello\r\n", b"250 ok\r\n", b"354 go\r\n", b"250-a\r\n250 b\r\n"]),
    st.sampled_from([b"421 bye\r\n", b"451 later\r\n", b"554 no\r\n", b"250-a\r\n", b"\xff\r\n"]),
    st.binary(max_size=20).map(lambda each: each + b"\r\n"),
    st.binary(max_size=8),
)
polite = st.just([b"220 hello\r\n", b"250 ok\r\n", b"250 ok\r\n", b"250 ok\r\n", b"354 go\r\n"])
conversations = st.one_of(
    st.lists(lines, max_size=8),
    st.tuples(polite, st.lists(lines, max_size=3)).map(lambda t: t[0] + t[1]),
)


@settings(deadline=None, max_examples=60)
@given(conversations)
def test_whatever_the_server_says_the_outcome_is_honest(replies: list[bytes]):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        heard: list[bytes] = []
        server = threading.Thread(target=_serve, args=(listener, replies, heard))
        server.start()
        conf = Smtp(
            host="127.0.0.1", port=listener.getsockname()[1], security="none",
            timeout_s=0.1, final_timeout_s=0.1,
        )  # fmt: skip
        outcome = smtp.send(OUTGOING, conf)
        server.join()
    dot_arrived = b"\r\n.\r\n" in b"".join(heard)
    assert not dot_arrived or outcome.phase is Phase.FINAL
    assert (outcome.kind is OutcomeKind.ACCEPTED) <= (outcome.code in range(200, 300))
    assert (outcome.kind is OutcomeKind.NOT_SENT) <= (outcome.phase is not Phase.FINAL)
    assert (outcome.kind is OutcomeKind.UNKNOWN) <= (outcome.phase is Phase.FINAL)


def _serve(listener: socket.socket, replies: list[bytes], heard: list[bytes]) -> None:
    """Say the first reply at once and one more after each thing heard, then hang up."""
    listener.settimeout(5)
    with contextlib.suppress(OSError), listener.accept()[0] as connection:
        connection.settimeout(1)
        for reply in replies:
            connection.sendall(reply)
            heard.append(connection.recv(65_536))
