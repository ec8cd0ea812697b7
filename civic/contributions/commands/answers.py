"""What an office does with a voice: reply, decide its parts, stop its clock, show its text, ask to hide it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from civic.contributions import permits
from civic.contributions.commands.handings import end_handing
from civic.contributions.commands.terms import move_day
from civic.contributions.models import Contribution, ContributionHiding, ContributionPart, ContributionPause, ContributionReply
from civic.contributions.queries.terms import Calendar
from civic.contributions.rules import HideReason, Outcome, ReasonCode, needs_reason, working_days_between
from civic.journal.commands import record
from civic.kernel.actor import Actor
from civic.kernel.clock import civil_day
from civic.kernel.db import refusing
from civic.kernel.errors import Missing, NotAllowed, Refused
from civic.kernel.text import N_
from civic.outbox.commands import post
from civic.people.models import Citizen
from civic.planning.queries.actions import is_action


def _require(who: Actor, voice: Contribution) -> None:
    if not permits.may_answer(who, voice.office_code):
        raise NotAllowed


def reply(
    session: Session, who: Actor, voice: Contribution, *, text: str, is_public: bool, link: str, site: str, now: datetime
) -> ContributionReply:
    """Answer a voice; the first answer ends the clock, and takes the voice back from a provider that still has it.

    The author is told, when she can be reached. Raises NotAllowed.
    """
    _require(who, voice)
    given = ContributionReply(voice_id=voice.id, text=text, is_public=is_public, by_label=who.label, at=now)
    session.add(given)
    today = civil_day(now)
    took = working_days_between(voice.received_on, today, Calendar(session))
    first = update(Contribution).where(Contribution.id == voice.id, Contribution.replied_at.is_(None))
    session.execute(first.values(replied_at=now, replied_on=today, replied_after_days=took))
    _stop_pause(session, voice, now)
    end_handing(session, voice, by=who.label, answer="", now=now)
    session.flush()
    facts = {"public": is_public}
    record(session, who, "contributions.reply_given", subject=("voice", voice.code), now=now, facts=facts)
    address = address_of(session, voice)
    if address:
        values = {"code": voice.code, "answer": text, "link": link % voice.code, "site": site}
        post(session, "contributions.reply_given", key=f"voice-reply:{given.id}", to=address, values=values, now=now)
    return given


def address_of(session: Session, voice: Contribution) -> str:
    """Return where the author of a voice can be reached: the address she left, or that of her account; "" for neither."""
    if voice.email or not voice.author_ref:
        return voice.email
    return session.scalar(select(Citizen.email).where(Citizen.ref == voice.author_ref)) or ""


def add_part(session: Session, who: Actor, voice: Contribution, *, summary: str, now: datetime) -> ContributionPart:
    """Say, in the office's words, one thing that a voice asks. Raises NotAllowed."""
    _require(who, voice)
    number = (session.scalar(select(func.max(ContributionPart.number)).where(ContributionPart.voice_id == voice.id)) or 0) + 1
    part = ContributionPart(voice_id=voice.id, number=number, summary=summary, made_at=now)
    twice = Refused(N_("Qualcuno ha aggiunto una parte nello stesso momento: guarda se è la stessa, poi riprova."))
    with refusing(session, {"uq_contribution_part_voice_id_number": twice}):
        session.add(part)
    return part


def check_part(session: Session, who: Actor, voice: Contribution, number: int, *, note: str, now: datetime) -> None:
    """Sign and date the technical check of a part: can it be done. Raises NotAllowed, Missing."""
    _require(who, voice)
    part = _part(session, voice, number)
    part.technical_note, part.technical_by, part.technical_on = note, who.label, civil_day(now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The political check of a part: what becomes of it."""

    outcome: Outcome
    public_reason: str = ""
    reason_code: ReasonCode | None = None
    forwarded_to: str = ""
    action_code: str = ""


def decide_part(session: Session, who: Actor, voice: Contribution, number: int, decision: Decision, *, now: datetime) -> None:
    """Sign and date what becomes of a part; it may be decided again, and the register keeps both.

    Raises NotAllowed, Missing. Raises Refused: for a "no" without a reason, a forwarding without a whom, or an action that does
    not exist.
    """
    _require(who, voice)
    part = _part(session, voice, number)
    if needs_reason(decision.outcome) and not decision.public_reason:
        raise Refused(N_("Scrivi il perché: lo legge chi ha scritto, e tutti."), field="public_reason")
    if decision.outcome is Outcome.NOT_POSSIBLE and decision.reason_code is None:
        raise Refused(N_("Scegli il motivo dall'elenco."), field="reason_code")
    if decision.outcome is Outcome.FORWARDED and not decision.forwarded_to:
        raise Refused(N_("Scrivi a chi è stata inoltrata."), field="forwarded_to")
    require_action(session, decision.action_code)
    part.outcome, part.public_reason, part.reason_code = decision.outcome, decision.public_reason, decision.reason_code
    part.forwarded_to, part.action_code = decision.forwarded_to, decision.action_code
    part.decided_by, part.decided_on = who.label, civil_day(now)
    facts = {"part": number, "outcome": decision.outcome, "reason": decision.public_reason, "action": decision.action_code}
    record(session, who, "contributions.part_decided", subject=("voice", voice.code), now=now, facts=facts)
    if decision.action_code:
        about = {"voice": voice.code, "outcome": decision.outcome}
        subject = ("action", decision.action_code)
        record(session, who, "contributions.part_decided", subject=subject, now=now, facts=about)


def require_action(session: Session, code: str) -> None:
    """Take no action, or one that the programme has. Raises Refused."""
    if code and not is_action(session, code):
        raise Refused(N_("Nel programma non c'è un'azione con questo codice: controllalo, o lascia vuoto."), field="action_code")


def _part(session: Session, voice: Contribution, number: int) -> ContributionPart:
    found = session.scalar(
        select(ContributionPart).where(ContributionPart.voice_id == voice.id, ContributionPart.number == number)
    )
    if found is None:
        raise Missing
    return found


def pause(session: Session, who: Actor, voice: Contribution, *, reason: str, now: datetime) -> None:
    """Stop the clock while the citizen is waited for. Raises NotAllowed. Raises Refused: when it stands still already."""
    _require(who, voice)
    if voice.replied_at is not None:
        raise Refused(N_("Questa voce ha già una risposta: il suo orologio è fermo."))
    stopped = Refused(N_("L'orologio è già fermo: prima fallo ripartire."))
    with refusing(session, {"uq_contribution_pause_one_open": stopped}):
        session.add(ContributionPause(voice_id=voice.id, since=civil_day(now), until=None, reason=reason))
    move_day(session, voice)
    record(session, who, "contributions.clock_paused", subject=("voice", voice.code), now=now, facts={"reason": reason})


def resume(session: Session, who: Actor, voice: Contribution, *, now: datetime) -> None:
    """Let the clock go on. Raises NotAllowed. Raises Refused: when it does not stand still."""
    _require(who, voice)
    if not _stop_pause(session, voice, now):
        raise Refused(N_("L'orologio non è fermo."))
    record(session, who, "contributions.clock_resumed", subject=("voice", voice.code), now=now, facts={})


def _stop_pause(session: Session, voice: Contribution, now: datetime) -> bool:
    still = update(ContributionPause).where(ContributionPause.voice_id == voice.id, ContributionPause.until.is_(None))
    stopped = session.execute(still.values(until=civil_day(now)).returning(ContributionPause.id)).first() is not None
    if stopped:
        move_day(session, voice)
    return stopped


def show_text(session: Session, who: Actor, voice: Contribution, *, public_text: str, version: int) -> None:
    """Publish a voice's text as a person reviewed it, names and addresses taken out.

    Raises NotAllowed. Raises Refused: when its author does not want it, it is hidden, or somebody changed it meanwhile.
    """
    _require(who, voice)
    if not voice.wants_public:
        raise Refused(N_("Chi ha scritto non vuole che il testo si pubblichi: si vedono solo la richiesta e l'esito."))
    if is_hidden(session, voice.id):
        raise Refused(N_("Questo testo è nascosto."))
    change = update(Contribution).where(Contribution.id == voice.id, Contribution.version == version)
    if session.execute(change.values(public_text=public_text, version=version + 1).returning(Contribution.id)).first() is None:
        raise Refused(N_("Qualcuno ha cambiato questa voce nel frattempo: ricarica la pagina."))


def is_hidden(session: Session, voice_id: int) -> bool:
    """Say whether a text was hidden."""
    hidden = select(ContributionHiding.id).where(ContributionHiding.voice_id == voice_id, ContributionHiding.granted.is_(True))
    return session.scalar(hidden.limit(1)) is not None


def ask_hiding(session: Session, who: Actor, voice: Contribution, *, reason: HideReason, note: str, now: datetime) -> None:
    """Ask that a text be hidden: somebody else decides. Raises NotAllowed. Raises Refused: when it is asked already."""
    _require(who, voice)
    waits = Refused(N_("C'è già una richiesta che aspetta una seconda persona."))
    asked = ContributionHiding(
        voice_id=voice.id, reason=reason, note=note, office_code=voice.office_code, asked_by_ref=who.ref, asked_at=now
    )
    with refusing(session, {"uq_contribution_hiding_one_open": waits}):
        session.add(asked)
    record(session, who, "contributions.hiding_asked", subject=("voice", voice.code), now=now, facts={"reason": reason})


def decide_hiding(session: Session, who: Actor, voice: Contribution, *, granted: bool, now: datetime) -> None:
    """Decide, as the second person, whether a text is hidden; it is in the chain either way.

    Raises NotAllowed. Raises Refused: for whoever asked herself, or when nothing waits.
    """
    if not permits.may_decide_hiding(who):
        raise NotAllowed
    open_one = select(ContributionHiding).where(ContributionHiding.voice_id == voice.id, ContributionHiding.decided_at.is_(None))
    asked = session.scalar(open_one.with_for_update())
    if asked is None:
        raise Refused(N_("Non c'è nessuna richiesta da decidere."))
    if asked.asked_by_ref == who.ref:
        raise Refused(N_("Hai chiesto tu di nasconderlo: deve decidere un'altra persona."))
    asked.granted, asked.decided_by_ref, asked.decided_at = granted, who.ref, now
    if granted:
        session.execute(
            update(Contribution).where(Contribution.id == voice.id).values(public_text="", version=Contribution.version + 1)
        )
    facts = {"granted": granted, "reason": asked.reason, "office": asked.office_code or ""}
    record(session, who, "contributions.text_hidden", subject=("voice", voice.code), now=now, facts=facts)
