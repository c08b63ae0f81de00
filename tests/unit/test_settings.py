import tomllib
from pathlib import Path

import msgspec
import pytest

from helpdesk import settings
from helpdesk.errors import SettingsError

ROOT = Path(__file__).parents[2]


def load(tmp_path: Path, **environ: str) -> settings.Settings:
    return settings.load(environ={"HELPDESK_DATA_DIR": str(tmp_path), **environ})


def test_the_file_lists_every_setting_with_its_default():
    tree = tomllib.loads((ROOT / "config/helpdesk.toml").read_text())
    defaults = msgspec.json.decode(msgspec.json.encode(settings.Settings()))
    del defaults["mailbox"]
    assert tree == defaults


def test_every_setting_in_the_file_is_explained_or_in_an_explained_block():
    lines = (ROOT / "config/helpdesk.toml").read_text().splitlines()
    sections = [line for line in lines if line.startswith("[")]
    assert sections and all("#" in line for line in sections)


def test_environment_overrides_sections_and_mailboxes(tmp_path):
    conf = load(
        tmp_path,
        HELPDESK_WEB_PORT="8123",
        HELPDESK_WEB_ALLOWED_HOSTS="a.example, b.example",
        HELPDESK_MAILBOX_CARE_HOST="imap.example",
        HELPDESK_MAILBOX_CARE_USERNAME="care",
    )
    assert (conf.web.port, conf.web.allowed_hosts) == (8123, ("a.example", "b.example"))
    assert conf.mailbox[0].name == "care"


def test_a_secret_is_read_from_the_file_named(tmp_path):
    (tmp_path / "password").write_text("s3cret\n")
    conf = load(tmp_path, HELPDESK_SMTP_PASSWORD_FILE=str(tmp_path / "password"))
    assert conf.smtp.password == "s3cret"


@pytest.mark.parametrize(
    ("name", "value", "named"),
    [
        ("HELPDESK_COLOUR", "red", "HELPDESK_COLOUR"),
        ("HELPDESK_WEB_PROT", "80", "prot"),
        ("HELPDESK_WEB_PORT", "many", "web.port"),
        ("HELPDESK_WEB_PORT", "70000", "web.port"),
        ("HELPDESK_LANGUAGE", "fr", "language"),
        ("HELPDESK_MAILBOX_CARE_HOST", "x", "username"),
        ("HELPDESK_MAILBOX_CARE", "x", "HELPDESK_MAILBOX_CARE"),
        ("HELPDESK_SMTP_PASSWORD_FILE", "/nowhere/at/all", "HELPDESK_SMTP_PASSWORD_FILE"),
    ],
)
def test_a_bad_setting_is_refused_by_name(tmp_path, name, value, named):
    with pytest.raises(SettingsError, match=named):
        load(tmp_path, **{name: value})


def test_a_bad_value_is_not_repeated_in_the_message(tmp_path):
    with pytest.raises(SettingsError) as caught:
        load(tmp_path, HELPDESK_SMTP_PORT="hunter2")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("text", ["[web]\nport = ", "\xff", "colour = 'red'"])
def test_a_bad_file_is_refused(tmp_path, text):
    file = tmp_path / "bad.toml"
    file.write_bytes(text.encode("latin-1"))
    with pytest.raises(SettingsError):
        settings.load(file, environ={"HELPDESK_DATA_DIR": str(tmp_path)})


def test_the_secret_key_is_made_once_and_private(tmp_path):
    first, second = load(tmp_path), load(tmp_path)
    assert first.secret_key == second.secret_key
    assert len(first.secret_key) == 64
    assert (tmp_path / "secret.key").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("name", ["HELPDESK_SECRET_KEY", "secret.key"])
def test_a_key_that_can_be_guessed_is_refused_with_a_way_to_make_one(tmp_path, name):
    (tmp_path / "secret.key").write_text("hunter2")
    environ = {name: "hunter2"} if name.isupper() else {}
    with pytest.raises(SettingsError, match=r"has 7 characters.*token_hex") as caught:
        load(tmp_path, **environ)
    assert "hunter2" not in str(caught.value)
    assert load(tmp_path, HELPDESK_SECRET_KEY="k" * 32).secret_key == "k" * 32


def test_mailbox_users_and_care_are_our_own_addresses(tmp_path):
    conf = load(
        tmp_path,
        HELPDESK_AGENCY_CARE_ADDRESS="Care@Example.org",
        HELPDESK_MAILBOX_X_HOST="h",
        HELPDESK_MAILBOX_X_USERNAME="x@example.org",
    )
    assert conf.own_addresses == {"care@example.org", "x@example.org"}
