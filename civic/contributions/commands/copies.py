"""Near copies: found when a voice comes in, taken apart by a person."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from civic.contributions import permits
from civic.contributions.models import Contribution
from civic.contributions.rules import most_alike, signature
from civic.journal.commands import record
from civic.kernel.actor import Actor
from civic.kernel.clock import civil_day
from civic.kernel.errors import NotAllowed, Refused
from civic.kernel.search import stems
from civic.kernel.text import N_

# How far back a voice is compared, and with how many at most: the work of a receipt does not grow with the register.
LOOKED_BACK = timedelta(days=90)
MOST_COMPARED = 300


def join_copies(session: Session, voice: Contribution, *, now: datetime) -> None:
    """Put a voice that just came in a group with its nearest copy of the same service or office, if there is one.

    Two copies that come at the same instant do not see each other; the next one joins either.
    """
    voice.likeness = signature(stems(f"{voice.title}\n{voice.text}"))
    if not voice.likeness:
        return
    nearest = most_alike(voice.likeness, _recent(session, voice, now))
    if nearest is None:
        return
    first = update(Contribution).where(Contribution.id == nearest, Contribution.group_id.is_(None))
    session.execute(first.values(group_id=nearest))
    voice.group_id = session.scalars(select(Contribution.group_id).where(Contribution.id == nearest)).one()
    session.flush()


def _recent(session: Session, voice: Contribution, now: datetime) -> list[tuple[int, str]]:
    """List the newest voices of the same service, or of none either, and of the same office: each walk of an index stops."""
    service = Contribution.service_code
    within = [service == voice.service_code if voice.service_code else service.is_(None)]
    within += [Contribution.office_code == voice.office_code] if voice.office_code else []
    found: dict[int, str] = {}
    for condition in within:
        recent = (
            select(Contribution.id, Contribution.likeness)
            .where(condition, Contribution.received_on >= civil_day(now - LOOKED_BACK))
            .where(Contribution.id != voice.id, Contribution.likeness != "")
            .order_by(Contribution.received_on.desc(), Contribution.id.desc())
            .limit(MOST_COMPARED)
        )
        found.update((number, other) for number, other in session.execute(recent))
    return sorted(found.items())


def with_copies(session: Session, codes: Sequence[str]) -> list[str]:
    """Add to voices their copies that wait for an answer too."""
    groups = select(Contribution.group_id).where(Contribution.code.in_(codes), Contribution.group_id.is_not(None))
    copies = select(Contribution.code).where(Contribution.group_id.in_(groups), Contribution.replied_at.is_(None))
    return sorted({*codes, *session.scalars(copies)})


def leave_group(session: Session, who: Actor, voice: Contribution, *, now: datetime) -> None:
    """Say that a voice is not a copy of the others; from then on it is compared with none. Raises NotAllowed, Refused."""
    if not permits.may_triage(who):
        raise NotAllowed
    apart = update(Contribution).where(Contribution.id == voice.id, Contribution.group_id.is_not(None))
    if session.execute(apart.values(group_id=None, likeness="").returning(Contribution.id)).first() is None:
        raise Refused(N_("Questa voce non è in un gruppo."))
    record(session, who, "contributions.voice_set_apart", subject=("voice", voice.code), now=now, facts={})
