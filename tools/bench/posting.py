"""Ratings per second through HTTP, beside the database's own commits and a bare hello; every rating is counted afterwards."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from civic.kernel.db import Database
from civic.quality.models import Rating, RatingTally
from tools.bench import databases, load, town
from tools.bench.running import Server, served

_HOT = town.SERVICES[0]
_PAGES = [f"/servizi/pagina-{n}" for n in range(32)]
# (what it is called, the kind of the Lua script, where it goes)
POSTS = (
    (f"a service, spread over {len(town.SERVICES)} services", "service", [f"/servizi/{s}/valuta" for s in town.SERVICES]),
    ("a service, all on one and the same star", "service", [f"/servizi/{_HOT}/valuta"]),
    (f"a page, spread over {len(_PAGES)} pages", "page", _PAGES),
)
# Each post comes from an address of its own, which the server hears of from a proxy in front of it.
_SETTINGS = {"posts_per_minute": 100_000, "form_min_seconds": 0, "proxies": 1}
_RAW = (
    "CREATE TABLE bench_raw (id {serial}, form_key VARCHAR(64) UNIQUE, service_code VARCHAR(60), stars INTEGER, on_day DATE)",
    "INSERT INTO bench_raw (form_key, service_code, stars, on_day) VALUES ({key}, 's01', 4, '2026-11-23')",
)


@dataclass(slots=True)
class Found:
    """What one kind of post came to over the rounds."""

    rates: list[load.Rate]
    cpu_seconds: float = 0
    accepted: int = 0
    unheard: int = 0


def report(name: str, url: str, folder: Path, *, rounds: int, seconds: int) -> list[str]:
    """Rate the services and pages of an empty database in rounds, count what was stored, and return the table."""
    town.build(url)
    found = [Found([]) for _post in POSTS]
    hello: list[float] = []
    raw: list[float] = []
    runs = 0
    with served(url, folder, **_SETTINGS) as server, _Raw(url) as commits:
        for number in range(-1, rounds):  # the round before the first warms up
            print(f"{name}, ratings: round {number + 1} of {rounds}", flush=True)
            length = seconds if number >= 0 else 2
            rate, _cpu = server.busy(lambda n=length: load.measure(f"{server.base}/bench/hello", seconds=n))
            committed = commits.per_second(length / 2)
            if number >= 0:
                hello.append(rate.per_second)
                raw.append(committed)
            for (_label, kind, paths), one in zip(POSTS, found, strict=True):
                runs += 1
                _post(server, one, kind, f"r{runs}", paths, seconds=length, counts=number >= 0)
        commits.require_rows()
    stored = _counted(url, found)
    bounds = (statistics.median(hello), statistics.median(raw))
    return [
        f"### {name}, ratings",
        "",
        *_table(found, *bounds),
        f"One fdatasync of 4 KB: {databases.disk_ms(folder):.2f} ms. {stored}",
        "",
    ]


def _post(server: Server, one: Found, kind: str, run: str, paths: list[str], *, seconds: int, counts: bool) -> None:
    posts, cpu = server.busy(lambda: load.post_ratings(server.base, kind, run, paths, seconds=seconds))
    one.accepted += posts.accepted
    one.unheard += posts.unheard
    if counts:
        one.rates.append(posts.rate)
        one.cpu_seconds += cpu / posts.accepted


def _table(found: list[Found], hello: float, raw: float) -> list[str]:
    lines = [
        "| rating of | posts/s, median (range) | p99 ms | server CPU ms | ratio to hello | ratio to raw commits |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for (label, _kind, _paths), one in zip(POSTS, found, strict=True):
        middle, spread, p99 = load.summed(one.rates)
        cpu = one.cpu_seconds / len(one.rates) * 1000
        lines.append(f"| {label} | {spread} | {p99:.0f} | {cpu:.1f} | {middle / hello:.3f} | {middle / raw:.3f} |")
    bounds = f"Hello on the same server: {hello:,.0f} requests/s. One row and one commit at a time, one process and no web: {raw:,.0f}/s."
    return [*lines, "", bounds]


def _counted(url: str, found: list[Found]) -> str:
    """Hold the rows against what was accepted, and the tally against the rows. Raises SystemExit when they disagree."""
    accepted, unheard = sum(one.accepted for one in found), sum(one.unheard for one in found)
    database = Database(url)
    with database.reading() as session:
        rows = session.scalar(select(func.count()).select_from(Rating)) or 0
        tallied = session.scalar(select(func.sum(RatingTally.n))) or 0
        cells = session.scalar(select(func.count()).select_from(RatingTally)) or 0
    database.dispose()
    # A post whose answer was not heard may be stored or not; there are none unless the machine is very slow.
    if not accepted <= rows <= accepted + unheard:
        raise SystemExit(f"bench: {accepted} ratings were accepted and {unheard} not heard of, {rows} are there")
    if tallied != rows:
        raise SystemExit(f"bench: {rows} ratings are there, their tally says {tallied}")
    return (
        f"Counted afterwards: {accepted:,} accepted{f' and {unheard} not heard of' if unheard else ''}, {rows:,} stored, "
        f"and {tallied:,} in the {cells:,} cells of the tally."
    )


class _Raw:
    """One-row inserts, each with its own commit, by the driver alone on the same database."""

    def __init__(self, url: str) -> None:
        self._connection: Any = databases.connect(url)
        self._is_sqlite = url.startswith("sqlite")
        self._done = 0

    def __enter__(self) -> "_Raw":
        make = _RAW[0].format(serial="INTEGER PRIMARY KEY" if self._is_sqlite else "BIGSERIAL PRIMARY KEY")
        self._connection.execute(make)
        self._connection.commit()
        return self

    def __exit__(self, *_error: object) -> None:
        self._connection.close()

    def per_second(self, seconds: float) -> float:
        """Insert for some seconds; return commits per second."""
        begin: Callable[[], object] = (lambda: self._connection.execute("BEGIN IMMEDIATE")) if self._is_sqlite else lambda: None
        insert = _RAW[1].format(key="?" if self._is_sqlite else "%s")
        before, start = self._done, time.perf_counter()
        while time.perf_counter() - start < seconds:
            begin()
            self._connection.execute(insert, (f"raw-{self._done}",))
            self._connection.commit()
            self._done += 1
        return (self._done - before) / (time.perf_counter() - start)

    def require_rows(self) -> None:
        """Count the rows. Raises SystemExit when some are missing."""
        (rows,) = self._connection.execute("SELECT count(*) FROM bench_raw").fetchone()
        if rows != self._done:
            raise SystemExit(f"bench: {self._done} raw rows were committed, {rows} are there")
