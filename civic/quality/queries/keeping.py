"""What only the desk reads: contacts month by month, windows that wait and what is in one, how many are listed for whom."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from civic.kernel.actor import Actor
from civic.kernel.errors import Missing
from civic.quality import permits
from civic.quality.models import AnomalyWindow, Employee, ServiceContacts
from civic.quality.queries.evidence import flow_of
from civic.quality.rules import NONE, Counts


def contacts_of(session: Session, service_code: str, *, limit: int = 36) -> Sequence[ServiceContacts]:
    """List how many contacts a service had, the newest month first."""
    mine = select(ServiceContacts).where(ServiceContacts.service_code == service_code)
    return session.scalars(mine.order_by(ServiceContacts.month.desc()).limit(limit)).all()


def undecided_per_service(session: Session) -> dict[str, int]:
    """Map services to how many of their windows still wait for two people."""
    waiting = select(AnomalyWindow.service_code, func.count()).where(AnomalyWindow.decided_at.is_(None))
    return {code: int(n) for code, n in session.execute(waiting.group_by(AnomalyWindow.service_code))}


def window_before(session: Session, who: Actor, window_id: int) -> AnomalyWindow:
    """Return a window that somebody may decide on, to be read. Raises Missing: also for one's own office."""
    query = select(AnomalyWindow).options(joinedload(AnomalyWindow.service)).where(AnomalyWindow.id == window_id)
    found = session.scalar(query)
    if found is None or not permits.may_review(who, found.service):
        raise Missing
    return found


def counts_of_window(session: Session, window: AnomalyWindow) -> Counts:
    """Count the stars that came in within a window, whatever became of them; series that stand apart are not in it."""
    flow = flow_of(session, window.service_code, today=window.day)
    return next((counts for day, band, counts in flow if (day, band) == (window.day, window.hour_band)), NONE)


def listed_per_employer(session: Session) -> dict[str, int]:
    """Map offices and providers to how many people are listed for them; who they are nobody can read."""
    listed = select(Employee.employer, func.count()).group_by(Employee.employer)
    return {employer: int(n) for employer, n in session.execute(listed)}
