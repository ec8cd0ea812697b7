"""Public pages where somebody rates: the stars, the rest, points and tickets, totems, and the instruments of pages."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import Response, current_app, make_response, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.exceptions import HTTPException

from civic.city import queries as city
from civic.city.models import Service
from civic.contributions.views import link_to_voice
from civic.kernel.actor import TrustLevel
from civic.kernel.codes import fingerprint, is_receipt_code, token
from civic.kernel.errors import Missing
from civic.kernel.keys import keyed
from civic.kernel.networks import network_of_address
from civic.kernel.silence import Silence
from civic.outbox.asking import asked_here
from civic.people.queries.citizens import citizen_of
from civic.quality import permits, rules
from civic.quality.commands import ratings
from civic.quality.commands.ratings import RatingData, Rest
from civic.quality.forms import MoreForm, PageRatingForm, RateForm
from civic.quality.queries import evidence
from civic.quality.rules import Instrument, RatingChannel, Trust
from civic.quality.views import site
from civic.web.doors import public
from civic.web.forms import choices
from civic.web.i18n import language
from civic.web.pages import absolute, page
from civic.web.town import now, reading, town, who, writing

__all__ = ["site"]
BROWSER = "civic-browser"
_THIRTY_DAYS = 30 * 86_400
_TRUST = {TrustLevel.EMAIL: Trust.EMAIL, TrustLevel.VERIFIED: Trust.VERIFIED}


@dataclass(frozen=True, slots=True)
class Rater:
    """Who rates: what stands for her turn, and how far she is known."""

    turn: str
    trust: Trust = Trust.OPEN
    is_internal: bool = False
    # A browser that is new here gets this to remember, on the way back.
    browser: str = ""


def _rater(db: Session, service: Service | None) -> Rater:
    me = who()
    if me.is_citizen:
        subject_key = citizen_of(db, me).subject_key
        listed = service is not None and subject_key is not None and ratings.works_for(db, subject_key, service)
        return Rater(f"person:{me.ref}", _TRUST.get(me.level, Trust.OPEN), listed)
    # Several forms opened before the first is sent have the session in common, where there is one.
    own = request.cookies.get(BROWSER, "")[:64] or fingerprint(session.get("csrf_token") or token())
    return Rater(f"browser:{own}", is_internal=service is not None and permits.works_there(me, service), browser=own)


def _remembered(response: ResponseReturnValue, rater: Rater) -> Response:
    """Let the browser keep what stands for it: so that it changes its own rating rather than give a second one."""
    made = make_response(response)
    if rater.browser:
        https = town().config.https
        made.set_cookie(BROWSER, rater.browser, max_age=_THIRTY_DAYS, httponly=True, samesite="Lax", secure=https)
    return made


def _open_service(db: Session, code: str) -> Service:
    found = city.service(db, code)
    if not found.active:
        raise Missing
    return found


@site.route("/servizi/<code>/valuta", methods=["GET", "POST"])
@public(silence=Silence.STAYS, rate="20/minute")
def rate(code: str) -> ResponseReturnValue:
    """Five stars: pressing one stores it."""
    form = RateForm(point=request.args.get("punto", ""), ticket=request.args.get("biglietto", ""))
    with reading() as db:
        service = _open_service(db, code)
    if form.validate_on_submit():
        with form.mending(), writing() as db:
            rater = _rater(db, service)
            rated = ratings.rate(db, _data(form, db, service, rater), pepper=town().pepper, now=now())
            return _remembered(redirect(url_for("quality.more", secret=rated.secret), 303), rater)
    return page(form=form, service=service, words=rules, status=422 if form.is_submitted() else 200)


def _data(form: RateForm, db: Session, service: Service, rater: Rater) -> RatingData:
    point = evidence.point_or_none(db, form.point.data or "", service.code)
    return RatingData(
        instrument=Instrument.SERVICE,
        service_code=service.code,
        stars=form.stars.data,
        form_key=form.form_key.data,
        channel=RatingChannel.QR if point else RatingChannel.WEB,
        trust=rater.trust,
        turn=rater.turn,
        ticket=(form.ticket.data or "").strip().upper(),
        point_code=point.code if point else None,
        quartiere_code=point.quartiere_code if point else None,
        language=language(),
        is_internal=rater.is_internal,
    )


@site.route("/valutazioni/<secret>", methods=["GET", "POST"])
@public(silence=Silence.STAYS, rate="20/minute")
def more(secret: str) -> ResponseReturnValue:
    """The stars are stored; here are reasons, aspects and a text, once."""
    form = MoreForm()
    with reading() as db:
        rating = ratings.rating_of(db, secret, now=now())
        if rating is None or rating.service_code is None:
            return page(form=None, rating=None, service=None, words=rules, status=410)
        service = city.service(db, rating.service_code)
        form.set_reasons(rating.stars)
        form.quartiere_code.choices = choices([("", _("Non lo dico")), *((q.code, q.name) for q in city.quartieri(db))])
        me = citizen_of(db, who()) if who().is_citizen else None
    if form.validate_on_submit():
        with form.mending(), writing() as db:
            rest = form.value(own_email=(me.email or "") if me else "", author_ref=me.ref if me else "")
            voice = _tell(db, secret, rest)
            return redirect(url_for("quality.thanks", code=service.code, voce=voice or None), 303)
    return page(form=form, rating=rating, service=service, words=rules, status=422 if form.is_submitted() else 200)


def _tell(db: Session, secret: str, rest: Rest) -> str:
    ente = city.ente_name(db)
    return ratings.tell_the_rest(db, secret, rest, link=link_to_voice(), site=ente, asked=asked_here(), now=now())[1]


@site.get("/servizi/<code>/grazie")
@public(silence=Silence.STAYS)
def thanks(code: str) -> Response:
    """Thanks, the receipt of what was written, and the question that ends a service."""
    with reading() as db:
        voice = request.args.get("voce", "")
        return page(service=city.service(db, code), voice=voice if is_receipt_code(voice) else "")


@site.get("/v/<code>")
@public(silence=Silence.STAYS)
def point(code: str) -> ResponseReturnValue:
    """Where a poster's QR code leads."""
    with reading() as db:
        found = evidence.point(db, code)
    if found.closed_on is not None:
        return redirect(url_for("quality.service", code=found.service_code), 303)
    if found.is_kiosk:
        return redirect(url_for("quality.totem", code=found.code), 303)
    return redirect(url_for("quality.rate", code=found.service_code, punto=found.code), 303)


@site.get("/biglietto")
@public(silence=Silence.STAYS, rate="30/minute")
def ticket() -> ResponseReturnValue:
    """A ticket's code, typed or from a mail, leads to its service."""
    typed = request.args.get("codice", "").strip().upper()[:20]
    with reading() as db:
        code = evidence.service_of_ticket(db, typed) if typed else None
    if code is not None:
        return redirect(url_for("quality.rate", code=code, biglietto=typed), 303)
    return page(typed=typed, status=404 if typed else 200)


@site.route("/totem/<code>", methods=["GET", "POST"])
@public(silence=Silence.STAYS, plain=True)
def totem(code: str) -> ResponseReturnValue:
    """The five buttons of a totem: pressed, counted, ready for the next person."""
    with reading() as db:
        found = evidence.point(db, code)
    if not found.is_kiosk or found.closed_on is not None:
        raise Missing
    pressed = request.form.get("stelle", "")
    if request.method == "POST" and pressed in {"1", "2", "3", "4", "5"}:
        with writing() as db:
            took = ratings.press_totem(db, found.code, stars=int(pressed), form_key=token(), pepper=town().pepper, now=now())
        return redirect(url_for("quality.totem", code=found.code, esito="grazie" if took else "aspetta"), 303)
    status = 422 if request.method == "POST" else 200
    return page(point=found, service=found.service, words=rules, outcome=request.args.get("esito", ""), status=status)


@site.route("/valuta/pagina", methods=["POST"])
@public(silence=Silence.STAYS, rate="30/minute", plain=True)
def page_rating() -> ResponseReturnValue:
    """The rating of a page of this site or of the main municipal site."""
    form = PageRatingForm()
    if form.validate_on_submit() and _is_page(form):
        with form.mending(), writing() as db:
            rater = _rater(db, None)
            data = _page_data(form, rater)
            rated = ratings.rate(db, data, pepper=town().pepper, now=now())
            if form.reasons.data or form.text.data:
                _tell_once(db, rated.secret, Rest(reasons=form.reasons.data, text=form.text.data or ""))
            return _remembered(redirect(url_for("quality.page_thanks", da=_way_back(data.page)), 303), rater)
    # Sent again from here, the page is still the one of the site that it came from.
    form.page.data = _whole_address(form.page.data or "")
    return page(form=form, words=rules, status=422)


def _is_page(form: PageRatingForm) -> bool:
    """Say whether what is rated is a page: of this site, or of the Comune's own; otherwise tell the form."""
    whole = urlsplit(_whole_address(form.page.data))
    if f"{whole.scheme}://{whole.netloc}" in town().config.known_origins:
        return True
    ours = not whole.netloc or whole.netloc in (request.host, urlsplit(town().config.base_url).netloc)
    try:
        current_app.url_map.bind("localhost").match(whole.path or "/", method="GET")
    except HTTPException:
        ours = False
    if not ours:
        form.put_error("page", _("Questa pagina non è del Comune: torna alla pagina che vuoi valutare e invia da lì."))
    return ours


def _whole_address(typed: str) -> str:
    origin = request.headers.get("Origin", "")
    return origin + typed if typed.startswith("/") and origin in town().config.known_origins else typed


def _tell_once(db: Session, secret: str, rest: Rest) -> None:
    """Add the rest, unless the same form told it already."""
    if ratings.rating_of(db, secret, now=now()) is not None:
        _tell(db, secret, rest)


def _page_data(form: PageRatingForm, rater: Rater) -> RatingData:
    whole = urlsplit(_whole_address(form.page.data))
    foreign = f"{whole.scheme}://{whole.netloc}" in town().config.known_origins
    where = (whole.netloc if foreign else "") + (whole.path or "/")
    return RatingData(
        instrument=Instrument(form.instrument.data),
        page=where[:200],
        stars=form.stars.data,
        form_key=keyed(town().pepper, "page-form", form.key.data or _sameness(form)),
        trust=rater.trust,
        turn=rater.turn,
        language=language(),
    )


def _sameness(form: PageRatingForm) -> str:
    """Say what makes two posts without a key the same: what they say, from where, within the hour."""
    said = (form.instrument.data, form.page.data, form.stars.data, sorted(form.reasons.data or ()), form.text.data)
    return f"{network_of_address(request.remote_addr or '')}|{request.user_agent.string}|{said}|{now():%Y-%m-%d %H}"


def _way_back(where: str) -> str:
    return where if where.startswith("/") else f"https://{where}"


@site.get("/valuta/pagina/grazie")
@public(silence=Silence.STAYS)
def page_thanks() -> Response:
    """Thanks, and the way back to the page."""
    back = request.args.get("da", "")
    parts = urlsplit(back)
    known = {urlsplit(o).netloc: o for o in town().config.known_origins}
    safe = back.startswith("/") and not back.startswith("//") and "\\" not in back and back.isprintable()
    ours = absolute(request.script_root + (back if safe else "/"))
    address = known[parts.netloc] + parts.path if not safe and parts.netloc in known else ours
    return page(back=address)
