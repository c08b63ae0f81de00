"""How far agents agree with the probabilities they saw, or did not see."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.matching.evaluation import Bin, Outcome, measure
from helpdesk.matching.models import ChoiceRow, SecondLook


def by_choices(session: Session) -> tuple[Bin, ...]:
    """Return how often agents chose the best person, by the probability they were shown.

    Agents choose where they doubt, so these lie below what is true of all.
    """
    rows = session.execute(
        select(ChoiceRow.probability, ChoiceRow.kpj == ChoiceRow.best_kpj).where(
            ChoiceRow.best_kpj != ""
        )
    )
    return _bins((row[0], bool(row[1])) for row in rows)


def by_looks(session: Session) -> tuple[Bin, ...]:
    """Return how often second looks found the person matched, by the probability unseen."""
    rows = session.execute(
        select(SecondLook.probability, SecondLook.chosen_kpj == SecondLook.kpj).where(
            SecondLook.looked_at.is_not(None)
        )
    )
    return _bins((row[0], bool(row[1])) for row in rows)


def _bins(judged: Iterable[tuple[float, bool]]) -> tuple[Bin, ...]:
    outcomes = [
        Outcome(pattern="", kind="member", rank=int(right), probability=probability)
        for probability, right in judged
    ]
    return measure(outcomes).reliability if outcomes else ()
