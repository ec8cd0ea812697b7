"""Mandate actions: published versions, drafts, sites, tags, parts, and the history of their status."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Numeric, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, relationship

from civic.city.models import Office
from civic.kernel.db import BigId, Model, UtcDateTime
from civic.kernel.privacy import internal, personal, public, rows
from civic.kernel.text import N_


class Status(StrEnum):
    """Where a promise stands."""

    NOT_STARTED = "not_started"
    PLANNED = "planned"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    CRITICAL = "critical"
    CHANGED = "changed"
    WITHDRAWN = "withdrawn"
    NOT_ASSESSABLE = "not_assessable"


class Voice(StrEnum):
    """Who says so."""

    DECLARED = "declared"
    ASSESSED = "assessed"


class ActionKind(StrEnum):
    """Three things a programme says, never to be counted together."""

    ACTION = "action"
    OUTPUT = "output"
    PRIORITY = "priority"


class SiteBasis(StrEnum):
    """How we know that an action is in a quartiere."""

    STATED = "stated"
    INFERRED = "inferred"


class DraftState(StrEnum):
    """Where a draft is on its way to the public page."""

    OPEN = "open"
    SUBMITTED = "submitted"


class MandateAction(Model):
    """One promise. Its public words are those of `current_version`, its status that of `declared_entry_id`."""

    __tablename__ = "plan_action"
    __table_args__ = (
        UniqueConstraint("code"),
        CheckConstraint("importance BETWEEN 1 AND 3", name="importance_in_range"),
        Index(None, "mandate_code", "code"),
        Index(None, "direction_code"),
        Index(None, "lead_office_code"),
    )

    id: Mapped[int] = internal(BigId, primary_key=True)
    code: Mapped[str] = public(String(20))
    mandate_code: Mapped[str] = public(ForeignKey("plan_mandate.code"))
    direction_code: Mapped[str | None] = public(ForeignKey("plan_direction.code"), nullable=True)
    kind: Mapped[ActionKind] = public(String(20))
    lead_office_code: Mapped[str | None] = public(ForeignKey("city_office.code"), nullable=True)
    # 3 very important, 2 important, 1 less important; null when nobody said.
    importance: Mapped[int | None] = public(nullable=True)
    current_version: Mapped[int] = public(default=0)
    # Pointers to the newest entry of each voice, moved with it: a list never reads the history.
    declared_entry_id: Mapped[int | None] = public(
        ForeignKey("plan_status_entry.id", use_alter=True, deferrable=True, name="fk_plan_action_declared_entry_id"),
        nullable=True,
    )
    assessed_entry_id: Mapped[int | None] = public(
        ForeignKey("plan_status_entry.id", use_alter=True, deferrable=True, name="fk_plan_action_assessed_entry_id"),
        nullable=True,
    )
    # Raised at every change of classification: two editors of the same action see each other.
    version: Mapped[int] = internal(default=1)
    created_at: Mapped[datetime] = public(UtcDateTime)

    lead_office: Mapped[Office | None] = relationship()
    tags: Mapped[list["ActionTag"]] = relationship(order_by="ActionTag.position", cascade="all, delete-orphan")
    sites: Mapped[list["ActionSite"]] = relationship(order_by="ActionSite.quartiere_code", cascade="all, delete-orphan")
    parts: Mapped[list["ActionPart"]] = relationship(order_by="ActionPart.number")


class ActionVersion(Model):
    """The public words of an action from one approval to the next. Never changed."""

    __tablename__ = "plan_action_version"

    action_id: Mapped[int] = public(ForeignKey("plan_action.id"), primary_key=True)
    number: Mapped[int] = public(primary_key=True, autoincrement=False)
    title_it: Mapped[str] = public(String(300))
    title_en: Mapped[str] = public(String(300), default="")
    summary_it: Mapped[str] = public(Text, default="")
    summary_en: Mapped[str] = public(Text, default="")
    # Counted so far and promised; either may be unknown.
    quantity: Mapped[Decimal | None] = public(Numeric(16, 2), nullable=True)
    target: Mapped[Decimal | None] = public(Numeric(16, 2), nullable=True)
    unit_it: Mapped[str] = public(String(80), default="")
    unit_en: Mapped[str] = public(String(80), default="")
    amount_eur: Mapped[Decimal | None] = public(Numeric(16, 2), nullable=True)
    source_url: Mapped[str] = public(String(400), default="")
    published_at: Mapped[datetime] = public(UtcDateTime)
    approved_by_label: Mapped[str] = public(String(200))


class ActionTag(Model):
    """A topic of an action; the first is its main one."""

    __tablename__ = "plan_action_tag"
    __table_args__ = (Index(None, "tag"),)

    action_id: Mapped[int] = public(ForeignKey("plan_action.id"), primary_key=True)
    tag: Mapped[str] = public(String(60), primary_key=True)
    position: Mapped[int] = internal(default=0)


class ActionSite(Model):
    """A quartiere where an action takes place."""

    __tablename__ = "plan_action_site"
    __table_args__ = (Index(None, "quartiere_code"),)

    action_id: Mapped[int] = public(ForeignKey("plan_action.id"), primary_key=True)
    quartiere_code: Mapped[str] = public(ForeignKey("city_quartiere.code"), primary_key=True)
    basis: Mapped[SiteBasis] = public(String(20), default=SiteBasis.STATED)


class ActionPart(Model):
    """A part of an action with an outcome of its own, such as one of several buildings."""

    __tablename__ = "plan_action_part"
    __table_args__ = (CheckConstraint("number >= 1", name="number_from_one"),)

    action_id: Mapped[int] = public(ForeignKey("plan_action.id"), primary_key=True)
    number: Mapped[int] = public(primary_key=True, autoincrement=False)
    title_it: Mapped[str] = public(String(300))


class StatusEntry(Model):
    """One statement about where an action, or a part of it, stands. Only ever added, and chained in the journal."""

    __tablename__ = "plan_status_entry"
    __table_args__ = (
        UniqueConstraint("action_id", "part_number", "voice", "seq"),
        CheckConstraint("seq >= 1", name="seq_from_one"),
        CheckConstraint("status <> 'critical' OR cause_it <> ''", name="critical_has_cause"),
        CheckConstraint("status <> 'withdrawn' OR cause_it <> ''", name="withdrawn_has_reason"),
        CheckConstraint("as_of_precision IN ('year', 'month', 'day')", name="known_precision"),
    )

    id: Mapped[int] = internal(BigId, primary_key=True)
    action_id: Mapped[int] = public(ForeignKey("plan_action.id"))
    # 0 is the action itself.
    part_number: Mapped[int] = public(default=0)
    voice: Mapped[Voice] = public(String(10))
    # Counts from 1 within an action, part and voice.
    seq: Mapped[int] = public()
    status: Mapped[Status] = public(String(20))
    note_it: Mapped[str] = public(Text, default="")
    note_en: Mapped[str] = public(Text, default="")
    # The cause of a critical state, or the reason of a withdrawal or change.
    cause_it: Mapped[str] = public(Text, default="")
    source_url: Mapped[str] = public(String(400), default="")
    # The day the statement is about, as precise as its source.
    as_of: Mapped[date] = public(Date)
    as_of_precision: Mapped[str] = public(String(5), default="day")
    by_label: Mapped[str] = public(String(200))
    recorded_at: Mapped[datetime] = public(UtcDateTime)


class ActionDraft(Model):
    """What staff prepare for an action: new words and, perhaps, a new status. One draft an action at a time."""

    __tablename__ = "plan_action_draft"
    __table_args__ = (UniqueConstraint("action_id"), Index(None, "state", "updated_at"), rows(column="author_ref", by="ref"))

    id: Mapped[int] = internal(BigId, primary_key=True)
    action_id: Mapped[int] = internal(ForeignKey("plan_action.id"))
    state: Mapped[DraftState] = internal(String(10), default=DraftState.OPEN)
    title_it: Mapped[str] = internal(String(300))
    title_en: Mapped[str] = internal(String(300), default="")
    summary_it: Mapped[str] = internal(Text, default="")
    summary_en: Mapped[str] = internal(Text, default="")
    quantity: Mapped[Decimal | None] = internal(Numeric(16, 2), nullable=True)
    target: Mapped[Decimal | None] = internal(Numeric(16, 2), nullable=True)
    unit_it: Mapped[str] = internal(String(80), default="")
    unit_en: Mapped[str] = internal(String(80), default="")
    amount_eur: Mapped[Decimal | None] = internal(Numeric(16, 2), nullable=True)
    source_url: Mapped[str] = internal(String(400), default="")
    # The proposed status; '' proposes none.
    status: Mapped[str] = internal(String(20), default="")
    status_note_it: Mapped[str] = internal(Text, default="")
    status_cause_it: Mapped[str] = internal(Text, default="")
    status_source_url: Mapped[str] = internal(String(400), default="")
    status_as_of: Mapped[date | None] = internal(Date, nullable=True)
    # What the reviewer asked for when the draft went back.
    return_note: Mapped[str] = internal(Text, default="")
    author_label: Mapped[str] = internal(String(200))
    author_ref: Mapped[str] = personal(
        String(64),
        purpose=N_("rinviare la bozza a chi l'ha scritta"),
        seen_by=N_("chi approva le bozze"),
        keep=N_("fino all'approvazione"),
        erase="erase_person",
    )
    updated_at: Mapped[datetime] = internal(UtcDateTime)
    version: Mapped[int] = internal(default=1)

    action: Mapped[MandateAction] = relationship()
