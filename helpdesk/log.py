"""Logging to standard error, with long digit runs and addresses covered."""

import logging
import re
import sys

_COVERED = re.compile(r"\d[\d .\-]{8,}\d|[^\s<>\"'@]+@[^\s<>\"'@]+")


class _Cover(logging.Filter):
    """Replace what looks like a NIK, a KPJ, a phone number or an e-mail address.

    A net under the rule that personal data is never logged, not a licence to log it.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = _COVERED.sub("[covered]", record.getMessage())
        record.args = None
        return True


def configure(level: str = "INFO") -> None:
    """Send log records of `level` and above to standard error, one line each."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    handler.addFilter(_Cover())
    logging.basicConfig(level=level, handlers=[handler], force=True)
