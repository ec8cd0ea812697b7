"""wrk on loopback: requests per second and the 99th percentile; a run with failures is no figure."""

import json
import re
import shutil
import statistics
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

CONNECTIONS = 8
# How long answers are waited for after the last post.
_LISTEN_SECONDS = 1
_RATINGS = Path(__file__).with_name("ratings.lua")


@dataclass(frozen=True, slots=True)
class Rate:
    """One round: requests per second, 99th percentile in milliseconds."""

    per_second: float
    p99_ms: float


@dataclass(frozen=True, slots=True)
class Posts:
    """One round of posts: those accepted per second and in all, and those sent that nobody heard of again."""

    rate: Rate
    accepted: int
    unheard: int


def require_wrk() -> None:
    """Exit with the command to run when wrk is missing."""
    if shutil.which("wrk") is None:
        raise SystemExit("bench: wrk is missing: apt-get update && apt-get install -y --no-install-recommends wrk")


def measure(url: str, *, seconds: int) -> Rate:
    """Load one address for some seconds. Raises SystemExit on more than 1% failures or no answer at all."""
    text = _wrk(seconds, "-H", "Accept-Encoding: identity", url)
    rate, total = _number(r"Requests/sec:\s+([\d.]+)", text), _number(r"(\d+) requests in", text)
    bad = _number(r"Non-2xx or 3xx responses: (\d+)", text, default=0)
    if total == 0 or bad > total / 100:
        raise SystemExit(f"bench: {url}: {bad:.0f} of {total:.0f} answers were failures")
    return Rate(rate, _p99_ms(text))


def post_ratings(base: str, kind: str, run: str, paths: Sequence[str], *, seconds: int) -> Posts:
    """Post ratings to these addresses in turn. Raises SystemExit on more than 1% that were not accepted."""
    text = _wrk(seconds + _LISTEN_SECONDS, "-s", str(_RATINGS), base, "--", kind, run, str(seconds), base, *paths)
    told = json.loads(text.rpartition("told: ")[2])
    accepted, refused = int(told["accepted"]), int(told["refused"])
    if accepted == 0 or refused > accepted / 100:
        raise SystemExit(f"bench: {kind}: {refused} of {accepted + refused} ratings were not accepted: {told['why']}")
    return Posts(Rate(accepted / told["seconds"], _p99_ms(text)), accepted, int(told["sent"]) - accepted - refused)


def summed(rates: Sequence[Rate]) -> tuple[float, str, float]:
    """Return the median per second, the same with its range as the report prints it, and the median of the 99th percentiles."""
    per_second = [r.per_second for r in rates]
    middle = statistics.median(per_second)
    return middle, f"{middle:,.0f} ({min(per_second):,.0f}-{max(per_second):,.0f})", statistics.median(r.p99_ms for r in rates)


def _wrk(seconds: int, *rest: str) -> str:
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", *rest]
    done = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 30, check=False)
    if done.returncode:
        raise SystemExit(f"bench: wrk ended with {done.returncode}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def _p99_ms(text: str) -> float:
    amount, unit = re.findall(r"99%\s+([\d.]+)(us|ms|s)", text)[0]
    return float(amount) * {"us": 0.001, "ms": 1, "s": 1000}[unit]


def _number(pattern: str, text: str, default: float | None = None) -> float:
    found = re.search(pattern, text)
    if found is None and default is None:
        raise SystemExit(f"bench: wrk said nothing like {pattern!r}:\n{text}")
    return float(found.group(1)) if found else float(default or 0)
