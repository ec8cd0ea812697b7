"""Who may prepare, approve and import. An office's referent reaches only her own office's actions."""

from civic.kernel.actor import EVERYWHERE, Actor, Scope, ScopeKind
from civic.kernel.permissions import Permission
from civic.planning.models import MandateAction


def scopes_of(action: MandateAction) -> tuple[Scope, ...]:
    """List the scopes an action lies in: itself, the office that answers for it, and whoever goes on after that office."""
    scopes, office = [Scope(ScopeKind.ACTION, action.code)], action.lead_office
    while office is not None and len(scopes) < 20:
        scopes.append(Scope(ScopeKind.OFFICE, office.code))
        office = office.successor
    return tuple(scopes)


def reach(who: Actor, *permissions: Permission) -> tuple[list[str] | None, list[str]]:
    """List the offices and the single actions within which one of the permissions is held; None is every office."""
    scopes = {scope for p in permissions for scope in who.scopes(p)}
    offices = None if EVERYWHERE in scopes else sorted(s.ref for s in scopes if s.kind is ScopeKind.OFFICE)
    return offices, sorted(s.ref for s in scopes if s.kind is ScopeKind.ACTION)


def may_draft(who: Actor, action: MandateAction) -> bool:
    """Prepare a draft for this action."""
    return who.may(Permission.PLANNING_ACTION_DRAFT, *scopes_of(action))


def may_publish(who: Actor, action: MandateAction) -> bool:
    """Approve this action's draft, classify it, add a third party's assessment."""
    return who.may(Permission.PLANNING_ACTION_PUBLISH, *scopes_of(action))


def may_import(who: Actor) -> bool:
    """Import programmes and sheets, and record what the sheets' phases and indicators came to."""
    return who.may(Permission.PLANNING_PLAN_IMPORT)
