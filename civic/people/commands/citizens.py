"""Citizens: signing in, what they declare, what they choose, and how they are forgotten.

What a citizen does for herself is written in no register: her account is the only place that knows of it.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from civic.city.models import Quartiere
from civic.city.queries import ente_name
from civic.journal.commands import record
from civic.kernel.actor import Actor, TrustLevel
from civic.kernel.codes import fingerprint, token
from civic.kernel.db import is_added, refusing
from civic.kernel.errors import Missing, Refused
from civic.kernel.keys import keyed, seal
from civic.kernel.persons import Person
from civic.kernel.text import N_
from civic.outbox.commands import erase_person as erase_mail
from civic.outbox.commands import post
from civic.people import rules
from civic.people.commands.staff import close_session
from civic.people.commands.staff import touch as touch_staff
from civic.people.models import (
    AssistedEntry,
    BodySpeaker,
    Citizen,
    CitizenBond,
    CitizenSession,
    MailLink,
    NoticeChoice,
    PepperSeal,
    ResidenceRequest,
    Resident,
)
from civic.people.queries.citizens import lists_resident
from civic.people.rules import BondKind, Channel, Checked

CITIZENRY = Actor(label="cittadinanza")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """How a citizen proved who she is, this time."""

    level: TrustLevel
    at: datetime
    provider: str = ""
    acr: str = ""
    over_14: bool | None = None
    id_token: str = ""


def seal_pepper(session: Session, pepper: bytes) -> None:
    """Remember which pepper this database goes with. Raises Refused: when it is another one."""
    code = keyed(pepper, "seal", "civic")
    if is_added(session, PepperSeal(id=1, code=code)):
        return
    if session.get_one(PepperSeal, 1).code != code:
        raise Refused(
            N_(
                "La chiave delle persone non è quella di questa banca dati: con un'altra ognuno diventerebbe qualcun altro. "
                "Rimetti in CIVIC_KEYS_DIR quella della copia di sicurezza."
            )
        )


def is_sealed(session: Session) -> bool:
    """Say whether this database goes with a pepper already: then no new one may be made for it."""
    return session.get(PepperSeal, 1) is not None


def citizen_with_subject(session: Session, subject_key: str, *, now: datetime, current_ref: str = "") -> Citizen:
    """Return the one account of an identity, and make it the first time.

    Whoever was signed in with an address only (`current_ref`) and proves an identity nobody used keeps her account, which
    becomes a verified one.
    """
    known = select(Citizen).where(Citizen.subject_key == subject_key)
    found = session.scalar(known)
    if found is None and current_ref:
        mine = update(Citizen).where(Citizen.ref == current_ref, Citizen.subject_key.is_(None)).values(subject_key=subject_key)
        session.execute(mine)
        found = session.scalar(known)
        look_up_homes(session, only=found)
    if found is None:
        is_added(session, _new_citizen(now, subject_key=subject_key))
        found = session.scalars(known).one()
    return found


def _new_citizen(now: datetime, **known: object) -> Citizen:
    return Citizen(ref=f"citizen-{secrets.token_hex(8)}", created_at=now, last_seen_at=now, **known)


def open_session(session: Session, citizen: Citizen, proof: Proof, *, now: datetime, instead_of: str = "") -> str:
    """Open a session in place of the one the browser held. Returns the new session's key."""
    if instead_of:
        close_session(session, instead_of)
    key = rules.CITIZEN_MARK + token()
    session.add(
        CitizenSession(
            key_hash=fingerprint(key),
            citizen_id=citizen.id,
            level=proof.level,
            provider=proof.provider,
            acr=proof.acr,
            authenticated_at=proof.at,
            over_14=proof.over_14,
            sealed_token=seal(key, proof.id_token) if proof.id_token else "",
            created_at=now,
            last_seen_at=now,
            ends_at=now + rules.CITIZEN_ABSOLUTE,
        )
    )
    citizen.last_seen_at = now
    return key


def touch(session: Session, key: str, now: datetime) -> None:
    """Mark a session, a citizen's or a member of staff's, as seen."""
    if not key.startswith(rules.CITIZEN_MARK):
        touch_staff(session, key, now)
        return
    session.execute(update(CitizenSession).where(CitizenSession.key_hash == fingerprint(key)).values(last_seen_at=now))


def keep_mail_link(session: Session, secret: str, email: str, *, citizen_id: int | None, onward: str, now: datetime) -> None:
    """Keep the link that was mailed: it signs an address in, or confirms it for a citizen."""
    session.add(
        MailLink(
            token_hash=fingerprint(secret),
            email=email,
            purpose="sign_in" if citizen_id is None else "confirm",
            citizen_id=citizen_id,
            onward=onward,
            expires_at=now + rules.MAIL_LINK_TERM,
        )
    )


def press_mail_link(session: Session, secret: str, *, now: datetime) -> tuple[Citizen, MailLink]:
    """Do what a link of a mail is for, and spend it: its row goes. Returns the citizen and what the link was.

    Raises Refused: when the link is spent, expired or unknown, or the address is another account's.
    """
    link = session.get(MailLink, fingerprint(secret), with_for_update=True)
    if link is None or link.expires_at <= now:
        raise Refused(N_("Questo collegamento è già stato usato o è scaduto: chiedine un altro."))
    session.delete(link)
    session.flush()
    citizen = _citizen_of_address(session, link.email, now) if link.citizen_id is None else _confirm(session, link, now)
    return citizen, link


def _citizen_of_address(session: Session, email: str, now: datetime) -> Citizen:
    known = select(Citizen).where(Citizen.email == email)
    found = session.scalar(known)
    if found is None:
        is_added(session, _new_citizen(now, email=email, email_confirmed_at=now))
        found = session.scalars(known).one()
    return found


def _confirm(session: Session, link: MailLink, now: datetime) -> Citizen:
    citizen = session.get(Citizen, link.citizen_id, with_for_update=True)
    if citizen is None:
        raise Refused(N_("Questo collegamento è già stato usato o è scaduto: chiedine un altro."))
    taken = Refused(
        N_("Con questo indirizzo c'è già un altro accesso, solo con la posta: entra con quello, cancellalo, poi riprova da qui."),
        field="email",
    )
    before = citizen.email
    with refusing(session, {"uq_people_citizen_email": taken}):
        citizen.email, citizen.email_confirmed_at = link.email, now
    if before and before != link.email:
        key = f"people.address_changed:{link.token_hash[:32]}"
        post(session, "people.address_changed", key=key, to=before, values={"site": ente_name(session)}, now=now)
    return citizen


def drop_address(session: Session, citizen: Citizen, *, now: datetime) -> None:
    """Take the address away from an account that has an identity. Raises Refused: when nothing would be left to enter with."""
    if citizen.subject_key is None:
        raise Refused(N_("Senza indirizzo non potresti più entrare: entra prima con SPID o CIE, oppure cancella tutto."))
    if citizen.email:
        erase_mail(session, Person(citizen.ref, (citizen.email,)), now=now)
    citizen.email = citizen.email_confirmed_at = None


def declare_bond(
    session: Session, citizen: Citizen, kind: BondKind, quartiere_code: str, *, channel: Channel, now: datetime
) -> None:
    """Declare what ties a citizen to a quartiere. A residence is looked up in the list of residents at once.

    Raises Missing. Raises Refused: for a bond that is there already, or a second home.
    """
    if session.get(Quartiere, quartiere_code) is None:
        raise Missing
    home = kind is BondKind.LIVES and citizen.subject_key is not None
    listed = home and lists_resident(session, str(citizen.subject_key), quartiere_code)
    bond = CitizenBond(
        citizen_id=citizen.id,
        kind=kind,
        quartiere_code=quartiere_code,
        channel=channel,
        checked=Checked.LISTED if listed else Checked.NO,
        declared_at=now,
    )
    twice = Refused(N_("Questo legame c'è già."), field="quartiere_code")
    second = Refused(N_("Abiti in un quartiere solo: togli prima l'altro."), field="kind")
    broken = {"uq_people_bond_citizen_id_kind_quartiere_code": twice, "uq_people_bond_one_home": second}
    with refusing(session, broken):
        session.add(bond)


def look_up_homes(session: Session, *, only: Citizen | None = None) -> None:
    """Look declared residences up in the list, everybody's or one person's; what the office decided stays."""
    homes = [CitizenBond.kind == BondKind.LIVES, CitizenBond.checked != Checked.OFFICE]
    homes += [CitizenBond.citizen_id == only.id] if only else []
    listed = (
        select(Resident.subject_key)
        .join(Citizen, Citizen.subject_key == Resident.subject_key)
        .where(Citizen.id == CitizenBond.citizen_id, Resident.quartiere_code == CitizenBond.quartiere_code)
        .exists()
    )
    session.execute(update(CitizenBond).where(*homes).values(checked=Checked.NO))
    session.execute(update(CitizenBond).where(*homes, listed).values(checked=Checked.LISTED))


def drop_bond(session: Session, citizen: Citizen, bond_id: int) -> None:
    """Take a bond back. Raises Missing: when it is not hers."""
    mine = delete(CitizenBond).where(CitizenBond.id == bond_id, CitizenBond.citizen_id == citizen.id)
    if session.execute(mine.returning(CitizenBond.id)).first() is None:
        raise Missing


def declare_age(citizen: Citizen, *, told: bool | None) -> None:
    """Keep, because she says so, that a citizen is at least 14; `told` is what her identity tells, None when it tells nothing.

    Raises Refused: when the identity tells otherwise.
    """
    if told is False:
        raise Refused(N_("Dalla tua identità risulta che non hai ancora 14 anni: si partecipa dai 14 in su."))
    citizen.over_14, citizen.over_14_source = True, "identity" if told else "declared"


def forget_age(citizen: Citizen) -> None:
    """Take the consent to keep the age back."""
    citizen.over_14, citizen.over_14_source = None, ""


def choose_notices(session: Session, citizen: Citizen, wanted: frozenset[str]) -> None:
    """Keep what a citizen wants to be told by mail."""
    session.execute(delete(NoticeChoice).where(NoticeChoice.citizen_id == citizen.id))
    chosen = {kind: kind in wanted for kind in rules.NOTICES}
    session.add_all(
        NoticeChoice(citizen_id=citizen.id, kind=kind, wanted=yes)
        for kind, yes in chosen.items()
        if yes != rules.NOTICES[kind][1]
    )


def erase_person(session: Session, person: Person, *, now: datetime, who: Actor = CITIZENRY) -> None:
    """Erase a citizen's account and everything that hangs on it; what an operator entered stays, about nobody."""
    for address in person.addresses:
        session.execute(delete(MailLink).where(MailLink.email == address))
    session.execute(update(AssistedEntry).where(AssistedEntry.citizen_id == person.number).values(citizen_id=None))
    for table in (CitizenSession, MailLink, CitizenBond, NoticeChoice, ResidenceRequest, BodySpeaker):
        session.execute(delete(table).where(table.citizen_id == person.number))
    session.execute(delete(Citizen).where(Citizen.id == person.number))
    record(session, who, "people.citizen_erased", subject=("citizens", ""), now=now, facts={})
