"""Alembic's entry: runs migrations on the connection given, or on the configured database."""

from alembic import context
from sqlalchemy import Connection

import helpdesk.jobs
import helpdesk.leases
import helpdesk.photos.models
import helpdesk.registry.models
import helpdesk.replies.models  # noqa: F401 - with those above, every table is known
from helpdesk import settings
from helpdesk.db import Base, Database


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    _run(given)
else:
    with Database(settings.load().database).engine.connect() as own:
        _run(own)
