"""Forms without a session: pages that carry them stay the same for everybody, and the main municipal site can post them.

A CSRF token needs a cookie, and a page with a cookie is kept by no cache. Where nothing of a signed-in person is at stake
the browser's own word does: it says from which site a form was sent, and no page can make it say another. Whatever does
not say it is turned away.
"""

from flask import Flask, request
from flask_wtf import CSRFProtect

from civic.kernel.errors import Refused
from civic.kernel.text import N_
from civic.web.doors import door_of
from civic.web.town import town

_NEAR = frozenset({"same-origin", "same-site", "none"})


def install(app: Flask, csrf: CSRFProtect) -> None:
    """Ask no CSRF token at plain doors; comes after the blueprints."""
    for endpoint, view in app.view_functions.items():
        door = door_of(app, endpoint)
        if door is not None and door.plain:
            csrf.exempt(view)


def require_known_origin() -> None:
    """Let through what was sent from a page of this site, or of one in CIVIC_RATING_ORIGINS. Raises Refused."""
    origin = request.headers.get("Origin", "")
    config = town().config
    if origin in (config.base_url, request.host_url.rstrip("/")):
        known = request.headers.get("Sec-Fetch-Site", "same-origin") in _NEAR
    else:
        known = origin in config.known_origins
    if not known:
        raise Refused(N_("Il modulo non è arrivato da una pagina del Comune: aprila e invialo da lì."))
