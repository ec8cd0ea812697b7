"""Who may do what with a voice: the office it is given to, and those who work for the whole ente."""

from civic.kernel.actor import EVERYWHERE, Actor, Scope, ScopeKind
from civic.kernel.permissions import Permission


def scopes_of(office_code: str | None, quartiere_code: str | None = None) -> tuple[Scope, ...]:
    """List the scopes within which a grant reaches a voice, or a commitment, of an office and a quartiere."""
    found = [Scope(ScopeKind.OFFICE, office_code)] if office_code else []
    found += [Scope(ScopeKind.QUARTIERE, quartiere_code)] if quartiere_code else []
    return tuple(found) or (EVERYWHERE,)


def may_triage(who: Actor) -> bool:
    """Read what comes in and give it to an office: for the whole ente."""
    return who.may(Permission.CONTRIBUTIONS_VOICE_TRIAGE)


def may_answer(who: Actor, office_code: str | None) -> bool:
    """Answer for an office: reply, decide parts, pause, promise."""
    return who.may(Permission.CONTRIBUTIONS_VOICE_ANSWER, *scopes_of(office_code))


def may_decide_hiding(who: Actor) -> bool:
    """Decide whether a text is hidden: never whoever asked, and never an office about itself."""
    return who.may(Permission.CONTRIBUTIONS_HIDING_DECIDE, EVERYWHERE)


def may_edit_consultations(who: Actor) -> bool:
    """Open consultations and tell what came of them; keep the codebook of themes."""
    return who.may(Permission.CONTRIBUTIONS_CONSULTATION_EDIT)


def offices_of(who: Actor) -> frozenset[str] | None:
    """List the offices for which somebody answers; None is all of them."""
    if may_triage(who) or who.may(Permission.CONTRIBUTIONS_VOICE_ANSWER, EVERYWHERE):
        return None
    held = who.scopes(Permission.CONTRIBUTIONS_VOICE_ANSWER)
    return frozenset(s.ref for s in held if s.kind is ScopeKind.OFFICE)
