"""What the house holds of persons, read from the tables themselves."""

from collections.abc import Iterable
from dataclasses import dataclass

from civic.kernel.db import Model
from civic.kernel.privacy import Holds, Privacy, privacy_of


@dataclass(frozen=True, slots=True)
class PersonalColumn:
    """One line of the privacy inventory."""

    table: str
    column: str
    privacy: Privacy


@dataclass(frozen=True, slots=True)
class Processing:
    """One line of the register of processing (GDPR art. 30): a purpose, and what is held for it."""

    purpose: str
    seen_by: str
    keep: str
    columns: tuple[str, ...]


def personal_columns() -> list[PersonalColumn]:
    """List every column that tells of a person."""
    return [
        PersonalColumn(table.name, column.name, entry)
        for table in Model.metadata.sorted_tables
        for column in table.columns
        if (entry := privacy_of(column)) and entry.holds is Holds.PERSONAL
    ]


def processings(tables: Iterable[str] = ()) -> list[Processing]:
    """List what is done with personal data, by purpose: everywhere, or in some tables only (the notice above a form)."""
    wanted = set(tables)
    grouped: dict[tuple[str, str, str], list[str]] = {}
    for line in personal_columns():
        if not wanted or line.table in wanted:
            key = (line.privacy.purpose, line.privacy.seen_by, line.privacy.keep)
            grouped.setdefault(key, []).append(f"{line.table}.{line.column}")
    return [Processing(*key, tuple(columns)) for key, columns in grouped.items()]
