"""The tables of what is where. Codes are the keys: they stand in addresses, files and grants, and never change."""

from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, relationship

from civic.kernel.db import BigId, Model, UtcDateTime
from civic.kernel.privacy import internal, personal, public, rows
from civic.kernel.text import N_

Code = String(60)


class OfficeKind(StrEnum):
    """How high an office stands."""

    DIREZIONE = "direzione"
    UFFICIO = "ufficio"
    SERVIZIO = "servizio"


class ProviderKind(StrEnum):
    """What kind of body runs a service."""

    PARTECIPATA = "partecipata"
    CONCESSIONARIO = "concessionario"
    FONDAZIONE = "fondazione"
    CONSORZIO = "consorzio"
    ASP = "asp"


class ReportKind(StrEnum):
    """What a report about the site is about."""

    ACCESSIBILITY = "accessibility"
    MALFUNCTION = "malfunction"


class Ente(Model):
    """The municipality: one row."""

    __tablename__ = "city_ente"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = internal(primary_key=True, default=1)
    name: Mapped[str] = public(String(120))
    short_name: Mapped[str] = public(String(60))
    tagline_it: Mapped[str] = public(String(200), default="")
    tagline_en: Mapped[str] = public(String(200), default="")
    region: Mapped[str] = public(String(80), default="")
    region_url: Mapped[str] = public(String(300), default="")
    # Code in the national index of administrations, e.g. c_d612
    ipa_code: Mapped[str] = public(String(20), default="")
    address: Mapped[str] = public(String(200), default="")
    postal_code: Mapped[str] = public(String(10), default="")
    town: Mapped[str] = public(String(80), default="")
    phone: Mapped[str] = public(String(40), default="")
    email: Mapped[str] = public(String(254), default="")
    pec: Mapped[str] = public(String(254), default="")
    vat_number: Mapped[str] = public(String(20), default="")
    site_url: Mapped[str] = public(String(300), default="")
    # The data protection officer's mailbox, an office and not a person.
    privacy_contact: Mapped[str] = public(String(254), default="")
    version: Mapped[int] = internal(default=1)


class FooterLink(Model):
    """A link that the administration adds to the footer."""

    __tablename__ = "city_footer_link"

    id: Mapped[int] = internal(BigId, primary_key=True)
    label_it: Mapped[str] = public(String(80))
    label_en: Mapped[str] = public(String(80), default="")
    url: Mapped[str] = public(String(300))
    position: Mapped[int] = internal(default=0)


class Quartiere(Model):
    """A Quartiere."""

    __tablename__ = "city_quartiere"
    __table_args__ = (UniqueConstraint("number"),)

    code: Mapped[str] = public(Code, primary_key=True)
    number: Mapped[int] = public()
    name: Mapped[str] = public(String(120))
    population: Mapped[int | None] = public(nullable=True)
    population_verified: Mapped[bool] = public(default=False)
    population_note_it: Mapped[str] = public(String(400), default="")
    population_note_en: Mapped[str] = public(String(400), default="")


class Office(Model):
    """A Direzione, ufficio or servizio, valid between two days; either may be unknown."""

    __tablename__ = "city_office"
    __table_args__ = (
        CheckConstraint("valid_to IS NULL OR valid_from IS NULL OR valid_from <= valid_to", name="dates_in_order"),
        CheckConstraint("successor_code IS NULL OR valid_to IS NOT NULL", name="successor_needs_end"),
        CheckConstraint("successor_code <> code AND parent_code <> code", name="not_itself"),
    )

    code: Mapped[str] = public(Code, primary_key=True)
    name: Mapped[str] = public(String(160))
    name_en: Mapped[str] = public(String(160), default="")
    kind: Mapped[OfficeKind] = public(String(20))
    parent_code: Mapped[str | None] = public(ForeignKey("city_office.code", deferrable=True), nullable=True)
    valid_from: Mapped[date | None] = public(Date, nullable=True)
    valid_to: Mapped[date | None] = public(Date, nullable=True)
    successor_code: Mapped[str | None] = public(ForeignKey("city_office.code", deferrable=True), nullable=True)
    # Where the name comes from, said to the reader when it is not certain.
    basis_it: Mapped[str] = public(String(300), default="")
    version: Mapped[int] = internal(default=1)

    successor: Mapped["Office | None"] = relationship(foreign_keys=[successor_code], remote_side=[code])


class Provider(Model):
    """A partecipata, concessionaire, foundation, consortium or asp that runs services."""

    __tablename__ = "city_provider"

    code: Mapped[str] = public(Code, primary_key=True)
    name: Mapped[str] = public(String(160))
    kind: Mapped[ProviderKind] = public(String(20))
    note_it: Mapped[str] = public(String(400), default="")


class Service(Model):
    """A service that citizens use; without a provider the Comune runs it itself."""

    __tablename__ = "city_service"
    __table_args__ = (Index(None, "category", "name_it"),)

    code: Mapped[str] = public(Code, primary_key=True)
    name_it: Mapped[str] = public(String(160))
    name_en: Mapped[str] = public(String(160), default="")
    category: Mapped[str] = public(String(60))
    provider_code: Mapped[str | None] = public(ForeignKey("city_provider.code"), nullable=True)
    office_code: Mapped[str] = public(ForeignKey("city_office.code"))
    per_quartiere: Mapped[bool] = public(default=False)
    active: Mapped[bool] = public(default=True)
    basis_it: Mapped[str] = public(String(400), default="")
    source_url: Mapped[str] = public(String(400), default="")
    version: Mapped[int] = internal(default=1)

    office: Mapped[Office] = relationship()
    provider: Mapped[Provider | None] = relationship()


class Holiday(Model):
    """A day on which offices are closed, every year (`year` null) or once. Easter Monday is computed."""

    __tablename__ = "city_holiday"
    __table_args__ = (
        CheckConstraint("month BETWEEN 1 AND 12 AND day BETWEEN 1 AND 31", name="real_day"),
        Index("uq_city_holiday_once", "month", "day", "every", unique=True),
    )

    id: Mapped[int] = internal(BigId, primary_key=True)
    month: Mapped[int] = public()
    day: Mapped[int] = public()
    # The year, or 0 for every year: not null, so that the unique index bites.
    every: Mapped[int] = public(default=0)
    name_it: Mapped[str] = public(String(80))
    name_en: Mapped[str] = public(String(80), default="")


class Threshold(Model):
    """A threshold that this administration set, in place of the default in `rules.THRESHOLDS`."""

    __tablename__ = "city_threshold"
    __table_args__ = (CheckConstraint("value >= 1", name="value_from_one"),)

    name: Mapped[str] = public(String(40), primary_key=True)
    value: Mapped[int] = public()


class SilenceWindow(Model):
    """A period of election silence (L. 28/2000 art. 9), first and last day included."""

    __tablename__ = "city_silence_window"
    __table_args__ = (CheckConstraint("starts_on <= ends_on", name="days_in_order"),)

    id: Mapped[int] = internal(BigId, primary_key=True)
    starts_on: Mapped[date] = public(Date)
    ends_on: Mapped[date] = public(Date)
    reason: Mapped[str] = public(String(200))


_REPORT = {
    "purpose": N_("rispondere a chi ha scritto"),
    "seen_by": N_("chi risponde alle segnalazioni"),
    "keep": N_("12 mesi dopo la risposta"),
    "erase": "erase_person",
}


class SiteReport(Model):
    """A message about this site, sent with one of its forms; its code lets the sender follow it."""

    __tablename__ = "city_site_report"
    __table_args__ = (
        UniqueConstraint("code"),
        UniqueConstraint("form_key"),
        CheckConstraint("(answered_at IS NULL) = (answer = '')", name="answer_has_day"),
        Index(None, "answered_at", "received_at"),
        rows(after=timedelta(days=365), since=("answered_at",), column="email", by="address"),
    )

    id: Mapped[int] = internal(BigId, primary_key=True)
    code: Mapped[str] = internal(String(20))
    # Idempotency key of the form that was sent: five identical POSTs are one report.
    form_key: Mapped[str] = internal(String(64))
    kind: Mapped[ReportKind] = internal(String(20))
    page: Mapped[str] = internal(String(300), default="")
    text: Mapped[str] = personal(Text, **_REPORT)
    email: Mapped[str] = personal(String(254), default="", **_REPORT)
    received_at: Mapped[datetime] = internal(UtcDateTime)
    due_on: Mapped[date] = internal(Date)
    answer: Mapped[str] = personal(Text, default="", **_REPORT)
    answered_at: Mapped[datetime | None] = internal(UtcDateTime, nullable=True)
