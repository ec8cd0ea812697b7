"""Where a voice stands, read from what happened to it; never stored. Pure."""

from enum import StrEnum

from civic.kernel.text import N_


class Stage(StrEnum):
    """Where a voice stands."""

    RECEIVED = "received"
    ASSIGNED = "assigned"
    WAITING = "waiting"
    ANSWERED = "answered"
    PLANNED = "planned"
    DONE = "done"
    VERIFIED = "verified"


STATES = {
    Stage.RECEIVED: N_("Ricevuta"),
    Stage.ASSIGNED: N_("Affidata a un ufficio"),
    Stage.WAITING: N_("In attesa di chi ha scritto"),
    Stage.ANSWERED: N_("Con risposta"),
    Stage.PLANNED: N_("Miglioramento previsto"),
    Stage.DONE: N_("Fatto"),
    Stage.VERIFIED: N_("Fatto, e confermato da chi ha scritto"),
}


def stage_of(*, triaged: bool, paused: bool, replied: bool, planned: bool, done: bool, verified: bool) -> Stage:
    """Say where a voice stands: the furthest point it reached.

    >>> stage_of(triaged=True, paused=False, replied=True, planned=True, done=False, verified=False).value
    'planned'
    """
    if done:
        return Stage.VERIFIED if verified else Stage.DONE
    if planned:
        return Stage.PLANNED
    if replied:
        return Stage.ANSWERED
    if paused:
        return Stage.WAITING
    return Stage.ASSIGNED if triaged else Stage.RECEIVED
