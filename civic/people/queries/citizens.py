"""Reading citizens: their sessions, what they declared, what waits for the office."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.city.models import Quartiere
from civic.kernel.actor import Actor, ActorKind, TrustLevel
from civic.kernel.codes import fingerprint
from civic.kernel.errors import Missing
from civic.kernel.keys import unseal
from civic.kernel.persons import Person
from civic.people import rules
from civic.people.models import Citizen, CitizenBond, CitizenSession, MailLink, NoticeChoice, ResidenceRequest, Resident
from civic.people.queries.staff import recognise as recognise_staff
from civic.people.rules import Bond, BondKind, Checked, Participant
from civic.web.town import Recognised


@dataclass(frozen=True, slots=True)
class BondRow:
    """One declared bond as its owner sees it."""

    id: int
    kind: BondKind
    quartiere_code: str
    quartiere: str
    checked: Checked


@dataclass(frozen=True, slots=True)
class RequestRow:
    """One request about residence as the office sees it: the quartiere and the words, not who asks."""

    code: str
    quartiere: str
    note: str
    asked_at: datetime
    granted: bool | None
    answer: str


def recognise(session: Session, key: str, now: datetime) -> Recognised | None:
    """Return the person behind a session's key, citizen or staff; None when it ended."""
    if not key.startswith(rules.CITIZEN_MARK):
        return recognise_staff(session, key, now)
    row = session.execute(
        select(CitizenSession, Citizen.ref)
        .join(Citizen, Citizen.id == CitizenSession.citizen_id)
        .where(CitizenSession.key_hash == fingerprint(key))
    ).first()
    if row is None:
        return None
    found, ref = row
    if not rules.session_is_open(
        created_at=found.created_at,
        last_seen_at=found.last_seen_at,
        ends_at=found.ends_at,
        now=now,
        idle=rules.CITIZEN_IDLE,
    ):
        return None
    actor = Actor(kind=ActorKind.CITIZEN, ref=ref, level=TrustLevel(found.level))
    return Recognised(actor, now - found.last_seen_at > rules.TOUCH_EVERY)


def citizen_of(session: Session, who: Actor) -> Citizen:
    """Return the account of the citizen who is acting. Raises Missing."""
    found = session.scalar(select(Citizen).where(Citizen.ref == who.ref)) if who.is_citizen else None
    if found is None:
        raise Missing
    return found


def session_of(session: Session, key: str) -> CitizenSession | None:
    """Return a citizen's session by its key, None when there is none."""
    return session.get(CitizenSession, fingerprint(key))


def token_of(session: Session, key: str) -> tuple[str, str]:
    """Return (provider, its token) of a citizen's session, to sign out there too; "" where there is none."""
    found = session_of(session, key)
    return (found.provider, unseal(key, found.sealed_token)) if found else ("", "")


def person_of(citizen: Citizen) -> Person:
    """Return a citizen as the areas look for her."""
    addresses = (citizen.email,) if citizen.email else ()
    return Person(citizen.ref, addresses, citizen.id, citizen.subject_key or "")


def link_waits(session: Session, secret: str, now: datetime) -> MailLink | None:
    """Return the link that a token opens, None when it is spent, expired or unknown."""
    link = session.get(MailLink, fingerprint(secret))
    return link if link is not None and link.expires_at > now else None


def bonds_of(session: Session, citizen: Citizen) -> list[BondRow]:
    """List a citizen's bonds."""
    query = (
        select(CitizenBond, Quartiere.name)
        .join(Quartiere, Quartiere.code == CitizenBond.quartiere_code)
        .where(CitizenBond.citizen_id == citizen.id)
        .order_by(CitizenBond.id)
    )
    return [BondRow(b.id, BondKind(b.kind), b.quartiere_code, name, Checked(b.checked)) for b, name in session.execute(query)]


def participant_of(session: Session, who: Actor) -> Participant:
    """Return who is acting as `rules.hurdles` asks for her; an open participant when she is no citizen."""
    if not who.is_citizen:
        return Participant()
    citizen = citizen_of(session, who)
    bonds = tuple(Bond(b.kind, b.quartiere_code, b.checked) for b in bonds_of(session, citizen))
    return Participant(ref=citizen.ref, level=who.level, over_14=citizen.over_14, bonds=bonds)


def notices_of(session: Session, citizen: Citizen) -> dict[str, bool]:
    """Map each kind of notice to whether the citizen wants it."""
    chosen = {c.kind: c.wanted for c in session.scalars(select(NoticeChoice).where(NoticeChoice.citizen_id == citizen.id))}
    return {kind: chosen.get(kind, default) for kind, (_words, default) in rules.NOTICES.items()}


def lists_resident(session: Session, subject_key: str, quartiere_code: str) -> bool:
    """Say whether the list of residents has this person in this quartiere."""
    listed = select(Resident.subject_key).where(Resident.subject_key == subject_key, Resident.quartiere_code == quartiere_code)
    return session.scalar(listed) is not None


def has_residents(session: Session) -> bool:
    """Say whether a list of residents was ever imported."""
    return session.scalar(select(Resident.subject_key).limit(1)) is not None


def requests_of(session: Session, citizen: Citizen) -> Sequence[ResidenceRequest]:
    """List a citizen's requests about her residence, newest first."""
    mine = select(ResidenceRequest).where(ResidenceRequest.citizen_id == citizen.id)
    return session.scalars(mine.order_by(ResidenceRequest.id.desc())).all()


def residence_requests(session: Session, *, waiting: bool) -> list[RequestRow]:
    """List requests about residence: those that wait, oldest first, or the last hundred that were answered."""
    query = select(ResidenceRequest, Quartiere.name).join(Quartiere, Quartiere.code == ResidenceRequest.quartiere_code)
    if waiting:
        query = query.where(ResidenceRequest.decided_at.is_(None)).order_by(ResidenceRequest.id)
    else:
        query = query.where(ResidenceRequest.decided_at.is_not(None)).order_by(ResidenceRequest.id.desc()).limit(100)
    return [RequestRow(r.code, name, r.note, r.asked_at, r.granted, r.answer) for r, name in session.execute(query)]


def residence_request(session: Session, code: str) -> RequestRow:
    """Return one request about residence. Raises Missing."""
    query = select(ResidenceRequest, Quartiere.name).join(Quartiere, Quartiere.code == ResidenceRequest.quartiere_code)
    row = session.execute(query.where(ResidenceRequest.code == code)).first()
    if row is None:
        raise Missing
    request, name = row
    return RequestRow(request.code, name, request.note, request.asked_at, request.granted, request.answer)
