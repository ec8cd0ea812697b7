"""Election silence (L. 28/2000 art. 9): what it does to a page, a macro or a mail.

From the day an election is called until the polls close an administration may communicate only impersonally and only
what its work cannot do without. Each route, macro and mail says beforehand which of the three it is.
"""

from enum import StrEnum


class Silence(StrEnum):
    """What a silence window does."""

    # A service, a duty or a right: it stays as it is.
    STAYS = "stays"
    # It stays without names, portraits, slogans and promotion.
    PLAIN = "plain"
    # It stops, and a short page says why and until when.
    OFF = "off"
