"""The web process, wired from the settings."""

import os
import socket

import uvicorn
from starlette.applications import Starlette

from helpdesk import broker, log, process, settings
from helpdesk.blobs import BlobStore
from helpdesk.db import Database, Publish
from helpdesk.errors import SettingsError
from helpdesk.settings import Settings, Web
from helpdesk.web.app import create_app


def create(conf: Settings | None = None, *, publish: Publish | None = None) -> Starlette:
    """Return the application; a factory for `uvicorn --factory helpdesk.asgi:create`."""
    conf = settings.load() if conf is None else conf
    publish = publish or broker.publisher(conf)
    database = Database(conf.database, publish=publish, lone_reads=True)
    return create_app(conf, database, blobs=BlobStore(conf.blob_path))


def run(conf: Settings, *, publish: Publish | None = None) -> None:
    """Serve until a signal asks to stop; open requests get ten seconds to end.

    Raises:
        SettingsError: the address is taken, or is not this machine's.
    """
    log.configure(conf.log_level)
    proxies = conf.web.forwarded_allow_ips
    config = uvicorn.Config(
        create(conf, publish=publish),
        log_config=None,
        access_log=False,  # it would log query strings
        server_header=False,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=proxies or None,
        timeout_graceful_shutdown=10,
    )
    process.settle()
    with _listening(conf.web) as listener:
        uvicorn.Server(config).run(sockets=[listener])


def _listening(web: Web) -> socket.socket:
    family = socket.AF_INET6 if ":" in web.host else socket.AF_INET
    try:
        listener = socket.create_server((web.host, web.port), family=family, backlog=2048)
    except OSError as error:
        why = os.strerror(error.errno or 0)  # the error's own words repeat the address
        msg = f"web.host, web.port: cannot listen at {web.host}:{web.port}: {why}"
        raise SettingsError(msg) from error
    # Without it a page's body waits 40 ms for the client to acknowledge its head; asyncio sets it
    # only on sockets it makes itself.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener
