"""Reading voices: one with all that hangs on it, and the inbox of an office."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, selectinload

from civic.city.models import Office, Service
from civic.city.queries import holidays_of
from civic.contributions import permits
from civic.contributions.models import (
    Commitment,
    CommitmentContribution,
    Contribution,
    ContributionCheck,
    ContributionHiding,
    ContributionPart,
    ReplyTemplate,
    Theme,
)
from civic.contributions.rules import (
    REPLY_DAYS,
    TRIAGE_DAYS,
    CommitmentState,
    Origin,
    Pause,
    Severity,
    Stage,
    Verdict,
    due_on,
    stage_of,
)
from civic.kernel.actor import Actor
from civic.kernel.clock import civil_day
from civic.kernel.errors import Missing
from civic.kernel.paging import Page, Paging


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which voices an inbox shows. `open_only` leaves out those that have an answer."""

    offices: frozenset[str] | None = None
    office: str = ""
    theme: str = ""
    severity: str = ""
    origin: str = ""
    untriaged: bool = False
    open_only: bool = True


@dataclass(frozen=True, slots=True)
class InboxRow:
    """One voice as the inbox lists it."""

    code: str
    title: str
    origin: Origin
    office: str
    service: str
    theme: str
    severity: Severity
    received_on: date
    due_on: date | None
    late: bool
    stage: Stage
    parts: int


@dataclass(frozen=True, slots=True)
class Clock:
    """The clocks of one voice on one day."""

    triage_due: date | None
    reply_due: date | None
    answered_on: date | None
    paused: bool
    late: bool


class Calendar:
    """The holidays of the ente, read once a year that is asked for."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._days: dict[int, frozenset[date]] = {}

    def __call__(self, day: date) -> bool:
        """Say whether a day is a holiday."""
        if day.year not in self._days:
            self._days[day.year] = frozenset(h.day for h in holidays_of(self._session, day.year))
        return day in self._days[day.year]


def voice_by_code(session: Session, code: str) -> Contribution:
    """Return a voice with all that hangs on it. Raises Missing."""
    loading = [
        selectinload(Contribution.parts),
        selectinload(Contribution.replies),
        selectinload(Contribution.pauses),
        selectinload(Contribution.hidings),
    ]
    found = session.scalar(select(Contribution).where(Contribution.code == code.strip().upper()).options(*loading))
    if found is None:
        raise Missing
    return found


def voice_for(session: Session, who: Actor, code: str) -> Contribution:
    """Return a voice that somebody may read at the desk. Raises Missing: for another office's, as if it did not exist."""
    found = voice_by_code(session, code)
    readable = permits.may_triage(who) or permits.may_answer(who, found.office_code) or permits.may_decide_hiding(who)
    if not readable:
        raise Missing
    return found


def clock_of(voice: Contribution, is_holiday: Calendar, today: date) -> Clock:
    """Compute the clocks of a voice from its dates."""
    severity = Severity(voice.severity)
    pauses = [Pause(p.since, p.until) for p in voice.pauses]
    reply_due = due_on(voice.received_on, REPLY_DAYS[severity], pauses, is_holiday, today=today)
    answered = civil_day(voice.replied_at) if voice.replied_at else None
    paused = any(p.until is None for p in pauses)
    late = reply_due is not None and (answered or today) > reply_due
    triage_due = due_on(voice.received_on, TRIAGE_DAYS[severity], [], is_holiday, today=today)
    return Clock(triage_due, reply_due, answered, paused, late)


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


def inbox(session: Session, wanted: Filter, *, today: date, paging: Paging) -> Page[InboxRow]:
    """List voices, the oldest first; the number of queries does not depend on how many there are."""
    conditions = _conditions(wanted)
    total = session.scalar(select(func.count()).select_from(Contribution).where(*conditions)) or 0
    parts = select(func.count()).where(ContributionPart.voice_id == Contribution.id).scalar_subquery()
    query = (
        select(Contribution, Office.name, Service.name_it, Theme.label_it, parts)
        .outerjoin(Office, Office.code == Contribution.office_code)
        .outerjoin(Service, Service.code == Contribution.service_code)
        .outerjoin(Theme, Theme.code == Contribution.theme_code)
        .where(*conditions)
        .options(selectinload(Contribution.pauses))
        .order_by(Contribution.received_on, Contribution.id)
        .limit(paging.size)
        .offset(paging.offset)
    )
    found = session.execute(query).all()
    where, calendar = stages(session, [row[0] for row in found]), Calendar(session)
    rows = []
    for voice, office, service, theme, n in found:
        clock = clock_of(voice, calendar, today)
        rows.append(
            InboxRow(
                voice.code,
                voice.title,
                Origin(voice.origin),
                office or "",
                service or "",
                theme or "",
                Severity(voice.severity),
                voice.received_on,
                clock.reply_due,
                clock.late,
                where[voice.id],
                n,
            )
        )
    return Page(rows, total, paging)


def _conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.offices is not None:
        found.append(Contribution.office_code.in_(wanted.offices))
    for column, value in (
        (Contribution.office_code, wanted.office),
        (Contribution.theme_code, wanted.theme),
        (Contribution.severity, wanted.severity),
        (Contribution.origin, wanted.origin),
    ):
        found += [column == value] if value else []
    found += [Contribution.triaged_on.is_(None)] if wanted.untriaged else []
    found += [Contribution.replied_at.is_(None)] if wanted.open_only else []
    return found


def late_voices(session: Session, *, today: date, limit: int = 500) -> Iterable[Contribution]:
    """Give the voices whose answer is late and was not announced yet."""
    calendar = Calendar(session)
    waiting = (
        select(Contribution)
        .where(Contribution.replied_at.is_(None), Contribution.overdue_told_at.is_(None), Contribution.office_code.is_not(None))
        .options(selectinload(Contribution.pauses))
        .order_by(Contribution.received_on)
        .limit(limit)
    )
    return (v for v in session.scalars(waiting) if clock_of(v, calendar, today).late)


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


def templates_of(session: Session, office_code: str | None) -> Sequence[ReplyTemplate]:
    """List an office's saved replies."""
    mine = select(ReplyTemplate).where(ReplyTemplate.office_code == office_code)
    return session.scalars(mine.order_by(ReplyTemplate.title)).all()


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
