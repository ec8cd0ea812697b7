"""The clocks of a voice: working days, holidays as an argument, stopped only while the citizen is waited for. Pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from civic.contributions.rules.outcomes import Severity
from civic.kernel.text import N_


@dataclass(frozen=True, slots=True)
class Term:
    """Working days: until somebody has read a voice, until an answer."""

    triage_days: int
    reply_days: int


# What holds until the ente, or the ente for one of its offices, sets something else.
DEFAULT_TERMS = {Severity.NORMAL: Term(3, 15), Severity.HIGH: Term(1, 5)}
# A limit of sense against slips of the key: more than four months are no term.
MOST_DAYS = 90
# (office, "" for the whole ente; severity) -> its term.
Terms = Mapping[tuple[str, str], Term]
# The author is asked this long after the change.
CHECK_AFTER = timedelta(weeks=4)
IsHoliday = Callable[[date], bool]


@dataclass(frozen=True, slots=True)
class Pause:
    """Days on which the office waited for the citizen; `until` is None while it still waits."""

    since: date
    until: date | None


def term_of(terms: Terms, office_code: str | None, severity: Severity) -> Term:
    """Return the term of an office: its own, or that of the whole ente, or the default.

    >>> terms = {("", "normal"): Term(4, 20), ("anagrafe", "normal"): Term(2, 10)}
    >>> term_of(terms, "anagrafe", Severity.NORMAL).reply_days, term_of(terms, "urp", Severity.NORMAL).reply_days
    (10, 20)
    >>> term_of(terms, None, Severity.HIGH).reply_days
    5
    """
    own = terms.get((office_code, severity.value)) if office_code else None
    return own or terms.get(("", severity.value)) or DEFAULT_TERMS[severity]


def term_problem(term: Term) -> tuple[str, str] | None:
    """Say what is wrong with a term, as (field, sentence); None for a good one.

    >>> term_problem(Term(3, 15)) is None, term_problem(Term(5, 3))[0], term_problem(Term(0, 3))[0]
    (True, 'reply_days', 'triage_days')
    """
    if not 1 <= term.triage_days <= MOST_DAYS:
        return "triage_days", N_("Scrivi da 1 a 90 giorni lavorativi.")
    if not 1 <= term.reply_days <= MOST_DAYS:
        return "reply_days", N_("Scrivi da 1 a 90 giorni lavorativi.")
    if term.reply_days < term.triage_days:
        return "reply_days", N_("Prima si legge, poi si risponde: i giorni per rispondere sono almeno quelli per leggere.")
    return None


def is_working(day: date, is_holiday: IsHoliday) -> bool:
    """Say whether offices are open on a day.

    >>> is_working(date(2026, 11, 22), lambda _day: False)
    False
    """
    return day.weekday() < 5 and not is_holiday(day)


def due_on(received: date, days: int, pauses: Iterable[Pause], is_holiday: IsHoliday) -> date | None:
    """Return the last day to answer: so many working days after the day it came, days of a pause not counted.

    None when a pause that is still open was reached before: the clock stands still. A day that was past when the pause began
    stays as it was, for no office makes a late answer less late by asking something back.

    >>> never = lambda _day: False
    >>> due_on(date(2026, 11, 20), 3, [], never)
    datetime.date(2026, 11, 25)
    >>> due_on(date(2026, 11, 20), 3, [Pause(date(2026, 11, 23), date(2026, 11, 25))], never)
    datetime.date(2026, 11, 27)
    >>> due_on(date(2026, 11, 20), 3, [Pause(date(2026, 11, 23), None)], never) is None
    True
    >>> due_on(date(2026, 11, 20), 3, [Pause(date(2026, 11, 30), None)], never)
    datetime.date(2026, 11, 25)
    """
    stopped = list(pauses)
    day, left = received, days
    while left > 0:
        day += timedelta(days=1)
        if any(p.until is None and p.since <= day for p in stopped):
            return None
        if is_working(day, is_holiday) and not any(p.since <= day < (p.until or day) for p in stopped):
            left -= 1
    return day


def working_days_between(first: date, last: date, is_holiday: IsHoliday) -> int:
    """Count the working days after `first` up to `last`, 0 when it is not later.

    >>> working_days_between(date(2026, 11, 20), date(2026, 11, 25), lambda _day: False)
    3
    """
    span = (last - first).days
    return sum(is_working(first + timedelta(days=n), is_holiday) for n in range(1, span + 1))


def median_of(counts: Iterable[tuple[int, int]]) -> float | None:
    """Return the median of values that are told as (value, how many times), None of nothing.

    >>> median_of([(2, 3), (10, 1)]), median_of([(1, 1), (4, 1)]), median_of([])
    (2.0, 2.5, None)
    """
    ordered = sorted((value, n) for value, n in counts if n > 0)
    total = sum(n for _value, n in ordered)
    if not total:
        return None
    middles, seen = [(total - 1) // 2, total // 2], 0
    found = []
    for value, n in ordered:
        found += [value for m in middles if seen <= m < seen + n]
        seen += n
    return sum(found) / 2
