"""What can go wrong between this site and an identity provider: each is a page that says how to go on, and nobody is in."""

import time
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import func, select

from civic.demo.identity import providers
from civic.people.models import CitizenSession, Grant, StaffAccount, StaffSession
from civic.people.providers import read_providers
from config import ConfigError
from tests.client import Client
from tests.people.conftest import path_of

both = pytest.mark.parametrize("backend", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def backend(request):
    """SQLite, but for what touches more than a row: the protocol is the same on both."""
    return getattr(request, "param", "sqlite")


def count(database, table):
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(table))


def is_friendly_refusal(page, database):
    assert page.status == 400, page
    assert page.select('main a[href^="/accedi"]'), "there is a way to begin again"
    assert count(database, CitizenSession) == 0
    return True


def leave(client, path="/accedi/eid"):
    page = client.get(path)
    assert page.status == 302
    return page.headers["Location"]


# ---- what is asked ---------------------------------------------------------------------------------------------------


def test_the_request_has_a_challenge_a_state_a_nonce_and_asks_for_level_two(client, city, idp):
    asked = parse_qs(urlsplit(leave(client)).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert len(asked["code_challenge"][0]) == 43
    assert len(asked["state"][0]) > 15
    assert len(asked["nonce"][0]) > 15
    assert asked["acr_values"] == ["https://www.spid.gov.it/SpidL2"]
    assert asked["redirect_uri"] == ["http://localhost/accedi/eid/ritorno"]
    again = parse_qs(urlsplit(leave(client)).query)
    assert again["state"] != asked["state"]
    assert again["nonce"] != asked["nonce"]
    assert again["code_challenge"] != asked["code_challenge"]


def test_the_provider_refuses_the_code_to_whoever_lacks_the_verifier(client, city, idp, database):
    back = path_of(idp.enter(leave(client), "maria"))
    thief = Client(client.app)
    assert is_friendly_refusal(thief.get(back), database), "another browser has neither state nor verifier"


def test_the_english_site_uses_the_same_callback_and_comes_back_in_english(client, city, idp):
    page = client.get("/en/accedi/eid?next=/en/area")
    asked = parse_qs(urlsplit(page.headers["Location"]).query)
    assert asked["redirect_uri"] == ["http://localhost/accedi/eid/ritorno"]
    assert asked["ui_locales"] == ["en"]
    assert client.get(path_of(idp.enter(page.headers["Location"], "maria"))).location == "/en/area"


# ---- what comes back -------------------------------------------------------------------------------------------------


def test_a_replayed_callback_is_a_friendly_page(client, city, sign_in, idp, database):
    back = path_of(idp.enter(leave(client), "maria"))
    assert client.get(back).status == 303
    client.post("/esci", seen_at="/area")
    assert is_friendly_refusal(client.get(back), database)


def test_a_cancelled_sign_in_says_that_nothing_happened(client, city, idp, database):
    page = client.get(path_of(idp.cancel(leave(client))))
    assert is_friendly_refusal(page, database)
    assert "annullato" in page.text().lower()


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?code=x",
        "?state=x",
        "?code=x&state=y",
        "?error=server_error&state=x",
        "?error=%3Cscript%3E",
        "?code=a&code=b&state=%00",
    ],
)
def test_a_made_up_callback_is_a_friendly_page(client, city, idp, database, query):
    client.get("/accedi/eid")
    assert is_friendly_refusal(client.get(f"/accedi/eid/ritorno{query}"), database)


def test_a_tampered_state_or_code_is_a_friendly_page(client, city, idp, database):
    back = path_of(idp.enter(leave(client), "maria"))
    assert is_friendly_refusal(client.get(back.replace("state=", "state=x")), database)
    back = path_of(idp.enter(leave(client), "maria"))
    assert is_friendly_refusal(client.get(back.replace("code=", "code=x")), database)


ALTERED = {
    "another audience": {"aud": "another-client"},
    "another audience besides, for another party": {"aud": ["civic-demo", "other"], "azp": "other"},
    "another audience, with us as the party": {"aud": ["other"], "azp": "civic-demo"},
    "another issuer": {"iss": "https://evil.example"},
    "another nonce": {"nonce": "x"},
    "expired": {"exp": 1_700_000_000, "iat": 1_699_999_000},
    "a level too low": {"acr": "https://www.spid.gov.it/SpidL1"},
    "no level": {"acr": ""},
    "a codice fiscale that is none": {"https://attributes.eid.gov.it/fiscal_number": "TINIT-RSSMRA85C52Z999X"},
}


@pytest.mark.parametrize("claims", ALTERED.values(), ids=ALTERED.keys())
def test_a_token_with_a_wrong_claim_lets_nobody_in(client, city, sign_in, idp, database, claims):
    idp.alter(lambda told: told | claims)
    assert is_friendly_refusal(sign_in(client), database)


def test_a_codice_fiscale_that_only_the_userinfo_tells_is_enough(client, city, sign_in, idp):
    idp.alter(lambda told: {k: v for k, v in told.items() if "fiscal" not in k})
    assert sign_in(client).status == 303


def test_a_level_too_low_says_which_one_is_needed(client, city, sign_in, database):
    page = sign_in(client, level=1)
    assert is_friendly_refusal(page, database)
    assert "livello 2" in page.text()


@pytest.mark.parametrize(("seconds", "goes_in"), [(-45, True), (45, True), (-400, False), (400, False)])
def test_clocks_may_differ_by_a_minute_and_no_more(client, city, sign_in, idp, database, seconds, goes_in):
    at = int(time.time()) + seconds
    idp.alter(lambda told: told | {"iat": at, "auth_time": at, "exp": at + 30 if seconds < 0 else at + 300})
    page = sign_in(client)
    assert (page.status == 303) == goes_in, page
    assert (count(database, CitizenSession) == 1) == goes_in


def test_a_new_signing_key_is_learnt_and_one_that_nobody_published_is_refused(client, new_client, city, sign_in, idp, database):
    assert sign_in(client).status == 303
    idp.signer.rotate()
    assert sign_in(new_client()).status == 303
    idp.signer.rotate(publish=False)
    before = count(database, CitizenSession)
    assert sign_in(new_client()).status == 400
    assert count(database, CitizenSession) == before
    idp.signer.rotate()


def test_the_answer_of_one_provider_opens_nothing_at_the_callback_of_another(client, city, idp, database):
    """Mix-up: the staff directory's answer brought to the citizens' callback, and the other way round."""
    to_staff = leave(client, "/accedi/personale")
    back = path_of(idp.enter(to_staff, "laura"))
    assert is_friendly_refusal(client.get(back.replace("/personale/", "/eid/")), database)
    back = path_of(idp.enter(leave(client), "maria"))
    crossed = client.get(back.replace("/eid/", "/personale/"))
    assert crossed.status == 400
    assert count(database, StaffSession) == 0
    honest = path_of(idp.enter(leave(client), "maria"))
    other = honest.replace(f"iss={idp.root.replace(':', '%3A').replace('/', '%2F')}%2Feid", "iss=https%3A%2F%2Fevil.example")
    assert other != honest
    assert is_friendly_refusal(client.get(other), database)


@pytest.mark.parametrize(
    "bad", ["//evil.example", "https://evil.example", "/\\evil.example", "/%09/evil.example", "javascript:alert(1)"]
)
def test_nobody_is_sent_to_another_site_after_signing_in(client, city, sign_in, bad):
    page = sign_in(client, onward=bad)
    assert page.status == 303
    assert not page.location.startswith(("//", "http", "javascript", "/\\"))


# ---- the provider is down --------------------------------------------------------------------------------------------


def test_with_the_provider_down_the_site_works_and_readyz_says_so(make_app, config, city, database):
    client = Client(make_app(replace(config, idp_port=9)))
    assert client.get("/").status == 200
    page = client.get("/accedi/eid")
    assert page.status == 503
    assert "Il resto del sito funziona" in page.text()
    ready = client.get("/readyz")
    assert ready.status == 200
    assert ready.json["status"] == "degraded"
    assert ready.json["identity"] == {"eid": "unreachable", "personale": "unreachable"}
    assert client.post("/accedi", {"email": "anna@prova.example"}).location == "/accedi/posta", "the way by mail stays"


def test_with_the_provider_up_readyz_is_content(client, city):
    assert client.get("/readyz").json["identity"] == {"eid": "ok", "personale": "ok"}


def test_an_unknown_provider_is_no_page(client, city):
    assert client.get("/accedi/facebook").status == 404
    assert client.get("/accedi/facebook/ritorno?code=x&state=y").status == 404


# ---- staff from the directory ----------------------------------------------------------------------------------------


@both
def test_a_colleague_comes_in_with_the_rights_of_her_groups_and_they_follow_them(
    client, new_client, city, sign_in, idp, database
):
    assert client.get("/desk/accedi").select('a[href^="/accedi/personale"]')
    assert sign_in(client, "laura", via="personale").location == "/desk"
    assert "Azioni del programma" in client.get("/desk").text("nav")
    held = count(database, Grant)
    idp.alter(lambda told: told | {"groups": ["partecipazione-sportello-q1"]})
    other = new_client()
    assert sign_in(other, "laura", via="personale").status == 303
    assert client.get("/desk").status == 303, "her rights changed: what was open is closed"
    assert other.get("/desk/sportello").status == 200
    assert other.get("/desk/azioni").status == 403
    assert count(database, Grant) < held
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(StaffAccount).where(StaffAccount.directory == "personale")) == 1


def test_without_a_group_that_counts_nobody_comes_in(client, city, sign_in, database):
    page = sign_in(client, "senza", via="personale")
    assert page.status == 400
    assert "gruppi" in page.text()
    assert count(database, StaffSession) == 0


def test_who_loses_every_group_loses_what_was_open_and_what_was_given(client, new_client, city, sign_in, idp, database):
    sign_in(client, "laura", via="personale")
    held = count(database, Grant)
    idp.alter(lambda told: told | {"groups": []})
    assert sign_in(new_client(), "laura", via="personale").status == 400
    assert client.get("/desk").status == 303
    assert count(database, Grant) < held


def test_an_account_of_the_directory_gets_no_password_here(client, new_client, city, sign_in, mailbox, database):
    sign_in(client, "laura", via="personale")
    new_client().post("/desk/password-dimenticata", {"email": "laura.neri@demo.invalid"})
    mailbox.deliver_now()
    assert mailbox.to("laura.neri@demo.invalid") == []


def test_an_account_made_here_is_not_taken_over_by_the_directory(client, city, sign_in, idp, database):
    idp.alter(lambda told: told | {"email": city.administrator})
    page = sign_in(client, "laura", via="personale")
    assert page.status == 400
    assert "accesso con il tuo indirizzo" in page.text()


def test_a_closed_account_stays_closed(client, new_client, city, sign_in, database):
    sign_in(client, "laura", via="personale")
    admin = new_client()
    admin.sign_in(city.administrator)
    with database.reading() as session:
        number = session.scalar(select(StaffAccount.id).where(StaffAccount.directory == "personale"))
    admin.post(f"/desk/accessi/{number}/chiudi", seen_at=f"/desk/accessi/{number}")
    assert client.get("/desk").status == 303
    assert sign_in(new_client(), "laura", via="personale").status == 400


def test_colleagues_sign_out_at_the_directory_too(client, city, sign_in):
    sign_in(client, "laura", via="personale")
    page = client.post("/esci", seen_at="/desk")
    assert "/personale/logout?" in page.one('meta[http-equiv="refresh"]')["content"]


# ---- the identity file -----------------------------------------------------------------------------------------------

GOOD = """
[[provider]]
id = "eid"
kind = "citizen"
label_it = "SPID o CIE"
issuer = "https://proxy.comune.example"
client_id = "civic"
client_secret = "segreto"
[provider.claims]
fiscal = "codiceFiscale"

[[provider]]
id = "ente"
kind = "staff"
label_it = "Accesso dell'ente"
issuer = "https://login.comune.example"
client_id = "civic"
[provider.groups]
"civic-redazione" = [{role = "editor"}]
"civic-q1" = [{role = "quartiere", ref = "Q1"}]
"""


def test_the_identity_file_is_read_whole(tmp_path, backend):
    (tmp_path / "identity.toml").write_text(GOOD)
    eid, ente = read_providers(tmp_path / "identity.toml")
    assert eid.claims["fiscal"] == ("codiceFiscale",)
    assert eid.claim("fiscal", {"codiceFiscale": "X"}) == "X"
    assert ente.groups["civic-q1"][0].ref == "Q1"
    assert "segreto" not in repr(eid)


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ('kind = "citizen"', 'kind = "cittadino"', "kind"),
        ('id = "ente"', 'id = "eid"', "stesso id"),
        ('issuer = "https://proxy', 'issuer = "http://proxy', "https"),
        ('client_id = "civic"', "", "client_id"),
        ('role = "editor"', 'role = "capo"', "capo"),
        ('fiscal = "codiceFiscale"', 'fiscale = "x"', "fiscale"),
        ('label_it = "SPID o CIE"', 'label_it = "SPID o CIE"\ncolore = "blu"', "colore"),
        ("[[provider]]", "[provider", "non si legge"),
    ],
)
def test_a_mistake_in_the_identity_file_is_one_line_that_says_where(tmp_path, before, after, says, backend):
    path = tmp_path / "identity.toml"
    path.write_text(GOOD.replace(before, after))
    with pytest.raises(ConfigError, match=says) as found:
        read_providers(path)
    assert "\n" not in str(found.value).split(": ", 2)[0]


def test_the_demonstration_knows_its_own_two_providers(config, backend):
    assert [p.id for p in providers(config)] == ["eid", "personale"]
