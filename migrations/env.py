"""Run migrations on SQLite and PostgreSQL, one host at a time.

SQLite cannot alter constraints: batch mode copies the table, with foreign keys off so that nothing cascades; it queues on
the same lock file as every writer. PostgreSQL takes a session lock. Both cover migrations that commit on their own.
"""

import fcntl
from contextlib import ExitStack

from alembic import context
from sqlalchemy import text

import civic.app  # noqa: F401 - names every area, and so loads every table
from civic.kernel.db import Database, Model

_LOCK = 0x6369766963
database: Database = context.config.attributes["database"]


def is_ours(_object: object, name: str | None, kind: str, _reflected: bool, _compare_to: object) -> bool:
    """Leave out what migrations make by hand: the shadow tables of full-text search."""
    return not (kind in ("table", "index") and (name or "").startswith(("search_entry_fts", "ix_search_entry_stems")))


with ExitStack() as stack:
    if database.is_sqlite:
        queue = stack.enter_context(open(f"{database.engine.url.database}.lock", "ab"))  # noqa: PTH123 - closed by the stack
        fcntl.flock(queue, fcntl.LOCK_EX)
    connection = stack.enter_context(database.engine.connect())
    if database.is_sqlite:
        # Straight to the driver: inside the transaction that SQLAlchemy opens, the pragma would do nothing.
        connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")
    else:
        connection.execute(text("SELECT pg_advisory_lock(:n)"), {"n": _LOCK})
        connection.commit()
    context.configure(
        connection=connection,
        target_metadata=Model.metadata,
        render_as_batch=True,
        include_object=is_ours,
        compare_type=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()
database.dispose()
