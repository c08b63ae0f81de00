"""Every address the web process answers, and to whom its endpoint belongs."""

from starlette.convertors import IntegerConvertor, register_url_convertor
from starlette.middleware import Middleware
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.routing import BaseRoute, Mount, Route

from helpdesk.web import (
    account,
    actions,
    audit,
    claim,
    correction,
    deadletters,
    form,
    handover,
    health,
    hooks,
    imports,
    intake,
    kept,
    login,
    look_pages,
    looks,
    matching_actions,
    matching_pages,
    photos,
    pictures,
    queue,
    raw,
    registry_pages,
    reply,
    ticket,
)
from helpdesk.web.static_files import Static


class IdConvertor(IntegerConvertor):
    """The id of a row: short enough for every database, and never a NIK or a KPJ."""

    regex = "[0-9]{1,9}"


register_url_convertor("id", IdConvertor())

# The endpoint counts what it keeps of each file.
_UNLIMITED = [Middleware(RequestBodyLimitMiddleware, max_body_size=1 << 60)]
_HOOKED = [Middleware(RequestBodyLimitMiddleware, max_body_size=hooks.MAX_BODY_BYTES)]


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
        Route("/tickets/{ticket_id:id}", ticket.show_ticket, name="ticket"),
        Route("/tickets/{ticket_id:id}/open", ticket.open_up, methods=["POST"], name="open_up"),
        *_of_ticket(),
        Route("/dead-letters", deadletters.show_dead_letters, name="dead_letters"),
        Route(
            "/dead-letters/jobs/{job_id:id}",
            deadletters.requeue,
            methods=["POST"],
            name="requeue",
        ),
        Route(
            "/dead-letters/deliveries/{delivery_id:id}",
            deadletters.resolve,
            methods=["POST"],
            name="resolve",
        ),
        Route("/handover", handover.show_waiting, name="handovers"),
        Route("/handover", handover.make, methods=["POST"], name="hand_over"),
        Route("/handover/{number:id}", handover.show_one, name="handover"),
        Route("/handover/{number:id}/file.{kind}", handover.download, name="handover_file"),
        Route("/handover/{number:id}/sent", handover.mark_all, methods=["POST"], name="all_sent"),
        Route("/imports", imports.show_imports, name="imports"),
        Route("/imports", imports.upload, methods=["POST"], name="upload", middleware=_UNLIMITED),
        Route("/imports/{batch_id:id}", imports.show_import, name="import"),
        Route("/imports/{batch_id:id}/undo", imports.undo, methods=["POST"], name="import_undo"),
        *_of_form(),
        Route("/intake/new", intake.show_new, name="intake"),
        Route("/intake/new", intake.open_new, methods=["POST"], name="intake_open"),
        *_of_hooks(),
        Route(
            "/registry/search",
            matching_actions.search,
            methods=["POST"],
            name="registry_search",
        ),
        Route("/registry", registry_pages.show_registry, name="registry"),
        Route("/registry/back", registry_pages.go_back, methods=["POST"], name="registry_back"),
        Route("/matching", matching_pages.show_matching, name="matching"),
        Route(
            "/matching/weights/{weights_id:id}",
            matching_pages.decide,
            methods=["POST"],
            name="weights",
        ),
        Route("/matching/looks", look_pages.show_next, name="look_next"),
        Route("/matching/looks/{look_id:id}", look_pages.show_look, name="look"),
        Route("/matching/looks/{look_id:id}", looks.judge, methods=["POST"], name="look_judge"),
        Route("/kept", kept.show_kept, name="kept"),
        Route("/kept/{raw_id:id}/raw", kept.download_kept, name="kept_raw"),
        Route("/kept/{raw_id:id}/ticket", kept.open_ticket, methods=["POST"], name="kept_open"),
        Route("/account", account.change, methods=["POST"], name="account"),
        Route("/audit", audit.show_audit, name="audit"),
        Mount("/static", Static(), name="static"),
    ]


def _of_form() -> list[BaseRoute]:
    one = "/permintaan/{token}"
    return [
        Route("/permintaan", form.show_form, name="form"),
        Route("/permintaan", form.submit, methods=["POST"], name="form_submit"),
        Route(one, form.follow, name="form_follow"),
        Route(one, form.add, methods=["POST"], name="form_add"),
    ]


def _of_hooks() -> list[BaseRoute]:
    routes: list[BaseRoute] = []
    for path, channel in hooks.PATHS.items():
        routes += [
            Route(path, hooks.shake_hands, name=f"handshake_{channel}"),
            Route(
                *(path, hooks.receive),
                methods=["POST"],
                name=f"hook_{channel}",
                middleware=_HOOKED,
            ),
        ]
    return routes


def _of_ticket() -> list[BaseRoute]:
    one = "/tickets/{ticket_id:id}"
    posted = {
        "assign": actions.assign,
        "close": actions.close,
        "reopen": actions.reopen,
        "spam": actions.mark_spam,
        "note": actions.write_note,
        "claims": claim.add,
        "claims/{claim_id:id}": claim.correct,
        "claims/{claim_id:id}/choice": matching_actions.choose,
        "claims/{claim_id:id}/choice/undo": matching_actions.take_back,
        "facts": correction.correct,
        "facts/undo": correction.take_back,
        "again": kept.read_again,
        "verify": intake.verify,
        "approve": reply.approve,
        "refuse": reply.refuse,
        "draft": reply.save_draft,
        "macro": reply.use_macro,
        "deliveries/{delivery_id:id}/undo": reply.undo,
        "deliveries/{delivery_id:id}/settle": handover.settle,
        "elsewhere": reply.answer_elsewhere,
    }
    return [
        Route(f"{one}/messages/{{message_id:id}}/html", raw.show_html, name="html"),
        Route(f"{one}/messages/{{message_id:id}}/raw", raw.download_raw, name="raw"),
        Route(f"{one}/files/{{file_id:id}}", raw.download_file, name="file"),
        Route(
            f"{one}/files/{{file_id:id}}/again",
            photos.read_again,
            methods=["POST"],
            name="photo_again",
        ),
        Route(f"{one}/files/{{file_id:id}}/picture", pictures.show_picture, name="picture"),
        *(
            Route(f"{one}/{name}", endpoint, methods=["POST"], name=name)
            for name, endpoint in posted.items()
        ),
    ]
