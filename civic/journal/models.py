"""Entries of the register, links of the chain, heads of the days."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped

from civic.kernel.db import BigId, Model, UtcDateTime
from civic.kernel.privacy import internal, personal, public, rows
from civic.kernel.text import N_


class JournalEntry(Model):
    """One thing that happened. Never changed, but for erasing its author."""

    __tablename__ = "journal_entry"
    __table_args__ = (
        Index(None, "subject_kind", "subject_ref", "id"),
        Index(None, "kind", "id"),
        rows(column="author_ref", by="ref"),
    )

    id: Mapped[int] = internal(BigId, primary_key=True)
    happened_at: Mapped[datetime] = public(UtcDateTime)
    # area.happened, past tense: planning.status_recorded
    kind: Mapped[str] = public(String(64))
    subject_kind: Mapped[str] = public(String(32))
    subject_ref: Mapped[str] = public(String(120))
    # The office that speaks, never a person.
    voice: Mapped[str] = public(String(200))
    facts: Mapped[dict[str, Any]] = public(JSON)
    # Seal of the author (rules.author_seal): stays when the author is erased.
    author_seal: Mapped[str] = internal(String(64))
    author_ref: Mapped[str | None] = personal(
        String(64),
        nullable=True,
        purpose=N_("sapere chi del personale ha fatto un'operazione"),
        seen_by=N_("chi ha il permesso di leggere il registro"),
        keep=N_("24 mesi"),
        erase="forget_author",
    )
    author_salt: Mapped[str | None] = personal(
        String(64),
        nullable=True,
        purpose=N_("legare l'autore al sigillo senza scriverlo nella catena"),
        seen_by=N_("nessuno"),
        keep=N_("24 mesi"),
        erase="forget_author",
    )


class ChainLink(Model):
    """One link of the chain: h(n) = SHA-256(h(n-1) | n | canonical text of the entry)."""

    __tablename__ = "journal_chain"
    __table_args__ = (CheckConstraint("seq >= 1", name="seq_from_one"), UniqueConstraint("entry_id"))

    # Given by the writer under the chain's lock, never by the database: a gap would be a removed row.
    seq: Mapped[int] = public(BigId, primary_key=True, autoincrement=False)
    entry_id: Mapped[int] = internal(ForeignKey("journal_entry.id"))
    hash: Mapped[str] = public(String(64))


class ChainHead(Model):
    """The last link at the end of a day, as published."""

    __tablename__ = "journal_head"

    day: Mapped[date] = public(Date, primary_key=True)
    seq: Mapped[int] = public(BigId)
    hash: Mapped[str] = public(String(64))
