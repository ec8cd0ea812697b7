"""The tables of who does what: staff, citizens, the counter's batches, bodies."""

from civic.people.models.bodies import Body, BodySpeaker
from civic.people.models.citizens import (
    Citizen,
    CitizenBond,
    CitizenSession,
    MailLink,
    NoticeChoice,
    PepperSeal,
    ResidenceRequest,
    Resident,
)
from civic.people.models.counter import AssistedEntry, Batch
from civic.people.models.staff import Grant, OneTimeLink, RecoveryCode, SignInThrottle, StaffAccount, StaffSession

__all__ = [
    "AssistedEntry",
    "Batch",
    "Body",
    "BodySpeaker",
    "Citizen",
    "CitizenBond",
    "CitizenSession",
    "Grant",
    "MailLink",
    "NoticeChoice",
    "OneTimeLink",
    "PepperSeal",
    "RecoveryCode",
    "ResidenceRequest",
    "Resident",
    "SignInThrottle",
    "StaffAccount",
    "StaffSession",
]
