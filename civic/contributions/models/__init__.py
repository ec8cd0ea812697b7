"""The tables of the register of voices: voices and what hangs on them; consultations, commitments, saved replies."""

from civic.contributions.models.commitments import (
    Commitment,
    CommitmentContribution,
    Consultation,
    ConsultationPhase,
    ReplyTemplate,
)
from civic.contributions.models.voices import (
    Contribution,
    ContributionCheck,
    ContributionHiding,
    ContributionPart,
    ContributionPause,
    ContributionReply,
    Theme,
)

__all__ = [
    "Commitment",
    "CommitmentContribution",
    "Consultation",
    "ConsultationPhase",
    "Contribution",
    "ContributionCheck",
    "ContributionHiding",
    "ContributionPart",
    "ContributionPause",
    "ContributionReply",
    "ReplyTemplate",
    "Theme",
]
