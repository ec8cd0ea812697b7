"""The second step: set up once, a code opens once, a recovery code saves who lost the telephone."""

import pyotp
import pytest

from civic.demo.people import PASSWORD
from civic.people.queries.staff import account_by_email
from tests.client import Client

SET_UP, CODE = "/desk/profilo/secondo-passaggio", "/desk/accedi/codice"


class Phone:
    """An authenticator on the town's clock."""

    def __init__(self, secret, clock):
        self._totp, self._clock = pyotp.TOTP(secret), clock

    def code(self, *, ahead=0):
        return self._totp.at(int(self._clock().timestamp()) + ahead)


def begin(client):
    return client.post(f"{SET_UP}/inizia", seen_at="/desk/profilo", follow=True)


def turn_on(client, clock):
    page = begin(client)
    phone = Phone(page.text("ol code").replace(" ", ""), clock)
    done = client.post(SET_UP, {"code": phone.code()})
    assert done.status == 200
    return phone, done.texts("ul.civic-typed code")


@pytest.fixture
def armed(client, clock, city):
    """An editor's browser, signed out again, her telephone and her recovery codes."""
    client.sign_in(city.editor)
    phone, codes = turn_on(client, clock)
    client.sign_out()
    clock.advance(minutes=1)
    return client, phone, codes


def first_step(client: Client, email):
    page = client.post("/desk/accedi", {"email": email, "password": PASSWORD})
    assert page.location == CODE
    assert client.get("/desk").status == 303, "a password alone opens nothing any more"


def test_the_telephone_is_shown_its_secret_and_confirms_it_with_a_code(client, database, clock, city):
    client.sign_in(city.editor)
    assert client.get(SET_UP).location == "/desk/profilo", "looking makes no secret"
    page = begin(client)
    assert page.select("svg title")
    secret = page.text("ol code").replace(" ", "")
    wrong = client.post(SET_UP, {"code": "000000"})
    assert wrong.status == 422
    assert "non corrisponde" in wrong.errors[0]
    assert wrong.text("ol code").replace(" ", "") == secret, "a wrong code does not make the telephone start again"
    with database.reading() as session:
        assert account_by_email(session, city.editor).totp_confirmed_at is None
    client.post(SET_UP, {"code": Phone(secret, clock).code()})
    profile = client.get("/desk/profilo")
    assert "Ti restano 8 codici di recupero" in profile.text("main")
    assert client.get(SET_UP).location == "/desk/profilo"


def test_a_code_opens_once_and_only_in_its_half_minute(armed, new_client, clock, city):
    client, phone, _codes = armed
    first_step(client, city.editor)
    code = phone.code()
    assert client.post(CODE, {"code": f"{code[:3]} {code[3:]}"}).location == "/desk"
    assert client.get("/desk").status == 200
    other = new_client()
    first_step(other, city.editor)
    page = other.post(CODE, {"code": code})
    assert page.status == 422
    assert "già stato usato" in page.errors[0]
    clock.advance(seconds=30)
    assert other.post(CODE, {"code": phone.code()}).status == 303


@pytest.mark.parametrize(("ahead", "opens"), [(-90, False), (-30, True), (30, True), (90, False)])
@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_telephone_may_be_half_a_minute_off_and_no_more(armed, city, ahead, opens):
    client, phone, _codes = armed
    first_step(client, city.editor)
    assert client.post(CODE, {"code": phone.code(ahead=ahead)}).status == (303 if opens else 422)


@pytest.mark.parametrize("code", ["000000", "", "abc", "à€ß∂ƒ©", "1" * 21, "０１２３４５", "'; --"])
@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_code_that_is_none_is_refused_with_a_sentence(armed, city, code):
    client, _phone, _codes = armed
    first_step(client, city.editor)
    page = client.post(CODE, {"code": code})
    assert page.status == 422
    assert page.errors


def test_a_recovery_code_opens_once(armed, new_client, city):
    client, _phone, codes = armed
    assert len(set(codes)) == 8
    first_step(client, city.editor)
    assert client.post(CODE, {"code": f" {codes[0].lower()} "}).status == 303
    assert "Ti restano 7 codici" in client.get("/desk/profilo").text("main")
    other = new_client()
    first_step(other, city.editor)
    assert other.post(CODE, {"code": codes[0]}).status == 422
    assert other.post(CODE, {"code": codes[1]}).status == 303


def test_recovery_codes_are_shown_once_and_kept_as_fingerprints(armed, database, city):
    client, _phone, codes = armed
    first_step(client, city.editor)
    client.post(CODE, {"code": codes[0]})
    assert not any(code in client.get("/desk/profilo").html for code in codes)
    with database.reading() as session:
        for row in session.connection().exec_driver_sql("SELECT * FROM people_recovery_code"):
            assert not set(codes) & {str(value) for value in row}


def test_the_second_step_waits_five_minutes_and_then_starts_again(armed, clock, city):
    client, phone, _codes = armed
    first_step(client, city.editor)
    clock.advance(minutes=5)
    assert client.get(CODE).status == 200
    clock.advance(seconds=1)
    page = client.get(CODE, follow=True)
    assert page.path == "/desk/accedi"
    assert "troppo tempo" in page.text("[role=status]")
    first_step(client, city.editor)
    assert client.post(CODE, {"code": phone.code()}).status == 303


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_the_second_step_without_the_first_is_no_page(client, city):
    assert client.get(CODE).location == "/desk/accedi"


def test_guessing_codes_pauses_after_five_and_a_good_one_does_not_help(armed, clock, city):
    client, phone, _codes = armed
    first_step(client, city.editor)
    for _ in range(5):
        assert client.post(CODE, {"code": "000000"}).status == 422
    page = client.post(CODE, {"code": phone.code()})
    assert page.status == 422
    assert "Troppi tentativi" in page.errors[0]
    assert client.get("/desk").status == 303
    clock.advance(minutes=15)
    first_step(client, city.editor)
    assert client.post(CODE, {"code": phone.code()}).status == 303


def test_turning_it_off_makes_the_password_enough_and_old_codes_worthless(armed, new_client, clock, city):
    client, phone, codes = armed
    first_step(client, city.editor)
    client.post(CODE, {"code": phone.code()})
    client.post(f"{SET_UP}/togli", seen_at="/desk/profilo")
    other = new_client()
    other.sign_in(city.editor)
    assert other.get("/desk").status == 200
    other.sign_out()
    begin(client)
    new_phone, new_codes = turn_on(client, clock)
    assert not set(new_codes) & set(codes)
    first_step(other, city.editor)
    for old in (phone.code(ahead=30), codes[1]):
        assert other.post(CODE, {"code": old}).status == 422
    assert other.post(CODE, {"code": new_phone.code(ahead=30)}).status == 303


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_after_the_second_step_one_goes_on_within_this_site_only(armed, city):
    client, phone, _codes = armed
    for asked, reached in (("//evil.example", "/desk"), ("/desk/azioni", "/desk/azioni")):
        form = client.get(f"/desk/accedi?next={asked}")
        token = form.one('main input[name="csrf_token"]')["value"]
        client.post_raw(f"/desk/accedi?next={asked}", {"email": city.editor, "password": PASSWORD, "csrf_token": token})
        assert client.post(CODE, {"code": phone.code(ahead=30 if asked == "/desk/azioni" else 0)}).location == reached
        client.sign_out()
