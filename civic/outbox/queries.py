"""Reading mail texts and the state of the queue."""

from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civic.kernel.codes import fingerprint
from civic.outbox import rules
from civic.outbox.models import CappedMail, MailAllowance, MailText, MeteredMail, OutboxMail, StopLink, SuppressedAddress


@dataclass(frozen=True, slots=True)
class MailTextRow:
    """A mail's words now; version 0 is the default text."""

    kind: str
    label: str
    subject: str
    body: str
    names: tuple[str, ...]
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueState:
    """The queue and what holds mails back, at one moment; `metered_hour` are mails to unconfirmed addresses."""

    waiting: int
    failed: int
    metered_hour: int
    suppressed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CapRow:
    """A cap in force, and how many mails it held back; the hour reaches back up to ten minutes more."""

    cap: rules.Cap
    label: str
    most: int
    capped_hour: int
    capped_day: int


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


def queue_state(session: Session, now: datetime) -> QueueState:
    """Count what waits, what was given up in the last seven days, what left within the hour, and who wants no more."""
    return QueueState(
        waiting=waiting_count(session),
        failed=session.scalar(select(func.count()).where(OutboxMail.failed_at.is_not(None))) or 0,
        metered_hour=session.scalar(select(func.count()).where(MeteredMail.first, MeteredMail.at >= now - rules.HOUR)) or 0,
        suppressed=session.scalar(select(func.count()).select_from(SuppressedAddress)) or 0,
    )


def cap_rows(session: Session, caps: rules.Caps, now: datetime) -> list[CapRow]:
    """List the caps as they are for an address without an allowance, with what they held back."""
    in_force = rules.caps_in_force(caps, allowances(session), "", now)
    hour, day = (_capped_since(session, now - span) for span in (rules.HOUR, rules.DAY))
    amounts = {rules.Cap.ALL_HOUR: in_force.all_hour} | {
        rules.Cap(f.name.removeprefix("per_")): getattr(in_force, f.name) for f in fields(in_force) if f.name != "all_hour"
    }
    return [
        CapRow(cap=cap, label=label, most=amounts[cap], capped_hour=hour.get(cap, 0), capped_day=day.get(cap, 0))
        for cap, label in rules.CAP_LABELS.items()
    ]


def _capped_since(session: Session, since: datetime) -> dict[str, int]:
    counted = select(CappedMail.cap, func.sum(CappedMail.amount)).where(CappedMail.since >= rules.capped_slot(since))
    return {cap: int(amount) for cap, amount in session.execute(counted.group_by(CappedMail.cap))}


def allowances(session: Session) -> list[rules.Allowance]:
    """List the allowances, those that ended too, the latest added first."""
    query = select(MailAllowance).order_by(MailAllowance.id.desc())
    return [rules.Allowance(**{f.name: getattr(a, f.name) for f in fields(rules.Allowance)}) for a in session.scalars(query)]


def is_stop_link_good(session: Session, secret: str, now: datetime) -> bool:
    """Say whether a stop link was neither used nor has ended."""
    good = select(StopLink.token_hash).where(StopLink.token_hash == fingerprint(secret), StopLink.expires_at > now)
    return session.scalar(good) is not None
