"""Mails waiting to leave, and the texts an administration changed."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped

from civic.kernel.db import BigId, Model, UtcDateTime
from civic.kernel.privacy import internal, personal, public

_KEEP = "7 giorni dopo l'invio"


class OutboxMail(Model):
    """One mail. `sent_at` or `failed_at` ends it."""

    __tablename__ = "outbox_mail"
    __table_args__ = (
        UniqueConstraint("key"),
        CheckConstraint("attempts >= 0", name="attempts_not_negative"),
        Index(None, "sent_at", "failed_at", "not_before"),
    )

    id: Mapped[int] = internal(BigId, primary_key=True)
    # What makes telling twice the same mail: kind and subject.
    key: Mapped[str] = internal(String(120))
    kind: Mapped[str] = internal(String(64))
    to_address: Mapped[str] = personal(
        String(254), purpose="recapitare il messaggio", seen_by="nessuno", keep=_KEEP, erase="erase_person"
    )
    subject: Mapped[str] = personal(
        String(250), purpose="recapitare il messaggio", seen_by="nessuno", keep=_KEEP, erase="erase_person"
    )
    body: Mapped[str] = personal(Text, purpose="recapitare il messaggio", seen_by="nessuno", keep=_KEEP, erase="erase_person")
    created_at: Mapped[datetime] = internal(UtcDateTime)
    not_before: Mapped[datetime] = internal(UtcDateTime)
    attempts: Mapped[int] = internal(default=0)
    sent_at: Mapped[datetime | None] = internal(UtcDateTime, nullable=True)
    failed_at: Mapped[datetime | None] = internal(UtcDateTime, nullable=True)


class MailText(Model):
    """A mail's text as this administration words it, in place of the default."""

    __tablename__ = "outbox_mail_text"

    kind: Mapped[str] = internal(String(64), primary_key=True)
    subject: Mapped[str] = public(String(250))
    body: Mapped[str] = public(Text)
    version: Mapped[int] = internal(default=1)
