"""A peer that is ready to be asked."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Built:
    """How long it took, and what answers a query line with a line as `helpdesk match` does."""

    build_s: float
    answer: Callable[[dict[str, Any]], dict[str, Any]]
