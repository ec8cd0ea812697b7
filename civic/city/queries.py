"""Reading what is where."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from civic.city import rules
from civic.city.models import (
    Ente,
    FooterLink,
    Holiday,
    Office,
    Provider,
    Quartiere,
    Service,
    SilenceWindow,
    SiteReport,
    Threshold,
)
from civic.kernel.clock import civil_day
from civic.kernel.errors import Missing
from civic.kernel.paging import Page, Paging


@dataclass(frozen=True, slots=True)
class ThresholdRow:
    """A threshold now, and what it is by default."""

    name: str
    label: str
    value: int
    default: int


def ente(session: Session) -> Ente:
    """Return the municipality. Raises Missing on an empty installation."""
    found = session.get(Ente, 1)
    if found is None:
        raise Missing
    return found


def ente_or_none(session: Session) -> Ente | None:
    """Return the municipality, None on an empty installation."""
    return session.get(Ente, 1)


def ente_name(session: Session) -> str:
    """Return the name of the municipality, a plain one before it has been told."""
    return session.scalar(select(Ente.name)) or "Comune"


def footer_links(session: Session) -> Sequence[FooterLink]:
    """List the administration's own footer links, in order."""
    return session.scalars(select(FooterLink).order_by(FooterLink.position, FooterLink.id)).all()


def quartieri(session: Session) -> Sequence[Quartiere]:
    """List the quartieri by number."""
    return session.scalars(select(Quartiere).order_by(Quartiere.number)).all()


def offices(session: Session) -> Sequence[Office]:
    """List every office that ever was, by name."""
    return session.scalars(select(Office).order_by(Office.name)).all()


def offices_valid_on(session: Session, day: date) -> list[Office]:
    """List the offices that exist on a day, by name."""
    return [o for o in offices(session) if rules.is_valid_on(o.valid_from, o.valid_to, day)]


def office(session: Session, code: str) -> Office:
    """Return one office. Raises Missing."""
    found = session.get(Office, code)
    if found is None:
        raise Missing
    return found


def with_predecessors(session: Session, codes: Sequence[str]) -> list[str]:
    """Add to some offices those that they go on from, however far back."""
    found, fresh = list(codes), list(codes)
    while fresh and len(found) < 500:
        before = session.scalars(select(Office.code).where(Office.successor_code.in_(fresh)))
        fresh = [code for code in before if code not in found]
        found += fresh
    return found


def quartiere(session: Session, code: str) -> Quartiere:
    """Return one quartiere. Raises Missing."""
    found = session.get(Quartiere, code)
    if found is None:
        raise Missing
    return found


def providers(session: Session) -> Sequence[Provider]:
    """List the providers by name."""
    return session.scalars(select(Provider).order_by(Provider.name)).all()


def provider(session: Session, code: str) -> Provider:
    """Return one provider. Raises Missing."""
    found = session.get(Provider, code)
    if found is None:
        raise Missing
    return found


def services(session: Session, *, only_active: bool = True) -> Sequence[Service]:
    """List the services by category and name, with office and provider."""
    query = select(Service).options(joinedload(Service.office), joinedload(Service.provider))
    if only_active:
        query = query.where(Service.active)
    return session.scalars(query.order_by(Service.category, Service.name_it)).all()


def service(session: Session, code: str) -> Service:
    """Return one service. Raises Missing."""
    found = session.get(Service, code)
    if found is None:
        raise Missing
    return found


def holidays(session: Session) -> Sequence[Holiday]:
    """List the local holidays, by day."""
    return session.scalars(select(Holiday).order_by(Holiday.month, Holiday.day, Holiday.every)).all()


def holidays_of(session: Session, year: int) -> list[rules.HolidayDay]:
    """List all holidays of a year: national, Easter Monday, local."""
    local = [(h.month, h.day, h.every, h.name_it) for h in holidays(session)]
    return rules.holidays_of(year, local)


def thresholds(session: Session) -> list[ThresholdRow]:
    """List every threshold with its value now."""
    changed = {t.name: t.value for t in session.scalars(select(Threshold))}
    return [
        ThresholdRow(name, rule.label, changed.get(name, rule.default), rule.default) for name, rule in rules.THRESHOLDS.items()
    ]


def silence_windows(session: Session) -> Sequence[SilenceWindow]:
    """List the windows of election silence, newest first."""
    return session.scalars(select(SilenceWindow).order_by(SilenceWindow.starts_on.desc())).all()


def is_silent(session: Session, now: datetime) -> bool:
    """Say whether an election silence is on at this instant, by the civil day in Italy."""
    day = civil_day(now)
    window = select(SilenceWindow.id).where(SilenceWindow.starts_on <= day, SilenceWindow.ends_on >= day).limit(1)
    return session.scalar(window) is not None


def report_by_code(session: Session, code: str) -> SiteReport:
    """Return the report that has this receipt code. Raises Missing."""
    found = session.scalar(select(SiteReport).where(SiteReport.code == code.strip().upper()))
    if found is None:
        raise Missing
    return found


def open_reports(session: Session, *, limit: int = 100) -> Sequence[SiteReport]:
    """List the reports that wait for an answer, the most urgent first."""
    waiting = select(SiteReport).where(SiteReport.answered_at.is_(None))
    return session.scalars(waiting.order_by(SiteReport.due_on, SiteReport.id).limit(limit)).all()


def report_page(session: Session, *, paging: Paging) -> Page[SiteReport]:
    """Page through all reports: the unanswered first, then the newest."""
    query = select(SiteReport).order_by(SiteReport.answered_at.is_not(None), SiteReport.id.desc())
    rows = session.scalars(query.limit(paging.size + 1).offset(paging.offset)).all()
    seen = paging.offset + len(rows)
    return Page(rows[: paging.size], seen, paging)
