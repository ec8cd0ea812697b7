"""What upper floors may ask of the plan, as measures with their base and day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from civic.kernel.measure import Measure
from civic.planning.models import ActionKind, MandateAction, Status, StatusEntry
from civic.planning.queries.actions import ProgrammeFilter, filtered
from civic.planning.rules import Counts, count_statuses


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a part of the programme is: strict and broad percent (unit: percent, unrounded), always both.

    `counts` holds the actions by status and how many are outside the base.
    """

    strict: Measure
    broad: Measure
    counts: Counts


def progress(session: Session, wanted: ProgrammeFilter) -> Progress:
    """Count the actions (never outputs or priorities) that match, by declared status. Rule: rules/counting.py."""
    rows = session.execute(_counted(session, wanted).group_by(StatusEntry.status))
    return _progress([(Status(status), n, day) for _mandate, status, n, day in rows])


def progress_by_mandate(session: Session, wanted: ProgrammeFilter) -> dict[str, Progress]:
    """Count as `progress`, once for each mandate, newest first: figures of two mandates are never added."""
    query = _counted(session, wanted).group_by(MandateAction.mandate_code, StatusEntry.status)
    groups: dict[str, list[tuple[Status, int, date]]] = {}
    for mandate, status, n, day in session.execute(query):
        groups.setdefault(mandate, []).append((Status(status), n, day))
    return {mandate: _progress(groups[mandate]) for mandate in sorted(groups, reverse=True)}


def _counted(session: Session, wanted: ProgrammeFilter) -> Select[*tuple[Any, ...]]:
    ids = filtered(session, wanted)
    return (
        select(func.max(MandateAction.mandate_code), StatusEntry.status, func.count(), func.max(StatusEntry.as_of))
        .join(MandateAction, MandateAction.declared_entry_id == StatusEntry.id)
        .where(MandateAction.id.in_(ids), MandateAction.kind == ActionKind.ACTION)
    )


def _progress(rows: Sequence[tuple[Status, int, date]]) -> Progress:
    counts = count_statuses({status: n for status, n, _ in rows})
    as_of = max((day for _, _, day in rows), default=None)
    strict = Measure(value=counts.strict_percent, n=counts.n, unit="percent", as_of=as_of)
    broad = Measure(value=counts.broad_percent, n=counts.n, unit="percent", as_of=as_of)
    return Progress(strict=strict, broad=broad, counts=counts)
