"""The register of associations and bodies, and who speaks for them."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped

from civic.kernel.db import BigId, Model, UtcDateTime
from civic.kernel.privacy import internal, personal, public, rows
from civic.kernel.text import N_
from civic.people.rules import BodyKind, BodyState

_SPEAKER = {
    "purpose": N_("sapere chi parla per un'associazione o un ente"),
    "seen_by": N_("la persona e chi verifica le iscrizioni"),
    "keep": N_("finché la persona non si cancella"),
    "erase": "erase_person",
}


class Body(Model):
    """An association or body: registers once, is verified by an operator, takes part as itself, apart from persons."""

    __tablename__ = "people_body"
    __table_args__ = (
        UniqueConstraint("code"),
        UniqueConstraint("form_key"),
        # One registration for one codice fiscale, unless an earlier one was refused or closed.
        Index(
            "uq_people_body_registered_once",
            "fiscal_code",
            unique=True,
            sqlite_where=text("state IN ('asked', 'verified')"),
            postgresql_where=text("state IN ('asked', 'verified')"),
        ),
        CheckConstraint("(state = 'asked') = (decided_at IS NULL)", name="decided_when_not_asked"),
        Index(None, "state", "name"),
    )

    id: Mapped[int] = internal(BigId, primary_key=True)
    # Stands for the body everywhere else, in its public address too.
    code: Mapped[str] = public(String(60))
    form_key: Mapped[str] = internal(String(64))
    name: Mapped[str] = public(String(160))
    kind: Mapped[BodyKind] = public(String(20))
    fiscal_code: Mapped[str] = public(String(11))
    # Number in the national register of the third sector, if any.
    register_number: Mapped[str] = public(String(40), default="")
    purpose: Mapped[str] = public(Text, default="")
    seat: Mapped[str] = public(String(200), default="")
    quartiere_code: Mapped[str | None] = public(ForeignKey("city_quartiere.code"), nullable=True)
    website: Mapped[str] = public(String(300), default="")
    email: Mapped[str] = public(String(254), default="")
    state: Mapped[BodyState] = public(String(10), default=BodyState.ASKED)
    # Told to who registered it, when refused or closed.
    reason: Mapped[str] = internal(Text, default="")
    asked_at: Mapped[datetime] = internal(UtcDateTime)
    decided_at: Mapped[datetime | None] = internal(UtcDateTime, nullable=True)
    decided_by: Mapped[str] = internal(String(120), default="")


class BodySpeaker(Model):
    """A citizen who speaks for a body."""

    __tablename__ = "people_body_speaker"
    __table_args__ = (UniqueConstraint("body_id", "citizen_id"), Index(None, "citizen_id"), rows(column="citizen_id", by="id"))

    id: Mapped[int] = internal(BigId, primary_key=True)
    body_id: Mapped[int] = internal(ForeignKey("people_body.id"))
    citizen_id: Mapped[int] = personal(ForeignKey("people_citizen.id"), **_SPEAKER)
    # As what she speaks: president, secretary, delegate.
    role: Mapped[str] = personal(String(80), **_SPEAKER)
    since: Mapped[datetime] = internal(UtcDateTime)
