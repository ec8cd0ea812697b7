"""The demonstration's identity provider on a real port, for tests of the site that talks to it, and a hand that clicks there."""

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread
from typing import Any
from urllib.parse import urljoin

import requests
from bs4 import BeautifulSoup
from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from civic.demo.idp import Alter, Signer, create_idp
from civic.kernel.clock import Clock, now


@dataclass(frozen=True, slots=True)
class RunningIdp:
    """A provider that answers at `root`; its issuers are `eid` and `personale`."""

    root: str
    app: Flask

    @property
    def eid(self) -> str:
        """The issuer of the citizens."""
        return f"{self.root}/eid"

    @property
    def personale(self) -> str:
        """The issuer of the staff."""
        return f"{self.root}/personale"

    @property
    def signer(self) -> Signer:
        """What signs: `rotate()` changes the key as providers do, `rotate(publish=False)` signs with one that nobody published."""
        signer = self.app.extensions["idp"]
        assert isinstance(signer, Signer)
        return signer

    def alter(self, alter: Alter | None) -> None:
        """Change the claims of each ID token from now on: `idp.alter(lambda c: c | {"aud": "other"})`; None tells the truth again."""
        self.signer.alter = alter

    def enter(self, address: str, person: str, *, level: int | None = None) -> str:
        """Open the address the site sent the browser to, press a person's button, and return where the browser goes from there."""
        return self._answer(address, {"person": person} | ({} if level is None else {"level": str(level)}))

    def cancel(self, address: str) -> str:
        """Open the address the site sent the browser to, press "Annulla", and return where the browser goes from there."""
        return self._answer(address, {"cancel": "1"})

    def _answer(self, address: str, pressed: Mapping[str, str]) -> str:
        assert address.startswith(f"{self.root}/"), f"{address} is not at this provider"
        with browser() as session:
            page = session.get(address, allow_redirects=False)
            if page.is_redirect:
                return page.headers["Location"]
            assert page.status_code == 200, f"{page.status_code}: {page.text}"
            form = BeautifulSoup(page.text, "html.parser").select_one("form")
            assert form is not None
            fields = {
                str(i["name"]): str(i["value"]) for i in form.select("input, select option[selected]") if i.has_attr("name")
            }
            fields["level"] = str(form.select("option[selected]")[0]["value"])
            sent = session.post(urljoin(address, str(form["action"])), data={**fields, **pressed}, allow_redirects=False)
            assert sent.status_code == 303, f"{sent.status_code}: {sent.text}"
            return sent.headers["Location"]


@contextmanager
def browser() -> Iterator[requests.Session]:
    """Open a session that asks 127.0.0.1 itself, whatever proxy this machine has."""
    with requests.Session() as session:
        session.trust_env = False
        yield session


class _Quiet(WSGIRequestHandler):
    timeout = 5  # seconds; a browser opens connections that it may never use, and the end waits for all

    def log(self, type: str, message: str, *args: Any) -> None:
        """Say nothing of each request."""


@contextmanager
def running_idp(
    redirect_prefix: str = "http://localhost", *, clock: Clock = now, alter: Alter | None = None
) -> Iterator[RunningIdp]:
    """Run the provider in a thread on a free port of this machine, for a site at `redirect_prefix`."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        app = create_idp(f"http://127.0.0.1:{port}", redirect_prefix=redirect_prefix, clock=clock, alter=alter)
        server = make_server("127.0.0.1", port, app, threaded=True, request_handler=_Quiet, fd=listener.fileno())
    server.daemon_threads = False  # so that the end waits for their sockets
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield RunningIdp(f"http://127.0.0.1:{port}", app)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
