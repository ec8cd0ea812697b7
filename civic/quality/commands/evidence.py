"""Standards of the Carta dei servizi with what was measured, and results of surveys that are not ours."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.journal.commands import record
from civic.kernel.actor import Actor
from civic.kernel.clock import civil_day
from civic.kernel.errors import Missing, NotAllowed, Refused
from civic.kernel.intake import Problem, Row, read_csv
from civic.kernel.text import N_
from civic.quality.commands.points import service_for
from civic.quality.models import OutsideResult, Sense, ServiceStandard, StandardMeasure
from civic.quality.queries.evidence import editable_services

COLUMNS = ("service_code", "year", "dimension", "value", "unit", "sample_n", "method", "scope", "source_url")
_FIRST_YEAR = 1990


@dataclass(frozen=True, slots=True, kw_only=True)
class StandardData:
    """One promise of a Carta dei servizi."""

    label_it: str
    label_en: str = ""
    promised: Decimal
    unit: str
    sense: Sense
    source_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureData:
    """What was measured of a promise, from the first to the last day of a period."""

    period_start: date
    period_end: date
    value: Decimal
    n: int | None
    method: str


def add_standard(session: Session, who: Actor, service_code: str, data: StandardData, *, now: datetime) -> ServiceStandard:
    """Write down what is promised. Raises Missing."""
    service = service_for(session, who, service_code)
    standard = ServiceStandard(
        service_code=service.code,
        label_it=data.label_it,
        label_en=data.label_en,
        promised=data.promised,
        unit=data.unit,
        sense=data.sense,
        source_url=data.source_url,
        valid_from=civil_day(now),
    )
    session.add(standard)
    session.flush()
    facts = {"service": service.code, "label": data.label_it, "promised": f"{data.promised:f}", "unit": data.unit}
    record(session, who, "quality.standard_added", subject=("service", service.code), now=now, facts=facts)
    return standard


def standard_for(session: Session, who: Actor, standard_id: int) -> ServiceStandard:
    """Return a standard of a service whose evidence somebody keeps. Raises Missing."""
    standard = session.get(ServiceStandard, standard_id)
    if standard is None:
        raise Missing
    service_for(session, who, standard.service_code)
    return standard


def end_standard(session: Session, who: Actor, standard_id: int, *, now: datetime) -> ServiceStandard:
    """End a promise from today: it stays on the page among those of before. Raises Missing."""
    standard = standard_for(session, who, standard_id)
    if standard.valid_to is None:
        standard.valid_to = civil_day(now)
        facts = {"service": standard.service_code, "label": standard.label_it}
        record(session, who, "quality.standard_ended", subject=("service", standard.service_code), now=now, facts=facts)
    return standard


def record_measure(session: Session, who: Actor, standard_id: int, data: MeasureData, *, now: datetime) -> StandardMeasure:
    """Write down what was measured; what was written stays, and a correction says what it corrects. Raises Missing, Refused."""
    standard = standard_for(session, who, standard_id)
    if data.period_end < data.period_start:
        raise Refused(N_("Il periodo finisce prima di cominciare: controlla i due giorni."), field="period_end")
    if data.period_end > civil_day(now):
        raise Refused(N_("Il periodo non è ancora finito."), field="period_end")
    same = [m for m in standard.measures if (m.period_start, m.period_end) == (data.period_start, data.period_end)]
    measure = StandardMeasure(
        standard_id=standard.id,
        period_start=data.period_start,
        period_end=data.period_end,
        value=data.value,
        n=data.n,
        method=data.method,
        told_on=civil_day(now),
        corrects_id=max((m.id for m in same), default=None),
    )
    session.add(measure)
    session.flush()
    facts = {"label": standard.label_it, "value": f"{data.value:f}", "until": data.period_end.isoformat()}
    record(session, who, "quality.standard_measured", subject=("service", standard.service_code), now=now, facts=facts)
    return measure


@dataclass(frozen=True, slots=True)
class OutsidePreview:
    """What a file of results would do: what would be added, and what is wrong with it."""

    rows: Sequence[OutsideResult]
    problems: Sequence[Problem]
    # Rows about services that are not in the catalogue, which are left out and said.
    left_out: Sequence[int]


def preview_results(session: Session, who: Actor, data: bytes, *, now: datetime) -> OutsidePreview:
    """Read a file of results whole and say what it would add; nothing is written. Raises NotAllowed, Refused."""
    services = {s.code: s for s in editable_services(session, who)}
    if not services:
        raise NotAllowed
    rows, problems, left_out = [], [], []
    for row in read_csv(data, columns=COLUMNS):
        if row.cells["service_code"] not in services:
            left_out.append(row.number)
            continue
        wrong = _wrong(row, civil_day(now).year)
        problems += wrong
        if not wrong:
            own = services[row.cells["service_code"]].provider_code
            rows.append(_result(row, own if _speaks_for(who, own) else None, now))
    return OutsidePreview(rows, problems, left_out)


def _speaks_for(who: Actor, provider_code: str | None) -> bool:
    return provider_code is not None and any(g.scope.ref == provider_code for g in who.grants)


def _wrong(row: Row, this_year: int) -> list[Problem]:
    cells, found = row.cells, []
    if not cells["year"].isdigit() or not _FIRST_YEAR <= int(cells["year"]) <= this_year:
        found.append(Problem(row.number, "year", cells["year"], N_("Scrivi un anno passato, di quattro cifre.")))
    if cells["sample_n"] and not (cells["sample_n"].isascii() and cells["sample_n"].isdigit() and len(cells["sample_n"]) < 10):
        found.append(
            Problem(row.number, "sample_n", cells["sample_n"], N_("Scrivi quante persone hanno risposto, o lascia vuoto."))
        )
    for name, most in (("dimension", 200), ("value", 20), ("unit", 40)):
        if not 1 <= len(cells[name]) <= most:
            found.append(Problem(row.number, name, cells[name], N_("Manca, o è troppo lungo.")))
    if cells["source_url"] and not cells["source_url"].startswith(("https://", "http://")):
        found.append(Problem(row.number, "source_url", cells["source_url"], N_("Scrivi un indirizzo che comincia con https://.")))
    return found


def _result(row: Row, provider_code: str | None, now: datetime) -> OutsideResult:
    cells = row.cells
    return OutsideResult(
        service_code=cells["service_code"],
        provider_code=provider_code,
        year=int(cells["year"]),
        dimension=cells["dimension"],
        value=cells["value"],
        unit=cells["unit"],
        n=int(cells["sample_n"]) if cells["sample_n"] else None,
        method=cells["method"][:200],
        population=cells["scope"][:200],
        source_url=cells["source_url"],
        added_on=civil_day(now),
    )


def add_results(session: Session, who: Actor, data: bytes, *, now: datetime) -> int:
    """Add the results of a file, all or none; those that are there already are not added twice. Returns how many.

    Raises NotAllowed. Raises Refused: for a file with a problem.
    """
    preview = preview_results(session, who, data, now=now)
    if preview.problems:
        raise Refused(N_("Il file ha dei problemi: correggili e ricaricalo. Niente è stato scritto."), field="file")
    codes = {r.service_code for r in preview.rows}
    there = select(OutsideResult).where(OutsideResult.service_code.in_(codes))
    known = {_identity(r) for r in session.scalars(there)}
    fresh = [r for r in preview.rows if _identity(r) not in known]
    session.add_all(fresh)
    session.flush()
    _tell(session, who, {r.service_code for r in fresh}, now)
    return len(fresh)


def _identity(result: OutsideResult) -> tuple[object, ...]:
    return (
        result.service_code,
        result.provider_code,
        result.year,
        result.dimension,
        result.value,
        result.unit,
        result.population,
    )


def _tell(session: Session, who: Actor, codes: Collection[str], now: datetime) -> None:
    for code in sorted(codes):
        record(session, who, "quality.results_added", subject=("service", code), now=now, facts={"service": code})
