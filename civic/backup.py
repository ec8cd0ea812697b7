"""A plain backup that either database can restore: one line a row, with counts and hashes to tell a whole file from a torn one.

The archive is a ZIP: `manifest.json` (schema level, instant, and for each table its rows and SHA-256) and one JSON-lines file
a table. It holds personal data as the database does: keep it where you keep the database. Keys and secrets are not in it.
"""

import hashlib
import json
import zipfile
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.sqltypes import Date, Numeric

from civic.kernel.db import Database, Model, UtcDateTime
from civic.kernel.errors import Refused
from civic.kernel.schema import head_level, level_of

_CHUNK = 500
# All the ways in which a file can turn out not to be a whole backup.
_TORN = (
    OSError,
    LookupError,
    ValueError,
    TypeError,
    ArithmeticError,
    EOFError,
    NotImplementedError,
    RuntimeError,  # a flipped bit that says "encrypted"
    zlib.error,
    zipfile.BadZipFile,
    DBAPIError,
)
Say = Callable[[str, int], None]


def _tables() -> list[Table]:
    return list(Model.metadata.sorted_tables)


def write_backup(database: Database, path: Path, *, now: datetime, say: Say = lambda _t, _n: None) -> int:
    """Write every row of one state of the database. Returns how many rows. Raises Refused: when the file exists."""
    if path.exists():
        raise Refused("Il file %(path)s esiste già: scegli un altro nome.", path=str(path))
    manifest: dict[str, Any] = {"level": level_of(database), "at": now.isoformat(), "tables": {}}
    part = path.with_suffix(path.suffix + ".part")
    part.unlink(missing_ok=True)
    part.touch(mode=0o600)  # it holds personal data as the database does
    with database.reading() as session, zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
        for table in _tables():
            rows, digest = 0, hashlib.sha256()
            with archive.open(f"{table.name}.jsonl", "w") as file:
                for line in _lines(session.connection(), table):
                    file.write(line)
                    digest.update(line)
                    rows += 1
            manifest["tables"][table.name] = {"rows": rows, "sha256": digest.hexdigest()}
            say(table.name, rows)
        archive.writestr("manifest.json", json.dumps(manifest, indent=1))
    part.rename(path)
    return sum(t["rows"] for t in manifest["tables"].values())


def _lines(connection: Connection, table: Table) -> Iterator[bytes]:
    ordered = select(table).order_by(*table.primary_key.columns)
    for row in connection.execution_options(yield_per=_CHUNK).execute(ordered):
        yield (json.dumps([_out(v) for v in row], ensure_ascii=False, separators=(",", ":")) + "\n").encode()


def _out(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def restore_backup(database: Database, path: Path, *, say: Say = lambda _t, _n: None) -> int:
    """Put a backup into an empty database at the same level: all of it, or nothing. Returns how many rows.

    Raises Refused: for a torn or changed file, another schema level, or a database that is not empty.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return _restore(database, archive, say)
    except _TORN as error:
        raise Refused("Il file %(path)s non è una copia intera di civic: non è stato scritto nulla.", path=str(path)) from error


def _restore(database: Database, archive: zipfile.ZipFile, say: Say) -> int:
    manifest = json.loads(archive.read("manifest.json"))
    level, told = str(manifest["level"]), {t.name: manifest["tables"][t.name] for t in _tables()}
    if level != head_level():
        raise Refused(
            "La copia è al livello %(theirs)s, questo programma è al livello %(ours)s: usa la stessa versione.",
            theirs=level,
            ours=head_level(),
        )
    with database.writing() as session:
        connection = session.connection()
        _require_empty(connection)
        _defer_keys(connection)
        for table in _tables():
            say(table.name, _restore_table(connection, archive, table, told[table.name]))
        _set_sequences(connection)
    return sum(int(t["rows"]) for t in told.values())


def _require_empty(connection: Connection) -> None:
    for table in _tables():
        if connection.scalar(select(func.count()).select_from(table)):
            raise Refused("La banca dati di destinazione non è vuota (%(table)s): ripristina in una nuova.", table=table.name)


def _defer_keys(connection: Connection) -> None:
    """Check foreign keys at the end: some tables point at themselves or at each other."""
    sqlite = connection.dialect.name == "sqlite"
    connection.execute(text("PRAGMA defer_foreign_keys=ON" if sqlite else "SET CONSTRAINTS ALL DEFERRED"))


def _restore_table(connection: Connection, archive: zipfile.ZipFile, table: Table, expected: dict[str, Any]) -> int:
    """Restore one table. Raises one of `_TORN` when the file is not what its manifest says."""
    digest, rows, chunk = hashlib.sha256(), 0, []
    with archive.open(f"{table.name}.jsonl") as file:
        for line in file:
            digest.update(line)
            chunk.append(_row(table, json.loads(line)))
            rows += 1
            if len(chunk) == _CHUNK:
                connection.execute(insert(table), chunk)
                chunk = []
    if chunk:
        connection.execute(insert(table), chunk)
    if (rows, digest.hexdigest()) != (expected["rows"], expected["sha256"]):
        raise ValueError(table.name)
    return rows


def _row(table: Table, values: list[Any]) -> dict[str, Any]:
    return {c.name: _in(c.type, v) for c, v in zip(table.columns, values, strict=True)}


def _in(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(kind, UtcDateTime):
        return datetime.fromisoformat(value).astimezone(UTC)
    if isinstance(kind, Date):
        return date.fromisoformat(value)
    return Decimal(value) if isinstance(kind, Numeric) else value


def _set_sequences(connection: Connection) -> None:
    """PostgreSQL counts on from the highest restored id."""
    if connection.dialect.name == "sqlite":
        return
    for table in _tables():
        columns = list(table.primary_key.columns)
        if len(columns) != 1 or columns[0].autoincrement is False:
            continue
        sequence = connection.scalar(text("SELECT pg_get_serial_sequence(:t, :c)"), {"t": table.name, "c": columns[0].name})
        highest = connection.scalar(select(func.max(columns[0]))) if sequence else None
        if highest is not None:
            connection.execute(text("SELECT setval(:s, :n)"), {"s": sequence, "n": highest})
