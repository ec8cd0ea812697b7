"""Writing into the register. `record` is the only door to it."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from civic.journal import rules
from civic.journal.models import ChainHead, ChainLink, JournalEntry
from civic.kernel.actor import Actor
from civic.kernel.clock import civil_day

AUTHOR_KEPT = timedelta(days=730)
_CHAIN_LOCK = 0x636976  # pg_advisory_xact_lock: one writer of the chain at a time


def record(
    session: Session, who: Actor, kind: str, *, subject: tuple[str, str], now: datetime, facts: dict[str, Any]
) -> JournalEntry:
    """Write what happened, in the caller's transaction; chain it when its kind is in `rules.CHAINED`.

    `facts` are public values (text, whole numbers, null) and hold no personal data; decimals go in as text.
    """
    salt = secrets.token_hex(16)
    entry = JournalEntry(
        happened_at=now,
        kind=kind,
        subject_kind=subject[0],
        subject_ref=subject[1],
        voice=who.label,
        facts=facts,
        author_seal=rules.author_seal(who.ref, salt),
        author_ref=who.ref or None,
        author_salt=salt,
    )
    session.add(entry)
    session.flush()
    if kind in rules.CHAINED:
        _chain(session, entry)
    return entry


def _chain(session: Session, entry: JournalEntry) -> None:
    """Add the entry as the next link. SQLite has one writer anyway; PostgreSQL takes a transaction lock."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": _CHAIN_LOCK})
    last = session.execute(select(ChainLink.seq, ChainLink.hash).order_by(ChainLink.seq.desc()).limit(1)).first()
    seq, previous = (last.seq + 1, last.hash) if last else (1, rules.GENESIS)
    session.add(ChainLink(seq=seq, entry_id=entry.id, hash=rules.link_hash(previous, seq, canonical_of(entry))))
    session.flush()


def canonical_of(entry: JournalEntry) -> str:
    """Write the canonical text of a stored entry."""
    return rules.canonical(
        kind=entry.kind,
        subject_kind=entry.subject_kind,
        subject_ref=entry.subject_ref,
        voice=entry.voice,
        happened_at=entry.happened_at,
        facts=entry.facts,
        author_seal=entry.author_seal,
    )


def publish_head(session: Session, *, now: datetime) -> ChainHead | None:
    """Set today's head to the chain's last link; None while the chain is empty.

    A past day's head is never touched, and today's moves only forward.
    """
    last = session.execute(select(ChainLink.seq, ChainLink.hash).order_by(ChainLink.seq.desc()).limit(1)).first()
    if last is None:
        return None
    head = session.get(ChainHead, civil_day(now))
    if head is None:
        head = ChainHead(day=civil_day(now), seq=last.seq, hash=last.hash)
        session.add(head)
    elif last.seq > head.seq:
        head.seq, head.hash = last.seq, last.hash
    session.flush()
    return head


def forget_old_authors(session: Session, now: datetime) -> int:
    """Erase who did it from every entry older than 24 months. Returns how many."""
    old = (JournalEntry.happened_at < now - AUTHOR_KEPT, JournalEntry.author_ref.is_not(None))
    forget = update(JournalEntry).where(*old).values(author_ref=None, author_salt=None).returning(JournalEntry.id)
    return len(session.execute(forget).all())


def forget_author(session: Session, *, author_ref: str) -> int:
    """Erase who did it from every entry of a person; the seals stay and say nothing. Returns how many."""
    mine = update(JournalEntry).where(JournalEntry.author_ref == author_ref)
    return len(session.execute(mine.values(author_ref=None, author_salt=None).returning(JournalEntry.id)).all())
