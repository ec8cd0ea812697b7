"""The office's desk: the inbox, one voice and what is done with it, commitments, consultations, themes."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from civic.city import queries as city
from civic.contributions import permits, rules
from civic.contributions.commands import answers, commitments, voices
from civic.contributions.commands.voices import ContributionData, Triage
from civic.contributions.forms import (
    DecisionForm,
    DoneForm,
    DropForm,
    HideDecisionForm,
    HideForm,
    PartForm,
    PauseForm,
    PromiseForm,
    ReplyForm,
    TechnicalForm,
    TextForm,
    TriageForm,
    WriteDownForm,
)
from civic.contributions.models import Contribution
from civic.contributions.queries import commitments as done
from civic.contributions.queries import voices as queries
from civic.contributions.views import link_to_voice, set_places, told_of
from civic.kernel.clock import civil_day
from civic.kernel.errors import Missing, Refused
from civic.kernel.paging import Paging
from civic.kernel.permissions import Permission
from civic.kernel.text import N_
from civic.outbox.asking import asked_here
from civic.people.rules import Channel
from civic.web.doors import staff
from civic.web.forms import Form, choices
from civic.web.pages import page
from civic.web.town import now, reading, who, writing

desk = Blueprint("voices_desk", __name__, url_prefix="/desk")
_TRIAGE = Permission.CONTRIBUTIONS_VOICE_TRIAGE
_ANSWER = Permission.CONTRIBUTIONS_VOICE_ANSWER
_HIDE = Permission.CONTRIBUTIONS_HIDING_DECIDE
_EDIT = Permission.CONTRIBUTIONS_CONSULTATION_EDIT


@desk.route("/voci", methods=["GET", "POST"])
@staff(_TRIAGE, _ANSWER)
def inbox() -> ResponseReturnValue:
    """The voices that wait, the oldest first; whoever triages gives several at once to an office."""
    form = TriageForm()
    with reading() as db:
        _set_triage(form, db)
    triaging = permits.may_triage(who()) and form.is_submitted()
    if triaging and form.validate():
        chosen = request.form.getlist("voce")
        with form.mending(), writing() as db:
            count = voices.triage_voices(db, who(), chosen, _triage(form), now=now())
            flash(_("Voci affidate: %(n)s.", n=count), "success")
            return redirect(url_for("voices_desk.inbox"), 303)
    wanted = queries.Filter(
        offices=permits.offices_of(who()),
        office=request.args.get("ufficio", ""),
        theme=request.args.get("tema", ""),
        severity=request.args.get("urgenza", ""),
        origin=request.args.get("origine", ""),
        untriaged=request.args.get("da_leggere") == "1",
        open_only=request.args.get("tutte") != "1",
    )
    with reading() as db:
        paging = Paging.from_text(request.args.get("pagina"))
        return page(
            found=queries.inbox(db, wanted, today=civil_day(now()), paging=paging),
            wanted=wanted,
            form=form,
            chosen=frozenset(request.form.getlist("voce")),
            may_triage=permits.may_triage(who()),
            words=rules,
            status=422 if triaging else 200,
        )


def _set_triage(form: TriageForm, db: Session) -> None:
    form.office_code.choices = choices([(o.code, o.name) for o in city.offices_valid_on(db, civil_day(now()))])
    form.theme_code.choices = choices([("", _("Nessuno")), *((t.code, t.label_it) for t in queries.themes(db))])


def _triage(form: TriageForm) -> Triage:
    return Triage(
        office_code=form.office_code.data,
        theme_code=form.theme_code.data or None,
        severity=rules.Severity(form.severity.data),
    )


@desk.route("/voci/nuova", methods=["GET", "POST"])
@staff(_TRIAGE, _ANSWER)
def write_down() -> ResponseReturnValue:
    """Write down a letter, a call, a note of a table."""
    form = WriteDownForm()
    with reading() as db:
        set_places(form, db)
    if form.validate_on_submit():
        origin = rules.Origin(form.origin.data)
        data = ContributionData(
            title=form.title.data,
            text=form.text.data,
            form_key=form.form_key.data,
            origin=origin,
            channel={rules.Origin.PHONE: Channel.PHONE, rules.Origin.COUNTER: Channel.DESK}.get(origin, Channel.PAPER),
            email=(form.email.data or "").strip().lower(),
            service_code=form.service_code.data or None,
            quartiere_code=form.quartiere_code.data or None,
            consultation_code=form.consultation_code.data or None,
            wants_public=form.wants_public.data,
        )
        with form.mending(), writing() as db:
            site = city.ente_name(db)
            made = voices.write_down(db, who(), data, link=link_to_voice(), site=site, asked=asked_here(), now=now())
            flash(_("Voce registrata con il codice %(code)s: dallo a chi l'ha detta.", code=made.code), "success")
            return redirect(url_for("voices_desk.voice", code=made.code), 303)
    return page(form=form, status=422 if form.is_submitted() else 200)


@desk.get("/voci/<code>")
@staff(_TRIAGE, _ANSWER, _HIDE)
def voice(code: str) -> Response:
    """One voice with everything the office knows of it, and what can be done."""
    with reading() as db:
        found = queries.voice_for(db, who(), code)
        may = permits.may_answer(who(), found.office_code)
        return page(
            **told_of(db, found),
            may_answer=may,
            may_triage=permits.may_triage(who()),
            may_decide=permits.may_decide_hiding(who()),
            hiding=next((h for h in found.hidings if h.decided_at is None), None),
        )


@dataclass(frozen=True, slots=True)
class Act:
    """Something that is done with a voice: its heading, its form, and the command."""

    title: str
    make: Callable[[Contribution, Session], Form]
    do: Callable[[Session, Contribution, Any], object]
    permissions: tuple[Permission, ...] = (_ANSWER,)


def _triage_form(_voice: Contribution, db: Session) -> Form:
    form = TriageForm(office_code=_voice.office_code, theme_code=_voice.theme_code or "", severity=_voice.severity)
    _set_triage(form, db)
    return form


def _promise_form(voice: Contribution, db: Session) -> Form:
    form = PromiseForm(service_code=voice.service_code or "")
    form.service_code.choices = choices([("", _("Nessuno in particolare")), *((s.code, s.name_it) for s in city.services(db))])
    return form


def _reply_form(voice: Contribution, db: Session) -> Form:
    chosen = request.args.get("modello", "")
    saved = {str(t.id): t.text for t in queries.templates_of(db, voice.office_code)}
    return ReplyForm(text=saved.get(chosen, ""))


def _reply(db: Session, voice: Contribution, form: ReplyForm) -> None:
    site = city.ente_name(db)
    told = {"text": form.text.data, "is_public": form.is_public.data, "link": link_to_voice(), "site": site}
    answers.reply(db, who(), voice, **told, now=now())


def _promise(db: Session, voice: Contribution, form: PromiseForm) -> None:
    if voice.office_code is None:
        raise Refused(N_("Prima affida la voce a un ufficio: è lui che si impegna."))
    commitments.make_commitment(db, who(), form.value(voice.office_code or ""), [voice.code], now=now())


ACTS = {
    "affida": Act(
        N_("Affida a un ufficio"),
        _triage_form,
        lambda db, v, f: voices.triage_voices(db, who(), [v.code], _triage(f), now=now()),
        (_TRIAGE,),
    ),
    "rispondi": Act(N_("Rispondi"), _reply_form, _reply),
    "parte": Act(
        N_("Aggiungi una parte"),
        lambda _v, _db: PartForm(),
        lambda db, v, f: answers.add_part(db, who(), v, summary=f.summary.data, now=now()),
    ),
    "ferma": Act(
        N_("Ferma l'orologio"),
        lambda _v, _db: PauseForm(),
        lambda db, v, f: answers.pause(db, who(), v, reason=f.reason.data, now=now()),
    ),
    "pubblica": Act(
        N_("Pubblica il testo"),
        lambda v, _db: TextForm(public_text=v.public_text or rules.redact(v.text), version=str(v.version)),
        lambda db, v, f: answers.show_text(db, who(), v, public_text=f.public_text.data, version=f.seen_version),
    ),
    "nascondi": Act(
        N_("Chiedi di nascondere il testo"),
        lambda _v, _db: HideForm(),
        lambda db, v, f: answers.ask_hiding(db, who(), v, reason=rules.HideReason(f.reason.data), note=f.note.data, now=now()),
    ),
    "decidi": Act(
        N_("Decidi se nascondere il testo"),
        lambda _v, _db: HideDecisionForm(),
        lambda db, v, f: answers.decide_hiding(db, who(), v, granted=f.granted.data == "1", now=now()),
        (_HIDE,),
    ),
    "impegno": Act(N_("Prometti un miglioramento"), _promise_form, _promise),
}


@desk.route("/voci/<code>/<verb>", methods=["GET", "POST"])
@staff(_TRIAGE, _ANSWER, _HIDE)
def act(code: str, verb: str) -> ResponseReturnValue:
    """Do one of the `ACTS` with a voice."""
    chosen = ACTS.get(verb)
    if chosen is None or not any(who().may(p) for p in chosen.permissions):
        raise Missing
    with reading() as db:
        found = queries.voice_for(db, who(), code)
        form = chosen.make(found, db)
        saved = queries.templates_of(db, found.office_code) if verb == "rispondi" else ()
    if form.validate_on_submit():
        with form.mending(), writing() as db:
            chosen.do(db, queries.voice_for(db, who(), code), form)
            return redirect(url_for("voices_desk.voice", code=found.code), 303)
    return page(
        voice=found, title=chosen.title, verb=verb, form=form, templates=saved, status=422 if form.is_submitted() else 200
    )


@desk.post("/voci/<code>/riparti")
@staff(_ANSWER)
def resume(code: str) -> ResponseReturnValue:
    """Let the clock go on."""
    with writing() as db:
        answers.resume(db, who(), queries.voice_for(db, who(), code), now=now())
    return redirect(url_for("voices_desk.voice", code=code), 303)


@desk.route("/voci/<code>/parti/<int:number>/<verb>", methods=["GET", "POST"])
@staff(_ANSWER)
def part(code: str, number: int, verb: str) -> ResponseReturnValue:
    """The technical check of a part ("verifica"), or the political one ("decidi")."""
    form: Form = {"verifica": TechnicalForm, "decidi": DecisionForm}.get(verb, Form)()
    with reading() as db:
        found = queries.voice_for(db, who(), code)
    chosen = next((p for p in found.parts if p.number == number), None)
    if chosen is None or type(form) is Form:
        raise Missing
    if form.validate_on_submit():
        with form.mending(), writing() as db:
            again = queries.voice_for(db, who(), code)
            if isinstance(form, DecisionForm):
                answers.decide_part(db, who(), again, number, form.value(), now=now())
            elif isinstance(form, TechnicalForm):
                answers.check_part(db, who(), again, number, note=form.note.data, now=now())
            return redirect(url_for("voices_desk.voice", code=found.code), 303)
    return page(voice=found, part=chosen, verb=verb, form=form, status=422 if form.is_submitted() else 200)


@desk.get("/voci-da-nascondere")
@staff(_HIDE)
def hidings() -> Response:
    """The requests to hide a text that wait for a second person."""
    with reading() as db:
        return page(requests_=queries.hiding_requests(db), words=rules)


@desk.get("/impegni")
@staff(_TRIAGE, _ANSWER)
def commitment_list() -> Response:
    """What was promised, with its day."""
    with reading() as db:
        paging = Paging.from_text(request.args.get("pagina"))
        found = done.said_and_done(db, today=civil_day(now()), paging=paging)
        mine = {row.code for row in found.rows if permits.may_answer(who(), row.office_code)}
        return page(found=found, mine=mine, states=rules.COMMITMENT_STATES)


@desk.route("/impegni/<code>/<verb>", methods=["GET", "POST"])
@staff(_ANSWER)
def commitment(code: str, verb: str) -> ResponseReturnValue:
    """Say that an improvement is done ("fatto"), or that it will not come ("lascia")."""
    form: Form = {"fatto": DoneForm, "lascia": DropForm}.get(verb, Form)()
    if type(form) is Form:
        raise Missing
    with reading() as db:
        found = done.commitment_by_code(db, code)
    if not permits.may_answer(who(), found.office_code):
        raise Missing
    if form.validate_on_submit():
        with form.mending(), writing() as db:
            if isinstance(form, DoneForm):
                told = {"change": form.change.data, "evidence_url": form.evidence_url.data or ""}
                commitments.finish(db, who(), code, **told, now=now())
            elif isinstance(form, DropForm):
                commitments.drop(db, who(), code, reason=form.reason.data, now=now())
            return redirect(url_for("voices_desk.commitment_list"), 303)
    return page(commitment=found, verb=verb, form=form, status=422 if form.is_submitted() else 200)
