"""The data protection officer's pages: the register of processing, and what to do, by when, after an incident."""

from datetime import datetime, timedelta

from flask import Blueprint, Response, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from civic.desk.forms import IncidentForm
from civic.journal.queries import entries_between, heads
from civic.kernel.permissions import Permission
from civic.kernel.tables import to_csv
from civic.rights.inventory import processings
from civic.web.doors import staff
from civic.web.pages import page
from civic.web.town import reading

privacy = Blueprint("privacy_desk", __name__, url_prefix="/desk")
_READ = Permission.PRIVACY_REGISTER_READ
# L. 90/2024 art. 1 for a municipality over 100,000 inhabitants; GDPR art. 33.
EARLY, FULL, GARANTE = timedelta(hours=24), timedelta(hours=72), timedelta(hours=72)


@privacy.get("/trattamenti")
@staff(_READ)
def register() -> Response:
    """The register of processing (GDPR art. 30), generated from the tables themselves."""
    return page(lines=processings())


@privacy.get("/trattamenti.csv")
@staff(_READ)
def register_file() -> Response:
    """The same register as a file, to be completed with what software cannot know."""
    header = ("finalita", "chi_vede", "conservazione", "campi", "base_giuridica", "destinatari", "misure")
    rows = [[_(p.purpose), _(p.seen_by), _(p.keep), ", ".join(p.columns), "", "", ""] for p in processings()]
    return _csv(to_csv(header, rows), "registro-trattamenti.csv")


def _csv(body: str, name: str) -> Response:
    response = make_response(body)
    response.headers["Content-Type"] = "text/csv; charset=utf-8"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@privacy.get("/incidente")
@staff(_READ)
def incident() -> Response:
    """Who must be told what by when, counted from when the incident was noticed."""
    form = IncidentForm(request.args, meta={"csrf": False})
    noticed: datetime | None = form.noticed_at.data if request.args and form.validate() else None
    terms = (
        (_("Prima segnalazione ad ACN (L. 90/2024)"), EARLY),
        (_("Notifica completa ad ACN (L. 90/2024)"), FULL),
        (_("Notifica al Garante (GDPR art. 33), se i diritti delle persone sono a rischio"), GARANTE),
    )
    deadlines = [(words, noticed + term) for words, term in terms] if noticed else []
    with reading() as session:
        return page(form=form, noticed=noticed, deadlines=deadlines, head=next(iter(heads(session, limit=1)), None))


@privacy.get("/incidente/prove.csv")
@staff(_READ)
def evidence() -> ResponseReturnValue:
    """What the register holds of the days around an incident, as a file."""
    form = IncidentForm(request.args, meta={"csrf": False})
    if not form.validate() or form.noticed_at.data is None:
        return redirect(url_for("privacy_desk.incident"), 303)
    noticed = form.noticed_at.data
    header = ("numero", "quando", "che_cosa", "su_che_cosa", "chi", "persona", "dettagli")
    with reading() as session:
        found = entries_between(session, noticed - timedelta(days=7), noticed + timedelta(days=7))
        rows = [
            [e.id, e.happened_at.isoformat(), e.kind, f"{e.subject_kind}:{e.subject_ref}", e.voice, e.author_ref, str(e.facts)]
            for e in found
        ]
    return _csv(to_csv(header, rows), "prove-incidente.csv")
