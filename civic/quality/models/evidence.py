"""What stands beside the ratings: standards of the Carta dei servizi, surveys of others, past published results."""

from datetime import date
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, Numeric, String, Text
from sqlalchemy.orm import Mapped, relationship

from civic.city.models import Provider
from civic.kernel.db import BigId, Model
from civic.kernel.privacy import internal, public
from civic.kernel.text import N_


class Sense(StrEnum):
    """Which way a standard is better."""

    AT_MOST = "at_most"
    AT_LEAST = "at_least"


SENSES = {Sense.AT_MOST: N_("al massimo"), Sense.AT_LEAST: N_("almeno")}


class ServiceStandard(Model):
    """What a Carta dei servizi promises, with a number."""

    __tablename__ = "quality_standard"
    __table_args__ = (Index(None, "service_code"),)

    id: Mapped[int] = internal(BigId, primary_key=True)
    service_code: Mapped[str] = public(ForeignKey("city_service.code"))
    label_it: Mapped[str] = public(String(200))
    label_en: Mapped[str] = public(String(200), default="")
    promised: Mapped[Decimal] = public(Numeric(14, 4))
    unit: Mapped[str] = public(String(60))
    sense: Mapped[Sense] = public(String(10))
    source_url: Mapped[str] = public(String(400), default="")
    valid_from: Mapped[date] = public(Date)
    valid_to: Mapped[date | None] = public(Date, nullable=True)

    measures: Mapped[list["StandardMeasure"]] = relationship(
        order_by="(StandardMeasure.period_end.desc(), StandardMeasure.id.desc())"
    )

    def is_kept_by(self, value: Decimal) -> bool:
        """Say whether a measured value keeps the promise."""
        return value <= self.promised if self.sense == Sense.AT_MOST else value >= self.promised


class StandardMeasure(Model):
    """What was measured of a standard in a period. A correction is a new row: the old one stays and says so."""

    __tablename__ = "quality_standard_measure"
    __table_args__ = (
        CheckConstraint("period_start <= period_end", name="days_in_order"),
        Index(None, "standard_id", "period_end"),
    )

    id: Mapped[int] = internal(BigId, primary_key=True)
    standard_id: Mapped[int] = internal(ForeignKey("quality_standard.id"))
    period_start: Mapped[date] = public(Date)
    period_end: Mapped[date] = public(Date)
    value: Mapped[Decimal] = public(Numeric(14, 4))
    n: Mapped[int | None] = public(nullable=True)
    # How it was measured, and why it corrects an earlier one when it does.
    method: Mapped[str] = public(String(300))
    told_on: Mapped[date] = public(Date)
    corrects_id: Mapped[int | None] = public(ForeignKey("quality_standard_measure.id"), nullable=True)


class OutsideResult(Model):
    """A result that is not ours: published in the past, or told by the provider. Shown beside, never added up with ours."""

    __tablename__ = "quality_outside_result"
    __table_args__ = (Index(None, "service_code", "year"),)

    id: Mapped[int] = internal(BigId, primary_key=True)
    service_code: Mapped[str] = public(ForeignKey("city_service.code"))
    # The provider that told it; None for what was published and found.
    provider_code: Mapped[str | None] = public(ForeignKey("city_provider.code"), nullable=True)
    year: Mapped[int] = public()
    dimension: Mapped[str] = public(String(200))
    # As it was published: "86.1", "7", ">90".
    value: Mapped[str] = public(String(20))
    unit: Mapped[str] = public(String(40))
    n: Mapped[int | None] = public(nullable=True)
    method: Mapped[str] = public(String(200), default="")
    population: Mapped[str] = public(String(200), default="")
    source_url: Mapped[str] = public(Text, default="")
    added_on: Mapped[date] = public(Date)

    provider: Mapped[Provider | None] = relationship()
