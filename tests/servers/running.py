"""Start a server as a process of its own, wait until it greets, and end it whatever happens."""

import contextlib
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

_START_S = 20.0
_STOP_S = 10.0


@contextmanager
def running(
    command: Sequence[str],
    *,
    port: int,
    greeting: bytes,
    said: Callable[[], str] = lambda: "nothing",
    **options: Any,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server until the block ends.

    Args:
        command: what to run.
        port: of 127.0.0.1, where it is going to listen.
        greeting: the first bytes it says there.
        said: what it wrote, for the error when it does not start.
        options: as `subprocess.Popen` takes them.
    """
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        **options,
    )
    try:
        _wait(process, port, greeting, said)
        yield process
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_STOP_S)
        process.kill()
        process.wait()


def _wait(
    process: subprocess.Popen[bytes], port: int, greeting: bytes, said: Callable[[], str]
) -> None:
    deadline = time.monotonic() + _START_S
    while process.poll() is None and time.monotonic() < deadline:
        with (
            contextlib.suppress(OSError),
            socket.create_connection(("127.0.0.1", port), timeout=5) as probe,
        ):
            if probe.recv(len(greeting)) == greeting:
                return
        time.sleep(0.05)
    msg = f"the server did not start; it said: {said()}"
    raise RuntimeError(msg)
