"""Everything that `make test` checks, once the environment and the assets are there.

    python tools/test.py [--long] [pytest arguments]

Makes sure of the programs of PostgreSQL and Redis and of Chromium, then runs ruff, mypy and pytest, and says what ran: how
many tests of each group, on which databases, in which browser. A test that was skipped or left out fails the run. The
caller's own settings do not reach the tests: only CIVIC_TEST_POSTGRES_URL and CIVIC_TEST_CHROMIUM do. Standard library only.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests import postgres  # noqa: E402 - after the path that finds it

KEPT = ("CIVIC_TEST_POSTGRES_URL", "CIVIC_TEST_CHROMIUM")
# Settings of other programs that would change what the tests see.
DROPPED = ("CIVIC_", "PG", "PYTEST_", "FLASK_", "COVERAGE_", "HYPOTHESIS_")
DROPPED_NAMES = ("PYTHONPATH", "PYTHONWARNINGS", "PYTHONSTARTUP", "LANGUAGE", "TZ", "MYPYPATH")
APT = "apt-get update && apt-get install -y --no-install-recommends"


def say(text: str) -> None:
    """Show a line at once, also when the output goes to a file."""
    print(text, flush=True)


# ---- what must be on the machine -------------------------------------------------------------------------------------


def find_chromium() -> str | None:
    """Return the browser's program, None without one."""
    named = os.environ.get("CIVIC_TEST_CHROMIUM")
    candidates = [named] if named else ["chromium", "chromium-browser", "google-chrome", "/usr/bin/chromium"]
    return next((found for name in candidates if (found := shutil.which(name))), None)


def has_postgres() -> bool:
    """Say whether there is a server to use, or the programs to start one."""
    return bool(os.environ.get("CIVIC_TEST_POSTGRES_URL")) or postgres.find_programs() is not None


def missing_packages() -> list[str]:
    """List the packages that the tests need and the machine lacks."""
    here = {"postgresql": has_postgres(), "chromium": find_chromium(), "redis-server": shutil.which("redis-server")}
    return [name for name, found in here.items() if not found]


def make_sure() -> None:
    """Install what is missing, or stop with the command that would."""
    named = os.environ.get("CIVIC_TEST_CHROMIUM")
    if named and not find_chromium():
        stop(f"CIVIC_TEST_CHROMIUM names {named}, which is not a program.")
    missing = missing_packages()
    if not missing:
        return
    command = f"{APT} {' '.join(missing)}"
    say(f"test: {' and '.join(missing)} missing: trying to install")
    if not install(command) or missing_packages():
        sudo = "" if os.geteuid() == 0 else "sudo "
        stop(f"the tests need {' and '.join(missing_packages() or missing)}. Install with:\n  {sudo}sh -c '{command}'")


def install(command: str) -> bool:
    """Run the package manager as root, or through sudo where that asks no password."""
    if shutil.which("apt-get") is None:
        return False
    shell = ["sh", "-c", command]
    if os.geteuid() != 0:
        if shutil.which("sudo") is None:
            return False
        shell = ["sudo", "-n", *shell]
    environ = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(shell, env=environ, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode:
        say(f"test: {' '.join(shell)} failed:\n{(done.stderr or done.stdout).strip()[-1500:]}")
    return done.returncode == 0


def stop(reason: str) -> None:
    """End the run: the machine is not ready."""
    say(f"test: {reason}")
    sys.exit(2)


# ---- the run ---------------------------------------------------------------------------------------------------------


@contextmanager
def clean_environment() -> Iterator[dict[str, str]]:
    """Give an environment without the caller's settings, with a home that can be written to."""
    with tempfile.TemporaryDirectory(prefix="civic-home-") as home:
        environ = {k: v for k, v in os.environ.items() if k in KEPT or not (k.startswith(DROPPED) or k in DROPPED_NAMES)}
        own = environ.get("HOME", "")
        if not (own and os.access(own, os.W_OK)):
            environ["HOME"] = home
        environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), environ.get("PATH") or "/usr/bin:/bin"])
        yield environ


def step(name: str, command: list[str], environ: dict[str, str]) -> None:
    """Run one step; stop with its exit code when it fails."""
    say(f"test: {name}")
    began = time.monotonic()
    code = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, env=environ, check=False).returncode
    if code:
        say(f"test: {name} failed after {time.monotonic() - began:.0f} s (exit code {code})")
        sys.exit(code)


def report(tally: dict[str, Any], *, long: bool, seconds: float) -> None:
    """Say what ran, and stop when something did not."""
    total = 0
    say("\ntest: what ran")
    for group, outcomes in tally["groups"].items():
        count = sum(outcomes.values())
        total += count
        say(f"  {group:<14} {count:>6}")
    say(f"  {'all':<14} {total:>6}")
    versions = {"sqlite": f"SQLite {tally['sqlite']}", "postgresql": f"PostgreSQL {tally['postgresql']}"}
    for backend, version in versions.items():
        say(f"  on {version}: {tally['backends'].get(backend, 0)} tests")
    say(f"  in {browser_version()}: {sum(tally['groups'].get('browser', {}).values())} tests")
    if tally["long"]:
        say(f"  long tests not run: {len(tally['long'])} (make test-long)")
    say(f"  time: {seconds:.0f} s")
    not_run = [f"skipped: {name}" for name in tally["skipped"]] + [f"left out: {name}" for name in tally["deselected"]]
    not_run += [f"left out: {name}" for name in (tally["long"] if long else [])]
    not_run += [f"no test ran on {versions[name]}" for name in versions if not tally["backends"].get(name)]
    if not tally["groups"].get("browser"):
        not_run.append("no test ran in the browser")
    for line in not_run:
        say(f"test: {line}")
    if not_run:
        say("test: failed, because not every test ran")
        sys.exit(1)


def browser_version() -> str:
    """Return the browser's own name and version."""
    program = find_chromium() or "chromium"
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    return " ".join(told.split()[:2]) or program


def main() -> None:
    """Check the machine, then the code, then what it does."""
    began = time.monotonic()
    long = "--long" in sys.argv[1:]
    make_sure()
    with clean_environment() as environ, tempfile.TemporaryDirectory(prefix="civic-tally-") as folder:
        step("ruff", ["ruff", "check", "."], environ)
        step("mypy", ["mypy"], environ)
        tally = Path(folder) / "tally.json"
        workers = ["-n", str(min(max(os.cpu_count() or 2, 2), 8)), "--dist", "worksteal"]
        step("pytest", ["pytest", *workers, "--tally", str(tally), *sys.argv[1:]], environ)
        report(json.loads(tally.read_text(encoding="utf-8")), long=long, seconds=time.monotonic() - began)


if __name__ == "__main__":
    main()
