"""The clocks of a voice: working days, holidays as an argument, stopped only while the citizen is waited for. Pure."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from civic.contributions.rules.outcomes import Severity

# Working days, by severity: until somebody has read it, until an answer.
TRIAGE_DAYS = {Severity.NORMAL: 3, Severity.HIGH: 1}
REPLY_DAYS = {Severity.NORMAL: 15, Severity.HIGH: 5}
# The author is asked this long after the change.
CHECK_AFTER = timedelta(weeks=4)
IsHoliday = Callable[[date], bool]


@dataclass(frozen=True, slots=True)
class Pause:
    """Days on which the office waited for the citizen; `until` is None while it still waits."""

    since: date
    until: date | None


def is_working(day: date, is_holiday: IsHoliday) -> bool:
    """Say whether offices are open on a day.

    >>> is_working(date(2026, 11, 22), lambda _day: False)
    False
    """
    return day.weekday() < 5 and not is_holiday(day)


def due_on(received: date, days: int, pauses: Iterable[Pause], is_holiday: IsHoliday, *, today: date) -> date | None:
    """Return the last day to answer: so many working days after the day it came, days of a pause not counted.

    None while a pause is open: the clock stands still.

    >>> never = lambda _day: False
    >>> due_on(date(2026, 11, 20), 3, [], never, today=date(2026, 11, 20))
    datetime.date(2026, 11, 25)
    >>> due_on(date(2026, 11, 20), 3, [Pause(date(2026, 11, 23), date(2026, 11, 25))], never, today=date(2026, 12, 1))
    datetime.date(2026, 11, 27)
    """
    stopped = list(pauses)
    if any(p.until is None and p.since <= today for p in stopped):
        return None
    day, left = received, days
    while left > 0:
        day += timedelta(days=1)
        if is_working(day, is_holiday) and not any(p.since <= day < (p.until or day) for p in stopped):
            left -= 1
    return day


def working_days_between(first: date, last: date, is_holiday: IsHoliday) -> int:
    """Count the working days after `first` up to `last`, 0 when it is not later.

    >>> working_days_between(date(2026, 11, 20), date(2026, 11, 25), lambda _day: False)
    3
    """
    span = (last - first).days
    return sum(is_working(first + timedelta(days=n), is_holiday) for n in range(1, span + 1))
