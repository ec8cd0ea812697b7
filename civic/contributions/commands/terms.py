"""The days that offices have: setting them, and writing on each voice the day that they make."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from civic.city.models import Office
from civic.contributions import permits
from civic.contributions.models import Contribution, ContributionPause, ContributionTerm
from civic.contributions.queries.terms import Calendar, terms
from civic.contributions.rules import Pause, Severity, Term, due_on, term_of, term_problem
from civic.journal.commands import record
from civic.kernel.actor import Actor
from civic.kernel.errors import NotAllowed, Refused
from civic.kernel.text import N_


def set_term(session: Session, who: Actor, office_code: str | None, severity: Severity, term: Term, *, now: datetime) -> None:
    """Set the days of an office, or with None of the whole ente, for voices given from now on; no promise made is moved.

    Raises NotAllowed: also to the office itself, which may not lengthen its own clock. Raises Refused.
    """
    _require(session, who, office_code)
    problem = term_problem(term)
    if problem:
        raise Refused(problem[1], field=problem[0])
    before = term_of(terms(session), office_code, severity)
    days = {"triage_days": term.triage_days, "reply_days": term.reply_days}
    there = update(ContributionTerm).where(_is(office_code), ContributionTerm.severity == severity).values(**days)
    if session.execute(there.returning(ContributionTerm.id)).first() is None:
        session.add(ContributionTerm(office_code=office_code, severity=severity, **days))
        session.flush()
    _record(session, who, office_code, severity, before, term, now)


def unset_term(session: Session, who: Actor, office_code: str | None, severity: Severity, *, now: datetime) -> None:
    """Let an office have the days of the ente again, or the ente the defaults. Raises NotAllowed, Refused."""
    _require(session, who, office_code)
    before = term_of(terms(session), office_code, severity)
    gone = delete(ContributionTerm).where(_is(office_code), ContributionTerm.severity == severity)
    if session.execute(gone.returning(ContributionTerm.id)).first() is None:
        raise Refused(N_("Questo termine è già quello di tutti."))
    _record(session, who, office_code, severity, before, term_of(terms(session), office_code, severity), now)


def _require(session: Session, who: Actor, office_code: str | None) -> None:
    if not permits.may_set_term(who, office_code):
        raise NotAllowed
    if office_code is not None and session.get(Office, office_code) is None:
        raise Refused(N_("Scegli un ufficio che esiste."), field="office_code")


def _is(office_code: str | None) -> ColumnElement[bool]:
    column = ContributionTerm.office_code
    return column == office_code if office_code else column.is_(None)


def _record(
    session: Session, who: Actor, office_code: str | None, severity: Severity, before: Term, after: Term, now: datetime
) -> None:
    facts = {
        "severity": severity,
        "triage_days": after.triage_days,
        "reply_days": after.reply_days,
        "triage_days_before": before.triage_days,
        "reply_days_before": before.reply_days,
    }
    record(session, who, "contributions.term_set", subject=("office", office_code or ""), now=now, facts=facts)


def promise_days(session: Session, ids: Sequence[int]) -> None:
    """Write on voices that were just given to an office the days it has and their last; the queries do not grow with them."""
    known = terms(session)
    lines = session.execute(
        select(Contribution.id, Contribution.office_code, Contribution.severity, Contribution.received_on).where(
            Contribution.id.in_(ids)
        )
    ).all()
    calendar, pauses = Calendar(session), _pauses(session, ids)
    same: dict[tuple[date | None, date | None, int], list[int]] = {}
    for number, office, severity, received in lines:
        term = term_of(known, office, Severity(severity))
        days = (
            due_on(received, term.triage_days, (), calendar),
            due_on(received, term.reply_days, pauses.get(number, ()), calendar),
            term.reply_days,
        )
        same.setdefault(days, []).append(number)
    for (triage, reply, promised), found in same.items():
        values = {"triage_due_on": triage, "reply_due_on": reply, "reply_term_days": promised}
        session.execute(update(Contribution).where(Contribution.id.in_(found)).values(**values))


def move_day(session: Session, voice: Contribution) -> None:
    """Write the last day anew after a pause began or ended, by the days that were promised."""
    pauses = _pauses(session, [voice.id]).get(voice.id, [])
    day = due_on(voice.received_on, voice.reply_term_days, pauses, Calendar(session))
    session.execute(update(Contribution).where(Contribution.id == voice.id).values(reply_due_on=day))


def _pauses(session: Session, ids: Sequence[int]) -> dict[int, list[Pause]]:
    found: dict[int, list[Pause]] = {}
    for p in session.scalars(select(ContributionPause).where(ContributionPause.voice_id.in_(ids))):
        found.setdefault(p.voice_id, []).append(Pause(p.since, p.until))
    return found
