"""Who may manage accounts, verify bodies, decide about residence, and enter for citizens."""

from civic.kernel.actor import EVERYWHERE, Actor, Scope, ScopeKind
from civic.kernel.permissions import Permission


def may_manage_accounts(who: Actor) -> bool:
    """Invite, disable, give and take grants."""
    return who.may(Permission.PEOPLE_ACCOUNT_MANAGE)


def may_verify_bodies(who: Actor) -> bool:
    """Verify, refuse and close registrations of bodies."""
    return who.may(Permission.PEOPLE_BODY_VERIFY)


def may_decide_residence(who: Actor) -> bool:
    """Answer requests about residence, and import the list of residents."""
    return who.may(Permission.PEOPLE_RESIDENCE_DECIDE)


def may_assist(who: Actor, quartiere_code: str | None) -> bool:
    """Enter for citizens at a counter of this quartiere, or at one of the whole city."""
    scope = Scope(ScopeKind.QUARTIERE, quartiere_code) if quartiere_code else EVERYWHERE
    return who.may(Permission.PEOPLE_CITIZEN_ASSIST, scope)


def may_assist_somewhere(who: Actor) -> bool:
    """Enter for citizens at some counter."""
    return who.may(Permission.PEOPLE_CITIZEN_ASSIST)
