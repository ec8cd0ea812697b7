"""Mails waiting to leave, the texts an administration changed, and what counts the mails to addresses nobody confirmed.

What counts them holds no address and no IP address: only keys, HMACs whose pepper stands outside the database.
"""

from datetime import datetime, timedelta

from sqlalchemy import CheckConstraint, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped

from civic.kernel.db import BigId, Model, UtcDateTime
from civic.kernel.privacy import internal, personal, public, rows
from civic.kernel.text import N_
from civic.outbox.rules import DAY, Cap, SuppressReason

_MAIL = {
    "purpose": N_("recapitare il messaggio"),
    "seen_by": N_("nessuno"),
    "keep": N_("7 giorni dopo l'invio"),
    "erase": "erase_person",
}
_METER = {
    "purpose": N_("contare i messaggi chiesti per indirizzi che nessuno ha confermato, perché non si usi il sito per disturbare"),
    "seen_by": N_("nessuno"),
    "keep": N_("24 ore"),
    "erase": "forget_expired",
}


class OutboxMail(Model):
    """One mail. `sent_at` or `failed_at` ends it."""

    __tablename__ = "outbox_mail"
    __table_args__ = (
        UniqueConstraint("key"),
        CheckConstraint("attempts >= 0", name="attempts_not_negative"),
        Index(None, "sent_at", "failed_at", "not_before"),
        rows(after=timedelta(days=7), since=("sent_at", "failed_at"), column="to_address", by="address"),
    )

    id: Mapped[int] = internal(BigId, primary_key=True)
    # What makes telling twice the same mail: kind and subject.
    key: Mapped[str] = internal(String(120))
    kind: Mapped[str] = internal(String(64))
    to_address: Mapped[str] = personal(String(254), **_MAIL)
    subject: Mapped[str] = personal(String(250), **_MAIL)
    body: Mapped[str] = personal(Text, **_MAIL)
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


class Meter(Model):
    """Somebody whose mails are counted: an address, where requests come from, or an operator.

    Whoever is about to count takes this row first: on PostgreSQL its lock makes the others wait. `forget_expired` deletes
    the old ones and passes over those that somebody holds; it runs before the retention job of all tables, which would wait
    in a circle, and leaves it nothing.
    """

    __tablename__ = "outbox_meter"
    __table_args__ = (Index(None, "last_at"), rows(after=DAY, since=("last_at",)))

    subject: Mapped[str] = personal(String(64), primary_key=True, **_METER)
    last_at: Mapped[datetime] = internal(UtcDateTime)


class MeteredMail(Model):
    """One mail that left to an unconfirmed address, as counted for one subject."""

    __tablename__ = "outbox_metered_mail"
    __table_args__ = (Index(None, "subject", "at"), Index(None, "first", "at"), rows(after=DAY, since=("at",)))

    id: Mapped[int] = internal(BigId, primary_key=True)
    subject: Mapped[str] = personal(String(64), **_METER)
    at: Mapped[datetime] = internal(UtcDateTime)
    # One row of each mail is the first, so that mails can be counted and not rows.
    first: Mapped[bool] = internal()


class CappedMail(Model):
    """How many mails a cap held back in ten minutes; several rows, so that those who add to them seldom meet."""

    __tablename__ = "outbox_capped_mail"
    __table_args__ = (CheckConstraint("amount >= 1", name="amount_from_one"),)

    since: Mapped[datetime] = internal(UtcDateTime, primary_key=True)
    cap: Mapped[Cap] = internal(String(20), primary_key=True)
    shard: Mapped[int] = internal(primary_key=True, autoincrement=False)
    amount: Mapped[int] = internal()


class BreakerTrip(Model):
    """An hour in which the cap over all mails was reached: who writes the row sounds the alarm."""

    __tablename__ = "outbox_breaker_trip"

    hour: Mapped[datetime] = internal(UtcDateTime, primary_key=True)


class MailAllowance(Model):
    """More mails for the addresses of a network, or for everybody while an announced opening lasts."""

    __tablename__ = "outbox_allowance"
    __table_args__ = (
        CheckConstraint("per_hour >= 1", name="per_hour_from_one"),
        CheckConstraint("starts_at IS NULL OR ends_at IS NULL OR starts_at < ends_at", name="window_in_order"),
        CheckConstraint("network <> '' OR (starts_at IS NOT NULL AND ends_at IS NOT NULL)", name="everywhere_has_window"),
    )

    id: Mapped[int] = internal(BigId, primary_key=True)
    name: Mapped[str] = internal(String(120))
    # A network of an office or a venue, as 203.0.113.0/24 or 2001:db8::/48; '' is everywhere.
    network: Mapped[str] = internal(String(50), default="")
    starts_at: Mapped[datetime | None] = internal(UtcDateTime, nullable=True)
    ends_at: Mapped[datetime | None] = internal(UtcDateTime, nullable=True)
    per_hour: Mapped[int] = internal()
    note: Mapped[str] = internal(String(300), default="")


class SuppressedAddress(Model):
    """An address that gets no mail any more while nobody has confirmed it. Only its key is kept."""

    __tablename__ = "outbox_suppressed"
    # Without a term, and in no export: what stands there is the key of an address, which equals none.
    __table_args__ = (rows(column="address_key", by="address_key"),)

    address_key: Mapped[str] = personal(
        String(64),
        primary_key=True,
        purpose=N_("non scrivere più a chi ce lo ha chiesto"),
        seen_by=N_("nessuno"),
        keep=N_(
            "finché la persona non chiede di ricevere di nuovo messaggi; resta di proposito anche quando si cancella il resto"
        ),
        erase="allow_address",
    )
    reason: Mapped[SuppressReason] = internal(String(10))
    at: Mapped[datetime] = internal(UtcDateTime)


class StopLink(Model):
    """The link below a mail with which its owner says: no more. The link carries no address, and the row none either."""

    __tablename__ = "outbox_stop_link"
    __table_args__ = (Index(None, "address_key"), Index(None, "expires_at"), rows(after=timedelta(0), since=("expires_at",)))

    token_hash: Mapped[str] = internal(String(64), primary_key=True)
    address_key: Mapped[str] = personal(
        String(64),
        purpose=N_("sapere quale indirizzo non vuole altri messaggi quando si preme il pulsante"),
        seen_by=N_("nessuno"),
        keep=N_("30 giorni, o finché il collegamento non è usato"),
        erase="forget_expired",
    )
    expires_at: Mapped[datetime] = internal(UtcDateTime)
