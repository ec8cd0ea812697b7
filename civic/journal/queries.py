"""Reading the register: histories, heads, and the check that nothing was rewritten."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.journal import rules
from civic.journal.commands import canonical_of
from civic.journal.models import ChainHead, ChainLink, JournalEntry
from civic.kernel.paging import Page, Paging


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One entry as lists show it."""

    id: int
    happened_at: datetime
    kind: str
    subject_kind: str
    subject_ref: str
    voice: str
    facts: dict[str, Any]
    author_ref: str | None


@dataclass(frozen=True, slots=True)
class Fault:
    """Something in the chain that is not as it was written. `seq` is the first link where it shows."""

    seq: int
    message: str


def _row(entry: JournalEntry) -> EntryRow:
    return EntryRow(
        entry.id,
        entry.happened_at,
        entry.kind,
        entry.subject_kind,
        entry.subject_ref,
        entry.voice,
        entry.facts,
        entry.author_ref,
    )


def entry_page(session: Session, *, paging: Paging) -> Page[EntryRow]:
    """Page through the whole register, newest first; the total is the newest id, so that no page counts rows."""
    query = select(JournalEntry).order_by(JournalEntry.id.desc()).limit(paging.size).offset(paging.offset)
    newest = session.scalar(select(JournalEntry.id).order_by(JournalEntry.id.desc()).limit(1))
    return Page([_row(e) for e in session.scalars(query)], newest or 0, paging)


def entries_about(session: Session, subject_kind: str, ref: str, *, area: str, limit: int = 20) -> list[EntryRow]:
    """List the newest entries about a subject that another area wrote: what a page shows of floors above its own."""
    about = (JournalEntry.subject_kind == subject_kind, JournalEntry.subject_ref == ref, JournalEntry.kind.startswith(f"{area}."))
    return [_row(e) for e in session.scalars(select(JournalEntry).where(*about).order_by(JournalEntry.id.desc()).limit(limit))]


def entries_between(session: Session, since: datetime, until: datetime, *, limit: int = 20_000) -> list[EntryRow]:
    """List the entries of a period, oldest first: the evidence of an incident."""
    within = (JournalEntry.happened_at >= since, JournalEntry.happened_at <= until)
    return [_row(e) for e in session.scalars(select(JournalEntry).where(*within).order_by(JournalEntry.id).limit(limit))]


def heads(session: Session, *, limit: int = 400) -> list[rules.Head]:
    """List the published heads, newest day first."""
    rows = session.scalars(select(ChainHead).order_by(ChainHead.day.desc()).limit(limit))
    return [rules.Head(h.day, h.seq, h.hash) for h in rows]


def chain_faults(session: Session, *, kept_heads: Sequence[rules.Head] = ()) -> Iterator[Fault]:
    """Compute the chain again and name every place where it is not what was written.

    `kept_heads` come from outside the database: only they show a cut tail or a chain computed anew.
    """
    hashes: dict[int, str] = {}
    previous, expected = rules.GENESIS, 1
    rows: Iterable[tuple[ChainLink, JournalEntry | None]] = session.execute(
        select(ChainLink, JournalEntry)
        .outerjoin(JournalEntry, JournalEntry.id == ChainLink.entry_id)
        .order_by(ChainLink.seq)
        .execution_options(yield_per=1000)
    )
    for link, entry in rows:
        if link.seq != expected:
            yield Fault(expected, f"manca l'anello {expected} (il successivo è {link.seq})")
        if entry is None:
            yield Fault(link.seq, f"manca la voce dell'anello {link.seq}")
        elif rules.link_hash(previous, link.seq, canonical_of(entry)) != link.hash:
            yield Fault(link.seq, f"l'anello {link.seq} non corrisponde al suo contenuto")
        previous, expected = link.hash, link.seq + 1
        hashes[link.seq] = link.hash
    for head in kept_heads:
        if hashes.get(head.seq) != head.hash:
            what = "è diverso da" if head.seq in hashes else "manca, ma era"
            yield Fault(head.seq, f"l'anello {head.seq} {what} quello pubblicato il {head.day.isoformat()}")


def chain_length(session: Session) -> int:
    """Return the number of the chain's last link, 0 while it is empty."""
    return session.scalar(select(ChainLink.seq).order_by(ChainLink.seq.desc()).limit(1)) or 0


def chained_facts(session: Session, *, kind: str) -> list[tuple[str, dict[str, Any]]]:
    """List (subject ref, facts) of every chained entry of a kind: what an area compares its own rows with."""
    query = select(JournalEntry.subject_ref, JournalEntry.facts).join(ChainLink).where(JournalEntry.kind == kind)
    return [(row.subject_ref, row.facts) for row in session.execute(query.order_by(JournalEntry.id))]
