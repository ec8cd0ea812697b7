"""Reading the register of bodies."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civic.city.models import Quartiere
from civic.kernel.errors import Missing
from civic.kernel.paging import Page, Paging
from civic.people.models import Body, BodySpeaker, Citizen
from civic.people.rules import BodyState

FILE_COLUMNS = (
    "code",
    "name",
    "kind",
    "fiscal_code",
    "register_number",
    "quartiere_code",
    "seat",
    "website",
    "email",
    "purpose",
)


@dataclass(frozen=True, slots=True)
class BodyRow:
    """One verified body as the public register lists it."""

    code: str
    name: str
    kind: str
    quartiere: str
    purpose: str


def verified_bodies(session: Session, *, kind: str, quartiere: str, paging: Paging) -> Page[BodyRow]:
    """List verified bodies by name, all or those of a kind or of a quartiere."""
    wanted = [Body.state == BodyState.VERIFIED]
    wanted += [Body.kind == kind] if kind else []
    wanted += [Body.quartiere_code == quartiere] if quartiere else []
    total = session.scalar(select(func.count()).select_from(Body).where(*wanted)) or 0
    query = (
        select(Body, Quartiere.name)
        .outerjoin(Quartiere, Quartiere.code == Body.quartiere_code)
        .where(*wanted)
        .order_by(Body.name, Body.id)
        .limit(paging.size)
        .offset(paging.offset)
    )
    rows = [BodyRow(b.code, b.name, b.kind, name or "", b.purpose) for b, name in session.execute(query)]
    return Page(rows, total, paging)


def file_rows(session: Session) -> list[list[str]]:
    """List every verified body for the open-data file, in the order of `FILE_COLUMNS`."""
    query = select(Body).where(Body.state == BodyState.VERIFIED).order_by(Body.name, Body.id)
    return [[str(getattr(b, column) or "") for column in FILE_COLUMNS] for b in session.scalars(query)]


def body_by_code(session: Session, code: str) -> Body:
    """Return one body. Raises Missing."""
    found = session.scalar(select(Body).where(Body.code == code))
    if found is None:
        raise Missing
    return found


def verified_body(session: Session, code: str) -> Body:
    """Return one verified body. Raises Missing: for one that nobody verified yet."""
    found = body_by_code(session, code)
    if found.state != BodyState.VERIFIED:
        raise Missing
    return found


def bodies_in(session: Session, state: BodyState) -> Sequence[Body]:
    """List the registrations in a state, oldest first."""
    return session.scalars(select(Body).where(Body.state == state).order_by(Body.asked_at, Body.id)).all()


def bodies_of(session: Session, citizen: Citizen) -> Sequence[tuple[Body, str]]:
    """List (body, as what she speaks) for a citizen."""
    query = select(Body, BodySpeaker.role).join(BodySpeaker, BodySpeaker.body_id == Body.id)
    return [(b, role) for b, role in session.execute(query.where(BodySpeaker.citizen_id == citizen.id).order_by(Body.name))]
