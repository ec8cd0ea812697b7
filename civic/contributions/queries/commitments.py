"""Said and done: what was promised because of what was said, and consultations."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from civic.city.models import Office, Service
from civic.contributions.models import (
    Commitment,
    CommitmentContribution,
    Consultation,
    ConsultationPhase,
    Contribution,
    ContributionCheck,
)
from civic.contributions.rules import CommitmentState, Effect, Verdict
from civic.kernel.errors import Missing
from civic.kernel.paging import Page, Paging


@dataclass(frozen=True, slots=True)
class SaidRow:
    """One line of "avete detto / abbiamo fatto"."""

    code: str
    title: str
    office_code: str
    office: str
    service: str
    action_code: str
    state: CommitmentState
    due_on: date
    late: bool
    done_on: date | None
    change: str
    evidence_url: str
    dropped_reason: str
    voices: int
    solved: int
    asked: int
    effect: Effect | None


def said_and_done(
    session: Session,
    *,
    today: date,
    paging: Paging,
    office: str = "",
    service: str = "",
    state: str = "",
    consultation: str = "",
    quartiere: str = "",
) -> Page[SaidRow]:
    """List commitments with how many voices asked for each, the last to change first."""
    wanted: list[ColumnElement[bool]] = []
    wanted += [Commitment.office_code == office] if office else []
    wanted += [Commitment.service_code == service] if service else []
    wanted += [Commitment.state == state] if state else []
    for column, value in ((Contribution.consultation_code, consultation), (Contribution.quartiere_code, quartiere)):
        if value:  # some voice that asked for it is of there
            of = select(CommitmentContribution.commitment_id).join(Contribution).where(column == value)
            wanted.append(Commitment.id.in_(of))
    total = session.scalar(select(func.count()).select_from(Commitment).where(*wanted)) or 0
    voices = select(func.count()).where(CommitmentContribution.commitment_id == Commitment.id).scalar_subquery()
    answers = select(func.count()).where(ContributionCheck.commitment_id == Commitment.id, ContributionCheck.verdict.is_not(None))
    solved = answers.where(ContributionCheck.verdict == Verdict.SOLVED).scalar_subquery()
    query = (
        select(Commitment, Office.name, Service.name_it, voices, solved, answers.scalar_subquery())
        .join(Office, Office.code == Commitment.office_code)
        .outerjoin(Service, Service.code == Commitment.service_code)
        .where(*wanted)
        .order_by(func.coalesce(Commitment.done_on, Commitment.due_on).desc(), Commitment.id.desc())
        .limit(paging.size)
        .offset(paging.offset)
    )
    rows = [_row(today, *found) for found in session.execute(query)]
    return Page(rows, total, paging)


def _row(today: date, c: Commitment, office: str, service: str | None, voices: int, solved: int, asked: int) -> SaidRow:
    state = CommitmentState(c.state)
    late = state is CommitmentState.PLANNED and c.due_on < today
    return SaidRow(
        c.code,
        c.title,
        c.office_code,
        office,
        service or "",
        c.action_code,
        state,
        c.due_on,
        late,
        c.done_on,
        c.change_it,
        c.evidence_url,
        c.dropped_reason,
        voices,
        solved,
        asked,
        effect_of(c),
    )


def effect_of(c: Commitment) -> Effect | None:
    """Return what was measured before and after a change, None when it was not."""
    if c.before_n is None or c.before_happy is None or c.after_n is None or c.after_happy is None:
        return None
    return Effect(c.before_happy, c.before_n, c.after_happy, c.after_n)


def to_measure(session: Session, *, done_before: date, done_from: date) -> Sequence[Commitment]:
    """List the changes of a service, made between two days, whose effect nobody has measured."""
    mine = select(Commitment).where(
        Commitment.state == CommitmentState.DONE,
        Commitment.done_on < done_before,
        Commitment.done_on >= done_from,
        Commitment.service_code.is_not(None),
        Commitment.measured_on.is_(None),
    )
    return session.scalars(mine.order_by(Commitment.id).limit(200)).all()


def commitment_by_code(session: Session, code: str) -> Commitment:
    """Return one commitment. Raises Missing."""
    found = session.scalar(select(Commitment).where(Commitment.code == code))
    if found is None:
        raise Missing
    return found


def commitments_of_voice(session: Session, voice_id: int) -> Sequence[Commitment]:
    """List the commitments that answer a voice."""
    query = select(Commitment).join(CommitmentContribution, CommitmentContribution.commitment_id == Commitment.id)
    return session.scalars(query.where(CommitmentContribution.voice_id == voice_id).order_by(Commitment.id)).all()


def consultations(session: Session) -> Sequence[Consultation]:
    """List the consultations, the latest first."""
    return session.scalars(select(Consultation).order_by(Consultation.starts_on.desc(), Consultation.code)).all()


def consultation_by_code(session: Session, code: str) -> Consultation:
    """Return one consultation. Raises Missing."""
    found = session.get(Consultation, code)
    if found is None:
        raise Missing
    return found


def phases_of(session: Session, code: str) -> Sequence[ConsultationPhase]:
    """List the phases of a consultation."""
    query = select(ConsultationPhase).where(ConsultationPhase.consultation_code == code)
    return session.scalars(query.order_by(ConsultationPhase.number)).all()


def voices_in(session: Session, consultation: str) -> int:
    """Count the voices of a consultation."""
    return session.scalar(select(func.count()).where(Contribution.consultation_code == consultation)) or 0
