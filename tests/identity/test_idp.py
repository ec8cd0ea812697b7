"""The demonstration's identity provider keeps the protocol, so that the site's own checks are tried against something real."""

import base64
import hashlib
import re
import socket
from collections.abc import Iterator
from datetime import UTC, date, datetime
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from flask import Flask
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError
from joserfc.jwk import KeySet

from civic.demo.idp import ACR_BASE, CLIENT_ID, CLIENT_SECRET, create_idp, serve_idp
from civic.demo.personas import CITIZENS, COLLEAGUES, FISCAL_NUMBER
from civic.demo.shelf import MOST_KEPT, Shelf
from tests.client import Client, Page
from tests.conftest import FixedClock
from tests.identity.provider import browser, running_idp

ROOT, SITE = "http://127.0.0.1:8001", "http://127.0.0.1:8000"
BACK = f"{SITE}/accedi/ritorno"
VERIFIER = "v" * 50
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
CLOCK = FixedClock(NOW)


@pytest.fixture(scope="module")
def idp() -> Flask:
    return create_idp(ROOT, redirect_prefix=SITE, clock=CLOCK)


@pytest.fixture
def web(idp: Flask) -> Iterator[Client]:
    yield Client(idp)
    CLOCK.now = NOW
    idp.extensions["idp"].alter = None


def asking(issuer: str = "eid", **changes: str | None) -> str:
    """Return the path of a good request; a change to None leaves the parameter out."""
    given = {
        "client_id": CLIENT_ID,
        "redirect_uri": BACK,
        "response_type": "code",
        "scope": "openid profile",
        "state": "stato",
        "nonce": "una-volta",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    } | changes
    return f"/{issuer}/authorize?{urlencode({k: v for k, v in given.items() if v is not None})}"


def enter(
    web: Client, person: str = "maria", issuer: str = "eid", *, level: str | None = None, **changes: str | None
) -> dict[str, str]:
    """Press a person's button; return what comes back to the site."""
    chosen = {"person": person} | ({} if level is None else {"level": level})
    return answer(web.post(f"/{issuer}/authorize", chosen, seen_at=asking(issuer, **changes)))


def answer(page: Page) -> dict[str, str]:
    assert page.status == 303, f"{page!r}: {page.html}"
    where, _, query = page.location.partition("?")
    assert where == BACK
    return dict(parse_qsl(query, strict_parsing=True))


def exchange(
    web: Client, code: str, issuer: str = "eid", *, headers: dict[str, str] | None = None, **changes: str | None
) -> Page:
    given = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": BACK,
        "code_verifier": VERIFIER,
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
    } | changes
    return web.post_raw(f"/{issuer}/token", {k: v for k, v in given.items() if v is not None}, headers=headers)


def claims(web: Client, tokens: Page, issuer: str = "eid") -> dict[str, Any]:
    """Verify the ID token with the published keys."""
    keys = KeySet.import_key_set(web.get(f"/{issuer}/jwks").json)
    token = jwt.decode(tokens.json["id_token"], keys, algorithms=["RS256"])
    assert token.header["kid"] == next(iter(keys.keys)).kid
    return token.claims


def error(page: Page) -> tuple[int, str]:
    return page.status, page.json["error"]


# ---- entering --------------------------------------------------------------------------------------------------------


def test_the_page_offers_everybody_and_says_that_nobody_exists(web: Client) -> None:
    page = web.get(asking())
    assert page.texts("button") == [*(f"Entra come {p.name}" for p in CITIZENS), "Annulla e torna al sito"]
    assert "nessuna di queste persone esiste" in page.text("header")
    assert page.texts("li p") == ["41 anni", "73 anni", "29 anni", "13 anni"]
    assert page.select("script, [style]") == []
    policy = page.headers["Content-Security-Policy"]
    assert policy == f"default-src 'none'; style-src 'self'; form-action 'self' {SITE}; base-uri 'none'; frame-ancestors 'none'"
    assert "Set-Cookie" not in page.headers


def test_the_style_sheet_of_the_page_is_there(web: Client) -> None:
    sheet = web.get(str(web.get(asking()).one("link[rel=stylesheet]")["href"]))
    assert (sheet.status, sheet.response.mimetype) == (200, "text/css")
    sheet.response.close()


def test_maria_enters_and_the_site_learns_who_she_is(web: Client) -> None:
    back = enter(web)
    assert (back["state"], back["iss"]) == ("stato", f"{ROOT}/eid")
    tokens = exchange(web, back["code"])
    assert tokens.status == 200
    assert tokens.headers["Cache-Control"] == "no-store"
    assert tokens.json["token_type"] == "Bearer"
    second = int(NOW.timestamp())
    said = claims(web, tokens)
    assert re.fullmatch("[0-9a-f]{32}", said.pop("sub"))
    assert said == {
        "iss": f"{ROOT}/eid",
        "aud": CLIENT_ID,
        "iat": second,
        "exp": second + 300,
        "auth_time": second,
        "nonce": "una-volta",
        "acr": f"{ACR_BASE}2",
        "given_name": "Maria",
        "family_name": "Rossi",
        "birthdate": "1985-03-12",
        FISCAL_NUMBER: "TINIT-RSSMRA85C52Z999R",
    }


def test_laura_enters_with_her_groups_and_no_codice_fiscale(web: Client) -> None:
    tokens = exchange(web, enter(web, "laura", "personale")["code"], "personale")
    said = claims(web, tokens, "personale")
    assert (said["iss"], said["email"], said["email_verified"]) == (f"{ROOT}/personale", "laura.neri@demo.invalid", True)
    assert said["groups"] == ["partecipazione-redazione"]
    assert FISCAL_NUMBER not in said


def test_a_person_keeps_her_opaque_name_and_shares_it_with_nobody(web: Client) -> None:
    people = [("eid", p.key) for p in CITIZENS] + [("personale", p.key) for p in COLLEAGUES]
    names = {claims(web, exchange(web, enter(web, k, i)["code"], i), i)["sub"] for i, k in people}
    assert len(names) == len(people)
    again = create_idp(ROOT, redirect_prefix=SITE, clock=CLOCK)
    assert claims(Client(again), exchange(Client(again), enter(Client(again))["code"]))["sub"] in names


def test_a_citizen_is_not_among_the_staff(web: Client) -> None:
    page = web.post_raw("/personale/authorize", {"csrf_token": token_of(web, "personale"), "person": "maria", "level": "2"})
    assert page.status == 400


def test_a_level_that_nobody_offered_is_refused(web: Client) -> None:
    assert web.post_raw("/eid/authorize", {"csrf_token": token_of(web), "person": "maria", "level": "4"}).status == 400


def test_cancelling_goes_back_without_a_code(web: Client) -> None:
    back = answer(web.post("/eid/authorize", {"cancel": "1"}, seen_at=asking()))
    assert back == {"error": "access_denied", "state": "stato", "iss": f"{ROOT}/eid"}


@pytest.mark.parametrize(
    ("asked", "shown"), [(None, "2"), (f"{ACR_BASE}3", "3"), (f"altro {ACR_BASE}1 {ACR_BASE}2", "1"), (f"{ACR_BASE}9", "2")]
)
def test_the_level_is_the_one_the_site_asked_for(web: Client, asked: str | None, shown: str) -> None:
    assert [o["value"] for o in web.get(asking(acr_values=asked)).select("option[selected]")] == [shown]


def test_a_lower_level_than_asked_can_be_tried(web: Client) -> None:
    said = claims(web, exchange(web, enter(web, level="1", acr_values=f"{ACR_BASE}2")["code"]))
    assert said["acr"] == f"{ACR_BASE}1"


@pytest.mark.parametrize("day", [date(2026, 12, 31), date(2027, 1, 1), date(2031, 2, 28)])
def test_luca_is_always_thirteen(day: date) -> None:
    luca = CITIZENS[-1]
    assert luca.about(day) == "13 anni"
    assert luca.claims(day)["birthdate"] == f"{day.year - 13}-01-01"


def token_of(web: Client, issuer: str = "eid") -> str:
    return str(web.get(asking(issuer)).one("input[name=csrf_token]")["value"])


def test_the_page_is_good_for_one_answer_and_not_for_ever(web: Client) -> None:
    form = {"csrf_token": token_of(web), "person": "maria", "level": "2"}
    assert web.post_raw("/eid/authorize", form).status == 303
    assert web.post_raw("/eid/authorize", form).status == 400
    late = form | {"csrf_token": token_of(web)}
    CLOCK.advance(minutes=15)
    assert web.post_raw("/eid/authorize", late).status == 400
    assert web.post_raw("/personale/authorize", {"csrf_token": token_of(web), "person": "laura", "level": "2"}).status == 400


# ---- what is refused -------------------------------------------------------------------------------------------------

FOREIGN = [
    "",
    "https://evil.example/accedi",
    f"{SITE}.evil.example/accedi",
    f"{SITE}@evil.example/accedi",
    "http://127.0.0.1:80001/accedi",
    "https://127.0.0.1:8000/accedi",
    "//127.0.0.1:8000/accedi",
    SITE,
    f"{SITE}?x=/",
    f"{BACK}#frammento",
    f"{SITE}/\\evil.example",
    f"{SITE}/a b",
    f"{SITE}/a\r\nX: 1",
    f"{SITE}/%2e%2e/",
    "javascript:alert(1)",
]


@pytest.mark.parametrize("address", FOREIGN)
def test_nobody_is_ever_sent_to_an_address_that_is_not_of_the_site(web: Client, address: str) -> None:
    page = web.get(asking(redirect_uri=address))
    assert page.status == 400
    assert "Location" not in page.headers
    if address:
        out = web.get(f"/eid/logout?{urlencode({'post_logout_redirect_uri': address, 'state': 's'})}")
        assert out.status == 400
        assert "Location" not in out.headers


def test_a_site_below_a_path_does_not_lend_its_neighbours() -> None:
    web = Client(create_idp(ROOT, redirect_prefix="https://comune.example/partecipa", clock=CLOCK))
    good = "https://comune.example/partecipa/ritorno"
    assert web.get(asking(redirect_uri=good)).status == 200
    for address in (
        "https://comune.example/altro",
        "https://comune.example/partecipa/../altro",
        "https://comune.example/partecipare/x",
    ):
        assert web.get(asking(redirect_uri=address)).status == 400, address


def test_an_unknown_site_is_told_so_here(web: Client) -> None:
    page = web.get(asking(client_id="altro"))
    assert (page.status, page.text("h1")) == (400, "Sito sconosciuto")


def test_a_parameter_given_twice_or_without_end_is_refused(web: Client) -> None:
    assert web.get(asking() + "&state=altro").status == 400
    assert web.get(asking(state="s" * 5000)).status == 400


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": "corta"}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": None}, "invalid_request"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"prompt": "none"}, "login_required"),
        ({"request": "x.y.z"}, "request_not_supported"),
        ({"request_uri": "https://x.example"}, "request_uri_not_supported"),
    ],
)
def test_a_request_that_does_not_hold_goes_back_with_its_error(web: Client, changes: dict[str, str | None], name: str) -> None:
    assert answer(web.get(asking(**changes))) == {"error": name, "state": "stato", "iss": f"{ROOT}/eid"}


def test_a_return_address_keeps_its_own_query(web: Client) -> None:
    page = web.get(asking(redirect_uri=f"{BACK}?lang=it", state=None, prompt="none"))
    assert page.location == f"{BACK}?lang=it&error=login_required&iss=http%3A%2F%2F127.0.0.1%3A8001%2Feid"


# ---- codes and tokens ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verifier", [None, "", "w" * 50, "v" * 42, CHALLENGE])
def test_a_code_opens_only_with_the_verifier_of_who_asked_for_it(web: Client, verifier: str | None) -> None:
    code = enter(web)["code"]
    assert error(exchange(web, code, code_verifier=verifier)) == (400, "invalid_grant")
    assert error(exchange(web, code)) == (400, "invalid_grant"), "a wrong try spends the code"


def test_a_code_opens_once(web: Client) -> None:
    code = enter(web)["code"]
    assert exchange(web, code).status == 200
    assert error(exchange(web, code)) == (400, "invalid_grant")


def test_a_code_lasts_a_minute(web: Client) -> None:
    quick, slow = enter(web)["code"], enter(web)["code"]
    CLOCK.advance(seconds=59)
    assert exchange(web, quick).status == 200
    CLOCK.advance(seconds=1)
    assert error(exchange(web, slow)) == (400, "invalid_grant")


def test_a_code_belongs_to_its_address_and_to_its_issuer(web: Client) -> None:
    assert error(exchange(web, enter(web)["code"], redirect_uri=f"{SITE}/altro")) == (400, "invalid_grant")
    assert error(exchange(web, enter(web)["code"], redirect_uri=None)) == (400, "invalid_grant")
    assert error(exchange(web, enter(web)["code"], "personale")) == (400, "invalid_grant")


def test_a_code_belongs_to_the_site_that_proves_itself(web: Client) -> None:
    code = enter(web)["code"]
    for wrong in ({"client_id": "altro"}, {"client_secret": "altro"}, {"client_secret": None}, {"client_id": None}):
        refused = exchange(web, code, **wrong)
        assert error(refused) == (401, "invalid_client")
        assert "Basic" in refused.headers["WWW-Authenticate"]
    assert exchange(web, code).status == 200, "a stranger does not spend the code"


def test_the_site_may_prove_itself_in_the_header_but_not_twice(web: Client) -> None:
    def basic(secret: str) -> dict[str, str]:
        return {"Authorization": "Basic " + base64.b64encode(f"{CLIENT_ID}:{secret}".encode()).decode()}

    code = enter(web)["code"]
    assert error(exchange(web, code, client_secret=None, headers=basic("altro"))) == (401, "invalid_client")
    assert error(exchange(web, code, headers=basic(CLIENT_SECRET))) == (401, "invalid_client")
    assert error(exchange(web, code, client_id="altro", client_secret=None, headers=basic(CLIENT_SECRET))) == (
        401,
        "invalid_client",
    )
    assert exchange(web, code, client_id=None, client_secret=None, headers=basic(CLIENT_SECRET)).status == 200


def test_other_ways_to_a_token_do_not_exist(web: Client) -> None:
    assert error(exchange(web, "x", grant_type="password")) == (400, "unsupported_grant_type")
    assert error(exchange(web, "x", grant_type=None)) == (400, "invalid_request")
    assert error(
        web.post_raw("/eid/token", {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "grant_type": "authorization_code"})
    ) == (
        400,
        "invalid_request",
    )


def test_a_token_request_that_says_a_thing_twice_is_refused(web: Client) -> None:
    code = enter(web)["code"]
    twice = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "grant_type": "authorization_code", "code": [code, "altro"]}
    assert error(web.post_raw("/eid/token", twice)) == (400, "invalid_request")
    assert exchange(web, code).status == 200


def test_an_access_token_tells_who_it_stands_for_until_it_is_revoked_or_old(web: Client) -> None:
    tokens = exchange(web, enter(web)["code"])
    bearer = {"Authorization": f"Bearer {tokens.json['access_token']}"}
    told = web.get("/eid/userinfo", headers=bearer)
    assert told.json["sub"] == claims(web, tokens)["sub"]
    assert told.json[FISCAL_NUMBER] == "TINIT-RSSMRA85C52Z999R"
    assert web.get("/personale/userinfo", headers=bearer).status == 401
    assert web.get("/eid/userinfo").status == 401
    assert web.post_raw("/eid/revoke", {"token": "mai-visto"}).status == 200
    assert web.post_raw("/eid/revoke", {"token": tokens.json["access_token"]}).status == 200
    assert web.get("/eid/userinfo", headers=bearer).status == 401
    old = {"Authorization": f"Bearer {exchange(web, enter(web)['code']).json['access_token']}"}
    CLOCK.advance(minutes=10)
    assert error(web.get("/eid/userinfo", headers=old)) == (401, "invalid_token")


def test_what_is_remembered_has_a_bound() -> None:
    shelf: Shelf[int] = Shelf(60)
    first = shelf.put(0, NOW)
    names = [shelf.put(n, NOW) for n in range(1, MOST_KEPT + 1)]
    assert shelf.take(first, NOW) is None
    assert shelf.take(names[-1], NOW) == MOST_KEPT
    shelf.put(0, NOW.replace(minute=1))
    assert len(shelf._things) == 1, "what has expired goes when something comes"


def test_a_test_can_make_the_provider_lie(web: Client, idp: Flask) -> None:
    signer = idp.extensions["idp"]
    signer.alter = lambda c: {k: v for k, v in c.items() if k != FISCAL_NUMBER} | {"aud": "altro"}
    said = claims(web, exchange(web, enter(web)["code"]))
    assert (said["aud"], FISCAL_NUMBER in said) == ("altro", False)
    signer.rotate(publish=False)
    with pytest.raises(InvalidKeyIdError):
        claims(web, exchange(web, enter(web)["code"]))
    signer.rotate()
    assert claims(web, exchange(web, enter(web)["code"]))["aud"] == "altro"


# ---- leaving, and the rest -------------------------------------------------------------------------------------------


def test_leaving_goes_back_to_the_site_or_says_so(web: Client) -> None:
    query = urlencode({"post_logout_redirect_uri": f"{SITE}/", "state": "fine", "id_token_hint": "x"})
    page = web.get(f"/eid/logout?{query}")
    assert (page.status, page.headers["Location"]) == (303, f"{SITE}/?state=fine")
    assert web.get("/eid/logout").text("h1") == "Sei uscita anche da qui"


@pytest.mark.parametrize(("path", "status"), [("/", 404), ("/eid", 404), ("/eid/token", 405), ("/altro/authorize", 404)])
def test_a_wrong_address_gets_a_page_too(web: Client, path: str, status: int) -> None:
    page = web.get(path)
    assert page.status == status
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]


ODD = dict(
    zip(
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        [
            1,
            0,
            5,
            7,
            9,
            13,
            15,
            17,
            19,
            21,
            1,
            0,
            5,
            7,
            9,
            13,
            15,
            17,
            19,
            21,
            2,
            4,
            18,
            20,
            11,
            3,
            6,
            8,
            12,
            14,
            16,
            10,
            22,
            25,
            24,
            23,
        ],
        strict=True,
    )
)


def check_character(code: str) -> str:
    """Compute the sixteenth character (decree of 23 December 1976, article 12): the first position is odd."""
    even = (int(c) if c.isdigit() else ord(c) - ord("A") for c in code[1:15:2])
    return chr(ord("A") + (sum(ODD[c] for c in code[0:15:2]) + sum(even)) % 26)


def test_the_codici_fiscali_are_well_made_and_nobody_s() -> None:
    assert check_character("RSSMRA85T10A562S") == "S", "the published example"
    for person in CITIZENS:
        code = person.fiscal_number
        assert re.fullmatch(r"[A-Z]{6}\d\d[A-EHLMPRST]\d\dZ999[A-Z]", code), person.name
        assert check_character(code) == code[15], person.name
    assert len({p.fiscal_number for p in CITIZENS}) == len(CITIZENS)


# ---- over the wire ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("issuer", ["eid", "personale"])
def test_discovery_alone_leads_to_a_verified_token(issuer: str) -> None:
    with running_idp(SITE) as idp, browser() as session:
        url = getattr(idp, issuer)
        about = session.get(f"{url}/.well-known/openid-configuration").json()
        assert about["issuer"] == url
        assert about["code_challenge_methods_supported"] == ["S256"]
        assert about["authorization_response_iss_parameter_supported"] is True
        assert "sub" in about["claims_supported"]
        person = "maria" if issuer == "eid" else "paolo"
        address = f"{about['authorization_endpoint']}?{asking(issuer).partition('?')[2]}"
        back = dict(parse_qsl(urlsplit(idp.enter(address, person, level=3)).query))
        form = {"grant_type": "authorization_code", "code": back["code"], "redirect_uri": BACK, "code_verifier": VERIFIER}
        tokens = session.post(about["token_endpoint"], data=form, auth=(CLIENT_ID, CLIENT_SECRET)).json()
        keys = KeySet.import_key_set(session.get(about["jwks_uri"]).json())
        assert not any(key.is_private for key in keys.keys)
        said = jwt.decode(tokens["id_token"], keys, algorithms=about["id_token_signing_alg_values_supported"]).claims
        jwt.JWTClaimsRegistry(
            iss={"essential": True, "value": url},
            aud={"essential": True, "value": CLIENT_ID},
            nonce={"essential": True, "value": "una-volta"},
            acr={"essential": True, "value": f"{ACR_BASE}3"},
            exp={"essential": True},
        ).validate(said)
        told = session.get(about["userinfo_endpoint"], headers={"Authorization": f"Bearer {tokens['access_token']}"}).json()
        assert told["sub"] == said["sub"]
        assert "error=access_denied" in idp.cancel(address)
        assert session.get(about["end_session_endpoint"]).status_code == 200
        assert session.post(about["revocation_endpoint"], data={"token": tokens["access_token"]}).status_code == 200


def test_the_provider_serves_until_it_is_told_to_stop() -> None:
    stop = Event()
    listener = socket.create_server(("127.0.0.1", 0))
    root = "http://{}:{}".format(*listener.getsockname())
    thread = Thread(target=serve_idp, args=(listener, root, SITE, stop.is_set))
    thread.start()
    try:
        with browser() as session:
            about = session.get(f"{root}/eid/.well-known/openid-configuration", timeout=30).json()
            assert about["issuer"] == f"{root}/eid"
    finally:
        stop.set()
        thread.join(30)
    assert not thread.is_alive()
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", int(root.rpartition(":")[2])), timeout=5)
