"""The public form: anybody may ask, and follow their own request by its secret link.

What it answers never depends on the registry, so it tells nobody who is a participant.
"""

import secrets
from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from helpdesk import clock, i18n, jobs
from helpdesk.errors import InvalidError
from helpdesk.i18n import mark
from helpdesk.ingest import following, formcheck, formstamp, rates, webform
from helpdesk.ingest.formcheck import Checked, Reach
from helpdesk.ingest.formstamp import Stamp
from helpdesk.ingest.webform import Kept, Limited, Sender
from helpdesk.jobs import Job
from helpdesk.web import form_words
from helpdesk.web.cover import cover
from helpdesk.web.forms import text
from helpdesk.web.house import House, house_of, language_of, render
from helpdesk.web.security import public

TRAP = "homepage"  # a field that people do not see; programs fill it in
_MISSES_HOUR = 20  # links that lead nowhere, from one network
_OLD = mark("This page was open for too long. Check your answers and send it again.")
_AGAIN = mark("Please check your answers once more and send it again.")
_LIMITED = mark(
    "Many requests have come from your network. Nothing was sent; try again in %(minutes)s "
    "minutes, or call us."
)


@public
def show_form(request: Request) -> Response:
    """Show the empty form."""
    _refuse_disabled(house_of(request))
    return _form(request, {}, Checked({}, None), _new_stamp(house_of(request)))


@public
def submit(request: Request) -> Response:
    """Keep a request and say its number and its link; show again what cannot be accepted."""
    house, now = house_of(request), clock.now()
    _refuse_disabled(house)
    typed = {name: text(request, name) for name in webform.FIELDS}
    checked = formcheck.check(
        typed,
        today=now.astimezone(house.replies.timezone).date(),
        own_addresses=house.settings.own_addresses,
    )
    found = _stamp(request, house)
    if found is None:
        return _form(request, typed, checked, _new_stamp(house), notice=_say(request, _OLD))
    stamp = text(request, "stamp")
    if checked.request is None or not _is_person(request, found):
        notice = "" if checked.problems else _say(request, _AGAIN)
        return _form(request, typed, checked, stamp, notice=notice)
    with house.database.transaction() as tx:
        kept = webform.submit(
            tx.session,
            house.blobs,
            typed,
            checked.request,
            _sender(request, house, found, "form"),
            language=language_of(request),
            now=now,
        )
        if isinstance(kept, Kept) and kept.is_new:
            jobs.enqueue(tx, Job.MATCH, [kept.ticket_id], now=now)
    if isinstance(kept, Limited):
        return _limited(
            _form(request, typed, checked, stamp, notice=_too_many(request, kept)), kept
        )
    return _done(request, kept, checked.request, checked.hints)


@public
def follow(request: Request) -> Response:
    """Show how far a request is to whoever has its link."""
    return _follow(request, _followed(request))


@public
def add(request: Request) -> Response:
    """Add to a request."""
    ticket_id, house, now = _followed(request), house_of(request), clock.now()
    token, words = request.path_params["token"], text(request, "text")
    found = _stamp(request, house)
    if found is None or not _is_person(request, found):
        return _follow(request, ticket_id, problem=_say(request, _AGAIN), words=words)
    try:
        with house.database.transaction() as tx:
            kept = webform.add(
                tx.session,
                house.blobs,
                token,
                words,
                _sender(request, house, found, "add"),
                follow_up_days=house.settings.ingest.follow_up_days,
                now=now,
            )
            if isinstance(kept, Kept) and kept.is_new:
                jobs.enqueue(tx, Job.MATCH, [ticket_id], now=now)
    except InvalidError as error:
        return _follow(request, ticket_id, problem=_say(request, str(error)), words=words)
    if isinstance(kept, Limited):
        problem = _too_many(request, kept)
        return _limited(_follow(request, ticket_id, problem=problem, words=words), kept)
    return _follow(request, ticket_id, added=True)


def _form(
    request: Request, typed: Mapping[str, str], checked: Checked, stamp: str, *, notice: str = ""
) -> Response:
    gettext = i18n.translations(language_of(request)).gettext
    return render(
        request,
        "form.html",
        status=422 if checked.problems or notice else 200,
        secret=False,
        typed=typed,
        problems=form_words.problems(checked.problems, gettext),
        first=next(iter(checked.problems), ""),
        hints=checked.hints,
        words=form_words.hints(gettext),
        notice=notice,
        stamp=stamp,
    )


def _done(
    request: Request, kept: Kept, asked: formcheck.Request, hints: tuple[str, ...]
) -> Response:
    base = house_of(request).settings.web.base_url.rstrip("/")
    lang = "?lang=en" if language_of(request) == "en" else ""
    response = render(
        request,
        "form_done.html",
        secret=True,
        ticket_id=kept.ticket_id,
        link=f"{base}/permintaan/{kept.token}{lang}",
        reach=asked.reach,
        to=asked.address if asked.reach is Reach.EMAIL else asked.phone,
        hints=hints,
        words=form_words.hints(i18n.translations(language_of(request)).gettext),
    )
    response.headers["x-robots-tag"] = "noindex, nofollow"
    return response


def _follow(
    request: Request, ticket_id: int, *, added: bool = False, problem: str = "", words: str = ""
) -> Response:
    house, now = house_of(request), clock.now()
    with house.database.reading() as session:
        seen = following.follow(
            session, ticket_id, follow_up_days=house.settings.ingest.follow_up_days, now=now
        )
    response = render(
        request,
        "form_follow.html",
        status=422 if problem else 200,
        secret=True,
        request=seen,
        said=[(each.at, cover(each.text)) for each in seen.said],
        added=added,
        problem=problem,
        text=words,
        stamp=_new_stamp(house),
    )
    response.headers["x-robots-tag"] = "noindex, nofollow"
    return response


def _followed(request: Request) -> int:
    """Return the ticket of a link; one that leads nowhere looks like any page there is not.

    Who guesses is told to stop, but never kept from a link that is right: many people share a
    network, and nobody guesses 192 bits.
    """
    house, now = house_of(request), clock.now()
    _refuse_disabled(house)
    with house.database.reading() as session:
        ticket_id = webform.ticket_of(session, request.path_params["token"])
    if ticket_id is not None:
        return ticket_id
    whos = _whos(request, house, {"miss": _MISSES_HOUR})
    with house.database.transaction() as tx:
        wait_s = rates.blocked_s(tx.session, whos, now)
        if not wait_s:
            rates.count(tx.session, whos, now)
    if wait_s:
        raise HTTPException(429, headers={"retry-after": str(wait_s)})
    raise HTTPException(404)


def _stamp(request: Request, house: House) -> Stamp | None:
    return formstamp.read(text(request, "stamp"), key=house.form_key, now=clock.now())


def _new_stamp(house: House) -> str:
    nonce = secrets.token_bytes(formstamp.NONCE_BYTES)
    return formstamp.make(nonce, key=house.form_key, now=clock.now())


def _is_person(request: Request, stamp: Stamp) -> bool:
    return not text(request, TRAP) and not stamp.is_hasty(clock.now())


def _sender(request: Request, house: House, stamp: Stamp, what: str) -> Sender:
    conf = house.settings.form
    whos = _whos(request, house, {what: conf.per_address_hour})
    everybody = formstamp.hidden(f"{what} of everybody", key=house.form_key)
    return Sender(whos | {everybody: conf.per_hour}, stamp, house.form_key)


def _whos(request: Request, house: House, limits: Mapping[str, int]) -> dict[str, int]:
    network = formstamp.network(request.client.host if request.client else "")
    return {
        formstamp.hidden(f"{what} {network}", key=house.form_key): most
        for what, most in limits.items()
    }


def _limited(response: Response, limited: Limited) -> Response:
    response.status_code = 429
    response.headers["retry-after"] = str(limited.retry_after_s)
    return response


def _too_many(request: Request, limited: Limited) -> str:
    return _say(request, _LIMITED) % {"minutes": -(-limited.retry_after_s // 60)}


def _say(request: Request, words: str) -> str:
    return i18n.translations(language_of(request)).gettext(words)


def _refuse_disabled(house: House) -> None:
    if not house.settings.form.enabled:
        raise HTTPException(404)
