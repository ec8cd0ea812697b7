"""What an office promises to do with what it heard, what it did, and whether its author agrees."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from civic.contributions import permits
from civic.contributions.commands.answers import address_of, require_action
from civic.contributions.commands.voices import CITIZENRY
from civic.contributions.models import Commitment, CommitmentContribution, Contribution, ContributionCheck
from civic.contributions.rules import CHECK_AFTER, CommitmentState, Effect, Verdict
from civic.journal.commands import record
from civic.kernel.actor import Actor
from civic.kernel.clock import civil_day
from civic.kernel.codes import fingerprint, receipt_code, token
from civic.kernel.db import is_added
from civic.kernel.errors import Missing, NotAllowed, Refused
from civic.kernel.text import N_
from civic.outbox.commands import post


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """An improvement: what, for which office and service, by when."""

    title: str
    office_code: str
    due_on: date
    service_code: str | None = None
    action_code: str = ""


def make_commitment(session: Session, who: Actor, data: Promise, codes: Sequence[str], *, now: datetime) -> Commitment:
    """Promise an improvement that answers some voices.

    Raises NotAllowed. Raises Refused: for a day that is past, or an action that does not exist.
    """
    if not permits.may_answer(who, data.office_code):
        raise NotAllowed
    if data.due_on < civil_day(now):
        raise Refused(N_("La scadenza è già passata: scrivi un giorno che deve ancora venire."), field="due_on")
    require_action(session, data.action_code)
    made = Commitment(
        code=receipt_code(groups=2),
        title=data.title,
        office_code=data.office_code,
        service_code=data.service_code,
        action_code=data.action_code,
        due_on=data.due_on,
        made_at=now,
    )
    session.add(made)
    session.flush()
    ids = session.scalars(select(Contribution.id).where(Contribution.code.in_(codes))).all()
    session.add_all(CommitmentContribution(commitment_id=made.id, voice_id=i) for i in ids)
    session.flush()
    facts = {"title": data.title, "due": data.due_on.isoformat(), "voices": sorted(codes)}
    record(session, who, "contributions.commitment_made", subject=("commitment", made.code), now=now, facts=facts)
    if data.action_code:
        about = {"commitment": made.code, "title": data.title}
        subject = ("action", data.action_code)
        record(session, who, "contributions.commitment_made", subject=subject, now=now, facts=about)
    return made


def finish(session: Session, who: Actor, code: str, *, change: str, evidence_url: str, now: datetime) -> None:
    """Say that an improvement is done, and what changed. Raises NotAllowed, Missing. Raises Refused: when it ended already."""
    values = {"state": CommitmentState.DONE, "done_on": civil_day(now), "change_it": change, "evidence_url": evidence_url}
    _end(session, who, code, values)
    facts = {"change": change}
    record(session, who, "contributions.commitment_done", subject=("commitment", code), now=now, facts=facts)


def drop(session: Session, who: Actor, code: str, *, reason: str, now: datetime) -> None:
    """Say that an improvement will not come, and why. Raises NotAllowed, Missing. Raises Refused: when it ended already."""
    _end(session, who, code, {"state": CommitmentState.DROPPED, "dropped_reason": reason})
    facts = {"reason": reason}
    record(session, who, "contributions.commitment_dropped", subject=("commitment", code), now=now, facts=facts)


def _end(session: Session, who: Actor, code: str, values: dict[str, object]) -> None:
    found = session.scalar(select(Commitment).where(Commitment.code == code))
    if found is None:
        raise Missing
    if not permits.may_answer(who, found.office_code):
        raise NotAllowed
    step = update(Commitment).where(Commitment.id == found.id, Commitment.state == CommitmentState.PLANNED)
    if session.execute(step.values(**values, version=Commitment.version + 1).returning(Commitment.id)).first() is None:
        raise Refused(N_("Questo impegno è già chiuso."))
    session.refresh(found)


def ask_checks(session: Session, *, link: str, site: str, now: datetime) -> int:
    """Ask the authors of voices, four weeks after a change, whether it is so. Returns how many; idempotent.

    `link` is the address of the form with %s in the place of the token.
    """
    due = (
        select(Contribution, Commitment)
        .join(CommitmentContribution, CommitmentContribution.voice_id == Contribution.id)
        .join(Commitment, Commitment.id == CommitmentContribution.commitment_id)
        .outerjoin(
            ContributionCheck,
            (ContributionCheck.voice_id == Contribution.id) & (ContributionCheck.commitment_id == Commitment.id),
        )
        .where(Commitment.state == CommitmentState.DONE, Commitment.done_on <= civil_day(now - CHECK_AFTER))
        .where(ContributionCheck.token_hash.is_(None))
        .order_by(Contribution.id)
        .limit(200)
    )
    asked = 0
    for voice, commitment in session.execute(due).all():
        secret = token()
        row = ContributionCheck(token_hash=fingerprint(secret), voice_id=voice.id, commitment_id=commitment.id, asked_at=now)
        if not is_added(session, row):
            continue
        address = address_of(session, voice)
        if address:
            values = {"code": voice.code, "change": commitment.change_it, "link": link % secret, "site": site}
            key = f"voice-check:{voice.code}:{commitment.code}"
            post(session, "contributions.change_checked", key=key, to=address, values=values, now=now)
            asked += 1
    return asked


def record_effect(session: Session, who: Actor, commitment: Commitment, effect: Effect, *, now: datetime) -> bool:
    """Write down, once, how a service was rated before a promise and after its change. False when it was there already."""
    values = {
        "before_n": effect.before_n,
        "before_happy": effect.before_happy,
        "after_n": effect.after_n,
        "after_happy": effect.after_happy,
        "measured_on": civil_day(now),
    }
    once = update(Commitment).where(Commitment.id == commitment.id, Commitment.measured_on.is_(None)).values(**values)
    if session.execute(once.returning(Commitment.id)).first() is None:
        return False
    facts = {name: values[name] for name in ("before_n", "before_happy", "after_n", "after_happy")}
    record(session, who, "contributions.effect_measured", subject=("commitment", commitment.code), now=now, facts=facts)
    return True


def answer_check(session: Session, secret: str, *, verdict: Verdict, note: str, now: datetime) -> None:
    """Take the author's answer, once. Raises Refused: when the link is spent or unknown."""
    answer = (
        update(ContributionCheck)
        .where(ContributionCheck.token_hash == fingerprint(secret), ContributionCheck.answered_at.is_(None))
        .values(verdict=verdict, note=note, answered_at=now)
        .returning(ContributionCheck.voice_id)
    )
    voice_id = session.scalar(answer)
    if voice_id is None:
        raise Refused(N_("Questo collegamento è già stato usato o è scaduto."))
    code = session.scalars(select(Contribution.code).where(Contribution.id == voice_id)).one()
    facts = {"verdict": verdict}
    record(session, CITIZENRY, "contributions.change_checked", subject=("voice", code), now=now, facts=facts)
