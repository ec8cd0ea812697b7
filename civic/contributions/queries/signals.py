"""Signals: how many voices a theme has, by month and quartiere, and the words of some voices against those of the others."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import extract, func, select
from sqlalchemy.orm import Session

from civic.contributions.models import Contribution
from civic.contributions.rules import KeyWord, Trend, key_words, months_until, trends
from civic.kernel.lemmas import lemmas

# A page reads this many texts at most, the newest: some seconds of work even for a city that writes much.
MOST_READ = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Some whole months up to today, and as many before them."""

    months: tuple[date, ...]
    before: date
    until: date

    @property
    def since(self) -> date:
        """The first day."""
        return self.months[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The words of some voices against those of the others, and how many voices of each were read."""

    words: list[KeyWord]
    inside: int
    outside: int
    all_read: bool


def span_until(today: date, months: int) -> Span:
    """Return the last months up to a day, the running one included."""
    found = months_until(today, 2 * months)
    return Span(months=tuple(found[months:]), before=found[0], until=today)


def theme_trends(session: Session, span: Span, *, quartiere: str = "") -> tuple[list[Trend], list[Trend]]:
    """Return the lines of themes by month and by quartiere, "" being voices without either, in one query.

    The months before are compared whole up to the same day: a month that is not over is not set against one that is.
    """
    column = Contribution.received_on
    keys = (Contribution.theme_code, Contribution.quartiere_code, extract("year", column), extract("month", column))
    same_day = _same_day_before(span)
    query = select(*keys, func.count()).where(column >= span.before, column <= span.until)
    query = query.where((column <= same_day) | (column >= span.since))
    query = query.where(Contribution.quartiere_code == quartiere) if quartiere else query
    rows = [(t or "", q or "", date(int(y), int(m), 1), n) for t, q, y, m, n in session.execute(query.group_by(*keys))]
    by_month = trends((t, m.isoformat(), m >= span.since, n) for t, _q, m, n in rows)
    by_quartiere = trends((t, q, m >= span.since, n) for t, q, m, n in rows)
    return by_month, by_quartiere


def _same_day_before(span: Span) -> date:
    """Return the day as far into the last month before as today is into this one."""
    last_before = span.since - timedelta(days=1)
    return last_before.replace(day=min(span.until.day, last_before.day))


def words_of(session: Session, span: Span, *, theme: str = "", service: str = "", quartiere: str = "") -> Words:
    """Return the words that set the voices of a theme, service and quartiere apart from the others of the same months."""
    query = (
        select(
            Contribution.title, Contribution.text, Contribution.theme_code, Contribution.service_code, Contribution.quartiere_code
        )
        .where(Contribution.received_on >= span.since, Contribution.received_on <= span.until)
        .order_by(Contribution.received_on.desc(), Contribution.id.desc())
        .limit(MOST_READ)
    )
    inside: list[frozenset[str]] = []
    outside: list[frozenset[str]] = []
    for title, text, *codes in session.execute(query):
        mine = _all_of(zip((theme, service, quartiere), codes, strict=True))
        (inside if mine else outside).append(lemmas(f"{title}\n{text}"))
    read = len(inside) + len(outside)
    return Words(words=key_words(inside, outside), inside=len(inside), outside=len(outside), all_read=read < MOST_READ)


def _all_of(pairs: Iterable[tuple[str, str | None]]) -> bool:
    return all(not wanted or wanted == there for wanted, there in pairs)
