"""Pure rules of the city: Easter and holidays, validity of offices, thresholds, terms."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from civic.kernel.text import N_

REPORT_DAYS = 30  # the term that administrations commit to for accessibility feedback, calendar days


@dataclass(frozen=True, slots=True)
class ThresholdRule:
    """A figure below which something is not shown or not used."""

    label: str
    default: int


# Alphabetical. One table for the whole house.
THRESHOLDS = {
    "cell_min_n": ThresholdRule(N_("Una casella con meno risposte di così non si mostra"), 5),
    "evaluation_min_n": ThresholdRule(N_("Risposte effettive minime perché un dato entri nella valutazione"), 30),
    "group_min_n": ThresholdRule(N_("Persone minime in un gruppo di opinione"), 10),
    "groups_min_n": ThresholdRule(N_("Risposte minime per cercare gruppi di opinione"), 50),
    "mean_min_n": ThresholdRule(N_("Risposte minime per mostrare una media o una quota"), 10),
}

# Fixed national holidays (month, day): L. 260/1949, L. 336/2000 and, from 2026, 4 October.
NATIONAL_HOLIDAYS = (
    (1, 1, N_("Capodanno")),
    (1, 6, N_("Epifania")),
    (4, 25, N_("Festa della Liberazione")),
    (5, 1, N_("Festa del Lavoro")),
    (6, 2, N_("Festa della Repubblica")),
    (8, 15, N_("Ferragosto")),
    (10, 4, N_("San Francesco d'Assisi")),
    (11, 1, N_("Ognissanti")),
    (12, 8, N_("Immacolata Concezione")),
    (12, 25, N_("Natale")),
    (12, 26, N_("Santo Stefano")),
)
SAN_FRANCESCO_FROM = 2026


@dataclass(frozen=True, slots=True)
class HolidayDay:
    """A holiday of one year."""

    day: date
    name: str


def easter(year: int) -> date:
    """Return Easter Sunday (Gregorian), by the anonymous algorithm (Meeus, Jones, Butcher).

    >>> easter(2026), easter(2027)
    (datetime.date(2026, 4, 5), datetime.date(2027, 3, 28))
    """
    a, b, c = year % 19, year // 100, year % 100
    d, e, f = b // 4, b % 4, (b + 8) // 25
    g = (b - f + 1) // 3
    h = (19 * a + b - d - g + 15) % 30
    i, k = c // 4, c % 4
    n = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * n) // 451
    month, day = divmod(h + n - 7 * m + 114, 31)
    return date(year, month, day + 1)


def holidays_of(year: int, local: Iterable[tuple[int, int, int, str]] = ()) -> list[HolidayDay]:
    """List a year's holidays in order: national, Easter Monday, and local ones (month, day, year or 0, name)."""
    days = [(date(year, m, d), name) for m, d, name in NATIONAL_HOLIDAYS if (m, d) != (10, 4) or year >= SAN_FRANCESCO_FROM]
    days.append((easter(year) + timedelta(days=1), N_("Lunedì dell'Angelo")))
    days += [(date(year, m, d), name) for m, d, every, name in local if every in (0, year) and _exists(year, m, d)]
    return [HolidayDay(day, name) for day, name in sorted(days)]


def _exists(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def is_valid_on(valid_from: date | None, valid_to: date | None, day: date) -> bool:
    """Say whether an office existed on a day; an unknown end is open.

    >>> is_valid_on(date(2024, 10, 1), None, date(2024, 9, 30))
    False
    """
    return (valid_from is None or valid_from <= day) and (valid_to is None or day <= valid_to)


def report_due_on(received: date) -> date:
    """Return the last day to answer a report: 30 calendar days, as declared on the accessibility page."""
    return received + timedelta(days=REPORT_DAYS)
