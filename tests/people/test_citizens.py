"""A citizen comes in with SPID or by mail, declares what ties her to the city, sees her data, and goes for good."""

import json
import re

import pytest
from sqlalchemy import func, select

from civic.kernel.db import Model
from civic.kernel.keys import keyed
from civic.people.models import Citizen, CitizenSession, MailLink
from civic.rights import retention
from tests import build
from tests.client import Client

on_sqlite = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
ADDRESS = "maria.rossi@prova.example"


def count(database, table):
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(table))


def dump(database):
    """Every value of every table, as one text."""
    with database.reading() as session:
        tables = Model.metadata.sorted_tables
        return "\n".join(repr(row) for t in tables for row in session.execute(select(t)))


# ---- the whole story -------------------------------------------------------------------------------------------------


def test_maria_comes_in_confirms_an_address_sees_her_data_and_erases_herself(client, city, sign_in, mailbox, database):
    assert client.get("/area").location == "/accedi?next=/area"
    assert sign_in(client, onward="/area").location == "/area"
    home = client.get("/area")
    assert "Identità verificata" in home.text()

    assert client.post("/area/posta", {"email": ADDRESS.upper()}).location == "/accedi/posta"
    mailbox.deliver_now()
    link = mailbox.link(mailbox.to(ADDRESS)[-1])
    assert client.get(link).status == 200
    assert client.post(link).location == "/accedi/confermato"
    assert ADDRESS in client.get("/area/posta").text()

    bond = client.post("/area/legami", {"kind": "lives", "quartiere_code": "Q1"})
    assert bond.location == "/area/legami"
    file = client.get("/area/dati.json")
    assert file.headers["Content-Disposition"].startswith("attachment")
    told = json.loads(file.html)["data"]
    assert told["people_citizen"][0]["email"] == ADDRESS
    assert told["people_bond"][0]["quartiere_code"] == "Q1"

    page = client.get("/area/cancella")
    assert "caselle" in page.text() or "casella" in page.text()
    assert client.post("/area/cancella", {}).status == 422
    assert client.post("/area/cancella", {"sure": "y"}).location == "/area/cancellata"
    assert client.get("/area").location.startswith("/accedi")
    left = dump(database)
    assert ADDRESS not in left.lower()
    assert build.fiscal_code("maria") not in left
    assert keyed(client.app.extensions["civic"].pepper, "person", build.fiscal_code("maria")) not in left
    assert count(database, Citizen) == count(database, CitizenSession) == count(database, MailLink) == 0


def test_the_codice_fiscale_and_the_name_are_kept_nowhere(maria, database, config):
    kept = dump(database)
    for secret in (build.fiscal_code("maria"), "Maria", "Rossi", "TINIT"):
        assert secret not in kept
    assert build.fiscal_code("maria") not in str(maria.cookies())
    assert count(database, Citizen) == 1


# ---- one person, one account -----------------------------------------------------------------------------------------


def test_the_same_person_twice_is_one_account_and_another_is_another(new_client, city, sign_in, database):
    sign_in(new_client())
    sign_in(new_client())
    assert count(database, Citizen) == 1
    sign_in(new_client(), "giovanni")
    assert count(database, Citizen) == 2


def test_who_came_by_mail_and_then_proves_who_she_is_keeps_her_account(client, city, by_mail, sign_in, database):
    by_mail(client, ADDRESS)
    client.post("/area/legami", {"kind": "works", "quartiere_code": "Q1"})
    assert "Posta elettronica confermata" in client.get("/area").text()
    sign_in(client)
    assert "Identità verificata" in client.get("/area").text()
    assert "Ci lavoro" in client.get("/area/legami").text()
    assert count(database, Citizen) == 1


@on_sqlite
def test_an_address_of_another_account_is_not_taken_over(client, new_client, city, by_mail, sign_in, mailbox):
    by_mail(new_client(), ADDRESS)
    sign_in(client)
    client.post("/area/posta", {"email": ADDRESS})
    mailbox.deliver_now()
    refused = client.post(mailbox.link(mailbox.to(ADDRESS)[-1]))
    assert refused.status == 422
    assert "altro accesso" in refused.text()
    assert ADDRESS not in client.get("/area/posta").text()


def test_a_link_that_somebody_forwards_never_ties_her_identity_to_his_account(
    client, new_client, city, sign_in, mailbox, database
):
    thief, maria = new_client(), client
    thief.post("/accedi", {"email": "ladro@prova.example"})
    mailbox.deliver_now()
    link = mailbox.link(mailbox.to("ladro@prova.example")[-1])
    maria.post(link)
    sign_in(maria)
    maria.post("/area/legami", {"kind": "lives", "quartiere_code": "Q1"})
    with database.reading() as session:
        verified = session.scalars(select(Citizen).where(Citizen.subject_key.is_not(None))).one()
        assert verified.email is None
    assert count(database, Citizen) == 2


@on_sqlite
@pytest.mark.parametrize("bad", ["/accedi/eid", "/en/accedi/eid", "/esci", "/uscita"])
def test_after_entering_nobody_is_sent_to_another_entrance(client, city, mailbox, bad):
    page = client.get(f"/accedi?next={bad}")
    assert client.send(page, f"/accedi?next={bad}", {"email": ADDRESS}).location == "/accedi/posta"
    mailbox.deliver_now()
    assert client.post(mailbox.link(mailbox.to(ADDRESS)[-1])).location == "/area"


@on_sqlite
def test_entering_as_a_citizen_closes_the_desk_and_the_other_way_round(client, new_client, city, sign_in, by_mail):
    client.sign_in(city.editor)
    old = client.cookies()["civic"]
    by_mail(client, ADDRESS)
    stale = new_client()
    stale._flask.set_cookie("civic", old, domain="localhost")
    assert stale.get("/desk").status == 303
    mine = client.cookies()["civic"]
    client.sign_in(city.editor)
    stale = new_client()
    stale._flask.set_cookie("civic", mine, domain="localhost")
    assert stale.get("/area").status == 303


@on_sqlite
def test_what_a_thirteen_year_old_declared_by_mail_falls_when_the_identity_says_otherwise(
    client, city, by_mail, sign_in, database
):
    by_mail(client, "luca@prova.example")
    client.post("/area/eta", seen_at="/area/legami")
    sign_in(client, "luca")
    with database.reading() as session:
        assert session.scalars(select(Citizen.over_14)).one() is None


def test_erasing_takes_the_mail_to_an_address_that_was_not_confirmed_yet(maria, mailbox, database):
    maria.post("/area/posta", {"email": ADDRESS})
    maria.post("/area/cancella", {"sure": "y"})
    mailbox.deliver_now()
    assert mailbox.to(ADDRESS) == []
    assert ADDRESS not in dump(database)


# ---- links by mail ---------------------------------------------------------------------------------------------------


def test_opening_a_link_does_nothing_and_its_button_acts_once(client, new_client, city, mailbox, database):
    client.post("/accedi", {"email": ADDRESS})
    mailbox.deliver_now()
    link = mailbox.link(mailbox.to(ADDRESS)[-1])
    scanner = new_client()
    for _time in range(3):
        assert scanner.get(link).status == 200
    assert count(database, Citizen) == 0
    page = client.get(link)
    assert client.send(page, link).location == "/area"
    assert client.get("/area").status == 200
    again = new_client().get(link)
    assert again.status == 410
    assert client.send(page, link).status in (400, 410), "the page is from before the session it began"


@on_sqlite
def test_a_link_is_old_after_half_an_hour(client, city, mailbox, clock):
    client.post("/accedi", {"email": ADDRESS})
    mailbox.deliver_now()
    clock.advance(minutes=31)
    assert client.get(mailbox.link(mailbox.to(ADDRESS)[-1])).status == 410


@on_sqlite
def test_a_known_and_an_unknown_address_get_the_same_answer(client, new_client, city, by_mail):
    by_mail(new_client(), ADDRESS)
    known, unknown = client.post("/accedi", {"email": ADDRESS}), client.post("/accedi", {"email": "nessuno@prova.example"})
    assert (known.status, known.location, known.html) == (unknown.status, unknown.location, unknown.html)


def test_a_thousand_requests_for_one_address_are_three_mails_an_hour(client, city, mailbox, database):
    for _time in range(12):
        assert client.post("/accedi", {"email": ADDRESS}).location == "/accedi/posta"
    mailbox.deliver_now()
    assert len(mailbox.to(ADDRESS)) == 3
    assert count(database, MailLink) == 3


# ---- sessions --------------------------------------------------------------------------------------------------------


def test_signing_out_ends_the_session_here_and_at_the_provider(maria, new_client, database):
    stolen = maria.cookies()["civic"]
    page = maria.post("/esci", seen_at="/area")
    assert page.status == 200
    target = page.one('meta[http-equiv="refresh"]')["content"]
    assert "/eid/logout?" in target
    assert "id_token_hint=" in target
    assert "post_logout_redirect_uri=http%3A%2F%2Flocalhost%2Fuscita" in target
    thief = new_client()
    thief._flask.set_cookie("civic", stolen, domain="localhost")
    assert thief.get("/area").location.startswith("/accedi")
    assert count(database, CitizenSession) == 0


def test_the_session_is_new_after_signing_in(client, city, sign_in):
    client.get("/accedi")
    before = client.cookies().get("civic")
    sign_in(client)
    assert client.cookies()["civic"] != before
    first = client.cookies()["civic"]
    sign_in(client)
    other = Client(client.app)
    other._flask.set_cookie("civic", first, domain="localhost")
    assert other.get("/area").location.startswith("/accedi"), "the old session went when the new one began"


@on_sqlite
@pytest.mark.parametrize(("idle_minutes", "rounds"), [(61, 1), (50, 15)])
def test_a_session_ends_after_an_hour_of_silence_and_after_twelve_in_all(maria, clock, idle_minutes, rounds):
    for _round in range(rounds):
        clock.advance(minutes=idle_minutes)
        last = maria.get("/area")
    assert last.location.startswith("/accedi")


@on_sqlite
def test_staff_and_citizens_do_not_open_each_others_doors(maria, new_client, city):
    assert maria.get("/desk").status == 403
    clerk = new_client()
    clerk.sign_in(city.editor)
    assert clerk.get("/area").location.startswith("/accedi")


@on_sqlite
def test_what_is_over_is_deleted_by_the_retention_job(maria, mailbox, clock, database):
    maria.post("/area/posta", {"email": ADDRESS})
    assert count(database, CitizenSession) == count(database, MailLink) == 1
    clock.advance(hours=13)
    with database.writing() as session:
        assert retention.purge(session, clock()) >= 2
        assert retention.purge(session, clock()) == 0
    assert count(database, CitizenSession) == count(database, MailLink) == 0
    assert count(database, Citizen) == 1


# ---- eligibility -----------------------------------------------------------------------------------------------------


@on_sqlite
def test_a_thirteen_year_old_is_told_kindly_and_nothing_of_it_is_kept(client, city, sign_in, database):
    sign_in(client, "luca")
    assert "14" in client.get("/area/legami").text()
    refused = client.post_raw(
        "/area/eta", {"csrf_token": client.get("/area/legami").select('input[name="csrf_token"]')[0]["value"]}
    )
    assert refused.status == 400
    assert "14 anni" in refused.text()
    with database.reading() as session:
        assert session.scalar(select(Citizen.over_14)) is None


@on_sqlite
def test_the_age_is_kept_only_with_consent_and_can_be_taken_back(maria, database):
    def kept():
        with database.reading() as session:
            return session.scalar(select(Citizen.over_14))

    assert kept() is None
    maria.post("/area/eta", seen_at="/area/legami")
    assert kept() is True
    maria.post("/area/eta/dimentica", seen_at="/area/legami")
    assert kept() is None


def test_one_lives_in_one_quartiere_and_works_in_several(maria, database):
    with database.writing() as session:
        build.make_quartiere(session, "Q7")
    for kind, where in (("works", "Q1"), ("works", "Q7"), ("lives", "Q1")):
        assert maria.post("/area/legami", {"kind": kind, "quartiere_code": where}).status == 303
    second = maria.post("/area/legami", {"kind": "lives", "quartiere_code": "Q7"})
    assert second.status == 422
    assert "un quartiere solo" in " ".join(second.errors)
    twice = maria.post("/area/legami", {"kind": "works", "quartiere_code": "Q7"})
    assert "c'è già" in " ".join(twice.errors)


@on_sqlite
def test_nobody_takes_away_the_bond_of_another(maria, new_client, sign_in, database):
    maria.post("/area/legami", {"kind": "lives", "quartiere_code": "Q1"})
    other = new_client()
    sign_in(other, "giovanni")
    token = other.get("/area/legami").select('input[name="csrf_token"]')[0]["value"]
    assert other.post_raw("/area/legami/1/togli", {"csrf_token": token}).status == 404
    assert "Ci abito" in maria.get("/area/legami").text()


# ---- residence -------------------------------------------------------------------------------------------------------


def test_who_is_wrongly_refused_asks_the_office_and_is_heard(maria, new_client, database, city, mailbox, config):
    with database.writing() as session:
        build.make_staff(session, "counter", email="sportello@prova.example")
        build.list_residents(session, config, {"giovanni": "Q1"})
    maria.post("/area/legami", {"kind": "lives", "quartiere_code": "Q1"})
    page = maria.get("/area/legami")
    assert "verifica con l'ufficio" in page.text()
    asking = maria.get("/area/residenza")
    assert maria.send(asking, "/area/residenza", {"note": "Mi sono trasferita a ottobre."}).location == "/area/legami"
    again = maria.send(asking, "/area/residenza", {"note": "Ancora io."})
    assert "già in attesa" in " ".join(again.errors)

    clerk = new_client()
    clerk.sign_in("sportello@prova.example")
    listed = clerk.get("/desk/residenze")
    href = next(link for link in listed.links() if re.fullmatch(r"/desk/residenze/[A-Z0-9-]+", link))
    assert "Mi sono trasferita" in clerk.get(href).text()
    assert clerk.post(href, {"granted": "1", "answer": "Verificato in anagrafe."}).location == "/desk/residenze"
    twice = clerk.post(href, {"granted": "0", "answer": "No."}) if clerk.get(href).select("main form") else None
    assert twice is None or twice.status == 422
    mine = maria.get("/area/legami").text()
    assert "Verificato in anagrafe." in mine or "Verificato in anagrafe." in maria.get("/area").text()
    assert "verificata dall'ufficio" in mine


def test_a_listed_residence_counts_at_once(client, city, sign_in, database, config):
    with database.writing() as session:
        build.list_residents(session, config, {"maria": "Q1"})
    sign_in(client)
    client.post("/area/legami", {"kind": "lives", "quartiere_code": "Q1"})
    assert "risulta dall'anagrafe" in client.get("/area/legami").text()
