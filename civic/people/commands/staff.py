"""Accounts, grants, passwords, sessions. Hashing is done by the caller, outside the transaction."""

import secrets
from datetime import datetime

import pyotp
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from civic.city.models import Office, Provider, Quartiere
from civic.journal.commands import forget_author, record
from civic.kernel.actor import Actor, Scope, ScopeKind
from civic.kernel.codes import fingerprint, receipt_code, token
from civic.kernel.db import is_added, refusing
from civic.kernel.errors import Missing, NotAllowed, Refused
from civic.kernel.keys import seal
from civic.kernel.permissions import Permission
from civic.kernel.persons import Person
from civic.kernel.text import N_, is_mail_address
from civic.outbox.commands import post
from civic.people import permits, rules
from civic.people.models import (
    Batch,
    CitizenSession,
    Grant,
    OneTimeLink,
    RecoveryCode,
    SignInThrottle,
    StaffAccount,
    StaffSession,
)
from civic.people.queries.staff import account as account_by_id

ERASED_NAME = "(cancellato)"


def _require(allowed: bool) -> None:
    if not allowed:
        raise NotAllowed


def add_account(
    session: Session,
    who: Actor,
    *,
    email: str,
    name: str,
    role: str,
    office_code: str | None,
    now: datetime,
    scope_ref: str = "",
) -> StaffAccount:
    """Add a member of staff with the grants of a role.

    A role of an office holds for `office_code`; one of a quartiere or provider for `scope_ref`, its code. Raises Refused:
    for an address in use, an unknown role, or a role that needs to know for what it holds and is not told.
    """
    _require(permits.may_manage_accounts(who))
    if not is_mail_address(email.strip()):
        raise Refused(N_("L'indirizzo di posta non è completo: controlla, per esempio nome@esempio.it."), field="email")
    if role not in rules.ROLES:
        raise Refused(N_("Scegli un ruolo dall'elenco."), field="role")
    scope = scope_of_role(session, role, office_code=office_code or "", scope_ref=scope_ref)
    account = StaffAccount(
        ref=f"staff-{secrets.token_hex(8)}",
        email=email.strip().lower(),
        name=name,
        role=role,
        office_code=office_code or None,
        created_at=now,
    )
    account.grants = grants_of(role, scope.ref)
    taken = Refused(N_("C'è già un accesso con questo indirizzo."), field="email")
    with refusing(session, {"uq_people_account_email": taken}):
        session.add(account)
    record(session, who, "people.account_invited", subject=("account", account.ref), now=now, facts={"role": role})
    return account


def scope_of_role(session: Session, role: str, *, office_code: str, scope_ref: str) -> Scope:
    """Return what a role holds for. Raises Refused: when the role needs one and it is missing or does not exist."""
    kind = rules.ROLES[role].scope
    if kind is ScopeKind.OFFICE and not office_code:
        raise Refused(N_("Questo ruolo vale per un ufficio: scegli quale."), field="office_code")
    if kind is ScopeKind.QUARTIERE and session.get(Quartiere, scope_ref) is None:
        raise Refused(N_("Questo ruolo vale per un quartiere: scegli quale."), field="scope_ref")
    if kind is ScopeKind.PROVIDER and session.get(Provider, scope_ref) is None:
        raise Refused(N_("Questo ruolo vale per un gestore: scegli quale."), field="scope_ref")
    refs = {ScopeKind.OFFICE: office_code, ScopeKind.QUARTIERE: scope_ref, ScopeKind.PROVIDER: scope_ref}
    return Scope(kind, refs.get(kind, ""))


def grants_of(role: str, ref: str) -> list[Grant]:
    """List the grants of a role for one office, quartiere or provider, "" for everything."""
    bundle = rules.ROLES[role]
    return [Grant(permission=p, scope_kind=bundle.scope, scope_ref=ref) for p in bundle.permissions]


def send_invitation(session: Session, account: StaffAccount, *, link: str, site: str, now: datetime) -> None:
    """Mail a link to choose the first password; `link` has `%s` in the place of the token."""
    _mail_link(session, account, "invite", link=link, site=site, now=now)


def send_reset(session: Session, account: StaffAccount, *, link: str, site: str, now: datetime) -> None:
    """Mail a link to choose a new password."""
    _mail_link(session, account, "reset", link=link, site=site, now=now)


def _mail_link(session: Session, account: StaffAccount, purpose: str, *, link: str, site: str, now: datetime) -> None:
    secret = token()
    session.add(
        OneTimeLink(
            token_hash=fingerprint(secret),
            account_id=account.id,
            purpose=purpose,
            expires_at=now + rules.LINK_TERMS[purpose],
        )
    )
    kind = {"invite": "people.invited", "reset": "people.password_reset"}[purpose]
    values = {"name": account.name, "link": link % secret, "site": site}
    post(session, kind, key=f"{kind}:{fingerprint(secret)[:32]}", to=account.email, values=values, now=now)


def spend_link(session: Session, secret: str, *, password_hash: str, now: datetime) -> StaffAccount:
    """Set the password that a one-time link allows, end every session of the account, and spend the link.

    Raises Refused: when the link is spent, expired or unknown.
    """
    spent = (
        update(OneTimeLink)
        .where(OneTimeLink.token_hash == fingerprint(secret), OneTimeLink.used_at.is_(None), OneTimeLink.expires_at > now)
        .values(used_at=now)
        .returning(OneTimeLink.account_id)
    )
    account_id = session.scalar(spent)
    if account_id is None:
        raise Refused(N_("Questo collegamento è già stato usato o è scaduto: chiedine un altro."))
    account = session.get_one(StaffAccount, account_id)
    set_password(session, account, password_hash=password_hash, now=now)
    return account


def set_password(session: Session, account: StaffAccount, *, password_hash: str, now: datetime) -> None:
    """Set a password, end every session of the account, and spend the links that would set another."""
    account.password_hash = password_hash
    session.execute(delete(StaffSession).where(StaffSession.account_id == account.id))
    open_links = update(OneTimeLink).where(OneTimeLink.account_id == account.id, OneTimeLink.used_at.is_(None))
    session.execute(open_links.values(used_at=now))
    own = Actor(ref=account.ref, label="personale")
    record(session, own, "people.password_chosen", subject=("account", account.ref), now=now, facts={})


def note_failure(session: Session, email: str, *, now: datetime) -> None:
    """Count a failed sign-in for an address, known or not."""
    key = fingerprint(email.strip().lower())
    row = session.get(SignInThrottle, key, with_for_update=True)
    if row is None:
        if is_added(session, SignInThrottle(key_hash=key, failures=1, since=now)):
            return
        row = session.get_one(SignInThrottle, key, with_for_update=True)
    if now - row.since >= rules.FAILURES_WINDOW:
        row.failures, row.since = 1, now
    else:
        row.failures += 1


def open_session(
    session: Session, account_id: int, *, now: datetime, instead_of: str = "", provider: str = "", id_token: str = ""
) -> str:
    """Open a session in place of the one the browser held, forget the failures, and return the new session's key."""
    account = session.get_one(StaffAccount, account_id)
    session.execute(delete(SignInThrottle).where(SignInThrottle.key_hash == fingerprint(account.email)))
    if instead_of:
        close_session(session, instead_of)
    key = token()
    session.add(
        StaffSession(
            key_hash=fingerprint(key),
            account_id=account_id,
            provider=provider,
            sealed_token=seal(key, id_token) if id_token else "",
            created_at=now,
            last_seen_at=now,
            ends_at=now + rules.ABSOLUTE,
        )
    )
    return key


def close_session(session: Session, key: str) -> None:
    """End a session for good, of staff or of a citizen: its cookie opens nothing any more."""
    for table in (StaffSession, CitizenSession):
        session.execute(delete(table).where(table.key_hash == fingerprint(key)))


def touch(session: Session, key: str, now: datetime) -> None:
    """Mark a session as seen."""
    session.execute(update(StaffSession).where(StaffSession.key_hash == fingerprint(key)).values(last_seen_at=now))


def begin_second_step(session: Session, account: StaffAccount) -> str:
    """Give the account a new secret for its second step, not asked for until it is confirmed. Returns the secret."""
    account.totp_secret, account.totp_confirmed_at, account.totp_last_step = pyotp.random_base32(), None, 0
    return account.totp_secret


def confirm_second_step(session: Session, account: StaffAccount, code: str, *, now: datetime) -> list[str]:
    """Turn the second step on with a first good code. Returns the recovery codes, shown once and kept as fingerprints.

    Raises Refused: when the code is not good.
    """
    if not check_code(session, account, code, now=now, pending=True):
        raise Refused(
            N_("Il codice non corrisponde: controlla l'ora del telefono e scrivi quello che vedi adesso."), field="code"
        )
    account.totp_confirmed_at = now
    codes = [receipt_code(groups=2, size=5) for _ in range(rules.RECOVERY_CODES)]
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))
    session.add_all(RecoveryCode(account_id=account.id, code_hash=fingerprint(c)) for c in codes)
    _second_step_changed(session, account, on=True, now=now)
    return codes


def drop_second_step(session: Session, account: StaffAccount, *, now: datetime) -> None:
    """Turn the second step off."""
    account.totp_secret, account.totp_confirmed_at = "", None
    session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))
    _second_step_changed(session, account, on=False, now=now)


def _second_step_changed(session: Session, account: StaffAccount, *, on: bool, now: datetime) -> None:
    own = Actor(ref=account.ref, label="personale")
    record(session, own, "people.second_step_changed", subject=("account", account.ref), now=now, facts={"on": on})


def check_code(session: Session, account: StaffAccount, code: str, *, now: datetime, pending: bool = False) -> bool:
    """Say whether a code of the second step is good, and spend it: an authenticator's code or a recovery code."""
    text = code.replace(" ", "")
    if not account.totp_secret or (account.totp_confirmed_at is None and not pending):
        return False
    step = int(now.timestamp()) // 30
    for candidate in (step, step - 1, step + 1):
        good = secrets.compare_digest(pyotp.TOTP(account.totp_secret).at(candidate * 30).encode(), text.encode())
        if good and candidate > account.totp_last_step:
            account.totp_last_step = candidate
            return True
    return _spend_recovery_code(session, account, code, now=now)


def _spend_recovery_code(session: Session, account: StaffAccount, code: str, *, now: datetime) -> bool:
    unused = (RecoveryCode.account_id == account.id, RecoveryCode.used_at.is_(None))
    mine = update(RecoveryCode).where(*unused, RecoveryCode.code_hash == fingerprint(code.strip().upper()))
    return session.execute(mine.values(used_at=now).returning(RecoveryCode.id)).first() is not None


def give_grant(session: Session, who: Actor, account_id: int, permission: Permission, scope: Scope, *, now: datetime) -> None:
    """Give an account one permission within one scope."""
    _require(permits.may_manage_accounts(who))
    account = account_by_id(session, account_id)
    if scope.kind is not ScopeKind.ALL and permission not in rules.SCOPED:
        raise Refused(N_("Questo permesso vale per tutto o per niente: non si può dare per una parte sola."), field="scope_kind")
    if scope.kind is ScopeKind.OFFICE and session.get(Office, scope.ref) is None:
        raise Refused(N_("Scegli un ufficio che esiste."), field="scope_ref")
    grant = Grant(account_id=account.id, permission=permission, scope_kind=scope.kind, scope_ref=scope.ref)
    has = Refused(N_("Questa persona ha già questo permesso."), field="permission")
    with refusing(session, {"uq_people_grant_account_id_permission_scope_kind_scope_ref": has}):
        session.add(grant)
    end_sessions(session, account)
    facts = {"permission": permission, "scope": f"{scope.kind}:{scope.ref}"}
    record(session, who, "people.grant_given", subject=("account", account.ref), now=now, facts=facts)


def take_grant(session: Session, who: Actor, grant_id: int, *, now: datetime) -> int:
    """Take a permission away; open sessions of the person end, so that nothing old goes on. Returns whose it was.

    Raises Refused: when it would leave nobody who can manage accounts.
    """
    _require(permits.may_manage_accounts(who))
    grant = session.get(Grant, grant_id)
    if grant is None:
        raise Missing
    if grant.permission == Permission.PEOPLE_ACCOUNT_MANAGE:
        _keep_one_manager(session, besides=grant.account_id)
    account = account_by_id(session, grant.account_id)
    facts = {"permission": grant.permission, "scope": f"{grant.scope_kind}:{grant.scope_ref}"}
    account.grants.remove(grant)
    end_sessions(session, account)
    record(session, who, "people.grant_taken", subject=("account", account.ref), now=now, facts=facts)
    return account.id


def disable_account(session: Session, who: Actor, account_id: int, *, now: datetime) -> None:
    """Close an account: its sessions end at once."""
    _require(permits.may_manage_accounts(who))
    account = account_by_id(session, account_id)
    _keep_one_manager(session, besides=account.id)
    account.disabled_at = now
    end_sessions(session, account)
    record(session, who, "people.account_disabled", subject=("account", account.ref), now=now, facts={})


def enable_account(session: Session, who: Actor, account_id: int, *, now: datetime) -> None:
    """Open a closed account again."""
    _require(permits.may_manage_accounts(who))
    account = account_by_id(session, account_id)
    account.disabled_at = None
    record(session, who, "people.account_enabled", subject=("account", account.ref), now=now, facts={})


def end_sessions(session: Session, account: StaffAccount) -> None:
    """End every session of an account: nothing old goes on after its rights change."""
    session.execute(delete(StaffSession).where(StaffSession.account_id == account.id))


def _keep_one_manager(session: Session, *, besides: int) -> None:
    """Refuse to leave nobody who manages accounts. All managers are locked in one order: two who remove each other wait."""
    managers = (
        select(Grant.account_id)
        .join(StaffAccount, StaffAccount.id == Grant.account_id)
        .where(Grant.permission == Permission.PEOPLE_ACCOUNT_MANAGE, StaffAccount.disabled_at.is_(None))
        .order_by(Grant.id)
        .with_for_update(of=[Grant, StaffAccount])
    )
    if not set(session.scalars(managers)) - {besides}:
        raise Refused(N_("Resterebbe nessuno a gestire gli accessi: dai prima il permesso a un'altra persona."))


def erase_person(session: Session, person: Person, *, now: datetime) -> None:
    """Erase a member of staff who has left: name, address, secrets; what she did stays, told by her office only."""
    account = session.scalar(select(StaffAccount).where(StaffAccount.ref == person.ref))
    if account is None:
        return
    forget_author(session, author_ref=person.ref)
    session.execute(update(Batch).where(Batch.operator_ref == person.ref).values(operator_ref=""))
    for table in (StaffSession, RecoveryCode, OneTimeLink, Grant):
        session.execute(delete(table).where(table.account_id == account.id))
    account.email, account.name = f"{person.ref}@cancellato.invalid", ERASED_NAME
    account.password_hash = account.totp_secret = ""
    account.directory_key = None
    account.disabled_at = account.disabled_at or now
