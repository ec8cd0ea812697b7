"""The register of associations and bodies: one registration, verified by an operator."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from civic.journal.commands import record
from civic.kernel.actor import Actor
from civic.kernel.db import is_added
from civic.kernel.errors import Missing, NotAllowed, Refused
from civic.kernel.text import N_, slugify
from civic.outbox.commands import post
from civic.people import permits
from civic.people.models import Body, BodySpeaker, Citizen
from civic.people.rules import BodyKind, BodyState, next_states, read_body_code


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyData:
    """What a registration tells of a body."""

    name: str
    kind: BodyKind
    fiscal_code: str
    purpose: str
    register_number: str = ""
    seat: str = ""
    quartiere_code: str | None = None
    website: str = ""
    email: str = ""


def register_body(session: Session, citizen: Citizen, data: BodyData, *, role: str, form_key: str, now: datetime) -> Body:
    """Register a body, with the citizen as who speaks for it; it waits for an operator. The same form twice is one body.

    Raises Refused: for a codice fiscale that is not one, or is registered already.
    """
    fiscal_code = read_body_code(data.fiscal_code)
    if fiscal_code is None:
        raise Refused(N_("Il codice fiscale di un ente è di undici cifre: controlla, una non torna."), field="fiscal_code")
    body = Body(
        code=f"{slugify(data.name, most=50) or 'ente'}-{secrets.token_hex(2)}",
        form_key=form_key,
        name=data.name,
        kind=data.kind,
        fiscal_code=fiscal_code,
        purpose=data.purpose,
        register_number=data.register_number,
        seat=data.seat,
        quartiere_code=data.quartiere_code,
        website=data.website,
        email=data.email,
        state=BodyState.ASKED,
        asked_at=now,
    )
    if not is_added(session, body):
        sent = session.scalar(select(Body).where(Body.form_key == form_key))
        if sent is None:
            raise Refused(
                N_("Con questo codice fiscale c'è già un'iscrizione: per parlare per quell'associazione o ente scrivi all'URP."),
                field="fiscal_code",
            )
        return sent
    session.add(BodySpeaker(body_id=body.id, citizen_id=citizen.id, role=role, since=now))
    return body


def decide_body(
    session: Session, who: Actor, code: str, state: BodyState, *, reason: str, link: str, site: str, now: datetime
) -> None:
    """Verify, refuse or close a registration; who registered it is told by mail.

    Raises NotAllowed, Missing. Raises Refused: without a reason, or when the step does not follow from where it stands.
    """
    if not permits.may_verify_bodies(who):
        raise NotAllowed
    before = next(s for s in BodyState if state in next_states(s))
    if state is not BodyState.VERIFIED and not reason:
        raise Refused(N_("Scrivi il perché: lo legge chi ha chiesto l'iscrizione."), field="reason")
    step = (
        update(Body)
        .where(Body.code == code, Body.state == before)
        .values(state=state, reason=reason, decided_at=now, decided_by=who.label)
        .returning(Body.id, Body.name)
    )
    row = session.execute(step).first()
    if row is None:
        if session.scalar(select(Body.id).where(Body.code == code)) is None:
            raise Missing
        raise Refused(N_("Nel frattempo questa iscrizione è cambiata: guarda a che punto è."))
    _tell_speakers(session, row.id, values={"name": row.name, "reason": reason, "link": link, "site": site}, state=state, now=now)
    record(session, who, "people.body_decided", subject=("body", code), now=now, facts={"state": state})


def _tell_speakers(session: Session, body_id: int, *, values: dict[str, str], state: BodyState, now: datetime) -> None:
    kind = "people.body_verified" if state is BodyState.VERIFIED else "people.body_refused"
    speakers = select(Citizen.ref, Citizen.email).join(BodySpeaker, BodySpeaker.citizen_id == Citizen.id)
    for ref, email in session.execute(speakers.where(BodySpeaker.body_id == body_id)):
        if email:
            post(session, kind, key=f"{kind}:{body_id}:{state}:{ref}", to=email, values=values, now=now)
