"""Reading terms and days: how long an office has, and what the calendar makes of it."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.city.queries import holidays_of
from civic.contributions.models import ContributionTerm
from civic.contributions.rules import Term, Terms


class Calendar:
    """The holidays of the ente, read once a year that is asked for."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._days: dict[int, frozenset[date]] = {}

    def __call__(self, day: date) -> bool:
        """Say whether a day is a holiday."""
        if day.year not in self._days:
            self._days[day.year] = frozenset(h.day for h in holidays_of(self._session, day.year))
        return day in self._days[day.year]


def terms(session: Session) -> Terms:
    """Return every term that was set, "" being the whole ente, in one query."""
    return {(t.office_code or "", t.severity): Term(t.triage_days, t.reply_days) for t in set_terms(session)}


def set_terms(session: Session) -> Sequence[ContributionTerm]:
    """List the terms that were set."""
    return session.scalars(select(ContributionTerm).order_by(ContributionTerm.id)).all()
