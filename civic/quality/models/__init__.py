"""The tables of this area."""

from civic.quality.models.evidence import SENSES, OutsideResult, Sense, ServiceStandard, StandardMeasure
from civic.quality.models.ratings import (
    AnswerTally,
    Rating,
    RatingAnswer,
    RatingPoint,
    RatingTally,
    RatingTicket,
    RatingTurn,
    ServiceContacts,
)
from civic.quality.models.watching import AnomalyWindow, Employee

__all__ = [
    "SENSES",
    "AnomalyWindow",
    "AnswerTally",
    "Employee",
    "OutsideResult",
    "Rating",
    "RatingAnswer",
    "RatingPoint",
    "RatingTally",
    "RatingTicket",
    "RatingTurn",
    "Sense",
    "ServiceContacts",
    "ServiceStandard",
    "StandardMeasure",
]
