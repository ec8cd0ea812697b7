"""Reading voices: one with all that hangs on it, and where it stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, selectinload

from civic.city.models import Office
from civic.contributions import permits
from civic.contributions.models import (
    Commitment,
    CommitmentContribution,
    Contribution,
    ContributionCheck,
    ContributionHanding,
    ContributionHiding,
    ReplyTemplate,
    Theme,
)
from civic.contributions.rules import CommitmentState, Stage, Verdict, stage_of
from civic.kernel.actor import Actor
from civic.kernel.errors import Missing


@dataclass(frozen=True, slots=True)
class Clock:
    """The clocks of one voice on one day."""

    triage_due: date | None
    reply_due: date | None
    answered_on: date | None
    paused: bool
    late: bool
    term_days: int


def voice_by_code(session: Session, code: str) -> Contribution:
    """Return a voice with all that hangs on it. Raises Missing."""
    loading = [
        selectinload(Contribution.parts),
        selectinload(Contribution.replies),
        selectinload(Contribution.pauses),
        selectinload(Contribution.hidings),
        selectinload(Contribution.handings).joinedload(ContributionHanding.provider),
    ]
    found = session.scalar(select(Contribution).where(Contribution.code == code.strip().upper()).options(*loading))
    if found is None:
        raise Missing
    return found


def voice_for(session: Session, who: Actor, code: str) -> Contribution:
    """Return a voice that somebody may read at the desk. Raises Missing: for another office's, as if it did not exist."""
    found = voice_by_code(session, code)
    if not permits.may_read_all(who, found) and not permits.may_answer_handed(who, found):
        raise Missing
    return found


def clock_of(voice: Contribution, today: date) -> Clock:
    """Read the clocks of a voice on a day from the days that were promised. Its pauses must be loaded."""
    due = voice.reply_due_on
    return Clock(
        triage_due=voice.triage_due_on,
        reply_due=due,
        answered_on=voice.replied_on,
        paused=any(p.until is None for p in voice.pauses),
        late=due is not None and (voice.replied_on or today) > due,
        term_days=voice.reply_term_days,
    )


def stages(session: Session, voices: Sequence[Contribution]) -> dict[int, Stage]:
    """Map voices to where they stand, in two queries whatever their number. Their pauses must be loaded."""
    ids = [v.id for v in voices]
    links = select(CommitmentContribution.voice_id, Commitment.state).join(
        Commitment, Commitment.id == CommitmentContribution.commitment_id
    )
    kept: dict[int, set[str]] = {}
    for voice_id, state in session.execute(links.where(CommitmentContribution.voice_id.in_(ids))):
        kept.setdefault(voice_id, set()).add(state)
    solved = select(ContributionCheck.voice_id).where(
        ContributionCheck.voice_id.in_(ids), ContributionCheck.verdict == Verdict.SOLVED
    )
    verified = set(session.scalars(solved))
    return {
        v.id: stage_of(
            triaged=v.triaged_on is not None or v.office_code is not None,
            paused=any(p.until is None for p in v.pauses),
            replied=v.replied_at is not None,
            planned=bool(kept.get(v.id, set()) & {CommitmentState.PLANNED, CommitmentState.DONE}),
            done=CommitmentState.DONE in kept.get(v.id, set()),
            verified=v.id in verified,
        )
        for v in voices
    }


def late_voices(session: Session, *, today: date, limit: int = 500) -> Sequence[Contribution]:
    """List the voices of offices whose answer is late and was not announced yet, the latest first."""
    waiting = select(Contribution).where(
        Contribution.replied_at.is_(None),
        Contribution.reply_due_on < today,
        Contribution.overdue_told_at.is_(None),
        Contribution.office_code.is_not(None),
    )
    return session.scalars(waiting.order_by(Contribution.reply_due_on, Contribution.id).limit(limit)).all()


def voices_of(session: Session, ref: str) -> Sequence[Contribution]:
    """List what a citizen said, newest first."""
    mine = (
        select(Contribution)
        .where(Contribution.author_ref == ref)
        .options(selectinload(Contribution.pauses))
        .order_by(Contribution.id.desc())
    )
    return session.scalars(mine.limit(200)).all()


def hiding_requests(session: Session) -> list[tuple[Contribution, ContributionHiding]]:
    """List the requests to hide a text that wait for a second person, oldest first."""
    query = select(Contribution, ContributionHiding).join(ContributionHiding, ContributionHiding.voice_id == Contribution.id)
    return [
        (v, h) for v, h in session.execute(query.where(ContributionHiding.decided_at.is_(None)).order_by(ContributionHiding.id))
    ]


def hidden_per_office(session: Session) -> list[tuple[str, int]]:
    """List (office, number of texts hidden there), for everyone to see."""
    query = (
        select(Office.name, func.count())
        .join(ContributionHiding, ContributionHiding.office_code == Office.code)
        .where(ContributionHiding.granted.is_(True))
        .group_by(Office.name)
        .order_by(Office.name)
    )
    return [(name, n) for name, n in session.execute(query)]


def themes(session: Session) -> Sequence[Theme]:
    """List the codebook of themes."""
    return session.scalars(select(Theme).order_by(Theme.label_it)).all()


def theme(session: Session, code: str) -> Theme | None:
    """Return one theme, None when there is none."""
    return session.get(Theme, code)


def templates_of(session: Session, office_code: str | None) -> Sequence[ReplyTemplate]:
    """List the saved replies of an office and those of the whole ente, which are for everyone."""
    offered = or_(ReplyTemplate.office_code == office_code, ReplyTemplate.office_code.is_(None))
    return session.scalars(select(ReplyTemplate).where(offered).order_by(ReplyTemplate.title, ReplyTemplate.id)).all()


def check_waits(session: Session, token_hash: str) -> tuple[Contribution, Commitment] | None:
    """Return the voice and the change that a link asks about, None when it is spent or unknown."""
    query = (
        select(Contribution, Commitment)
        .join(ContributionCheck, ContributionCheck.voice_id == Contribution.id)
        .join(Commitment, Commitment.id == ContributionCheck.commitment_id)
        .where(ContributionCheck.token_hash == token_hash, ContributionCheck.answered_at.is_(None))
    )
    row = session.execute(query).first()
    return (row[0], row[1]) if row else None
