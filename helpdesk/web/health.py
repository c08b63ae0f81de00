"""Is the process alive, and can it serve?"""

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import PlainTextResponse

from helpdesk.web.house import house_of
from helpdesk.web.security import public


@public
def live(request: Request) -> PlainTextResponse:
    """Say that the process answers."""
    return PlainTextResponse("ok\n")


@public
def ready(request: Request) -> PlainTextResponse:
    """Say whether the database can be reached."""
    try:
        with house_of(request).database.reading() as session:
            session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return PlainTextResponse("the database does not answer\n", status_code=503)
    return PlainTextResponse("ok\n")
