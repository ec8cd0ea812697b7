"""The tests' throwaway PostgreSQL, but on a disk and with the settings of one that must not lose anything.

Run as a program: `python -m tools.bench.durable FOLDER PID`, as `tests/postgres.py` is.
"""

import os
import sys
import tempfile
from pathlib import Path

from tests import postgres

_MOST_CHARS = 60  # of a folder whose socket's address is still short enough
_DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "autovacuum": "on", "shared_buffers": "512MB"}


def on_disk() -> str:
    """Return where the cluster goes: never into memory, where a commit costs nothing."""
    chosen = tempfile.gettempdir()
    return chosen if len(chosen) <= _MOST_CHARS and os.geteuid() != 0 else "/tmp"


if __name__ == "__main__":
    postgres._SETTINGS |= _DURABLE
    # A city's server keeps its own defaults for these.
    for name in ("jit", "wal_level", "max_wal_senders"):
        postgres._SETTINGS.pop(name)
    postgres.roomy_folder = on_disk
    postgres._keep(Path(sys.argv[1]), int(sys.argv[2]))
