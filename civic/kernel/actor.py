"""Who is acting: a value that doors and permits can ask, without knowing how the person signed in."""

from dataclasses import dataclass, field
from enum import StrEnum

from civic.kernel.permissions import Permission


class ActorKind(StrEnum):
    """The three kinds of hand that can act."""

    ANYONE = "anyone"
    STAFF = "staff"
    SYSTEM = "system"


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

    `ref` identifies the person inside the house; `label` is the public name of the office that speaks.
    """

    kind: ActorKind = ActorKind.ANYONE
    ref: str = ""
    name: str = ""
    label: str = ""
    grants: frozenset[HeldGrant] = field(default_factory=frozenset)

    @property
    def signed_in(self) -> bool:
        """Whether this is a known person."""
        return self.kind is ActorKind.STAFF

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
