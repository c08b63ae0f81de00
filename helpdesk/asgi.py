"""The web process, wired from the settings."""

import uvicorn
from starlette.applications import Starlette

from helpdesk import broker, log, settings
from helpdesk.blobs import BlobStore
from helpdesk.db import Database, Publish
from helpdesk.settings import Settings
from helpdesk.web.app import create_app


def create(conf: Settings | None = None, *, publish: Publish | None = None) -> Starlette:
    """Return the application; a factory for `uvicorn --factory helpdesk.asgi:create`."""
    conf = settings.load() if conf is None else conf
    database = Database(conf.database, publish=publish or broker.publisher(conf))
    return create_app(conf, database, blobs=BlobStore(conf.blob_path))


def run(conf: Settings, *, publish: Publish | None = None) -> None:
    """Serve until a signal asks to stop; open requests get ten seconds to end."""
    log.configure(conf.log_level)
    proxies = conf.web.forwarded_allow_ips
    uvicorn.run(
        create(conf, publish=publish),
        host=conf.web.host,
        port=conf.web.port,
        log_config=None,
        access_log=False,  # it would log query strings
        server_header=False,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=proxies or None,
        timeout_graceful_shutdown=10,
    )
