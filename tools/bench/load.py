"""wrk on loopback: requests per second and the 99th percentile; a run with failures is no figure."""

import re
import shutil
import subprocess
from dataclasses import dataclass

CONNECTIONS = 8


@dataclass(frozen=True, slots=True)
class Rate:
    """One round: requests per second, 99th percentile in milliseconds."""

    per_second: float
    p99_ms: float


def require_wrk() -> None:
    """Exit with the command to run when wrk is missing."""
    if shutil.which("wrk") is None:
        raise SystemExit("bench: wrk is missing: apt-get update && apt-get install -y --no-install-recommends wrk")


def measure(url: str, *, seconds: int) -> Rate:
    """Load one address for some seconds. Raises SystemExit on more than 1% failures or no answer at all."""
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--latency", "-H", "Accept-Encoding: identity", url]
    text = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 30, check=True).stdout
    rate, total = _number(r"Requests/sec:\s+([\d.]+)", text), _number(r"(\d+) requests in", text)
    bad = _number(r"Non-2xx or 3xx responses: (\d+)", text, default=0)
    if total == 0 or bad > total / 100:
        raise SystemExit(f"bench: {url}: {bad:.0f} of {total:.0f} answers were failures")
    amount, unit = re.findall(r"99%\s+([\d.]+)(us|ms|s)", text)[0]
    return Rate(rate, float(amount) * {"us": 0.001, "ms": 1, "s": 1000}[unit])


def _number(pattern: str, text: str, default: float | None = None) -> float:
    found = re.search(pattern, text)
    if found is None and default is None:
        raise SystemExit(f"bench: wrk said nothing like {pattern!r}:\n{text}")
    return float(found.group(1)) if found else float(default or 0)
