"""The door to the desk: who gets in, what the answer gives away, how long it stays open."""

import re
import threading
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from civic.demo.people import PASSWORD
from civic.people.commands.staff import note_failure
from civic.people.models import SignInThrottle, StaffAccount, StaffSession
from civic.people.queries.staff import account_by_email, is_throttled
from civic.rights.retention import purge
from tests import build
from tests.client import HOST, Client

DOOR = "/desk/accedi"
on_sqlite = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)


def attempt(client, email, password=PASSWORD, **options):
    return client.post(DOOR, {"email": email, "password": password}, **options)


def told(page):
    """What a page says, without what is new at every load and without the address that was typed."""
    text = re.sub(r'(name="(?:csrf_token|form_key)" value=)"[^"]*"', r"\1", page.html)
    return re.sub(r"[\w.-]+@prova\.example", "@", text)


def sessions_in(database):
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(StaffSession))


# ---- in and out ------------------------------------------------------------------------------------------------------


def test_a_good_password_opens_the_desk_and_signing_out_closes_it(client, city):
    assert client.get("/desk").location == "/desk/accedi?next=/desk"
    client.sign_in(f"  {city.editor.upper()} ")
    assert client.get("/desk").status == 200
    assert client.sign_out().location == "/uscita"
    assert client.get("/desk").status == 303


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(new_client, city):
    wrong, unknown = (
        attempt(new_client(), city.editor, "sbagliata-ma-lunga"),
        attempt(new_client(), "nessuno@prova.example", "sbagliata-ma-lunga"),
    )
    assert wrong.status == unknown.status == 422
    assert wrong.errors == ["Indirizzo o password non corrispondono."]
    assert told(wrong) == told(unknown)
    assert "sbagliata" not in wrong.html
    assert wrong.one("#email")["value"] == city.editor


@on_sqlite
def test_an_account_without_a_password_and_a_closed_one_get_that_same_answer(new_client, database, city):
    with database.writing() as session:
        account_by_email(session, city.auditor).password_hash = ""
        account_by_email(session, city.referent).disabled_at = build.BUILT
    pages = [attempt(new_client(), email, PASSWORD) for email in (city.auditor, city.referent, "nessuno@prova.example")]
    assert [p.status for p in pages] == [422] * 3
    assert len({told(p) for p in pages}) == 1
    assert attempt(new_client(), city.auditor, "").errors, "no empty password for an account without one"


def test_closing_an_account_ends_what_it_has_open_at_once(new_client, database, city):
    person, administrator = new_client(), new_client()
    person.sign_in(city.editor)
    administrator.sign_in(city.administrator)
    with database.reading() as session:
        number = account_by_email(session, city.editor).id
    administrator.post(f"/desk/accessi/{number}/chiudi", seen_at=f"/desk/accessi/{number}")
    assert person.get("/desk").status == 303
    assert attempt(person, city.editor).status == 422
    administrator.post(f"/desk/accessi/{number}/riapri", seen_at=f"/desk/accessi/{number}")
    assert attempt(person, city.editor).status == 303


# ---- failures --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("known", [True, False])
def test_after_five_failures_sign_in_with_that_address_pauses_for_a_quarter_of_an_hour(new_client, clock, city, known):
    email = city.editor if known else "nessuno@prova.example"
    client = new_client()
    assert [attempt(client, email, "sbagliata").status for _ in range(5)] == [422] * 5
    clock.advance(minutes=14, seconds=59)
    page = attempt(client, email.upper(), PASSWORD)
    assert page.status == 429
    assert "un quarto d'ora" in page.errors[0]
    assert attempt(new_client(), city.auditor).status == 303, "others are not held up"
    clock.advance(seconds=1)
    assert attempt(client, email, PASSWORD).status == (303 if known else 422)


@on_sqlite
def test_four_failures_are_forgotten_after_a_good_password_and_after_a_while(client, clock, city):
    for _ in range(4):
        attempt(client, city.editor, "sbagliata")
    attempt(client, city.editor)
    client.sign_out()
    for _ in range(4):
        attempt(client, city.editor, "sbagliata")
    clock.advance(minutes=15)
    for _ in range(4):
        assert attempt(client, city.editor, "sbagliata").status == 422
    assert attempt(client, city.editor).status == 303


def test_failures_at_the_same_instant_are_all_counted(database, city, clock):
    start, wrong = threading.Barrier(5), []

    def fail():
        start.wait()
        try:
            with database.writing() as session:
                note_failure(session, city.editor, now=clock())
        except Exception as error:  # whatever it is, the test shows it
            wrong.append(error)

    threads = [threading.Thread(target=fail) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    with database.reading() as session:
        assert session.scalars(select(SignInThrottle.failures)).all() == [5]
        assert is_throttled(session, city.editor, clock())


# ---- the session -----------------------------------------------------------------------------------------------------


def test_the_cookie_is_new_at_sign_in_and_one_fixed_before_opens_nothing(app, client, city):
    client.get(DOOR)
    before = client.cookies()["civic"]
    client.sign_in(city.editor)
    after = client.cookies()["civic"]
    assert after != before
    stranger = app.test_client()
    stranger.set_cookie("civic", before)
    assert stranger.get("/desk", base_url=HOST).status_code == 303
    stranger.set_cookie("civic", after)
    assert stranger.get("/desk", base_url=HOST).status_code == 200


def test_a_forms_token_from_before_the_sign_in_is_worth_nothing_after_it(client, city):
    planted = client.get(DOOR).one('main input[name="csrf_token"]')["value"]
    client.sign_in(city.editor)
    assert client.post_raw("/esci", {"csrf_token": planted}).status == 400
    assert client.get("/desk").status == 200
    assert client.sign_out().status == 303


def test_the_old_cookie_opens_nothing_after_signing_out(app, client, database, city):
    client.sign_in(city.editor)
    kept = client.cookies()["civic"]
    client.sign_out()
    assert sessions_in(database) == 0
    thief = app.test_client()
    thief.set_cookie("civic", kept)
    assert thief.get("/desk", base_url=HOST).status_code == 303


@on_sqlite
def test_each_sign_in_is_a_session_of_its_own_with_nothing_of_the_person_in_the_cookie(new_client, database, city):
    browsers = [new_client(), new_client()]
    for browser in browsers:
        browser.sign_in(city.editor)
    first, second = (b.cookies()["civic"] for b in browsers)
    assert first != second
    assert city.editor not in first
    assert sessions_in(database) == 2
    browsers[0].sign_out()
    assert browsers[1].get("/desk").status == 200


def test_half_an_hour_of_silence_ends_a_session_and_work_keeps_it_open_for_half_a_day(client, clock, city):
    client.sign_in(city.editor)
    clock.advance(minutes=29, seconds=59)
    assert client.get("/desk").status == 200
    clock.advance(minutes=30)
    assert client.get("/desk").status == 303
    client.sign_in(city.editor)
    for _ in range(35):
        clock.advance(minutes=20)
        assert client.get("/desk/profilo").status == 200
    clock.advance(minutes=20)
    assert client.get("/desk/profilo").status == 303, "twelve hours are twelve hours"


def test_a_session_is_marked_as_seen_every_five_minutes_at_most(app, client, clock, query_count, city):
    client.sign_in(city.editor)

    def writes():
        with query_count(app) as asked:
            client.get("/desk")
        return [q for q in asked if q.startswith(("UPDATE", "INSERT", "DELETE"))]

    clock.advance(minutes=5)
    assert writes() == []
    clock.advance(seconds=1)
    (touched,) = writes()
    assert "people_session" in touched
    assert writes() == []


@on_sqlite
def test_ended_sessions_and_forgotten_failures_are_cleared_away(client, database, clock, city):
    client.sign_in(city.editor)
    attempt(Client(client.app), "nessuno@prova.example")
    clock.advance(hours=12, seconds=1)
    with database.writing() as session:
        assert purge(session, clock()) == 2
    assert sessions_in(database) == 0


# ---- cookies and forgers ---------------------------------------------------------------------------------------------


def set_cookies(response):
    return response.headers.getlist("Set-Cookie")


@on_sqlite
def test_public_pages_set_no_cookie(app, city):
    browser = app.test_client()
    for path in (
        "/",
        "/programma",
        "/programma/azioni/A001",
        "/dup",
        f"/peg/{city.peg}",
        "/servizi",
        "/amministrazione",
        "/privacy",
        "/faq",
        "/come-si-calcola",
        "/programma.csv",
        "/programma/stati.atom",
        "/registro",
        "/robots.txt",
        "/nessuna-pagina",
        "/en/programma",
    ):
        assert set_cookies(browser.get(path, base_url=HOST)) == [], path
    assert len(set_cookies(browser.get("/accessibilita", base_url=HOST))) == 1, "a form needs one, against forgers"


@on_sqlite
@pytest.mark.parametrize(
    ("base_url", "name", "secure"),
    [("http://localhost", "civic", False), ("https://partecipa.prova.example", "__Host-civic", True)],
)
def test_the_cookie_is_closed_to_scripts_and_other_sites_and_on_https_tied_to_this_host(
    make_app, config, city, base_url, name, secure
):
    app = make_app(replace(config, base_url=base_url))
    (cookie,) = set_cookies(app.test_client().get(DOOR, base_url=base_url))
    parts = [p.strip() for p in cookie.split(";")]
    assert parts[0].startswith(f"{name}=")
    assert "HttpOnly" in parts
    assert "SameSite=Lax" in parts
    assert "Path=/" in parts
    assert ("Secure" in parts) == secure
    assert not [p for p in parts if p.lower().startswith(("domain", "expires", "max-age"))]


@on_sqlite
def test_a_sign_in_form_that_grew_stale_comes_back_without_the_password(client, database, city):
    page = client.post_raw(DOOR, {"email": city.editor, "password": "una password segreta", "form_key": "x"})
    assert page.status == 400
    assert "Non hai perso niente" in page.text("main")
    assert page.one('input[name="email"]')["value"] == city.editor
    assert "segreta" not in page.html
    assert not page.select('input[name="password"]')
    assert "dovrai scriverli di nuovo" in page.text(".callout")
    again = client.send(page)
    assert again.status == 422
    assert again.one("#email")["value"] == city.editor
    assert sessions_in(database) == 0


@on_sqlite
def test_a_form_sent_from_another_site_is_not_offered_again(client, city):
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
        page = client.post_raw("/accessibilita", {"text": "Testo di un altro sito"}, headers=headers)
        assert page.status == 400
        assert "altro sito" not in page.html
    assert "altro sito" in client.post_raw("/accessibilita", {"text": "Testo di un altro sito"}, headers={"Origin": HOST}).html


@on_sqlite
@pytest.mark.parametrize(
    ("asked", "reached"),
    [
        ("/desk/azioni?q=verde", "/desk/azioni?q=verde"),
        ("https://evil.example", "/desk"),
        ("//evil.example", "/desk"),
        ("/\\evil.example", "/desk"),
        ("%2F%2Fevil.example", "/desk"),
        ("/%09/evil.example", "/desk"),
        ("/%0d%0aX: y", "/desk"),
        ("javascript:alert(1)", "/desk"),
        ("", "/desk"),
    ],
)
def test_after_signing_in_one_goes_on_within_this_site_only(client, city, asked, reached):
    assert _sign_in_towards(client, city, asked).location == reached


def _sign_in_towards(client, city, asked):
    form = client.get(f"{DOOR}?next={asked}")
    token = form.one('main input[name="csrf_token"]')["value"]
    return client.post_raw(f"{DOOR}?next={asked}", {"email": city.editor, "password": PASSWORD, "csrf_token": token})


@on_sqlite
def test_who_was_on_an_english_page_comes_back_to_it(client, city):
    page = client.get("/en/desk/azioni?q=verde")
    assert "next=/en/desk/azioni" in page.location
    form = client.follow(page)
    token = form.one('main input[name="csrf_token"]')["value"]
    done = client.post_raw(page.location, {"email": city.editor, "password": PASSWORD, "csrf_token": token})
    assert done.location == "/en/desk/azioni?q=verde"


@on_sqlite
def test_pages_behind_the_door_are_kept_by_no_cache(client, city):
    client.sign_in(city.editor)
    for path in ("/desk", "/desk/profilo", "/"):
        assert client.get(path).headers["Cache-Control"] == "no-store"


@on_sqlite
def test_no_password_and_no_session_key_lies_open_in_the_database(client, database, city):
    client.sign_in(city.editor)
    cookie = client.cookies()["civic"]
    with database.reading() as session:
        assert all(h.startswith("$argon2id$") for h in session.scalars(select(StaffAccount.password_hash)))
        (key,) = session.scalars(select(StaffSession.key_hash))
        assert re.fullmatch("[0-9a-f]{64}", key)
        assert key not in cookie
