"""Reading mail texts and the state of the queue."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civic.outbox import rules
from civic.outbox.models import MailText, OutboxMail


@dataclass(frozen=True, slots=True)
class MailTextRow:
    """A mail's words now; version 0 is the default text."""

    kind: str
    label: str
    subject: str
    body: str
    names: tuple[str, ...]
    version: int


def mail_texts(session: Session) -> list[MailTextRow]:
    """List every kind of mail with its words now."""
    changed = {t.kind: t for t in session.scalars(select(MailText))}
    rows = []
    for kind, default in rules.MAILS.items():
        words = changed.get(kind)
        subject, body = (words.subject, words.body) if words else (default.subject, default.body)
        rows.append(MailTextRow(kind, default.label, subject, body, default.names, words.version if words else 0))
    return rows


def waiting_count(session: Session) -> int:
    """Count the mails that have not left yet."""
    waiting = select(func.count()).where(OutboxMail.sent_at.is_(None), OutboxMail.failed_at.is_(None))
    return session.scalar(waiting) or 0
