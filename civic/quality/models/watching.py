"""Anomalous windows and who works for the rated offices."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Date, Float, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, relationship

from civic.city.models import Service
from civic.kernel.db import BigId, Model, UtcDateTime
from civic.kernel.privacy import internal, personal, public, rows
from civic.kernel.text import N_
from civic.quality.rules import WindowVerdict


def _reviewer() -> Any:
    return personal(
        String(40),
        default="",
        purpose=N_("sapere chi ha deciso su un flusso anomalo di valutazioni, e che sono state due persone"),
        seen_by=N_("chi decide, e il controllo"),
        keep=N_("quanto l'accesso di chi ha deciso"),
        erase="erase_person",
    )


class AnomalyWindow(Model):
    """Six hours of a service's ratings that look anomalous. Two people decide; nothing is deleted."""

    __tablename__ = "rating_window"
    __table_args__ = (
        UniqueConstraint("service_code", "day", "hour_band"),
        CheckConstraint("second_ref = '' OR second_ref <> first_ref", name="two_people"),
        CheckConstraint("(verdict IS NULL) = (decided_at IS NULL)", name="decided_with_a_verdict"),
        CheckConstraint("(first_verdict IS NULL) = (first_at IS NULL)", name="proposed_with_a_verdict"),
        Index(None, "decided_at", "day"),
        rows(column="first_ref", by="ref"),
    )

    id: Mapped[int] = internal(BigId, primary_key=True)
    service_code: Mapped[str] = public(ForeignKey("city_service.code"))
    day: Mapped[date] = public(Date)
    hour_band: Mapped[int] = public()
    # As they were when it was flagged.
    n: Mapped[int] = public()
    usual: Mapped[float] = public(Float)
    p_volume: Mapped[float] = internal(Float)
    p_mix: Mapped[float] = internal(Float)
    flagged_at: Mapped[datetime] = public(UtcDateTime)
    first_verdict: Mapped[WindowVerdict | None] = internal(String(10), nullable=True)
    first_ref: Mapped[str] = _reviewer()
    first_at: Mapped[datetime | None] = internal(UtcDateTime, nullable=True)
    # Why, for who decides: all that was said, in order; the public note is what everybody reads.
    note: Mapped[str] = internal(Text, default="")
    verdict: Mapped[WindowVerdict | None] = public(String(10), nullable=True)
    second_ref: Mapped[str] = _reviewer()
    decided_at: Mapped[datetime | None] = public(UtcDateTime, nullable=True)
    public_note: Mapped[str] = public(String(400), default="")

    service: Mapped[Service] = relationship()


class Employee(Model):
    """Somebody who works for an office or a provider, by the key of her identity only: her ratings of it do not count."""

    __tablename__ = "rating_employee"
    __table_args__ = (Index(None, "employer"), rows(column="subject_key", by="subject"))

    subject_key: Mapped[str] = personal(
        String(64),
        primary_key=True,
        purpose=N_("tenere fuori dal dato le valutazioni di chi lavora per l'ufficio o il gestore valutato"),
        seen_by=N_("nessuno: è un codice che solo il programma sa rifare"),
        keep=N_("finché l'elenco non viene sostituito"),
        erase="erase_person",
    )
    # The code of an office or of a provider.
    employer: Mapped[str] = internal(String(60), primary_key=True)
