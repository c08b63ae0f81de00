"""The matching page: weights and proposals, how good they are, and second looks."""

from dataclasses import asdict
from typing import Any

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from helpdesk import clock
from helpdesk.accounts.models import Role
from helpdesk.accounts.queries import assignable
from helpdesk.errors import ConflictError, InvalidError
from helpdesk.i18n import mark
from helpdesk.matching import agreement, second_look, weights_store
from helpdesk.web import matching_view, standing
from helpdesk.web.forms import text
from helpdesk.web.house import House, agent_of, house_of, language_of, render
from helpdesk.web.security import requires

_STEPS = {"accept": weights_store.accept, "refuse": weights_store.refuse}
_LEAST_JUDGED = 20  # judgements below which a curve of them says nothing


@requires(Role.SUPERVISOR)
def show_matching(request: Request) -> Response:
    """Show what the matcher weighs and how good it is."""
    return _page(request)


@requires(Role.SUPERVISOR)
def decide(request: Request) -> Response:
    """Accept or refuse weights that were trained; the store leaves the line in the trail."""
    house, agent_id, now = house_of(request), agent_of(request).id, clock.now()
    weights_id = request.path_params["weights_id"]
    step = _STEPS.get(text(request, "what"))
    if step is None:
        msg = "this form is damaged; load the page again"
        raise InvalidError(msg)
    try:
        with house.database.transaction() as tx:
            step(tx.session, weights_id, agent_id, now, key=house.audit_key)
    except ConflictError as error:
        return _page(request, conflict=str(error))
    return RedirectResponse("/matching", status_code=303)


def _page(request: Request, *, conflict: str = "") -> Response:
    house, agent, language = house_of(request), agent_of(request), language_of(request)
    with house.database.reading() as session:
        data = dict(weights_store.active_data(session))
        kept = weights_store.kept(session)
        active_id = weights_store.active_id(session)
        looks = second_look.summary(session)
        next_look = second_look.next_for(session, agent.id)
        judged = _judged(session)
        names = {each.id: each.name for each in assignable(session)}
        stands = standing.read(session, house.settings, now=clock.now())
    quality = _quality(data, next((each for each in kept if each.id == active_id), None))
    return render(
        request,
        "matching.html",
        status=409 if conflict else 200,
        trained=matching_view.trained(data, language),
        provenance=data.get("provenance", ""),
        active_id=active_id,
        features=matching_view.features(data, language),
        figures=matching_view.figures(quality, language),
        quality=quality,
        **_plots(quality, judged, house, language),
        proposals=[_proposal(each, data, language) for each in kept if each.state == "proposed"],
        kept=[each for each in kept if each.state != "proposed"],
        names=names,
        looks=looks,
        next_look=next_look,
        second_look_share=house.replies.policy.matching.second_look,
        share=lambda ratio: matching_view.share(ratio, language),
        conflict=conflict,
        standing=stands,
    )


def _judged(session: Session) -> list[tuple[str, str, list[dict[str, Any]]]]:
    """Return what people judged, where it is enough to be plotted."""
    found = (
        ("choices", mark("choices"), agreement.by_choices(session)),
        ("looks", mark("second looks"), agreement.by_looks(session)),
    )
    return [
        (kind, label, [asdict(each) for each in bins])
        for kind, label, bins in found
        if sum(each.queries for each in bins) >= _LEAST_JUDGED
    ]


def _quality(data: dict[str, Any], accepted: weights_store.Kept | None) -> dict[str, Any] | None:
    """Return what the weights in use were measured to be, where they were trained."""
    found = accepted.report.get("after") if accepted else data.get("figures")
    return found if isinstance(found, dict) else None


def _plots(
    quality: dict[str, Any] | None,
    judged: list[tuple[str, str, list[dict[str, Any]]]],
    house: House,
    language: str,
) -> dict[str, object]:
    measured = [("measured", mark("measured"), quality["reliability"])] if quality else []
    groups = matching_view.named([*measured, *judged], language)
    limits = house.replies.policy.matching
    return {
        "groups": groups,
        "calibration": matching_view.calibration(groups, language) if groups else None,
        "thresholds": matching_view.thresholds(
            quality["curve"],
            language,
            {limits.accept: mark("match"), limits.reject: mark("nobody")},
        )
        if quality
        else None,
    }


def _proposal(each: weights_store.Kept, data: dict[str, Any], language: str) -> dict[str, object]:
    report = each.report
    return {
        "kept": each,
        "figures": matching_view.figures(report.get("after"), language, report.get("before")),
        "features": matching_view.features(each.data, language, data),
    }
