"""Reading mandate actions. Lists are frozen rows; one action is read with a fixed number of queries."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import Session, aliased, selectinload

from civic.city.models import Office, Quartiere
from civic.kernel import search
from civic.kernel.errors import Missing
from civic.kernel.paging import Page, Paging
from civic.planning.models import (
    ActionDraft,
    ActionKind,
    ActionSite,
    ActionTag,
    ActionVersion,
    Mandate,
    MandateAction,
    Status,
    StatusEntry,
    StrategicDirection,
    Voice,
)
from civic.planning.queries.documents import CURRENT_VERSION


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgrammeFilter:
    """What a reader of the programme is looking for; empty means all."""

    mandate: str = ""
    direction: str = ""
    topic: str = ""
    quartiere: str = ""
    status: Status | None = None
    kind: ActionKind | None = None
    office: str = ""
    query: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionRow:
    """One action in a list."""

    code: str
    kind: ActionKind
    mandate: str
    title_it: str
    title_en: str
    status: Status | None
    assessed: Status | None
    as_of: date | None
    as_of_precision: str
    said_by: str
    topic: str
    quartieri: Sequence[str]
    quantity: Decimal | None
    target: Decimal | None
    unit_it: str
    unit_en: str
    office: str


@dataclass(frozen=True, slots=True)
class NamedCount:
    """A choice of a filter and how many actions it holds."""

    value: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class StatusChange:
    """A status entry with its action, for feeds and the home page."""

    entry: StatusEntry
    code: str
    title_it: str
    title_en: str


def filtered(session: Session, wanted: ProgrammeFilter) -> Select[int]:
    """Select the ids of published actions that match; the one place where a filter becomes SQL."""
    ids = select(MandateAction.id).where(MandateAction.current_version > 0)
    if wanted.mandate:
        ids = ids.where(MandateAction.mandate_code == wanted.mandate)
    if wanted.direction:
        ids = ids.where(MandateAction.direction_code == wanted.direction)
    if wanted.kind:
        ids = ids.where(MandateAction.kind == wanted.kind)
    if wanted.office:
        ids = ids.where(MandateAction.lead_office_code == wanted.office)
    if wanted.topic:
        ids = ids.where(MandateAction.id.in_(select(ActionTag.action_id).where(ActionTag.tag == wanted.topic)))
    if wanted.quartiere:
        here = select(ActionSite.action_id).where(ActionSite.quartiere_code == wanted.quartiere)
        ids = ids.where(MandateAction.id.in_(here))
    if wanted.status:
        ids = ids.join(StatusEntry, StatusEntry.id == MandateAction.declared_entry_id)
        ids = ids.where(StatusEntry.status == wanted.status)
    found = search.matching(session, kind="action", query=wanted.query) if wanted.query else None
    return ids if found is None else ids.where(MandateAction.code.in_(found))


def programme_page(session: Session, wanted: ProgrammeFilter, paging: Paging) -> Page[ActionRow]:
    """List a page of the actions that match, newest mandate first, in four queries whatever the size."""
    ids = filtered(session, wanted)
    total = session.scalar(select(func.count()).select_from(ids.subquery())) or 0
    query = _rows_query().where(MandateAction.id.in_(ids)).limit(paging.size).offset(paging.offset)
    return Page(_rows(session, query), total, paging)


_DECLARED = aliased(StatusEntry)
_ASSESSED = aliased(StatusEntry)


def _rows_query() -> Select[*tuple[Any, ...]]:
    """Select the columns of a list's rows; no objects are built for them."""
    return (
        select(
            MandateAction.id,
            MandateAction.code,
            MandateAction.kind,
            MandateAction.mandate_code.label("mandate"),
            ActionVersion.title_it,
            ActionVersion.title_en,
            ActionVersion.quantity,
            ActionVersion.target,
            ActionVersion.unit_it,
            ActionVersion.unit_en,
            _DECLARED.status,
            _ASSESSED.status.label("assessed"),
            _DECLARED.as_of,
            _DECLARED.as_of_precision,
            _DECLARED.by_label,
            Office.name.label("office"),
        )
        .join(ActionVersion, CURRENT_VERSION)
        .outerjoin(_DECLARED, _DECLARED.id == MandateAction.declared_entry_id)
        .outerjoin(_ASSESSED, _ASSESSED.id == MandateAction.assessed_entry_id)
        .outerjoin(Office, Office.code == MandateAction.lead_office_code)
        .order_by(MandateAction.mandate_code.desc(), MandateAction.code)
    )


def _rows(session: Session, query: Select[*tuple[Any, ...]]) -> list[ActionRow]:
    found = session.execute(query).all()
    ids = [row.id for row in found]
    first = select(ActionTag.action_id, ActionTag.tag).where(ActionTag.action_id.in_(ids), ActionTag.position == 0)
    topic: dict[int, str] = {row[0]: row[1] for row in session.execute(first)}
    places: dict[int, list[str]] = defaultdict(list)
    where = select(ActionSite.action_id, ActionSite.quartiere_code).where(ActionSite.action_id.in_(ids))
    for action_id, quartiere in session.execute(where.order_by(ActionSite.quartiere_code)):
        places[action_id].append(quartiere)
    return [
        ActionRow(
            code=r.code,
            kind=ActionKind(r.kind),
            mandate=r.mandate,
            title_it=r.title_it,
            title_en=r.title_en,
            status=Status(r.status) if r.status else None,
            assessed=Status(r.assessed) if r.assessed else None,
            as_of=r.as_of,
            as_of_precision=r.as_of_precision or "day",
            said_by=r.by_label or "",
            topic=topic.get(r.id, ""),
            quartieri=places[r.id],
            quantity=r.quantity,
            target=r.target,
            unit_it=r.unit_it,
            unit_en=r.unit_en,
            office=r.office or "",
        )
        for r in found
    ]


def is_action(session: Session, code: str) -> bool:
    """Say whether the programme has an action of this code."""
    return session.scalar(select(MandateAction.id).where(MandateAction.code == code)) is not None


def action_by_code(session: Session, code: str, *, lock: bool = False) -> MandateAction:
    """Return one action with tags, sites and parts. Raises Missing."""
    query = (
        select(MandateAction)
        .where(MandateAction.code == code)
        .options(selectinload(MandateAction.tags), selectinload(MandateAction.sites), selectinload(MandateAction.parts))
    )
    found = session.scalar(query.with_for_update() if lock else query)
    if found is None:
        raise Missing
    return found


def published_action(session: Session, code: str) -> MandateAction:
    """Return one action that has a public version. Raises Missing."""
    found = action_by_code(session, code)
    if found.current_version == 0:
        raise Missing
    return found


def current_version(session: Session, action: MandateAction) -> ActionVersion | None:
    """Return an action's public words, None before the first approval."""
    return session.get(ActionVersion, (action.id, action.current_version))


def versions(session: Session, action: MandateAction) -> Sequence[ActionVersion]:
    """List every public version of an action, newest first."""
    mine = select(ActionVersion).where(ActionVersion.action_id == action.id)
    return session.scalars(mine.order_by(ActionVersion.number.desc()).limit(200)).all()


def history(session: Session, action: MandateAction) -> Sequence[StatusEntry]:
    """List everything ever said about an action and its parts, newest first (at most 500)."""
    mine = select(StatusEntry).where(StatusEntry.action_id == action.id)
    return session.scalars(mine.order_by(StatusEntry.recorded_at.desc(), StatusEntry.id.desc()).limit(500)).all()


def newest_of_parts(entries: Sequence[StatusEntry]) -> dict[int, StatusEntry]:
    """Map part number to its newest declared entry, from a history that is newest first."""
    newest: dict[int, StatusEntry] = {}
    for entry in entries:
        if entry.part_number and entry.voice == Voice.DECLARED:
            newest.setdefault(entry.part_number, entry)
    return newest


def draft_of(session: Session, action_id: int, *, lock: bool = False) -> ActionDraft | None:
    """Return an action's draft, None when there is none."""
    query = select(ActionDraft).where(ActionDraft.action_id == action_id)
    return session.scalar(query.with_for_update() if lock else query)


def latest_changes(session: Session, *, limit: int, quartiere: str = "") -> list[StatusChange]:
    """List the newest statements about whole actions, newest first."""
    query = (
        select(StatusEntry, MandateAction.code, ActionVersion.title_it, ActionVersion.title_en)
        .join(MandateAction, MandateAction.id == StatusEntry.action_id)
        .join(ActionVersion, CURRENT_VERSION)
        .where(StatusEntry.part_number == 0)
    )
    if quartiere:
        query = query.where(MandateAction.id.in_(select(ActionSite.action_id).where(ActionSite.quartiere_code == quartiere)))
    newest = query.order_by(StatusEntry.id.desc()).limit(limit)
    return [StatusChange(*row) for row in session.execute(newest)]


def mandates(session: Session) -> Sequence[Mandate]:
    """List the mandates, newest first."""
    return session.scalars(select(Mandate).order_by(Mandate.code.desc())).all()


def topics(session: Session, *, limit: int = 60) -> list[NamedCount]:
    """List the topics of published actions, the most frequent first."""
    query = (
        select(ActionTag.tag, func.count())
        .join(MandateAction, MandateAction.id == ActionTag.action_id)
        .where(MandateAction.current_version > 0)
        .group_by(ActionTag.tag)
        .order_by(func.count().desc(), ActionTag.tag)
        .limit(limit)
    )
    return [NamedCount(tag, tag, count) for tag, count in session.execute(query)]


def directions(session: Session, *, with_actions: bool = False) -> Sequence[StrategicDirection]:
    """List the strategic directions by mandate (newest first) and number."""
    query = select(StrategicDirection)
    if with_actions:
        used = select(MandateAction.direction_code).where(MandateAction.current_version > 0)
        query = query.where(StrategicDirection.code.in_(used))
    order = (StrategicDirection.mandate_code.desc(), StrategicDirection.year, StrategicDirection.number)
    return session.scalars(query.order_by(*order)).all()


def count_by_quartiere(session: Session) -> dict[str, int]:
    """Map quartiere code to its number of published actions."""
    query = (
        select(Quartiere.code, func.count(MandateAction.id))
        .outerjoin(ActionSite, ActionSite.quartiere_code == Quartiere.code)
        .outerjoin(MandateAction, and_(MandateAction.id == ActionSite.action_id, MandateAction.current_version > 0))
        .group_by(Quartiere.code)
    )
    return {row[0]: row[1] for row in session.execute(query)}


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskRow:
    """One action in the desk's list, with the state of its draft."""

    code: str
    title_it: str
    status: Status | None
    as_of: date | None
    as_of_precision: str
    draft_state: str
    draft_at: datetime | None
    draft_by: str
    returned: bool


def _reached(offices: Sequence[str] | None, codes: Sequence[str]) -> Select[int]:
    """Select the ids of the actions of some offices and of single ones; all with `offices` None."""
    ids = select(MandateAction.id)
    return ids if offices is None else ids.where(MandateAction.lead_office_code.in_(offices) | MandateAction.code.in_(codes))


def desk_page(
    session: Session, *, offices: Sequence[str] | None, codes: Sequence[str], query: str, paging: Paging
) -> Page[DeskRow]:
    """List the actions that a person may draft: all (`offices` None), or those of her offices and single actions."""
    ids = _reached(offices, codes)
    found = search.matching(session, kind="action", query=query) if query else None
    if found is not None:
        ids = ids.where(MandateAction.code.in_(found))
    total = session.scalar(select(func.count()).select_from(ids.subquery())) or 0
    rows = session.execute(
        select(MandateAction.code, ActionVersion.title_it, _DECLARED, ActionDraft)
        .outerjoin(ActionVersion, CURRENT_VERSION)
        .outerjoin(_DECLARED, _DECLARED.id == MandateAction.declared_entry_id)
        .outerjoin(ActionDraft, ActionDraft.action_id == MandateAction.id)
        .where(MandateAction.id.in_(ids))
        .order_by(
            ActionDraft.updated_at.is_(None), ActionDraft.updated_at.desc(), MandateAction.mandate_code.desc(), MandateAction.code
        )
        .limit(paging.size)
        .offset(paging.offset)
    )
    return Page([_desk_row(*row) for row in rows], total, paging)


def _desk_row(code: str, title: str | None, entry: StatusEntry | None, draft: ActionDraft | None) -> DeskRow:
    return DeskRow(
        code=code,
        title_it=title or (draft.title_it if draft else ""),
        status=Status(entry.status) if entry else None,
        as_of=entry.as_of if entry else None,
        as_of_precision=entry.as_of_precision if entry else "day",
        draft_state=draft.state if draft else "",
        draft_at=draft.updated_at if draft else None,
        draft_by=draft.author_label if draft else "",
        returned=bool(draft and draft.return_note),
    )


def submitted_drafts(session: Session, *, offices: Sequence[str] | None, codes: Sequence[str], limit: int = 50) -> list[DeskRow]:
    """List the drafts that wait for approval by who reaches these offices and actions (as `desk_page`), the oldest first."""
    rows = session.execute(
        select(MandateAction.code, ActionVersion.title_it, _DECLARED, ActionDraft)
        .join(ActionDraft, ActionDraft.action_id == MandateAction.id)
        .outerjoin(ActionVersion, CURRENT_VERSION)
        .outerjoin(_DECLARED, _DECLARED.id == MandateAction.declared_entry_id)
        .where(ActionDraft.state == "submitted", MandateAction.id.in_(_reached(offices, codes)))
        .order_by(ActionDraft.updated_at)
        .limit(limit)
    )
    return [_desk_row(*row) for row in rows]


def drafts_of_author(session: Session, ref: str, *, limit: int = 50) -> list[DeskRow]:
    """List the open drafts of one person, those sent back first."""
    rows = session.execute(
        select(MandateAction.code, ActionVersion.title_it, _DECLARED, ActionDraft)
        .join(ActionDraft, ActionDraft.action_id == MandateAction.id)
        .outerjoin(ActionVersion, CURRENT_VERSION)
        .outerjoin(_DECLARED, _DECLARED.id == MandateAction.declared_entry_id)
        .where(ActionDraft.author_ref == ref, ActionDraft.state == "open")
        .order_by(ActionDraft.return_note == "", ActionDraft.updated_at.desc())
        .limit(limit)
    )
    return [_desk_row(*row) for row in rows]
