"""A real Dovecot on loopback, unprivileged, gone when the block ends."""

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from imapclient import IMAPClient

from helpdesk.settings import Mailbox
from tests.conftest import free_port
from tests.servers.running import running

PASSWORD = "secret"

_CONFIG = """\
base_dir = {root}/run
state_dir = {root}/state
log_path = {root}/dovecot.log
protocols = imap
listen = 127.0.0.1
disable_plaintext_auth = no
default_login_user = {user}
default_internal_user = {user}
default_internal_group = {group}
first_valid_uid = 1
mail_fsync = never
auth_failure_delay = 0
mail_max_userip_connections = 100
mail_location = maildir:{root}/mail/%n
{ssl}
passdb {{
  driver = passwd-file
  args = {root}/users
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={root}/mail/%n
}}
namespace inbox {{
  inbox = yes
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
"""
_SSL = "ssl = yes\nssl_cert = <{root}/cert.pem\nssl_key = <{root}/key.pem"


@dataclass(frozen=True, slots=True)
class Certificate:
    """Paths of a PEM certificate and its key."""

    cert: Path
    key: Path


@dataclass(frozen=True, slots=True)
class Dovecot:
    """A running server. Every user's password is `PASSWORD`."""

    root: Path
    account: str  # of the machine, that it runs as
    port: int
    tls_port: int

    def box(self, name: str = "care", **changes: object) -> Mailbox:
        """Settings of the mailbox of user `name`."""
        values = {
            "name": name, "host": "127.0.0.1", "port": self.port, "security": "none",
            "username": name, "password": PASSWORD,
        }  # fmt: skip
        return Mailbox(**(values | changes))

    @contextmanager
    def client(self, user: str = "care") -> Iterator[IMAPClient]:
        client = IMAPClient("127.0.0.1", self.port, ssl=False, timeout=10)
        try:
            client.login(user, PASSWORD)
            yield client
        finally:
            client.shutdown()

    def append(self, raws: Iterable[bytes], *, user: str = "care", folder: str = "INBOX") -> None:
        with self.client(user) as client:
            for raw in raws:
                client.append(folder, raw)

    def uids(self, *, user: str = "care", folder: str = "INBOX", search: str = "ALL") -> list[int]:
        with self.client(user) as client:
            client.select_folder(folder, readonly=True)
            return list(client.search(search))

    def expunge(self, uid: int, *, user: str = "care") -> None:
        with self.client(user) as client:
            client.select_folder("INBOX")
            client.delete_messages([uid])
            client.expunge([uid])

    @property
    def user(self) -> str:
        return "care"

    @property
    def password(self) -> str:
        return PASSWORD

    @property
    def maildir(self) -> Path:
        """The Maildir of user `care`; files put into its `new` are mail."""
        return self.root / "mail" / "care"

    def log(self) -> str:
        """Return what the server wrote."""
        log = self.root / "dovecot.log"
        return log.read_text() if log.exists() else "nothing"

    def own(self, folder: Path) -> None:
        """Give files made in a Maildir to the server."""
        if os.getuid() == 0:
            account = pwd.getpwnam(self.account)
            for path in (folder, *folder.rglob("*")):
                os.chown(path, account.pw_uid, account.pw_gid)

    def reset(self) -> None:
        """Empty every mailbox, as if the server had just been made."""
        with contextlib.suppress(subprocess.CalledProcessError):  # nobody is connected
            self.doveadm("kick", "*")
        for folder in (self.root / "mail").iterdir():
            shutil.rmtree(folder)

    def doveadm(self, *words: str) -> None:
        """Run an administrator's command, e.g. `doveadm("kick", "care")`."""
        subprocess.run(
            ["/usr/bin/doveadm", "-c", str(self.root / "dovecot.conf"), *words],
            check=True, capture_output=True, timeout=20, **_as(self.account),
        )  # fmt: skip


def available() -> bool:
    """Whether Dovecot is installed here."""
    return shutil.which("dovecot", path="/usr/sbin:/usr/bin") is not None


@contextmanager
def dovecot(
    *, users: Iterable[str] = ("care", "info"), certificate: Certificate | None = None
) -> Iterator[Dovecot]:
    """Start a server with empty mailboxes; as `nobody` where this process is root."""
    account = "nobody" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name
    root = Path(tempfile.mkdtemp(prefix="dovecot-"))
    server = Dovecot(root, account, free_port(), free_port() if certificate else 0)
    try:
        _configure(server, users, certificate)
        with running(
            ["/usr/sbin/dovecot", "-F", "-c", str(root / "dovecot.conf")],
            port=server.port,
            greeting=b"* OK",
            said=server.log,
            **_as(account),
        ):
            yield server
    finally:
        shutil.rmtree(root, ignore_errors=True)


def make_certificate(folder: Path, *, days: int) -> Certificate:
    """Make a self-signed certificate for 127.0.0.1; negative `days`: expired that long ago."""
    made = Certificate(folder / "cert.pem", folder / "key.pem")
    config = folder / "ca.cnf"
    config.write_text(
        "[ca]\ndefault_ca=d\n[d]\n"
        f"new_certs_dir={folder}\ndatabase={folder}/index\nserial={folder}/serial\n"
        "default_md=sha256\npolicy=p\nx509_extensions=e\n[p]\ncommonName=supplied\n"
        "[e]\nsubjectAltName=IP:127.0.0.1\nbasicConstraints=critical,CA:TRUE\n"
    )
    (folder / "index").write_text("")
    (folder / "serial").write_text("01\n")
    end = time.gmtime(time.time() + days * 86_400)
    _openssl(
        "req", "-new", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=127.0.0.1",
        "-keyout", str(made.key), "-out", str(folder / "request.pem"),
    )  # fmt: skip
    _openssl(
        "ca", "-batch", "-notext", "-selfsign", "-config", str(config), "-keyfile", str(made.key),
        "-in", str(folder / "request.pem"), "-out", str(made.cert),
        "-startdate", "20200101000000Z", "-enddate", time.strftime("%Y%m%d%H%M%SZ", end),
    )  # fmt: skip
    return made


def _openssl(*words: str) -> None:
    subprocess.run(["openssl", *words], check=True, capture_output=True, timeout=30)


def _configure(server: Dovecot, users: Iterable[str], certificate: Certificate | None) -> None:
    root = server.root
    account = pwd.getpwnam(server.account)
    group = subprocess.run(
        ["id", "-gn", server.account], check=True, capture_output=True, text=True
    ).stdout.strip()
    ssl = _SSL.format(root=root) if certificate else "ssl = no"
    (root / "dovecot.conf").write_text(
        _CONFIG.format(
            root=root,
            user=server.account,
            group=group,
            port=server.port,
            tls_port=server.tls_port,
            ssl=ssl,
        )
    )
    (root / "users").write_text("".join(f"{name}:{{PLAIN}}{PASSWORD}\n" for name in users))
    for name in ("run", "state", "mail"):
        (root / name).mkdir()
    if certificate:
        shutil.copy(certificate.cert, root / "cert.pem")
        shutil.copy(certificate.key, root / "key.pem")
    if os.getuid() == 0:
        for path in (root, *root.iterdir()):
            os.chown(path, account.pw_uid, account.pw_gid)


def _as(user: str) -> dict[str, object]:
    if os.getuid() != 0:
        return {}
    account = pwd.getpwnam(user)
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
