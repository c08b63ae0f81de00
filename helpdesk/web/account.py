"""A person's own settings: language and theme."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from helpdesk import i18n
from helpdesk.accounts import users
from helpdesk.accounts.models import Role
from helpdesk.web.house import agent_of, house_of
from helpdesk.web.security import requires, safe_path
from helpdesk.web.trail import note

THEMES = ("system", "light", "dark")


@requires(Role.AGENT, Role.AUDITOR)
def change(request: Request) -> Response:
    """Set language or theme and go back to where the person was."""
    form, agent = request.state.form, agent_of(request)
    language, theme = str(form.get("language", "")), str(form.get("theme", ""))
    with house_of(request).database.transaction() as tx:
        users.set_preferences(
            tx.session,
            agent.id,
            language=language if language in i18n.LANGUAGES else agent.language,
            theme=theme if theme in THEMES else agent.theme,
        )
        note(request, tx.session, "account.change", "agent", agent.id)
    return RedirectResponse(safe_path(str(form.get("next", "/"))), status_code=303)
