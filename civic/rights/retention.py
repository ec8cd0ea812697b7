"""Nothing is kept longer than was said: one job for every table that declares a term."""

from datetime import datetime

from sqlalchemy import delete, func
from sqlalchemy.orm import Session

from civic.kernel.db import Model
from civic.kernel.privacy import rows_of


def purge(session: Session, now: datetime) -> int:
    """Delete the rows whose time has come. Returns how many; idempotent."""
    gone = 0
    for table in reversed(Model.metadata.sorted_tables):
        told = rows_of(table)
        if told is None or told.after is None:
            continue
        instants = [table.c[name] for name in told.since]
        first = func.coalesce(*instants) if len(instants) > 1 else instants[0]
        gone += session.connection().execute(delete(table).where(first < now - told.after)).rowcount
    return gone
