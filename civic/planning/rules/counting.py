"""How many promises are kept: two percentages together, never one headline."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from civic.kernel.measure import share_percent
from civic.planning.models import Status

# Shown beside the figures; raise it when the rule below changes.
RULE_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Actions by status. `n` is the base of the percentages; what is not assessable is counted apart."""

    by_status: Mapping[Status, int]
    n: int
    not_counted: int
    strict_percent: Decimal | None
    broad_percent: Decimal | None


def count_statuses(by_status: Mapping[Status, int]) -> Counts:
    """Apply counting rule 1.

    Base: every action whose status is known, withdrawn and changed ones included. Strict: completed / base. Broad:
    (completed + in progress) / base. Not assessable actions are outside the base and listed beside it. Counted outputs
    and priorities never come in.

    >>> c = count_statuses({Status.COMPLETED: 209, Status.IN_PROGRESS: 30, Status.NOT_STARTED: 12})
    >>> c.n, round(c.strict_percent, 2), round(c.broad_percent, 2)
    (251, Decimal('83.27'), Decimal('95.22'))
    """
    not_counted = by_status.get(Status.NOT_ASSESSABLE, 0)
    n = sum(by_status.values()) - not_counted
    done = by_status.get(Status.COMPLETED, 0)
    going = by_status.get(Status.IN_PROGRESS, 0)
    return Counts(
        by_status=by_status,
        n=n,
        not_counted=not_counted,
        strict_percent=share_percent(done, n),
        broad_percent=share_percent(done + going, n),
    )
