"""From counts of stars to a figure that can be read: share, interval, grade of evidence, trend, coverage. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from civic.kernel.stats import Interval, difference, wilson
from civic.kernel.text import N_

Counts = tuple[int, int, int, int, int]
NONE: Counts = (0, 0, 0, 0, 0)
# From these n on a figure is of grade C; below it, and from the threshold of the house on, of grade D.
GRADE_C_FROM = 30
# At least this part of those who had a contact rated it: then who did not rate weighs little.
GRADE_A_RESPONSE = 0.30


class Grade(StrEnum):
    """How much a figure can bear."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"


GRADES = {
    Grade.A: N_("Ha risposto almeno il 30 per cento di chi ha avuto un contatto, o un campione scelto a caso"),
    Grade.B: N_("Risposte raccolte online e pesate sulla popolazione, con almeno 100 risposte effettive"),
    Grade.C: N_("Ha risposto chi ha voluto: almeno 30 valutazioni"),
    Grade.D: N_("Ha risposto chi ha voluto: meno di 30 valutazioni, dato incerto"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Satisfaction:
    """The share of 4 and 5 stars among n ratings. `share`, `interval`, `mean` and `grade` are None under the threshold.

    `response` is ratings per contact in the months whose contacts the office told, None without any: it is never guessed.
    """

    counts: Counts
    share: float | None
    interval: Interval | None
    mean: float | None
    grade: Grade | None
    response: float | None = None

    @property
    def n(self) -> int:
        """How many ratings."""
        return sum(self.counts)

    @property
    def happy(self) -> int:
        """How many gave 4 or 5 stars."""
        return self.counts[3] + self.counts[4]


def satisfaction(counts: Counts, *, least: int, response: float | None = None, is_whole: bool = True) -> Satisfaction:
    """Compute the figure; under `least` ratings only the counts are known, and they are for the desk only.

    `is_whole` says that contacts were told for every month with ratings: a rate of some months only earns no better grade.

    >>> s = satisfaction((0, 0, 0, 250, 250), least=10); s.share, round(s.interval.low, 4), s.mean, s.grade
    (1.0, 0.9924, 4.5, <Grade.C: 'C'>)
    >>> satisfaction((1, 0, 0, 0, 8), least=10).share is None
    True
    """
    n = sum(counts)
    if n < max(1, least):
        return Satisfaction(counts=counts, share=None, interval=None, mean=None, grade=None, response=response)
    happy = counts[3] + counts[4]
    return Satisfaction(
        counts=counts,
        share=happy / n,
        interval=wilson(happy, n),
        mean=sum(stars * count for stars, count in enumerate(counts, start=1)) / n,
        grade=_grade(n, response if is_whole else None),
        response=response,
    )


def _grade(n: int, response: float | None) -> Grade:
    if n < GRADE_C_FROM:
        return Grade.D
    # More ratings than contacts: the contacts were told wrong, and say nothing of who answered.
    return Grade.A if response is not None and GRADE_A_RESPONSE <= response <= 1 else Grade.C


class Way(StrEnum):
    """What can be said of a change."""

    UP = "up"
    DOWN = "down"
    UNSURE = "unsure"


WAYS = {
    Way.UP: N_("È aumentata"),
    Way.DOWN: N_("È diminuita"),
    Way.UNSURE: N_("Nessuna differenza certa"),
}


@dataclass(frozen=True, slots=True)
class Trend:
    """The difference from the period before, with its interval: shares between -1 and 1."""

    change: float
    interval: Interval
    way: Way


def trend(now: Satisfaction, before: Satisfaction) -> Trend | None:
    """Compare two periods; None when one of them is under the threshold.

    >>> t = trend(satisfaction((9, 0, 5, 26, 30), least=10), satisfaction((20, 6, 6, 24, 24), least=10))
    >>> t.way, round(t.change, 2)
    (<Way.UP: 'up'>, 0.2)
    """
    if now.share is None or before.share is None:
        return None
    change, interval = difference(now.happy, now.n, before.happy, before.n)
    way = Way.UP if interval.low > 0 else Way.DOWN if interval.high < 0 else Way.UNSURE
    return Trend(change, interval, way)


def added(parts: Sequence[Counts]) -> Counts:
    """Add counts up.

    >>> added([(1, 0, 0, 0, 2), (0, 1, 0, 0, 3)])
    (1, 1, 0, 0, 5)
    """
    one, two, three, four, five = (sum(column) for column in zip(NONE, *parts, strict=True))
    return one, two, three, four, five
