"""Public pages: how one takes part, and the register of associations and bodies."""

from flask import Blueprint, Response, make_response, request

from civic.city import queries as city
from civic.kernel.actor import TrustLevel
from civic.kernel.paging import Paging
from civic.kernel.silence import Silence
from civic.kernel.tables import to_csv
from civic.people import rules
from civic.people.queries import bodies
from civic.people.queries.citizens import participant_of
from civic.web.doors import public
from civic.web.pages import page
from civic.web.town import reading, who

site = Blueprint("people", __name__)


@site.get("/come-si-partecipa")
@public(silence=Silence.STAYS)
def levels() -> Response:
    """The three trust levels, what each is asked for, and how each way of taking part counts."""
    with reading() as db:
        me = participant_of(db, who())
    stops = {level: rules.hurdles(rules.Requirement(level=level), me) for level in TrustLevel}
    return page(levels=rules.LEVELS, stops=stops, hurdles=rules.HURDLES, channels=rules.CHANNELS, bonds=rules.BONDS)


@site.get("/associazioni")
@public(silence=Silence.STAYS)
def body_list() -> Response:
    """The verified associations and bodies, all or some."""
    kind, quartiere = request.args.get("tipo", ""), request.args.get("quartiere", "")
    with reading() as db:
        found = bodies.verified_bodies(db, kind=kind, quartiere=quartiere, paging=Paging.from_text(request.args.get("pagina")))
        return page(found=found, kinds=rules.BODY_KINDS, quartieri=city.quartieri(db), kind=kind, quartiere=quartiere)


@site.get("/associazioni.csv")
@public(silence=Silence.STAYS)
def body_file() -> Response:
    """The same register as open data."""
    with reading() as db:
        response = make_response(to_csv(bodies.FILE_COLUMNS, bodies.file_rows(db)))
    response.headers["Content-Type"] = "text/csv; charset=utf-8"
    response.headers["Content-Disposition"] = 'attachment; filename="associazioni.csv"'
    return response


@site.get("/associazioni/<code>")
@public(silence=Silence.STAYS)
def body(code: str) -> Response:
    """One verified body."""
    with reading() as db:
        found = bodies.verified_body(db, code)
        quartieri = {q.code: q.name for q in city.quartieri(db)}
        return page(body=found, kinds=rules.BODY_KINDS, quartiere=quartieri.get(found.quartiere_code or "", ""))
