"""Staff who sign in through the ente's own directory: their account follows its groups."""

import secrets
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.journal.commands import record
from civic.kernel.actor import system
from civic.kernel.db import refusing
from civic.kernel.errors import Refused
from civic.kernel.text import N_, is_mail_address
from civic.people.commands.staff import end_sessions, grants_of, scope_of_role
from civic.people.models import Grant, StaffAccount
from civic.people.providers import GroupGrant

NO_GROUP = N_("Nessuno dei tuoi gruppi dà accesso alla scrivania: chiedi a chi amministra gli accessi.")


def account_from_directory(
    session: Session,
    *,
    directory: str,
    directory_key: str,
    email: str,
    name: str,
    gives: Iterable[GroupGrant],
    now: datetime,
) -> StaffAccount | None:
    """Return the account of a person of the directory, made the first time, with exactly the grants that her groups give.

    When they changed since the last time, her open sessions end. None when no group gives anything: what she held is gone.
    Raises Refused: when the account was closed here, or its address belongs to an account that was made here.
    """
    given = list(gives)
    account = session.scalar(select(StaffAccount).where(StaffAccount.directory_key == directory_key))
    if not given:
        if account is not None:
            _follow_groups(session, account, given, now)
        return None
    if account is None:
        account = _new_account(session, directory, directory_key, email=email, name=name, now=now)
    if account.disabled_at is not None:
        raise Refused(N_("Questo accesso è chiuso: chiedi a chi amministra gli accessi."))
    account.name, account.role = name or account.name, given[0].role
    _follow_groups(session, account, given, now)
    return account


def _new_account(session: Session, directory: str, directory_key: str, *, email: str, name: str, now: datetime) -> StaffAccount:
    if not is_mail_address(email):
        raise Refused(N_("L'elenco del personale non dice il tuo indirizzo di posta: chiedi a chi lo gestisce."))
    account = StaffAccount(
        ref=f"staff-{secrets.token_hex(8)}",
        email=email,
        name=name or email,
        directory=directory,
        directory_key=directory_key,
        created_at=now,
    )
    taken = Refused(N_("C'è già un accesso con il tuo indirizzo, fatto qui: entra con quello, o chiedi di chiuderlo."))
    with refusing(session, {"uq_people_account_email": taken}):
        session.add(account)
    record(session, system(directory), "people.account_invited", subject=("account", account.ref), now=now, facts={})
    return account


def _follow_groups(session: Session, account: StaffAccount, given: list[GroupGrant], now: datetime) -> None:
    wanted = {_key(g): g for give in given for g in _grants(session, give)}
    held = {_key(g): g for g in account.grants}
    if wanted.keys() == held.keys():
        return
    account.grants = [held.get(key, grant) for key, grant in wanted.items()]
    end_sessions(session, account)
    who, subject = system(account.directory), ("account", account.ref)
    for kind, keys in (("people.grant_given", wanted.keys() - held.keys()), ("people.grant_taken", held.keys() - wanted.keys())):
        for permission, scope_kind, scope_ref in sorted(keys):
            facts = {"permission": permission, "scope": f"{scope_kind}:{scope_ref}"}
            record(session, who, kind, subject=subject, now=now, facts=facts)


def _grants(session: Session, give: GroupGrant) -> list[Grant]:
    return grants_of(give.role, scope_of_role(session, give.role, office_code=give.ref, scope_ref=give.ref).ref)


def _key(grant: Grant) -> tuple[str, str, str]:
    return (str(grant.permission), str(grant.scope_kind), grant.scope_ref)
