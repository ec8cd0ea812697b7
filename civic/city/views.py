"""Public pages: who the Comune is, its services, and the two forms about this site."""

from flask import Blueprint, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from civic.city import commands, queries
from civic.city.forms import ReportForm
from civic.city.models import ReportKind
from civic.kernel.clock import civil_day
from civic.kernel.silence import Silence
from civic.outbox.asking import asked_here
from civic.web.doors import public
from civic.web.pages import absolute, page
from civic.web.town import now, reading, writing

site = Blueprint("city", __name__)


@site.get("/amministrazione")
@public(silence=Silence.STAYS)
def organisation() -> Response:
    """Offices, quartieri, partecipate and concessionaires."""
    with reading() as session:
        return page(
            offices=queries.offices(session),
            quartieri=queries.quartieri(session),
            providers=queries.providers(session),
            today=civil_day(now()),
        )


@site.route("/accessibilita", methods=["GET", "POST"])
@public(silence=Silence.STAYS)
def accessibility() -> ResponseReturnValue:
    """What the site does for accessibility, and a form to say where it fails."""
    return _report_form(ReportKind.ACCESSIBILITY)


@site.route("/disservizio", methods=["GET", "POST"])
@public(silence=Silence.STAYS)
def malfunction() -> ResponseReturnValue:
    """A form to say that this site does not work."""
    return _report_form(ReportKind.MALFUNCTION)


def _report_form(kind: ReportKind) -> ResponseReturnValue:
    form = ReportForm(page=request.args.get("pagina", ""))
    if form.validate_on_submit():
        link = absolute(url_for("city.report", code="%s")).replace("%25s", "%s")
        with form.mending(), writing() as session:
            site_name = queries.ente_name(session)
            filed = commands.file_report(session, form.value(kind), link=link, site=site_name, asked=asked_here(), now=now())
            return redirect(url_for("city.report", code=filed.code), 303)
    return page(form=form, status=422 if form.is_submitted() else 200)


@site.get("/segnalazioni/<code>")
@public(silence=Silence.STAYS)
def report(code: str) -> Response:
    """The receipt of a report: what became of it. It shows no text and no address of the sender."""
    with reading() as session:
        return page(report=queries.report_by_code(session, code), today=civil_day(now()))
