"""Delivering what waits, and deleting what was delivered or counted long ago."""

import logging
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.kernel.db import Database
from civic.outbox import rules
from civic.outbox.commands import forget_expired
from civic.outbox.mailer import Mailer
from civic.outbox.models import OutboxMail

log = logging.getLogger("civic.outbox")
_LEASE = timedelta(minutes=5)
_KEPT = timedelta(days=7)


def deliver(database: Database, mailer: Mailer, now: datetime, *, most: int = 50) -> int:
    """Deliver up to `most` mails; one that fails waits and is tried again. Returns how many left.

    Each mail is leased in a short transaction first, so that two workers never hold the database while a server talks.
    """
    sent = 0
    for mail in _lease(database, now, most):
        try:
            mailer.deliver(mail)
        except Exception:  # whatever is wrong with one mail or its server, the others must leave
            log.exception("mail %s was not delivered", mail.id)
            _settle(database, mail.id, now, delivered=False)
        else:
            _settle(database, mail.id, now, delivered=True)
            sent += 1
    return sent


def _lease(database: Database, now: datetime, most: int) -> list[OutboxMail]:
    """Take the mails that are due and put them out of others' reach for five minutes."""
    with database.writing() as session:
        due = (
            select(OutboxMail)
            .where(OutboxMail.sent_at.is_(None), OutboxMail.failed_at.is_(None), OutboxMail.not_before <= now)
            .order_by(OutboxMail.id)
            .limit(most)
            .with_for_update(skip_locked=True)
        )
        mails = list(session.scalars(due))
        for mail in mails:
            mail.not_before, mail.attempts = now + _LEASE, mail.attempts + 1
    return mails


def _settle(database: Database, mail_id: int, now: datetime, *, delivered: bool) -> None:
    with database.writing() as session:
        mail = session.get(OutboxMail, mail_id)
        if mail is None:
            return  # erased while it was on its way: the person is gone, and so is its row
        if delivered:
            mail.sent_at = now
        elif mail.attempts >= rules.MOST_ATTEMPTS:
            mail.failed_at = now
        else:
            mail.not_before = now + rules.pause_before(mail.attempts)


def purge_meters(session: Session, now: datetime) -> int:
    """Delete what was counted more than a day ago, and the stop links that ended. Returns how many mails and links."""
    return forget_expired(session, now=now)
