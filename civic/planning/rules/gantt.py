"""Where the bars of a sheet's phases stand: geometry only, drawn by a template as SVG."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

WIDTH = 720
ROW = 30
HEAD = 26


@dataclass(frozen=True, slots=True)
class Bar:
    """One phase: planned and actual bar as (x, width) in drawing units, None when a date is unknown."""

    number: int
    y: int
    planned: tuple[float, float] | None
    actual: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Gantt:
    """The drawing: bars, month marks as (x, month number), today's line when it falls inside."""

    bars: Sequence[Bar]
    months: Sequence[tuple[float, int]]
    today_x: float | None
    width: int
    height: int


def draw_gantt(
    phases: Sequence[tuple[int, date | None, date | None, date | None, date | None]], *, year: int, today: date
) -> Gantt:
    """Place phases (number, planned start, planned end, actual start, actual end) on the months of a year.

    Bars are cut at the year's ends. An actual start without an end runs to today.

    >>> drawn = draw_gantt([(1, date(2026, 1, 1), date(2026, 12, 31), None, None)], year=2026, today=date(2026, 7, 2))
    >>> drawn.bars[0].planned, drawn.bars[0].actual
    ((0.0, 720.0), None)
    """
    first, days = date(year, 1, 1), 366 if _is_leap(year) else 365

    def x(day: date) -> float:
        return round(min(max((day - first).days, 0), days) * WIDTH / days, 1)

    def bar(start: date | None, end: date | None) -> tuple[float, float] | None:
        if start is None or end is None or end < first or start.year > year:
            return None
        return x(start), round(x(end + timedelta(days=1)) - x(start), 1)

    bars = [
        Bar(number, HEAD + i * ROW, bar(ps, pe), bar(as_, ae or (max(today, as_) if as_ else None)))
        for i, (number, ps, pe, as_, ae) in enumerate(phases)
    ]
    months = [(x(date(year, m, 1)), m) for m in range(1, 13)]
    return Gantt(bars, months, x(today) if today.year == year else None, WIDTH, HEAD + len(bars) * ROW)


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
