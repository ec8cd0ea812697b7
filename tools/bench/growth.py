"""Pages, facts and the watch over more and more ratings: what a citizen reads must not get slower as the city talks."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select

from civic.kernel.clock import civil_day
from civic.kernel.db import Database
from civic.quality.commands.tallies import rebuild
from civic.quality.facts import satisfaction_of
from civic.quality.jobs import watch
from civic.quality.models import Rating, RatingTally
from civic.quality.queries.figures import Period
from tools.bench import databases, register, town
from tools.bench.inside import TIMES, Inside, median_ms

# An attack that the watch must set aside, on top of the largest size.
FLOOD = 20_000
_WATCHES = 3
_SERVICE = town.SERVICES[7]


@dataclass(frozen=True, slots=True)
class Size:
    """What was measured over one number of ratings. Times in milliseconds, of filling and rebuilding in seconds."""

    ratings: int
    cells: int
    fill_s: float
    rebuild_s: float
    page_ms: float
    queries: int
    list_ms: float
    fact_ms: float
    whole_ms: float
    watch_ms: float


def report(name: str, url: str, folder: Path, *, sizes: Sequence[int]) -> list[str]:
    """Fill an empty database up to each size in turn, measure at each, and return the table."""
    town.build(url)
    inside = Inside(url, folder)
    found: list[Size] = []
    for before, size in zip((0, *sizes), sizes, strict=False):
        print(f"{name}: {size:,} ratings", flush=True)
        found.append(_measure(inside, url, before, size))
    flooded = _flood(inside, url, sizes[-1])
    inside.close()
    return [f"### {name}, growth with the number of ratings", "", *_table(found), flooded, ""]


def _measure(inside: Inside, url: str, before: int, size: int) -> Size:
    database = inside.database
    fill_s = _seconds(lambda: register.add_ratings(database, first=before + 1, last=size))
    databases.settle(url)
    rebuild_s = _seconds(lambda: _rebuild(database))
    databases.settle(url)
    cells = _require_counts(database, size)
    visit = inside.visit(f"/servizi/{_SERVICE}")
    return Size(
        size,
        cells,
        fill_s,
        rebuild_s,
        visit.ms,
        visit.queries,
        inside.visit("/servizi").ms,
        median_ms(lambda: _ask(database, service=_SERVICE)),
        median_ms(lambda: _ask(database)),
        median_ms(lambda: _watch(database), times=_WATCHES),
    )


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _rebuild(database: Database) -> None:
    with database.writing() as session:
        rebuild(session)


def _ask(database: Database, *, service: str = "") -> None:
    period = Period.to(civil_day(town.NOW))
    with database.reading() as session:
        satisfaction_of(session, since=period.since, until=period.until, service=service)


def _watch(database: Database) -> int:
    with database.writing() as session:
        return watch(session, town.NOW)


def _require_counts(database: Database, size: int) -> int:
    """Count the ratings and hold the tally against them. Returns the number of cells; raises SystemExit when they disagree."""
    with database.reading() as session:
        rows = session.scalar(select(func.count()).select_from(Rating)) or 0
        tallied, cells = session.execute(select(func.sum(RatingTally.n), func.count()).select_from(RatingTally)).one()
    if not rows == tallied == size:
        raise SystemExit(f"bench: {size} ratings were made, {rows} are there, their tally says {tallied}")
    return int(cells)


def _flood(inside: Inside, url: str, size: int) -> str:
    """Attack a service and let the watch find it. Raises SystemExit when it does not set aside exactly that."""
    database = inside.database
    register.add_flood(database, _SERVICE, first=size + 1, last=size + FLOOD)
    _rebuild(database)
    databases.settle(url)
    flagged: list[int] = []
    taken = _seconds(lambda: flagged.append(_watch(database)))
    _require_counts(database, size + FLOOD)
    if flagged != [1]:
        raise SystemExit(f"bench: the watch flagged {flagged[0]} windows, not the one attack")
    return f"An attack of {FLOOD:,} ratings within six hours, found and set aside by the watch: {taken:.1f} s."


def _table(found: Sequence[Size]) -> list[str]:
    lines = [
        "| ratings | cells of the tally | service page ms | its queries | all services page ms | fact of a service ms | fact of the ente ms | watch ms | "
        "rebuild of the tally s | filling s |",
        "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    first = found[0]
    for s in found:
        lines.append(
            f"| {s.ratings:,} | {s.cells:,} | {_beside(s.page_ms, first.page_ms)} | {s.queries} | {_beside(s.list_ms, first.list_ms)} | "
            f"{_beside(s.fact_ms, first.fact_ms)} | {_beside(s.whole_ms, first.whole_ms)} | {s.watch_ms:,.0f} | {s.rebuild_s:.2f} | {s.fill_s:.1f} |"
        )
    said = (
        f"Medians of {TIMES} readings, of {_WATCHES} for the watch; in brackets the ratio to the smallest size. Pages and facts read the "
        "tally: few ratings fill a cell each, many share all the cells there can be."
    )
    return [*lines, "", said]


def _beside(ms: float, first: float) -> str:
    return f"{ms:.1f} ({ms / first:.2f})"
