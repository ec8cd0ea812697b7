"""How fast pages of the programme are read, beside two bounds: a bare hello, and the same template from constants."""

import statistics
from pathlib import Path

from tools.bench import city, load
from tools.bench.running import served

PAGES = (
    ("list of actions, first page", "/programma"),
    ("search that finds a tenth of them", "/programma?q=scuole"),
    ("one action with its history", f"/programma/azioni/{city.LONG}"),
)


def report(name: str, url: str, folder: Path, *, actions: int, history: int, rounds: int, seconds: int) -> list[str]:
    """Fill an empty database, load its pages in rounds, and return the table."""
    city.build(url, actions=actions, history=history)
    title = f"{name}, {actions:,} actions, one with {history} entries"
    paths = [path for _label, path in PAGES]
    targets = ["/bench/hello", *paths, *(f"/bench/{n}" for n in range(len(PAGES)))]
    rates: dict[str, list[load.Rate]] = {t: [] for t in targets}
    with served(url, folder, paths) as server:
        for target in targets:
            server.warm(target)
        for number in range(rounds):
            print(f"{title}: round {number + 1} of {rounds}", flush=True)
            for target in targets:
                rates[target].append(server.busy(lambda t=target: load.measure(server.base + t, seconds=seconds))[0])
    return [f"### {title}", "", *_table(rates)]


def _table(rates: dict[str, list[load.Rate]]) -> list[str]:
    hello = statistics.median(r.per_second for r in rates["/bench/hello"])
    lines = [
        "| page | requests/s, median (range) | p99 ms | ratio to the same template from constants | ratio to hello |",
        "| --- | --- | --- | --- | --- |",
    ]
    for number, (label, path) in enumerate(PAGES):
        bare = statistics.median(r.per_second for r in rates[f"/bench/{number}"])
        middle, spread, p99 = load.summed(rates[path])
        lines.append(f"| {label} | {spread} | {p99:.0f} | {middle / bare:.2f} | {middle / hello:.3f} |")
    return [*lines, "", f"Hello on the same server: {hello:,.0f} requests/s.", ""]
