"""Every setting, from config/helpdesk.toml and the environment; the only reader of the latter.

A setting `key` of section `[section]` is overridden by `HELPDESK_SECTION_KEY`, a top-level one by
`HELPDESK_KEY`; a mailbox's by `HELPDESK_MAILBOX_<NAME>_KEY`. With `_FILE` appended the value is
read from the file named, as container platforms hand over secrets.
"""

import os
import secrets
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec import Meta, Struct

from helpdesk.errors import SettingsError

PREFIX = "HELPDESK_"
_MIN_KEY = 32  # characters; who can guess it can forge the trail and the tokens of replies

_LISTS = {("web", "allowed_hosts"), ("ingest", "trusted_hosts"), ("exports", "own_names")}

Port: TypeAlias = Annotated[int, Meta(ge=1, le=65535)]
Seconds: TypeAlias = Annotated[float, Meta(ge=0)]
Positive: TypeAlias = Annotated[int, Meta(ge=1)]
Security: TypeAlias = Literal["tls", "starttls", "none"]


class Mailbox(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One IMAP account and folder to read."""

    name: Annotated[str, Meta(pattern="^[a-z0-9]+$")]
    host: str
    port: Port = 993
    security: Security = "tls"
    username: str
    password: str = ""
    folder: str = "INBOX"
    after: Literal["keep", "flag", "move"] = "flag"
    move_to: str = "Archive"
    ca_file: str = ""


class Smtp(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The server replies leave through."""

    host: str = ""
    port: Port = 587
    security: Security = "starttls"
    username: str = ""
    password: str = ""
    timeout_s: Seconds = 60
    final_timeout_s: Seconds = 600
    ca_file: str = ""


class Agency(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Who answers: names, hours and addresses that replies and pages show."""

    name: str = "BPJS Ketenagakerjaan"
    care_address: str = "care@bpjsketenagakerjaan.go.id"
    website: str = "www.bpjsketenagakerjaan.go.id"
    call_centre: str = "175"
    call_centre_hours: str = "setiap hari pukul 06.00-22.00 WIB"
    call_centre_hours_en: str = "every day from 06:00 to 22:00 WIB"
    app_name: str = "JMO (Jamsostek Mobile)"
    branch_hours: str = "hari kerja pukul 08.00-15.00 waktu setempat"
    branch_hours_en: str = "on working days from 08:00 to 15:00 local time"
    timezone: str = "Asia/Jakarta"


class Ingest(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How mail is fetched and read."""

    poll_interval_s: Seconds = 30
    reconcile_interval_s: Seconds = 900
    connect_timeout_s: Seconds = 10
    read_timeout_s: Seconds = 60
    batch: Positive = 100
    large_bytes: Positive = 25 << 20
    max_bytes: Positive = 100 << 20
    oversize_keep_bytes: Positive = 1 << 20
    trusted_hosts: tuple[str, ...] = ()
    follow_up_days: Positive = 30


class Exports(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How exports of social inboxes are read."""

    timezone: str = "Asia/Jakarta"
    own_names: tuple[str, ...] = ()
    watch_interval_s: Seconds = 30
    max_members: Positive = 200_000
    max_bytes: Positive = 20 << 30
    max_ratio: Positive = 200
    max_upload_bytes: Positive = 4 << 30


class Direct(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How replies of one direct-message channel leave."""

    send: Literal["hand_over", "api"] = "hand_over"
    max_chars: Positive = 1_000
    window_hours: Annotated[int, Meta(ge=0)] = 0
    api_url: str = ""
    api_token: str = ""
    account_id: str = ""
    timeout_s: Seconds = 30
    webhook: bool = False
    app_secret: str = ""
    verify_token: str = ""


class Form(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The public web form."""

    enabled: bool = True
    per_address_hour: Positive = 5
    per_hour: Positive = 300


class Outbox(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How replies leave."""

    undo_s: Seconds = 15
    retry_after_s: Seconds = 300
    max_attempts: Positive = 12


class Web(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The web process."""

    host: str = "127.0.0.1"
    port: Port = 8000
    base_url: str = "http://127.0.0.1:8000"
    allowed_hosts: tuple[str, ...] = ("127.0.0.1", "localhost")
    session_idle_minutes: Positive = 60
    session_max_hours: Positive = 10
    forwarded_allow_ips: str = ""


class Worker(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The workers."""

    batch: Positive = 100
    sweep_interval_s: Seconds = 5


class Identity(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """How identities are read from messages and photos."""

    photos: Literal["auto", "off"] = "auto"
    photo_max_bytes: Positive = 20_000_000
    keep_corrections: bool = False
    keep_corrections_days: Positive = 365


class Registry(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The registry, and searching it by hand."""

    stale_days: Positive = 45
    searches_a_day: Positive = 50


class Settings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All settings of one process; an empty string means the default the TOML describes."""

    data_dir: str = "var"
    database_url: str = ""
    broker_url: str = ""
    secret_key: str = ""
    authserv_id: str = ""
    language: Literal["id", "en"] = "id"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    policy_file: str = "config/policy.toml"
    mailbox: tuple[Mailbox, ...] = ()
    smtp: Smtp = msgspec.field(default_factory=Smtp)
    agency: Agency = msgspec.field(default_factory=Agency)
    ingest: Ingest = msgspec.field(default_factory=Ingest)
    outbox: Outbox = msgspec.field(default_factory=Outbox)
    web: Web = msgspec.field(default_factory=Web)
    worker: Worker = msgspec.field(default_factory=Worker)
    identity: Identity = msgspec.field(default_factory=Identity)
    registry: Registry = msgspec.field(default_factory=Registry)
    exports: Exports = msgspec.field(default_factory=Exports)
    form: Form = msgspec.field(default_factory=Form)
    x: Direct = Direct(max_chars=10_000, api_url="https://api.x.com")
    facebook: Direct = Direct(
        max_chars=2_000, window_hours=168, api_url="https://graph.facebook.com/v25.0"
    )
    instagram: Direct = Direct(
        max_chars=1_000, window_hours=168, api_url="https://graph.facebook.com/v25.0"
    )
    whatsapp: Direct = Direct(
        max_chars=4_096, window_hours=24, api_url="https://graph.facebook.com/v25.0"
    )
    other: Direct = Direct()

    @property
    def data_path(self) -> Path:
        return Path(self.data_dir)

    @property
    def blob_path(self) -> Path:
        return self.data_path / "blobs"

    @property
    def database(self) -> str:
        """The SQLAlchemy URL in force."""
        return self.database_url or f"sqlite:///{self.data_path / 'helpdesk.sqlite3'}"

    @property
    def broker(self) -> str:
        """The Celery broker URL in force; `filesystem:` is the folder `broker/` of the data."""
        return self.broker_url or "filesystem://localhost"

    @property
    def inbox_path(self) -> Path:
        """The folder whose channels' folders are watched for exports."""
        return self.data_path / "inbox"

    @property
    def upload_path(self) -> Path:
        return self.data_path / "uploads"

    @property
    def registry_work_path(self) -> Path:
        """Where an import of the registry works; it takes thrice the room of the file."""
        return self.data_path / "registry-work"

    def direct(self, channel: str) -> Direct:
        """Return the settings of a direct-message channel, by its value."""
        found: Direct = getattr(self, channel)
        return found

    @property
    def own_addresses(self) -> frozenset[str]:
        """Addresses that are ours: what they send is never a request."""
        named = {self.agency.care_address, *(box.username for box in self.mailbox)}
        return frozenset(address.lower() for address in named if "@" in address)


def load(path: Path | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings.

    Args:
        path: the TOML file; by default `HELPDESK_CONFIG`, or `config/helpdesk.toml` if it exists.
        environ: the environment; by default the process's.

    Raises:
        SettingsError: a key is unknown or a value cannot be used; the text names the key.
    """
    environ = os.environ if environ is None else environ
    tree = _read_toml(path, environ)
    for name, value in environ.items():
        if name.startswith(PREFIX) and name != f"{PREFIX}CONFIG":
            _override(tree, name, value)
    settings = _convert(tree)
    _check_timezone("agency.timezone", settings.agency.timezone)
    _check_timezone("exports.timezone", settings.exports.timezone)
    if settings.secret_key:
        _check_key(settings.secret_key, "the setting")
        return settings
    return _with_kept_key(settings)


def child_environ(overrides: Mapping[str, str]) -> dict[str, str]:
    """Return this process's environment with settings changed, for a process it starts."""
    return dict(os.environ) | dict(overrides)


def _read_toml(path: Path | None, environ: Mapping[str, str]) -> dict[str, Any]:
    named = path or (Path(environ[f"{PREFIX}CONFIG"]) if f"{PREFIX}CONFIG" in environ else None)
    file = named or Path("config/helpdesk.toml")
    if named is None and not file.exists():
        return {}
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        msg = f"cannot read the settings file {file}: {error.strerror}"
        raise SettingsError(msg) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        msg = f"{file} is not valid TOML: {error}"
        raise SettingsError(msg) from error


def _override(tree: dict[str, Any], name: str, value: str) -> None:
    key = name.removeprefix(PREFIX).lower()
    if key.endswith("_file") and key != "policy_file" and not key.endswith("ca_file"):
        key, value = key.removesuffix("_file"), _read_secret(name, value)
    if key in Settings.__struct_fields__:
        tree[key] = value
        return
    section, _, rest = key.partition("_")
    if section == "mailbox":
        _override_mailbox(tree, name, rest, value)
        return
    if section not in Settings.__struct_fields__:
        msg = f"{name}: there is no such setting"
        raise SettingsError(msg)
    tree.setdefault(section, {})[rest] = _split_list(section, rest, value)


def _override_mailbox(tree: dict[str, Any], name: str, key: str, value: str) -> None:
    box, _, field = key.partition("_")
    if not box or not field:
        msg = f"{name}: expected {PREFIX}MAILBOX_<NAME>_<KEY>"
        raise SettingsError(msg)
    boxes = tree.setdefault("mailbox", [])
    found = next((each for each in boxes if each.get("name") == box), None)
    if found is None:
        found = {"name": box}
        boxes.append(found)
    found[field] = value


def _split_list(section: str, key: str, value: str) -> str | list[str]:
    if (section, key) in _LISTS:
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


def _read_secret(name: str, path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        msg = f"{name}: cannot read the file it names"
        raise SettingsError(msg) from error


def _convert(tree: dict[str, Any]) -> Settings:
    try:
        return msgspec.convert(tree, Settings, strict=False)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at `$")
        key = where.rstrip("`").lstrip(".") or "settings"
        msg = f"{key}: {what}"
        raise SettingsError(msg) from error


def _check_key(key: str, where: str) -> None:
    if len(key) < _MIN_KEY:
        msg = (
            f"secret_key: {where} has {len(key)} characters, at least {_MIN_KEY} are needed; make "
        )
        msg += "one with: python3 -c 'import secrets; print(secrets.token_hex(32))'"
        raise SettingsError(msg)


def _check_timezone(key: str, name: str) -> None:
    try:
        ZoneInfo(name)
    except (OSError, ValueError, ZoneInfoNotFoundError) as error:  # a folder, `..`, unknown
        msg = f"{key}: there is no time zone {name!r}; an example is 'Asia/Jakarta'"
        raise SettingsError(msg) from error


def _with_kept_key(settings: Settings) -> Settings:
    """Use the key kept in the data folder, making one the first time."""
    file = settings.data_path / "secret.key"
    if not file.exists():
        try:
            settings.data_path.mkdir(parents=True, exist_ok=True, mode=0o700)
            made = settings.data_path / f"secret.key.{os.getpid()}"
            with open(made, "w", encoding="ascii", opener=_private) as out:
                out.write(secrets.token_hex(32))
            try:
                os.link(made, file)  # whoever links first wins; both then read the same key
            except FileExistsError:
                pass
            finally:
                made.unlink()
        except OSError as error:
            msg = f"data_dir: cannot write to {settings.data_path}: {error.strerror}"
            raise SettingsError(msg) from error
    return msgspec.structs.replace(settings, secret_key=_read_key(file))


def _read_key(file: Path) -> str:
    try:
        key = file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        msg = f"secret_key: {file} cannot be read"
        raise SettingsError(msg) from error
    if not key:
        msg = f"secret_key: {file} is empty; restore it, or delete it to have a new one made"
        raise SettingsError(msg)
    _check_key(key, str(file))
    return key


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
