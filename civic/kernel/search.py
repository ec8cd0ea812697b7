"""Free-text search in Italian, the same on SQLite and PostgreSQL.

Words are stemmed here, in Python, and the stems are what both databases index: FTS5 has no Italian stemmer, and two
different ones would find different things. Snowball drops final accented vowels, so `citta` finds `città`.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

import snowballstemmer
from sqlalchemy import ColumnElement, Select, String, Text, UniqueConstraint, bindparam, column, delete, func, select, table, text
from sqlalchemy.orm import Mapped, Session

from civic.kernel.db import BigId, Model
from civic.kernel.privacy import internal

MOST_WORDS = 12
PREFIX_FROM = 4  # from this length a word also finds those that begin with it: tram, tramvia
_STEMMER = snowballstemmer.stemmer("italian")
_STOPWORDS = frozenset(
    "a ad ai al alla alle allo anche c che chi ci col come con cui d da dai dal dalla dalle de degli dei del dell della"
    " delle dello di dove e ed era fra gli ha hai hanno ho i il in io l la le lei lo loro ma mi ne negli nei nel nella"
    " nelle noi non nostra nostro o per piu può quella quello questa questo s se si sia sono su sugli sui sul sulla"
    " sulle suo t ti tra tu un una uno v vi voi è".split()
)


class SearchEntry(Model):
    """One thing that can be found: what it is, and the stems of its words."""

    __tablename__ = "search_entry"
    __table_args__ = (UniqueConstraint("kind", "ref"),)

    id: Mapped[int] = internal(BigId, primary_key=True)
    kind: Mapped[str] = internal(String(32))
    ref: Mapped[str] = internal(String(64))
    stems: Mapped[str] = internal(Text)


@lru_cache(maxsize=50_000)
def _stem(word: str) -> str:
    return str(_STEMMER.stemWord(word))


def stems(value: str) -> list[str]:
    """List the stems of a text's words, in order, without Italian stopwords.

    >>> stems("Le scuole dell'infanzia e la scuola")
    ['scuol', 'infanz', 'scuol']
    """
    words = re.findall(r"\w+", unicodedata.normalize("NFC", value).casefold().replace("’", "'"))
    return [_stem(_fold(w)) for w in words if w not in _STOPWORDS and _fold(w) not in _STOPWORDS]


def _fold(word: str) -> str:
    decomposed = unicodedata.normalize("NFKD", word)
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def index(session: Session, *, kind: str, ref: str, texts: Iterable[str | None]) -> None:
    """Put a thing into the index, in place of what stood there before."""
    found = " ".join(s for t in texts if t for s in stems(t))
    entry = session.scalar(select(SearchEntry).where(SearchEntry.kind == kind, SearchEntry.ref == ref))
    if entry is None:
        session.add(SearchEntry(kind=kind, ref=ref, stems=found))
    else:
        entry.stems = found


def forget(session: Session, *, kind: str, ref: str) -> None:
    """Take a thing out of the index."""
    session.execute(delete(SearchEntry).where(SearchEntry.kind == kind, SearchEntry.ref == ref))


def has_words(query: str) -> bool:
    """Say whether a query has any word to search for."""
    return bool(stems(query))


def matching(session: Session, *, kind: str, query: str) -> Select[str] | None:
    """Select the refs of what holds every word of the query; None when the query has no word to search for."""
    words = list(dict.fromkeys(stems(query)))[:MOST_WORDS]
    if not words:
        return None
    sqlite = session.get_bind().dialect.name == "sqlite"
    hits = _fts5_hits(words) if sqlite else _tsvector_hits(words)
    return select(SearchEntry.ref).where(SearchEntry.kind == kind, hits)


def _fts5_hits(words: list[str]) -> ColumnElement[bool]:
    fts = table("search_entry_fts", column("rowid"))
    quoted = " ".join(f'"{w}" *' if len(w) >= PREFIX_FROM else f'"{w}"' for w in words)
    match = text("search_entry_fts MATCH :fts_query").bindparams(bindparam("fts_query", quoted))
    return SearchEntry.id.in_(select(fts.c.rowid).where(match))


def _tsvector_hits(words: list[str]) -> ColumnElement[bool]:
    vector = func.to_tsvector(text("'simple'::regconfig"), SearchEntry.stems)
    query = " & ".join(f"'{w}':*" if len(w) >= PREFIX_FROM else f"'{w}'" for w in words)
    return vector.op("@@")(func.to_tsquery(text("'simple'::regconfig"), query))
