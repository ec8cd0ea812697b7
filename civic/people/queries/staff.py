"""Reading accounts, sessions and links."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session, selectinload

from civic.city.models import Office
from civic.city.queries import ente_name
from civic.kernel.actor import Actor, ActorKind, HeldGrant, Scope, ScopeKind
from civic.kernel.codes import fingerprint
from civic.kernel.errors import Missing
from civic.kernel.keys import unseal
from civic.kernel.permissions import Permission
from civic.people import rules
from civic.people.models import Grant, OneTimeLink, RecoveryCode, SignInThrottle, StaffAccount, StaffSession
from civic.web.town import Recognised


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One account as the administration's list shows it."""

    id: int
    name: str
    email: str
    office: str
    role: str
    disabled: bool
    has_password: bool
    second_step: bool


def _actor(account: StaffAccount, label: str) -> Actor:
    known = set(Permission)
    grants = frozenset(
        HeldGrant(Permission(g.permission), Scope(ScopeKind(g.scope_kind), g.scope_ref))
        for g in account.grants
        if g.permission in known
    )
    return Actor(kind=ActorKind.STAFF, ref=account.ref, name=account.name, label=label, grants=grants)


def recognise(session: Session, key: str, now: datetime) -> Recognised | None:
    """Return the person behind a session's key; None when it ended or the account is disabled."""
    row = session.execute(
        select(StaffSession, StaffAccount, Office.name)
        .join(StaffAccount, StaffAccount.id == StaffSession.account_id)
        .outerjoin(Office, Office.code == StaffAccount.office_code)
        .where(StaffSession.key_hash == fingerprint(key), StaffAccount.disabled_at.is_(None))
        .options(selectinload(StaffAccount.grants))
    ).first()
    if row is None:
        return None
    found, account, office = row
    if not rules.session_is_open(created_at=found.created_at, last_seen_at=found.last_seen_at, ends_at=found.ends_at, now=now):
        return None
    return Recognised(_actor(account, office or ente_name(session)), now - found.last_seen_at > rules.TOUCH_EVERY)


def token_of(session: Session, key: str) -> tuple[str, str]:
    """Return (provider, its token) of a session that a directory began, to sign out there too; "" where there is none."""
    found = session.get(StaffSession, fingerprint(key))
    return (found.provider, unseal(key, found.sealed_token)) if found else ("", "")


def actor_of(session: Session, account: StaffAccount) -> Actor:
    """Return the actor that an account is, without a session: for command-line work in a person's name."""
    office = session.get(Office, account.office_code) if account.office_code else None
    return _actor(account, office.name if office else ente_name(session))


def account_by_email(session: Session, email: str) -> StaffAccount | None:
    """Return the account of an address, None when there is none."""
    return session.scalar(select(StaffAccount).where(StaffAccount.email == email.strip().lower()))


def account(session: Session, account_id: int) -> StaffAccount:
    """Return one account with its grants. Raises Missing."""
    found = session.get(StaffAccount, account_id, options=[selectinload(StaffAccount.grants)])
    if found is None:
        raise Missing
    return found


def account_of(session: Session, who: Actor) -> StaffAccount:
    """Return the account of the person who is acting. Raises Missing."""
    found = session.scalar(select(StaffAccount).where(StaffAccount.ref == who.ref))
    if found is None:
        raise Missing
    return found


def accounts(session: Session) -> list[AccountRow]:
    """List all accounts by name."""
    query = (
        select(StaffAccount, Office.name).outerjoin(Office, Office.code == StaffAccount.office_code).order_by(StaffAccount.name)
    )
    return [
        AccountRow(
            a.id,
            a.name,
            a.email,
            office or "",
            a.role,
            a.disabled_at is not None,
            bool(a.password_hash),
            a.totp_confirmed_at is not None,
        )
        for a, office in session.execute(query)
    ]


def names_by_ref(session: Session, refs: Sequence[str]) -> dict[str, str]:
    """Map person refs to names, for the register's readers."""
    rows = session.execute(select(StaffAccount.ref, StaffAccount.name).where(StaffAccount.ref.in_(refs)))
    return {row.ref: row.name for row in rows}


def link_owner(session: Session, token: str, now: datetime) -> StaffAccount | None:
    """Return the account whose one-time link this is; None when it is spent, expired or unknown."""
    return session.scalar(
        select(StaffAccount)
        .join(OneTimeLink, OneTimeLink.account_id == StaffAccount.id)
        .where(
            OneTimeLink.token_hash == fingerprint(token),
            OneTimeLink.used_at.is_(None),
            OneTimeLink.expires_at > now,
            StaffAccount.disabled_at.is_(None),
            StaffAccount.directory == "",
        )
    )


def is_throttled(session: Session, email: str, now: datetime) -> bool:
    """Say whether sign-in with this address is paused."""
    row = session.get(SignInThrottle, fingerprint(email.strip().lower()))
    return row is not None and rules.is_blocked(failures=row.failures, since=row.since, now=now)


def recovery_codes_left(session: Session, account_id: int) -> int:
    """Count the recovery codes that were not used yet."""
    unused = select(func.count()).where(RecoveryCode.account_id == account_id, RecoveryCode.used_at.is_(None))
    return session.scalar(unused) or 0


def mailboxes_for(session: Session, permission: Permission, *scopes: Scope) -> Sequence[tuple[str, str]]:
    """List (ref, address) of active staff who hold a permission everywhere or within one of the scopes."""
    within = or_(Grant.scope_kind == ScopeKind.ALL, *((Grant.scope_kind == s.kind) & (Grant.scope_ref == s.ref) for s in scopes))
    held = exists().where(Grant.account_id == StaffAccount.id, Grant.permission == permission, within)
    query = select(StaffAccount.ref, StaffAccount.email).where(held, StaffAccount.disabled_at.is_(None))
    return [(row.ref, row.email) for row in session.execute(query.order_by(StaffAccount.id))]


def mailbox_of(session: Session, ref: str) -> str | None:
    """Return the address of an active member of staff, None when there is none."""
    active = select(StaffAccount.email).where(StaffAccount.ref == ref, StaffAccount.disabled_at.is_(None))
    return session.scalar(active)
