"""The inbox: what waits, filtered and paged in a number of queries that does not depend on how much there is."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, selectinload

from civic.city.models import Office, Service
from civic.contributions import permits
from civic.contributions.models import Contribution, ContributionHanding, ContributionPart, Theme
from civic.contributions.queries.voices import clock_of, stages
from civic.contributions.rules import Origin, Severity, Stage, redact
from civic.kernel.actor import Actor
from civic.kernel.paging import Page, Paging

# How many copies a voice's page lists.
COPIES_SHOWN = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which voices an inbox shows: of the person's offices (None is all) and providers; `open_only` leaves out the answered.

    `late` asks for the voices whose day is past. Lateness is not stored; the day is, so that the database finds them by an
    index and counts them exactly, however many voices there are.
    """

    offices: frozenset[str] | None = None
    providers: frozenset[str] = frozenset()
    office: str = ""
    theme: str = ""
    service: str = ""
    quartiere: str = ""
    severity: str = ""
    origin: str = ""
    group: int = 0
    untriaged: bool = False
    late: bool = False
    open_only: bool = True

    @property
    def as_provider(self) -> bool:
        """Whether a provider looks: it sees texts without addresses and numbers."""
        return self.offices is not None and not self.offices


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxRow:
    """One voice as the inbox lists it."""

    code: str
    title: str
    origin: Origin
    office: str
    service: str
    theme: str
    severity: Severity
    received_on: date
    due_on: date | None
    late: bool
    stage: Stage
    parts: int
    # The provider that has it now.
    provider: str
    group: int
    # How many near copies it has that this person may read.
    copies: int


def reach(who: Actor) -> Filter:
    """Return the widest filter of a person: what she may read at all."""
    return Filter(offices=permits.offices_of(who), providers=permits.providers_of(who))


def inbox(session: Session, wanted: Filter, *, today: date, paging: Paging) -> Page[InboxRow]:
    """List voices, the oldest first; of late ones the latest first."""
    conditions = _conditions(wanted, today)
    total = session.scalar(select(func.count()).select_from(Contribution).where(*conditions)) or 0
    parts = select(func.count()).where(ContributionPart.voice_id == Contribution.id).scalar_subquery()
    query = (
        select(Contribution, Office.name, Service.name_it, Theme.label_it, parts)
        .outerjoin(Office, Office.code == Contribution.office_code)
        .outerjoin(Service, Service.code == Contribution.service_code)
        .outerjoin(Theme, Theme.code == Contribution.theme_code)
        .where(*conditions)
        .options(selectinload(Contribution.pauses))
        .options(selectinload(Contribution.handings).joinedload(ContributionHanding.provider))
        .order_by(Contribution.reply_due_on if wanted.late else Contribution.received_on, Contribution.id)
        .limit(paging.size)
        .offset(paging.offset)
    )
    found = session.execute(query).all()
    voices = [row[0] for row in found]
    where, copies = stages(session, voices), _copies(session, voices, wanted)
    rows = [_row(v, (*names, where[v.id]), copies, wanted, today) for v, *names in found]
    return Page(rows, total, paging)


def _row(voice: Contribution, about: tuple[Any, ...], copies: dict[int, int], wanted: Filter, today: date) -> InboxRow:
    office, service, theme, parts, stage = about
    clock = clock_of(voice, today)
    return InboxRow(
        code=voice.code,
        title=redact(voice.title) if wanted.as_provider else voice.title,
        origin=Origin(voice.origin),
        office=office or "",
        service=service or "",
        theme=theme or "",
        severity=Severity(voice.severity),
        received_on=voice.received_on,
        due_on=clock.reply_due,
        late=clock.late,
        stage=stage,
        parts=parts,
        provider=next((h.provider.name for h in voice.handings if h.returned_at is None), ""),
        group=voice.group_id or 0,
        copies=max(0, copies.get(voice.group_id or 0, 0) - 1),
    )


def _conditions(wanted: Filter, today: date) -> list[ColumnElement[bool]]:
    found = _readable(wanted)
    for column, value in (
        (Contribution.office_code, wanted.office),
        (Contribution.theme_code, wanted.theme),
        (Contribution.service_code, wanted.service),
        (Contribution.quartiere_code, wanted.quartiere),
        (Contribution.severity, wanted.severity),
        (Contribution.origin, wanted.origin),
    ):
        found += [column == value] if value else []
    found += [Contribution.group_id == wanted.group] if wanted.group else []
    found += [Contribution.triaged_on.is_(None)] if wanted.untriaged else []
    # Late are voices that wait: one that was answered late waits no more.
    found += [Contribution.reply_due_on < today] if wanted.late else []
    found += [Contribution.replied_at.is_(None)] if wanted.open_only or wanted.late else []
    return found


def _readable(wanted: Filter) -> list[ColumnElement[bool]]:
    if wanted.offices is None:
        return []
    within: list[ColumnElement[bool]] = [Contribution.office_code.in_(wanted.offices)] if wanted.offices else []
    if wanted.providers or not within:
        there = select(ContributionHanding.voice_id).where(
            ContributionHanding.provider_code.in_(wanted.providers), ContributionHanding.returned_at.is_(None)
        )
        within.append(Contribution.id.in_(there))
    return [or_(*within)]


def _copies(session: Session, voices: Sequence[Contribution], wanted: Filter) -> dict[int, int]:
    """Count the voices of the groups that some voices are in, of those this person may read: none for a provider."""
    groups = {v.group_id for v in voices if v.group_id}
    counted = select(Contribution.group_id, Contribution.office_code, func.count()).where(Contribution.group_id.in_(groups))
    found: Counter[int] = Counter()
    for group, office, n in session.execute(counted.group_by(Contribution.group_id, Contribution.office_code)):
        if wanted.offices is None or office in wanted.offices:
            found[group or 0] += n
    return found


def copies_of(session: Session, who: Actor, voice: Contribution) -> Sequence[Contribution]:
    """List the near copies of a voice that somebody may read, the oldest first."""
    if voice.group_id is None or not permits.may_read_all(who, voice):
        return []
    others = select(Contribution).where(Contribution.group_id == voice.group_id, Contribution.id != voice.id)
    readable = () if permits.may_decide_hiding(who) else _readable(reach(who))
    return session.scalars(others.where(*readable).order_by(Contribution.id).limit(COPIES_SHOWN)).all()
