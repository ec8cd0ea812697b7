"""What a change did to how a service is rated: three whole months before the promise, three whole months after it. Pure."""

from dataclasses import dataclass
from datetime import date

from civic.kernel.stats import Interval, difference

EFFECT_MONTHS = 3


@dataclass(frozen=True, slots=True)
class Effect:
    """How many gave 4 or 5 stars, of how many, before and after. It shows that two things came one after the other, no more."""

    before_happy: int
    before_n: int
    after_happy: int
    after_n: int

    @property
    def change(self) -> tuple[float, Interval]:
        """The difference of the two shares with its interval.

        >>> d, i = Effect(48, 80, 56, 70).change; round(d, 2), i.low > 0
        (0.2, True)
        """
        return difference(self.after_happy, self.after_n, self.before_happy, self.before_n)


def months_around(promised: date, done: date) -> tuple[tuple[date, date], tuple[date, date]]:
    """Return the first and last month before the promise, and after the change; the months of either are left out.

    >>> months_around(date(2026, 5, 20), date(2026, 6, 3))
    ((datetime.date(2026, 2, 1), datetime.date(2026, 4, 1)), (datetime.date(2026, 7, 1), datetime.date(2026, 9, 1)))
    """
    return (_month(promised, -EFFECT_MONTHS), _month(promised, -1)), (_month(done, 1), _month(done, EFFECT_MONTHS))


def _month(day: date, by: int) -> date:
    count = day.year * 12 + day.month - 1 + by
    return date(count // 12, count % 12 + 1, 1)
