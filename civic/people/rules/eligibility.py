"""Who may take part: one function, asked alike by page, POST, export and interface. Pure.

Bonds with a quartiere and age are declared; nobody asks for citizenship. A residence check, where an initiative needs one,
reads a list that the registry office signed, and never ends in a dead end: the office can look again.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from civic.kernel.actor import TrustLevel
from civic.kernel.text import N_

AGE_FROM = 14


class BondKind(StrEnum):
    """What ties a person to a quartiere."""

    LIVES = "lives"
    WORKS = "works"
    STUDIES = "studies"
    FREQUENTS = "frequents"


class Checked(StrEnum):
    """What is known of a declared residence."""

    NO = ""
    LISTED = "listed"
    OFFICE = "office"


class Channel(StrEnum):
    """By which way somebody takes part."""

    WEB = "web"
    DESK = "desk"
    PHONE = "phone"
    PAPER = "paper"
    KIOSK = "kiosk"


class Hurdle(StrEnum):
    """What stands in the way, one thing each."""

    SIGN_IN = "sign_in"
    IDENTITY = "identity"
    AGE = "age"
    TOO_YOUNG = "too_young"
    BOND = "bond"
    RESIDENCE = "residence"
    PERSONS_ONLY = "persons_only"


@dataclass(frozen=True, slots=True)
class Bond:
    """One declared bond."""

    kind: BondKind
    quartiere: str
    checked: Checked = Checked.NO


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """Somebody who takes part, as far as she is known. `ref` is empty for an open participation.

    `over_14` is None when nobody said. A body (an association) takes part as itself and is counted apart from persons.
    """

    ref: str = ""
    level: TrustLevel = TrustLevel.OPEN
    over_14: bool | None = None
    bonds: tuple[Bond, ...] = ()
    is_body: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """What an initiative asks of who takes part. No quartieri means all; no bonds means that none is asked for."""

    level: TrustLevel = TrustLevel.OPEN
    bonds: frozenset[BondKind] = field(default_factory=frozenset)
    quartieri: frozenset[str] = field(default_factory=frozenset)
    asks_age: bool = True
    checks_residence: bool = False
    admits_bodies: bool = False


HURDLES = {
    Hurdle.SIGN_IN: N_("Serve un accesso, anche solo con la posta elettronica."),
    Hurdle.IDENTITY: N_("Serve un accesso con SPID o CIE di livello 2, o allo sportello con un documento."),
    Hurdle.AGE: N_("Serve la dichiarazione di avere almeno 14 anni."),
    Hurdle.TOO_YOUNG: N_("Si partecipa dai 14 anni in su."),
    Hurdle.BOND: N_("Serve un legame con il quartiere: abitarci, lavorarci, studiarci o frequentarlo."),
    Hurdle.RESIDENCE: N_("La residenza non risulta dall'elenco: verifica con l'ufficio."),
    Hurdle.PERSONS_ONLY: N_("Questa iniziativa è per le persone, non per associazioni ed enti."),
}


def hurdles(asked: Requirement, who: Participant) -> tuple[Hurdle, ...]:
    """List what stands in the way, in the order in which it is best cleared; nothing for who may take part.

    >>> me = Participant(level=TrustLevel.EMAIL, over_14=True, bonds=(Bond(BondKind.WORKS, "Q1"),))
    >>> hurdles(Requirement(level=TrustLevel.EMAIL, bonds=frozenset(BondKind), quartieri=frozenset({"Q1"})), me)
    ()
    >>> [h.value for h in hurdles(Requirement(level=TrustLevel.VERIFIED, checks_residence=True), me)]
    ['identity', 'residence']
    """
    if who.is_body and not asked.admits_bodies:
        return (Hurdle.PERSONS_ONLY,)
    found = []
    if who.level < asked.level:
        found.append(Hurdle.IDENTITY if asked.level is TrustLevel.VERIFIED else Hurdle.SIGN_IN)
    if who.is_body:
        return tuple(found)
    if asked.asks_age and not who.over_14:
        found.append(Hurdle.AGE if who.over_14 is None else Hurdle.TOO_YOUNG)
    if asked.bonds and not any(_ties(asked, bond) for bond in who.bonds):
        found.append(Hurdle.BOND)
    if asked.checks_residence and not any(_is_checked(asked, bond) for bond in who.bonds):
        found.append(Hurdle.RESIDENCE)
    return tuple(found)


def _ties(asked: Requirement, bond: Bond) -> bool:
    return bond.kind in asked.bonds and (not asked.quartieri or bond.quartiere in asked.quartieri)


def _is_checked(asked: Requirement, bond: Bond) -> bool:
    inside = not asked.quartieri or bond.quartiere in asked.quartieri
    return bond.kind is BondKind.LIVES and inside and bond.checked is not Checked.NO


def counts_as_person(channel: Channel, *, identified: bool) -> bool:
    """Say whether a participation goes into totals of "one per person": what nobody identified is a channel apart.

    >>> counts_as_person(Channel.WEB, identified=True), counts_as_person(Channel.PAPER, identified=False)
    (True, False)
    """
    return identified and channel is not Channel.KIOSK


LEVELS = {
    TrustLevel.OPEN: N_("Aperta: nessun accesso"),
    TrustLevel.EMAIL: N_("Posta elettronica confermata"),
    TrustLevel.VERIFIED: N_("Identità verificata"),
}
BONDS = {
    BondKind.LIVES: N_("Ci abito"),
    BondKind.WORKS: N_("Ci lavoro"),
    BondKind.STUDIES: N_("Ci studio"),
    BondKind.FREQUENTS: N_("Lo frequento"),
}
CHANNELS = {
    Channel.WEB: N_("Sito"),
    Channel.DESK: N_("Sportello"),
    Channel.PHONE: N_("Telefono"),
    Channel.PAPER: N_("Carta"),
    Channel.KIOSK: N_("Postazione pubblica"),
}
