"""The office's desk: the inbox, one voice and what is done with it, commitments."""

from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from civic.city import queries as city
from civic.contributions import permits, rules
from civic.contributions.commands import commitments, voices
from civic.contributions.commands.voices import ContributionData
from civic.contributions.forms import (
    DoneForm,
    DropForm,
    TriageForm,
    WriteDownForm,
)
from civic.contributions.queries import commitments as done
from civic.contributions.queries import voices as queries
from civic.contributions.queries.inbox import copies_of, reach
from civic.contributions.queries.inbox import inbox as listed
from civic.contributions.views import link_to_voice, said_in, service_pairs, set_places, told_of
from civic.kernel.clock import civil_day
from civic.kernel.errors import Missing
from civic.kernel.paging import Paging
from civic.kernel.permissions import Permission
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


# The inbox's filters, as its address has them: they outlive the giving of voices, and nothing else of an address does.
FILTERS = ("ufficio", "tema", "servizio", "quartiere", "urgenza", "origine", "gruppo", "da_leggere", "in_ritardo", "tutte")

_MOST_ID = 2**62  # below what a database takes for a number


@desk.route("/voci", methods=["GET", "POST"])
@staff(_TRIAGE, _ANSWER)
def inbox() -> ResponseReturnValue:
    """The voices that wait, the oldest first; whoever triages gives several at once to an office."""
    form = TriageForm()
    with reading() as db:
        set_triage(form, db)
    triaging = permits.may_triage(who()) and form.is_submitted()
    if triaging and form.validate():
        with form.mending(), writing() as db:
            count = voices.triage_voices(db, who(), request.form.getlist("voce"), form.value(), now=now())
            flash(ngettext("%(num)d voce affidata.", "%(num)d voci affidate.", count), "success")
            return redirect(url_for("voices_desk.inbox", **_kept()), 303)
    return page(**_inbox(), form=form, words=rules, status=422 if triaging else 200)


def _inbox() -> dict[str, Any]:
    """Return what the inbox prints, by the filters of its address."""
    wanted = replace(
        reach(who()),
        office=request.args.get("ufficio", ""),
        theme=request.args.get("tema", ""),
        service=request.args.get("servizio", ""),
        quartiere=request.args.get("quartiere", ""),
        severity=request.args.get("urgenza", ""),
        origin=request.args.get("origine", ""),
        group=min(max(request.args.get("gruppo", 0, type=int), 0), _MOST_ID),
        untriaged=request.args.get("da_leggere") == "1",
        late=request.args.get("in_ritardo") == "1",
        open_only=request.args.get("tutte") != "1",
    )
    with reading() as db:
        found = listed(db, wanted, today=civil_day(now()), paging=Paging.from_text(request.args.get("pagina")))
        return {
            "found": found,
            "wanted": wanted,
            "services": service_pairs(db),
            "quartieri": city.quartieri(db),
            "chosen": {r.code for r in found.rows} if request.args.get("spunta") == "1" else {*request.form.getlist("voce")},
            "kept": _kept(),
            "may_triage": permits.may_triage(who()),
            "may_write_down": permits.may_write_down(who()),
        }


def _kept() -> dict[str, Any]:
    return {name: value for name in FILTERS if (value := request.args.get(name))}


def set_triage(form: TriageForm, db: Session) -> None:
    """Give a form about triage its offices and themes."""
    form.office_code.choices = choices(
        [(o.code, said_in(o.name, o.name_en)) for o in city.offices_valid_on(db, civil_day(now()))]
    )
    themes = [(t.code, said_in(t.label_it, t.label_en)) for t in queries.themes(db)]
    form.theme_code.choices = choices([("", _("Nessuno")), *themes])


@desk.route("/voci/nuova", methods=["GET", "POST"])
@staff(_TRIAGE, _ANSWER)
def write_down() -> ResponseReturnValue:
    """Write down a letter, a call, a note of a table."""
    if not permits.may_write_down(who()):
        raise Missing
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
    """One voice with everything the person may know of it, and what can be done."""
    with reading() as db:
        found = queries.voice_for(db, who(), code)
        return page(
            **told_of(db, found),
            reads_all=permits.may_read_all(who(), found),
            may_answer=permits.may_answer(who(), found.office_code),
            may_answer_handed=permits.may_answer_handed(who(), found),
            may_triage=permits.may_triage(who()),
            may_decide=permits.may_decide_hiding(who()),
            hiding=next((h for h in found.hidings if h.decided_at is None), None),
            handing=next((h for h in found.handings if h.returned_at is None), None),
            copies=copies_of(db, who(), found),
        )


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
