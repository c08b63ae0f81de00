"""What each job does: the shells that workers and the command line share.

A batch is read and computed outside any write transaction, then written in one; should that fail,
each job of the batch is tried alone, so that one bad message never holds up its neighbours.
"""

import datetime as dt
import hmac
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import msgspec

from helpdesk import clock, importing, jobs, looking, process, registering
from helpdesk.accounts import audit, sessions, users
from helpdesk.blobs import BlobStore
from helpdesk.db import Database, Transaction
from helpdesk.errors import ConflictError, HelpdeskError, PermanentError, describe
from helpdesk.ingest import files, hook_filing, hooks, imports, mailbox, rates
from helpdesk.ingest import service as ingest_service
from helpdesk.jobs import Claimed, Job, JobState
from helpdesk.matching import corrections, second_look
from helpdesk.matching import service as matching_service
from helpdesk.outbox import api, smtp
from helpdesk.outbox import parts as outbox_parts
from helpdesk.outbox import service as outbox_service
from helpdesk.outbox.api import OutgoingParts
from helpdesk.outbox.smtp import Outgoing
from helpdesk.outbox.states import Outcome
from helpdesk.replies import service as replies_service
from helpdesk.replies.house import House, open_house
from helpdesk.settings import Mailbox, Settings

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Plant:
    """Everything a job needs besides its id."""

    settings: Settings
    database: Database
    blobs: BlobStore
    house: House


def open_plant(settings: Settings, database: Database) -> Plant:
    """Read the policy and the macros once and put the tools of all jobs together."""
    plant = Plant(
        settings=settings,
        database=database,
        blobs=BlobStore(settings.blob_path),
        house=open_house(settings),
    )
    process.settle()
    return plant


def drain(plant: Plant, job: Job, *, for_s: float = 20.0) -> int:
    """Run due jobs of one kind until none is left or the time is up; returns how many ended."""
    ended, until = 0, time.monotonic() + for_s
    # These take as long as they take: the leases of those behind them would end.
    limit = 1 if job in {Job.IMPORT, Job.PHOTO, Job.REKEY} else plant.settings.worker.batch
    while time.monotonic() < until:
        with plant.database.transaction() as tx:
            claimed = jobs.claim(tx.session, job, limit=limit, now=clock.now())
        if not claimed:
            break
        ended += _run(plant, job, claimed)
    else:
        plant.database.announce([(job, 0)])  # more to do: let any worker go on
    return ended


def work_off(plant: Plant) -> int:
    """Run every due job of the inbound path until none is left; returns how many ended."""
    total = 0
    while True:
        ended = sum(drain(plant, job, for_s=3600) for job in _INBOUND)
        if not ended:
            return total
        total += ended


def poll(plant: Plant, index: int, *, now: bool = False) -> mailbox.PollReport:
    """Read one configured mailbox, by its place in the settings; `now`: even one that rests."""
    box = plant.settings.mailbox[index]
    return mailbox.poll(
        plant.database,
        box,
        plant.settings.ingest,
        plant.blobs,
        holder=process.name(),
        fingerprint=None if now else _fingerprint(box, plant.settings.secret_key),
    )


def _fingerprint(box: Mailbox, secret: str) -> str:
    """Tell these settings from changed ones; keyed, for there is a password among them."""
    return hmac.digest(secret.encode(), msgspec.json.encode(box), "sha256").hex()


@dataclass(frozen=True, slots=True)
class FilesReport:
    """What came of reading files: messages stored, known before, and one line per bad path."""

    stored: int
    known: int
    problems: tuple[str, ...]

    @property
    def text(self) -> str:
        return f"{self.stored} new, {self.known} known already"


def store_files(plant: Plant, paths: Sequence[Path]) -> FilesReport:
    """Store every message of these .eml, mbox or Maildir paths, a batch at a time."""
    stored = seen = 0
    problems = []
    with plant.database.transaction() as tx:
        mailbox_id = ingest_service.mailbox_id(tx.session, ingest_service.FILES)
    for path in paths:
        try:
            found = files.read(path)
            while batch := list(islice(found, plant.settings.worker.batch)):
                stored += _store_batch(plant, mailbox_id, batch)
                seen += len(batch)
        except HelpdeskError as error:
            problems.append(f"{path}: {error}")
    return FilesReport(stored, seen - stored, tuple(problems))


def _store_batch(plant: Plant, mailbox_id: int, batch: Sequence[files.FoundFile]) -> int:
    now = clock.now()
    items = [files.to_store(found, plant.blobs, now) for found in batch]
    with plant.database.transaction() as tx:
        new = ingest_service.store(tx.session, mailbox_id, items, now)
        jobs.enqueue(tx, Job.RECEIVE, new, now=now)
    return len(new)


def sweep(plant: Plant) -> None:
    """Do what a crash or a lost announcement left undone."""
    now = clock.now()
    with plant.database.transaction() as tx:
        jobs.release_dead(tx.session, now=now)
        for claimed in jobs.park_exhausted(tx.session, now=now):
            _parked(tx, claimed, "the worker died three times")
        outbox_service.expire_sending(tx.session, now=now)
        jobs.enqueue(tx, Job.SEND, outbox_service.overdue(tx.session, now=now), now=now)
        looking.enqueue(tx, plant.settings)
        registering.notice(tx, plant.settings)
        tx.hints.extend(jobs.waiting(tx.session, now=now))


def tidy(plant: Plant) -> None:
    """Forget ended sessions, old failed logins, old uses of the public form and corrections.

    Where corrections are not to be kept any more, none is.
    """
    now, identity = clock.now(), plant.settings.identity
    days = min(identity.keep_corrections_days, 36_500) if identity.keep_corrections else 0
    kept = dt.timedelta(days=days)
    with plant.database.transaction() as tx:
        limits = sessions.limits(plant.settings.web)
        sessions.forget_expired(tx.session, limits, now=now)
        users.forget_attempts(tx.session, now=now)
        rates.forget(tx.session, now)
        corrections.forget(tx.session, before=now - kept)


def anchor(plant: Plant) -> None:
    """Note the end of the audit trail in a file, so that a shortened trail can be told."""
    with plant.database.reading() as session:
        end = audit.anchor(session)
    with _anchor_file(plant.settings).open("a", encoding="ascii") as out:
        out.write(audit.format_anchor(clock.now(), end))


def verify_audit(database: Database, settings: Settings) -> audit.Broken | None:
    """Check the audit trail against itself and against the ends noted before."""
    file = _anchor_file(settings)
    noted = file.read_text(encoding="ascii").splitlines() if file.exists() else []
    with database.reading() as session:
        return audit.verify(
            session, audit.key_from(settings.secret_key), audit.read_anchors(noted)
        )


def _anchor_file(settings: Settings) -> Path:
    return settings.data_path / "audit.head"


def _run(plant: Plant, job: Job, claimed: Sequence[Claimed]) -> int:
    handler = _HANDLERS[job]
    try:
        handler(plant, claimed)
    except Exception as error:  # noqa: BLE001 - this is the shell: recorded, then a person sees it
        if len(claimed) > 1:
            return sum(_run(plant, job, [each]) for each in claimed)
        _failed(plant, claimed[0], error)
        return 0
    return len(claimed)


def _failed(plant: Plant, claimed: Claimed, error: Exception) -> None:
    problem = describe(error)
    _log.warning("%s %d failed: %s", claimed.job, claimed.subject_id, problem)
    retry = not isinstance(error, PermanentError)
    with plant.database.transaction() as tx:
        state = jobs.fail(tx.session, claimed, error=problem, retry=retry, now=clock.now())
        if state is JobState.PARKED:
            _parked(tx, claimed, problem)


def _parked(tx: Transaction, claimed: Claimed, problem: str) -> None:
    if claimed.job is Job.RECEIVE:
        ingest_service.give_up(tx.session, claimed.subject_id, problem, now=clock.now())
    if claimed.job is Job.IMPORT:
        imports.fail(tx.session, claimed.subject_id, problem, clock.now())


def _finish(tx: Transaction, claimed: Sequence[Claimed]) -> None:
    if not jobs.finish(tx.session, claimed):
        msg = "another worker took the job over"
        raise ConflictError(msg)


def _receive(plant: Plant, claimed: Sequence[Claimed]) -> None:
    conf = ingest_service.receive_config(plant.settings)
    raw_ids = [each.subject_id for each in claimed]
    with plant.database.reading() as session:
        hooked = hook_filing.of_hooks(session, raw_ids)
        mails = [each for each in raw_ids if each not in hooked]
        ready = ingest_service.read(session, plant.blobs, mails, conf)
        folder = plant.settings.data_path / "tmp"
        ours = {each: plant.settings.direct(each.value).account_id for each in hooks.CHANNELS}
        told = hook_filing.read(session, plant.blobs, hooked, ours, folder) if hooked else None
    now = clock.now()
    with plant.database.transaction() as tx:
        filed = ingest_service.file(tx.session, ready, now=now)
        tickets = dict.fromkeys(each.ticket_id for each in filed if each.ticket_id is not None)
        if told is not None:
            rules = imports.rules(plant.settings)
            heard = hook_filing.file(tx.session, plant.blobs, told, rules, now)
            tickets |= dict.fromkeys(sorted(heard))
        jobs.enqueue(tx, Job.MATCH, list(tickets), now=now)
        if told is not None or any(each.attachments for each in ready):
            looking.enqueue(tx, plant.settings)
        _finish(tx, claimed)


def _match(plant: Plant, claimed: Sequence[Claimed]) -> None:
    ticket_ids = [each.subject_id for each in claimed]
    now, limits = clock.now(), plant.house.policy.matching.thresholds
    with plant.database.reading() as session:
        assessed = matching_service.assess(session, ticket_ids, today=now.date(), limits=limits)
    with plant.database.transaction() as tx:
        assessed = matching_service.renewed(tx.session, assessed, today=now.date(), limits=limits)
        share = plant.house.policy.matching.second_look
        second_look.save(tx.session, assessed, share=share, dice=registering.roll, now=now)
        jobs.enqueue(tx, Job.DRAFT, ticket_ids, now=now)
        _finish(tx, claimed)


def _draft(plant: Plant, claimed: Sequence[Claimed]) -> None:
    now = clock.now()
    with plant.database.reading() as session:
        ready = replies_service.prepare(
            session, [each.subject_id for each in claimed], plant.house, now=now
        )
    with plant.database.transaction() as tx:
        ready = replies_service.renewed(tx.session, ready, plant.house, now=now)
        replies_service.save(tx.session, ready, now=now)
        _finish(tx, claimed)


def _import(plant: Plant, claimed: Sequence[Claimed]) -> None:
    for each in claimed:
        importing.run(plant, each)


def _photo(plant: Plant, claimed: Sequence[Claimed]) -> None:
    looking.run(plant, claimed)


def _send(plant: Plant, claimed: Sequence[Claimed]) -> None:
    for each in claimed:
        _send_one(plant, each)


def _send_one(plant: Plant, claimed: Claimed) -> None:
    with plant.database.transaction() as tx:
        outgoing = _begin(tx, plant, claimed.subject_id)
        if outgoing is None:
            _finish(tx, [claimed])
    if outgoing is None:
        return
    outcome = _transmit(plant, outgoing)
    now = clock.now()
    with plant.database.transaction() as tx:
        again_in_s = outbox_service.record(
            tx.session, claimed.subject_id, outcome, now=now, conf=plant.settings.outbox
        )
        # Whoever has the job now, the server's answer is kept: the delivery is the truth here.
        jobs.finish(tx.session, [claimed])
        if again_in_s is not None:
            jobs.enqueue(tx, Job.SEND, [claimed.subject_id], now=now, delay_s=again_in_s)
        _note(tx, plant, "delivery.send", claimed.subject_id, what=outcome.kind.value)


def _begin(tx: Transaction, plant: Plant, delivery_id: int) -> Outgoing | OutgoingParts | None:
    now = clock.now()
    if not outbox_service.may_begin(tx.session, delivery_id, now=now):
        return None
    if not replies_service.still_valid(tx.session, delivery_id):
        why = "the reply or the records behind it changed after the approval"
        outbox_service.spoil(tx.session, delivery_id, why, now=now)
        _note(tx, plant, "delivery.stop", delivery_id)
        return None
    by_mail = outbox_service.begin(tx.session, plant.blobs, delivery_id, now=now)
    outgoing = by_mail or outbox_parts.begin(tx.session, plant.blobs, delivery_id, now=now)
    if outgoing is None:
        _note(tx, plant, "delivery.stop", delivery_id)
    return outgoing


def _transmit(plant: Plant, outgoing: Outgoing | OutgoingParts) -> Outcome:
    if isinstance(outgoing, Outgoing):
        return smtp.send(outgoing, plant.settings.smtp)

    def on_accepted(part: int, remote_id: str) -> bool:
        with plant.database.transaction() as tx:
            return outbox_parts.accepted(
                tx.session,
                outgoing.delivery_id,
                outgoing.attempt,
                part,
                remote_id,
                now=clock.now(),
            )

    conf = plant.settings.direct(outgoing.channel.value)
    return api.send(outgoing, conf, on_accepted, clock.now)


def _note(tx: Transaction, plant: Plant, action: str, delivery_id: int, **detail: str) -> None:
    """Add a line to the trail: what left the house, and what was kept from leaving."""
    key = audit.key_from(plant.settings.secret_key)
    entry = audit.Entry(action, "delivery", delivery_id, detail)
    audit.record_all(tx.session, [entry], key=key, now=clock.now(), agent_id=None)


_HANDLERS: dict[Job, Callable[[Plant, Sequence[Claimed]], None]] = {
    Job.RECEIVE: _receive,
    Job.MATCH: _match,
    Job.DRAFT: _draft,
    Job.SEND: _send,
    Job.IMPORT: _import,
    Job.PHOTO: _photo,
    Job.REMATCH: registering.match_again,
    Job.REKEY: registering.make_keys,
}
_INBOUND = (Job.RECEIVE, Job.PHOTO, Job.MATCH, Job.DRAFT)
