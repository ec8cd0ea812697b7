"""The app without a server: how long one page takes, and how many questions it asks the database."""

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import event

from civic.app import create_app
from civic.kernel.db import Database
from config import Config
from tools.bench import town
from tools.bench.running import SECRET

TIMES = 11


@dataclass(frozen=True, slots=True)
class Visit:
    """One page: median milliseconds, and the queries of its last reading."""

    ms: float
    queries: int


class Inside:
    """One process that answers by itself; with the key of a session it is that person's browser."""

    def __init__(self, url: str, folder: Path, *, key: str = "") -> None:
        config = Config(database_url=url, secret_key=SECRET, data_dir=folder / "data")
        self._app = create_app(config, clock=lambda: town.NOW)
        self.database: Database = self._app.extensions["civic"].database
        self._client = self._app.test_client()
        if key:
            with self._client.session_transaction() as kept:
                kept["_user_id"] = key

    def visit(self, path: str, *, times: int = TIMES) -> Visit:
        """Read a page some times, after once to warm up. Raises SystemExit when it does not answer 200."""
        self._read(path)
        with self._counting() as queries:
            self._read(path)
        return Visit(median_ms(lambda: self._read(path), times=times), len(queries))

    def _read(self, path: str) -> None:
        response = self._client.get(path)
        if response.status_code != 200:
            raise SystemExit(f"bench: {path} answered {response.status_code}")

    @contextmanager
    def _counting(self) -> Iterator[list[str]]:
        seen: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
            if statement.startswith(("SELECT", "WITH")):
                seen.append(statement)

        event.listen(self.database.engine, "before_cursor_execute", note)
        try:
            yield seen
        finally:
            event.remove(self.database.engine, "before_cursor_execute", note)

    def close(self) -> None:
        """Let the database go."""
        self.database.dispose()


def median_ms(work: Callable[[], object], *, times: int = TIMES) -> float:
    """Do some work some times; return the median milliseconds."""
    taken = []
    for _time in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken) * 1000
