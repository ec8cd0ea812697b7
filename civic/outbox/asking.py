"""How the visitor of this moment asks for a mail to an address that nobody confirmed."""

from flask import request, url_for

from civic.outbox.rules import Asked, Origin, caps_of
from civic.web.pages import absolute
from civic.web.town import town, who


def asked_here() -> Asked:
    """Return from where, within which caps: by the visitor's network, or by the member of staff who enters it for her."""
    operator = who().ref if who().is_staff else ""
    return Asked(
        origin=Origin(address=request.remote_addr or "", operator=operator),
        caps=caps_of(town().config),
        pepper=town().pepper,
        stop_link=absolute(url_for("outbox.stop", token="%s")).replace("%25s", "%s"),
    )
