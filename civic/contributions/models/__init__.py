"""The tables of the register of voices: voices and what hangs on them; consultations, commitments, terms, saved replies."""

from civic.contributions.models.commitments import (
    Commitment,
    CommitmentContribution,
    Consultation,
    ConsultationPhase,
    ContributionTerm,
    ReplyTemplate,
)
from civic.contributions.models.voices import (
    Contribution,
    ContributionCheck,
    ContributionHanding,
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
    "ContributionHanding",
    "ContributionHiding",
    "ContributionPart",
    "ContributionPause",
    "ContributionReply",
    "ContributionTerm",
    "ReplyTemplate",
    "Theme",
]
