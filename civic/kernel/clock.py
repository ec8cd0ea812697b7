"""Time: instants are UTC, deadlines are civil days in Italy."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

ROME = ZoneInfo("Europe/Rome")
Clock = Callable[[], datetime]


def now() -> datetime:
    """Return this instant, aware, in UTC."""
    return datetime.now(UTC)


def civil_day(at: datetime) -> date:
    """Return the day it is in Italy at this instant.

    >>> civil_day(datetime(2026, 6, 30, 22, 30, tzinfo=UTC))
    datetime.date(2026, 7, 1)
    """
    return at.astimezone(ROME).date()


def parse_partial_date(text: str) -> tuple[date, str]:
    """Read `2024`, `2024-06` or `2024-06-09`: the first day it covers, and its precision (year, month, day).

    Raises ValueError when it is none of the three.

    >>> parse_partial_date("2023-12")
    (datetime.date(2023, 12, 1), 'month')
    """
    parts = text.strip().split("-")
    if (
        not all(p.isascii() and p.isdigit() for p in parts)
        or len(parts) > 3
        or [len(p) for p in parts] != [4, 2, 2][: len(parts)]
    ):
        raise ValueError(text)
    year, month, day = (int(p) for p in [*parts, "01", "01"][:3])
    return date(year, month, day), ("year", "month", "day")[len(parts) - 1]
