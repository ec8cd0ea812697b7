"""The database: two kinds of block, and the only commit in the house.

`with db.reading()` gives a session that cannot write; `with db.writing()` one that commits at the end or leaves nothing.
SQLite runs WAL with synchronous=FULL and BEGIN IMMEDIATE for writers, who queue fairly on a lock file: its built-in wait
starves one of two writers.
"""

import fcntl
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    DateTime,
    Engine,
    Index,
    Integer,
    MetaData,
    UniqueConstraint,
    create_engine,
    event,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from civic.kernel.errors import Refused

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
BigId = BigInteger().with_variant(Integer, "sqlite")


class Model(DeclarativeBase):
    """Base of every table: named constraints, one metadata."""

    metadata = MetaData(naming_convention=NAMING)


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware UTC in Python, timestamptz on PostgreSQL, naive UTC text on SQLite."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive instant: it would be somebody's local time."""
        if value is not None and value.tzinfo is None:
            raise ValueError("naive datetime")
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Make what comes back aware again."""
        return None if value is None else (value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC))


class Database:
    """One database and its two kinds of block."""

    def __init__(self, url: str, *, pool_size: int = 8) -> None:
        self.url = url
        self.engine = _engine(url, pool_size)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        reading = (
            {} if self.engine.dialect.name == "sqlite" else {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        )
        self._reader = self.engine.execution_options(civic_write=False, **reading)
        self._writer = self.engine.execution_options(civic_write=True)
        self._lock_file = Path(f"{self.engine.url.database}.lock") if self.is_sqlite else None
        self._inside = threading.local()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a session that sees one state of the database and cannot change it."""
        with Session(self._reader, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Open a session that commits when the block ends, and leaves nothing when it raises.

        Raises RuntimeError inside another writing block of the same thread: it would wait for itself.
        """
        if getattr(self._inside, "writing", False):
            raise RuntimeError("writing block inside a writing block")
        self._inside.writing = True
        try:
            with self._turn(), Session(self._writer, expire_on_commit=False) as session:
                yield session
                session.commit()
        finally:
            self._inside.writing = False

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Wait for one's turn to write: first come, first served, on SQLite only."""
        if self._lock_file is None:
            yield
            return
        with self._lock_file.open("ab") as queue:
            fcntl.flock(queue, fcntl.LOCK_EX)
            yield

    def dispose(self) -> None:
        """Close every pooled connection, as before a fork or at the end."""
        self.engine.dispose()


def _engine(url: str, pool_size: int) -> Engine:
    if not url.startswith("sqlite"):
        return create_engine(url, pool_size=pool_size, pool_pre_ping=True, connect_args={"prepare_threshold": None})
    engine = create_engine(url, pool_size=pool_size, connect_args={"timeout": 10})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    write = connection.get_execution_options().get("civic_write", True)
    connection.exec_driver_sql(f"PRAGMA query_only={'OFF' if write else 'ON'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def broken_constraint(error: IntegrityError) -> str:
    """Name the constraint that a write ran into, the same on both databases; '' when it cannot be told."""
    diag = getattr(error.orig, "diag", None)
    if diag is not None:
        return diag.constraint_name or ""
    text = str(error.orig)
    if match := re.match(r"CHECK constraint failed: (\w+)", text):
        return match.group(1)
    if match := re.match(r"UNIQUE constraint failed: (.+)", text):
        return _unique_named(match.group(1))
    return ""


def _unique_named(columns: str) -> str:
    """Find the unique constraint or index over `table.a, table.b`, which is how SQLite reports it."""
    table_name = columns.split(".", 1)[0]
    names = [c.strip().split(".", 1)[1] for c in columns.split(",")]
    table = Model.metadata.tables[table_name]
    uniques: list[UniqueConstraint | Index] = [c for c in table.constraints if isinstance(c, UniqueConstraint)]
    for unique in [*uniques, *(i for i in table.indexes if i.unique)]:
        if [c.name for c in unique.columns] == names:
            return str(unique.name)
    return str(table.primary_key.name) if [c.name for c in table.primary_key.columns] == names else ""


def is_added(session: Session, row: Model) -> bool:
    """Add a row unless it is there already, put by someone at the same instant; the transaction goes on either way."""
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        return False
    return True


@contextmanager
def refusing(session: Session, refusals: Mapping[str, Refused]) -> Iterator[None]:
    """Flush at the end; a broken constraint that is named in `refusals` becomes that refusal."""
    try:
        yield
        session.flush()
    except IntegrityError as error:
        refusal = refusals.get(broken_constraint(error))
        if refusal is None:
            raise
        raise refusal from error
