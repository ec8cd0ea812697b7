"""Associations and bodies: one registration, verified by an operator, listed for everyone."""

import threading

import pytest
from sqlalchemy import func, select

from civic.people.models import Body, Citizen
from tests import build

on_sqlite = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
NEW = "/area/associazioni/nuova"
TYPED = {
    "name": "Amici del parco",
    "kind": "association",
    "fiscal_code": "01307110484",
    "purpose": "Cura del verde e feste di quartiere",
    "role": "presidente",
}


@pytest.fixture
def clerk(new_client, database, city):
    with database.writing() as session:
        build.make_staff(session, "counter", email="sportello@prova.example")
    browser = new_client()
    browser.sign_in("sportello@prova.example")
    return browser


def count(database):
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(Body))


def test_a_registration_waits_for_an_operator_and_then_everyone_sees_it(maria, clerk, new_client, mailbox, by_mail):
    assert maria.post(NEW, TYPED).location == "/area"
    assert "In attesa di verifica" in maria.get("/area").text()
    assert "Amici del parco" not in new_client().get("/associazioni").text()
    href = next(link for link in clerk.get("/desk/associazioni").links() if "amici-del-parco" in link)
    code = href.rpartition("/")[2]
    assert new_client().get(f"/associazioni/{code}").status == 404, "not before somebody verified it"
    assert clerk.post(href, {"state": "verified"}).location == "/desk/associazioni"
    assert "Amici del parco" in new_client().get("/associazioni").text()
    page = new_client().get(f"/associazioni/{code}")
    assert "Cura del verde" in page.text()
    assert "presidente" not in page.text(), "who speaks for it is nobody's business"
    file = new_client().get("/associazioni.csv")
    assert "01307110484" in file.html
    assert clerk.post(href, {"state": "closed"}).status == 422, "closing needs a reason"
    assert clerk.post(href, {"state": "closed", "reason": "Sciolta"}).status == 303
    assert new_client().get(f"/associazioni/{code}").status == 404


def test_one_codice_fiscale_is_one_registration_until_it_is_refused(maria, clerk, database):
    maria.post(NEW, TYPED)
    twice = maria.post(NEW, TYPED | {"name": "Un altro nome"})
    assert twice.status == 422
    assert "c'è già un'iscrizione" in " ".join(twice.errors)
    assert twice.one("#name")["value"] == "Un altro nome"
    href = next(link for link in clerk.get("/desk/associazioni").links() if "amici-del-parco" in link)
    clerk.post(href, {"state": "refused", "reason": "Manca lo statuto"})
    assert "Manca lo statuto" in maria.get("/area").text()
    assert maria.post(NEW, TYPED).status == 303
    assert count(database) == 2


def test_the_same_form_sent_five_times_at_once_is_one_registration(maria, database):
    page = maria.get(NEW)
    threads = [threading.Thread(target=lambda: maria.send(page, NEW, TYPED)) for _n in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert count(database) == 1


@on_sqlite
@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"fiscal_code": "01307110485"}, "undici cifre"),
        ({"fiscal_code": build.fiscal_code("maria")}, "undici cifre"),
        ({"name": ""}, "obbligatorio"),
        ({"website": "javascript:alert(1)"}, "https://"),
        ({"email": "non è"}, "posta"),
        ({"purpose": "x" * 1001}, "Accorcia"),
    ],
)
def test_a_mistake_in_a_registration_is_told_where_it_is_and_nothing_is_lost(maria, database, typed, says):
    page = maria.post(NEW, TYPED | typed)
    assert page.status == 422
    assert says in " ".join(page.errors)
    assert page.one("#role")["value"] == "presidente"
    assert count(database) == 0


@on_sqlite
def test_erasing_oneself_leaves_the_association_and_takes_away_who_spoke_for_it(maria, clerk, database):
    maria.post(NEW, TYPED)
    maria.post("/area/cancella", {"sure": "y"})
    assert count(database) == 1
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Citizen)) == 0


@on_sqlite
def test_the_public_register_costs_the_same_whatever_its_length(client, database, city, query_count, app):
    with database.writing() as session:
        citizen = build.make_citizen(session, b"p")
        build.make_body(session, citizen, "Prima")
    with query_count(app) as few:
        client.get("/associazioni")
    with database.writing() as session:
        for n, code in enumerate(valid_codes(40)):
            build.make_body(session, session.scalars(select(Citizen)).one(), f"Numero {n}", fiscal_code=code)
    with query_count(app) as many:
        client.get("/associazioni")
    assert len(many) == len(few)


def valid_codes(n):
    """Codici fiscali of bodies that do not exist, with the right last digit."""
    for number in range(n):
        first = f"999{number:07d}"
        digits = [int(c) for c in first]
        doubled = [d * 2 - 9 if d > 4 else d * 2 for d in digits[1::2]]
        yield f"{first}{(10 - (sum(digits[::2]) + sum(doubled)) % 10) % 10}"
