"""Who is acting: a value that doors and permits can ask, without knowing how the person signed in."""

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

from civic.kernel.permissions import Permission


class ActorKind(StrEnum):
    """The kinds of hand that can act."""

    ANYONE = "anyone"
    CITIZEN = "citizen"
    STAFF = "staff"
    SYSTEM = "system"


class TrustLevel(IntEnum):
    """How far the house knows who takes part; told beside every figure that comes of it."""

    # A signed cookie and a limit of frequency.
    OPEN = 0
    # An e-mail address whose owner opened a link and pressed its button.
    EMAIL = 1
    # SPID or CIE of level 2, or an operator who saw a document.
    VERIFIED = 2


class ScopeKind(StrEnum):
    """What a grant is limited to."""

    ALL = "all"
    OFFICE = "office"
    QUARTIERE = "quartiere"
    PROVIDER = "provider"
    ACTION = "action"


@dataclass(frozen=True, slots=True)
class Scope:
    """A part of the house: everything, one office or quartiere or provider by its code, or one single item."""

    kind: ScopeKind = ScopeKind.ALL
    ref: str = ""


EVERYWHERE = Scope()


@dataclass(frozen=True, slots=True)
class HeldGrant:
    """One permission within one scope, as held by an actor."""

    permission: Permission
    scope: Scope = EVERYWHERE


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """The person or process behind a request.

    `ref` identifies the person inside the house; `label` is the public name of the office that speaks; `level` is how this
    session of a citizen began, not the best that her account ever reached.
    """

    kind: ActorKind = ActorKind.ANYONE
    ref: str = ""
    name: str = ""
    label: str = ""
    grants: frozenset[HeldGrant] = field(default_factory=frozenset)
    level: TrustLevel = TrustLevel.OPEN

    @property
    def signed_in(self) -> bool:
        """Whether this is a known person."""
        return self.is_staff or self.is_citizen

    @property
    def is_staff(self) -> bool:
        """Whether this is somebody who works for the ente."""
        return self.kind is ActorKind.STAFF

    @property
    def is_citizen(self) -> bool:
        """Whether this is somebody who takes part with an account of her own."""
        return self.kind is ActorKind.CITIZEN

    def may(self, permission: Permission, *scopes: Scope) -> bool:
        """Say whether a grant covers one of the scopes; without scopes, whether it is held anywhere at all.

        >>> who = Actor(grants=frozenset({HeldGrant(Permission.PLANNING_ACTION_DRAFT, Scope(ScopeKind.OFFICE, "verde"))}))
        >>> who.may(Permission.PLANNING_ACTION_DRAFT), who.may(Permission.PLANNING_ACTION_DRAFT, EVERYWHERE)
        (True, False)
        """
        if self.kind is ActorKind.SYSTEM:
            return True
        held = {g.scope for g in self.grants if g.permission is permission}
        return bool(held) if not scopes else EVERYWHERE in held or not held.isdisjoint(scopes)

    def scopes(self, permission: Permission) -> frozenset[Scope]:
        """List the scopes in which the permission is held."""
        if self.kind is ActorKind.SYSTEM:
            return frozenset({EVERYWHERE})
        return frozenset(g.scope for g in self.grants if g.permission is permission)


ANYONE = Actor()


def system(label: str) -> Actor:
    """Make the actor of a command-line task or a scheduled job; `label` says which."""
    return Actor(kind=ActorKind.SYSTEM, ref="system", name=label, label=label)
