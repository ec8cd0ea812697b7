"""Erasing a member of staff who has left, across the areas that know her: each erases its own."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.city.commands import erase_person as erase_reports
from civic.kernel.actor import Actor
from civic.kernel.errors import NotAllowed
from civic.people.commands import ERASED_NAME
from civic.people.commands import erase_person as erase_account
from civic.people.models import StaffAccount
from civic.people.permits import may_manage_accounts
from civic.planning.commands.drafts import erase_person as erase_drafts

CLOSED_KEPT = timedelta(days=730)


def erase_staff(session: Session, who: Actor, account: StaffAccount, *, now: datetime) -> None:
    """Erase name, address and secrets; what the person did stays, told by her office only. Raises NotAllowed."""
    if not may_manage_accounts(who):
        raise NotAllowed
    _erase(session, account, now)


def erase_long_closed(session: Session, now: datetime) -> int:
    """Erase the accounts that were closed more than 24 months ago. Returns how many; a job."""
    closed = select(StaffAccount).where(StaffAccount.disabled_at < now - CLOSED_KEPT, StaffAccount.name != ERASED_NAME)
    accounts = list(session.scalars(closed))
    for account in accounts:
        _erase(session, account, now)
    return len(accounts)


def _erase(session: Session, account: StaffAccount, now: datetime) -> None:
    erase_reports(session, address=account.email)
    erase_drafts(session, ref=account.ref)
    erase_account(session, ref=account.ref, now=now)
