"""The one place that reads the time of day."""

import datetime as dt


def now() -> dt.datetime:
    """Return the current time, aware and in UTC."""
    return dt.datetime.now(tz=dt.UTC)
