"""Pure rules of the plan: statuses, counts and percentages, weights, the Gantt's geometry."""

from civic.planning.rules.counting import RULE_VERSION, Counts, count_statuses
from civic.planning.rules.gantt import Bar, Gantt, draw_gantt
from civic.planning.rules.statuses import STATUSES, StatusData, StatusLook, check_status
from civic.planning.rules.weights import Shares, normalised_shares

__all__ = [
    "RULE_VERSION",
    "STATUSES",
    "Bar",
    "Counts",
    "Gantt",
    "Shares",
    "StatusData",
    "StatusLook",
    "check_status",
    "count_statuses",
    "draw_gantt",
    "normalised_shares",
]
