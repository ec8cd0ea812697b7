"""Reading the counter's batches, and the gates to what an operator may see."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civic.kernel.actor import Actor
from civic.kernel.errors import Missing
from civic.people.models import AssistedEntry, Batch, Citizen
from civic.people.permits import may_assist
from civic.people.rules import Channel


@dataclass(frozen=True, slots=True)
class BatchRow:
    """One batch of an operator, with how much is in it: entries for identified persons and for nobody identified."""

    code: str
    channel: Channel
    place: str
    opened_at: datetime
    closed: bool
    persons: int
    anonymous: int


def batches_of(session: Session, who: Actor, *, limit: int = 30) -> list[BatchRow]:
    """List an operator's own batches, newest first."""
    persons = func.count(AssistedEntry.citizen_id.distinct())
    anonymous = func.count(AssistedEntry.id).filter(AssistedEntry.citizen_id.is_(None))
    query = (
        select(Batch, persons, anonymous)
        .outerjoin(AssistedEntry, AssistedEntry.batch_id == Batch.id)
        .where(Batch.operator_ref == who.ref)
        .group_by(Batch.id)
        .order_by(Batch.id.desc())
        .limit(limit)
    )
    return [
        BatchRow(b.code, Channel(b.channel), b.place, b.opened_at, b.closed_at is not None, n, m)
        for b, n, m in session.execute(query)
    ]


def batch_for(session: Session, who: Actor, code: str) -> Batch:
    """Return one of an operator's own batches. Raises Missing: for another's, as if it did not exist."""
    found = session.scalar(select(Batch).where(Batch.code == code, Batch.operator_ref == who.ref))
    if found is None or not may_assist(who, found.quartiere_code):
        raise Missing
    return found


def citizen_in(session: Session, batch: Batch, ref: str) -> Citizen:
    """Return a citizen whom the operator identified in this batch. Raises Missing: for anybody else."""
    seen = select(AssistedEntry.id).where(AssistedEntry.batch_id == batch.id, AssistedEntry.citizen_id == Citizen.id)
    found = session.scalar(select(Citizen).where(Citizen.ref == ref, seen.exists()))
    if found is None:
        raise Missing
    return found


def entries_of(session: Session, batch: Batch) -> Sequence[AssistedEntry]:
    """List what was entered in a batch, newest first."""
    query = select(AssistedEntry).where(AssistedEntry.batch_id == batch.id).order_by(AssistedEntry.id.desc())
    return session.scalars(query.limit(200)).all()
