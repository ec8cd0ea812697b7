"""Before every request: ask who it is and whether the door opens."""

from flask import Flask, current_app, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.routing import IntegerConverter, UnicodeConverter, ValidationError

from civic.kernel.errors import NotAllowed
from civic.kernel.silence import Silence
from civic.web.doors import DoorKind, door_of
from civic.web.origins import require_known_origin
from civic.web.sessions import current_actor
from civic.web.town import now, reading, town

# Where each kind of closed door sends who is not signed in.
SIGN_IN = {DoorKind.STAFF: "people_desk.sign_in", DoorKind.CITIZEN: "entry.sign_in"}


class _Words(UnicodeConverter):
    """A part of an address that a database can hold: PostgreSQL refuses the NUL character."""

    def to_python(self, value: str) -> str:
        """Take the text; with a NUL in it there is no such page."""
        if "\0" in value:
            raise ValidationError
        return str(super().to_python(value))


class _Number(IntegerConverter):
    """A number of an address that fits an integer column; a longer one is no page."""

    def to_python(self, value: str) -> int:
        """Read the number."""
        if len(value) > 9:
            raise ValidationError
        return int(super().to_python(value))


def install(app: Flask) -> None:
    """Ask the door before each view."""
    app.url_map.converters.update(default=_Words, string=_Words, int=_Number)
    app.before_request(_meet)


def _meet() -> ResponseReturnValue | None:
    door = door_of(current_app, request.endpoint) if request.endpoint else None
    if door is None or request.endpoint == "web.static_file":
        return None  # an unknown page becomes a 404 and a file is a file: nobody asks who it is
    g.actor = current_actor()
    if not door.opens_to(g.actor):
        if g.actor.signed_in and door.kind is DoorKind.STAFF:
            raise NotAllowed
        return redirect(url_for(SIGN_IN[door.kind], next=_onward() if request.method == "GET" else None), 303)
    if door.plain and request.method == "POST":
        require_known_origin()
    if door.silence is Silence.OFF:
        with reading() as db:
            if town().is_silent(db, now()):
                return render_template("errors/silence.html"), 503
    return None


def _onward() -> str:
    return request.script_root + request.full_path.rstrip("?")


def safe_next(address: str | None, otherwise: str) -> str:
    """Return a path of this site to go on to; anything else becomes `otherwise`.

    >>> safe_next("/desk?a=1", "/"), safe_next("//evil.example", "/"), safe_next("/\\\\evil", "/"), safe_next("https://x", "/")
    ('/desk?a=1', '/', '/', '/')
    """
    if not address or not address.startswith("/") or address.startswith("//") or "\\" in address:
        return otherwise
    return address if address.isprintable() else otherwise
