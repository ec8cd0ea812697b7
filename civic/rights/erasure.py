"""Forgetting a person across the areas that know her: each erases its own."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.city.commands import erase_person as erase_reports
from civic.contributions.commands.voices import erase_person as erase_voices
from civic.kernel.actor import Actor
from civic.kernel.errors import NotAllowed
from civic.kernel.persons import Person
from civic.outbox.commands import erase_person as erase_mail
from civic.people.commands.citizens import CITIZENRY
from civic.people.commands.citizens import erase_person as erase_citizen_account
from civic.people.commands.staff import ERASED_NAME
from civic.people.commands.staff import erase_person as erase_staff_account
from civic.people.models import Citizen, MailLink, StaffAccount
from civic.people.permits import may_manage_accounts
from civic.people.queries.citizens import person_of
from civic.people.rules import UNUSED_KEPT
from civic.planning.commands.drafts import erase_person as erase_drafts
from civic.quality.commands.ratings import erase_person as erase_ratings

CLOSED_KEPT = timedelta(days=730)
# From above downwards: who stands on an account forgets before the account goes. A test fails when an area is missing.
STAFF_AREAS: tuple[Callable[..., object], ...] = (
    erase_ratings,
    erase_voices,
    erase_drafts,
    erase_reports,
    erase_mail,
    erase_staff_account,
)
CITIZEN_AREAS: tuple[Callable[..., object], ...] = (erase_ratings, erase_voices, erase_reports, erase_mail)


def erase_citizen(session: Session, citizen: Citizen, *, now: datetime, who: Actor | None = None) -> None:
    """Erase a citizen and all that can be found of her; `who` is the operator, when not she herself."""
    asked = session.scalars(select(MailLink.email).where(MailLink.citizen_id == citizen.id))
    known = person_of(citizen)
    person = replace(known, addresses=(*known.addresses, *asked))
    for forget in CITIZEN_AREAS:
        forget(session, person, now=now)
    erase_citizen_account(session, person, now=now, who=who or CITIZENRY)


def erase_staff(session: Session, who: Actor, account: StaffAccount, *, now: datetime) -> None:
    """Erase name, address and secrets; what the person did stays, told by her office only. Raises NotAllowed."""
    if not may_manage_accounts(who):
        raise NotAllowed
    _erase_staff(session, account, now)


def erase_long_closed(session: Session, now: datetime) -> int:
    """Erase the staff accounts that were closed more than 24 months ago. Returns how many; a job."""
    closed = select(StaffAccount).where(StaffAccount.disabled_at < now - CLOSED_KEPT, StaffAccount.name != ERASED_NAME)
    accounts = list(session.scalars(closed))
    for account in accounts:
        _erase_staff(session, account, now)
    return len(accounts)


def erase_unused(session: Session, now: datetime) -> int:
    """Erase the citizens who have not entered for 24 months, at most 500 at a time. Returns how many; a job."""
    unused = select(Citizen).where(Citizen.last_seen_at < now - UNUSED_KEPT).order_by(Citizen.id).limit(500)
    citizens = list(session.scalars(unused))
    for citizen in citizens:
        erase_citizen(session, citizen, now=now)
    return len(citizens)


def _erase_staff(session: Session, account: StaffAccount, now: datetime) -> None:
    person = Person(account.ref, (account.email,))
    for forget in STAFF_AREAS:
        forget(session, person, now=now)
