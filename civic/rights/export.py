"""My data: every row of every table that says whose its rows are, for one person."""

import json
from datetime import date, datetime
from typing import Any

from flask import Response
from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from civic.kernel.clock import civil_day
from civic.kernel.db import Model
from civic.kernel.persons import Person
from civic.kernel.privacy import Holds, Rows, privacy_of, rows_of

# Keys that open something, and mails that carry them: about the person, but to hand them over would hand over her account.
_NEVER = frozenset({"key_hash", "token_hash", "sealed_token", "outbox_mail.body"})


def my_data(session: Session, person: Person) -> dict[str, list[dict[str, Any]]]:
    """Return table name -> rows about a person, as plain JSON values; tables without any are left out."""
    found = {}
    for table in Model.metadata.sorted_tables:
        told = rows_of(table)
        if told is not None and told.column and (values := _values(told, person)):
            columns = [c for c in table.columns if _is_told(table, c.name, told)]
            query = select(*columns).where(table.c[told.column].in_(values))
            if lines := [{k: _plain(v) for k, v in row.items()} for row in session.execute(query).mappings()]:
                found[table.name] = lines
    return found


def data_file(told: dict[str, list[dict[str, Any]]], *, now: datetime) -> Response:
    """Return a person's data as a file to keep."""
    response = Response(json.dumps({"at": now.isoformat(), "data": told}, ensure_ascii=False, indent=1))
    response.headers["Content-Type"] = "application/json; charset=utf-8"
    response.headers["Content-Disposition"] = f'attachment; filename="dati-{civil_day(now).isoformat()}.json"'
    return response


def _values(told: Rows, person: Person) -> list[Any]:
    by: dict[str, list[Any]] = {
        "id": [person.number] if person.number is not None else [],
        "ref": [person.ref],
        "address": list(person.addresses),
        "subject": [person.subject_key] if person.subject_key else [],
        "address_key": [],  # codes of addresses, found again only by whoever says the address
    }
    return by[told.by]


def _is_told(table: Table, name: str, told: Rows) -> bool:
    """Leave out the house's own numbers; what is about the person, public, or an instant is told."""
    if name in _NEVER or f"{table.name}.{name}" in _NEVER:
        return False
    column = table.c[name]
    entry = privacy_of(column)
    internal = entry is None or entry.holds is Holds.INTERNAL
    return not internal or (name != told.column and not column.primary_key and not column.foreign_keys)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)
