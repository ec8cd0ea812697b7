"""Who may manage accounts."""

from civic.kernel.actor import Actor
from civic.kernel.permissions import Permission


def may_manage_accounts(who: Actor) -> bool:
    """Invite, disable, give and take grants."""
    return who.may(Permission.PEOPLE_ACCOUNT_MANAGE)
