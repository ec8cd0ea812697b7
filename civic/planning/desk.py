"""Staff pages of the plan: drafts, approval, classification, assessments, imports, phases and indicators."""

from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from civic.city import queries as city
from civic.kernel.clock import civil_day
from civic.kernel.errors import Missing
from civic.kernel.intake import decode
from civic.kernel.paging import Paging
from civic.kernel.permissions import Permission
from civic.planning import permits, rules
from civic.planning.commands import actions as action_commands
from civic.planning.commands import documents as document_commands
from civic.planning.commands import drafts as draft_commands
from civic.planning.commands.statuses import record_status
from civic.planning.forms import (
    ApplyForm,
    AssessmentForm,
    ClassificationForm,
    DraftForm,
    ImportForm,
    MeasureForm,
    PhaseForm,
    ReturnForm,
)
from civic.planning.intake import COLUMNS
from civic.planning.models import MandateAction, SiteBasis, Voice
from civic.planning.queries import actions, documents
from civic.web.doors import staff
from civic.web.forms import Form, choices
from civic.web.pages import absolute, page
from civic.web.town import now, reading, who, writing

desk = Blueprint("planning_desk", __name__, url_prefix="/desk")
_DRAFT, _PUBLISH, _IMPORT = Permission.PLANNING_ACTION_DRAFT, Permission.PLANNING_ACTION_PUBLISH, Permission.PLANNING_PLAN_IMPORT


@desk.get("/azioni")
@staff(_DRAFT, _PUBLISH)
def action_list() -> ResponseReturnValue:
    """The actions that this person may work on, those with a draft first."""
    offices, codes = permits.reach(who(), _DRAFT, _PUBLISH)
    query = request.args.get("q", "")[:100]
    with reading() as session:
        paging = Paging.from_text(request.args.get("pagina"))
        offices = None if offices is None else city.with_predecessors(session, offices)
        found = actions.desk_page(session, offices=offices, codes=codes, query=query, paging=paging)
        return page(found=found, query=query, statuses=rules.STATUSES)


def _mine(session: Any, code: str, *, lock: bool = False) -> MandateAction:
    """Load an action that this person may draft; for anybody else there is no such page."""
    action = actions.action_by_code(session, code, lock=lock)
    if not (permits.may_draft(who(), action) or permits.may_publish(who(), action)):
        raise Missing
    return action


@desk.route("/azioni/<code>", methods=["GET", "POST"])
@staff(_DRAFT, _PUBLISH)
def action(code: str) -> ResponseReturnValue:
    """An action's draft: prepare it, save it, see what waits."""
    form = DraftForm()
    if form.validate_on_submit():
        with form.mending(), writing() as session:
            mine = _mine(session, code, lock=True)
            draft_commands.save_draft(session, who(), mine, form.value(), version=form.seen_version, now=now())
            flash(_("Bozza salvata. La pagina pubblica non è cambiata."), "success")
            return redirect(url_for("planning_desk.action", code=code), 303)
    with reading() as session:
        mine = _mine(session, code)
        draft, words = actions.draft_of(session, mine.id), actions.current_version(session, mine)
        if not form.is_submitted():
            form.process(obj=draft or words)
            form.version.data = str(draft.version if draft else 0)
        theirs = draft if form.stale else None
        if form.stale:
            form.version.data = str(draft.version if draft else 0)
        return page(
            status=_status(form),
            form=form,
            action=mine,
            draft=draft,
            words=words,
            theirs=theirs,
            statuses=rules.STATUSES,
            return_form=ReturnForm(formdata=None),
            may_publish=permits.may_publish(who(), mine),
            may_draft=permits.may_draft(who(), mine),
            history=actions.history(session, mine),
        )


def _status(form: Form) -> int:
    return 409 if form.stale else 422 if form.is_submitted() else 200


def _version() -> int:
    text = request.form.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


@desk.post("/azioni/<code>/invia")
@staff(_DRAFT)
def submit(code: str) -> ResponseReturnValue:
    """Hand the draft to whoever approves it."""
    with writing() as session:
        mine = _mine(session, code, lock=True)
        draft_commands.submit_draft(
            session,
            who(),
            mine,
            version=_version(),
            link=absolute(url_for("planning_desk.action", code=code)),
            site=city.ente(session).name,
            now=now(),
        )
    flash(_("Bozza inviata: chi approva riceve un messaggio."), "success")
    return redirect(url_for("planning_desk.action", code=code), 303)


@desk.post("/azioni/<code>/rinvia")
@staff(_PUBLISH)
def send_back(code: str) -> ResponseReturnValue:
    """Send the draft back with a note."""
    form = ReturnForm()
    if not form.validate_on_submit():
        with reading() as session:
            mine = _mine(session, code)
            return page(status=422, form=form, action=mine, draft=actions.draft_of(session, mine.id))
    with writing() as session:
        mine = _mine(session, code, lock=True)
        draft_commands.return_draft(
            session,
            who(),
            mine,
            version=_version(),
            note=form.note.data,
            link=absolute(url_for("planning_desk.action", code=code)),
            site=city.ente(session).name,
            now=now(),
        )
    flash(_("Bozza rinviata a chi l'ha scritta."), "success")
    return redirect(url_for("planning_desk.action", code=code), 303)


@desk.post("/azioni/<code>/pubblica")
@staff(_PUBLISH)
def publish(code: str) -> ResponseReturnValue:
    """Approve the draft: it becomes the public page."""
    with writing() as session:
        mine = _mine(session, code, lock=True)
        draft_commands.publish_draft(session, who(), mine, version=_version(), now=now())
    flash(_("Pubblicata: i cittadini la vedono adesso."), "success")
    return redirect(url_for("planning_desk.action", code=code), 303)


@desk.route("/azioni/<code>/valutazione", methods=["GET", "POST"])
@staff(_PUBLISH)
def assess(code: str) -> ResponseReturnValue:
    """Add what a third party says, beside what the office declared."""
    form = AssessmentForm()
    if form.validate_on_submit():
        with form.mending(), writing() as session:
            mine = _mine(session, code, lock=True)
            record_status(session, who(), mine, form.value(), voice=Voice.ASSESSED, by_label=form.by_label.data, now=now())
            flash(_("Valutazione registrata, accanto a quella dell'ufficio."), "success")
            return redirect(url_for("planning_desk.action", code=code), 303)
    with reading() as session:
        mine = _mine(session, code)
        words = actions.current_version(session, mine)
        return page(status=_status(form), form=form, action=mine, words=words)


@desk.route("/azioni/<code>/classifica", methods=["GET", "POST"])
@staff(_PUBLISH)
def classify(code: str) -> ResponseReturnValue:
    """Say where an action belongs."""
    form = ClassificationForm()
    with reading() as session:
        mine = _mine(session, code)
        _fill_choices(form, session, mine)
        if not form.is_submitted():
            _fill_classification(form, session, mine)
        words = actions.current_version(session, mine)
    if form.validate_on_submit():
        with form.mending(), writing() as session:
            action_commands.classify_action(
                session, who(), _mine(session, code, lock=True), form.value(), version=form.seen_version, now=now()
            )
            flash(_("Classificazione salvata."), "success")
            return redirect(url_for("planning_desk.action", code=code), 303)
        with reading() as session:
            form.catch_up(_mine(session, code).version)
    return page(status=_status(form), form=form, action=mine, words=words)


def _fill_choices(form: ClassificationForm, session: Any, mine: MandateAction) -> None:
    none = ("", _("Nessuno"))
    offices = city.offices_valid_on(session, civil_day(now()))
    kept = [o for o in city.offices(session) if o.code == mine.lead_office_code and o not in offices]
    form.direction_code.choices = choices(
        [none, *((d.code, f"{d.mandate_code} · {d.number}. {d.title_it}") for d in actions.directions(session))]
    )
    form.lead_office_code.choices = choices([none, *((o.code, o.name) for o in [*kept, *offices])])
    form.sites.choices = choices((q.code, f"{q.code} {q.name}") for q in city.quartieri(session))
    form.operational.choices = choices((o.id, f"{o.year} · {o.code}") for o in documents.operational_objectives(session))
    form.sheets.choices = choices((s.id, f"{s.year} · {s.title}") for s, _office in documents.peg_sheets(session))


def _fill_classification(form: ClassificationForm, session: Any, mine: MandateAction) -> None:
    form.direction_code.data, form.lead_office_code.data = mine.direction_code or "", mine.lead_office_code or ""
    form.importance.data = str(mine.importance or "")
    form.tags.data = "; ".join(t.tag for t in mine.tags)
    form.sites.data = [s.quartiere_code for s in mine.sites]
    form.inferred.data = any(s.basis == SiteBasis.INFERRED for s in mine.sites)
    form.operational.data = [o.id for o, _s, _d in documents.objectives_of_action(session, mine)]
    form.sheets.data = [s.id for s in documents.sheets_of_action(session, mine)]
    form.version.data = str(mine.version)


@desk.route("/importa", methods=["GET", "POST"])
@staff(_IMPORT)
def import_file() -> ResponseReturnValue:
    """Choose a programme's file and see what importing it would do."""
    form = ImportForm()
    if form.validate_on_submit():
        with form.mending(), reading() as session:
            data = form.file.data.read()
            preview = action_commands.preview_programme(session, data, now=now())
            apply_form = ApplyForm(formdata=None, text=decode(data))
            return page(
                form=form, preview=preview, apply_form=apply_form, columns=COLUMNS, status=422 if preview.problems else 200
            )
    return page(form=form, preview=None, apply_form=None, columns=COLUMNS, status=_status(form))


@desk.post("/importa/applica")
@staff(_IMPORT)
def import_apply() -> ResponseReturnValue:
    """Import what the preview showed: all of it, or nothing."""
    form = ApplyForm()
    if form.validate_on_submit():
        with form.mending(), writing() as session:
            data = (form.text.data or "").encode()
            done = action_commands.import_programme(session, who(), data, by_label=form.by_label.data, now=now())
            flash(
                _("Importate %(new)s azioni nuove e %(changed)s cambiate.", new=len(done.new), changed=len(done.changed)),
                "success",
            )
            return redirect(url_for("planning_desk.action_list"), 303)
    return page(form=form, status=422)


@desk.get("/schede")
@staff(_IMPORT)
def sheet_list() -> ResponseReturnValue:
    """The PEG sheets, those to be confirmed first."""
    with reading() as session:
        return page(sheets=documents.peg_sheets(session), waiting=documents.sheets_waiting_for_review(session))


@desk.get("/schede/<slug>")
@staff(_IMPORT)
def sheet(slug: str) -> ResponseReturnValue:
    """One sheet: what to confirm, what its phases and indicators came to."""
    with reading() as session:
        found = documents.peg_by_slug(session, slug)
        return page(sheet=found, indicators=documents.indicator_rows(session, found))


@desk.post("/schede/<slug>/conferma")
@staff(_IMPORT)
def confirm(slug: str) -> ResponseReturnValue:
    """Say that the doubtful readings were checked."""
    with writing() as session:
        document_commands.confirm_sheet(session, who(), documents.peg_by_slug(session, slug), now=now())
    flash(_("Scheda confermata."), "success")
    return redirect(url_for("planning_desk.sheet", slug=slug), 303)


@desk.route("/schede/<slug>/fasi/<int:number>", methods=["GET", "POST"])
@staff(_IMPORT)
def phase(slug: str, number: int) -> ResponseReturnValue:
    """When a phase really began and ended."""
    form = PhaseForm()
    with reading() as session:
        found = documents.peg_by_slug(session, slug)
        mine = documents.phase_of(session, found, number)
        if not form.is_submitted():
            form.process(obj=mine)
    if form.validate_on_submit():
        with form.mending(), writing() as session:
            document_commands.date_phase(
                session,
                who(),
                documents.peg_by_slug(session, slug),
                mine,
                actual_start=form.actual_start.data,
                actual_end=form.actual_end.data,
                version=form.seen_version,
                now=now(),
            )
            flash(_("Date della fase salvate."), "success")
            return redirect(url_for("planning_desk.sheet", slug=slug), 303)
        with reading() as session:
            form.catch_up(documents.phase_of(session, found, number).version)
    return page(status=_status(form), form=form, sheet=found, phase=mine)


@desk.route("/schede/<slug>/indicatori/<int:number>", methods=["GET", "POST"])
@staff(_IMPORT)
def indicator(slug: str, number: int) -> ResponseReturnValue:
    """What an indicator came to, with its evidence."""
    form = MeasureForm()
    with reading() as session:
        found = documents.peg_by_slug(session, slug)
        mine = documents.indicator_of(session, found, number)
    if form.validate_on_submit():
        with form.mending(), writing() as session:
            document_commands.measure_indicator(
                session,
                who(),
                found,
                mine,
                value=form.value_.data,
                as_of=form.as_of.data,
                evidence_it=form.evidence_it.data,
                now=now(),
            )
            flash(_("Valore registrato: quelli precedenti restano."), "success")
            return redirect(url_for("planning_desk.sheet", slug=slug), 303)
    return page(status=_status(form), form=form, sheet=found, indicator=mine)
