"""Loading the plan's documents, and recording what phases and indicators came to."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from civic.journal.commands import record
from civic.kernel.actor import Actor
from civic.kernel.clock import civil_day
from civic.kernel.db import refusing
from civic.kernel.errors import NotAllowed, Refused, Stale
from civic.kernel.text import N_, slugify
from civic.planning import permits
from civic.planning.models import (
    Indicator,
    IndicatorValue,
    Mandate,
    ObjectiveProgress,
    OperationalObjective,
    PegObjective,
    PegOperational,
    Phase,
    PublishedResult,
    StrategicDirection,
    StrategicObjective,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseData:
    """A phase as a sheet prints it; what is not printed is None or ''."""

    number: int
    description_it: str
    block: int = 1
    weight: Decimal | None = None
    planned_start: date | None = None
    planned_end: date | None = None
    manager_role: str = ""
    centre: str = ""
    note_it: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorData:
    """An indicator as a sheet prints it; an expected value that cannot be read is None, never zero."""

    number: int
    description_it: str
    unit: str = ""
    kind: str = ""
    direction: str = "higher"
    expected_value: Decimal | None = None
    confidence: str = "high"
    note_it: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PegData:
    """A PEG sheet, with the operational objectives it serves as (year, code)."""

    year: int
    title: str
    office_code: str
    code: str | None = None
    director_role: str = ""
    manager_role: str = ""
    classification: str = ""
    typology: str = ""
    closing_on: date | None = None
    description_it: str = ""
    notes_it: str = ""
    replaces_code: str = ""
    replaces_title: str = ""
    carried_phase_it: str = ""
    review_notes_it: str = ""
    operational: tuple[tuple[int, str], ...] = ()
    phases: Sequence[PhaseData] = field(default_factory=tuple)
    indicators: Sequence[IndicatorData] = field(default_factory=tuple)


def _require(who: Actor) -> None:
    if not permits.may_import(who):
        raise NotAllowed


def _imported(session: Session, who: Actor, what: str, code: str, now: datetime) -> None:
    record(session, who, "planning.plan_imported", subject=(what, code), now=now, facts={})


def save_mandate(session: Session, who: Actor, mandate: Mandate, *, now: datetime) -> None:
    """Add a mandate or change its titles and dates."""
    _require(who)
    session.merge(mandate)
    _imported(session, who, "mandate", mandate.code, now)


def save_direction(session: Session, who: Actor, direction: StrategicDirection, *, now: datetime) -> None:
    """Add a strategic direction or change its words."""
    _require(who)
    session.merge(direction)
    session.flush()
    _imported(session, who, "direction", direction.code, now)


def add_published_result(session: Session, who: Actor, result: PublishedResult, *, now: datetime) -> None:
    """Keep a past result as it was published. Raises Refused: when its parts do not add up, or it is there already."""
    _require(who)
    wrong = Refused(N_("Le parti non danno il totale: controlla realizzate, in corso e non realizzate."))
    twice = Refused(N_("Questo risultato c'è già."))
    refusals = {
        "ck_plan_published_result_adds_up": wrong,
        "uq_plan_published_result_mandate_code_direction_ref": twice,
    }
    with refusing(session, refusals):
        session.add(result)
    _imported(session, who, "published_result", f"{result.mandate_code}/{result.direction_ref}", now)


def save_strategic_objective(session: Session, who: Actor, objective: StrategicObjective, *, now: datetime) -> None:
    """Add a strategic objective or change its words."""
    _require(who)
    session.merge(objective)
    session.flush()
    _imported(session, who, "strategic_objective", objective.code, now)


def record_progress(session: Session, who: Actor, progress: ObjectiveProgress, *, now: datetime) -> None:
    """Keep a declared percentage of a strategic objective on a day."""
    _require(who)
    twice = Refused(N_("Per quel giorno c'è già un avanzamento dichiarato."))
    with refusing(session, {"uq_plan_objective_progress_objective_code_as_of": twice}):
        session.add(progress)
    _imported(session, who, "progress", progress.objective_code, now)


def add_operational_objective(session: Session, who: Actor, objective: OperationalObjective, *, now: datetime) -> None:
    """Add an operational objective. Raises Refused: when its code is there already for that year."""
    _require(who)
    twice = Refused(N_("Questo obiettivo operativo c'è già per quell'anno."))
    with refusing(session, {"uq_plan_operational_objective_year_code": twice}):
        session.add(objective)
    _imported(session, who, "operational_objective", f"{objective.year}/{objective.code}", now)


def add_peg_sheet(session: Session, who: Actor, data: PegData, *, now: datetime) -> PegObjective:
    """Add a PEG sheet with its phases, indicators and links; it waits for review when something is to be confirmed.

    Raises Refused: for a sheet that is there already, or an operational objective that is not.
    """
    _require(who)
    parts = ("phases", "indicators", "operational")
    plain = {k: v for k, v in asdict(data).items() if k not in parts}
    sheet = PegObjective(slug=f"{data.year}-{slugify(data.title)}", **plain)
    sheet.phases = [Phase(**asdict(p)) for p in data.phases]
    sheet.indicators = [Indicator(**asdict(i)) for i in data.indicators]
    earlier = select(PegObjective.id).where(PegObjective.code == data.replaces_code, PegObjective.year <= data.year)
    sheet.replaces_id = session.scalar(earlier) if data.replaces_code else None
    with refusing(session, {"uq_plan_peg_objective_slug": Refused(N_("Questa scheda PEG c'è già per quell'anno."))}):
        session.add(sheet)
    for year, code in data.operational:
        target = select(OperationalObjective.id).where(OperationalObjective.year == year, OperationalObjective.code == code)
        operational_id = session.scalar(target)
        if operational_id is None:
            raise Refused(N_("La scheda serve l'obiettivo %(code)s del %(year)s, che non è caricato."), code=code, year=year)
        session.add(PegOperational(peg_id=sheet.id, operational_id=operational_id))
    session.flush()
    _imported(session, who, "peg", sheet.slug, now)
    return sheet


def date_phase(
    session: Session,
    who: Actor,
    sheet: PegObjective,
    phase: Phase,
    *,
    actual_start: date | None,
    actual_end: date | None,
    version: int,
    now: datetime,
) -> None:
    """Record when a phase really began and ended. Raises Stale: when somebody did meanwhile."""
    _require(who)
    if actual_end and not actual_start:
        raise Refused(N_("Indica anche quando la fase è cominciata."), field="actual_start")
    if actual_start and actual_end and actual_end < actual_start:
        raise Refused(N_("La fase finisce prima di cominciare: controlla le due date."), field="actual_end")
    if max(actual_start or date.min, actual_end or date.min) > civil_day(now):
        raise Refused(N_("La data è nel futuro: qui si registra ciò che è già avvenuto."), field="actual_start")
    seen = update(Phase).where(Phase.id == phase.id, Phase.version == version)
    change = seen.values(actual_start=actual_start, actual_end=actual_end, version=version + 1).returning(Phase.id)
    if session.execute(change).first() is None:
        raise Stale(N_("Qualcuno ha cambiato questa fase nel frattempo: ricarica la pagina."))
    facts = {
        "phase": phase.number,
        "actual_start": actual_start and actual_start.isoformat(),
        "actual_end": actual_end and actual_end.isoformat(),
    }
    record(session, who, "planning.phase_dated", subject=("peg", sheet.slug), now=now, facts=facts)


def measure_indicator(
    session: Session,
    who: Actor,
    sheet: PegObjective,
    indicator: Indicator,
    *,
    value: Decimal,
    as_of: date,
    evidence_it: str,
    now: datetime,
) -> IndicatorValue:
    """Add a measured value with its evidence; earlier values stay."""
    _require(who)
    if as_of > civil_day(now):
        raise Refused(N_("La data è nel futuro: indica il giorno della misura."), field="as_of")
    measured = IndicatorValue(
        indicator_id=indicator.id, value=value, as_of=as_of, evidence_it=evidence_it, by_label=who.label, recorded_at=now
    )
    session.add(measured)
    session.flush()
    facts = {"indicator": indicator.number, "value": str(value), "as_of": as_of.isoformat(), "evidence": evidence_it}
    record(session, who, "planning.indicator_measured", subject=("peg", sheet.slug), now=now, facts=facts)
    return measured


def confirm_sheet(session: Session, who: Actor, sheet: PegObjective, *, now: datetime) -> None:
    """Say that a person has checked a sheet's doubtful readings."""
    _require(who)
    sheet.reviewed_at = now
    record(session, who, "planning.sheet_reviewed", subject=("peg", sheet.slug), now=now, facts={})
