"""A real browser at a real server: the Florence demonstration in a folder of its own, served by `python -m civic serve`.

A page that logs an error, asks for something that is not there, or asks another host, fails its test.
"""

import email
import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from email import policy
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response, sync_playwright
from sqlalchemy import select

from civic.contributions.models import Commitment, Consultation, Contribution, ContributionHanding
from civic.demo.people import PASSWORD
from civic.kernel.db import Database
from civic.people.models import AssistedEntry, Batch, Body, Citizen, ResidenceRequest, StaffAccount
from civic.planning.models import ActionDraft, MandateAction, PegObjective
from civic.quality.models import AnomalyWindow, RatingPoint, ServiceStandard
from config import ROOT

INSTALL = "apt-get update && apt-get install -y --no-install-recommends chromium"
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)
WIDE, NARROW = 1280, 390


def find_chromium() -> str | None:
    """Return the browser's program, None without one."""
    named = os.environ.get("CIVIC_TEST_CHROMIUM")
    candidates = [named] if named else ["chromium", "chromium-browser", "google-chrome", "/usr/bin/chromium"]
    return next((found for name in candidates if (found := shutil.which(name))), None)


@dataclass(frozen=True, slots=True)
class Site:
    """The running demonstration: its address, and names of things in it for addresses such as `/desk/azioni/{draft}`."""

    url: str
    names: dict[str, str]

    def at(self, path: str) -> str:
        """Return the whole address of a path, with its `{names}` filled in."""
        return self.url + path.format_map(self.names)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


@contextmanager
def _served(environ: dict[str, str], log: Path) -> Iterator[int]:
    """Serve on a free port; another program may take it first, so that a second and a third are tried."""
    for attempt in range(3):
        port = _free_port()
        with log.open("ab") as out:
            command = [sys.executable, "-m", "civic", "serve", "--port", str(port)]
            server = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=out, stderr=out, stdin=subprocess.DEVNULL)
        try:
            until = time.monotonic() + 60
            while time.monotonic() < until and server.poll() is None:
                if _answers(port):
                    yield port
                    return
                time.sleep(0.1)
        finally:
            if server.poll() is None:
                server.send_signal(signal.SIGTERM)
                server.wait(30)
        assert attempt < 2, f"the server did not start:\n{log.read_text(errors='replace')[-3000:]}"


def _names(url: str) -> dict[str, str]:
    """Look up what addresses need to know of this city."""
    database = Database(url)
    try:
        with database.reading() as session:
            draft = (
                select(MandateAction.code)
                .join(ActionDraft, ActionDraft.action_id == MandateAction.id)
                .order_by(ActionDraft.id)
                .limit(1)
            )
            plain = select(Contribution.code).where(Contribution.triaged_on.is_(None), Contribution.service_code == "anagrafe")
            handed = select(Contribution.code).join(ContributionHanding, ContributionHanding.voice_id == Contribution.id)
            account = select(StaffAccount.id).where(StaffAccount.email == "ambiente@demo.invalid")
            return {
                "draft": str(session.scalar(draft)),
                "peg": str(session.scalar(select(PegObjective.slug).limit(1))),
                "account": str(session.scalar(account)),
                "body": str(session.scalar(select(Body.code).where(Body.state == "verified"))),
                "waiting": str(session.scalar(select(Body.code).where(Body.state == "asked"))),
                "request": str(session.scalar(select(ResidenceRequest.code))),
                "answered": str(session.scalar(select(Contribution.code).where(Contribution.replied_at.is_not(None)))),
                "plain": str(session.scalar(plain)),
                "copy": str(session.scalar(select(Contribution.code).where(Contribution.group_id.is_not(None)))),
                "handed": str(session.scalar(handed.where(ContributionHanding.returned_at.is_(None)))),
                "returned": str(session.scalar(handed.where(ContributionHanding.returned_at.is_not(None)))),
                "planned": str(session.scalar(select(Commitment.code).where(Commitment.state == "planned"))),
                "path": str(session.scalar(select(Consultation.code))),
                "batch": str(session.scalar(select(Batch.code))),
                "rated": str(session.scalar(select(ServiceStandard.service_code))),
                "standard": str(session.scalar(select(ServiceStandard.id))),
                "totem": str(session.scalar(select(RatingPoint.code).where(RatingPoint.is_kiosk))),
                "window": str(session.scalar(select(AnomalyWindow.id))),
                "person": str(session.scalar(select(Citizen.ref).join(AssistedEntry, AssistedEntry.citizen_id == Citizen.id))),
            }
    finally:
        database.dispose()


@pytest.fixture
def own_site(
    backend: str, new_database: Callable[..., Database], tmp_path: Path
) -> Iterator[tuple[str, dict[str, str], Database]]:
    """A site with a database of its own, started as `make run` starts it: with its identity provider."""
    database = new_database(backend, "florence")
    environ = {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "HOME": str(tmp_path),
        "CIVIC_DEMO": "1",
        "CIVIC_DATA_DIR": str(tmp_path / "var"),
        "CIVIC_DATABASE_URL": database.engine.url.render_as_string(hide_password=False),
        "CIVIC_PROCESSES": "1",
    }
    with _served(environ, tmp_path / "server.log") as port:
        yield f"http://127.0.0.1:{port}", environ | {"CIVIC_PORT": str(port)}, database


def mailed_link(environ: dict[str, str], address: str, path: str = "/accedi/posta/") -> str:
    """Let the clockwork deliver, and read the link to a path in the newest mail to an address."""
    done = subprocess.run(
        [sys.executable, "-m", "civic", "tick"], cwd=ROOT, env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    for file in sorted(Path(environ["CIVIC_DATA_DIR"], "mail").glob("*.eml"), reverse=True):
        mail = email.message_from_bytes(file.read_bytes(), policy=policy.default)
        if mail["To"] == address and (found := re.search(rf"http://\S+{path}\S+", mail.get_content())):
            return found.group()
    raise AssertionError(f"no mail to {address}")


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The demonstration, as `make run` sets it up."""
    folder = tmp_path_factory.mktemp("site")
    environ = {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "HOME": str(folder),
        "CIVIC_DEMO": "1",
        "CIVIC_DATA_DIR": str(folder / "var"),
        "CIVIC_POSTS_PER_MINUTE": "100000",
    }
    for words in (["migrate"], ["demo", "--keep"]):
        done = subprocess.run(
            [sys.executable, "-m", "civic", *words], cwd=ROOT, env=environ, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
    with _served(environ, folder / "server.log") as port:
        yield Site(f"http://127.0.0.1:{port}", _names(f"sqlite:///{folder / 'var' / 'civic.sqlite3'}"))


@pytest.fixture(scope="session")
def chromium(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """The browser, without a window."""
    program = find_chromium()
    assert program, f"Chromium is not installed: {INSTALL}"
    home = {"HOME": str(tmp_path_factory.mktemp("chromium"))}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS), env=dict(os.environ) | home)
        yield browser
        browser.close()


def leave(context: BrowserContext) -> None:
    """Close a context once its pages have arrived: closed on the way to a page, the browser may never answer."""
    for page in context.pages:
        page.wait_for_load_state()
    context.close()


class Watch:
    """What went wrong on a page while it was open."""

    def __init__(self, page: Page, host: str) -> None:
        self.faults: list[str] = []
        self._host = host
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.faults.append(f"script error: {error}"))
        page.on("requestfailed", self._failed)
        page.on("response", self._response)
        page.on("request", self._request)

    def _console(self, message: ConsoleMessage) -> None:
        """Note errors and warnings; a resource that did not load is told by its response, with its address."""
        if message.type in ("error", "warning") and not message.text.startswith("Failed to load resource"):
            self.faults.append(f"console {message.type}: {message.text}")

    def _failed(self, request: Request) -> None:
        if not (request.is_navigation_request() and request.failure == "net::ERR_ABORTED"):
            self.faults.append(f"request failed: {request.url} ({request.failure})")

    def _response(self, response: Response) -> None:
        navigation = response.request.is_navigation_request()
        if response.status >= 500 or (response.status >= 400 and not navigation):
            self.faults.append(f"{response.status} for {response.url}")

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.netloc != self._host:
            self.faults.append(f"a request to another host: {request.url}")


@pytest.fixture(scope="session")
def signed_in_states(site: Site, chromium: Browser) -> Callable[[str], object]:
    """Sign each person in once, and remember her cookies."""
    states: dict[str, object] = {}

    def state(email: str) -> object:
        if email not in states:
            context = chromium.new_context()
            page = context.new_page()
            if "@" in email:
                page.goto(site.at("/desk/accedi"))
                page.fill("input[name=email]", email)
                page.fill("input[name=password]", PASSWORD)
                page.click("main button[type=submit]")
            else:  # a citizen, by the name of her button at the identity provider
                page.goto(site.at("/accedi/eid"))
                page.click(f"button:has-text('Entra come {email}')")
            assert page.url in (site.at("/desk"), site.at("/area")), f"{email} was not let in"
            states[email] = context.storage_state()
            leave(context)
        return states[email]

    return state


@pytest.fixture
def new_page(site: Site, chromium: Browser, signed_in_states: Callable[[str], object]) -> Iterator[Callable[..., Page]]:
    """Open pages: `new_page(390)`, `new_page(script=False)`, `new_page(signed_in="redazione@demo.invalid")`."""
    watches: list[Watch] = []
    with ExitStack() as stack:

        def open_page(width: int = WIDE, *, script: bool = True, signed_in: str | None = None) -> Page:
            state = signed_in_states(signed_in) if signed_in else None
            context: BrowserContext = chromium.new_context(
                viewport={"width": width, "height": 844 if width <= NARROW else 900},
                java_script_enabled=script,
                storage_state=state,
                locale="it-IT",
                timezone_id="Europe/Rome",
                base_url=site.url,
                reduced_motion="reduce",
            )
            context.set_default_timeout(15_000)
            stack.callback(leave, context)
            page = context.new_page()
            watches.append(Watch(page, urlsplit(site.url).netloc))
            return page

        yield open_page
    faults = [fault for watch in watches for fault in watch.faults]
    assert not faults, "the browser complained:\n  " + "\n  ".join(faults)


@pytest.fixture
def wide(new_page: Callable[..., Page]) -> Page:
    """A page 1280 pixels wide."""
    return new_page(WIDE)


@pytest.fixture
def narrow(new_page: Callable[..., Page]) -> Page:
    """A page 390 pixels wide, as a telephone's."""
    return new_page(NARROW)


@pytest.fixture
def wide_without_script(new_page: Callable[..., Page]) -> Page:
    """A wide page on which no script runs."""
    return new_page(WIDE, script=False)


@pytest.fixture
def narrow_without_script(new_page: Callable[..., Page]) -> Page:
    """A narrow page on which no script runs."""
    return new_page(NARROW, script=False)


@contextmanager
def telephone(chromium: Browser, url: str, *, script: bool) -> Iterator[Page]:
    context = chromium.new_context(
        viewport={"width": NARROW, "height": 844}, java_script_enabled=script, locale="it-IT", base_url=url, accept_downloads=True
    )
    context.set_default_timeout(15_000)
    yield context.new_page()
    leave(context)
