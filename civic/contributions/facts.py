"""What indicators and publishing read of the register of voices: answers in time, days, share with an action, share verified.

Every figure is over the voices received in a period and given to an office, by office and service where asked; rounding is
the page's. A share needs the house's threshold of n; below it the value is None and the n is told.
"""

from datetime import date
from decimal import Decimal
from statistics import median

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, selectinload

from civic.contributions.models import Commitment, CommitmentContribution, Contribution, ContributionCheck
from civic.contributions.queries.voices import Calendar, clock_of
from civic.contributions.rules import CommitmentState, Verdict, working_days_between
from civic.kernel.clock import civil_day
from civic.kernel.measure import Measure, share_percent

MIN_N = 10


def _period(since: date, until: date) -> str:
    return f"{since.isoformat()}/{until.isoformat()}"


def _given(since: date, until: date, office: str, service: str) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [
        Contribution.received_on >= since,
        Contribution.received_on <= until,
        Contribution.office_code.is_not(None),
    ]
    found += [Contribution.office_code == office] if office else []
    found += [Contribution.service_code == service] if service else []
    return found


def answered_in_time(session: Session, *, since: date, until: date, today: date, office: str = "", service: str = "") -> Measure:
    """Return the percentage of voices answered by their day, among those answered or past it."""
    calendar = Calendar(session)
    query = select(Contribution).where(*_given(since, until, office, service)).options(selectinload(Contribution.pauses))
    clocks = [clock_of(v, calendar, today) for v in session.scalars(query)]
    settled = [c for c in clocks if c.answered_on is not None or c.late]
    return _share(sum(not c.late for c in settled), len(settled), _period(since, until))


def median_days(session: Session, *, since: date, until: date, office: str = "", service: str = "") -> Measure:
    """Return the median of working days from a voice to its first answer."""
    calendar = Calendar(session)
    answered = [*_given(since, until, office, service), Contribution.replied_at.is_not(None)]
    query = select(Contribution.received_on, Contribution.replied_at).where(*answered)
    days = [working_days_between(received, civil_day(at), calendar) for received, at in session.execute(query) if at]
    value = Decimal(str(median(days))) if len(days) >= MIN_N else None
    return Measure(value=value, n=len(days), unit="working days", period=_period(since, until))


def share_with_action(session: Session, *, since: date, until: date, office: str = "", service: str = "") -> Measure:
    """Return the percentage of answered voices that an improvement, planned or done, answers."""
    kept = select(CommitmentContribution.voice_id).join(Commitment, Commitment.id == CommitmentContribution.commitment_id)
    kept = kept.where(Commitment.state != CommitmentState.DROPPED)
    answered = [*_given(since, until, office, service), Contribution.replied_at.is_not(None)]
    n = session.scalar(select(func.count()).select_from(Contribution).where(*answered)) or 0
    with_action = session.scalar(select(func.count()).select_from(Contribution).where(*answered, Contribution.id.in_(kept))) or 0
    return _share(with_action, n, _period(since, until))


def share_verified(session: Session, *, since: date, until: date, office: str = "", service: str = "") -> Measure:
    """Return the percentage of authors who say that the change is so, among those who answered."""
    answers = (
        select(ContributionCheck.verdict, func.count())
        .join(Contribution, Contribution.id == ContributionCheck.voice_id)
        .where(*_given(since, until, office, service), ContributionCheck.verdict.is_not(None))
        .group_by(ContributionCheck.verdict)
    )
    counts: dict[str, int] = {str(v): n for v, n in session.execute(answers)}
    return _share(counts.get(Verdict.SOLVED, 0), sum(counts.values()), _period(since, until))


def _share(part: int, n: int, period: str) -> Measure:
    return Measure(value=share_percent(part, n) if n >= MIN_N else None, n=n, unit="percent", period=period)
