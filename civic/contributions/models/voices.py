"""The register of voices: what was said, its parts and their outcomes, replies, pauses, handings, and texts that were hidden."""

from datetime import date, datetime, timedelta

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, relationship

from civic.city.models import Provider
from civic.contributions.rules import HideReason, Origin, Outcome, ReasonCode, Severity, Verdict
from civic.kernel.clock import civil_day
from civic.kernel.db import BigId, Model, UtcDateTime
from civic.kernel.privacy import internal, personal, public, rows
from civic.kernel.text import N_
from civic.people.rules import Channel

_VOICE = {
    "purpose": N_("rispondere a chi ha scritto, e farle sapere che cosa ne è stato"),
    "seen_by": N_("chi risponde; il testo solo dopo una revisione anche il pubblico"),
    "keep": N_("finché la persona non si cancella, al massimo 5 anni"),
    "erase": "erase_person",
}


class Theme(Model):
    """A theme of the codebook, by which voices are coded by hand."""

    __tablename__ = "contribution_theme"

    code: Mapped[str] = public(String(40), primary_key=True)
    label_it: Mapped[str] = public(String(120))
    label_en: Mapped[str] = public(String(120), default="")
    definition: Mapped[str] = public(Text, default="")


class Contribution(Model):
    """One contribution, whatever the channel it came by. Where it stands is read from what hangs on it.

    What hangs on it goes with it when its five years are over, though some of it is younger.
    """

    __tablename__ = "contribution"
    __table_args__ = (
        UniqueConstraint("code"),
        UniqueConstraint("form_key"),
        CheckConstraint("(replied_at IS NULL) = (replied_on IS NULL)", name="replied_on_a_day"),
        # One for each filter of the inbox, in the order in which it lists; whether a voice waits is read without its row.
        Index(None, "office_code", "replied_at", "received_on"),
        Index(None, "office_code", "received_on"),
        Index(None, "replied_at", "received_on"),
        Index(None, "service_code", "received_on", "replied_at"),
        Index(None, "quartiere_code", "received_on", "replied_at"),
        Index(None, "theme_code", "received_on", "replied_at"),
        Index(None, "origin", "received_on", "replied_at"),
        Index(None, "severity", "received_on", "replied_at"),
        # All that facts.py and the signals count, so that a year of voices is counted without reading their texts.
        Index(
            "ix_contribution_figures",
            "received_on",
            "office_code",
            "service_code",
            "quartiere_code",
            "theme_code",
            "consultation_code",
            "replied_on",
            "reply_due_on",
            "replied_after_days",
        ),
        Index(None, "triaged_on", "received_on"),
        Index(None, "replied_at", "reply_due_on"),
        Index(None, "group_id", "office_code"),
        Index(None, "author_ref"),
        Index(None, "consultation_code"),
        rows(after=timedelta(days=5 * 365), since=("received_at",), column="author_ref", by="ref"),
    )

    id: Mapped[int] = internal(BigId, primary_key=True)
    # The receipt: in the public address, and on paper.
    code: Mapped[str] = public(String(20))
    form_key: Mapped[str] = internal(String(64))
    origin: Mapped[Origin] = public(String(12))
    # What it came from, e.g. a rating's number; '' for what came by itself.
    origin_ref: Mapped[str] = internal(String(60), default="")
    channel: Mapped[Channel] = public(String(10))
    # Trust level of who said it (kernel.actor.TrustLevel).
    level: Mapped[int] = public()
    consultation_code: Mapped[str | None] = public(ForeignKey("consultation.code"), nullable=True)
    service_code: Mapped[str | None] = public(ForeignKey("city_service.code"), nullable=True)
    quartiere_code: Mapped[str | None] = public(ForeignKey("city_quartiere.code"), nullable=True)
    author_ref: Mapped[str] = personal(String(40), default="", **_VOICE)
    body_code: Mapped[str] = public(String(60), default="")
    email: Mapped[str] = personal(String(254), default="", **_VOICE)
    title: Mapped[str] = personal(String(160), **_VOICE)
    text: Mapped[str] = personal(Text, **_VOICE)
    # What everyone may read: reviewed and redacted; '' until somebody did, or while it is hidden.
    public_text: Mapped[str] = public(Text, default="")
    wants_public: Mapped[bool] = internal(default=True)
    received_at: Mapped[datetime] = internal(UtcDateTime)
    received_on: Mapped[date] = public(Date)
    # Triage.
    triaged_on: Mapped[date | None] = public(Date, nullable=True)
    office_code: Mapped[str | None] = public(ForeignKey("city_office.code"), nullable=True)
    severity: Mapped[Severity] = internal(String(10), default=Severity.NORMAL)
    theme_code: Mapped[str | None] = public(ForeignKey("contribution_theme.code"), nullable=True)
    # The clock's facts, set when it came, was given to an office, waited or went on: the days that were promised then, and the
    # last day by them. A term changed afterwards moves no promise; whether an answer is late is still read from today.
    triage_due_on: Mapped[date] = public(Date)
    reply_term_days: Mapped[int] = public()
    # None while the citizen is waited for.
    reply_due_on: Mapped[date | None] = public(Date, nullable=True)
    # The first reply ends the office's clock: its instant, its civil day, and the working days that it took.
    replied_at: Mapped[datetime | None] = public(UtcDateTime, nullable=True)
    replied_on: Mapped[date | None] = public(Date, nullable=True)
    replied_after_days: Mapped[int | None] = public(nullable=True)
    # Near copies have the same number: the id of the first of them, which may be gone since. A foreign key would keep it.
    group_id: Mapped[int | None] = internal(BigInteger, nullable=True)
    # What copies are recognised by (rules.likeness); "" is never compared, as after a person took the voice out of a group.
    likeness: Mapped[str] = personal(String(512), default="", **_VOICE)
    overdue_told_at: Mapped[datetime | None] = internal(UtcDateTime, nullable=True)
    version: Mapped[int] = internal(default=1)

    parts: Mapped[list["ContributionPart"]] = relationship(order_by="ContributionPart.number", cascade="all, delete-orphan")
    replies: Mapped[list["ContributionReply"]] = relationship(order_by="ContributionReply.id", cascade="all, delete-orphan")
    pauses: Mapped[list["ContributionPause"]] = relationship(order_by="ContributionPause.id", cascade="all, delete-orphan")
    hidings: Mapped[list["ContributionHiding"]] = relationship(order_by="ContributionHiding.id", cascade="all, delete-orphan")
    handings: Mapped[list["ContributionHanding"]] = relationship(order_by="ContributionHanding.id", cascade="all, delete-orphan")


class ContributionPart(Model):
    """One thing that a voice asks, with its own outcome. Technical and political check are separate, each signed and dated."""

    __tablename__ = "contribution_part"
    __table_args__ = (
        UniqueConstraint("voice_id", "number"),
        CheckConstraint("(outcome IS NULL) = (decided_on IS NULL)", name="decided_on_a_day"),
        rows(after=timedelta(days=5 * 365), since=("made_at",)),
    )

    id: Mapped[int] = internal(BigId, primary_key=True)
    voice_id: Mapped[int] = internal(ForeignKey("contribution.id", ondelete="CASCADE"))
    number: Mapped[int] = public()
    # What it asks, in the office's words: no names.
    summary: Mapped[str] = public(String(300))
    technical_note: Mapped[str] = public(Text, default="")
    technical_by: Mapped[str] = public(String(200), default="")
    technical_on: Mapped[date | None] = public(Date, nullable=True)
    outcome: Mapped[Outcome | None] = public(String(20), nullable=True)
    reason_code: Mapped[ReasonCode | None] = public(String(20), nullable=True)
    public_reason: Mapped[str] = public(Text, default="")
    forwarded_to: Mapped[str] = public(String(200), default="")
    decided_by: Mapped[str] = public(String(200), default="")
    decided_on: Mapped[date | None] = public(Date, nullable=True)
    # An action of the programme it belongs to, or gave rise to.
    action_code: Mapped[str] = public(String(40), default="")
    made_at: Mapped[datetime] = internal(UtcDateTime)


class ContributionReply(Model):
    """An answer of the office: to everyone, or to the author only."""

    __tablename__ = "contribution_reply"
    __table_args__ = (Index(None, "voice_id"), rows(after=timedelta(days=5 * 365), since=("at",)))

    id: Mapped[int] = internal(BigId, primary_key=True)
    voice_id: Mapped[int] = internal(ForeignKey("contribution.id", ondelete="CASCADE"))
    text: Mapped[str] = personal(Text, **_VOICE)
    is_public: Mapped[bool] = internal()
    by_label: Mapped[str] = public(String(200))
    at: Mapped[datetime] = public(UtcDateTime)


class ContributionPause(Model):
    """The office waits for the citizen: its clock stands still, and says why."""

    __tablename__ = "contribution_pause"
    __table_args__ = (
        Index(
            "uq_contribution_pause_one_open",
            "voice_id",
            unique=True,
            sqlite_where=text("until IS NULL"),
            postgresql_where=text("until IS NULL"),
        ),
        CheckConstraint("until IS NULL OR until >= since", name="days_in_order"),
    )

    id: Mapped[int] = internal(BigId, primary_key=True)
    voice_id: Mapped[int] = internal(ForeignKey("contribution.id", ondelete="CASCADE"))
    since: Mapped[date] = public(Date)
    until: Mapped[date | None] = public(Date, nullable=True)
    reason: Mapped[str] = public(String(300))


class ContributionHanding(Model):
    """An office asks the provider that runs a service; its staff answer to the office, which replies. The clock goes on."""

    __tablename__ = "contribution_handing"
    __table_args__ = (
        Index(
            "uq_contribution_handing_one_open",
            "voice_id",
            unique=True,
            sqlite_where=text("returned_at IS NULL"),
            postgresql_where=text("returned_at IS NULL"),
        ),
        Index(None, "voice_id"),
        Index(None, "provider_code", "returned_at"),
        CheckConstraint("(returned_at IS NULL) = (returned_by = '')", name="returned_by_somebody"),
        rows(after=timedelta(days=5 * 365), since=("handed_at",)),
    )

    id: Mapped[int] = internal(BigId, primary_key=True)
    voice_id: Mapped[int] = internal(ForeignKey("contribution.id", ondelete="CASCADE"))
    provider_code: Mapped[str] = public(ForeignKey("city_provider.code"))
    # What the office asks, and by when it wants to know: between the two of them.
    note: Mapped[str] = personal(Text, **_VOICE)
    wanted_by: Mapped[date | None] = internal(Date, nullable=True)
    handed_by: Mapped[str] = public(String(200))
    handed_at: Mapped[datetime] = public(UtcDateTime)
    # What the provider says; "" when the office took the voice back without.
    answer: Mapped[str] = personal(Text, default="", **_VOICE)
    returned_by: Mapped[str] = public(String(200), default="")
    returned_at: Mapped[datetime | None] = public(UtcDateTime, nullable=True)

    provider: Mapped[Provider] = relationship()

    @property
    def handed_on(self) -> date:
        """The civil day on which it went."""
        return civil_day(self.handed_at)

    @property
    def returned_on(self) -> date | None:
        """The civil day on which it came back."""
        return civil_day(self.returned_at) if self.returned_at else None


class ContributionHiding(Model):
    """An office asks that a text be hidden; a second person decides. Nothing is deleted."""

    __tablename__ = "contribution_hiding"
    __table_args__ = (
        Index(
            "uq_contribution_hiding_one_open",
            "voice_id",
            unique=True,
            sqlite_where=text("decided_at IS NULL"),
            postgresql_where=text("decided_at IS NULL"),
        ),
        CheckConstraint("decided_by_ref <> asked_by_ref OR decided_by_ref = ''", name="two_persons"),
        CheckConstraint("(decided_at IS NULL) = (granted IS NULL)", name="decided_with_an_outcome"),
        rows(column="asked_by_ref", by="ref"),
    )

    id: Mapped[int] = internal(BigId, primary_key=True)
    voice_id: Mapped[int] = internal(ForeignKey("contribution.id", ondelete="CASCADE"))
    reason: Mapped[HideReason] = public(String(20))
    note: Mapped[str] = internal(Text)
    office_code: Mapped[str | None] = public(ForeignKey("city_office.code"), nullable=True)
    asked_by_ref: Mapped[str] = personal(
        String(40),
        purpose=N_("far decidere a due persone diverse se nascondere un testo"),
        seen_by=N_("chi decide"),
        keep=N_("quanto il testo"),
        erase="erase_person",
    )
    asked_at: Mapped[datetime] = public(UtcDateTime)
    granted: Mapped[bool | None] = public(nullable=True)
    decided_by_ref: Mapped[str] = personal(
        String(40),
        default="",
        purpose=N_("far decidere a due persone diverse se nascondere un testo"),
        seen_by=N_("chi decide"),
        keep=N_("quanto il testo"),
        erase="erase_person",
    )
    decided_at: Mapped[datetime | None] = public(UtcDateTime, nullable=True)


class ContributionCheck(Model):
    """Four weeks after a change its author is asked whether it is so, through a link that shows a form."""

    __tablename__ = "contribution_check"
    __table_args__ = (
        UniqueConstraint("voice_id", "commitment_id"),
        CheckConstraint("(answered_at IS NULL) = (verdict IS NULL)", name="answered_with_a_verdict"),
        rows(after=timedelta(days=180), since=("asked_at",)),
    )

    token_hash: Mapped[str] = internal(String(64), primary_key=True)
    voice_id: Mapped[int] = internal(ForeignKey("contribution.id", ondelete="CASCADE"))
    commitment_id: Mapped[int] = internal(ForeignKey("commitment.id"))
    asked_at: Mapped[datetime] = internal(UtcDateTime)
    verdict: Mapped[Verdict | None] = public(String(10), nullable=True)
    note: Mapped[str] = personal(Text, default="", **_VOICE)
    answered_at: Mapped[datetime | None] = internal(UtcDateTime, nullable=True)
