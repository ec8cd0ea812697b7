"""Mandates, the DUP tree and the PEG sheets. What a source does not say is null, never zero."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Numeric, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, relationship

from civic.kernel.db import BigId, Model, UtcDateTime
from civic.kernel.privacy import internal, public

Code = String(60)


class Mandate(Model):
    """One mandate of a mayor, with its programme."""

    __tablename__ = "plan_mandate"
    __table_args__ = (CheckConstraint("ends_on IS NULL OR starts_on IS NULL OR starts_on < ends_on", name="days_in_order"),)

    code: Mapped[str] = public(Code, primary_key=True)
    title_it: Mapped[str] = public(String(160))
    title_en: Mapped[str] = public(String(160), default="")
    starts_on: Mapped[date | None] = public(Date, nullable=True)
    ends_on: Mapped[date | None] = public(Date, nullable=True)


class StrategicDirection(Model):
    """Top branch of a programme or of a DUP."""

    __tablename__ = "plan_direction"
    __table_args__ = (UniqueConstraint("mandate_code", "year", "number"),)

    code: Mapped[str] = public(Code, primary_key=True)
    mandate_code: Mapped[str] = public(ForeignKey("plan_mandate.code"))
    year: Mapped[int] = public()
    number: Mapped[int] = public()
    title_it: Mapped[str] = public(String(300))
    title_en: Mapped[str] = public(String(300), default="")
    source_url: Mapped[str] = public(String(400), default="")

    mandate: Mapped[Mandate] = relationship()


class PublishedResult(Model):
    """A past result as it was published: kept beside ours, never merged. Without a direction it is the whole."""

    __tablename__ = "plan_published_result"
    __table_args__ = (
        UniqueConstraint("mandate_code", "direction_ref"),
        CheckConstraint("completed + in_progress + not_done = total", name="adds_up"),
    )

    id: Mapped[int] = internal(BigId, primary_key=True)
    mandate_code: Mapped[str] = public(ForeignKey("plan_mandate.code"))
    # The direction's code, or '' for the whole programme: not null, so that the unique constraint bites.
    direction_ref: Mapped[str] = public(Code, default="")
    total: Mapped[int] = public()
    completed: Mapped[int] = public()
    in_progress: Mapped[int] = public()
    not_done: Mapped[int] = public()
    as_of: Mapped[date] = public(Date)
    assessor_it: Mapped[str] = public(String(200))
    assessor_en: Mapped[str] = public(String(200), default="")
    note_it: Mapped[str] = public(Text, default="")
    note_en: Mapped[str] = public(Text, default="")
    source_url: Mapped[str] = public(String(400), default="")


class StrategicObjective(Model):
    """What a direction wants by the end of the mandate."""

    __tablename__ = "plan_strategic_objective"
    __table_args__ = (UniqueConstraint("direction_code", "number"),)

    code: Mapped[str] = public(Code, primary_key=True)
    direction_code: Mapped[str] = public(ForeignKey("plan_direction.code"))
    number: Mapped[int] = public()
    title_it: Mapped[str | None] = public(String(300), nullable=True)
    note_it: Mapped[str] = public(String(400), default="")


class ObjectiveProgress(Model):
    """How far a strategic objective is, in percent, as declared on a day."""

    __tablename__ = "plan_objective_progress"
    __table_args__ = (
        UniqueConstraint("objective_code", "as_of"),
        CheckConstraint("percent BETWEEN 0 AND 100", name="percent_in_range"),
    )

    id: Mapped[int] = internal(BigId, primary_key=True)
    objective_code: Mapped[str] = public(ForeignKey("plan_strategic_objective.code"))
    percent: Mapped[Decimal] = public(Numeric(5, 2))
    as_of: Mapped[date] = public(Date)
    source_url: Mapped[str] = public(String(400), default="")


class OperationalObjective(Model):
    """Three-year piece of a strategic objective, e.g. 13.1.28 of 2022."""

    __tablename__ = "plan_operational_objective"
    __table_args__ = (UniqueConstraint("year", "code"),)

    id: Mapped[int] = internal(BigId, primary_key=True)
    year: Mapped[int] = public()
    code: Mapped[str] = public(Code)
    strategic_code: Mapped[str] = public(ForeignKey("plan_strategic_objective.code"))
    text_it: Mapped[str] = public(Text)
    # Lineage: the objective of an earlier year that this one goes on from.
    replaces_id: Mapped[int | None] = public(ForeignKey("plan_operational_objective.id", deferrable=True), nullable=True)


class PegObjective(Model):
    """One PEG sheet: a plan objective of a year, with its phases and indicators."""

    __tablename__ = "plan_peg_objective"
    __table_args__ = (UniqueConstraint("slug"), Index(None, "year", "title"))

    id: Mapped[int] = internal(BigId, primary_key=True)
    # Year and words of the title: the address of the sheet.
    slug: Mapped[str] = public(String(80))
    year: Mapped[int] = public()
    code: Mapped[str | None] = public(Code, nullable=True)
    title: Mapped[str] = public(String(300))
    office_code: Mapped[str] = public(ForeignKey("city_office.code"))
    director_role: Mapped[str] = public(String(200), default="")
    manager_role: Mapped[str] = public(String(200), default="")
    classification: Mapped[str] = public(String(60), default="")
    typology: Mapped[str] = public(String(60), default="")
    closing_on: Mapped[date | None] = public(Date, nullable=True)
    description_it: Mapped[str] = public(Text, default="")
    notes_it: Mapped[str] = public(Text, default="")
    # Lineage: the sheet this one replaces, which may be of a year nobody loaded.
    replaces_code: Mapped[str] = public(String(60), default="")
    replaces_title: Mapped[str] = public(String(300), default="")
    replaces_id: Mapped[int | None] = public(ForeignKey("plan_peg_objective.id", deferrable=True), nullable=True)
    carried_phase_it: Mapped[str] = public(Text, default="")
    # What a person must still confirm, a line each; empty once `reviewed_at` is set.
    review_notes_it: Mapped[str] = public(Text, default="")
    reviewed_at: Mapped[datetime | None] = public(UtcDateTime, nullable=True)

    phases: Mapped[list["Phase"]] = relationship(order_by="Phase.number")
    indicators: Mapped[list["Indicator"]] = relationship(order_by="Indicator.number")


class PegOperational(Model):
    """A plan objective serves an operational objective: many to many."""

    __tablename__ = "plan_peg_operational"

    peg_id: Mapped[int] = public(ForeignKey("plan_peg_objective.id"), primary_key=True)
    operational_id: Mapped[int] = public(ForeignKey("plan_operational_objective.id"), primary_key=True)


class Phase(Model):
    """A step of a plan objective; dates, weight and person in charge may be unknown."""

    __tablename__ = "plan_phase"
    __table_args__ = (
        UniqueConstraint("peg_id", "number"),
        CheckConstraint("weight > 0", name="weight_positive"),
        CheckConstraint("planned_start <= planned_end", name="planned_in_order"),
        CheckConstraint("actual_start <= actual_end", name="actual_in_order"),
    )

    id: Mapped[int] = internal(BigId, primary_key=True)
    peg_id: Mapped[int] = public(ForeignKey("plan_peg_objective.id"))
    number: Mapped[int] = public()
    # The sheet prints its phases in blocks; kept so that a person can split them again.
    block: Mapped[int] = public(default=1)
    description_it: Mapped[str] = public(Text)
    weight: Mapped[Decimal | None] = public(Numeric(9, 2), nullable=True)
    planned_start: Mapped[date | None] = public(Date, nullable=True)
    planned_end: Mapped[date | None] = public(Date, nullable=True)
    actual_start: Mapped[date | None] = public(Date, nullable=True)
    actual_end: Mapped[date | None] = public(Date, nullable=True)
    manager_role: Mapped[str] = public(String(200), default="")
    centre: Mapped[str] = public(String(200), default="")
    note_it: Mapped[str] = public(Text, default="")
    version: Mapped[int] = internal(default=1)


class Indicator(Model):
    """What a plan objective is measured by; the expected value may be unknown."""

    __tablename__ = "plan_indicator"
    __table_args__ = (
        UniqueConstraint("peg_id", "number"),
        CheckConstraint("direction IN ('higher', 'lower', 'exact')", name="known_direction"),
    )

    id: Mapped[int] = internal(BigId, primary_key=True)
    peg_id: Mapped[int] = public(ForeignKey("plan_peg_objective.id"))
    number: Mapped[int] = public()
    description_it: Mapped[str] = public(Text)
    unit: Mapped[str] = public(String(80), default="")
    kind: Mapped[str] = public(String(60), default="")
    # Which way is better: higher, lower, exact.
    direction: Mapped[str] = public(String(10), default="higher")
    expected_value: Mapped[Decimal | None] = public(Numeric(16, 4), nullable=True)
    # How sure the reading of the source is: high or low.
    confidence: Mapped[str] = public(String(10), default="high")
    note_it: Mapped[str] = public(Text, default="")


class IndicatorValue(Model):
    """A recorded value of an indicator: who says so, when, from which evidence. Only ever added."""

    __tablename__ = "plan_indicator_value"
    __table_args__ = (Index(None, "indicator_id", "as_of"),)

    id: Mapped[int] = internal(BigId, primary_key=True)
    indicator_id: Mapped[int] = public(ForeignKey("plan_indicator.id"))
    value: Mapped[Decimal] = public(Numeric(16, 4))
    as_of: Mapped[date] = public(Date)
    evidence_it: Mapped[str] = public(Text, default="")
    by_label: Mapped[str] = public(String(200))
    recorded_at: Mapped[datetime] = public(UtcDateTime)


class ActionObjective(Model):
    """A mandate action carries out an operational objective: many to many."""

    __tablename__ = "plan_action_objective"

    action_id: Mapped[int] = public(ForeignKey("plan_action.id"), primary_key=True)
    operational_id: Mapped[int] = public(ForeignKey("plan_operational_objective.id"), primary_key=True)


class ActionPeg(Model):
    """A mandate action is worked on through a plan objective: many to many."""

    __tablename__ = "plan_action_peg"

    action_id: Mapped[int] = public(ForeignKey("plan_action.id"), primary_key=True)
    peg_id: Mapped[int] = public(ForeignKey("plan_peg_objective.id"), primary_key=True)
