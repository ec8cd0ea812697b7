"""Run the bench and write docs/performance.md."""

import argparse
import os
import platform
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from tools.bench import databases, growth, inbox, load, pages, posting, stopwatch
from tools.bench.running import ROOT

_HEAD = (
    "# Performance\n\nWritten by the bench. Only ratios carry over from one machine to another: each page is compared, in the same run and\n"
    "on the same server, with a bare `hello` and with its own template rendered from constants; ratings also with the commits\n"
    "that the same database takes one by one. Both databases keep every commit (SQLite WAL with synchronous=FULL, PostgreSQL with\n"
    "fsync and synchronous_commit).\n\n"
)
PARTS = ("pages", "ratings", "growth", "inbox", "run")


def main() -> None:
    """Measure what was asked for, all of it unless told otherwise, and write the report when it is whole."""
    asked = _arguments()
    load.require_wrk()
    began, lines = time.monotonic(), []
    with tempfile.TemporaryDirectory(prefix="civic-bench-") as folder:
        for name, fresh in databases.each(Path(folder)):
            lines += _measured(asked, name, fresh, Path(folder))
    if "run" in asked.parts:
        cold, warm = stopwatch.time_make_run()
        lines += [f"`make run` in a fresh clone with an empty home, until the first page: {cold:.1f} s cold, {warm:.1f} s warm."]
    minutes = (time.monotonic() - began) / 60
    taken = f"Taken on {datetime.now(UTC):%Y-%m-%d} by `make {'bench-large' if asked.large else 'bench'}` in {minutes:.0f} minutes: {_machine()}."
    report = "\n".join([taken, "", *lines]).rstrip() + "\n"
    print(report)
    if set(asked.parts) == set(PARTS):
        (ROOT / "docs" / "performance.md").write_text(_HEAD + report, encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench")
    parser.add_argument("--large", action="store_true", help="take the big sizes too")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3, help="of each round of each page")
    parser.add_argument(
        "--only", dest="parts", nargs="+", choices=PARTS, default=PARTS, help="print these parts; nothing is written"
    )
    return parser.parse_args()


def _measured(asked: argparse.Namespace, name: str, fresh: databases.Fresh, folder: Path) -> list[str]:
    lines: list[str] = []
    pace = {"rounds": asked.rounds, "seconds": asked.seconds}
    if "pages" in asked.parts:
        for actions, history in ((1_000, 50), (20_000, 400)) if asked.large else ((1_000, 50),):
            with fresh(f"bench_pages_{actions}") as url:
                lines += pages.report(name, url, folder, actions=actions, history=history, **pace)
    if "ratings" in asked.parts:
        with fresh("bench_ratings") as url:
            lines += posting.report(name, url, folder, **pace)
    if "growth" in asked.parts:
        with fresh("bench_growth") as url:
            sizes = (10_000, 1_000_000, 10_000_000) if asked.large else (10_000, 1_000_000)
            lines += growth.report(name, url, folder, sizes=sizes)
    if "inbox" in asked.parts:
        with fresh("bench_inbox") as url:
            lines += inbox.report(name, url, folder)
    return lines


def _machine() -> str:
    served = f"waitress 2 processes x 4 threads, wrk with {load.CONNECTIONS} connections on the same cores"
    return f"{os.cpu_count()} cores, Python {platform.python_version()}, {served}"


if __name__ == "__main__":
    main()
