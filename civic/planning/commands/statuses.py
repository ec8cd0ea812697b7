"""Saying where an action stands. Every change of status in the house passes through `record_status`."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.journal.commands import record
from civic.kernel.actor import Actor
from civic.kernel.clock import civil_day
from civic.kernel.db import refusing
from civic.kernel.errors import NotAllowed, Refused
from civic.kernel.text import N_
from civic.planning import permits
from civic.planning.models import MandateAction, Status, StatusEntry, Voice
from civic.planning.rules import StatusData, check_status

_RACE = N_("Qualcuno ha registrato uno stato in questo momento: ricarica la pagina e guarda la storia.")


def record_status(
    session: Session,
    who: Actor,
    action: MandateAction,
    data: StatusData,
    *,
    voice: Voice = Voice.DECLARED,
    part_number: int = 0,
    by_label: str = "",
    now: datetime,
) -> StatusEntry:
    """Add a statement to an action's history, chained in the register in the same transaction.

    `by_label` is who says so (the office, or the third party that assessed); default the actor's office.
    Raises NotAllowed, or Refused: for the future, a missing cause, or two people at the same instant.
    """
    if not permits.may_publish(who, action):
        raise NotAllowed
    last = _last_entry(session, action.id, part_number, voice)
    check_status(data, before=Status(last.status) if last else None, today=civil_day(now), newest=last.as_of if last else None)
    entry = StatusEntry(
        action_id=action.id,
        part_number=part_number,
        voice=voice,
        seq=last.seq + 1 if last else 1,
        status=data.status,
        note_it=data.note_it,
        note_en=data.note_en,
        cause_it=data.cause_it,
        source_url=data.source_url,
        as_of=data.as_of,
        as_of_precision=data.as_of_precision,
        by_label=by_label or who.label,
        recorded_at=now,
    )
    race = Refused(_RACE)
    with refusing(session, {"uq_plan_status_entry_action_id_part_number_voice_seq": race}):
        session.add(entry)
    if part_number == 0:
        _point_to(action, entry)
    record(session, who, "planning.status_recorded", subject=("action", action.code), now=now, facts=chained_facts(entry))
    return entry


def _last_entry(session: Session, action_id: int, part_number: int, voice: Voice) -> StatusEntry | None:
    mine = (StatusEntry.action_id == action_id, StatusEntry.part_number == part_number, StatusEntry.voice == voice)
    return session.scalar(select(StatusEntry).where(*mine).order_by(StatusEntry.seq.desc()).limit(1))


def _point_to(action: MandateAction, entry: StatusEntry) -> None:
    if entry.voice == Voice.DECLARED:
        action.declared_entry_id = entry.id
    else:
        action.assessed_entry_id = entry.id


def chained_facts(entry: StatusEntry) -> dict[str, Any]:
    """Write an entry as the facts that the chain holds; `civic check` compares the stored row with them."""
    return {
        "entry": entry.id,
        "action": entry.action_id,
        "part": entry.part_number,
        "voice": str(entry.voice),
        "seq": entry.seq,
        "status": str(entry.status),
        "note_it": entry.note_it,
        "note_en": entry.note_en,
        "cause_it": entry.cause_it,
        "source_url": entry.source_url,
        "as_of": entry.as_of.isoformat(),
        "as_of_precision": entry.as_of_precision,
        "by": entry.by_label,
        "recorded_at": entry.recorded_at.isoformat(),
    }
