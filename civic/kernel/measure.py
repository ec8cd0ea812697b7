"""A number that can travel upward: never without its base, unit and period."""

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A figure with what it rests on. `value` is None when it cannot be measured; it is never 0 instead.

    `value` is unrounded, in `unit`; `n` counts what was measured; `as_of` is the day of the newest fact inside.
    """

    value: Decimal | None
    n: int
    unit: str
    as_of: date | None = None
    # The days it covers, first/last in ISO 8601; "" for a figure of one day.
    period: str = ""

    def rounded(self, places: int = 1) -> Decimal | None:
        """Round half up, for showing only.

        >>> Measure(value=Decimal("83.26693"), n=251, unit="percent").rounded()
        Decimal('83.3')
        """
        return None if self.value is None else self.value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def share_percent(part: int, whole: int) -> Decimal | None:
    """Return part of whole in percent, None when there is no whole."""
    return Decimal(part) * 100 / whole if whole else None
