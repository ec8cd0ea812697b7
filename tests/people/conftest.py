"""Citizens in tests: a running identity provider, an app that knows it, and a hand that signs in there."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from config import Config
from tests.client import Client, Page
from tests.identity.provider import RunningIdp, running_idp


@pytest.fixture(scope="session")
def running() -> Iterator[RunningIdp]:
    """The identity provider of the run."""
    with running_idp() as found:
        yield found


@pytest.fixture
def idp(running: RunningIdp) -> Iterator[RunningIdp]:
    """The identity provider, honest again after each test."""
    yield running
    running.alter(None)


@pytest.fixture
def config(config: Config, running: RunningIdp) -> Config:
    """The demonstration's configuration, with its provider where it runs."""
    return replace(config, idp_port=urlsplit(running.root).port or 0)


def path_of(address: str) -> str:
    """Return an address of this site as a path."""
    parts = urlsplit(address)
    assert f"{parts.scheme}://{parts.netloc}" == "http://localhost", f"{address} is elsewhere"
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


@pytest.fixture
def sign_in(idp: RunningIdp) -> Callable[..., Page]:
    """`sign_in(client, "maria")`: go to the provider, press her button, come back; gives the page of the callback."""

    def enter(client: Client, person: str = "maria", *, level: int | None = None, onward: str = "", via: str = "eid") -> Page:
        leaving = client.get(f"/accedi/{via}" + (f"?next={onward}" if onward else ""))
        assert leaving.status == 302, leaving
        back = idp.enter(leaving.headers["Location"], person, level=level)
        return client.get(path_of(back))

    return enter


@pytest.fixture
def by_mail(mailbox: object) -> Callable[..., Page]:
    """`by_mail(client, "anna@prova.example")`: ask for a link, open it, press its button."""

    def enter(client: Client, address: str) -> Page:
        assert client.post("/accedi", {"email": address}).location == "/accedi/posta"
        mailbox.deliver_now()
        link = mailbox.link(mailbox.to(address)[-1])
        return client.post(link)

    return enter


@pytest.fixture
def maria(client: Client, sign_in: Callable[..., Page], city: object) -> Client:
    """A browser in which Maria is signed in with SPID."""
    assert sign_in(client).location == "/area"
    return client
