"""A throwaway PostgreSQL server for one test run: a cluster in a temporary folder, reached through a unix socket only.

The run's controlling process starts `python tests/postgres.py FOLDER PID`. That process makes the cluster, writes into
FOLDER how to reach it, and takes everything away when it is told to or when process PID is gone, however it went.
Standard library only: `tools/test.py` looks for the server's programs with it before anything else runs.
"""

import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

INSTALL = "apt-get update && apt-get install -y --no-install-recommends postgresql"
OWNER = "civic"
_READY, _ERROR = "postgres-ready.json", "postgres-error.txt"
# A cluster that lives for minutes need not survive anything.
_SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "dynamic_shared_memory_type": "mmap",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "autovacuum": "off",
    "jit": "off",
    "timezone": "UTC",
    "log_min_messages": "fatal",
}


def find_programs() -> Path | None:
    """Return the folder that holds both `initdb` and `postgres`, the newest first after the PATH's; None without one."""
    on_path = [Path(found).resolve().parent for name in ("postgres", "initdb") if (found := shutil.which(name))]
    packaged = Path("/usr/lib/postgresql").glob("*/bin")
    newest_first = sorted(
        packaged, key=lambda p: float(p.parent.name) if p.parent.name.replace(".", "").isdigit() else 0, reverse=True
    )
    for folder in [*on_path, *newest_first]:
        if all(os.access(folder / name, os.X_OK) for name in ("initdb", "postgres")):
            return folder
    return None


def start(folder: Path) -> "subprocess.Popen[bytes]":
    """Start the keeper of a throwaway server, without waiting for it; this process is the one it watches."""
    command = [sys.executable, str(Path(__file__).resolve()), str(folder), str(os.getpid())]
    return subprocess.Popen(command, start_new_session=True, stdin=subprocess.DEVNULL)


def stop(keeper: "subprocess.Popen[bytes]") -> None:
    """Stop the server and take its files away."""
    keeper.terminate()
    with suppress(subprocess.TimeoutExpired):
        keeper.wait(20)


def wait(folder: Path, *, seconds: float = 60) -> dict[str, Any]:
    """Wait until the server answers; return its `url` and `version`. Raises RuntimeError when it did not come up."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if (folder / _READY).exists():
            return dict(json.loads((folder / _READY).read_text(encoding="utf-8")))
        if (folder / _ERROR).exists():
            raise RuntimeError((folder / _ERROR).read_text(encoding="utf-8"))
        time.sleep(0.02)
    raise RuntimeError(f"PostgreSQL did not start within {seconds} seconds")


def _write(folder: Path, name: str, text: str) -> None:
    part = folder / f"{name}.part"
    part.write_text(text, encoding="utf-8")
    part.rename(folder / name)


def _keep(folder: Path, watched: int) -> None:
    """Run the server until SIGTERM, or until the watched process is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda _signal, _frame: sys.exit(0))
    try:
        with _cluster() as (server, found):
            _write(folder, _READY, json.dumps(found))
            while os.getppid() == watched and server.poll() is None:
                time.sleep(0.2)
        if os.getppid() != watched:
            shutil.rmtree(folder, ignore_errors=True)  # nobody is left to do it
    except (OSError, RuntimeError, subprocess.SubprocessError) as error:
        with suppress(OSError):
            _write(folder, _ERROR, str(error))


@contextmanager
def _cluster() -> Iterator[tuple["subprocess.Popen[bytes]", dict[str, str]]]:
    programs = find_programs()
    if programs is None:
        raise RuntimeError(f"the PostgreSQL server is not installed: {INSTALL}")
    with _folder() as base:
        _initialise(programs, base)
        server = _launch(programs, base)
        try:
            _await_ready(server, base)
            version = subprocess.run([programs / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
            yield server, {"url": f"postgresql+psycopg://{OWNER}@/postgres?host={base}", "version": version.split()[2]}
        finally:
            server.send_signal(signal.SIGQUIT)
            server.wait(20)


def roomy_folder(*, most_chars: int = 60) -> str:
    """Return where a run's files go: memory when there is plenty of it, for a busy disk makes every copy ten times slower."""
    memory = Path("/dev/shm")
    if memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > 1_000_000_000:
        return str(memory)
    chosen = tempfile.gettempdir()
    return chosen if len(chosen) <= most_chars and os.geteuid() != 0 else "/tmp"


@contextmanager
def _folder() -> Iterator[Path]:
    """Make a folder of the server's user, with a path short enough for a socket in it."""
    base = Path(tempfile.mkdtemp(prefix="civic-pg-", dir=roomy_folder()))
    try:
        if os.geteuid() == 0:
            os.chown(base, *_server_ids())
        yield base
    finally:
        shutil.rmtree(base, ignore_errors=True)


def _server_ids() -> tuple[int, int]:
    """Return the user that runs the server when root, which it refuses to be, starts it."""
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            entry = pwd.getpwnam(name)
            return entry.pw_uid, entry.pw_gid
    raise RuntimeError("there is no user `postgres` or `nobody` to run the PostgreSQL server as")


def _identity() -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    uid, gid = _server_ids()
    return {"user": uid, "group": gid, "extra_groups": []}


def _environment(base: Path) -> dict[str, str]:
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": str(base), "LC_ALL": "C"}


def _initialise(programs: Path, base: Path) -> None:
    locale = ["--locale=C", "--lc-ctype=C.UTF-8", "--encoding=UTF8"]
    command = [
        str(programs / "initdb"),
        "-D",
        str(base / "data"),
        "-U",
        OWNER,
        "-A",
        "trust",
        "--no-sync",
        "--no-instructions",
        *locale,
    ]
    made = subprocess.run(
        command, cwd=base, env=_environment(base), capture_output=True, text=True, timeout=60, check=False, **_identity()
    )
    if made.returncode:
        raise RuntimeError(f"initdb failed: {made.stderr.strip() or made.stdout.strip()}")


def _launch(programs: Path, base: Path) -> "subprocess.Popen[bytes]":
    options = [word for name, value in _SETTINGS.items() for word in ("-c", f"{name}={value}")]
    command = [str(programs / "postgres"), "-D", str(base / "data"), "-k", str(base), *options]
    with (base / "server.log").open("wb") as log:
        return subprocess.Popen(
            command,
            cwd=base,
            env=_environment(base),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            **_identity(),
        )


def _await_ready(server: "subprocess.Popen[bytes]", base: Path) -> None:
    """Wait for the eighth line of postmaster.pid, which is the server's own word for it."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with suppress(OSError, IndexError):
            if (base / "data" / "postmaster.pid").read_text(encoding="utf-8").splitlines()[7].strip() == "ready":
                return
        if server.poll() is not None:
            break
        time.sleep(0.02)
    raise RuntimeError(f"PostgreSQL did not start: {(base / 'server.log').read_text(encoding='utf-8', errors='replace')[-2000:]}")


if __name__ == "__main__":
    _keep(Path(sys.argv[1]), int(sys.argv[2]))
