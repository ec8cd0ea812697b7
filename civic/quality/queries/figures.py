"""Figures from the tallies: every page reads a bounded number of cells, however many ratings there are.

A period is twelve months, the running one included, and is compared with the twelve before.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from civic.city.models import Quartiere, Threshold
from civic.city.rules import THRESHOLDS
from civic.kernel.stats import suppress
from civic.quality.models import AnswerTally, RatingTally, RatingTicket, ServiceContacts
from civic.quality.rules import (
    APART,
    ASPECTS,
    NONE,
    TRUSTED,
    Counts,
    Instrument,
    RatingChannel,
    Satisfaction,
    Standing,
    Trend,
    Trust,
    added,
    satisfaction,
    trend,
)

_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Period:
    """Twelve months, from the first day of the first to today."""

    since: date
    until: date

    @classmethod
    def to(cls, today: date) -> "Period":
        """Return the period that today closes.

        >>> Period.to(date(2026, 11, 23)).since, Period.to(date(2026, 11, 23)).before
        (datetime.date(2025, 12, 1), datetime.date(2024, 12, 1))
        """
        return cls(_months_before(today, _MONTHS - 1), today)

    @property
    def before(self) -> date:
        """The first day of the twelve months before."""
        return _months_before(self.since, _MONTHS)

    def __str__(self) -> str:
        """Write it as a `Measure` tells it."""
        return f"{self.since.isoformat()}/{self.until.isoformat()}"


def _months_before(day: date, months: int) -> date:
    count = day.year * 12 + day.month - 1 - months
    return date(count // 12, count % 12 + 1, 1)


def threshold(session: Session, name: str) -> int:
    """Return a threshold of the house as it is now."""
    return session.scalar(select(Threshold.value).where(Threshold.name == name)) or THRESHOLDS[name].default


@dataclass(frozen=True, slots=True)
class CellRow:
    """Some cells of one service added up."""

    recent: bool
    quartiere: str
    channel: RatingChannel
    trust: Trust
    standing: Standing
    stars: int
    n: int


def _counts(cells: Collection[CellRow], wanted: Callable[[CellRow], bool]) -> Counts:
    sums = [0, 0, 0, 0, 0]
    for cell in cells:
        if wanted(cell):
            sums[cell.stars - 1] += cell.n
    return (sums[0], sums[1], sums[2], sums[3], sums[4])


def _is_in(cell: CellRow) -> bool:
    """Say whether a cell is of the figure: it counts, and is not of a series that stands apart."""
    return cell.standing is Standing.COUNTED and cell.channel not in APART


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part of a figure: a channel, a kind of trust, a quartiere; n is None when it is too small to be shown."""

    key: str
    n: int | None
    figure: Satisfaction | None = None
    # Of a quartiere: its part of the population, None where it is not known.
    population: float | None = None
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceFigures:
    """What a service's page says of its ratings. `whole` holds also what was set aside, so that nobody need believe us."""

    period: Period
    least: int
    now: Satisfaction
    before: Satisfaction
    trend: Trend | None
    trusted: Satisfaction
    whole: Satisfaction
    channels: Sequence[Part]
    trusts: Sequence[Part]
    apart: Sequence[Part]
    quartieri: Sequence[Part]
    in_review: int
    excluded: int
    # None when there are some, but too few to be told.
    internal: int | None
    # Told by the office, for some months; `answered` are the ratings of those months.
    contacts: int | None
    answered: int
    tickets: int
    tickets_spent: int

    @property
    def set_aside(self) -> int:
        """How many ratings are out of the figure because of their window."""
        return self.in_review + self.excluded


def figures_of(session: Session, service_code: str, *, today: date) -> ServiceFigures:
    """Compute what the page of a service says; the number of queries and of cells does not depend on the ratings."""
    period = Period.to(today)
    cells = _cells(session, service_code, period)
    least, cell_least = threshold(session, "mean_min_n"), threshold(session, "cell_min_n")
    contacts, answered, is_whole = _contacts(session, service_code, period)
    response = answered / contacts if contacts else None
    recent = [c for c in cells if c.recent]
    now = satisfaction(_counts(recent, _is_in), least=least, response=response, is_whole=is_whole)
    before = satisfaction(_counts(cells, lambda c: not c.recent and _is_in(c)), least=least)

    def standing(*which: Standing) -> int:
        return sum(c.n for c in recent if c.standing in which and c.channel not in APART)

    internal = standing(Standing.INTERNAL)
    issued, spent = _tickets(session, service_code, period)
    return ServiceFigures(
        period=period,
        least=least,
        now=now,
        before=before,
        trend=trend(now, before),
        trusted=satisfaction(_counts(recent, lambda c: _is_in(c) and c.trust in TRUSTED), least=least),
        whole=satisfaction(
            _counts(recent, lambda c: c.standing is not Standing.INTERNAL and c.channel not in APART), least=least
        ),
        channels=_parts(recent, RatingChannel, lambda c: c.channel, _is_in, least, cell_least),
        trusts=_parts(recent, Trust, lambda c: c.trust, _is_in, least, cell_least),
        apart=_parts(recent, sorted(APART), lambda c: c.channel, lambda c: c.channel in APART, least, cell_least),
        quartieri=_coverage(session, recent, cell_least),
        in_review=standing(Standing.IN_REVIEW),
        excluded=standing(Standing.EXCLUDED),
        internal=internal if not 0 < internal < cell_least else None,
        contacts=contacts,
        answered=answered,
        tickets=issued,
        tickets_spent=spent,
    )


def _cells(session: Session, service_code: str, period: Period) -> list[CellRow]:
    recent = RatingTally.month >= period.since
    rest = (RatingTally.quartiere, RatingTally.channel, RatingTally.trust, RatingTally.standing)
    query = select(recent, RatingTally.stars, func.sum(RatingTally.n), *rest).where(
        RatingTally.instrument == Instrument.SERVICE, RatingTally.subject == service_code, RatingTally.month >= period.before
    )
    rows = session.execute(query.group_by(recent, RatingTally.stars, *rest))
    return [
        CellRow(bool(is_recent), quartiere, RatingChannel(channel), Trust(trust), Standing(standing), stars, int(n))
        for is_recent, stars, n, quartiere, channel, trust, standing in rows
    ]


def _parts(
    cells: Sequence[CellRow],
    keys: Collection[str] | type[RatingChannel] | type[Trust],
    key_of: Callable[[CellRow], str],
    wanted: Callable[[CellRow], bool],
    least: int,
    cell_least: int,
) -> list[Part]:
    counts = {str(k): _counts(cells, lambda c, k=k: wanted(c) and key_of(c) == k) for k in keys}  # type: ignore[misc]  # k is bound
    shown = suppress({k: sum(c) for k, c in counts.items()}, least=cell_least)
    return [
        Part(key=k, n=shown[k], figure=satisfaction(c, least=least) if shown[k] is not None else None)
        for k, c in counts.items()
        if sum(c)
    ]


def _coverage(session: Session, cells: Sequence[CellRow], cell_least: int) -> list[Part]:
    """List the quartieri with their part of the ratings and of the people who live there; small ones are hidden."""
    known = session.scalars(select(Quartiere).order_by(Quartiere.number)).all()
    counts = {q.code: sum(c.n for c in cells if c.quartiere == q.code and _is_in(c)) for q in known}
    people = sum(q.population or 0 for q in known)
    shown = suppress(counts, least=cell_least)
    return [
        Part(key=q.code, n=shown[q.code], name=q.name, population=q.population / people if q.population and people else None)
        for q in known
    ]


def _contacts(session: Session, service_code: str, period: Period) -> tuple[int | None, int, bool]:
    """Return contacts and the ratings of the months they were told for, and whether those are all months with ratings."""
    told = select(ServiceContacts.month, ServiceContacts.n).where(
        ServiceContacts.service_code == service_code, ServiceContacts.month >= period.since
    )
    contacts = {row.month: row.n for row in session.execute(told)}
    rated = select(RatingTally.month, func.sum(RatingTally.n)).where(
        RatingTally.instrument == Instrument.SERVICE,
        RatingTally.subject == service_code,
        RatingTally.month >= period.since,
        RatingTally.standing == Standing.COUNTED,
        RatingTally.channel.not_in(APART),
    )
    ratings = {month: int(n) for month, n in session.execute(rated.group_by(RatingTally.month)) if n}
    answered = sum(ratings.get(month, 0) for month in contacts)
    return sum(contacts.values()) or None, answered, ratings.keys() <= contacts.keys()


def _tickets(session: Session, service_code: str, period: Period) -> tuple[int, int]:
    mine = (RatingTicket.service_code == service_code, RatingTicket.issued_on >= period.since)
    issued, spent = session.execute(select(func.count(), func.count(RatingTicket.spent_on)).where(*mine)).one()
    return issued, spent


@dataclass(frozen=True, slots=True)
class AspectFigure:
    """One aspect's share of 4 and 5."""

    code: str
    label: str
    figure: Satisfaction


def aspects_of(session: Session, service_code: str, *, today: date) -> list[AspectFigure]:
    """List the aspects that somebody scored in the period, in the order of the form."""
    least, sums = threshold(session, "mean_min_n"), _answers(session, Instrument.SERVICE, service_code, today)
    found = []
    for code, label in ASPECTS.items():
        one, two, three, four, five = (sums.get((code, score), 0) for score in range(1, 6))
        if one + two + three + four + five:
            found.append(AspectFigure(code, label, satisfaction((one, two, three, four, five), least=least)))
    return found


def reasons_of(session: Session, instrument: Instrument, subject: str, *, today: date) -> dict[str, int]:
    """Map each reason that was given in the period to how many gave it."""
    return {code: n for (code, score), n in _answers(session, instrument, subject, today).items() if score == 0 and n}


def _answers(session: Session, instrument: Instrument, subject: str, today: date) -> dict[tuple[str, int], int]:
    period = Period.to(today)
    mine = (AnswerTally.instrument == instrument, AnswerTally.subject == subject, AnswerTally.month >= period.since)
    query = select(AnswerTally.code, AnswerTally.score, func.sum(AnswerTally.n)).where(*mine)
    grouped = query.group_by(AnswerTally.code, AnswerTally.score)
    return {(code, score): int(n) for code, score, n in session.execute(grouped)}


def figure_per_service(session: Session, *, today: date) -> dict[str, Satisfaction]:
    """Map every rated service to its figure, in one query; services are never put in order of it."""
    least = threshold(session, "mean_min_n")
    return {code: satisfaction(c, least=least) for code, c in counts_per_service(session, since=Period.to(today).since).items()}


def counts_per_service(
    session: Session, *, since: date, until: date | None = None, services: Collection[str] | None = None, trusted: bool = False
) -> dict[str, Counts]:
    """Map services to their counts of stars over whole months; `trusted` takes only what the evaluation may rest on."""
    wanted: list[ColumnElement[bool]] = [
        RatingTally.instrument == Instrument.SERVICE,
        RatingTally.month >= since,
        RatingTally.standing == Standing.COUNTED,
        RatingTally.channel.not_in(APART),
    ]
    wanted += [RatingTally.month <= until] if until else []
    wanted += [RatingTally.subject.in_(services)] if services is not None else []
    wanted += [RatingTally.trust.in_(TRUSTED)] if trusted else []
    query = select(RatingTally.subject, RatingTally.stars, func.sum(RatingTally.n)).where(*wanted)
    sums: dict[str, Counts] = defaultdict(lambda: NONE)
    for subject, stars, n in session.execute(query.group_by(RatingTally.subject, RatingTally.stars)):
        one = [0, 0, 0, 0, 0]
        one[stars - 1] = int(n)
        sums[subject] = added([sums[subject], (one[0], one[1], one[2], one[3], one[4])])
    return dict(sums)


def months_of_all(session: Session, *, since: date) -> list[tuple[str, date, Counts]]:
    """List (service, month, counts) of what is in the figures, for the open data; by service and month."""
    by = (RatingTally.subject, RatingTally.month, RatingTally.stars)
    query = select(RatingTally.subject, RatingTally.month, RatingTally.stars, func.sum(RatingTally.n)).where(
        RatingTally.instrument == Instrument.SERVICE,
        RatingTally.month >= since,
        RatingTally.standing == Standing.COUNTED,
        RatingTally.channel.not_in(APART),
    )
    sums: dict[tuple[str, date], list[int]] = defaultdict(lambda: [0, 0, 0, 0, 0])
    for subject, month, stars, n in session.execute(query.group_by(*by).order_by(*by)):
        sums[subject, month][stars - 1] += int(n)
    return [(subject, month, (c[0], c[1], c[2], c[3], c[4])) for (subject, month), c in sums.items()]
