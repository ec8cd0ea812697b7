"""Who may do what with ratings. Nobody may take one away, and nobody decides about the office she works for."""

from civic.city.models import Service
from civic.kernel.actor import EVERYWHERE, Actor, Scope, ScopeKind
from civic.kernel.permissions import Permission


def scopes_of(service: Service) -> tuple[Scope, ...]:
    """List the scopes within which a grant reaches a service: its office and its provider."""
    found = [Scope(ScopeKind.OFFICE, service.office_code)]
    found += [Scope(ScopeKind.PROVIDER, service.provider_code)] if service.provider_code else []
    return tuple(found)


def works_there(who: Actor, service: Service) -> bool:
    """Say whether somebody holds any grant for the office or the provider of a service."""
    return not {g.scope for g in who.grants}.isdisjoint(scopes_of(service))


def may_edit_evidence(who: Actor, service: Service) -> bool:
    """Make points and tickets, tell contacts, keep standards, add surveys of one's own."""
    return who.may(Permission.QUALITY_EVIDENCE_EDIT, *scopes_of(service))


def may_enter(who: Actor, service: Service) -> bool:
    """Write down what somebody said at a counter or by telephone, of any service but one's own."""
    return who.may(Permission.QUALITY_RATING_ENTER, EVERYWHERE) and not works_there(who, service)


def may_review(who: Actor, service: Service) -> bool:
    """Decide, with a second person, whether an anomalous window counts; never about one's own office."""
    return who.may(Permission.QUALITY_WINDOW_REVIEW, EVERYWHERE) and not works_there(who, service)


def may_list_employees(who: Actor) -> bool:
    """Put in the list of who works where."""
    return who.may(Permission.QUALITY_EMPLOYEE_EDIT, EVERYWHERE)
