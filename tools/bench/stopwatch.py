"""How long a stranger waits: `make run` in a fresh clone with an empty home, and a second time."""

import os
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
_MOST_SECONDS = 400


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def time_make_run() -> tuple[float, float]:
    """Return the seconds from `make run` to the first page: cold, then warm."""
    with tempfile.TemporaryDirectory(prefix="civic-bench-") as folder:
        clone, home = Path(folder) / "civic", Path(folder) / "home"
        home.mkdir()
        subprocess.run(["git", "clone", "-q", str(_ROOT), str(clone)], check=True)
        return _until_served(clone, home), _until_served(clone, home)


def _until_served(clone: Path, home: Path) -> float:
    port, start = free_port(), time.monotonic()
    environment = {k: v for k, v in os.environ.items() if not k.startswith("CIVIC_")} | {"HOME": str(home)}
    running = subprocess.Popen(
        ["make", "run", f"PORT={port}"], cwd=clone, env=environment, stdout=subprocess.DEVNULL, start_new_session=True
    )
    try:
        while time.monotonic() - start < _MOST_SECONDS:
            if running.poll() is not None:
                raise SystemExit(f"bench: make run ended with {running.returncode}")
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/programma", timeout=5) as answer:
                    answer.read()
                return time.monotonic() - start
            except OSError:
                time.sleep(0.1)
        raise SystemExit("bench: make run served nothing in time")
    finally:
        os.killpg(running.pid, signal.SIGTERM)
        running.wait(30)
