"""The programme as rows of its own file: what the import reads is what the export writes."""

from collections import defaultdict
from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from civic.planning.intake import COLUMNS, write_partial_date
from civic.planning.models import ActionVersion, MandateAction, StatusEntry, Voice
from civic.planning.queries.actions import ProgrammeFilter, filtered
from civic.planning.queries.documents import CURRENT_VERSION


def programme_rows(session: Session, wanted: ProgrammeFilter) -> Iterator[list[object]]:
    """Yield one row an action, in the order of `COLUMNS`."""
    query = (
        select(MandateAction, ActionVersion, StatusEntry)
        .join(ActionVersion, CURRENT_VERSION)
        .join(StatusEntry, StatusEntry.id == MandateAction.declared_entry_id)
        .where(MandateAction.id.in_(filtered(session, wanted)))
        .options(selectinload(MandateAction.tags), selectinload(MandateAction.sites), selectinload(MandateAction.parts))
        .order_by(MandateAction.mandate_code, MandateAction.code)
    )
    rows = session.execute(query).all()
    part_status = _part_statuses(session, [action.id for action, _, _ in rows if action.parts])
    for action, words, entry in rows:
        cells = _cells(action, words, entry, part_status[action.id])
        yield [cells[column] for column in COLUMNS]


def _part_statuses(session: Session, ids: list[int]) -> dict[int, dict[int, str]]:
    found: dict[int, dict[int, str]] = defaultdict(dict)
    parts = select(StatusEntry).where(
        StatusEntry.action_id.in_(ids), StatusEntry.part_number > 0, StatusEntry.voice == Voice.DECLARED
    )
    for entry in session.scalars(parts.order_by(StatusEntry.seq)):
        found[entry.action_id][entry.part_number] = str(entry.status)
    return found


def _cells(action: MandateAction, words: ActionVersion, entry: StatusEntry, parts: dict[int, str]) -> dict[str, object]:
    return {
        "code": action.code,
        "mandate": action.mandate_code,
        "direction": action.direction_code,
        "kind": str(action.kind),
        "title_it": words.title_it,
        "title_en": words.title_en,
        "tags": ";".join(t.tag for t in action.tags),
        "sites": ";".join(s.quartiere_code for s in action.sites),
        "sites_basis": str(action.sites[0].basis) if action.sites else None,
        "status": str(entry.status),
        "note_it": words.summary_it,
        "note_en": words.summary_en,
        "cause_it": entry.cause_it,
        "quantity": _plain(words.quantity),
        "target": _plain(words.target),
        "unit_it": words.unit_it,
        "unit_en": words.unit_en,
        "amount_eur": _plain(words.amount_eur),
        "importance": action.importance,
        "as_of": write_partial_date(entry.as_of, entry.as_of_precision),
        "source_url": words.source_url,
        "lead_office": action.lead_office_code,
        "parts": ";".join(f"{p.title_it}|{parts[p.number]}" for p in action.parts if p.number in parts),
    }


def _plain(value: object) -> str | None:
    """Write a decimal without trailing zeros."""
    return None if value is None else f"{value:f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:f}"
