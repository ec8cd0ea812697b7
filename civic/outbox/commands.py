"""Posting a mail, and forgetting one."""

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from civic.kernel.errors import Refused, Stale
from civic.kernel.text import N_, clean_line, clean_text
from civic.outbox import rules
from civic.outbox.models import MailText, OutboxMail


def post(session: Session, kind: str, *, key: str, to: str, values: dict[str, str], now: datetime) -> bool:
    """Write a mail to be sent after the commit; False when this key was already told."""
    if session.scalar(select(OutboxMail.id).where(OutboxMail.key == key)) is not None:
        return False
    words = session.get(MailText, kind) or rules.MAILS[kind]
    subject = clean_line(rules.fill(words.subject, values))[:250]
    mail = OutboxMail(
        key=key,
        kind=kind,
        to_address=to,
        subject=subject,
        body=clean_text(rules.fill(words.body, values)),
        created_at=now,
        not_before=now,
    )
    session.add(mail)
    session.flush()
    return True


def reword_mail(session: Session, kind: str, *, subject: str, body: str, version: int) -> None:
    """Change a mail's text. `version` is the one the editor saw, 0 for the default text.

    Raises Refused: for a `$name` the mail does not know, or lacks and needs. Raises Stale: when somebody changed it.
    """
    if unknown := rules.unknown_names(f"{subject}\n{body}", rules.MAILS[kind]):
        raise Refused(N_("Nel testo c'è un nome che non esiste: %(names)s."), field="body", names=", ".join(unknown))
    if missing := rules.missing_names(body, rules.MAILS[kind]):
        raise Refused(
            N_("Il testo deve contenere %(names)s, o il messaggio non serve a nulla."), field="body", names=", ".join(missing)
        )
    if version == 0 and session.get(MailText, kind) is None:
        session.add(MailText(kind=kind, subject=subject, body=body))
        return
    change = (
        update(MailText)
        .where(MailText.kind == kind, MailText.version == version)
        .values(subject=subject, body=body, version=version + 1)
        .returning(MailText.kind)
    )
    if session.execute(change).first() is None:
        raise Stale(N_("Qualcuno ha cambiato questo testo nel frattempo."))


def erase_person(session: Session, *, address: str) -> int:
    """Delete every mail to an address, sent or not. Returns how many."""
    gone = session.execute(delete(OutboxMail).where(OutboxMail.to_address == address).returning(OutboxMail.id))
    return len(gone.all())
