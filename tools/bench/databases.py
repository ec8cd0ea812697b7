"""The two databases that are measured. Both keep what they were told: every commit waits for the disk."""

import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from tests import postgres

Fresh = Callable[[str], AbstractContextManager[str]]
# As `kernel.db` sets them for the app: a bound taken with others would be no bound.
_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000", "secure_delete=ON")
_PROBES = 300


def each(folder: Path) -> Iterator[tuple[str, Fresh]]:
    """Give (name, `fresh`); `with fresh("b1") as url` is a database with nothing in it, gone afterwards."""
    yield f"SQLite {sqlite3.sqlite_version}", lambda name: _sqlite(folder / name)
    command = [sys.executable, "-m", "tools.bench.durable", str(folder), str(os.getpid())]
    keeper = subprocess.Popen(command, start_new_session=True, stdin=subprocess.DEVNULL)
    try:
        found = postgres.wait(folder)
        yield f"PostgreSQL {found['version']}", lambda name: _postgres(found["url"], name)
    finally:
        postgres.stop(keeper)


@contextmanager
def _sqlite(folder: Path) -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix=f"{folder.name}-", dir=folder.parent) as made:
        yield f"sqlite:///{made}/civic.sqlite3"


@contextmanager
def _postgres(admin: str, name: str) -> Iterator[str]:
    engine = create_engine(admin, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        yield admin.replace("/postgres?", f"/{name}?")
    finally:
        with engine.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        engine.dispose()


def connect(url: str) -> Any:
    """Open a bare connection of the driver, with the app's own settings and no SQLAlchemy between."""
    where = make_url(url)
    if where.get_backend_name() != "sqlite":
        plain = where.set(drivername="postgresql").render_as_string(hide_password=False)
        return psycopg.connect(plain, prepare_threshold=None)
    connection = sqlite3.connect(str(where.database), isolation_level=None)
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    return connection


def settle(url: str) -> None:
    """Do what a database does by itself when nobody is in a hurry: statistics on PostgreSQL, an empty WAL on SQLite."""
    connection = connect(url)
    if url.startswith("sqlite"):
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    else:
        connection.autocommit = True
        connection.execute("VACUUM (ANALYZE)")
    connection.close()


def disk_ms(folder: Path) -> float:
    """Return the median milliseconds of an fdatasync of 4 KB: the time below which no commit can be."""
    taken, page = [], os.urandom(4096)
    handle, name = tempfile.mkstemp(dir=folder)
    try:
        for _probe in range(_PROBES):
            os.write(handle, page)
            start = time.perf_counter()
            os.fdatasync(handle)
            taken.append(time.perf_counter() - start)
    finally:
        os.close(handle)
        Path(name).unlink()
    return sorted(taken)[_PROBES // 2] * 1000
