"""The audit trail as a list."""

from collections.abc import Mapping
from urllib.parse import urlencode

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from helpdesk import i18n
from helpdesk.accounts import queries
from helpdesk.accounts.models import Role
from helpdesk.accounts.queries import AuditFilter
from helpdesk.i18n import mark
from helpdesk.web.house import house_of, language_of, render
from helpdesk.web.security import requires

# What a line of the trail says to people. An action that is not here shows as it is written.
ACTIONS: dict[str, str] = {
    "session.begin": mark("Signed in"),
    "session.end": mark("Signed out"),
    "session.refuse": mark("Sign-in refused"),
    "account.add": mark("Account created"),
    "account.change": mark("Account changed"),
    "account.disable": mark("Account disabled"),
    "account.enable": mark("Account enabled again"),
    "ticket.view": mark("Ticket viewed"),
    "ticket.reveal": mark("Data revealed"),
    "ticket.html": mark("Original message viewed"),
    "ticket.raw": mark("Raw mail downloaded"),
    "ticket.file": mark("Attachment downloaded"),
    "ticket.picture": mark("Picture viewed"),
    "ticket.open": mark("Ticket made of kept mail"),
    "ticket.intake": mark("Ticket opened for a caller or visitor"),
    "ticket.verify": mark("Mother's name asked"),
    "ticket.again": mark("Mail read again"),
    "ticket.photo": mark("Photo read again"),
    "mail.raw": mark("Kept mail downloaded"),
    "ticket.assign": mark("Ticket assigned"),
    "ticket.close": mark("Ticket closed"),
    "ticket.reopen": mark("Ticket reopened"),
    "ticket.note": mark("Note added"),
    "ticket.spam": mark("Marked as spam"),
    "claim.correct": mark("Claim corrected"),
    "claim.undo": mark("Correction taken back"),
    "claim.choose": mark("Person chosen"),
    "claim.unchoose": mark("Choice of a person taken back"),
    "registry.search": mark("Registry searched by hand"),
    "registry.import": mark("Registry imported"),
    "registry.back": mark("Registry from before put back"),
    "registry.rebuild": mark("Keys of the registry made anew"),
    "registry.amalgamation": mark("Participants with several KPJ listed"),
    "weights.accept": mark("Weights accepted"),
    "weights.refuse": mark("Weights refused"),
    "look.view": mark("Second look opened"),
    "look.agree": mark("Second look agreed"),
    "look.disagree": mark("Second look disagreed"),
    "draft.edit": mark("Draft edited"),
    "draft.approve": mark("Reply approved"),
    "draft.refuse": mark("Reply refused"),
    "draft.macro": mark("Macro used"),
    "delivery.cancel": mark("Sending cancelled"),
    "delivery.send": mark("Sending attempted"),
    "delivery.stop": mark("Reply stopped before it left"),
    "delivery.resolve": mark("Delivery settled by hand"),
    "delivery.sent": mark("Reply marked as sent by hand"),
    "delivery.unsent": mark("Mark as sent taken back"),
    "delivery.failed": mark("Sending by hand failed"),
    "delivery.unknown": mark("Sending by hand not known"),
    "draft.elsewhere": mark("Way of the answer changed"),
    "handover.make": mark("Replies handed over"),
    "handover.download": mark("Hand-over downloaded"),
    "handover.sent": mark("Hand-over marked as sent"),
    "import.upload": mark("Export uploaded"),
    "import.view": mark("Import viewed"),
    "import.undo": mark("Import undone"),
    "job.requeue": mark("Dead letter tried again"),
}
SUBJECTS: dict[str, str] = {
    "agent": mark("Account"),
    "ticket": mark("Ticket"),
    "claim": mark("Claim"),
    "draft": mark("Draft"),
    "delivery": mark("Delivery"),
    "job": mark("Job"),
    "message": mark("Message"),
    "file": mark("Attachment"),
    "mail": mark("Raw mail"),
    "handover": mark("Hand-over"),
    "import": mark("Import"),
    "look": mark("Second look"),
    "registry_import": mark("Registry"),
    "weights": mark("Weights"),
}
# The names of a line's details; one that is not here shows as it is written.
DETAILS: dict[str, str] = {
    "what": mark("what"),
    "to": mark("assigned to"),
    "version": mark("version"),
    "delivery": mark("delivery"),
    "message": mark("message"),
    "file": mark("attachment"),
    "fields": mark("facts"),
    "mail": mark("raw mail"),
    "found": mark("new ticket"),
    "replies": mark("replies"),
    "role": mark("role"),
    "size": mark("size in bytes"),
    "reason": mark("reason"),
    "shown": mark("marks of the records shown"),
    "overrules": mark("not the best one"),
    "look": mark("second look"),
    "persons": mark("persons"),
    "records": mark("records"),
}
VALUES: dict[str, str] = {
    "numbers": mark("NIK and KPJ"),
    "send": mark("the approved text"),
    "claim": mark("claim"),
    "draft": mark("draft"),
    "sent": mark("it arrived"),
    "candidate": mark("a candidate"),
    "found": mark("found by hand"),
    "nobody": mark("none of them"),
    "password": mark("password"),
    "again": mark("send again"),
    "abandon": mark("give up"),
    "full_name": mark("full name"),
    "birth_place": mark("birth place"),
    "birth_date": mark("birth date"),
}
_LARGEST_ID = 2**63 - 1


@requires(Role.SUPERVISOR, Role.AUDITOR)
def show_audit(request: Request) -> Response:
    """Show the trail, newest first, one page at a time."""
    params = request.query_params
    wanted = read_filter(params)
    with house_of(request).database.reading() as session:
        page = queries.audit_page(session, wanted, before=_number(params, "before"))
        people = queries.people(session)
    kept = {name: params.get(name, "") for name in ("agent", "action", "subject", "number")}
    older = urlencode({name: value for name, value in kept.items() if value})
    return render(
        request,
        "audit.html",
        page=page,
        people=people,
        wanted=wanted,
        actions=ACTIONS,
        subjects=SUBJECTS,
        details={line.id: _details(line.detail, language_of(request)) for line in page.lines},
        older=f"/audit?{older}&before={page.before}" if page.before else "",
    )


def read_filter(params: QueryParams) -> AuditFilter:
    """Read what is to be shown; what makes no sense counts as not said."""
    return AuditFilter(
        agent_id=_number(params, "agent"),
        action=params.get("action", "")[:100],
        subject_type=params.get("subject", "")[:100],
        subject_id=_number(params, "number"),
    )


def _details(detail: Mapping[str, object], language: str) -> list[tuple[str, str]]:
    """Return what a line adds, in words; ids that are not there say nothing."""
    gettext = i18n.translations(language).gettext

    def words(value: object) -> str:
        if isinstance(value, bool):
            return gettext("yes") if value else gettext("no")
        if isinstance(value, list):
            return ", ".join(map(words, value))
        parts = value.split(",") if isinstance(value, str) else [str(value)]
        return ", ".join(gettext(VALUES.get(part, part)) for part in parts)

    return [
        (gettext(DETAILS.get(name, name)), words(value))
        for name, value in detail.items()
        if value not in (None, "", [])
    ]


def _number(params: QueryParams, name: str) -> int | None:
    value = params.get(name, "")
    if not value.isascii() or not value.isdecimal() or len(value) > 19:
        return None
    return min(int(value), _LARGEST_ID)
