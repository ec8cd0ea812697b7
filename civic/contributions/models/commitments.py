"""What an office promised to do with what it heard, the terms it answers in, the paths (consultations) voices belong to."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped

from civic.contributions.rules import CommitmentState, Severity
from civic.kernel.db import BigId, Model, UtcDateTime
from civic.kernel.privacy import internal, public


class Consultation(Model):
    """A path of participation: a question, its phases, what came of it. Surveys, events and voices carry its code."""

    __tablename__ = "consultation"
    __table_args__ = (
        CheckConstraint("starts_on <= ends_on", name="days_in_order"),
        CheckConstraint("(outcome_it = '') = (outcome_on IS NULL)", name="outcome_on_a_day"),
        Index(None, "starts_on"),
    )

    code: Mapped[str] = public(String(60), primary_key=True)
    title_it: Mapped[str] = public(String(200))
    title_en: Mapped[str] = public(String(200), default="")
    question_it: Mapped[str] = public(Text)
    question_en: Mapped[str] = public(Text, default="")
    office_code: Mapped[str] = public(ForeignKey("city_office.code"))
    starts_on: Mapped[date] = public(Date)
    ends_on: Mapped[date] = public(Date)
    outcome_it: Mapped[str] = public(Text, default="")
    outcome_en: Mapped[str] = public(Text, default="")
    outcome_on: Mapped[date | None] = public(Date, nullable=True)
    version: Mapped[int] = internal(default=1)


class ConsultationPhase(Model):
    """One phase of a consultation."""

    __tablename__ = "consultation_phase"
    __table_args__ = (
        UniqueConstraint("consultation_code", "number"),
        CheckConstraint("starts_on <= ends_on", name="days_in_order"),
    )

    id: Mapped[int] = internal(BigId, primary_key=True)
    consultation_code: Mapped[str] = public(ForeignKey("consultation.code"))
    number: Mapped[int] = public()
    title_it: Mapped[str] = public(String(200))
    title_en: Mapped[str] = public(String(200), default="")
    starts_on: Mapped[date] = public(Date)
    ends_on: Mapped[date] = public(Date)


class Commitment(Model):
    """An improvement that an office promised: who, what, by when, and what changed."""

    __tablename__ = "commitment"
    __table_args__ = (
        UniqueConstraint("code"),
        CheckConstraint("state <> 'done' OR (done_on IS NOT NULL AND change_it <> '')", name="done_says_what_changed"),
        CheckConstraint("state <> 'dropped' OR dropped_reason <> ''", name="dropped_says_why"),
        Index(None, "office_code", "state", "due_on"),
        Index(None, "state", "done_on"),
    )

    id: Mapped[int] = internal(BigId, primary_key=True)
    code: Mapped[str] = public(String(20))
    title: Mapped[str] = public(String(200))
    office_code: Mapped[str] = public(ForeignKey("city_office.code"))
    service_code: Mapped[str | None] = public(ForeignKey("city_service.code"), nullable=True)
    action_code: Mapped[str] = public(String(40), default="")
    due_on: Mapped[date] = public(Date)
    state: Mapped[CommitmentState] = public(String(10), default=CommitmentState.PLANNED)
    done_on: Mapped[date | None] = public(Date, nullable=True)
    # What changed, with its evidence.
    change_it: Mapped[str] = public(Text, default="")
    evidence_url: Mapped[str] = public(String(300), default="")
    dropped_reason: Mapped[str] = public(Text, default="")
    made_at: Mapped[datetime] = internal(UtcDateTime)
    # How the service was rated in the three months before the promise and the three after the change: n, and how many gave
    # 4 or 5 stars. Measured once, by the ratings, and never again.
    before_n: Mapped[int | None] = public(nullable=True)
    before_happy: Mapped[int | None] = public(nullable=True)
    after_n: Mapped[int | None] = public(nullable=True)
    after_happy: Mapped[int | None] = public(nullable=True)
    measured_on: Mapped[date | None] = public(Date, nullable=True)
    version: Mapped[int] = internal(default=1)


class CommitmentContribution(Model):
    """A voice that a commitment answers."""

    __tablename__ = "commitment_contribution"

    commitment_id: Mapped[int] = internal(ForeignKey("commitment.id"), primary_key=True)
    voice_id: Mapped[int] = internal(ForeignKey("contribution.id", ondelete="CASCADE"), primary_key=True)


class ReplyTemplate(Model):
    """A saved reply of an office, or of the whole ente."""

    __tablename__ = "contribution_reply_template"
    __table_args__ = (
        UniqueConstraint("office_code", "title"),
        # To a unique constraint two absent offices are different ones.
        Index(
            "uq_contribution_reply_template_ente",
            "title",
            unique=True,
            sqlite_where=text("office_code IS NULL"),
            postgresql_where=text("office_code IS NULL"),
        ),
    )

    id: Mapped[int] = internal(BigId, primary_key=True)
    # None is the whole ente.
    office_code: Mapped[str | None] = internal(ForeignKey("city_office.code"), nullable=True)
    title: Mapped[str] = internal(String(120))
    text: Mapped[str] = internal(Text)


class ContributionTerm(Model):
    """Working days within which an office reads and answers, set for one office or for the whole ente."""

    __tablename__ = "contribution_term"
    __table_args__ = (
        UniqueConstraint("office_code", "severity"),
        Index(
            "uq_contribution_term_ente",
            "severity",
            unique=True,
            sqlite_where=text("office_code IS NULL"),
            postgresql_where=text("office_code IS NULL"),
        ),
        CheckConstraint("triage_days >= 1 AND triage_days <= reply_days", name="days_in_order"),
    )

    id: Mapped[int] = internal(BigId, primary_key=True)
    # None is the whole ente.
    office_code: Mapped[str | None] = public(ForeignKey("city_office.code"), nullable=True)
    severity: Mapped[Severity] = public(String(10))
    triage_days: Mapped[int] = public()
    reply_days: Mapped[int] = public()
