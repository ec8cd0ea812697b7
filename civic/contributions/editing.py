"""Pages of the desk where paths of participation, themes and saved replies are written."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from civic.city import queries as city
from civic.contributions import permits
from civic.contributions.acting import desk
from civic.contributions.commands import consultations
from civic.contributions.forms import ConsultationForm, OutcomeForm, PhaseForm, TemplateForm, ThemeForm
from civic.contributions.queries import commitments as done
from civic.contributions.queries import voices as queries
from civic.kernel.clock import civil_day
from civic.kernel.permissions import Permission
from civic.web.doors import staff
from civic.web.forms import choices
from civic.web.pages import page
from civic.web.town import now, reading, who, writing

__all__ = ["desk"]
_TRIAGE = Permission.CONTRIBUTIONS_VOICE_TRIAGE
_ANSWER = Permission.CONTRIBUTIONS_VOICE_ANSWER
_EDIT = Permission.CONTRIBUTIONS_CONSULTATION_EDIT


@desk.route("/risposte-pronte", methods=["GET", "POST"])
@staff(_TRIAGE, _ANSWER)
def templates() -> ResponseReturnValue:
    """The saved replies of one's own office, and those of the whole ente."""
    form = TemplateForm()
    office = next(iter(permits.offices_of(who()) or ()), None)
    with reading() as db:
        found = queries.templates_of(db, office)
        form.office_code.choices = choices(_writes_for(db, office))
    if form.validate_on_submit():
        with form.mending(), writing() as db:
            told = {"title": form.title.data, "text": form.text.data}
            consultations.save_template(db, who(), office_code=form.office_code.data or None, **told)
            flash(_("Risposta salvata."), "success")
            return redirect(url_for("voices_desk.templates"), 303)
    return page(form=form, templates=found, status=422 if form.is_submitted() else 200)


def _writes_for(db: Session, office: str | None) -> list[tuple[str, str]]:
    """List for whom a person may save replies: her office, everyone who answers, or nobody."""
    found = [(office, city.office(db, office).name)] if office and permits.may_save_reply(who(), office) else []
    return [*found, ("", _("Tutto il Comune"))] if permits.may_save_reply(who(), None) else found


@desk.route("/percorsi", methods=["GET", "POST"])
@staff(_EDIT)
def consultation_list() -> ResponseReturnValue:
    """The consultations, and opening another."""
    form = ConsultationForm()
    with reading() as db:
        form.office_code.choices = choices([(o.code, o.name) for o in city.offices_valid_on(db, civil_day(now()))])
        found = done.consultations(db)
    if form.validate_on_submit():
        with form.mending(), writing() as db:
            made = consultations.open_consultation(db, who(), form.value(), now=now())
            return redirect(url_for("voices_desk.consultation", code=made.code), 303)
    return page(form=form, consultations=found, today=civil_day(now()), status=422 if form.is_submitted() else 200)


@desk.route("/percorsi/<code>", methods=["GET", "POST"])
@staff(_EDIT)
def consultation(code: str) -> ResponseReturnValue:
    """Change a consultation."""
    with reading() as db:
        found = done.consultation_by_code(db, code)
        phases = done.phases_of(db, code)
        offices = city.offices_valid_on(db, civil_day(now()))
    form = ConsultationForm(obj=found)
    form.office_code.choices = choices([(o.code, o.name) for o in offices])
    if form.validate_on_submit():
        with form.mending(), writing() as db:
            consultations.change_consultation(db, who(), code, form.value(), version=form.seen_version, now=now())
            flash(_("Percorso salvato."), "success")
            return redirect(url_for("voices_desk.consultation", code=code), 303)
        form.catch_up(found.version)
    return page(form=form, consultation=found, phases=phases, status=422 if form.is_submitted() else 200)


@desk.route("/percorsi/<code>/fase", methods=["GET", "POST"])
@staff(_EDIT)
def phase(code: str) -> ResponseReturnValue:
    """Add a phase to a consultation."""
    form = PhaseForm()
    with reading() as db:
        found = done.consultation_by_code(db, code)
    if form.validate_on_submit():
        told = {name: getattr(form, name).data or "" for name in ("title_it", "title_en")}
        with form.mending(), writing() as db:
            consultations.add_phase(db, who(), code, **told, starts_on=form.starts_on.data, ends_on=form.ends_on.data)
            return redirect(url_for("voices_desk.consultation", code=code), 303)
    return page(form=form, consultation=found, status=422 if form.is_submitted() else 200)


@desk.route("/percorsi/<code>/esito", methods=["GET", "POST"])
@staff(_EDIT)
def outcome(code: str) -> ResponseReturnValue:
    """Tell what came of a consultation."""
    with reading() as db:
        found = done.consultation_by_code(db, code)
    form = OutcomeForm(obj=found)
    if form.validate_on_submit():
        with form.mending(), writing() as db:
            told = {"outcome_it": form.outcome_it.data, "outcome_en": form.outcome_en.data or ""}
            consultations.tell_outcome(db, who(), code, **told, now=now())
            return redirect(url_for("voices.consultation", code=code), 303)
    return page(form=form, consultation=found, status=422 if form.is_submitted() else 200)


@desk.route("/temi", methods=["GET", "POST"])
@staff(_EDIT)
def themes() -> ResponseReturnValue:
    """The codebook of themes."""
    form = ThemeForm()
    if form.validate_on_submit():
        told = {name: getattr(form, name).data or "" for name in ("label_it", "label_en", "definition")}
        with form.mending(), writing() as db:
            consultations.add_theme(db, who(), **told)
            return redirect(url_for("voices_desk.themes"), 303)
    with reading() as db:
        return page(form=form, themes=queries.themes(db), status=422 if form.is_submitted() else 200)
