"""Accounts of staff, what they may do, and how they are signed in."""

from datetime import datetime, timedelta

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, relationship

from civic.kernel.actor import ScopeKind
from civic.kernel.db import BigId, Model, UtcDateTime
from civic.kernel.privacy import internal, personal, rows
from civic.kernel.text import N_
from civic.people.rules import FAILURES_WINDOW

_ACCOUNT = {
    "purpose": N_("dare accesso alla scrivania a chi lavora per l'ente"),
    "seen_by": N_("chi amministra gli accessi"),
    "keep": N_("finché l'accesso è attivo, poi 24 mesi"),
    "erase": "erase_person",
}


class StaffAccount(Model):
    """A member of staff. `ref` stands for the person everywhere else."""

    __tablename__ = "people_account"
    __table_args__ = (
        UniqueConstraint("ref"),
        UniqueConstraint("email"),
        UniqueConstraint("directory_key"),
        rows(column="ref", by="ref"),
    )

    id: Mapped[int] = internal(BigId, primary_key=True)
    ref: Mapped[str] = internal(String(40))
    # Lower case: two spellings of one address are one person.
    email: Mapped[str] = personal(String(254), **_ACCOUNT)
    name: Mapped[str] = personal(String(120), **_ACCOUNT)
    office_code: Mapped[str | None] = internal(ForeignKey("city_office.code"), nullable=True)
    role: Mapped[str] = internal(String(40), default="")
    password_hash: Mapped[str] = personal(String(200), default="", **_ACCOUNT)
    totp_secret: Mapped[str] = personal(String(64), default="", **_ACCOUNT)
    totp_confirmed_at: Mapped[datetime | None] = internal(UtcDateTime, nullable=True)
    # The last 30-second step whose code was used: a code opens once.
    totp_last_step: Mapped[int] = internal(default=0)
    # The directory that this account comes from, '' for one made here; its grants follow the directory's groups.
    directory: Mapped[str] = internal(String(40), default="", server_default="")
    directory_key: Mapped[str | None] = personal(String(64), nullable=True, **_ACCOUNT)
    disabled_at: Mapped[datetime | None] = internal(UtcDateTime, nullable=True)
    created_at: Mapped[datetime] = internal(UtcDateTime)

    grants: Mapped[list["Grant"]] = relationship(order_by="Grant.permission", cascade="all, delete-orphan")


class Grant(Model):
    """One permission within one scope."""

    __tablename__ = "people_grant"
    __table_args__ = (UniqueConstraint("account_id", "permission", "scope_kind", "scope_ref"),)

    id: Mapped[int] = internal(BigId, primary_key=True)
    account_id: Mapped[int] = internal(ForeignKey("people_account.id"))
    permission: Mapped[str] = internal(String(60))
    scope_kind: Mapped[ScopeKind] = internal(String(20), default=ScopeKind.ALL)
    scope_ref: Mapped[str] = internal(String(60), default="")


class RecoveryCode(Model):
    """A code that opens once in the place of the second step."""

    __tablename__ = "people_recovery_code"
    __table_args__ = (UniqueConstraint("account_id", "code_hash"), rows(after=timedelta(days=730), since=("used_at",)))

    id: Mapped[int] = internal(BigId, primary_key=True)
    account_id: Mapped[int] = internal(ForeignKey("people_account.id"))
    code_hash: Mapped[str] = personal(String(64), **_ACCOUNT)
    used_at: Mapped[datetime | None] = internal(UtcDateTime, nullable=True)


class StaffSession(Model):
    """A signed-in session; the cookie holds the key, the database its fingerprint."""

    __tablename__ = "people_session"
    __table_args__ = (Index(None, "account_id"), Index(None, "ends_at"), rows(after=timedelta(0), since=("ends_at",)))

    key_hash: Mapped[str] = internal(String(64), primary_key=True)
    account_id: Mapped[int] = internal(ForeignKey("people_account.id"))
    # The directory's token, for signing out there too; sealed with the cookie's key, which is not in the database.
    provider: Mapped[str] = internal(String(40), default="", server_default="")
    sealed_token: Mapped[str] = personal(Text, default="", server_default="", **_ACCOUNT)
    created_at: Mapped[datetime] = internal(UtcDateTime)
    last_seen_at: Mapped[datetime] = internal(UtcDateTime)
    ends_at: Mapped[datetime] = internal(UtcDateTime)


class OneTimeLink(Model):
    """A link from a mail: choose a first password, or a new one. Opens once."""

    __tablename__ = "people_one_time_link"
    __table_args__ = (
        CheckConstraint("purpose IN ('invite', 'reset')", name="known_purpose"),
        rows(after=timedelta(0), since=("expires_at",)),
    )

    token_hash: Mapped[str] = internal(String(64), primary_key=True)
    account_id: Mapped[int] = internal(ForeignKey("people_account.id"))
    purpose: Mapped[str] = internal(String(10))
    expires_at: Mapped[datetime] = internal(UtcDateTime)
    used_at: Mapped[datetime | None] = internal(UtcDateTime, nullable=True)


class SignInThrottle(Model):
    """Failed sign-ins for one address, known or not; kept by fingerprint."""

    __tablename__ = "people_throttle"
    __table_args__ = rows(after=FAILURES_WINDOW, since=("since",))

    key_hash: Mapped[str] = internal(String(64), primary_key=True)
    failures: Mapped[int] = internal(default=0)
    since: Mapped[datetime] = internal(UtcDateTime)
