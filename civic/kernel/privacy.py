"""What each column holds: declared where the column is, read by the inventory, the retention job and the tests."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Column, Table
from sqlalchemy.orm import mapped_column


class Holds(StrEnum):
    """Three classes: anyone may read it, staff may read it, or it tells of a person."""

    PUBLIC = "public"
    INTERNAL = "internal"
    PERSONAL = "personal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Privacy:
    """One column's entry in the privacy inventory; texts are Italian source text, shown on /privacy."""

    holds: Holds
    purpose: str = ""
    seen_by: str = ""
    keep: str = ""
    erase: str = ""


def public(*args: Any, **kwargs: Any) -> Any:
    """Declare a column whose content is, or will be, published."""
    return mapped_column(*args, info={"privacy": Privacy(holds=Holds.PUBLIC)}, **kwargs)


def internal(*args: Any, **kwargs: Any) -> Any:
    """Declare a column that only staff or the machine reads, and that tells of no person."""
    return mapped_column(*args, info={"privacy": Privacy(holds=Holds.INTERNAL)}, **kwargs)


def personal(*args: Any, purpose: str, seen_by: str, keep: str, erase: str, **kwargs: Any) -> Any:
    """Declare a column that tells of a person: why it is kept, who sees it, for how long, how it goes."""
    entry = Privacy(holds=Holds.PERSONAL, purpose=purpose, seen_by=seen_by, keep=keep, erase=erase)
    return mapped_column(*args, info={"privacy": entry}, **kwargs)


def privacy_of(column: Column[Any]) -> Privacy | None:
    """Return the column's declaration, or None when nobody classified it."""
    entry = column.info.get("privacy")
    return entry if isinstance(entry, Privacy) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """What holds for the rows of a table: how long they are kept, and whose they are.

    A row goes `after` the first of the instants in `since` that it has; without them it stays until its person is erased.
    `column` names where the person stands and `by` what stands there: her number ("id"), her code ("ref"), an address
    ("address"), its code ("address_key") or the key of her identity ("subject"); her data export reads the same.
    """

    after: timedelta | None = None
    since: tuple[str, ...] = ()
    column: str = ""
    by: str = ""


def rows(**told: Any) -> dict[str, Any]:
    """Declare what holds for a table's rows, as the last of its `__table_args__`."""
    return {"info": {"rows": Rows(**told)}}


def rows_of(table: Table) -> Rows | None:
    """Return what a table declared of its rows, None when it declared nothing."""
    found = table.info.get("rows")
    return found if isinstance(found, Rows) else None
