"""Weights of phases and indicators: any positive number, normalised on reading."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

HUNDRED = Decimal(100)


@dataclass(frozen=True, slots=True)
class Shares:
    """Shares in percent, in the order of the weights; None for an unknown weight among known ones.

    `declared_sum` is the sum as written, None when no weight is known; `equal` says that no weight was known and equal
    shares were used.
    """

    percents: Sequence[Decimal | None]
    declared_sum: Decimal | None
    equal: bool

    @property
    def warn(self) -> bool:
        """Whether the declared weights do not sum to 100, or some are unknown."""
        return self.declared_sum is not None and (self.declared_sum != HUNDRED or None in self.percents)


def normalised_shares(weights: Sequence[Decimal | None]) -> Shares:
    """Divide each weight by their sum. With no weight at all, equal shares; an unknown one stays unknown, never zero.

    >>> normalised_shares([Decimal(30), Decimal(90)]).percents
    [Decimal('25'), Decimal('75')]
    >>> normalised_shares([None, None]).equal
    True
    """
    known = [w for w in weights if w is not None]
    if not known:
        return Shares([HUNDRED / len(weights)] * len(weights) if weights else [], None, equal=True)
    total = sum(known, Decimal(0))
    return Shares([None if w is None else w * HUNDRED / total for w in weights], total, equal=False)
