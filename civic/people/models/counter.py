"""Entries made by an operator for citizens: batches, and what was entered in them."""

from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped

from civic.kernel.db import BigId, Model, UtcDateTime
from civic.kernel.privacy import internal, personal, rows
from civic.kernel.text import N_
from civic.people.rules import Channel

_ENTRY = {
    "purpose": N_("sapere chi ha inserito che cosa, e per quale via"),
    "seen_by": N_("chi lavora allo sportello"),
    "keep": N_("24 mesi; chi ha inserito, finché lavora per l'ente"),
    "erase": "erase_person",
}


class Batch(Model):
    """An operator's sitting at one channel: a morning at the counter, an afternoon on the phone, a pile of paper forms."""

    __tablename__ = "people_batch"
    __table_args__ = (UniqueConstraint("code"), Index(None, "operator_ref", "opened_at"), rows(column="operator_ref", by="ref"))

    id: Mapped[int] = internal(BigId, primary_key=True)
    code: Mapped[str] = internal(String(20))
    channel: Mapped[Channel] = internal(String(10))
    place: Mapped[str] = internal(String(120))
    quartiere_code: Mapped[str | None] = internal(ForeignKey("city_quartiere.code"), nullable=True)
    operator_ref: Mapped[str] = personal(String(40), **_ENTRY)
    opened_at: Mapped[datetime] = internal(UtcDateTime)
    closed_at: Mapped[datetime | None] = internal(UtcDateTime, nullable=True)


class AssistedEntry(Model):
    """One thing entered in a batch. Without a citizen it was anonymous: a channel apart, never "one per person"."""

    __tablename__ = "people_assisted_entry"
    __table_args__ = (
        Index(None, "batch_id"),
        Index(None, "citizen_id"),
        rows(after=timedelta(days=730), since=("at",), column="citizen_id", by="id"),
    )

    id: Mapped[int] = internal(BigId, primary_key=True)
    batch_id: Mapped[int] = internal(ForeignKey("people_batch.id"))
    citizen_id: Mapped[int | None] = personal(ForeignKey("people_citizen.id"), nullable=True, **_ENTRY)
    # What was done, e.g. "people.identified", "people.bond_declared".
    kind: Mapped[str] = internal(String(60))
    at: Mapped[datetime] = internal(UtcDateTime)
