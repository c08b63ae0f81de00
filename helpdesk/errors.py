"""The error tree: what went wrong, in terms a caller can act on."""

import traceback


class HelpdeskError(Exception):
    """Base of every error this product raises on purpose. Its text is shown to people."""


class SettingsError(HelpdeskError):
    """A setting is unknown, missing or has a value that cannot be used."""


class NotFoundError(HelpdeskError):
    """The thing asked for does not exist."""


class ConflictError(HelpdeskError):
    """Somebody else changed the thing first, or its state does not allow this."""


class ForbiddenError(HelpdeskError):
    """This person may not do this."""


class InvalidError(HelpdeskError):
    """What a person entered cannot be accepted; the text says what to enter instead."""


class TransientError(HelpdeskError):
    """It failed for now; the same call may succeed later."""


class PermanentError(HelpdeskError):
    """It failed and will fail again; a person has to look."""


def describe(error: BaseException) -> str:
    """Name an error and the line it came from, without its text.

    An exception's text can quote what was being processed, so it never goes to a log or a row;
    only the errors of this tree are written to be read, and they carry no personal data.
    """
    name = type(error).__name__
    if isinstance(error, HelpdeskError):
        return f"{name}: {error}"
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "/helpdesk/" in frame.filename] or frames
    # Every statement passes through these two; the line that asked for it says more.
    passed = ("/helpdesk/db.py", "/helpdesk/rows.py")
    ours = [frame for frame in ours if not frame.filename.endswith(passed)] or ours
    if not ours:
        return name
    where = ours[-1].filename.rpartition("/helpdesk/")[2]
    return f"{name} at {where}:{ours[-1].lineno}"
