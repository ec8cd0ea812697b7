"""Entering for citizens: an operator's batches, whom she identified, what she entered."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from civic.kernel.actor import Actor
from civic.kernel.codes import receipt_code
from civic.kernel.errors import NotAllowed, Refused
from civic.kernel.text import N_
from civic.people import permits
from civic.people.commands.citizens import citizen_with_subject
from civic.people.models import AssistedEntry, Batch, Citizen
from civic.people.rules import Channel


def open_batch(session: Session, who: Actor, *, channel: Channel, place: str, quartiere_code: str | None, now: datetime) -> Batch:
    """Open a batch of entries. Raises NotAllowed. Raises Refused: when the operator is limited to a quartiere and names none."""
    if not permits.may_assist(who, quartiere_code):
        if permits.may_assist_somewhere(who):
            raise Refused(N_("Scegli il quartiere per cui lavori."), field="quartiere_code")
        raise NotAllowed
    if channel in (Channel.WEB, Channel.KIOSK):
        raise Refused(N_("Scegli sportello, telefono o carta."), field="channel")
    batch = Batch(
        code=receipt_code(groups=2),
        channel=channel,
        place=place,
        quartiere_code=quartiere_code,
        operator_ref=who.ref,
        opened_at=now,
    )
    session.add(batch)
    session.flush()
    return batch


def close_batch(session: Session, batch: Batch, *, now: datetime) -> None:
    """Close a batch: nothing more goes into it."""
    session.execute(update(Batch).where(Batch.id == batch.id, Batch.closed_at.is_(None)).values(closed_at=now))


def require_document(batch: Batch) -> None:
    """Refuse what only a person with her document in front of the operator may have done for her. Raises Refused."""
    if batch.channel != Channel.DESK:
        raise Refused(N_("Si fa solo allo sportello, con il documento davanti: non al telefono e non da carta."))


def identify(session: Session, batch: Batch, subject_key: str, *, now: datetime) -> Citizen:
    """Find, or make, the account of a person whose document the operator has seen, or its copy with a paper form.

    Raises Refused: in a closed batch, and on the telephone, where nobody can be identified.
    """
    if batch.channel == Channel.PHONE:
        raise Refused(N_("Al telefono nessuno si può identificare: quello che inserisci conta in un canale a parte."))
    citizen = citizen_with_subject(session, subject_key, now=now)
    note_entry(session, batch, "people.identified", citizen=citizen, now=now)
    return citizen


def note_entry(session: Session, batch: Batch, kind: str, *, citizen: Citizen | None, now: datetime) -> None:
    """Note that something was entered in a batch, for a citizen or for nobody identified. Raises Refused: in a closed batch."""
    if batch.closed_at is not None:
        raise Refused(N_("Questo lotto è chiuso: aprine un altro."))
    session.add(AssistedEntry(batch_id=batch.id, citizen_id=citizen.id if citizen else None, kind=kind, at=now))
    session.flush()
