"""Pure rules of this area: origins and outcomes, the clocks, names taken out of a text."""

from civic.contributions.rules.clocks import CHECK_AFTER, REPLY_DAYS, TRIAGE_DAYS, Pause, due_on, working_days_between
from civic.contributions.rules.outcomes import (
    BY_HAND,
    COMMITMENT_STATES,
    HIDE_REASONS,
    ORIGINS,
    OUTCOMES,
    REASONS,
    SEVERITIES,
    VERDICTS,
    CommitmentState,
    HideReason,
    Origin,
    Outcome,
    ReasonCode,
    Severity,
    Verdict,
    needs_reason,
)
from civic.contributions.rules.redaction import redact
from civic.contributions.rules.states import STATES, Stage, stage_of

__all__ = [
    "BY_HAND",
    "CHECK_AFTER",
    "COMMITMENT_STATES",
    "HIDE_REASONS",
    "ORIGINS",
    "OUTCOMES",
    "REASONS",
    "REPLY_DAYS",
    "SEVERITIES",
    "STATES",
    "TRIAGE_DAYS",
    "VERDICTS",
    "CommitmentState",
    "HideReason",
    "Origin",
    "Outcome",
    "Pause",
    "ReasonCode",
    "Severity",
    "Stage",
    "Verdict",
    "due_on",
    "needs_reason",
    "redact",
    "stage_of",
    "working_days_between",
]
