"""Every address the web process answers, and to whom its endpoint belongs."""

from starlette.routing import BaseRoute, Mount, Route

from helpdesk.web import audit, health, login, queue, ticket
from helpdesk.web.static_files import Static


def routes() -> list[BaseRoute]:
    """Return all routes; each endpoint is marked `public` or `requires(…)`."""
    return [
        Route("/livez", health.live, name="live"),
        Route("/readyz", health.ready, name="ready"),
        Route("/login", login.show_login, name="login"),
        Route("/login", login.log_in, methods=["POST"], name="log_in"),
        Route("/logout", login.log_out, methods=["POST"], name="log_out"),
        Route("/", queue.start, name="start"),
        Route("/tickets", queue.show_queue, name="queue"),
        Route("/tickets/{ticket_id:int}", ticket.show_ticket, name="ticket"),
        Route("/tickets/{ticket_id:int}/open", ticket.open_up, methods=["POST"], name="open_up"),
        Route("/audit", audit.show_audit, name="audit"),
        Mount("/static", Static(), name="static"),
    ]
