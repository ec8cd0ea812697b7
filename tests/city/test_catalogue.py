"""Offices, services, providers, quartieri, holidays: what the administration changes, and what it cannot."""

from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from civic.city import commands
from civic.city.models import Office, OfficeKind, Provider, Quartiere, Service
from civic.city.queries import holidays_of, office, offices_valid_on, service
from civic.kernel.actor import Actor
from civic.kernel.errors import NotAllowed, Refused
from civic.outbox.models import OutboxMail  # noqa: F401 - the tables of every area are loaded
from tests import build

ADMIN = "/desk/amministrazione"
NOW = build.BUILT
on_sqlite = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)


@pytest.fixture
def administrator(client, city):
    client.sign_in(city.administrator)
    return client


# ---- reorganising ---------------------------------------------------------------------------------------------------------------


def test_a_reorganised_office_hands_on_its_services_and_its_past_keeps_its_name(administrator, database, city):
    with database.writing() as session:
        build.make_office(session, "nuova", name="Direzione Scuola e Sport", valid_from=date(2026, 12, 1))
    path = f"{ADMIN}/uffici/{city.schools}/riorganizza"
    assert "Nidi" in administrator.get(path).text("main")
    assert administrator.post(path, {"ends_on": "2026-11-30", "successor_code": "nuova"}).status == 303

    assert "Direzione Scuola e Sport" in administrator.get("/servizi").text("#nidi")
    assert "Direzione Istruzione" in administrator.get("/programma/azioni/A003").text('section[aria-labelledby="scheda"]')
    with database.reading() as session:
        closed = office(session, city.schools)
        assert (closed.valid_to, closed.successor_code) == (date(2026, 11, 30), "nuova")
        assert service(session, "nidi").office_code == "nuova"
        assert city.schools in [o.code for o in offices_valid_on(session, date(2026, 11, 30))]
        assert city.schools not in [o.code for o in offices_valid_on(session, date(2026, 12, 1))]


def test_after_its_last_day_an_office_stands_among_those_of_the_past_with_who_goes_on(administrator, database, clock, city):
    administrator.post(
        f"{ADMIN}/uffici/{city.schools}/riorganizza", {"ends_on": "2026-11-23", "successor_code": city.environment}
    )
    page = administrator.get("/amministrazione")
    assert "fino al 23 novembre 2026" in page.text(f"#{city.schools}")
    assert page.one(f"#{city.schools}").find_parent("table").select_one("caption").get_text().startswith("Uffici in funzione")
    clock.advance(days=1)
    page = administrator.get("/amministrazione")
    gone = page.one(f"#{city.schools}")
    assert gone.find_parent("table").select_one("caption").get_text() == "Uffici chiusi"
    assert gone.select_one("a")["href"] == f"#{city.environment}"


@pytest.mark.parametrize(
    ("ends_on", "successor", "field"),
    [
        ("2026-11-30", "", "successor_code"),
        ("2026-11-30", "direzione-istruzione", "successor_code"),
        ("2026-11-30", "futura", "successor_code"),
        ("2026-11-30", "passata", "successor_code"),
        ("2019-12-31", "direzione-ambiente", "valid_to"),
        ("", "direzione-ambiente", "ends_on"),
    ],
)
@on_sqlite
def test_an_office_goes_on_only_into_one_that_exists_the_day_after(administrator, database, city, ends_on, successor, field):
    with database.writing() as session:
        build.make_office(session, "futura", valid_from=date(2026, 12, 2))
        build.make_office(session, "passata", valid_to=date(2026, 11, 30))
        session.get_one(Office, city.schools).valid_from = date(2020, 1, 1)
    path = f"{ADMIN}/uffici/{city.schools}/riorganizza"
    page = administrator.post(path, {"ends_on": ends_on, "successor_code": successor})
    assert page.status == 422
    assert page.errors
    assert page.one("#ends_on").get("value", "") == ends_on
    if field != "valid_to":
        assert f"#{field}" in page.links("#errori a")
    with database.reading() as session:
        assert office(session, city.schools).valid_to is None
        assert service(session, "nidi").office_code == city.schools
    assert administrator.post(path, {"ends_on": "2026-11-30", "successor_code": city.environment}).status == 303


def test_an_office_closes_once_and_never_into_itself_or_its_own_past(database, city):
    def close(code, into, day=date(2026, 11, 30)):
        with database.writing() as session:
            commands.reorganise_office(session, build.BUILDER, code, ends_on=day, successor_code=into, now=NOW)

    with pytest.raises(Refused, match="Scegli"):
        close(city.schools, city.schools)
    close(city.schools, city.environment)
    with pytest.raises(Refused, match="già chiuso dal 2026-11-30"):
        close(city.schools, city.environment)
    with pytest.raises(Refused, match="non esiste ancora, o non più"):
        close(city.environment, city.schools, date(2027, 1, 31))


def test_the_last_day_of_an_office_that_handed_on_its_work_cannot_be_taken_back(administrator, database, city):
    administrator.post(
        f"{ADMIN}/uffici/{city.schools}/riorganizza", {"ends_on": "2026-11-30", "successor_code": city.environment}
    )
    path = f"{ADMIN}/uffici/{city.schools}"
    page = administrator.post(path, {"valid_to": "", "name": "Nome corretto"})
    assert page.status == 422
    assert "#valid_to" in page.links("#errori a")
    assert page.one("#name")["value"] == "Nome corretto"
    assert administrator.post(path, {"name": "Nome corretto", "valid_to": "2026-12-31"}).status == 303


@on_sqlite
def test_offices_form_no_circle_and_no_office_stands_above_itself(administrator, city):
    below = f"{ADMIN}/uffici/{city.schools}"
    assert city.schools not in [o["value"] for o in administrator.get(below).select("#parent_code option")]
    administrator.post(below, {"parent_code": city.environment})
    page = administrator.post(f"{ADMIN}/uffici/{city.environment}", {"parent_code": city.schools})
    assert page.status == 422
    assert "#parent_code" in page.links("#errori a")


# ---- the database itself --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE city_office SET valid_from = '2026-01-02', valid_to = '2026-01-01'",
        "UPDATE city_office SET successor_code = 'direzione-ambiente' WHERE code = 'direzione-istruzione'",
        "UPDATE city_office SET parent_code = code",
        "INSERT INTO city_ente (id, name, short_name, tagline_it, tagline_en, region, region_url, ipa_code, address, postal_code, town, phone,"
        " email, pec, vat_number, site_url, privacy_contact, version) VALUES (2, 'x', 'x', '', '', '', '', '', '', '', '', '', '', '', '', '', '', 1)",
        "INSERT INTO city_holiday (month, day, every, name_it, name_en) VALUES (13, 1, 0, 'x', '')",
        "INSERT INTO city_threshold (name, value) VALUES ('cell_min_n', 0)",
        "INSERT INTO city_silence_window (starts_on, ends_on, reason) VALUES ('2026-01-02', '2026-01-01', 'x')",
        "UPDATE city_quartiere SET number = 1",
        "UPDATE city_service SET office_code = 'nessuno'",
        "DELETE FROM city_office WHERE code = 'direzione-istruzione'",
    ],
)
def test_the_database_refuses_what_cannot_be(database, city, change):
    with pytest.raises(IntegrityError), database.writing() as session:
        session.execute(text(change))


# ---- codes and versions ---------------------------------------------------------------------------------------------------------

NEW = {
    "uffici": {"code": "direzione-ambiente", "name": "Altro nome", "kind": "ufficio"},
    "servizi": {"code": "nidi", "name_it": "Altro nome", "category": "Altro", "office_code": "direzione-ambiente"},
    "gestori": {"code": "acqua-spa", "name": "Altro nome", "kind": "fondazione"},
    "quartieri": {"code": "Q1", "number": "9", "name": "Altro nome"},
}
TABLES = {"uffici": Office, "servizi": Service, "gestori": Provider, "quartieri": Quartiere}


@pytest.mark.parametrize("things", NEW)
def test_a_code_that_is_taken_is_refused_and_what_has_it_is_untouched(administrator, database, city, things):
    path, typed = f"{ADMIN}/{things}/nuovo", NEW[things]
    page = administrator.post(path, typed)
    assert page.status == 422
    assert "#code" in page.links("#errori a")
    assert page.one('[name="name"], [name="name_it"]')["value"] == "Altro nome"
    with database.reading() as session:
        there = session.get_one(TABLES[things], typed["code"])
        assert "Altro nome" not in (getattr(there, "name", ""), getattr(there, "name_it", ""))
    assert administrator.post(path, typed | {"code": "libero"}).status == 303
    assert "Altro nome" in administrator.get(f"{ADMIN}/{things}/libero").html


@on_sqlite
@pytest.mark.parametrize("code", ["", "due parole", "à", "-a", "a" * 61, "a/b", "nuovo", "a\nb"])
@pytest.mark.parametrize("things", NEW)
def test_a_code_is_short_and_plain(administrator, things, code):
    page = administrator.post(f"{ADMIN}/{things}/nuovo", NEW[things] | {"code": code})
    assert page.status == 422
    assert "#code" in page.links("#errori a")


@on_sqlite
def test_a_number_of_a_quartiere_belongs_to_one(administrator, database, city):
    page = administrator.post(f"{ADMIN}/quartieri/Q2", {"number": "1", "name": "Nome scritto"})
    assert page.status == 422
    assert "#number" in page.links("#errori a")
    assert page.one("#name")["value"] == "Nome scritto"
    assert administrator.post(f"{ADMIN}/quartieri/Q2", {"number": "3"}).status == 303


@on_sqlite
@pytest.mark.parametrize("population", ["-5", "tanti", "99999999999", "1.5"])
def test_inhabitants_are_a_number_of_people_or_not_known(administrator, population):
    page = administrator.post(f"{ADMIN}/quartieri/Q1", {"population": population})
    assert page.status == 422
    assert page.one("#population")["value"] == population
    assert administrator.post(f"{ADMIN}/quartieri/Q1", {"population": ""}).status == 303
    assert "Abitanti: dato non noto" in administrator.get("/amministrazione").text("main")


STALE = {
    "ente": ("/ente", "tagline_it"),
    "office": ("/uffici/direzione-ambiente", "name_en"),
    "service": ("/servizi/nidi", "category"),
    "mail": ("/messaggi/people.invited", "subject"),
}


@pytest.mark.parametrize("thing", STALE)
def test_the_second_of_two_who_edit_the_same_thing_is_told_and_loses_nothing(new_client, city, thing):
    path, field = f"{ADMIN}{STALE[thing][0]}", STALE[thing][1]
    first, second = new_client(), new_client()
    for browser in (first, second):
        browser.sign_in(city.administrator)
    opened = second.get(path)
    assert first.post(path, {field: "Scritto dalla prima"}).status == 303
    page = second.send(opened, path, {field: "Scritto dalla seconda"})
    assert page.status == 409
    assert "nel frattempo" in " ".join(page.errors)
    assert page.one(f"#{field}")["value"] == "Scritto dalla seconda"
    assert first.get(path).one(f"#{field}")["value"] == "Scritto dalla prima"
    assert second.send(page, path).status == 303, "having been told, she may insist"
    assert first.get(path).one(f"#{field}")["value"] == "Scritto dalla seconda"


@on_sqlite
def test_who_may_not_edit_changes_nothing(database, city):
    nobody = Actor(label="nessuno")
    attempts = (
        lambda s: commands.set_identity(s, nobody, commands.EnteData(name="x", short_name="x"), version=1, now=NOW),
        lambda s: commands.add_footer_link(s, nobody, label_it="x", label_en="", url="https://x", position=0, now=NOW),
        lambda s: commands.remove_footer_link(s, nobody, 1, now=NOW),
        lambda s: commands.set_threshold(s, nobody, "cell_min_n", 9, now=NOW),
        lambda s: commands.change_mail(s, nobody, "people.invited", subject="x", body="x", version=0, now=NOW),
        lambda s: commands.schedule_silence(s, nobody, starts_on=NOW.date(), ends_on=NOW.date(), reason="x", now=NOW),
        lambda s: commands.add_office(s, nobody, commands.OfficeData(code="x", name="x", kind=OfficeKind.UFFICIO), now=NOW),
        lambda s: commands.reorganise_office(
            s, nobody, city.schools, ends_on=NOW.date(), successor_code=city.environment, now=NOW
        ),
        lambda s: commands.save_quartiere(s, nobody, commands.QuartiereData(code="x", number=9, name="x"), now=NOW),
        lambda s: commands.add_holiday(s, nobody, month=1, day=2, every=0, name_it="x", name_en="", now=NOW),
        lambda s: commands.answer_report(s, nobody, "x", answer="x", link="%s", site="x", now=NOW),
    )
    for attempt in attempts:
        with pytest.raises(NotAllowed), database.writing() as session:
            attempt(session)


# ---- holidays -------------------------------------------------------------------------------------------------------------------


def _listed(page):
    return [text.replace(" ,", ",") for text in page.texts("main ul li")]


def test_the_city_keeps_its_patrons_day_beside_the_national_ones(administrator, database, city):
    path = f"{ADMIN}/festivita"
    patron = {"day": "24", "month": "6", "every": "", "name_it": "San Giovanni"}
    assert administrator.post(path, patron).status == 303
    listed = _listed(administrator.get(path))
    assert "24 giugno 2026, San Giovanni" in listed
    assert "6 aprile 2026, Lunedì dell'Angelo" in listed
    page = administrator.post(path, patron | {"name_it": "Di nuovo"})
    assert page.status == 422
    assert "c'è già" in page.errors[0]
    assert page.one("#name_it")["value"] == "Di nuovo"
    with database.reading() as session:
        for year in (2025, 2026, 2027):
            assert date(year, 6, 24) in {h.day for h in holidays_of(session, year)}
    (button,) = administrator.get(path).select('form[action$="/togli"]')
    administrator.post(button["action"], seen_at=path)
    assert "24 giugno 2026, San Giovanni" not in _listed(administrator.get(path))


@on_sqlite
@pytest.mark.parametrize(
    ("day", "month", "every", "good"),
    [
        ("29", "2", "", True),
        ("29", "2", "2028", True),
        ("29", "2", "2027", False),
        ("31", "4", "", False),
        ("0", "1", "", False),
        ("1", "13", "", False),
        ("x", "1", "", False),
        ("1", "1", "12", False),
    ],
)
def test_a_holiday_is_a_day_that_exists(administrator, day, month, every, good):
    page = administrator.post(f"{ADMIN}/festivita", {"day": day, "month": month, "every": every, "name_it": "Festa"})
    assert page.status == (303 if good else 422)
    assert good or page.errors


@on_sqlite
def test_the_29th_of_february_is_a_holiday_in_leap_years_only(administrator, database):
    administrator.post(f"{ADMIN}/festivita", {"day": "29", "month": "2", "name_it": "Festa"})
    with database.reading() as session:
        assert date(2028, 2, 29) in {h.day for h in holidays_of(session, 2028)}
        assert len(holidays_of(session, 2027)) == 12
        assert len(holidays_of(session, 2028)) == 13


def test_an_office_of_tomorrow_is_announced_as_such(client, database, clock, city):
    with database.writing() as session:
        build.make_office(session, "domani", name="Ufficio di domani", valid_from=clock().date() + timedelta(days=1))
    caption = client.get("/amministrazione").one("#domani").find_parent("table").select_one("caption")
    assert "non ancora in funzione" in caption.get_text()
