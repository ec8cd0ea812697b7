"""At the counter: an operator enters for who has no SPID and no computer; the one-person rule holds where she saw a document."""

import pytest
from sqlalchemy import func, select

from civic.journal.models import JournalEntry
from civic.people.models import AssistedEntry, Batch, Citizen, MailLink
from tests import build

on_sqlite = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
DESK = "/desk/sportello"


@pytest.fixture
def clerk(new_client, database, city):
    """The secretary of the first quartiere, signed in."""
    with database.writing() as session:
        build.make_staff(session, "quartiere", scope_ref="Q1", email="q1@prova.example")
        build.make_staff(session, "quartiere", scope_ref="Q2", email="q2@prova.example")
    browser = new_client()
    browser.sign_in("q1@prova.example")
    return browser


def open_batch(browser, **typed):
    page = browser.post(DESK, {"channel": "desk", "place": "Sportello di via Pretoria", "quartiere_code": "Q1"} | typed)
    assert page.status == 303, page.errors
    return page.location


def count(database, table):
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(table))


def test_a_person_without_spid_takes_part_and_is_the_same_when_she_comes_with_spid(clerk, client, sign_in, mailbox, database):
    batch = open_batch(clerk)
    person = clerk.post(batch, {"fiscal_code": build.fiscal_code("maria").lower()}).location
    assert person.startswith(f"{batch}/persona/citizen-")
    assert clerk.post(person, {"kind": "lives", "quartiere_code": "Q1"}).status == 303
    assert clerk.post(f"{person}/eta", seen_at=person).status == 303
    assert clerk.post(f"{person}/posta", {"email": "maria@prova.example"}).status == 303
    mailbox.deliver_now()
    assert client.post(mailbox.link(mailbox.to("maria@prova.example")[-1])).status == 303

    sign_in(client)
    mine = client.get("/area/legami").text()
    assert "Ci abito" in mine
    assert "maria@prova.example" in client.get("/area/posta").text()
    assert count(database, Citizen) == 1
    kinds = {"people.identified", "people.bond_declared", "people.age_declared", "people.address_asked"}
    with database.reading() as session:
        assert set(session.scalars(select(AssistedEntry.kind))) == kinds


@on_sqlite
def test_a_codice_fiscale_that_does_not_add_up_is_not_shown_again(clerk, database):
    page = clerk.post(open_batch(clerk), {"fiscal_code": "RSSMRA85C52Z999X"})
    assert page.status == 422
    assert "non torna" in " ".join(page.errors)
    assert "RSSMRA85C52Z999X" not in page.html
    assert count(database, Citizen) == 0


@on_sqlite
def test_nobody_looks_into_the_batch_of_a_colleague_nor_at_people_she_did_not_identify(clerk, new_client, database):
    batch = open_batch(clerk)
    person = clerk.post(batch, {"fiscal_code": build.fiscal_code("maria")}).location
    other = new_client()
    other.sign_in("q2@prova.example")
    assert other.get(batch).status == 404
    assert other.get(person).status == 404
    mine = open_batch(other, quartiere_code="Q2")
    assert other.get(person.replace(batch, mine)).status == 404, "she identified nobody in her own batch"


@on_sqlite
def test_a_secretary_opens_batches_for_her_own_quartiere_only(clerk, database):
    for quartiere in ("Q2", ""):
        page = clerk.post(DESK, {"channel": "desk", "place": "Altrove", "quartiere_code": quartiere})
        assert page.status == 422
    assert count(database, Batch) == 0


@on_sqlite
def test_nothing_goes_into_a_closed_batch(clerk, database):
    batch = open_batch(clerk)
    page = clerk.get(batch)
    clerk.post(f"{batch}/chiudi", seen_at=batch)
    refused = clerk.send(page, batch, {"fiscal_code": build.fiscal_code("maria")})
    assert refused.status == 422
    assert "chiuso" in refused.text()
    assert count(database, Citizen) == 0


@on_sqlite
def test_what_an_operator_mails_counts_against_her_and_not_against_the_offices_line(clerk, database):
    batch = open_batch(clerk)
    for key in ("maria", "giovanni", "aicha"):
        person = clerk.post(batch, {"fiscal_code": build.fiscal_code(key)}).location
        for n in range(8):
            clerk.post(f"{person}/posta", {"email": f"{key}{n}@prova.example"})
    assert count(database, MailLink) == 24, "more than the twenty an hour of one address of the network"


@on_sqlite
def test_the_counter_writes_down_who_did_it_and_by_which_way(clerk, database):
    batch = open_batch(clerk, channel="paper", place="Moduli della biblioteca")
    clerk.post(batch, {"fiscal_code": build.fiscal_code("maria")})
    with database.reading() as session:
        found = session.scalars(select(Batch)).one()
        assert found.channel == "paper"
        assert found.operator_ref.startswith("staff-")
    assert "Moduli della biblioteca" in clerk.get(DESK).text()


@on_sqlite
def test_on_the_telephone_nobody_is_identified(clerk, database):
    batch = open_batch(clerk, channel="phone", place="Centralino")
    page = clerk.post(batch, {"fiscal_code": build.fiscal_code("maria")})
    assert page.status == 422
    assert "telefono" in page.text()
    assert count(database, Citizen) == 0


@on_sqlite
def test_from_a_paper_form_nobody_gets_an_address_nor_data_nor_is_erased(clerk, database):
    batch = open_batch(clerk, channel="paper")
    person = clerk.post(batch, {"fiscal_code": build.fiscal_code("maria")}).location
    token = {"csrf_token": clerk.get(person).select('input[name="csrf_token"]')[0]["value"]}
    assert clerk.post_raw(f"{person}/posta", token | {"email": "ladro@prova.example", "form_key": "x"}).status in (400, 422)
    assert clerk.post_raw(f"{person}/dati.json", token).status == 400
    assert clerk.post_raw(f"{person}/cancella", token | {"sure": "y"}).status in (400, 422)
    assert count(database, Citizen) == 1
    assert count(database, MailLink) == 0


@on_sqlite
def test_rights_at_the_counter_are_noted_with_who_did_it(clerk, database):
    batch = open_batch(clerk)
    person = clerk.post(batch, {"fiscal_code": build.fiscal_code("maria")}).location
    token = {"csrf_token": clerk.get(person).select('input[name="csrf_token"]')[0]["value"]}
    assert "people_citizen" in clerk.post_raw(f"{person}/dati.json", token).html
    assert clerk.post(f"{person}/cancella", {"sure": "y"}).location == batch
    assert count(database, Citizen) == 0
    with database.reading() as session:
        assert set(session.scalars(select(AssistedEntry.kind))) == {
            "people.identified",
            "people.data_handed_over",
            "people.erased",
        }
        entry = session.scalars(select(JournalEntry).where(JournalEntry.kind == "people.citizen_erased")).one()
        assert entry.author_ref.startswith("staff-")


def test_the_old_address_is_told_that_it_was_replaced(client, new_client, city, sign_in, mailbox):
    sign_in(client)
    for address in ("prima@prova.example", "dopo@prova.example"):
        client.post("/area/posta", {"email": address})
        mailbox.deliver_now()
        new_client().post(mailbox.link(mailbox.to(address)[-1]))
    mailbox.deliver_now()
    assert "è stato dato un altro indirizzo" in mailbox.to("prima@prova.example")[-1].body
