"""Voices coming in, by whatever way, and being given to an office."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from civic.city.models import Office, Service
from civic.contributions import permits
from civic.contributions.commands.copies import join_copies, with_copies
from civic.contributions.commands.terms import promise_days
from civic.contributions.models import (
    Contribution,
    ContributionCheck,
    ContributionHanding,
    ContributionHiding,
    ContributionReply,
    Theme,
)
from civic.contributions.queries.terms import Calendar, terms
from civic.contributions.rules import BY_HAND, Origin, Severity, due_on, term_of
from civic.journal.commands import record
from civic.kernel.actor import Actor, TrustLevel
from civic.kernel.clock import civil_day
from civic.kernel.codes import receipt_code
from civic.kernel.db import is_added
from civic.kernel.errors import NotAllowed, Refused
from civic.kernel.persons import Person
from civic.kernel.text import N_
from civic.outbox.commands import post, post_unconfirmed
from civic.outbox.rules import Asked
from civic.people.rules import Channel

ERASED = "(cancellato)"
CITIZENRY = Actor(label=N_("chi partecipa"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ContributionData:
    """What somebody said, and how it came."""

    title: str
    text: str
    form_key: str
    origin: Origin = Origin.FORM
    origin_ref: str = ""
    channel: Channel = Channel.WEB
    level: TrustLevel = TrustLevel.OPEN
    author_ref: str = ""
    body_code: str = ""
    email: str = ""
    # Whether the address was confirmed by its owner: only others are capped.
    email_confirmed: bool = False
    service_code: str | None = None
    quartiere_code: str | None = None
    consultation_code: str | None = None
    wants_public: bool = True


def receive_voice(
    session: Session, who: Actor, data: ContributionData, *, link: str, site: str, asked: Asked, now: datetime
) -> Contribution:
    """Write a voice down; the same form twice is one voice, with one receipt. `link` has %s in the place of the code.

    A voice about a service goes to the office that answers for it at once; it is still read by who triages.
    """
    same = select(Contribution).where(Contribution.form_key == data.form_key)
    already = session.scalar(same)
    if already is not None:
        return already
    service = session.get(Service, data.service_code) if data.service_code else None
    office_code = service.office_code if service else None
    term, calendar, today = term_of(terms(session), office_code, Severity.NORMAL), Calendar(session), civil_day(now)
    voice = Contribution(
        code=receipt_code(),
        form_key=data.form_key,
        origin=data.origin,
        origin_ref=data.origin_ref,
        channel=data.channel,
        level=int(data.level),
        consultation_code=data.consultation_code,
        service_code=data.service_code,
        quartiere_code=data.quartiere_code,
        author_ref=data.author_ref,
        body_code=data.body_code,
        email=data.email,
        title=data.title,
        text=data.text,
        wants_public=data.wants_public,
        received_at=now,
        received_on=today,
        office_code=office_code,
        triage_due_on=due_on(today, term.triage_days, (), calendar),
        reply_due_on=due_on(today, term.reply_days, (), calendar),
        reply_term_days=term.reply_days,
    )
    if not is_added(session, voice):
        return session.scalars(same).one()
    join_copies(session, voice, now=now)
    facts = {"origin": data.origin, "service": data.service_code or ""}
    record(session, who, "contributions.voice_received", subject=("voice", voice.code), now=now, facts=facts)
    if data.email:
        _send_receipt(session, voice, data, link=link, site=site, asked=asked, now=now)
    return voice


def _send_receipt(
    session: Session, voice: Contribution, data: ContributionData, *, link: str, site: str, asked: Asked, now: datetime
) -> None:
    kind, key = "contributions.voice_received", f"voice-received:{voice.code}"
    values = {"code": voice.code, "link": link % voice.code, "site": site}
    if data.email_confirmed:
        post(session, kind, key=key, to=data.email, values=values, now=now)
    else:
        post_unconfirmed(session, kind, key=key, to=data.email, values=values, asked=asked, now=now)


def write_down(
    session: Session, who: Actor, data: ContributionData, *, link: str, site: str, asked: Asked, now: datetime
) -> Contribution:
    """Write down a letter, a call, a note of a table: an operator's hand. Raises NotAllowed, Refused."""
    if not permits.may_write_down(who):
        raise NotAllowed
    if data.origin not in BY_HAND:
        raise Refused(N_("Scegli come è arrivata la voce."), field="origin")
    return receive_voice(session, who, data, link=link, site=site, asked=asked, now=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Triage:
    """Where a voice goes, and how much it presses; with its near copies when told so."""

    office_code: str
    theme_code: str | None = None
    severity: Severity = Severity.NORMAL
    service_code: str | None = None
    with_copies: bool = False


def triage_voices(session: Session, who: Actor, codes: Sequence[str], data: Triage, *, now: datetime) -> int:
    """Give voices to an office, one or many at once. Returns how many.

    Raises NotAllowed. Raises Refused: for an office or a theme that does not exist, or when nothing was chosen.
    """
    if not permits.may_triage(who):
        raise NotAllowed
    if not codes:
        raise Refused(N_("Spunta almeno una voce."))
    if session.get(Office, data.office_code) is None:
        raise Refused(N_("Scegli un ufficio che esiste."), field="office_code")
    if data.theme_code and session.get(Theme, data.theme_code) is None:
        raise Refused(N_("Scegli un tema che esiste."), field="theme_code")
    wanted = with_copies(session, codes) if data.with_copies else codes
    changes = {
        "office_code": data.office_code,
        "severity": data.severity,
        "triaged_on": civil_day(now),
        "version": Contribution.version + 1,
    }
    changes |= {"theme_code": data.theme_code} if data.theme_code else {}
    changes |= {"service_code": data.service_code} if data.service_code else {}
    given = update(Contribution).where(Contribution.code.in_(wanted)).values(**changes)
    done = session.execute(given.returning(Contribution.id, Contribution.code)).all()
    promise_days(session, [number for number, _code in done])
    facts = {"office": data.office_code, "theme": data.theme_code or "", "severity": data.severity}
    for code in sorted(code for _number, code in done):
        record(session, who, "contributions.voice_triaged", subject=("voice", code), now=now, facts=facts)
    return len(done)


def erase_person(session: Session, person: Person, *, now: datetime) -> int:
    """Forget who said what: texts that nobody reviewed for the public go, outcomes and what is public stay. Returns how many."""
    mine = [Contribution.author_ref == person.ref] if person.ref else []
    mine += [Contribution.email.in_(person.addresses)] if person.addresses else []
    ids = [i for condition in mine for i in session.scalars(select(Contribution.id).where(condition))]
    gone = {"author_ref": "", "email": "", "title": ERASED, "text": ERASED, "likeness": ""}
    session.execute(update(Contribution).where(Contribution.id.in_(ids)).values(**gone))
    session.execute(delete(ContributionReply).where(ContributionReply.voice_id.in_(ids), ContributionReply.is_public.is_(False)))
    session.execute(update(ContributionCheck).where(ContributionCheck.voice_id.in_(ids)).values(note=""))
    session.execute(update(ContributionHanding).where(ContributionHanding.voice_id.in_(ids)).values(note="", answer=""))
    session.execute(update(ContributionHiding).where(ContributionHiding.asked_by_ref == person.ref).values(asked_by_ref=""))
    session.execute(update(ContributionHiding).where(ContributionHiding.decided_by_ref == person.ref).values(decided_by_ref=""))
    return len(ids)
