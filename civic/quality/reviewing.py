"""The desk, for the whole ente: operators' ratings, anomalous windows, pages, the lists of who works where."""

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from civic.city import queries as city
from civic.contributions.rules import redact
from civic.kernel.clock import civil_day
from civic.kernel.paging import Paging
from civic.kernel.permissions import Permission
from civic.quality import permits, rules
from civic.quality.commands import points
from civic.quality.commands.employees import replace_employees
from civic.quality.commands.windows import review_window
from civic.quality.desk import EVIDENCE, REVIEW, desk, name_of, places, status_of
from civic.quality.desk_forms import EmployeesForm, EnterForm, VerdictForm
from civic.quality.models import AnomalyWindow
from civic.quality.queries import evidence, figures, keeping
from civic.quality.rules import Instrument, WindowVerdict
from civic.web.doors import staff
from civic.web.forms import choices
from civic.web.i18n import language
from civic.web.pages import page
from civic.web.town import now, reading, town, who, writing

__all__ = ["desk"]
_ENTER = Permission.QUALITY_RATING_ENTER
_EMPLOYEE = Permission.QUALITY_EMPLOYEE_EDIT


@desk.route("/scrivi", methods=["GET", "POST"])
@staff(_ENTER)
def enter() -> ResponseReturnValue:
    """Write down the stars that somebody gives at the counter or by telephone; the rest follows, with her."""
    form = EnterForm()
    with reading() as db:
        mine = [s for s in city.services(db) if permits.may_enter(who(), s)]
        form.service_code.choices = choices([(s.code, f"{s.category} · {name_of(s)}") for s in mine])
        form.quartiere_code.choices = places(db)
    if form.validate_on_submit():
        with form.mending(), writing() as db:
            rated = points.enter_rating(db, who(), form.value(language=language()), pepper=town().pepper, now=now())
            flash(_("Stelle registrate. Se la persona vuole, aggiungi con lei i motivi e le sue parole."), "success")
            return redirect(url_for("quality.more", secret=rated.secret), 303)
    return page(form=form, status=status_of(form))


@desk.get("/flussi")
@staff(REVIEW)
def windows() -> Response:
    """The windows that look anomalous: the undecided first."""
    with reading() as db:
        found = evidence.windows(db, paging=Paging.from_text(request.args.get("pagina")))
        mine = frozenset(w.id for w in found.rows if permits.may_review(who(), w.service))
        return page(found=found, mine=mine, words=rules)


@desk.route("/flussi/<int:window_id>", methods=["GET", "POST"])
@staff(REVIEW)
def window(window_id: int) -> ResponseReturnValue:
    """One window: what came in, what it does to the figure, and what one of two people thinks of it."""
    with reading() as db:
        found = keeping.window_before(db, who(), window_id)
        told = figures.figures_of(db, found.service_code, today=civil_day(now()))
        counts = keeping.counts_of_window(db, found)
    form = VerdictForm(public_note=found.public_note)
    if form.validate_on_submit():
        verdict, notes = WindowVerdict(form.verdict.data), {"note": form.note.data, "public_note": form.public_note.data or ""}
        with form.mending(), writing() as db:
            flash(_outcome(review_window(db, who(), window_id, verdict, **notes, now=now())), "success")
            return redirect(url_for("quality_desk.windows"), 303)
    return page(window=found, told=told, counts=counts, words=rules, form=form, status=status_of(form))


def _outcome(window: AnomalyWindow) -> str:
    if window.verdict is not None:
        return str(_("Deciso in due: la decisione è pubblica."))
    if window.first_verdict is None:
        return str(_("Non siete d'accordo: il flusso torna all'inizio e resta fuori dal dato."))
    return str(_("Proposta registrata: ora serve una seconda persona."))


@desk.get("/pagine")
@staff(EVIDENCE, REVIEW)
def pages() -> Response:
    """The judged pages, the worst first, what was written about them, and how the main municipal site asks."""
    period = figures.Period.to(civil_day(now()))
    with reading() as db:
        return page(
            found=evidence.pages(db, since=period.since, paging=Paging.from_text(request.args.get("pagina"))),
            texts=[(rating, redact(rating.text)) for rating in evidence.page_texts(db)],
            period=period,
            origins=sorted(town().config.known_origins),
            asked=rules.WORDS[Instrument.PAGE_CLARITY],
            words=rules,
        )


@desk.route("/personale", methods=["GET", "POST"])
@staff(_EMPLOYEE)
def employees() -> ResponseReturnValue:
    """Who works where: codici fiscali come in, and only keys are kept."""
    form = EmployeesForm()
    with reading() as db:
        told = [(o.code, o.name) for o in city.offices_valid_on(db, civil_day(now()))]
        told += [(p.code, p.name) for p in city.providers(db)]
        listed = keeping.listed_per_employer(db)
    form.employer.choices = choices(told)
    if form.validate_on_submit():
        employer, lines = form.employer.data, form.lines.data.splitlines()
        with form.mending(), writing() as db:
            n = replace_employees(db, who(), employer, lines, pepper=town().pepper, now=now())
            flash(_("Elenco sostituito: %(n)s. I codici fiscali non sono stati conservati.", n=n), "success")
            return redirect(url_for("quality_desk.employees"), 303)
    return page(form=form, told=dict(told), listed=listed, status=status_of(form))
