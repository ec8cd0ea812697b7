"""Windows of six hours that look anomalous: too many ratings, of an odd mix, at once. Pure.

The two tests are multiplied, not set one beside the other: ten ratings of one star in an evening are neither so many nor so
odd that either test alone would see them without many false alarms.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from statistics import median

from civic.kernel.clock import ROME
from civic.kernel.stats import mix_tail, volume_tail
from civic.kernel.text import N_
from civic.quality.rules.figures import Counts, added

BAND_HOURS = 6
BANDS = {0: N_("0-6"), 1: N_("6-12"), 2: N_("12-18"), 3: N_("18-24")}
LOOK_BACK = timedelta(days=28)
ALARM = 1e-6
# Under this many ratings there is nothing worth two people's time.
LEAST = 6
SETTLED_DAYS = 7


class WindowVerdict(StrEnum):
    """What a reviewer says of a window."""

    EXCLUDE = "exclude"
    KEEP = "keep"


WINDOW_VERDICTS = {
    WindowVerdict.EXCLUDE: N_("Fuori dal dato"),
    WindowVerdict.KEEP: N_("Resta nel dato"),
}


def band_of(at: datetime) -> int:
    """Return the quarter of the day in Italy, from 0 to 3.

    >>> from datetime import UTC
    >>> band_of(datetime(2026, 6, 30, 22, 30, tzinfo=UTC))
    0
    """
    return at.astimezone(ROME).hour // BAND_HOURS


@dataclass(frozen=True, slots=True)
class Suspicion:
    """How unlikely a window is by its volume and by its mix; `usual` is the median of the same band of the days before."""

    n: int
    usual: float
    p_volume: float
    p_mix: float

    @property
    def alarming(self) -> bool:
        """Whether two people should look."""
        return self.n >= LEAST and self.p_volume * self.p_mix < ALARM


def suspicion(day: date, band: int, seen: Sequence[tuple[date, int, Counts]]) -> Suspicion:
    """Judge one window against the same band of the 28 days before and the mix of all of them.

    `seen` lists (day, band, counts) of one service; days without ratings count as zero. In its first week a service is
    not judged: nobody knows yet what is usual there.

    >>> quiet = [(date(2026, 6, d), b, (0, 0, 1, 1, 1)) for d in range(1, 29) for b in (1, 2)]
    >>> suspicion(date(2026, 6, 29), 2, [*quiet, (date(2026, 6, 29), 2, (12, 0, 0, 0, 0))]).alarming
    True
    >>> suspicion(date(2026, 6, 29), 2, [*quiet, (date(2026, 6, 29), 2, (1, 0, 1, 2, 2))]).alarming
    False
    """
    counts = added([c for d, b, c in seen if (d, b) == (day, band)])
    past = [(d, b, c) for d, b, c in seen if day - LOOK_BACK <= d < day]
    days = min(LOOK_BACK.days, max(((day - d).days for d, _b, _c in past), default=0))
    if days < SETTLED_DAYS or not sum(counts):
        return Suspicion(sum(counts), 0.0, 1.0, 1.0)
    by_day = [sum(c) for _d, b, c in past if b == band]
    usual = [*by_day, *[0] * max(0, days - len(by_day))]
    mix = mix_tail(counts, added([c for _d, _b, c in past]))
    return Suspicion(sum(counts), float(median(usual)), volume_tail(sum(counts), usual), mix)
