"""The residence check: the signed list of the registry office, and the way out for who is wrongly refused."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from civic.city.models import Quartiere
from civic.journal.commands import record
from civic.kernel.actor import Actor
from civic.kernel.codes import receipt_code
from civic.kernel.db import refusing
from civic.kernel.errors import Missing, NotAllowed, Refused
from civic.kernel.text import N_
from civic.outbox.commands import post
from civic.people import permits
from civic.people.commands.citizens import look_up_homes
from civic.people.models import Citizen, CitizenBond, ResidenceRequest, Resident
from civic.people.rules import BondKind, Checked

_CHUNK = 5_000


def replace_residents(session: Session, who: Actor, residents: Iterable[tuple[str, str]], *, now: datetime) -> int:
    """Put a new list of residents, (subject key, quartiere), in the place of the old one. Returns how many lines it has.

    Raises NotAllowed. Raises Refused: for a quartiere that does not exist, or a person twice.
    """
    if not permits.may_decide_residence(who):
        raise NotAllowed
    known = set(session.scalars(select(Quartiere.code)))
    session.execute(delete(Resident))
    count, chunk = 0, []
    twice = Refused(N_("Nell'elenco c'è due volte la stessa persona: non è stato scritto nulla."))
    with refusing(session, {"pk_people_resident": twice}):
        for subject_key, quartiere in residents:
            count += 1
            if quartiere not in known:
                raise Refused(N_("Riga %(row)s: il quartiere «%(code)s» non esiste."), row=count, code=quartiere)
            chunk.append({"subject_key": subject_key, "quartiere_code": quartiere, "listed_at": now})
            if len(chunk) == _CHUNK:
                session.execute(insert(Resident), chunk)
                chunk = []
        if chunk:
            session.execute(insert(Resident), chunk)
    look_up_homes(session)
    record(session, who, "people.residents_listed", subject=("residents", ""), now=now, facts={"n": count})
    return count


def ask_residence(session: Session, citizen: Citizen, *, note: str, now: datetime) -> ResidenceRequest:
    """Ask the office to look at a declared residence that the list does not know.

    Raises Refused: when no residence was declared, it is fine already, or a request waits.
    """
    home = session.scalar(select(CitizenBond).where(CitizenBond.citizen_id == citizen.id, CitizenBond.kind == BondKind.LIVES))
    if home is None:
        raise Refused(N_("Dichiara prima in quale quartiere abiti."))
    if home.checked != Checked.NO:
        raise Refused(N_("La tua residenza risulta già."))
    request = ResidenceRequest(
        code=receipt_code(), citizen_id=citizen.id, quartiere_code=home.quartiere_code, note=note, asked_at=now
    )
    waits = Refused(N_("Una tua richiesta è già in attesa: ti rispondiamo qui, nella tua area."))
    with refusing(session, {"uq_people_residence_request_one_open": waits}):
        session.add(request)
    return request


def decide_residence(
    session: Session, who: Actor, code: str, *, granted: bool, answer: str, link: str, site: str, now: datetime
) -> None:
    """Answer a request; a granted one makes the residence count as checked by the office.

    Raises NotAllowed, Missing. Raises Refused: when it was answered already.
    """
    if not permits.may_decide_residence(who):
        raise NotAllowed
    decide = (
        update(ResidenceRequest)
        .where(ResidenceRequest.code == code, ResidenceRequest.decided_at.is_(None))
        .values(granted=granted, answer=answer, decided_at=now)
        .returning(ResidenceRequest.citizen_id, ResidenceRequest.quartiere_code)
    )
    row = session.execute(decide).first()
    if row is None:
        if session.scalar(select(ResidenceRequest.id).where(ResidenceRequest.code == code)) is None:
            raise Missing
        raise Refused(N_("A questa richiesta ha già risposto qualcun altro."))
    if granted:
        home = (CitizenBond.citizen_id == row.citizen_id, CitizenBond.kind == BondKind.LIVES)
        at = CitizenBond.quartiere_code == row.quartiere_code
        seen = update(CitizenBond).where(*home, at).values(checked=Checked.OFFICE).returning(CitizenBond.id)
        if session.execute(seen).first() is None:
            raise Refused(N_("Nel frattempo la persona ha tolto quel legame: rispondi che non risulta."), field="granted")
    address = session.scalar(select(Citizen.email).where(Citizen.id == row.citizen_id))
    if address:
        values = {"answer": answer, "link": link, "site": site}
        post(session, "people.residence_decided", key=f"people.residence_decided:{code}", to=address, values=values, now=now)
    facts = {"granted": granted}
    record(session, who, "people.residence_decided", subject=("residence_request", code), now=now, facts=facts)


def confirm_residence(session: Session, who: Actor, citizen: Citizen, *, now: datetime) -> None:
    """Keep that an operator read the residence on a document. Raises NotAllowed. Raises Refused: when none was declared."""
    if not permits.may_decide_residence(who):
        raise NotAllowed
    home = (CitizenBond.citizen_id == citizen.id, CitizenBond.kind == BondKind.LIVES)
    seen = update(CitizenBond).where(*home).values(checked=Checked.OFFICE).returning(CitizenBond.id)
    if session.execute(seen).first() is None:
        raise Refused(N_("Dichiara prima in quale quartiere abita."))
