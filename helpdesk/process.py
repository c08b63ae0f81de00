"""This process: its name where jobs and leases are held, whether another lives, its garbage."""

import gc
import os
import socket


def name() -> str:
    """Return `host:pid` of this process."""
    return f"{socket.gethostname()}:{os.getpid()}"


def settle() -> None:
    """Spare this process, once it is wired, from looking for garbage among what stays anyway."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def is_dead(holder: str) -> bool:
    """Tell whether a process of this machine, named as `name` names it, is gone for certain.

    False for other machines, and for a number that another program has by now: a lease that
    cannot be ended early ends by itself.
    """
    host, _, pid = holder.rpartition(":")
    if host != socket.gethostname() or not pid.isdecimal():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        return False
    return False
