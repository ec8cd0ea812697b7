"""Invitations and new passwords: a link opens once, tells nobody who works here, and ends what was open before."""

import threading

import pytest
from sqlalchemy import func, select

from civic.demo.people import PASSWORD
from civic.kernel.errors import Refused
from civic.outbox.models import OutboxMail
from civic.people.commands import staff as commands
from civic.people.models import StaffAccount
from civic.people.queries.staff import account_by_email
from tests import build

NEW = "il gatto nero dorme"
FORGOT = "/desk/password-dimenticata"
on_sqlite = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)


@pytest.fixture
def invited(new_client, mailbox, city):
    """The link of an invitation that an administrator has just sent to a new colleague."""
    administrator = new_client()
    administrator.sign_in(city.administrator)
    told = {"name": "Nuova Collega", "email": "Nuova@Prova.example", "role": "referent", "office_code": city.schools}
    assert administrator.post("/desk/accessi/nuovo", told).status == 303
    (mail,) = mailbox.deliver_now()
    assert mail.to_address == "nuova@prova.example"
    assert "Nuova Collega" in mail.body
    return mailbox.link(mail)


def test_an_invitation_is_spent_by_choosing_a_password_and_not_by_looking(new_client, invited, city):
    scanner, person = new_client(), new_client()
    for _ in range(3):
        assert scanner.get(invited).status == 200
    page = person.get(invited)
    assert "Nuova Collega" in page.text("main")
    assert person.post(invited, {"password": NEW}).location == "/desk/accedi"
    person.sign_in("nuova@prova.example", NEW)
    assert person.get("/desk/azioni").texts("tbody th")[0].startswith("A003")
    for browser in (scanner, person):
        assert browser.get(invited).status == 410
    again = scanner.send(page, invited, {"password": "un'altra password"})
    assert again.status in (400, 410)


def test_two_who_spend_the_same_link_at_the_same_instant_set_one_password(database, invited, clock, city):
    secret, start, told = invited.rpartition("/")[2], threading.Barrier(2), []

    def spend(n):
        start.wait()
        try:
            with database.writing() as session:
                commands.spend_link(session, secret, password_hash=f"hash {n}", now=clock())
            told.append(f"hash {n}")
        except Refused as refusal:
            told.append(str(refusal))

    threads = [threading.Thread(target=spend, args=(n,)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (refused,) = (t for t in told if "già stato usato" in t)
    with database.reading() as session:
        assert [account_by_email(session, "nuova@prova.example").password_hash] == [t for t in told if t != refused]


def test_a_link_that_expired_sets_no_password_even_when_the_page_was_open(client, database, clock, invited):
    page = client.get(invited)
    clock.advance(days=7)
    assert client.send(page, invited, {"password": NEW}).status == 410
    with pytest.raises(Refused), database.writing() as session:
        commands.spend_link(session, invited.rpartition("/")[2], password_hash="x", now=clock())


def test_an_invitation_is_good_for_seven_days(client, clock, invited):
    clock.advance(days=7, seconds=-1)
    assert client.get(invited).status == 200
    clock.advance(seconds=1)
    page = client.get(invited)
    assert page.status == 410
    assert FORGOT in page.links()


@on_sqlite
@pytest.mark.parametrize("password", ["corta", "", "aaaaaaaaaaaaaa", "nuova.collega", "x" * 201])
def test_a_weak_password_is_refused_and_the_link_is_not_spent(client, invited, password):
    page = client.post(invited, {"password": password})
    assert page.status == 422
    assert page.errors
    assert page.one("#password").get("value") is None
    assert client.post(invited, {"password": NEW}).status == 303


@on_sqlite
def test_a_made_up_link_opens_nothing(client, city):
    for secret in ("x", "a" * 300, "%00", "..%2f"):
        assert client.get(f"/desk/scegli-password/{secret}").status in (404, 410)


@on_sqlite
@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"email": "collega"}, "email"),
        ({"email": "Editor@prova.example"}, "email"),
        ({"name": ""}, "name"),
        ({"role": "referent", "office_code": ""}, "office_code"),
        ({"role": "sindaco"}, "role"),
    ],
)
def test_an_invitation_that_cannot_be_is_refused_and_sends_nothing(client, database, city, wrong, field):
    client.sign_in(city.administrator)
    told = {"name": "Nuova Collega", "email": "nuova@prova.example", "role": "editor"}
    page = client.post("/desk/accessi/nuovo", told | wrong)
    assert page.status == 422
    assert f"#{field}" in page.links("#errori a")
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(OutboxMail)) == 0
        assert session.scalar(select(func.count()).select_from(StaffAccount)) == 5
    assert client.post("/desk/accessi/nuovo", told).status == 303


# ---- a forgotten password --------------------------------------------------------------------------------------------


def test_asking_for_a_new_password_tells_nobody_whether_one_works_here(new_client, database, mailbox, city):
    with database.writing() as session:
        account_by_email(session, city.auditor).disabled_at = build.BUILT
    told = []
    for email in (city.editor.upper(), "nessuno@prova.example", city.auditor):
        page = new_client().post(FORGOT, {"email": email}, follow=True)
        told.append((page.status, page.path, page.text("[role=status]")))
    assert len(set(told)) == 1
    assert [m.to_address for m in mailbox.deliver_now()] == [city.editor]


def test_a_reset_link_lasts_an_hour_opens_once_and_ends_the_open_sessions(new_client, mailbox, clock, city):
    thief, owner = new_client(), new_client()
    thief.sign_in(city.editor)
    owner.post(FORGOT, {"email": city.editor})
    (first,) = mailbox.deliver_now()
    clock.advance(minutes=20)
    thief.get("/desk")
    owner.post(FORGOT, {"email": city.editor})
    (second,) = mailbox.deliver_now()
    clock.advance(minutes=10)
    assert owner.post(mailbox.link(second), {"password": NEW}).status == 303
    assert thief.get("/desk").status == 303
    assert owner.get(mailbox.link(first)).status == 410, "an older link dies with the old password"
    assert owner.post("/desk/accedi", {"email": city.editor, "password": PASSWORD}).status == 422
    owner.sign_in(city.editor, NEW)
    owner.sign_out()
    owner.post(FORGOT, {"email": city.editor})
    (third,) = mailbox.deliver_now()
    clock.advance(hours=1)
    assert owner.get(mailbox.link(third)).status == 410


def test_nobody_can_flood_a_colleagues_mailbox(client, mailbox, clock, city):
    for _ in range(12):
        assert client.post(FORGOT, {"email": city.editor}).status == 303
    assert len(mailbox.deliver_now()) == 5
    clock.advance(minutes=15)
    client.post(FORGOT, {"email": city.editor})
    assert len(mailbox.deliver_now()) == 1
    client.sign_in(city.editor)  # asking for a link is no failed sign-in


@on_sqlite
def test_a_link_of_an_account_that_was_closed_meanwhile_opens_nothing(client, database, mailbox, city):
    client.post(FORGOT, {"email": city.editor})
    (mail,) = mailbox.deliver_now()
    with database.writing() as session:
        commands.disable_account(session, build.BUILDER, account_by_email(session, city.editor).id, now=build.BUILT)
    assert client.get(mailbox.link(mail)).status == 410


# ---- changing one's own ----------------------------------------------------------------------------------------------


def test_changing_the_password_ends_every_other_session_and_keeps_this_one(new_client, city):
    here, elsewhere = new_client(), new_client()
    for browser in (here, elsewhere):
        browser.sign_in(city.editor)
    before = here.cookies()["civic"]
    page = here.post("/desk/profilo/password", {"current": "sbagliata", "password": NEW})
    assert page.status == 422
    assert "#current" in page.links("#errori a")
    assert elsewhere.get("/desk").status == 200
    assert here.post("/desk/profilo/password", {"current": PASSWORD, "password": NEW}).status == 303
    assert here.get("/desk").status == 200
    assert here.cookies()["civic"] != before
    assert elsewhere.get("/desk").status == 303
    elsewhere.sign_in(city.editor, NEW)


@on_sqlite
def test_a_password_is_taken_exactly_as_it_was_typed(client, city):
    odd = "  perché è lunga 🐈  "
    client.sign_in(city.editor)
    client.post("/desk/profilo/password", {"current": PASSWORD, "password": odd})
    client.sign_out()
    assert client.post("/desk/accedi", {"email": city.editor, "password": odd.strip()}).status == 422
    client.sign_in(city.editor, odd)
