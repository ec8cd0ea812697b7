"""Where and how people are asked: points with their posters and totems, tickets after a contact, how many contacts there were."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from civic.city.models import Quartiere, Service
from civic.city.queries import ente_name
from civic.journal.commands import record
from civic.kernel.actor import Actor
from civic.kernel.clock import civil_day
from civic.kernel.codes import fingerprint, receipt_code
from civic.kernel.errors import Missing, NotAllowed, Refused
from civic.kernel.text import N_
from civic.outbox.commands import post_unconfirmed
from civic.outbox.rules import Asked, Told
from civic.quality import permits
from civic.quality.commands.ratings import Rated, RatingData, rate
from civic.quality.models import RatingPoint, RatingTicket, ServiceContacts
from civic.quality.rules import Instrument, RatingChannel

MOST_TICKETS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class PointData:
    """A place where a service is rated."""

    place: str
    quartiere_code: str | None = None
    is_kiosk: bool = False


def service_for(session: Session, who: Actor, code: str) -> Service:
    """Return a service whose evidence somebody keeps. Raises Missing: for another's, as if it did not exist."""
    service = session.get(Service, code)
    if service is None or not permits.may_edit_evidence(who, service):
        raise Missing
    return service


def make_point(session: Session, who: Actor, service_code: str, data: PointData, *, now: datetime) -> RatingPoint:
    """Make a point; its code stands on the poster for good. Raises Missing, Refused."""
    service = service_for(session, who, service_code)
    _require_quartiere(session, data.quartiere_code)
    point = RatingPoint(
        code=receipt_code(groups=3 if data.is_kiosk else 2),
        service_code=service.code,
        place=data.place,
        quartiere_code=data.quartiere_code,
        is_kiosk=data.is_kiosk,
        made_on=civil_day(now),
    )
    session.add(point)
    session.flush()
    facts = {"service": service.code, "place": data.place, "kiosk": int(data.is_kiosk)}
    record(session, who, "quality.point_made", subject=("service", service.code), now=now, facts=facts)
    return point


def _require_quartiere(session: Session, code: str | None) -> None:
    if code and session.get(Quartiere, code) is None:
        raise Refused(N_("Scegli un Quartiere che esiste."), field="quartiere_code")


def close_point(session: Session, who: Actor, code: str, *, now: datetime) -> RatingPoint:
    """Close a point: its totem stops, its poster leads to the service's own page. Raises Missing."""
    point = session.get(RatingPoint, code)
    if point is None:
        raise Missing
    service_for(session, who, point.service_code)
    if point.closed_on is None:
        point.closed_on = civil_day(now)
        facts = {"service": point.service_code, "place": point.place}
        record(session, who, "quality.point_closed", subject=("service", point.service_code), now=now, facts=facts)
    return point


def issue_tickets(
    session: Session, who: Actor, service_code: str, *, count: int, quartiere_code: str | None = None, now: datetime
) -> list[str]:
    """Make one-time codes to hand out after a contact; they are shown this once. How many were made is public.

    Raises Missing. Raises Refused: for a number out of 1 to 200.
    """
    service = service_for(session, who, service_code)
    if not 1 <= count <= MOST_TICKETS:
        raise Refused(N_("Si preparano da 1 a 200 biglietti alla volta."), field="count")
    _require_quartiere(session, quartiere_code)
    codes = [receipt_code() for _each in range(count)]
    session.add_all(_ticket(service.code, c, quartiere_code, by_mail=False, now=now) for c in codes)
    facts = {"service": service.code, "count": count}
    record(session, who, "quality.tickets_issued", subject=("service", service.code), now=now, facts=facts)
    return codes


def _ticket(service_code: str, code: str, quartiere_code: str | None, *, by_mail: bool, now: datetime) -> RatingTicket:
    return RatingTicket(
        code_hash=fingerprint(code),
        service_code=service_code,
        quartiere_code=quartiere_code,
        by_mail=by_mail,
        issued_on=civil_day(now),
    )


def invite_by_mail(
    session: Session, who: Actor, service_code: str, address: str, *, link: str, asked: Asked, now: datetime
) -> None:
    """Send a ticket to who had a contact; the address is kept only as long as the mail. `link` has %s for the code.

    Raises Missing. Raises Refused: when the address has had too many mails.
    """
    service = service_for(session, who, service_code)
    code = receipt_code()
    session.add(_ticket(service.code, code, None, by_mail=True, now=now))
    values = {"service": service.name_it, "link": link % code, "site": ente_name(session)}
    key = f"rating-invited:{fingerprint(code)[:32]}"
    told = post_unconfirmed(session, "quality.rating_invited", key=key, to=address, values=values, asked=asked, now=now)
    if told is not Told.SENT:
        raise Refused(N_("Il messaggio non parte: a questo indirizzo ne sono già andati troppi, o non ne vuole."), field="email")
    facts = {"service": service.code, "count": 1}
    record(session, who, "quality.tickets_issued", subject=("service", service.code), now=now, facts=facts)


def tell_contacts(session: Session, who: Actor, service_code: str, *, month: date, n: int, source: str, now: datetime) -> None:
    """Say how many contacts a service had in a month, and where that is known from. Raises Missing, Refused."""
    service = service_for(session, who, service_code)
    month = month.replace(day=1)
    if n < 1:
        raise Refused(N_("Scrivi quanti contatti ci sono stati: almeno uno."), field="n")
    if month > civil_day(now):
        raise Refused(N_("Il mese non è ancora cominciato."), field="month")
    session.merge(ServiceContacts(service_code=service.code, month=month, n=n, source=source))
    facts = {"service": service.code, "month": month.isoformat(), "n": n, "source": source}
    record(session, who, "quality.contacts_told", subject=("service", service.code), now=now, facts=facts)


def enter_rating(session: Session, who: Actor, data: RatingData, *, pepper: bytes, now: datetime) -> Rated:
    """Write down what somebody said at a counter or by telephone: a series that stands apart. Raises NotAllowed, Refused."""
    service = session.get(Service, data.service_code or "")
    if service is not None and not permits.may_enter(who, service):
        raise NotAllowed
    plain = RatingData(
        instrument=Instrument.SERVICE,
        stars=data.stars,
        form_key=data.form_key,
        service_code=data.service_code,
        channel=RatingChannel.OPERATOR,
        quartiere_code=data.quartiere_code,
        language=data.language,
    )
    return rate(session, plain, pepper=pepper, now=now)
