"""Run the bench and write docs/performance.md."""

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import create_engine, text

from tests import postgres
from tools.bench import city, load, stopwatch

ROOT = Path(__file__).resolve().parents[2]
PAGES = (
    ("list of actions, first page", "/programma"),
    ("search that finds a tenth of them", "/programma?q=scuole"),
    ("one action with its history", f"/programma/azioni/{city.LONG}"),
)
SECRET = "bench-" * 8


def main() -> None:
    """Measure the pages on both databases, then `make run`, and write the report."""
    parser = argparse.ArgumentParser(prog="bench")
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=5)
    asked = parser.parse_args()
    load.require_wrk()
    lines = [f"Taken on {datetime.now(UTC):%Y-%m-%d} by `make {'bench-large' if asked.large else 'bench'}`: {_machine()}.", ""]
    sizes = ((1_000, 50), (20_000, 400)) if asked.large else ((1_000, 50),)
    with tempfile.TemporaryDirectory(prefix="civic-bench-") as folder:
        for name, url in _databases(Path(folder)):
            for actions, history in sizes:
                fresh = url(f"b{actions}")
                city.build(fresh, actions=actions, history=history)
                lines += _pages(f"{name}, {actions:,} actions, one with {history} entries", fresh, asked.rounds, asked.seconds)
    cold, warm = stopwatch.time_make_run()
    lines += ["", f"`make run` in a fresh clone with an empty home, until the first page: {cold:.1f} s cold, {warm:.1f} s warm."]
    _write("\n".join(lines))


def _machine() -> str:
    return f"{os.cpu_count()} cores, Python {platform.python_version()}, waitress 2 processes x 4 threads, wrk with {load.CONNECTIONS} connections on the same cores"


def _databases(folder: Path) -> Iterator[tuple[str, Callable[[str], str]]]:
    yield "SQLite", lambda name: f"sqlite:///{folder}/{name}.sqlite3"
    keeper = postgres.start(folder)
    try:
        admin = postgres.wait(folder)["url"]

        def fresh(name: str) -> str:
            engine = create_engine(admin, isolation_level="AUTOCOMMIT")
            with engine.connect() as connection:
                connection.execute(text(f"CREATE DATABASE {name}"))
            engine.dispose()
            return str(admin).replace("/postgres?", f"/{name}?")

        yield "PostgreSQL", fresh
    finally:
        postgres.stop(keeper)


@contextmanager
def _server(url: str) -> Iterator[str]:
    port = stopwatch.free_port()
    environment = {k: v for k, v in os.environ.items() if not k.startswith("CIVIC_")} | {
        "CIVIC_DATABASE_URL": url,
        "CIVIC_SECRET_KEY": SECRET,
        "CIVIC_DATA_DIR": tempfile.gettempdir() + "/civic-bench-data",
    }
    command = [sys.executable, "-m", "tools.bench.served", str(port), *(path for _, path in PAGES)]
    running = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    base = f"http://127.0.0.1:{port}"
    try:
        for _attempt in range(150):
            try:
                urllib.request.urlopen(f"{base}/bench/hello", timeout=5).read()
                break
            except OSError:
                time.sleep(0.2)
        yield base
    finally:
        running.terminate()
        running.wait(30)


def _pages(title: str, url: str, rounds: int, seconds: int) -> list[str]:
    targets = ["/bench/hello", *(p for _, p in PAGES), *(f"/bench/{n}" for n in range(len(PAGES)))]
    rates: dict[str, list[load.Rate]] = {t: [] for t in targets}
    with _server(url) as base:
        for target in targets:
            load.measure(base + target, seconds=1)
        for number in range(rounds):
            print(f"{title}: round {number + 1} of {rounds}", flush=True)
            for target in targets:
                rates[target].append(load.measure(base + target, seconds=seconds))
    hello = statistics.median(r.per_second for r in rates["/bench/hello"])
    lines = [
        f"### {title}",
        "",
        "| page | requests/s, median (range) | p99 ms | ratio to the same template from constants | ratio to hello |",
        "| --- | --- | --- | --- | --- |",
    ]
    for number, (label, path) in enumerate(PAGES):
        found, bare = rates[path], statistics.median(r.per_second for r in rates[f"/bench/{number}"])
        middle = statistics.median(r.per_second for r in found)
        low, high = min(r.per_second for r in found), max(r.per_second for r in found)
        p99 = statistics.median(r.p99_ms for r in found)
        lines.append(
            f"| {label} | {middle:,.0f} ({low:,.0f}-{high:,.0f}) | {p99:.0f} | {middle / bare:.2f} | {middle / hello:.3f} |"
        )
    return [*lines, "", f"Hello on the same server: {hello:,.0f} requests/s.", ""]


def _write(report: str) -> None:
    path = ROOT / "docs" / "performance.md"
    head = (
        "# Performance\n\nWritten by the bench. Only ratios carry over from one machine to another: each page is compared, in the same run and\n"
        "on the same server, with a bare `hello` and with its own template rendered from constants.\n\n"
    )
    path.write_text(head + report + "\n", encoding="utf-8")
    print(report)


if __name__ == "__main__":
    main()
