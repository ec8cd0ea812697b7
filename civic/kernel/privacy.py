"""What each column holds: declared where the column is, read by the inventory, the retention job and the tests."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Column
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
