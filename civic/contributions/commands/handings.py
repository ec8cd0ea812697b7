"""A voice that goes to the provider of a service and comes back: the office asks, the provider answers, the office replies."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from civic.city.models import Provider
from civic.contributions import permits
from civic.contributions.models import Contribution, ContributionHanding
from civic.journal.commands import record
from civic.kernel.actor import Actor, Scope, ScopeKind
from civic.kernel.clock import civil_day
from civic.kernel.db import refusing
from civic.kernel.errors import NotAllowed, Refused
from civic.kernel.permissions import Permission
from civic.kernel.text import N_
from civic.outbox.commands import post
from civic.people.queries.staff import mailboxes_for


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What an office asks of which provider, and by when it wants to know."""

    provider_code: str
    note: str
    wanted_by: date | None = None


def hand_over(
    session: Session, who: Actor, voice: Contribution, asked: Question, *, link: str, site: str, now: datetime
) -> ContributionHanding:
    """Hand a voice to a provider; the office's clock goes on. `link` has %s in the place of the code.

    Raises NotAllowed. Raises Refused: for a provider that does not exist, a day that is past, or while another provider has it.
    """
    if not permits.may_answer(who, voice.office_code):
        raise NotAllowed
    if session.get(Provider, asked.provider_code) is None:
        raise Refused(N_("Scegli un gestore che esiste."), field="provider_code")
    if asked.wanted_by is not None and asked.wanted_by < civil_day(now):
        raise Refused(N_("Questo giorno è già passato: scrivine uno che deve ancora venire."), field="wanted_by")
    if voice.replied_at is not None:
        raise Refused(N_("Questa voce ha già una risposta."))
    made = ContributionHanding(
        voice_id=voice.id,
        provider_code=asked.provider_code,
        note=asked.note,
        wanted_by=asked.wanted_by,
        handed_by=who.label,
        handed_at=now,
    )
    gone = Refused(N_("Questa voce è già da un gestore: prima deve tornare."))
    with refusing(session, {"uq_contribution_handing_one_open": gone}):
        session.add(made)
    facts = {"provider": asked.provider_code, "by": asked.wanted_by.isoformat() if asked.wanted_by else ""}
    record(session, who, "contributions.voice_handed", subject=("voice", voice.code), now=now, facts=facts)
    scope = Scope(ScopeKind.PROVIDER, asked.provider_code)
    for ref, address in mailboxes_for(session, Permission.CONTRIBUTIONS_VOICE_ANSWER, scope):
        values = {"code": voice.code, "office": who.label, "link": link % voice.code, "site": site}
        post(session, "contributions.voice_handed", key=f"voice-handed:{made.id}:{ref}", to=address, values=values, now=now)
    return made


def hand_back(session: Session, who: Actor, voice: Contribution, *, answer: str, link: str, site: str, now: datetime) -> None:
    """Give a voice back to its office: the provider with its answer, or the office that takes it back.

    `link` has %s in the place of the code. Raises NotAllowed. Raises Refused: when no provider has it.
    """
    as_office = permits.may_answer(who, voice.office_code)
    as_provider = not as_office and permits.may_answer_handed(who, voice)
    if not as_office and not as_provider:
        raise NotAllowed
    name = session.scalar(
        select(Provider.name)
        .join(ContributionHanding, ContributionHanding.provider_code == Provider.code)
        .where(ContributionHanding.voice_id == voice.id, ContributionHanding.returned_at.is_(None))
    )
    by = (name or "") if as_provider else who.label
    number = end_handing(session, voice, by=by, answer=answer if as_provider else "", now=now)
    if number is None:
        raise Refused(N_("Questa voce non è da nessun gestore."))
    facts = {"answered": as_provider}
    record(session, who, "contributions.voice_returned", subject=("voice", voice.code), now=now, facts=facts)
    if as_provider:
        scope = Scope(ScopeKind.OFFICE, voice.office_code or "")
        for ref, address in mailboxes_for(session, Permission.CONTRIBUTIONS_VOICE_ANSWER, scope):
            values = {"code": voice.code, "provider": name or "", "link": link % voice.code, "site": site}
            post(
                session, "contributions.voice_returned", key=f"voice-returned:{number}:{ref}", to=address, values=values, now=now
            )


def end_handing(session: Session, voice: Contribution, *, by: str, answer: str, now: datetime) -> int | None:
    """Close the handing that is open; return its number, None when there is none."""
    there = update(ContributionHanding).where(ContributionHanding.voice_id == voice.id, ContributionHanding.returned_at.is_(None))
    return session.scalar(there.values(returned_at=now, returned_by=by, answer=answer).returning(ContributionHanding.id))
