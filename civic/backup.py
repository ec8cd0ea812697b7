"""A plain backup that either database can restore: one line a row, with counts and hashes to tell a whole file from a torn one.

The archive is a ZIP: `manifest.json` (schema level, instant, and for each table its rows and SHA-256) and one JSON-lines file
a table. It holds personal data as the database does: keep it where you keep the database. Keys and secrets are not in it.
"""

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select, text
from sqlalchemy.sql.sqltypes import Date, Numeric

from civic.kernel.db import Database, Model, UtcDateTime
from civic.kernel.errors import Refused
from civic.kernel.schema import head_level, level_of

_CHUNK = 500
Say = Callable[[str, int], None]


def _tables() -> list[Table]:
    return list(Model.metadata.sorted_tables)


def write_backup(database: Database, path: Path, *, now: datetime, say: Say = lambda _t, _n: None) -> int:
    """Write every row of one state of the database. Returns how many rows. Raises Refused: when the file exists."""
    if path.exists():
        raise Refused("Il file %(path)s esiste già: scegli un altro nome.", path=str(path))
    manifest: dict[str, Any] = {"level": level_of(database), "at": now.isoformat(), "tables": {}}
    part = path.with_suffix(path.suffix + ".part")
    with database.reading() as session, zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
        if not database.is_sqlite:
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
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
        archive = zipfile.ZipFile(path)
        manifest = json.loads(archive.read("manifest.json"))
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise Refused("Il file %(path)s non è una copia intera di civic.", path=str(path)) from error
    if manifest["level"] != head_level():
        raise Refused(
            "La copia è al livello %(theirs)s, questo programma è al livello %(ours)s: usa la stessa versione.",
            theirs=manifest["level"],
            ours=head_level(),
        )
    with archive, database.writing() as session:
        _require_empty(session.connection())
        _defer_keys(session.connection())
        for table in _tables():
            say(table.name, _restore_table(session.connection(), archive, table, manifest["tables"][table.name], path))
        _set_sequences(session.connection())
    return sum(t["rows"] for t in manifest["tables"].values())


def _require_empty(connection: Connection) -> None:
    for table in _tables():
        if connection.scalar(select(func.count()).select_from(table)):
            raise Refused("La banca dati di destinazione non è vuota (%(table)s): ripristina in una nuova.", table=table.name)


def _defer_keys(connection: Connection) -> None:
    """Check foreign keys at the end: some tables point at themselves or at each other."""
    sqlite = connection.dialect.name == "sqlite"
    connection.execute(text("PRAGMA defer_foreign_keys=ON" if sqlite else "SET CONSTRAINTS ALL DEFERRED"))


def _restore_table(connection: Connection, archive: zipfile.ZipFile, table: Table, expected: dict[str, Any], path: Path) -> int:
    digest, rows, chunk = hashlib.sha256(), 0, []
    try:
        with archive.open(f"{table.name}.jsonl") as file:
            for line in file:
                digest.update(line)
                chunk.append(_row(table, json.loads(line)))
                rows += 1
                if len(chunk) == _CHUNK:
                    connection.execute(insert(table), chunk)
                    chunk = []
    except (KeyError, ValueError, zipfile.BadZipFile, EOFError) as error:
        raise Refused("Il file %(path)s è rovinato alla tabella %(table)s.", path=str(path), table=table.name) from error
    if chunk:
        connection.execute(insert(table), chunk)
    if (rows, digest.hexdigest()) != (expected["rows"], expected["sha256"]):
        raise Refused("Il file %(path)s è rovinato alla tabella %(table)s.", path=str(path), table=table.name)
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
