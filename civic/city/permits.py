"""Who may change what is where."""

from civic.kernel.actor import Actor
from civic.kernel.permissions import Permission


def may_edit_catalogue(who: Actor) -> bool:
    """Offices, quartieri, providers, services, holidays."""
    return who.may(Permission.CITY_CATALOGUE_EDIT)


def may_edit_identity(who: Actor) -> bool:
    """The ente's identity, footer links, mail texts, thresholds, silence windows."""
    return who.may(Permission.CITY_IDENTITY_EDIT)


def may_answer_report(who: Actor) -> bool:
    """Messages sent through the site's own forms."""
    return who.may(Permission.CITY_REPORT_ANSWER)
