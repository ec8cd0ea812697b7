"""Who may do what with a voice: the office it is given to, a provider it is handed to, and who works for the whole ente."""

from civic.contributions.models import Contribution
from civic.kernel.actor import EVERYWHERE, Actor, Scope, ScopeKind
from civic.kernel.permissions import Permission


def scopes_of(office_code: str | None, quartiere_code: str | None = None, provider_code: str | None = None) -> tuple[Scope, ...]:
    """List the scopes within which a grant reaches a voice, or a commitment, of an office, a quartiere and a provider."""
    found = [Scope(ScopeKind.OFFICE, office_code)] if office_code else []
    found += [Scope(ScopeKind.QUARTIERE, quartiere_code)] if quartiere_code else []
    found += [Scope(ScopeKind.PROVIDER, provider_code)] if provider_code else []
    return tuple(found) or (EVERYWHERE,)


def may_triage(who: Actor) -> bool:
    """Read what comes in and give it to an office: for the whole ente."""
    return who.may(Permission.CONTRIBUTIONS_VOICE_TRIAGE)


def may_answer(who: Actor, office_code: str | None) -> bool:
    """Answer for an office: reply, decide parts, pause, promise, ask a provider. No provider may: it answers to the office."""
    return who.may(Permission.CONTRIBUTIONS_VOICE_ANSWER, *scopes_of(office_code))


def may_answer_handed(who: Actor, voice: Contribution) -> bool:
    """Answer to the office for the provider that has the voice now."""
    held = next((h.provider_code for h in voice.handings if h.returned_at is None), None)
    return held is not None and who.may(Permission.CONTRIBUTIONS_VOICE_ANSWER, Scope(ScopeKind.PROVIDER, held))


def may_read_all(who: Actor, voice: Contribution) -> bool:
    """Read a voice as it came, with what hangs on it; a provider reads only what it needs to answer."""
    return may_triage(who) or may_answer(who, voice.office_code) or may_decide_hiding(who)


def may_write_down(who: Actor) -> bool:
    """Write down what came by letter, telephone or at a counter."""
    offices = offices_of(who)
    return may_triage(who) or offices is None or bool(offices)


def may_decide_hiding(who: Actor) -> bool:
    """Decide whether a text is hidden: never whoever asked, and never an office about itself."""
    return who.may(Permission.CONTRIBUTIONS_HIDING_DECIDE, EVERYWHERE)


def may_edit_consultations(who: Actor) -> bool:
    """Open consultations and tell what came of them; keep the codebook of themes."""
    return who.may(Permission.CONTRIBUTIONS_CONSULTATION_EDIT)


def may_set_term(who: Actor, office_code: str | None) -> bool:
    """Set the days of an office, or with None of the whole ente: who triages for all, never who answers for an office there."""
    held = who.scopes(Permission.CONTRIBUTIONS_VOICE_ANSWER)
    own = any(s.kind is ScopeKind.OFFICE and office_code in (None, s.ref) for s in held)
    return who.may(Permission.CONTRIBUTIONS_VOICE_TRIAGE, EVERYWHERE) and not own


def may_save_reply(who: Actor, office_code: str | None) -> bool:
    """Save a reply for an office to use again, or with None for everyone who answers."""
    return may_answer(who, office_code) if office_code else who.may(Permission.CONTRIBUTIONS_VOICE_TRIAGE, EVERYWHERE)


def offices_of(who: Actor) -> frozenset[str] | None:
    """List the offices for which somebody answers; None is all of them."""
    if may_triage(who) or who.may(Permission.CONTRIBUTIONS_VOICE_ANSWER, EVERYWHERE):
        return None
    return _refs(who, ScopeKind.OFFICE)


def providers_of(who: Actor) -> frozenset[str]:
    """List the providers for which somebody answers to the offices."""
    return _refs(who, ScopeKind.PROVIDER)


def _refs(who: Actor, kind: ScopeKind) -> frozenset[str]:
    return frozenset(s.ref for s in who.scopes(Permission.CONTRIBUTIONS_VOICE_ANSWER) if s.kind is kind)
