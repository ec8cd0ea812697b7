"""Reading points, standards, results of others, windows, and what was written about pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Integer, case, cast, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from civic.city.models import Service
from civic.city.queries import services
from civic.kernel.actor import Actor
from civic.kernel.codes import fingerprint
from civic.kernel.errors import Missing
from civic.kernel.paging import Page, Paging
from civic.quality import permits
from civic.quality.models import (
    AnomalyWindow,
    OutsideResult,
    Rating,
    RatingPoint,
    RatingTally,
    RatingTicket,
    ServiceStandard,
    StandardMeasure,
)
from civic.quality.rules import APART, LOOK_BACK, PAGE_INSTRUMENTS, Counts, Instrument


def editable_services(session: Session, who: Actor) -> list[Service]:
    """List the services whose evidence somebody keeps."""
    return [s for s in services(session) if permits.may_edit_evidence(who, s)]


def point(session: Session, code: str) -> RatingPoint:
    """Return a point with its service. Raises Missing."""
    found = session.get(RatingPoint, code.strip().upper(), options=[joinedload(RatingPoint.service)])
    if found is None:
        raise Missing
    return found


def point_or_none(session: Session, code: str, service_code: str) -> RatingPoint | None:
    """Return an open point of a service; None for anything else: a rating is worth more than where it came from."""
    found = session.get(RatingPoint, code.strip().upper()) if code else None
    return found if found and found.service_code == service_code and found.closed_on is None else None


def service_of_ticket(session: Session, code: str) -> str | None:
    """Return the service of a ticket that is not spent, None for any other code."""
    mine = select(RatingTicket.service_code).where(RatingTicket.code_hash == fingerprint(code), RatingTicket.spent_on.is_(None))
    return session.scalar(mine)


def points_of(session: Session, service_code: str) -> Sequence[RatingPoint]:
    """List a service's points, the open ones first."""
    mine = select(RatingPoint).where(RatingPoint.service_code == service_code)
    return session.scalars(mine.order_by(RatingPoint.closed_on.is_not(None), RatingPoint.place, RatingPoint.code)).all()


@dataclass(frozen=True, slots=True)
class StandardRow:
    """A promise with the newest thing measured of it, and whether it was kept; None when nothing was measured."""

    standard: ServiceStandard
    latest: StandardMeasure | None
    kept: bool | None


def standards_of(session: Session, service_code: str) -> list[StandardRow]:
    """List what a Carta dei servizi promises, those in force first."""
    mine = select(ServiceStandard).where(ServiceStandard.service_code == service_code)
    ordered = mine.order_by(ServiceStandard.valid_to.is_not(None), ServiceStandard.label_it)
    rows = []
    for standard in session.scalars(ordered.options(selectinload(ServiceStandard.measures))):
        latest = standard.measures[0] if standard.measures else None
        rows.append(StandardRow(standard, latest, standard.is_kept_by(latest.value) if latest else None))
    return rows


def results_beside(session: Session, service_code: str) -> Sequence[OutsideResult]:
    """List results that are not ours, the newest first; as many as a page can show."""
    mine = select(OutsideResult).options(joinedload(OutsideResult.provider)).where(OutsideResult.service_code == service_code)
    return session.scalars(mine.order_by(OutsideResult.year.desc(), OutsideResult.id).limit(60)).all()


def windows_of(session: Session, service_code: str, *, since: date) -> Sequence[AnomalyWindow]:
    """List a service's flagged windows, the newest first."""
    mine = select(AnomalyWindow).where(AnomalyWindow.service_code == service_code, AnomalyWindow.day >= since)
    return session.scalars(mine.order_by(AnomalyWindow.day.desc(), AnomalyWindow.hour_band.desc()).limit(20)).all()


def windows(session: Session, *, paging: Paging) -> Page[AnomalyWindow]:
    """Page through all windows: the undecided first, then the newest."""
    total = session.scalar(select(func.count()).select_from(AnomalyWindow)) or 0
    query = select(AnomalyWindow).options(joinedload(AnomalyWindow.service))
    ordered = query.order_by(AnomalyWindow.decided_at.is_not(None), AnomalyWindow.day.desc(), AnomalyWindow.id.desc())
    return Page(session.scalars(ordered.limit(paging.size).offset(paging.offset)).all(), total, paging)


def flow_of(session: Session, service_code: str, *, today: date) -> list[tuple[date, int, Counts]]:
    """List (day, band, counts) of the last 28 days and today: what the search for anomalous windows reads."""
    stars = [func.sum(cast(case((Rating.stars == s, 1), else_=0), Integer)) for s in range(1, 6)]
    query = select(Rating.on_day, Rating.hour_band, *stars).where(
        Rating.service_code == service_code,
        Rating.on_day >= today - LOOK_BACK - timedelta(days=1),
        Rating.on_day <= today,
        Rating.channel.not_in(APART),
    )
    rows = session.execute(query.group_by(Rating.on_day, Rating.hour_band))
    return [(r[0], r[1], (int(r[2]), int(r[3]), int(r[4]), int(r[5]), int(r[6]))) for r in rows]


def services_rated_since(session: Session, day: date) -> list[str]:
    """List the services that somebody rated since a day."""
    rated = select(Rating.service_code).where(Rating.service_code.is_not(None), Rating.on_day >= day).distinct()
    return [code for code in session.scalars(rated) if code]


@dataclass(frozen=True, slots=True)
class PageRow:
    """How one page is judged in the period."""

    page: str
    instrument: Instrument
    n: int
    mean: float


def pages(session: Session, *, since: date, paging: Paging) -> Page[PageRow]:
    """Page through the judged pages, the worst first: where the words need work."""
    n, sum_ = func.sum(RatingTally.n), func.sum(RatingTally.n * RatingTally.stars)
    grouped = (
        select(RatingTally.subject, RatingTally.instrument, n.label("n"), sum_.label("sum_"))
        .where(RatingTally.instrument.in_(PAGE_INSTRUMENTS), RatingTally.month >= since)
        .group_by(RatingTally.subject, RatingTally.instrument)
        .having(n > 0)
        .subquery()
    )
    total = session.scalar(select(func.count()).select_from(grouped)) or 0
    worst = select(grouped).order_by(grouped.c.sum_ * 1.0 / grouped.c.n, grouped.c.n.desc(), grouped.c.subject)
    rows = session.execute(worst.limit(paging.size).offset(paging.offset))
    return Page([PageRow(p, Instrument(i), int(n), int(s) / int(n)) for p, i, n, s in rows], total, paging)


def page_texts(session: Session, *, limit: int = 100) -> Sequence[Rating]:
    """List the newest texts about pages."""
    told = select(Rating).where(Rating.instrument.in_(PAGE_INSTRUMENTS), Rating.text != "")
    return session.scalars(told.order_by(Rating.id.desc()).limit(limit)).all()
