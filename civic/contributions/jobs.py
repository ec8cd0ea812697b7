"""What the clockwork does with voices: announce a late answer once, ask authors about changes."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from civic.city.queries import ente_name
from civic.contributions.commands.commitments import ask_checks as ask
from civic.contributions.models import Contribution
from civic.contributions.queries.voices import late_voices
from civic.journal.commands import record
from civic.kernel.actor import Scope, ScopeKind, system
from civic.kernel.clock import civil_day
from civic.kernel.permissions import Permission
from civic.outbox.commands import post
from civic.people.queries.staff import mailboxes_for


def announce_late(session: Session, now: datetime, *, link: str) -> int:
    """Tell each office, once, of a voice whose answer is late. Returns how many; idempotent. `link` has %s for the code."""
    told = 0
    for voice in late_voices(session, today=civil_day(now)):
        mark = (
            update(Contribution)
            .where(Contribution.id == voice.id, Contribution.overdue_told_at.is_(None))
            .values(overdue_told_at=now)
        )
        if session.execute(mark.returning(Contribution.id)).first() is None:
            continue
        clock = system("orologio")
        record(session, clock, "contributions.voice_overdue", subject=("voice", voice.code), now=now, facts={})
        office = Scope(ScopeKind.OFFICE, voice.office_code or "")
        for ref, address in mailboxes_for(session, Permission.CONTRIBUTIONS_VOICE_ANSWER, office):
            values = {"code": voice.code, "title": voice.title, "link": link % voice.code, "site": ente_name(session)}
            key = f"voice-overdue:{voice.code}:{ref}"
            post(session, "contributions.voice_overdue", key=key, to=address, values=values, now=now)
        told += 1
    return told


def ask_checks(session: Session, now: datetime, *, link: str) -> int:
    """Ask authors whether a change is so. Returns how many; idempotent. `link` has %s for the token."""
    return ask(session, link=link, site=ente_name(session), now=now)
