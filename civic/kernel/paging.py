"""Pages of a list: a number, a size, and how many there are in all."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")
MOST_PAGES = 10_000


@dataclass(frozen=True, slots=True)
class Paging:
    """Which page is asked for (from 1) and how long pages are."""

    number: int = 1
    size: int = 30

    @property
    def offset(self) -> int:
        """Rows to pass over."""
        return (self.number - 1) * self.size

    @classmethod
    def from_text(cls, text: str | None, *, size: int = 30) -> "Paging":
        """Read the page number of an address; anything that is not a sensible number is page 1."""
        valid = text is not None and text.isascii() and text.isdigit() and len(text) < 6
        return cls(min(max(int(text or 1), 1), MOST_PAGES) if valid else 1, size)


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of rows and the total behind it."""

    rows: Sequence[T]
    total: int
    paging: Paging

    @property
    def pages(self) -> int:
        """How many pages there are, at least 1."""
        return max(1, -(-self.total // self.paging.size))
