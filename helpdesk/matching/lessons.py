"""Gather queries to train the matcher on, and who was meant where people said so."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from zlib import crc32

from sqlalchemy import select
from sqlalchemy.orm import Session

from helpdesk.errors import InvalidError
from helpdesk.identity.types import Field
from helpdesk.matching import choices
from helpdesk.matching.models import ClaimRow, FactRow, SecondLook
from helpdesk.matching.stated import query_of
from helpdesk.matching.types import Query, Verdict
from helpdesk.rows import among

_BATCH = 500  # tickets asked for at once


@dataclass(frozen=True, slots=True)
class Lesson:
    """One query, and what is known of whom it means.

    Attributes:
        key: queries of one ticket share it; what is held back is chosen by it.
        query: the facts.
        meant: numbers of the person meant, empty for nobody registered, None where nobody said.
        kind: "member", or what kind of non-member; "" where nobody said.
        weight: how many queries it stands for among those that were answered.
    """

    key: int
    query: Query
    meant: frozenset[str] | None
    kind: str = ""
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class _Asked:
    """A claim of a ticket before it is known what it stands for.

    `verdict` is the matcher's; one that was looked at blindly was a match, whatever it says since
    somebody disagreed.
    """

    lesson: Lesson
    verdict: str


def of_tickets(session: Session, told: Mapping[int, str]) -> list[Lesson]:
    """Return what tickets claimed, with what agents decided.

    What an agent judged without seeing the matcher's verdict counts before a choice, a choice
    before what was sent. Agents look at what the matcher was unsure of more often than at what it
    was sure of; each answer is weighed by how rarely its like is answered.

    Args:
        session: for reading.
        told: a number that was disclosed to somebody who asked for their own, by ticket.
    """
    found: list[_Asked] = []
    ids = list(session.scalars(select(ClaimRow.ticket_id).distinct().order_by(ClaimRow.ticket_id)))
    for start in range(0, len(ids), _BATCH):
        found += _of_batch(session, ids[start : start + _BATCH], told)
    return list(_weighed(found))


def of_lines(
    queries: Iterable[Mapping[str, Any]], answers: Iterable[Mapping[str, Any]]
) -> list[Lesson]:
    """Return labelled queries as `helpdesk registry synthesize --queries` writes them.

    Raises:
        InvalidError: a line has no id, or an answer no numbers.
    """
    try:
        meant = {str(each["id"]): each for each in answers}
        return [_of_line(each, meant.get(str(each["id"]))) for each in queries]
    except (KeyError, TypeError, ValueError) as error:
        msg = "a line is no query or answer as `helpdesk registry synthesize --queries` writes it"
        raise InvalidError(msg) from error


def _of_line(line: Mapping[str, Any], answer: Mapping[str, Any] | None) -> Lesson:
    return Lesson(
        key=crc32(str(line["id"]).encode()),
        query=query_of({field: str(line.get(field) or "") for field in Field}),
        meant=None if answer is None else frozenset(map(str, answer["kpjs"])),
        kind="" if answer is None else str(answer["kind"]),
    )


def _of_batch(
    session: Session, ticket_ids: Collection[int], told: Mapping[int, str]
) -> Iterator[_Asked]:
    claims = session.execute(
        select(ClaimRow.id, ClaimRow.ticket_id, ClaimRow.position, ClaimRow.verdict)
        .where(among(ClaimRow.ticket_id, ticket_ids))
        .order_by(ClaimRow.id)
    ).all()
    stated: dict[int, dict[Field, str]] = defaultdict(dict)
    facts = session.execute(
        select(FactRow.claim_id, FactRow.field, FactRow.value)
        .join(ClaimRow, ClaimRow.id == FactRow.claim_id)
        .where(among(ClaimRow.ticket_id, ticket_ids))
    )
    for claim_id, field, value in facts:
        stated[claim_id][field] = value
    said = {where: one.kpj for where, one in choices.newest(session, ticket_ids).items()}
    looked = _looked(session, ticket_ids)
    alone = Counter(row.ticket_id for row in claims)
    for row in claims:
        where = row.ticket_id, row.position
        kpj = looked.get(where, said.get(where))
        if kpj is None and alone[row.ticket_id] == 1:  # else nobody knows which claim it was
            kpj = told.get(row.ticket_id)
        lesson = Lesson(row.ticket_id, query_of(stated[row.id]), _meant(kpj), _kind(kpj))
        if lesson.query != Query():
            yield _Asked(lesson, Verdict.MATCH if where in looked else row.verdict or "")


def _looked(session: Session, ticket_ids: Collection[int]) -> dict[tuple[int, int], str]:
    """Return what second looks said, by ticket and position: a KPJ, or "" for nobody."""
    looks = session.execute(
        select(SecondLook.ticket_id, SecondLook.position, SecondLook.chosen_kpj).where(
            among(SecondLook.ticket_id, ticket_ids), SecondLook.chosen_kpj.is_not(None)
        )
    )
    return {(ticket_id, position): kpj or "" for ticket_id, position, kpj in looks}


def _weighed(found: list[_Asked]) -> Iterator[Lesson]:
    every = Counter(each.verdict for each in found)
    answered = Counter(each.verdict for each in found if each.lesson.meant is not None)
    for each in found:
        rarely = every[each.verdict] / max(answered[each.verdict], 1)
        yield replace(each.lesson, weight=rarely)


def _meant(kpj: str | None) -> frozenset[str] | None:
    return None if kpj is None else frozenset({kpj} if kpj else ())


def _kind(kpj: str | None) -> str:
    return "" if kpj is None else "member" if kpj else "nobody"
