"""What indicators and publishing read of the register of voices: answers in time, days, share with an action, share verified.

Every figure is over the voices received in a period and given to an office, by office, service, quartiere and consultation where
asked; rounding is the page's. A share needs the house's threshold of n; below it the value is None and the n is told. Each is
one aggregate in the database, however many voices there are.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from civic.contributions.models import Commitment, CommitmentContribution, Contribution, ContributionCheck
from civic.contributions.rules import CommitmentState, Verdict, median_of
from civic.kernel.measure import Measure, share_percent

MIN_N = 10


def _period(since: date, until: date) -> str:
    return f"{since.isoformat()}/{until.isoformat()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Of:
    """Which voices a figure is about: of an office, service, quartiere, consultation; "" is any."""

    office: str = ""
    service: str = ""
    quartiere: str = ""
    consultation: str = ""


ALL = Of()


def _given(since: date, until: date, of: Of) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [
        Contribution.received_on >= since,
        Contribution.received_on <= until,
        Contribution.office_code.is_not(None),
    ]
    for column, value in (
        (Contribution.office_code, of.office),
        (Contribution.service_code, of.service),
        (Contribution.quartiere_code, of.quartiere),
        (Contribution.consultation_code, of.consultation),
    ):
        found += [column == value] if value else []
    return found


def answered_in_time(session: Session, *, since: date, until: date, today: date, of: Of = ALL) -> Measure:
    """Return the percentage of voices answered by their day, among those answered or past it."""
    settled = or_(Contribution.replied_on.is_not(None), Contribution.reply_due_on < today)
    in_time = func.count().filter(Contribution.replied_on <= Contribution.reply_due_on)
    query = select(in_time, func.count()).select_from(Contribution).where(*_given(since, until, of), settled)
    part, n = session.execute(query).one()
    return _share(part, n, _period(since, until))


def share_answered(session: Session, *, since: date, until: date, of: Of = ALL) -> Measure:
    """Return the percentage of voices that have an answer, among all those given to an office."""
    query = select(func.count(Contribution.replied_on), func.count()).select_from(Contribution)
    part, n = session.execute(query.where(*_given(since, until, of))).one()
    return _share(part, n, _period(since, until))


def median_days(session: Session, *, since: date, until: date, of: Of = ALL) -> Measure:
    """Return the median of working days from a voice to its first answer, the days of a pause included."""
    column = Contribution.replied_after_days
    query = select(column, func.count()).where(*_given(since, until, of), column.is_not(None)).group_by(column)
    counts = [(days, n) for days, n in session.execute(query) if days is not None]
    n, middle = sum(n for _days, n in counts), median_of(counts)
    value = Decimal(str(middle)) if middle is not None and n >= MIN_N else None
    return Measure(value=value, n=n, unit="working days", period=_period(since, until))


def share_with_action(session: Session, *, since: date, until: date, of: Of = ALL) -> Measure:
    """Return the percentage of answered voices that an improvement, planned or done, answers."""
    kept = select(CommitmentContribution.voice_id).join(Commitment, Commitment.id == CommitmentContribution.commitment_id)
    kept = kept.where(Commitment.state != CommitmentState.DROPPED)
    answered = [*_given(since, until, of), Contribution.replied_at.is_not(None)]
    n = session.scalar(select(func.count()).select_from(Contribution).where(*answered)) or 0
    with_action = session.scalar(select(func.count()).select_from(Contribution).where(*answered, Contribution.id.in_(kept))) or 0
    return _share(with_action, n, _period(since, until))


def share_verified(session: Session, *, since: date, until: date, of: Of = ALL) -> Measure:
    """Return the percentage of authors who say that the change is so, among those who answered."""
    answers = (
        select(ContributionCheck.verdict, func.count())
        .join(Contribution, Contribution.id == ContributionCheck.voice_id)
        .where(*_given(since, until, of), ContributionCheck.verdict.is_not(None))
        .group_by(ContributionCheck.verdict)
    )
    counts: dict[str, int] = {str(v): n for v, n in session.execute(answers)}
    return _share(counts.get(Verdict.SOLVED, 0), sum(counts.values()), _period(since, until))


def _share(part: int, n: int, period: str) -> Measure:
    return Measure(value=share_percent(part, n) if n >= MIN_N else None, n=n, unit="percent", period=period)
