"""One server of the bench, started for a database and watched while it is loaded."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from tools.bench import stopwatch

ROOT = Path(__file__).resolve().parents[2]
SECRET = "bench-" * 8
_START_SECONDS, _WARM_READS = 30, 10
_TICK = os.sysconf("SC_CLK_TCK")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Server:
    """A server that answers at `base`; `pid` is the process whose children do the work."""

    base: str
    pid: int

    def warm(self, path: str) -> None:
        """Read a page a few times, so that each process has made what it makes once."""
        for _time in range(_WARM_READS):
            urllib.request.urlopen(self.base + path, timeout=_START_SECONDS).read()

    def busy(self, work: Callable[[], T]) -> tuple[T, float]:
        """Do some work and return it with the server's CPU seconds meanwhile. Raises SystemExit when there were none."""
        before = self._cpu_seconds()
        done = work()
        spent = self._cpu_seconds() - before
        if spent <= 0:
            raise SystemExit(f"bench: the server at {self.base} did nothing: somebody else answered")
        return done, spent

    def _cpu_seconds(self) -> float:
        """Add up the children's user and system time, as /proc tells it: the fields after the name in brackets."""
        ticks = 0
        for child in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text(encoding="ascii").split():
            fields = Path(f"/proc/{child}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / _TICK


@contextmanager
def served(url: str, folder: Path, paths: Sequence[str] = (), **settings: object) -> Iterator[Server]:
    """Serve a database; `paths` are the pages that are served from constants too, `settings` are of the configuration."""
    port = stopwatch.free_port()
    given = {"database_url": url, "secret_key": SECRET, "data_dir": folder / "data"} | settings
    environment = {k: v for k, v in os.environ.items() if not k.startswith("CIVIC_")}
    environment |= {f"CIVIC_{name.upper()}": str(value) for name, value in given.items()}
    _require_silence(port)
    command = [sys.executable, "-m", "tools.bench.served", str(port), *paths]
    running = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    server = Server(f"http://127.0.0.1:{port}", running.pid)
    try:
        _await(server, running)
        yield server
    finally:
        running.terminate()
        running.wait(30)


def _require_silence(port: int) -> None:
    """Refuse a port that is served already: the figures would be somebody else's."""
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            raise SystemExit(f"bench: port {port} is served already")


def _await(server: Server, running: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until:
        if running.poll() is not None:
            raise SystemExit(f"bench: the server ended with {running.returncode}")
        try:
            urllib.request.urlopen(f"{server.base}/bench/hello", timeout=5).read()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"bench: no answer from {server.base} within {_START_SECONDS} seconds")
