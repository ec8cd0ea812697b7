"""What indicators and publishing read of ratings: satisfaction per service, office and provider, over whole months.

Only ratings that count, and of no series that stands apart. A share needs the house's threshold of n, and 30 trusted
ratings before an evaluation may rest on it; below it the value is None and the n is told. Rounding is the page's.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from civic.city.models import Service
from civic.kernel.measure import Measure
from civic.kernel.text import N_
from civic.quality.queries.figures import counts_per_service, threshold
from civic.quality.rules import Satisfaction, added, satisfaction


class Verdict(StrEnum):
    """What a figure with its interval says of a target."""

    MET = "met"
    MISSED = "missed"
    UNDETERMINED = "undetermined"


VERDICTS = {
    Verdict.MET: N_("Raggiunto"),
    Verdict.MISSED: N_("Non raggiunto"),
    Verdict.UNDETERMINED: N_("Non si può dire"),
}


@dataclass(frozen=True, slots=True)
class Evidence:
    """A satisfaction with what an evaluation needs to know of it."""

    measure: Measure
    figure: Satisfaction


def satisfaction_of(
    session: Session,
    *,
    since: date,
    until: date,
    service: str = "",
    office: str = "",
    provider: str = "",
    trusted: bool = False,
) -> Evidence:
    """Return the percentage of 4 and 5 stars among the ratings of the months from `since` to `until`.

    `trusted` takes only verified identities and tickets, with the threshold of evaluations: what offices are judged by.
    """
    codes = _services(session, service, office, provider)
    counts = added(list(counts_per_service(session, since=since, until=until, services=codes, trusted=trusted).values()))
    figure = satisfaction(counts, least=threshold(session, "evaluation_min_n" if trusted else "mean_min_n"))
    value = None if figure.share is None else Decimal(figure.happy) * 100 / figure.n
    period = f"{since.isoformat()}/{until.isoformat()}"
    return Evidence(Measure(value=value, n=figure.n, unit="percent", as_of=until, period=period), figure)


def _services(session: Session, service: str, office: str, provider: str) -> Collection[str] | None:
    if service:
        return [service]
    if not office and not provider:
        return None
    return session.scalars(
        select(Service.code).where(or_(Service.office_code == office, Service.provider_code == provider))
    ).all()


def verdict(figure: Satisfaction, target_percent: Decimal) -> Verdict:
    """Compare with a target: met only when the whole interval is above it, missed only when it is all below.

    >>> from civic.quality.rules import satisfaction
    >>> verdict(satisfaction((5, 5, 10, 60, 70), least=10), Decimal(85))
    <Verdict.UNDETERMINED: 'undetermined'>
    >>> verdict(satisfaction((0, 0, 1, 300, 400), least=10), Decimal(90))
    <Verdict.MET: 'met'>
    """
    if figure.interval is None:
        return Verdict.UNDETERMINED
    target = float(target_percent) / 100
    if figure.interval.low >= target:
        return Verdict.MET
    return Verdict.MISSED if figure.interval.high < target else Verdict.UNDETERMINED
