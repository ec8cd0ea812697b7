"""Public pages: the services with their figures, how they are computed, the open data."""

from flask import Blueprint, Response, make_response

from civic.city import queries as city
from civic.contributions.queries import commitments as done
from civic.contributions.rules import COMMITMENT_STATES
from civic.kernel.clock import civil_day
from civic.kernel.paging import Paging
from civic.kernel.silence import Silence
from civic.kernel.tables import to_csv
from civic.quality import rules
from civic.quality.models import SENSES
from civic.quality.queries import evidence, figures
from civic.web.doors import public
from civic.web.pages import page
from civic.web.town import now, reading, town

site = Blueprint("quality", __name__)


@site.get("/servizi")
@public(silence=Silence.STAYS)
def services() -> Response:
    """The catalogue of services, by category, each with its own figure; they are never put in order of it."""
    with reading() as db:
        return page(
            services=city.services(db),
            figures=figures.figure_per_service(db, today=civil_day(now())),
            period=figures.Period.to(civil_day(now())),
            silent=town().is_silent(db, now()),
        )


@site.get("/servizi/<code>")
@public(silence=Silence.STAYS)
def service(code: str) -> Response:
    """One service: what citizens say of it, how far that can be relied on, what it promises, what was done."""
    today = civil_day(now())
    with reading() as db:
        found = city.service(db, code)
        told = figures.figures_of(db, code, today=today)
        return page(
            service=found,
            told=told,
            aspects=figures.aspects_of(db, code, today=today),
            reasons=figures.reasons_of(db, rules.Instrument.SERVICE, code, today=today),
            standards=evidence.standards_of(db, code),
            beside=evidence.results_beside(db, code),
            windows=evidence.windows_of(db, code, since=told.period.since),
            said=done.said_and_done(db, today=today, paging=Paging(1, 5), service=code).rows,
            states=COMMITMENT_STATES,
            cell_least=figures.threshold(db, "cell_min_n"),
            words=rules,
            senses=SENSES,
            today=today,
            silent=town().is_silent(db, now()),
        )


@site.get("/servizi/valutazioni.csv")
@public(silence=Silence.PLAIN)
def data_file() -> Response:
    """The figures as open data: by service and month, from the house's threshold of ratings on."""
    period = figures.Period.to(civil_day(now()))
    with reading() as db:
        least = figures.threshold(db, "mean_min_n")
        months = [(code, f"{month:%Y-%m}", counts) for code, month, counts in figures.months_of_all(db, since=period.before)]
        year = figures.counts_per_service(db, since=period.since)
    # The twelve months of the page too: months with too few ratings have no line, and the others would not add up to it.
    rows = [*months, *((code, str(period), counts) for code, counts in sorted(year.items()))]
    header = ("servizio", "mese", "valutazioni", "quota_4_5", "da", "a", "media", "grado", *(f"stelle_{s}" for s in range(1, 6)))
    lines: list[list[object]] = []
    for code, month, counts in rows:
        told = rules.satisfaction(counts, least=least)
        if told.share is not None and told.interval is not None and told.mean is not None:
            numbers = [f"{x:.4f}" for x in (told.share, told.interval.low, told.interval.high)]
            lines.append([code, month, told.n, *numbers, f"{told.mean:.2f}", told.grade, *counts])
    response = make_response(to_csv([*header, *_mark()], [[*line, *_mark_value()] for line in lines]))
    response.headers["Content-Type"] = "text/csv; charset=utf-8"
    response.headers["Content-Disposition"] = 'attachment; filename="valutazioni-servizi.csv"'
    return response


def _mark() -> list[str]:
    return ["nota"] if town().config.demo else []


def _mark_value() -> list[object]:
    return ["dato dimostrativo"] if town().config.demo else []


@site.get("/valutazioni/come-si-calcola")
@public(silence=Silence.STAYS)
def method() -> Response:
    """How ratings are collected, counted and shown, and what is done against abuse."""
    with reading() as db:
        return page(
            words=rules,
            least=figures.threshold(db, "mean_min_n"),
            cell_least=figures.threshold(db, "cell_min_n"),
            evaluation_least=figures.threshold(db, "evaluation_min_n"),
        )
