"""Every route has a door, named where the view is: who may enter, and what election silence does to the page.

    @site.get("/programma")
    @public(silence=Silence.PLAIN)
    def programme(): ...

The guard asks the door before the view runs; an app with a doorless route refuses to start. Doors know only the actor:
what a person may do to one thing is asked again by the command, with its area's permits.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from flask import Flask

from civic.kernel.actor import Actor, TrustLevel
from civic.kernel.permissions import Permission
from civic.kernel.silence import Silence

View = TypeVar("View", bound=Callable[..., Any])


class DoorKind(StrEnum):
    """Who is meant."""

    PUBLIC = "public"
    CITIZEN = "citizen"
    STAFF = "staff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Who may enter, what silence does, and how often one person may knock.

    A staff door opens to whoever holds one of the permissions in any scope, and without permissions to any member of
    staff, for her own things. A citizen's door opens to sessions of at least its trust level. `rate` is like "10/minute";
    without one only the site's own limit holds. A `plain` door takes forms without a session: see `web.origins`.
    """

    kind: DoorKind
    silence: Silence
    permissions: tuple[Permission, ...] = ()
    level: TrustLevel = TrustLevel.OPEN
    rate: str = ""
    plain: bool = False

    def opens_to(self, who: Actor) -> bool:
        """Say whether this person may enter."""
        if self.kind is DoorKind.PUBLIC:
            return True
        if self.kind is DoorKind.CITIZEN:
            return who.is_citizen and who.level >= self.level
        return who.is_staff and (not self.permissions or any(who.may(p) for p in self.permissions))


def public(*, silence: Silence, rate: str = "", plain: bool = False) -> Callable[[View], View]:
    """Open to everyone."""
    return _hang(Door(kind=DoorKind.PUBLIC, silence=silence, rate=rate, plain=plain))


def citizen(*, level: TrustLevel = TrustLevel.EMAIL, silence: Silence = Silence.STAYS, rate: str = "") -> Callable[[View], View]:
    """Open to citizens whose session is of this trust level at least."""
    return _hang(Door(kind=DoorKind.CITIZEN, silence=silence, level=level, rate=rate))


def staff(*permissions: Permission, silence: Silence = Silence.STAYS, rate: str = "") -> Callable[[View], View]:
    """Open to staff who hold one of the permissions, in any scope; without permissions, to all staff."""
    return _hang(Door(kind=DoorKind.STAFF, silence=silence, permissions=permissions, rate=rate))


def _hang(door: Door) -> Callable[[View], View]:
    def decorate(view: View) -> View:
        view.__door__ = door  # type: ignore[attr-defined]  # a function carries its door
        return view

    return decorate


def door_of(app: Flask, endpoint: str) -> Door | None:
    """Return the door of a route, None when it has none."""
    door = getattr(app.view_functions.get(endpoint), "__door__", None)
    return door if isinstance(door, Door) else None


def require_doors(app: Flask) -> None:
    """Refuse to start with a doorless route. Raises RuntimeError that names them."""
    bare = sorted({r.endpoint for r in app.url_map.iter_rules() if door_of(app, r.endpoint) is None})
    if bare:
        raise RuntimeError(f"routes without a door: {', '.join(bare)}")
