"""What every answer carries: the policy, no cookie for readers, and nothing kept by others of what is personal."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask

from config import Config
from tests import build
from tests.client import Client

pytestmark = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
READERS = (
    "/",
    "/programma",
    "/programma/azioni/A001",
    "/dup",
    "/servizi",
    "/faq",
    "/programma.csv",
    "/programma/stati.atom",
    "/sitemap.xml",
)


@pytest.mark.parametrize("path", [*READERS, "/accessibilita", "/desk/accedi", "/niente", "/static/css/civic.css"])
def test_every_answer_carries_the_strict_policy(path: str, client: Client, city: build.City) -> None:
    page = client.get(path)
    policy = page.headers["Content-Security-Policy"]
    page.response.close()
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert page.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", READERS)
def test_a_reader_gets_no_cookie_and_a_page_once(path: str, client: Client, city: build.City) -> None:
    first = client.get(path)
    assert "Set-Cookie" not in first.headers
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status == 304
    assert again.data == b""


def test_what_a_signed_in_person_sees_is_kept_by_nobody(client: Client, city: build.City) -> None:
    client.sign_in(city.editor)
    for path in ("/desk", "/", "/programma"):
        page = client.get(path)
        assert page.headers["Cache-Control"] == "no-store"
        assert "ETag" not in page.headers


def test_over_https_the_browser_is_told_to_stay_there(
    make_app: Callable[[Config], Flask], config: Config, city: build.City
) -> None:
    secure = Client(make_app(replace(config, base_url="https://partecipa.comune.example")))
    page = secure.get("/accessibilita")
    assert "max-age=31536000" in page.headers["Strict-Transport-Security"]
    cookie = page.headers["Set-Cookie"]
    assert cookie.startswith("__Host-civic=")
    assert all(flag in cookie for flag in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"))
