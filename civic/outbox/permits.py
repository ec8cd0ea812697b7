"""Who may change how much mail may leave."""

from civic.kernel.actor import Actor
from civic.kernel.permissions import Permission


def may_edit_allowances(who: Actor) -> bool:
    """Allowances for networks and announced openings."""
    return who.may(Permission.CITY_IDENTITY_EDIT)
