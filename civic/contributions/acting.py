"""What is done with one voice at the desk: given, answered, asked of a provider, split, paused, shown, hidden, promised."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from civic.city import queries as city
from civic.contributions import permits, rules
from civic.contributions.commands import answers, commitments, copies, handings, voices
from civic.contributions.desk import desk, set_triage
from civic.contributions.forms import (
    DecisionForm,
    HandForm,
    HideDecisionForm,
    HideForm,
    PartForm,
    PauseForm,
    PromiseForm,
    ReplyForm,
    ReturnForm,
    TechnicalForm,
    TextForm,
    TriageForm,
)
from civic.contributions.models import Contribution
from civic.contributions.queries import voices as queries
from civic.contributions.queries.inbox import copies_of
from civic.contributions.queries.terms import terms
from civic.contributions.views import link_to_voice, service_pairs
from civic.kernel.errors import Missing, Refused
from civic.kernel.permissions import Permission
from civic.kernel.text import N_
from civic.web.doors import staff
from civic.web.forms import Form, choices
from civic.web.pages import absolute, page
from civic.web.town import now, reading, who, writing

__all__ = ["desk"]
_TRIAGE = Permission.CONTRIBUTIONS_VOICE_TRIAGE
_ANSWER = Permission.CONTRIBUTIONS_VOICE_ANSWER
_HIDE = Permission.CONTRIBUTIONS_HIDING_DECIDE


def _answers(voice: Contribution) -> bool:
    return permits.may_answer(who(), voice.office_code)


@dataclass(frozen=True, slots=True)
class Act:
    """Something that is done with a voice: its heading, its form, the command, and who may."""

    title: str
    make: Callable[[Contribution, Session], Form]
    do: Callable[[Session, Contribution, Any], object]
    may: Callable[[Contribution], bool] = _answers


def _triage_form(voice: Contribution, db: Session) -> Form:
    form = TriageForm(office_code=voice.office_code, theme_code=voice.theme_code or "", severity=voice.severity)
    set_triage(form, db)
    if not copies_of(db, who(), voice):
        del form.with_copies
    return form


def _promise_form(voice: Contribution, db: Session) -> Form:
    form = PromiseForm(service_code=voice.service_code or "")
    form.service_code.choices = choices([("", _("Nessuno in particolare")), *service_pairs(db)])
    return form


def _reply_form(voice: Contribution, db: Session) -> Form:
    chosen = request.args.get("modello", "")
    saved = {str(t.id): t.text for t in queries.templates_of(db, voice.office_code)}
    return ReplyForm(text=saved.get(chosen, ""))


def _hand_form(voice: Contribution, db: Session) -> Form:
    service = city.service(db, voice.service_code) if voice.service_code else None
    form = HandForm(provider_code=service.provider_code if service else None)
    form.provider_code.choices = choices([(p.code, p.name) for p in city.providers(db)])
    return form


def _triage(db: Session, voice: Contribution, form: TriageForm) -> None:
    voices.triage_voices(db, who(), [voice.code], form.value(), now=now())


def _reply(db: Session, voice: Contribution, form: ReplyForm) -> None:
    site = city.ente_name(db)
    told = {"text": form.text.data, "is_public": form.is_public.data, "link": link_to_voice(), "site": site}
    answers.reply(db, who(), voice, **told, now=now())


def _promise(db: Session, voice: Contribution, form: PromiseForm) -> None:
    if voice.office_code is None:
        raise Refused(N_("Prima affida la voce a un ufficio: è lui che si impegna."))
    commitments.make_commitment(db, who(), form.value(voice.office_code or ""), [voice.code], now=now())


def _hand(db: Session, voice: Contribution, form: HandForm) -> None:
    handings.hand_over(db, who(), voice, form.value(), link=link_to_desk(), site=city.ente_name(db), now=now())


def _hand_back(db: Session, voice: Contribution, answer: str) -> None:
    handings.hand_back(db, who(), voice, answer=answer, link=link_to_desk(), site=city.ente_name(db), now=now())


def link_to_desk() -> str:
    """Return the desk's address of a voice with %s in the place of its code."""
    return absolute(url_for("voices_desk.voice", code="%s")).replace("%25s", "%s")


ACTS = {
    "affida": Act(N_("Affida a un ufficio"), _triage_form, _triage, lambda _v: permits.may_triage(who())),
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
    "gestore": Act(N_("Chiedi al gestore"), _hand_form, _hand),
    "restituisci": Act(
        N_("Rispondi all'ufficio"),
        lambda _v, _db: ReturnForm(),
        lambda db, v, f: _hand_back(db, v, f.answer.data),
        lambda v: permits.may_answer_handed(who(), v),
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
        lambda _v: permits.may_decide_hiding(who()),
    ),
    "impegno": Act(N_("Prometti un miglioramento"), _promise_form, _promise),
}


@desk.route("/voci/<code>/<verb>", methods=["GET", "POST"])
@staff(_TRIAGE, _ANSWER, _HIDE)
def act(code: str, verb: str) -> ResponseReturnValue:
    """Do one of the `ACTS` with a voice."""
    with reading() as db:
        found = queries.voice_for(db, who(), code)
        chosen = ACTS.get(verb)
        if chosen is None or not chosen.may(found):
            raise Missing
        form = chosen.make(found, db)
        told = _told_with(db, found, verb)
    if form.validate_on_submit():
        with form.mending(), writing() as db:
            chosen.do(db, queries.voice_for(db, who(), code), form)
            return redirect(_after(verb, found.code), 303)
    return page(voice=found, title=chosen.title, verb=verb, form=form, **told, status=422 if form.is_submitted() else 200)


def _after(verb: str, code: str) -> str:
    """Return where to go on: who gave a voice back does not see it any more."""
    if verb == "restituisci":
        flash(_("La voce %(code)s è tornata all'ufficio con la tua risposta.", code=code), "success")
        return url_for("voices_desk.inbox")
    return url_for("voices_desk.voice", code=code)


def _told_with(db: Session, voice: Contribution, verb: str) -> dict[str, Any]:
    """Return what the page of an act prints beside its form."""
    known = terms(db)
    days = {s.value: rules.term_of(known, None, s).reply_days for s in rules.Severity}
    return {
        "templates": queries.templates_of(db, voice.office_code) if verb == "rispondi" else (),
        "days": days,
        "reads_all": permits.may_read_all(who(), voice),
        "copies": copies_of(db, who(), voice) if verb == "affida" else (),
        "handing": next((h for h in voice.handings if h.returned_at is None), None),
        "words": rules,
    }


@desk.post("/voci/<code>/riprendi")
@staff(_ANSWER)
def take_back(code: str) -> ResponseReturnValue:
    """Take a voice back from a provider that has not answered."""
    with writing() as db:
        found = queries.voice_for(db, who(), code)
        if not _answers(found):
            raise Missing
        _hand_back(db, found, "")
    return redirect(url_for("voices_desk.voice", code=code), 303)


@desk.post("/voci/<code>/separa")
@staff(_TRIAGE)
def set_apart(code: str) -> ResponseReturnValue:
    """Take a voice out of its group of copies."""
    with writing() as db:
        copies.leave_group(db, who(), queries.voice_for(db, who(), code), now=now())
    return redirect(url_for("voices_desk.voice", code=code), 303)


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
    with reading() as db:
        found = queries.voice_for(db, who(), code)
    chosen = next((p for p in found.parts if p.number == number), None)
    if chosen is None or verb not in ("verifica", "decidi") or not _answers(found):
        raise Missing
    # What was written before stands in the form: it is mended, not written anew.
    form: Form = TechnicalForm(note=chosen.technical_note) if verb == "verifica" else DecisionForm(obj=chosen)
    if form.validate_on_submit():
        with form.mending(), writing() as db:
            again = queries.voice_for(db, who(), code)
            if isinstance(form, DecisionForm):
                answers.decide_part(db, who(), again, number, form.value(), now=now())
            elif isinstance(form, TechnicalForm):
                answers.check_part(db, who(), again, number, note=form.note.data, now=now())
            return redirect(url_for("voices_desk.voice", code=found.code), 303)
    return page(voice=found, part=chosen, verb=verb, form=form, status=422 if form.is_submitted() else 200)
