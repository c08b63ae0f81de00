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
    """Send our records of `level` and above, and others' warnings, to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    handler.addFilter(_Cover())
    logging.basicConfig(level="WARNING", handlers=[handler], force=True)
    for ours in ("helpdesk", "workers"):
        logging.getLogger(ours).setLevel(level)
