"""The register of associations and bodies: kinds and states. Pure."""

from enum import StrEnum

from civic.kernel.text import N_


class BodyKind(StrEnum):
    """What a body is."""

    ASSOCIATION = "association"
    COMMITTEE = "committee"
    SCHOOL = "school"
    COOPERATIVE = "cooperative"
    FOUNDATION = "foundation"
    PUBLIC = "public"
    COMPANY = "company"
    OTHER = "other"


BODY_KINDS = {
    BodyKind.ASSOCIATION: N_("Associazione"),
    BodyKind.COMMITTEE: N_("Comitato"),
    BodyKind.SCHOOL: N_("Scuola o istituto"),
    BodyKind.COOPERATIVE: N_("Cooperativa"),
    BodyKind.FOUNDATION: N_("Fondazione"),
    BodyKind.PUBLIC: N_("Ente pubblico"),
    BodyKind.COMPANY: N_("Impresa"),
    BodyKind.OTHER: N_("Altro"),
}


class BodyState(StrEnum):
    """Where a registration stands."""

    ASKED = "asked"
    VERIFIED = "verified"
    REFUSED = "refused"
    CLOSED = "closed"


BODY_STATES = {
    BodyState.ASKED: N_("In attesa di verifica"),
    BodyState.VERIFIED: N_("Verificata"),
    BodyState.REFUSED: N_("Non accolta"),
    BodyState.CLOSED: N_("Chiusa"),
}

_STEPS = {
    BodyState.ASKED: (BodyState.VERIFIED, BodyState.REFUSED),
    BodyState.VERIFIED: (BodyState.CLOSED,),
}


def next_states(state: BodyState) -> tuple[BodyState, ...]:
    """List what an operator can decide about a registration in this state.

    >>> [s.value for s in next_states(BodyState.VERIFIED)], next_states(BodyState.REFUSED)
    (['closed'], ())
    """
    return _STEPS.get(state, ())
