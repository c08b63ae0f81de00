"""Checks of the configuration and of everything it names, in words."""

import datetime as dt
import functools
import os
import smtplib
import socket
import ssl
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import bindparam, func, select, text
from sqlalchemy.exc import SQLAlchemyError

from helpdesk import broker, clock, migrations, process
from helpdesk.db import Database, explain
from helpdesk.errors import HelpdeskError, describe
from helpdesk.ingest import hooks, imap
from helpdesk.outbox import api
from helpdesk.photos import engine
from helpdesk.registry import keys, serving
from helpdesk.registry.models import GenerationState, ImportKind, RegistryImport
from helpdesk.replies.house import open_house
from helpdesk.settings import Direct, Ingest, Mailbox, Settings, Smtp
from helpdesk.tickets.kinds import Channel, Direction
from helpdesk.tickets.models import Message

_CLOCK_TOLERANCE_S = 5.0
_SILENT = dt.timedelta(minutes=2)  # of an import that says every second that it lives
_MAILS = 1_000  # looked at for forged headers
_BUILDING = select(RegistryImport.holder, RegistryImport.started_at, RegistryImport.beat_at).where(
    RegistryImport.state == GenerationState.BUILDING
)
# A rebuild makes keys anew of what was imported before it.
_IMPORTED = select(func.max(RegistryImport.started_at)).where(
    RegistryImport.id <= bindparam("newest"),
    RegistryImport.kind != ImportKind.REBUILD,
    RegistryImport.served_at.is_not(None),
)
_SUSPICIOUS = frozenset({"doubled", "below_foreign_received"})


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: `ok`, and what was found or what to do about it."""

    name: str
    ok: bool
    text: str


def examine(settings: Settings, database: Database) -> Iterator[Check]:
    """Yield one check after another; a failing one never stops the rest."""
    yield _check("data folder", lambda: _data_folder(settings))
    yield _check("database", lambda: _database(database))
    yield _check("clock", lambda: _clock(database))
    yield _check("broker", lambda: _broker(settings))
    yield _check("policy and macros", lambda: _policy(settings))
    if not settings.mailbox:
        yield Check(
            "mailbox", ok=False, text="none is configured; add [[mailbox]] to the settings"
        )
    for box in settings.mailbox:
        yield _check(f"mailbox {box.name}", functools.partial(_mailbox, box, settings.ingest))
    yield _check("SMTP", lambda: _smtp(settings))
    for channel in Channel:
        conf = settings.direct(channel.value) if channel.is_direct else Direct()
        if conf.send == "api":
            yield _check(f"{channel} API", functools.partial(_api, channel, conf))
        if conf.webhook:
            yield _check(f"{channel} webhook", functools.partial(_webhook, channel, conf))
    yield _check("photos", lambda: _photos(settings))
    yield _check("sender authentication", lambda: _authserv(settings, database))
    yield _check("registry", lambda: _registry(settings, database))


def _check(name: str, look: Callable[[], str]) -> Check:
    try:
        return Check(name, ok=True, text=look())
    except HelpdeskError as error:
        return Check(name, ok=False, text=str(error).removeprefix(f"{name}: "))
    except Exception as error:  # noqa: BLE001 - whatever it is, the person asked what is wrong
        return Check(name, ok=False, text=describe(error))


def _data_folder(settings: Settings) -> str:
    folder = settings.data_path
    try:
        with tempfile.NamedTemporaryFile(dir=folder) as probe:
            probe.write(b"x")
            os.fsync(probe.fileno())
    except OSError as error:
        msg = f"cannot write to {folder}: {error.strerror}; set HELPDESK_DATA_DIR or its rights"
        raise HelpdeskError(msg) from error
    free_gb = _free_bytes(folder) / 1e9
    if free_gb < 1:
        msg = f"{folder} is writable but has only {free_gb:.1f} GB left"
        raise HelpdeskError(msg)
    return f"{folder} is writable, {free_gb:.0f} GB free"


def _free_bytes(folder: Path) -> int:
    status = os.statvfs(folder)
    return status.f_bavail * status.f_frsize


def _database(database: Database) -> str:
    kind = database.engine.dialect.name
    try:
        current = migrations.is_current(database)
    except SQLAlchemyError as error:
        where = database.engine.url.database if database.is_sqlite else "that the server runs"
        msg = f"{kind} cannot be used ({explain(error)}); check HELPDESK_DATABASE_URL and {where}"
        raise HelpdeskError(msg) from error
    if not current:
        msg = "the tables are missing or old; run: helpdesk db upgrade"
        raise HelpdeskError(msg)
    return f"{kind} answers, tables are current"


def _clock(database: Database) -> str:
    if database.is_sqlite:
        return f"this machine says {clock.now():%Y-%m-%d %H:%M:%S} UTC"
    try:
        with database.reading() as session:
            theirs = session.scalar(text("SELECT clock_timestamp()"))
    except SQLAlchemyError:
        theirs = None
    if not isinstance(theirs, dt.datetime):
        msg = "cannot be compared with the database, which did not tell its time"
        raise HelpdeskError(msg)
    apart_s = abs((clock.now() - theirs).total_seconds())
    if apart_s > _CLOCK_TOLERANCE_S:
        msg = f"this machine and the database are {apart_s:.0f} s apart; set up NTP on both"
        raise HelpdeskError(msg)
    return f"agrees with the database within {apart_s:.1f} s"


def _broker(settings: Settings) -> str:
    kind = settings.broker.partition(":")[0]
    try:
        broker.reach(settings)
    except Exception as error:
        msg = f"{kind} does not answer ({type(error).__name__}); check HELPDESK_BROKER_URL. "
        msg += "Jobs are safe meanwhile, but wait for it"
        raise HelpdeskError(msg) from error
    return f"{kind} answers"


def _registry(settings: Settings, database: Database) -> str:
    """Say what serves; fail on what somebody has to do something about, the most urgent first."""
    now = clock.now()
    try:
        with database.reading() as session:
            serves = serving.current(session)
            building = session.execute(_BUILDING).first()
            imported_at = session.scalar(_IMPORTED, {"newest": serves.id if serves else 0})
    except SQLAlchemyError as error:
        msg = "cannot be read; see what is said of the database"
        raise HelpdeskError(msg) from error
    if building is not None and (
        process.is_dead(building.holder) or now - building.beat_at > _SILENT
    ):
        msg = f"an import begun {_ago(now, building.started_at)} does not go on; run it again: "
        msg += "it takes up where it stopped"
        raise HelpdeskError(msg)
    if serves is None:
        msg = "there is none, so nobody is found; run: helpdesk registry import FILE"
        raise HelpdeskError(msg)
    told = f"{serves.rows} records of {serves.persons} people"
    told += f", imported {_ago(now, imported_at)}" if imported_at else ""
    if imported_at and now - imported_at > dt.timedelta(days=settings.registry.stale_days):
        msg = f"{told}; ask for a newer file (registry.stale_days)"
        raise HelpdeskError(msg)
    if serves.key_version < keys.VERSION:
        msg = f"{told}; its keys are of version {serves.key_version}, and this program makes "
        msg += f"{keys.VERSION}: a worker makes them anew, or run: helpdesk registry rebuild"
        raise HelpdeskError(msg)
    return f"{told}, keys are current" + ("; another import is under way" if building else "")


def _ago(now: dt.datetime, then: dt.datetime) -> str:
    days = (now - then).days
    return "today" if days < 1 else f"{days} day{'s' * (days > 1)} ago"


def _policy(settings: Settings) -> str:
    open_house(settings)
    return f"{settings.policy_file} and all macros can be used"


def _mailbox(box: Mailbox, conf: Ingest) -> str:
    with imap.connected(box, conf) as connection:
        folder = connection.select(readonly=True)
    return f"{box.host} accepts the login; {box.folder} holds {folder.exists} mails"


def _smtp(settings: Settings) -> str:
    conf = settings.smtp
    if not conf.host:
        msg = "no server is configured (smtp.host); approved replies wait until there is one"
        raise HelpdeskError(msg)
    where = f"{conf.host}:{conf.port}"
    try:
        _greet(conf)
    except ssl.SSLCertVerificationError as error:
        msg = f"{where}: the certificate is not accepted ({error.verify_message})"
        raise HelpdeskError(msg) from error
    except (smtplib.SMTPException, OSError) as error:
        raise HelpdeskError(f"{where}: {_smtp_words(error)}") from error
    return f"{where} answers" + (" and accepts the login" if conf.username else "")


def _greet(conf: Smtp) -> None:
    try:
        context = ssl.create_default_context(cafile=conf.ca_file or None)
    except OSError as error:
        msg = f"smtp.ca_file: {conf.ca_file} cannot be read as certificates"
        raise HelpdeskError(msg) from error
    made = (
        smtplib.SMTP_SSL(conf.host, conf.port, timeout=conf.timeout_s, context=context)
        if conf.security == "tls"
        else smtplib.SMTP(conf.host, conf.port, timeout=conf.timeout_s)
    )
    with made as server:
        if conf.security == "starttls":
            server.starttls(context=context)
        if conf.username:
            server.login(conf.username, conf.password)
        server.noop()


def _smtp_words(error: OSError) -> str:
    check = "check smtp.host, smtp.port and smtp.security"
    known: tuple[tuple[type[Exception], str], ...] = (  # the more exact ones first
        (smtplib.SMTPAuthenticationError, "user name or password is refused"),
        (smtplib.SMTPNotSupportedError, f"does not offer what is asked for; {check}"),
        (smtplib.SMTPException, f"gave no usable answer ({type(error).__name__}); {check}"),
        (socket.gaierror, "the server name is not known"),
        (ConnectionRefusedError, f"nothing listens there; {check}"),
        (TimeoutError, f"did not answer in time; {check}"),
        (ssl.SSLError, f"does not speak TLS there; {check}"),
    )
    other = f"cannot be reached ({error.strerror or type(error).__name__}); {check}"
    return next((words for kind, words in known if isinstance(error, kind)), other)


def _api(channel: Channel, conf: Direct) -> str:
    """Look at the settings only: the platforms have no request that does nothing."""
    if channel is Channel.OTHER:
        msg = 'there is none for other services; set send = "hand_over"'
        raise HelpdeskError(msg)
    problem = api.unusable(conf)
    if problem:
        msg = f"{problem}; approved replies wait until that is set right"
        raise HelpdeskError(msg)
    return f"replies leave through {conf.api_url}; whether the token holds shows when one does"


def _webhook(channel: Channel, conf: Direct) -> str:
    if channel not in hooks.CHANNELS:
        msg = "there is none for this channel; set webhook = false"
        raise HelpdeskError(msg)
    missing = [name for name in ("app_secret", "verify_token") if not getattr(conf, name)]
    if missing:
        msg = f"{' and '.join(missing)} not set: everything that comes is refused"
        raise HelpdeskError(msg)
    return f"what {channel} signs is taken at /hooks/{channel}"


def _photos(settings: Settings) -> str:
    if settings.identity.photos == "off":
        return "photos of identity cards are not read: identity.photos is off"
    if not engine.available():
        return f"photos of identity cards wait: nothing here reads them; run: {engine.INSTALL}"
    if not engine.works():
        msg = f"the reader of photos is installed but does not start; run: {engine.INSTALL}"
        raise HelpdeskError(msg)
    return "photos of identity cards are read: the reader is installed, its libraries load"


def _authserv(settings: Settings, database: Database) -> str:
    if not settings.authserv_id:
        msg = "authserv_id is not set: no sender counts as authenticated, so every disclosure "
        msg += "needs a supervisor"
        raise HelpdeskError(msg)
    forged, looked = _forged(database)
    name = settings.authserv_id
    if forged:
        msg = (
            f"{forged} of the newest {looked} mails came with a header in the name of {name} that "
        )
        msg += "is not its own: have the mail server remove such headers from what comes in "
        msg += "(RFC 8601 section 5), or strangers can vouch for themselves"
        raise HelpdeskError(msg)
    return (
        f"headers of {name} are believed; it must remove those in its name from what comes in, "
        f"and none was found in the newest {looked} mails"
    )


def _forged(database: Database) -> tuple[int, int]:
    """Count the newest mails that had a field of our server where strangers put one."""
    newest = (
        select(Message.authenticity)
        .where(Message.direction == Direction.INBOUND)
        .order_by(Message.id.desc())
        .limit(_MAILS)
    )
    try:
        with database.reading() as session:
            found = session.scalars(newest).all()
    except SQLAlchemyError:  # told already
        return 0, 0
    return sum(each in _SUSPICIOUS for each in found), len(found)
