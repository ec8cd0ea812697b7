"""How many mails may leave for addresses that nobody confirmed, who may ask for more, and what became of one."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import ip_interface, ip_network

from civic.kernel.errors import Refused
from civic.kernel.networks import read_ip
from civic.kernel.text import N_
from config import Config

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
STOP_LINK_LASTS = timedelta(days=30)
# Below the words of every mail to an address that nobody confirmed; no rewording can lose it.
STOP_LINE = "\n\nSe non hai chiesto tu questo messaggio, o non ne vuoi altri così, fermali da qui:\n$stop\n"
# Every IPv6 household has a whole /64: counting single addresses would count nothing.
# A wider network than these is most of the internet: an allowance for it would be one for everywhere.
_WIDEST = {4: 8, 6: 16}


class Told(StrEnum):
    """What became of a mail to an address that nobody confirmed."""

    SENT = "sent"
    ALREADY = "already"
    CAPPED = "capped"
    SUPPRESSED = "suppressed"


class Cap(StrEnum):
    """What is counted, and over how long."""

    ADDRESS_HOUR = "address_hour"
    ADDRESS_DAY = "address_day"
    ORIGIN_HOUR = "origin_hour"
    OPERATOR_HOUR = "operator_hour"
    ALL_HOUR = "all_hour"


CAP_LABELS = {
    Cap.ADDRESS_HOUR: N_("A uno stesso indirizzo di posta, in un'ora"),
    Cap.ADDRESS_DAY: N_("A uno stesso indirizzo di posta, in un giorno"),
    Cap.ORIGIN_HOUR: N_("Chiesti da uno stesso collegamento a internet, in un'ora"),
    Cap.OPERATOR_HOUR: N_("Inseriti da una stessa persona del personale, in un'ora"),
    Cap.ALL_HOUR: N_("In tutto, in un'ora"),
}


class SuppressReason(StrEnum):
    """Why an address gets no unconfirmed mail any more."""

    ASKED = "asked"
    BOUNCED = "bounced"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request for a mail comes from.

    `address` is the visitor's IP address as text, "" when there is none; `operator` the ref of a member of staff who enters
    it for somebody else, "" when the citizen herself asks. An operator is counted by herself, not by her office's address.
    """

    address: str = ""
    operator: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """How many mails to unconfirmed addresses may leave in any sixty minutes, or in any twenty-four hours."""

    per_address_hour: int
    per_address_day: int
    per_origin_hour: int
    per_operator_hour: int
    all_hour: int


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many mails of one subject in a span of time; a limit without a subject is over all mails."""

    cap: Cap
    subject: str
    span: timedelta
    most: int


class AllowanceState(StrEnum):
    """Where a moment lies against an allowance's window."""

    PLANNED = "planned"
    ACTIVE = "active"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """More mails for the addresses of a network, or for everybody while an announced opening lasts (no network)."""

    id: int = 0
    name: str
    network: str
    starts_at: datetime | None
    ends_at: datetime | None
    per_hour: int
    note: str = ""

    def state(self, now: datetime) -> AllowanceState:
        """Say whether it counts at this moment; its end is already outside."""
        if self.starts_at is not None and now < self.starts_at:
            return AllowanceState.PLANNED
        return AllowanceState.ENDED if self.ends_at is not None and now >= self.ends_at else AllowanceState.ACTIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """How a mail to an unconfirmed address was asked for: from where, within which caps, with which key it is counted.

    `stop_link` is the address of the page that stops such mails, with %s for the token.
    """

    origin: Origin
    caps: Caps
    pepper: bytes
    stop_link: str


def caps_of(config: Config) -> Caps:
    """Read the caps of this installation.

    >>> caps_of(Config()).per_address_hour
    3
    """
    return Caps(
        per_address_hour=config.mails_per_address_hour,
        per_address_day=config.mails_per_address_day,
        per_origin_hour=config.mails_per_origin_hour,
        per_operator_hour=config.mails_per_operator_hour,
        all_hour=config.mails_all_hour,
    )


def limits(caps: Caps, *, address: str, origin: str, operator: str) -> list[Limit]:
    """List the limits of one mail; `address`, `origin` and `operator` are the keys it is counted under, "" for none."""
    found = [
        Limit(Cap.ADDRESS_HOUR, address, HOUR, caps.per_address_hour),
        Limit(Cap.ADDRESS_DAY, address, DAY, caps.per_address_day),
        Limit(Cap.ORIGIN_HOUR, origin, HOUR, caps.per_origin_hour),
        Limit(Cap.OPERATOR_HOUR, operator, HOUR, caps.per_operator_hour),
    ]
    return [limit for limit in found if limit.subject] + [Limit(Cap.ALL_HOUR, "", HOUR, caps.all_hour)]


def caps_in_force(caps: Caps, allowances: Iterable[Allowance], address: str, now: datetime) -> Caps:
    """Return the caps as the allowances of this moment change them for whoever asks from an IP address.

    A network's allowance takes the place of the cap of each of its addresses; an announced opening raises that cap for
    everybody, and the one over all mails. Where several fit, the largest counts.

    >>> base = Caps(per_address_hour=3, per_address_day=10, per_origin_hour=20, per_operator_hour=200, all_hour=2000)
    >>> library = Allowance(name="Biblioteca", network="203.0.113.0/24", starts_at=None, ends_at=None, per_hour=90)
    >>> [caps_in_force(base, [library], ip, datetime(2026, 11, 23)).per_origin_hour for ip in ("203.0.113.7", "192.0.2.1")]
    [90, 20]
    """
    active = [a for a in allowances if a.state(now) is AllowanceState.ACTIVE]
    opening = max((a.per_hour for a in active if not a.network), default=0)
    ip = read_ip(address)
    theirs = [a.per_hour for a in active if a.network and ip is not None and ip in ip_network(a.network)]
    own = max(theirs, default=caps.per_origin_hour)
    return replace(caps, per_origin_hour=max(own, opening), all_hour=max(caps.all_hour, opening))


def network_of(text: str) -> str:
    """Return a network as its own text, "" for everywhere. Raises Refused: when it is none, or is most of the internet.

    >>> network_of("203.0.113.7"), network_of("2001:DB8::/32"), network_of("")
    ('203.0.113.7/32', '2001:db8::/32', '')
    """
    if not text:
        return ""
    try:
        typed = ip_interface(text.replace(" ", ""))
    except ValueError as error:
        raise Refused(
            N_("Questa non è una rete: scrivila come 203.0.113.0/24, oppure scrivi un solo indirizzo come 203.0.113.7."),
            field="network",
        ) from error
    network = typed.network
    if typed.ip != network.network_address:
        raise Refused(
            N_("Questo è un indirizzo dentro una rete: per tutta la rete scrivi %(network)s, per lui solo togli da «/» in poi."),
            field="network",
            network=str(network),
        )
    if network.prefixlen < _WIDEST[network.version]:
        raise Refused(
            N_("Questa rete è troppo ampia: scrivi quella della sede, o lascia vuoto e indica quando comincia e quando finisce."),
            field="network",
        )
    return str(network)


def check_window(network: str, starts_at: datetime | None, ends_at: datetime | None, now: datetime) -> None:
    """Refuse a window that ends before it begins or has ended, and one without bounds where there is no network."""
    if not network and (starts_at is None or ends_at is None):
        raise Refused(
            N_("Senza una rete vale per tutti: scrivi quando comincia e quando finisce."),
            field="starts_at" if starts_at is None else "ends_at",
        )
    if ends_at is not None and starts_at is not None and ends_at <= starts_at:
        raise Refused(N_("La fine deve venire dopo l'inizio: scrivi un giorno o un'ora successiva."), field="ends_at")
    if ends_at is not None and ends_at <= now:
        raise Refused(N_("Questa fine è già passata: scrivi un giorno o un'ora che deve ancora venire."), field="ends_at")


def capped_slot(now: datetime) -> datetime:
    """Return the beginning of the ten minutes under which mails that did not leave are counted.

    >>> capped_slot(datetime(2026, 11, 23, 10, 29, 59))
    datetime.datetime(2026, 11, 23, 10, 20)
    """
    return now.replace(minute=now.minute - now.minute % 10, second=0, microsecond=0)
