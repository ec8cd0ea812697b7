"""What every test can ask for: a migrated database of either kind, a clock, the app, a browser for it, a city, a mailbox.

A run makes each template database once, whatever the number of its processes, and every test gets a copy of its own.
"""

import fcntl
import json
import os
import shutil
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from hypothesis import settings
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import event
from sqlalchemy.engine import make_url

from civic.app import create_app
from civic.demo.people import LOGINS
from civic.kernel import schema
from civic.kernel.db import Database
from civic.outbox import jobs
from civic.outbox.models import OutboxMail
from config import Config
from tests import build, postgres
from tests.client import Client

BACKENDS = ("sqlite", "postgresql")
TEMPLATES = ("empty", "city", "florence")
_SCRATCH = pytest.StashKey[Path]()
_KEEPER = pytest.StashKey[Any]()
_TALLY = pytest.StashKey["Tally"]()

settings.register_profile("quick", deadline=None, derandomize=True, max_examples=200)
settings.register_profile("long", deadline=None, max_examples=5_000)


# ---- the run ---------------------------------------------------------------------------------------------------------


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--tally FILE` writes what ran as JSON: `tools/test.py` reads it. `--long` runs what takes minutes too."""
    parser.addoption("--tally", type=Path, help="write what ran, was skipped and was left out into this file")
    parser.addoption("--long", action="store_true", help="run the tests marked `long` too")


def pytest_configure(config: pytest.Config) -> None:
    """Open the run's scratch folder and start PostgreSQL; xdist's workers get both from the controller."""
    for name in list(os.environ):
        # The caller's settings are not the tests': neither civic's, nor those with which libpq would go elsewhere.
        if (name.startswith("CIVIC_") and not name.startswith("CIVIC_TEST_")) or name.startswith("PG"):
            del os.environ[name]
    settings.load_profile("long" if config.getoption("--long") else "quick")
    config.stash[_TALLY] = Tally()
    worker = getattr(config, "workerinput", None)
    if worker is not None:
        config.stash[_SCRATCH] = Path(worker["civic_scratch"])
        return
    scratch = config.stash[_SCRATCH] = Path(tempfile.mkdtemp(prefix="civic-test-", dir=postgres.roomy_folder()))
    if not os.environ.get("CIVIC_TEST_POSTGRES_URL") and not config.option.collectonly:
        config.stash[_KEEPER] = postgres.start(scratch)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker where the run's scratch folder is."""
    node.workerinput["civic_scratch"] = str(node.config.stash[_SCRATCH])


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop PostgreSQL and take the scratch folder away, in the controller only."""
    if hasattr(config, "workerinput") or _SCRATCH not in config.stash:
        return
    if os.environ.get("CIVIC_TEST_POSTGRES_URL"):
        _drop_templates(config.stash[_SCRATCH])
    if _KEEPER in config.stash:
        postgres.stop(config.stash[_KEEPER])
    shutil.rmtree(config.stash[_SCRATCH], ignore_errors=True)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave the long tests out unless they are asked for, and begin with the browser's, which take longest."""
    if not config.getoption("--long"):
        left_out = [i for i in items if i.get_closest_marker("long")]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [i for i in items if not i.get_closest_marker("long")]
    items.sort(key=lambda item: "tests/browser" not in item.nodeid)


class Tally:
    """What became of every test, and what was left out."""

    def __init__(self) -> None:
        self.outcomes: dict[str, str] = {}
        self.long: set[str] = set()
        self.deselected: set[str] = set()

    def count(self, report: pytest.TestReport) -> None:
        """Take in one phase of a test: its call, or a setup or teardown that went wrong."""
        outcome = "xfailed" if hasattr(report, "wasxfail") else report.outcome
        if report.when == "call" or outcome != "passed":
            self.outcomes[report.nodeid] = outcome

    def groups(self) -> dict[str, dict[str, int]]:
        """Count outcomes by the folder below tests/."""
        counted: dict[str, Counter[str]] = {}
        for nodeid, outcome in self.outcomes.items():
            parts = nodeid.split("::", 1)[0].split("/")
            counted.setdefault(parts[1] if len(parts) > 2 else "tests", Counter())[outcome] += 1
        return {group: dict(counted[group]) for group in sorted(counted)}

    def by_backend(self) -> dict[str, int]:
        """Count the tests that ran on each database, by the name in their parameters."""
        names = [(b, n.partition("[")[2]) for n in self.outcomes for b in BACKENDS]
        return dict(Counter(b for b, parameters in names if b in parameters))


def pytest_deselected(items: list[pytest.Item]) -> None:
    """Remember what was left out, and whether for being long."""
    for item in items:
        tally = item.config.stash[_TALLY]
        (tally.long if item.get_closest_marker("long") else tally.deselected).add(item.nodeid)


_running: list[pytest.Config] = []


def pytest_sessionstart(session: pytest.Session) -> None:
    """Remember the configuration for hooks that get only a report."""
    _running[:] = [session.config]


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Count a test."""
    _running[0].stash[_TALLY].count(report)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Take over what a worker left out."""
    left_out = getattr(node, "workeroutput", {}).get("civic_left_out", {"long": [], "deselected": []})
    node.config.stash[_TALLY].long.update(left_out["long"])
    node.config.stash[_TALLY].deselected.update(left_out["deselected"])


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write the tally, or hand it to the controller."""
    config = session.config
    tally = config.stash[_TALLY]
    if hasattr(config, "workeroutput"):
        config.workeroutput["civic_left_out"] = {"long": sorted(tally.long), "deselected": sorted(tally.deselected)}
        return
    if path := config.getoption("--tally"):
        skipped = sorted(n for n, outcome in tally.outcomes.items() if outcome not in ("passed", "failed"))
        ready = config.stash[_SCRATCH] / "postgres-ready.json"
        told = {
            "groups": tally.groups(),
            "backends": tally.by_backend(),
            "skipped": skipped,
            "long": sorted(tally.long),
            "deselected": sorted(tally.deselected),
            "sqlite": sqlite3.sqlite_version,
            "postgresql": json.loads(ready.read_text())["version"]
            if ready.exists()
            else os.environ.get("CIVIC_TEST_POSTGRES_URL", "") and "external",
        }
        path.write_text(json.dumps(told), encoding="utf-8")


# ---- databases -------------------------------------------------------------------------------------------------------


class Templates:
    """The databases that tests get copies of, each made once a run: `empty` (migrated), `city` and `florence` (loaded)."""

    def __init__(self, scratch: Path) -> None:
        self.scratch = scratch
        self.folder = scratch / "databases"
        self.folder.mkdir(exist_ok=True)
        self._counter = 0
        self._admin: psycopg.Connection[Any] | None = None

    @contextmanager
    def copied(self, backend: str, template: str | None) -> Iterator[str]:
        """Give the address of a copy of a template, or of a database with nothing in it; it is gone afterwards."""
        self._counter += 1
        name = f"{self._prefix}_{os.getpid()}_{self._counter}"
        source = template and self.made(backend, template)
        if backend == "sqlite":
            folder = self.folder / name
            folder.mkdir()
            if source:
                shutil.copyfile(source, folder / "civic.sqlite3")
            yield f"sqlite:///{folder / 'civic.sqlite3'}"
            shutil.rmtree(folder)
            return
        self._create(name, source or "template0")
        yield self._url(name)
        self._admin_does(f'DROP DATABASE "{name}" WITH (FORCE)')

    def made(self, backend: str, template: str) -> str:
        """Return a template's file or database name; the first who asks makes it, the others wait."""
        with (self.scratch / f"{backend}-{template}.lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            done = self.scratch / f"{backend}-{template}"
            if not done.exists():
                done.write_text(self._make(backend, template), encoding="utf-8")
        return done.read_text(encoding="utf-8")

    def _make(self, backend: str, template: str) -> str:
        name = f"{self._prefix}_{template}"
        below = None if template == "empty" else self.made(backend, "empty")
        if backend == "sqlite":
            path = self.folder / f"{name}.sqlite3"
            if below:
                shutil.copyfile(below, path)
            _fill(f"sqlite:///{path}", template)
            return str(path)
        self._admin_does(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')  # left by one who failed to fill it
        self._create(name, below or "template0")
        _fill(self._url(name), template)
        return name

    @property
    def _prefix(self) -> str:
        return self.scratch.name.replace("-", "_")

    def _url(self, name: str) -> str:
        return make_url(_server_url(self.scratch)).set(database=name).render_as_string(hide_password=False)

    def _create(self, name: str, source: str) -> None:
        """Copy files rather than log every page: half the time, where the server knows how."""
        connection = self._connection()
        how = " STRATEGY file_copy" if connection.info.server_version >= 150_000 else ""
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{source}"{how}'.encode())

    def _admin_does(self, statement: str) -> None:
        self._connection().execute(statement.encode())

    def _connection(self) -> "psycopg.Connection[Any]":
        if self._admin is None:
            self._admin = connect(_server_url(self.scratch))
        return self._admin

    def close(self) -> None:
        """Close the connection that makes and drops databases."""
        if self._admin is not None:
            self._admin.close()


def _server_url(scratch: Path) -> str:
    return os.environ.get("CIVIC_TEST_POSTGRES_URL") or postgres.wait(scratch)["url"]


def connect(url: str) -> "psycopg.Connection[Any]":
    """Open a plain connection to a PostgreSQL database, each statement on its own."""
    return psycopg.connect(make_url(url).set(drivername="postgresql").render_as_string(hide_password=False), autocommit=True)


def _drop_templates(scratch: Path) -> None:
    """Leave a server that is not ours as it was."""
    with connect(os.environ["CIVIC_TEST_POSTGRES_URL"]) as connection:
        ours = connection.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [scratch.name.replace("-", "_")]
        )
        for (name,) in ours.fetchall():
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


def _fill(url: str, template: str) -> None:
    database = Database(url)
    try:
        if template == "empty":
            schema.upgrade(database)
        elif template == "city":
            with database.writing() as session:
                build.make_city(session)
        else:
            build.load_florence(database)
    finally:
        database.dispose()


@pytest.fixture(scope="session")
def templates(pytestconfig: pytest.Config) -> Iterator[Templates]:
    """The run's template databases."""
    found = Templates(pytestconfig.stash[_SCRATCH])
    yield found
    found.close()


@pytest.fixture(params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    """The kind of database: a test that asks for anything below runs on both."""
    return str(request.param)


@pytest.fixture
def database_url(request: pytest.FixtureRequest, backend: str, templates: Templates) -> Iterator[str]:
    """The address of this test's database: empty but migrated, or a copy of the city that the test asked for."""
    wanted = next((t for t in ("florence", "city") if t in request.fixturenames), "empty")
    with templates.copied(backend, wanted) as url:
        yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """This test's database."""
    found = Database(database_url)
    yield found
    found.dispose()


@pytest.fixture
def new_database(templates: Templates) -> Iterator[Callable[..., Database]]:
    """Make further databases: `new_database("sqlite")`, `new_database("postgresql", "florence")`; `None` is not even migrated."""
    with ExitStack() as stack:

        def make(backend: str, template: str | None = "empty") -> Database:
            found = Database(stack.enter_context(templates.copied(backend, template)))
            stack.callback(found.dispose)
            return found

        yield make


@contextmanager
def count_queries(where: Database | Flask) -> Iterator[list[str]]:
    """Collect the statements that a database, or an app's database, is asked; BEGIN and PRAGMA are not among them."""
    database = where.extensions["civic"].database if isinstance(where, Flask) else where
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith(("PRAGMA", "BEGIN")):
            asked.append(" ".join(statement.split()))

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


@pytest.fixture
def query_count() -> Callable[..., Any]:
    """`with query_count(app) as asked: ...` then `len(asked)`; takes an app or a database."""
    return count_queries


# ---- the town --------------------------------------------------------------------------------------------------------


class FixedClock:
    """A clock that stands still until it is told to go on."""

    def __init__(self, now: datetime = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)) -> None:
        self.now = now

    def __call__(self) -> datetime:
        """Return the instant it shows."""
        return self.now

    def advance(self, **span: float) -> datetime:
        """Go on by days, hours, minutes or seconds, as `timedelta` takes them."""
        self.now += timedelta(**span)
        return self.now


@pytest.fixture
def clock() -> FixedClock:
    """The town's clock: Monday 23 November 2026, 11:00 in Italy."""
    return FixedClock()


@pytest.fixture
def config(database_url: str, tmp_path: Path) -> Config:
    """The configuration of a demonstration on this test's database."""
    return Config(
        demo=True,
        data_dir=tmp_path / "var",
        database_url=database_url,
        secret_key="k" * 64,
        base_url="http://localhost",
        posts_per_minute=100_000,
        form_min_seconds=0,
    )


@pytest.fixture
def make_app(clock: FixedClock, templates: Templates) -> Iterator[Callable[[Config], Flask]]:
    """Build apps: `make_app(dataclasses.replace(config, proxies=1))`."""
    with ExitStack() as stack:

        def make(config: Config) -> Flask:
            app = create_app(config, clock=clock)
            app.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(templates.folder), "%s.jinja")
            stack.callback(app.extensions["civic"].database.dispose)
            return app

        yield make


@pytest.fixture
def app(make_app: Callable[[Config], Flask], config: Config) -> Flask:
    """The whole application on this test's database and clock."""
    return make_app(config)


@pytest.fixture
def client(app: Flask) -> Client:
    """A browser at this test's app; CSRF stays on."""
    return Client(app)


@pytest.fixture
def new_client(app: Flask) -> Callable[[], Client]:
    """Make further browsers at the same app, each with its own cookies."""
    return lambda: Client(app)


@pytest.fixture
def city() -> build.City:
    """Put a small made-up city into this test's database, and give its names (`city.editor` is an address to sign in with)."""
    return build.CITY


@pytest.fixture
def florence() -> dict[str, str]:
    """Put the Florence demonstration into this test's database; gives an address to sign in with for each role."""
    return {login.role: login.email for login in reversed(LOGINS)}


class Mailbox:
    """The fake at the wall: a mailer that keeps what it is given, and refuses when told to."""

    def __init__(self, database: Database, clock: FixedClock) -> None:
        self.messages: list[OutboxMail] = []
        self.refusals = 0
        self._database, self._clock = database, clock

    def deliver(self, mail: OutboxMail) -> None:
        """Keep a mail, or fail as a mail server does."""
        if self.refusals > 0:
            self.refusals -= 1
            raise ConnectionRefusedError("the mail server does not answer")
        self.messages.append(mail)

    def refuse_next(self, times: int = 1) -> None:
        """Fail the next deliveries."""
        self.refusals += times

    def deliver_now(self) -> list[OutboxMail]:
        """Deliver everything that is due by the clock; return what came."""
        before = len(self.messages)
        while jobs.deliver(self._database, self, self._clock()):
            pass
        return self.messages[before:]

    def to(self, address: str) -> list[OutboxMail]:
        """List what came for an address."""
        return [m for m in self.messages if m.to_address == address]

    def link(self, mail: OutboxMail) -> str:
        """Return the path of the first link of a mail to this site."""
        return next(w for w in mail.body.split() if w.startswith("http://localhost/")).removeprefix("http://localhost")


@pytest.fixture
def mailbox(database: Database, clock: FixedClock) -> Mailbox:
    """The mailbox of everybody."""
    return Mailbox(database, clock)
