"""Reading the DUP tree and the PEG sheets."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import Session, selectinload

from civic.city.models import Office
from civic.kernel.errors import Missing
from civic.planning.models import (
    ActionObjective,
    ActionPeg,
    ActionVersion,
    Indicator,
    IndicatorValue,
    MandateAction,
    ObjectiveProgress,
    OperationalObjective,
    PegObjective,
    PegOperational,
    Phase,
    PublishedResult,
    StrategicDirection,
    StrategicObjective,
)

CURRENT_VERSION = and_(ActionVersion.action_id == MandateAction.id, ActionVersion.number == MandateAction.current_version)


@dataclass(frozen=True, slots=True)
class ActionLink:
    """An action as other pages link to it."""

    code: str
    title_it: str
    title_en: str


@dataclass(frozen=True, slots=True)
class OperationalNode:
    """An operational objective with the sheets and actions that serve it."""

    objective: OperationalObjective
    sheets: Sequence[PegObjective]
    actions: Sequence[ActionLink]


@dataclass(frozen=True, slots=True)
class StrategicNode:
    """A strategic objective with its newest declared progress and its operational objectives."""

    objective: StrategicObjective
    progress: ObjectiveProgress | None
    operational: Sequence[OperationalNode]


@dataclass(frozen=True, slots=True)
class DirectionNode:
    """A direction with its strategic objectives."""

    direction: StrategicDirection
    strategic: Sequence[StrategicNode]


@dataclass(frozen=True, slots=True)
class IndicatorRow:
    """An indicator with its newest recorded value."""

    indicator: Indicator
    newest: IndicatorValue | None
    values: Sequence[IndicatorValue]


def dup_tree(session: Session) -> list[DirectionNode]:
    """Build the tree of directions that have objectives, in eight queries whatever its size."""
    strategic = session.scalars(select(StrategicObjective).order_by(StrategicObjective.direction_code, StrategicObjective.number))
    by_direction: dict[str, list[StrategicObjective]] = defaultdict(list)
    for objective in strategic:
        by_direction[objective.direction_code].append(objective)
    operational = _operational_by_strategic(session)
    progress = _newest_progress(session)
    directions = session.scalars(
        select(StrategicDirection)
        .where(StrategicDirection.code.in_(by_direction))
        .order_by(StrategicDirection.year.desc(), StrategicDirection.number)
    )
    return [
        DirectionNode(d, [StrategicNode(o, progress.get(o.code), operational[o.code]) for o in by_direction[d.code]])
        for d in directions
    ]


def _operational_by_strategic(session: Session) -> dict[str, list[OperationalNode]]:
    sheets: dict[int, list[PegObjective]] = defaultdict(list)
    for link_id, sheet in session.execute(
        select(PegOperational.operational_id, PegObjective)
        .join(PegObjective, PegObjective.id == PegOperational.peg_id)
        .order_by(PegObjective.year.desc(), PegObjective.title)
    ):
        sheets[link_id].append(sheet)
    actions: dict[int, list[ActionLink]] = defaultdict(list)
    for link_id, code, title_it, title_en in session.execute(
        select(ActionObjective.operational_id, MandateAction.code, ActionVersion.title_it, ActionVersion.title_en)
        .join(MandateAction, MandateAction.id == ActionObjective.action_id)
        .join(ActionVersion, CURRENT_VERSION)
        .order_by(MandateAction.code)
    ):
        actions[link_id].append(ActionLink(code, title_it, title_en))
    nodes: dict[str, list[OperationalNode]] = defaultdict(list)
    for objective in session.scalars(select(OperationalObjective).order_by(OperationalObjective.year, OperationalObjective.code)):
        nodes[objective.strategic_code].append(OperationalNode(objective, sheets[objective.id], actions[objective.id]))
    return nodes


def _newest_progress(session: Session) -> dict[str, ObjectiveProgress]:
    return {p.objective_code: p for p in session.scalars(select(ObjectiveProgress).order_by(ObjectiveProgress.as_of))}


def peg_sheets(session: Session) -> Sequence[tuple[PegObjective, str]]:
    """List the PEG sheets with their office, newest year first."""
    query = select(PegObjective, Office.name).join(Office, Office.code == PegObjective.office_code)
    return [(row[0], row[1]) for row in session.execute(query.order_by(PegObjective.year.desc(), PegObjective.title))]


def peg_by_slug(session: Session, slug: str) -> PegObjective:
    """Return one sheet with phases and indicators. Raises Missing."""
    query = select(PegObjective).where(PegObjective.slug == slug)
    found = session.scalar(query.options(selectinload(PegObjective.phases), selectinload(PegObjective.indicators)))
    if found is None:
        raise Missing
    return found


def phase_of(session: Session, peg: PegObjective, number: int) -> Phase:
    """Return one phase of a sheet. Raises Missing."""
    found = session.scalar(select(Phase).where(Phase.peg_id == peg.id, Phase.number == number))
    if found is None:
        raise Missing
    return found


def indicator_of(session: Session, peg: PegObjective, number: int) -> Indicator:
    """Return one indicator of a sheet. Raises Missing."""
    found = session.scalar(select(Indicator).where(Indicator.peg_id == peg.id, Indicator.number == number))
    if found is None:
        raise Missing
    return found


def indicator_rows(session: Session, peg: PegObjective) -> list[IndicatorRow]:
    """List a sheet's indicators with their recorded values, newest first (at most 500 in all)."""
    mine = select(IndicatorValue).where(IndicatorValue.indicator_id.in_([i.id for i in peg.indicators]))
    values: dict[int, list[IndicatorValue]] = defaultdict(list)
    for value in session.scalars(mine.order_by(IndicatorValue.as_of.desc(), IndicatorValue.id.desc()).limit(500)):
        values[value.indicator_id].append(value)
    return [IndicatorRow(i, values[i.id][0] if values[i.id] else None, values[i.id]) for i in peg.indicators]


def objectives_of_peg(
    session: Session, peg: PegObjective
) -> Sequence[tuple[OperationalObjective, StrategicObjective, StrategicDirection]]:
    """List the operational objectives that a sheet serves, with their branch of the tree."""
    return _branches(session, select(PegOperational.operational_id).where(PegOperational.peg_id == peg.id))


def objectives_of_action(
    session: Session, action: MandateAction
) -> Sequence[tuple[OperationalObjective, StrategicObjective, StrategicDirection]]:
    """List the operational objectives that an action carries out, with their branch of the tree."""
    return _branches(session, select(ActionObjective.operational_id).where(ActionObjective.action_id == action.id))


def _branches(
    session: Session, ids: Select[int]
) -> Sequence[tuple[OperationalObjective, StrategicObjective, StrategicDirection]]:
    query = (
        select(OperationalObjective, StrategicObjective, StrategicDirection)
        .join(StrategicObjective, StrategicObjective.code == OperationalObjective.strategic_code)
        .join(StrategicDirection, StrategicDirection.code == StrategicObjective.direction_code)
        .where(OperationalObjective.id.in_(ids))
        .order_by(OperationalObjective.code)
    )
    return [(row[0], row[1], row[2]) for row in session.execute(query)]


def actions_of_peg(session: Session, peg: PegObjective) -> list[ActionLink]:
    """List the published actions that are worked on through a sheet."""
    query = (
        select(MandateAction.code, ActionVersion.title_it, ActionVersion.title_en)
        .join(ActionVersion, CURRENT_VERSION)
        .join(ActionPeg, ActionPeg.action_id == MandateAction.id)
        .where(ActionPeg.peg_id == peg.id)
        .order_by(MandateAction.code)
    )
    return [ActionLink(*row) for row in session.execute(query)]


def sheets_of_action(session: Session, action: MandateAction) -> Sequence[PegObjective]:
    """List the sheets through which an action is worked on."""
    mine = select(ActionPeg.peg_id).where(ActionPeg.action_id == action.id)
    return session.scalars(select(PegObjective).where(PegObjective.id.in_(mine)).order_by(PegObjective.year.desc())).all()


def operational_objectives(session: Session) -> Sequence[OperationalObjective]:
    """List all operational objectives, newest year first."""
    order = (OperationalObjective.year.desc(), OperationalObjective.code)
    return session.scalars(select(OperationalObjective).order_by(*order)).all()


def direction_by_code(session: Session, code: str) -> StrategicDirection:
    """Return one direction. Raises Missing."""
    found = session.get(StrategicDirection, code)
    if found is None:
        raise Missing
    return found


def published_results(session: Session, *, mandate: str = "", direction: str | None = None) -> Sequence[PublishedResult]:
    """List past results as published, the whole programme's first."""
    query = select(PublishedResult)
    if mandate:
        query = query.where(PublishedResult.mandate_code == mandate)
    if direction is not None:
        query = query.where(PublishedResult.direction_ref == direction)
    return session.scalars(query.order_by(PublishedResult.mandate_code.desc(), PublishedResult.direction_ref)).all()


def sheets_waiting_for_review(session: Session) -> Sequence[PegObjective]:
    """List the sheets on which a person must still confirm something."""
    waiting = select(PegObjective).where(PegObjective.reviewed_at.is_(None), PegObjective.review_notes_it != "")
    return session.scalars(waiting.order_by(PegObjective.year.desc(), PegObjective.title)).all()
