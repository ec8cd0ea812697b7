"""The statistics that published figures rest on. Pure; shares are between 0 and 1."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from math import exp, lgamma, log, log1p, sqrt
from statistics import median
from typing import TypeVar

Cell = TypeVar("Cell", bound=Hashable)
Z95 = 1.959963984540054  # the two-sided 95% point of the normal distribution


@dataclass(frozen=True, slots=True)
class Interval:
    """An interval at 95%."""

    low: float
    high: float


def wilson(part: int, whole: int, *, z: float = Z95) -> Interval:
    """Return the score interval of a share (Wilson 1927). Raises ValueError: without a whole.

    >>> i = wilson(3, 3); round(i.low, 2), round(i.high, 2)
    (0.44, 1.0)
    """
    if whole < 1 or not 0 <= part <= whole:
        raise ValueError(f"{part} of {whole}")
    share, square = part / whole, z * z
    centre = (share + square / (2 * whole)) / (1 + square / whole)
    half = z / (1 + square / whole) * sqrt(share * (1 - share) / whole + square / (4 * whole * whole))
    return Interval(max(0.0, centre - half), min(1.0, centre + half))


def difference(part: int, whole: int, part_before: int, whole_before: int) -> tuple[float, Interval]:
    """Return the difference of two independent shares with its interval (Newcombe 1998, method 10).

    >>> d, i = difference(56, 70, 48, 80); round(d, 2), round(i.low, 4), round(i.high, 4)
    (0.2, 0.0524, 0.3339)
    """
    now, before = part / whole, part_before / whole_before
    new, old = wilson(part, whole), wilson(part_before, whole_before)
    low = now - before - sqrt((now - new.low) ** 2 + (old.high - before) ** 2)
    high = now - before + sqrt((new.high - now) ** 2 + (before - old.low) ** 2)
    return now - before, Interval(low, high)


def suppress(cells: Mapping[Cell, int], *, least: int) -> dict[Cell, int | None]:
    """Hide cells from 1 to `least` - 1, and, when one alone is hidden, the next smallest, so that no total gives it away.

    >>> suppress({"a": 3, "b": 40, "c": 9, "d": 0}, least=5)
    {'a': None, 'b': 40, 'c': None, 'd': 0}
    """
    hidden = {k for k, n in cells.items() if 0 < n < least}
    if len(hidden) == 1:
        others = sorted((n, i, k) for i, (k, n) in enumerate(cells.items()) if n and k not in hidden)
        hidden |= {k for _n, _i, k in others[:1]}
    return {k: None if k in hidden else n for k, n in cells.items()}


def volume_tail(n: int, usual: Sequence[int]) -> float:
    """Return how likely at least `n` events are, given the counts of comparable windows.

    A negative binomial with their median as its mean and their spread (MAD) as its standard deviation, Poisson when they
    spread less than that: one day with a crowd does not make crowds usual.

    >>> volume_tail(2, [1, 2, 1, 2]) > 0.1, volume_tail(20, [1, 2, 1, 2]) < 1e-6
    (True, True)
    """
    if n <= 0:
        return 1.0
    mean = max(float(median(usual)) if usual else 0.0, 0.5)
    spread = 1.4826 * float(median([abs(u - mean) for u in usual])) if usual else 0.0
    variance = max(spread * spread, mean)
    below = sum(exp(_log_chance(k, mean, variance)) for k in range(n))
    # Where the sum has lost the tail to rounding, its first term and a geometric bound say the rest.
    first = exp(_log_chance(n, mean, variance))
    return min(1.0, 1.0 - below) if below < 1.0 - 1e-9 else min(1.0, first / max(1e-12, 1.0 - _ratio(n, mean, variance)))


def _log_chance(k: int, mean: float, variance: float) -> float:
    if variance <= mean * (1 + 1e-9):
        return k * log(mean) - mean - lgamma(k + 1)
    size = mean * mean / (variance - mean)
    return (
        lgamma(k + size)
        - lgamma(size)
        - lgamma(k + 1)
        + size * (log(size) - log(size + mean))
        + k * (log(mean) - log(size + mean))
    )


def _ratio(n: int, mean: float, variance: float) -> float:
    """Return how fast the tail falls after n: each term is at most this part of the one before."""
    return exp(_log_chance(n + 1, mean, variance) - _log_chance(n, mean, variance))


def mix_tail(found: Sequence[int], usual: Sequence[int]) -> float:
    """Return how likely a mix at least as odd is, by a G-test of `found` against the shares of `usual` (one added to each).

    For five classes: the chi-square tail with four degrees of freedom has a closed form.

    >>> mix_tail([0, 1, 1, 4, 4], [2, 8, 15, 40, 35]) > 0.5, mix_tail([10, 0, 0, 0, 0], [2, 8, 15, 40, 35]) < 1e-6
    (True, True)
    """
    total, whole = sum(found), sum(usual) + len(usual)
    g = 2 * sum(n * log(n * whole / (total * (u + 1))) for n, u in zip(found, usual, strict=True) if n)
    half = max(0.0, g) / 2
    return exp(-half + log1p(half))
