"""The desk of an office or a provider: its figures, and what it keeps beside them."""

from io import BytesIO
from typing import Any

import segno
from flask import Blueprint, Response, flash, make_response, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from wtforms.fields.choices import SelectChoice

from civic.city import queries as city
from civic.city.models import Service
from civic.kernel.clock import civil_day
from civic.kernel.errors import Missing
from civic.kernel.intake import decode
from civic.kernel.permissions import Permission
from civic.kernel.tables import to_csv
from civic.kernel.typeset import typeset
from civic.outbox.asking import asked_here
from civic.quality import rules
from civic.quality.commands import evidence as kept
from civic.quality.commands import points
from civic.quality.desk_forms import (
    ContactsForm,
    InviteForm,
    MeasureForm,
    PointForm,
    ResultsApplyForm,
    ResultsForm,
    StandardForm,
    TicketsForm,
)
from civic.quality.models import SENSES, RatingPoint
from civic.quality.queries import evidence, figures, keeping
from civic.web.doors import staff
from civic.web.forms import Form, choices
from civic.web.i18n import language
from civic.web.pages import absolute, page
from civic.web.town import now, reading, who, writing

desk = Blueprint("quality_desk", __name__, url_prefix="/desk/valutazioni")
EVIDENCE = Permission.QUALITY_EVIDENCE_EDIT
REVIEW = Permission.QUALITY_WINDOW_REVIEW
_VOICES = (Permission.CONTRIBUTIONS_VOICE_ANSWER, Permission.CONTRIBUTIONS_VOICE_TRIAGE)


def status_of(form: Form) -> int:
    """Return 422 for a form that comes back with errors."""
    return 422 if form.is_submitted() else 200


def places(db: Session) -> list[SelectChoice]:
    """List the quartieri to choose from, after none in particular."""
    return choices([("", _("Nessuno in particolare")), *((q.code, q.name) for q in city.quartieri(db))])


def name_of(service: Service) -> str:
    """Return a service's name in the page's language, as plain text."""
    return service.name_en if language() == "en" and service.name_en else service.name_it


@desk.get("")
@staff(EVIDENCE, REVIEW)
def overview() -> Response:
    """The services that one keeps, each with its figure; whoever reviews windows reads all of them."""
    with reading() as db:
        mine = evidence.editable_services(db, who())
        return page(
            services=city.services(db) if who().may(REVIEW) else mine,
            mine=frozenset(s.code for s in mine),
            figures=figures.figure_per_service(db, today=civil_day(now())),
            undecided=keeping.undecided_per_service(db),
            period=figures.Period.to(civil_day(now())),
            least=figures.threshold(db, "mean_min_n"),
        )


@desk.get("/<code>")
@staff(EVIDENCE)
def service(code: str) -> Response:
    """One service: its figures also where the public sees none yet, and all that is kept beside them."""
    today = civil_day(now())
    with reading() as db:
        found = points.service_for(db, who(), code)
        told = figures.figures_of(db, code, today=today)
        return page(
            service=found,
            told=told,
            aspects=figures.aspects_of(db, code, today=today),
            reasons=figures.reasons_of(db, rules.Instrument.SERVICE, code, today=today),
            windows=evidence.windows_of(db, code, since=told.period.since),
            reads_voices=any(who().may(p) for p in _VOICES),
            words=rules,
            **_kept_beside(db, code),
        )


def _kept_beside(db: Session, code: str) -> dict[str, Any]:
    return {
        "points": evidence.points_of(db, code),
        "contacts": keeping.contacts_of(db, code),
        "standards": evidence.standards_of(db, code),
        "senses": SENSES,
        "beside": evidence.results_beside(db, code),
    }


# ---- points and tickets ----------------------------------------------------------------------------------------------


@desk.route("/<code>/punti", methods=["GET", "POST"])
@staff(EVIDENCE)
def point_new(code: str) -> ResponseReturnValue:
    """Make a poster or a totem."""
    form = PointForm()
    with reading() as db:
        found = points.service_for(db, who(), code)
        form.quartiere_code.choices = places(db)
    if form.validate_on_submit():
        with form.mending(), writing() as db:
            points.make_point(db, who(), code, form.value(), now=now())
            flash(_("Punto aggiunto: lo trovi qui sotto, fra i punti di valutazione."), "success")
            return redirect(url_for("quality_desk.service", code=code), 303)
    return page(service=found, form=form, status=status_of(form))


@desk.post("/punti/<point>/chiudi")
@staff(EVIDENCE)
def point_close(point: str) -> ResponseReturnValue:
    """Close a point."""
    with writing() as db:
        closed = points.close_point(db, who(), point, now=now())
        flash(_("Punto chiuso: «%(place)s» non riceve più valutazioni.", place=closed.place), "success")
        return redirect(url_for("quality_desk.service", code=closed.service_code), 303)


@desk.get("/punti/<point>/manifesto.pdf")
@staff(EVIDENCE)
def poster(point: str) -> Response:
    """The poster of a point, ready to print. A totem has none: its address is for its own screen."""
    with reading() as db:
        found = evidence.point(db, point)
        mine, ente = points.service_for(db, who(), found.service_code), city.ente_name(db)
    if found.is_kiosk or found.closed_on is not None:
        raise Missing
    response = make_response(typeset("poster", _poster_data(found, mine, ente), made_at=now()))
    response.headers["Content-Type"] = "application/pdf"
    response.headers["Content-Disposition"] = f'inline; filename="manifesto-{found.code.lower()}.pdf"'
    return response


def _poster_data(point: RatingPoint, mine: Service, ente: str) -> dict[str, str]:
    address = absolute(url_for("quality.point", code=point.code))
    name = name_of(mine)
    return {
        "lang": language(),
        "title": _("Com'è andata? %(service)s", service=name),
        "ente": ente,
        "question": _("Com'è andata?"),
        "service": name,
        "place": point.place,
        "qr": _qr(address),
        "qr_alt": _("Codice QR che apre la pagina per valutare il servizio"),
        "how": _("Inquadra il codice con il telefono, oppure scrivi questo indirizzo:"),
        "address": address.partition("://")[2],
        "use": _(
            "Bastano dieci secondi e non ti chiediamo chi sei. I risultati sono pubblici: servono a migliorare il servizio."
        ),
    }


def _qr(address: str) -> str:
    out = BytesIO()
    segno.make(address, error="m", micro=False).save(out, kind="svg", xmldecl=False, svgns=True)
    return out.getvalue().decode()


@desk.route("/<code>/biglietti", methods=["GET", "POST"])
@staff(EVIDENCE)
def tickets(code: str) -> ResponseReturnValue:
    """Prepare tickets to hand out; the answer shows their codes, and nobody can show them again."""
    form = TicketsForm(count=20)
    with reading() as db:
        found = points.service_for(db, who(), code)
        form.quartiere_code.choices = places(db)
    if form.validate_on_submit():
        count, quartiere = form.count.data, form.quartiere_code.data or None
        with form.mending(), writing() as db:
            codes = points.issue_tickets(db, who(), code, count=count, quartiere_code=quartiere, now=now())
            return page(service=found, form=None, codes=codes)
    return page(service=found, form=form, codes=None, status=status_of(form))


@desk.route("/<code>/invito", methods=["GET", "POST"])
@staff(EVIDENCE)
def invite(code: str) -> ResponseReturnValue:
    """Send a ticket by mail to who had a contact."""
    form = InviteForm()
    with reading() as db:
        found = points.service_for(db, who(), code)
    if form.validate_on_submit():
        link, address = f"{absolute(url_for('quality.ticket'))}?codice=%s", form.email.data.lower()
        with form.mending(), writing() as db:
            points.invite_by_mail(db, who(), code, address, link=link, asked=asked_here(), now=now())
            flash(_("Invito in partenza. Del suo indirizzo non teniamo nulla, partito il messaggio."), "success")
            return redirect(url_for("quality_desk.invite", code=code), 303)
    return page(service=found, form=form, status=status_of(form))


@desk.route("/<code>/contatti", methods=["GET", "POST"])
@staff(EVIDENCE)
def contacts(code: str) -> ResponseReturnValue:
    """Say how many contacts a month had: it tells how many of them answered."""
    form = ContactsForm()
    with reading() as db:
        found, told = points.service_for(db, who(), code), keeping.contacts_of(db, code)
    if form.validate_on_submit():
        given = {"month": form.month.data, "n": form.n.data, "source": form.source.data}
        with form.mending(), writing() as db:
            points.tell_contacts(db, who(), code, **given, now=now())
            flash(_("Contatti registrati: il tasso di risposta ne tiene conto da subito."), "success")
            return redirect(url_for("quality_desk.contacts", code=code), 303)
    return page(service=found, contacts=told, form=form, status=status_of(form))


# ---- standards -------------------------------------------------------------------------------------------------------


@desk.route("/<code>/standard", methods=["GET", "POST"])
@staff(EVIDENCE)
def standard_new(code: str) -> ResponseReturnValue:
    """Write down a promise of the Carta dei servizi."""
    form = StandardForm()
    with reading() as db:
        found = points.service_for(db, who(), code)
    if form.validate_on_submit():
        with form.mending(), writing() as db:
            kept.add_standard(db, who(), code, form.value(), now=now())
            flash(_("Standard aggiunto: è già nella pagina pubblica."), "success")
            return redirect(url_for("quality_desk.service", code=code), 303)
    return page(service=found, form=form, status=status_of(form))


@desk.route("/standard/<int:standard_id>/misura", methods=["GET", "POST"])
@staff(EVIDENCE)
def standard_measure(standard_id: int) -> ResponseReturnValue:
    """Write down what was measured of a promise."""
    form = MeasureForm()
    with reading() as db:
        found = kept.standard_for(db, who(), standard_id)
        mine, measures = city.service(db, found.service_code), list(found.measures)
    if form.validate_on_submit():
        with form.mending(), writing() as db:
            kept.record_measure(db, who(), standard_id, form.value(), now=now())
            flash(_("Misura registrata: quelle di prima restano."), "success")
            return redirect(url_for("quality_desk.service", code=mine.code), 303)
    return page(standard=found, measures=measures, service=mine, senses=SENSES, form=form, status=status_of(form))


@desk.post("/standard/<int:standard_id>/chiudi")
@staff(EVIDENCE)
def standard_end(standard_id: int) -> ResponseReturnValue:
    """End a promise: it stays on the page among those of before."""
    with writing() as db:
        ended = kept.end_standard(db, who(), standard_id, now=now())
        flash(_("Standard chiuso da oggi: resta nella pagina fra quelli di prima."), "success")
        return redirect(url_for("quality_desk.service", code=ended.service_code), 303)


# ---- results of others -----------------------------------------------------------------------------------------------


@desk.route("/indagini", methods=["GET", "POST"])
@staff(EVIDENCE)
def results() -> ResponseReturnValue:
    """Choose a file of results and see what adding it would do."""
    form = ResultsForm()
    if form.validate_on_submit():
        with form.mending(), reading() as db:
            data = form.file.data.read()
            preview = kept.preview_results(db, who(), data, now=now())
            apply_form = ResultsApplyForm(formdata=None, text=decode(data))
            status = 422 if preview.problems else 200
            return page(form=form, preview=preview, apply_form=apply_form, columns=kept.COLUMNS, status=status)
    return page(form=form, preview=None, apply_form=None, columns=kept.COLUMNS, status=status_of(form))


@desk.post("/indagini/applica")
@staff(EVIDENCE)
def results_apply() -> ResponseReturnValue:
    """Add what the preview showed: all of it, or nothing."""
    form = ResultsApplyForm()
    if form.validate_on_submit():
        with form.mending(), writing() as db:
            n = kept.add_results(db, who(), (form.text.data or "").encode(), now=now())
            flash(_("Risultati aggiunti: %(n)s. Quelli che c'erano già non si ripetono.", n=n), "success")
            return redirect(url_for("quality_desk.overview"), 303)
    return page(form=form, status=422)


@desk.get("/indagini/modello.csv")
@staff(EVIDENCE)
def results_sample() -> Response:
    """An empty file with the right first row."""
    response = make_response(to_csv(kept.COLUMNS, []))
    response.headers["Content-Type"] = "text/csv; charset=utf-8"
    response.headers["Content-Disposition"] = 'attachment; filename="modello-indagini.csv"'
    return response
