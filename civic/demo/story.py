"""A history for some actions, from the same sources as the rest; and a draft that waits, which is invented and says so."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.kernel.actor import Actor
from civic.kernel.errors import Missing
from civic.people.models import StaffAccount
from civic.planning.commands.actions import Classification, classify_action
from civic.planning.commands.drafts import TEXTS, DraftData, save_draft, submit_draft
from civic.planning.commands.statuses import record_status
from civic.planning.models import MandateAction, OperationalObjective, PegObjective, Status, StatusEntry, Voice
from civic.planning.queries.actions import action_by_code, current_version
from civic.planning.rules import StatusData

_OUTSIDE = "Società esterna di valutazione"
# Later facts about an action that the programme's file tells under another code: (action, told by).
_LATER = {"A009": "A052", "A074": "A115"}
# Judged by an outside firm with a traffic light in February 2019.
_ASSESSED = ("A028", "A029", "A030", "A031")
_DEMO_NOTE = "Dato dimostrativo: bozza inventata per mostrare come si prepara un aggiornamento."


def tell_story(session: Session, who: Actor, referent: Actor | None, *, link: str, site: str, now: datetime) -> None:
    """Add what makes the demonstration worth walking through; a data set without these actions gets nothing."""
    try:
        action_by_code(session, "A120")
    except Missing:
        return
    for code, told_by in _LATER.items():
        _go_on(session, who, code, told_by, now)
    for code in _ASSESSED:
        _assess(session, who, code, now)
    _link_to_plan(session, who, now)
    if referent is not None:
        _leave_a_draft(session, referent, link=link, site=site, now=now)


def _declared(session: Session, action: MandateAction) -> StatusEntry:
    return session.get_one(StatusEntry, action.declared_entry_id)


def _go_on(session: Session, who: Actor, code: str, told_by: str, now: datetime) -> None:
    later = action_by_code(session, told_by)
    words, entry = current_version(session, later), _declared(session, later)
    note = f"{words.title_it if words else ''} ({told_by}). {entry.note_it}".strip()
    data = StatusData(
        status=Status(entry.status),
        as_of=entry.as_of,
        as_of_precision=entry.as_of_precision,
        note_it=note,
        source_url=entry.source_url,
    )
    record_status(session, who, action_by_code(session, code), data, by_label=entry.by_label, now=now)


def _assess(session: Session, who: Actor, code: str, now: datetime) -> None:
    action = action_by_code(session, code)
    entry = _declared(session, action)
    data = StatusData(status=Status(entry.status), as_of=entry.as_of, source_url=entry.source_url, note_it=entry.note_it)
    record_status(session, who, action, data, voice=Voice.ASSESSED, by_label=_OUTSIDE, now=now)


def _link_to_plan(session: Session, who: Actor, now: datetime) -> None:
    """The quartieri's action carries out 13.3.03; the link is ours, the two texts are the sources'."""
    action = action_by_code(session, "A121")
    operational = session.scalars(select(OperationalObjective.id).where(OperationalObjective.code == "13.3.03")).all()
    sheets = session.scalars(select(PegObjective.id)).all()
    data = Classification(
        direction_code=action.direction_code,
        lead_office_code=action.lead_office_code,
        importance=action.importance,
        tags=tuple(t.tag for t in action.tags),
        sites=tuple((s.quartiere_code, s.basis) for s in action.sites),
        operational_ids=tuple(operational),
        peg_ids=tuple(sheets),
    )
    classify_action(session, who, action, data, version=action.version, now=now)


def _leave_a_draft(session: Session, referent: Actor, *, link: str, site: str, now: datetime) -> None:
    account = session.scalars(select(StaffAccount).where(StaffAccount.ref == referent.ref)).one()
    mine = select(MandateAction).where(MandateAction.lead_office_code == account.office_code)
    action = session.scalars(mine.order_by(MandateAction.code.desc()).limit(1)).first()
    if action is None:
        return
    words = current_version(session, action)
    texts = {name: getattr(words, name) for name in TEXTS}
    data = DraftData(
        **texts | {"quantity": texts["quantity"] or Decimal(1200)},
        status=Status.IN_PROGRESS,
        status_note_it=_DEMO_NOTE,
        status_as_of=date(2026, 10, 31),
    )
    save_draft(session, referent, action, data, version=0, now=now)
    submit_draft(session, referent, action, version=1, link=link % action.code, site=site, now=now)
