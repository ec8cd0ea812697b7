"""What a reader finds: filters, search, percentages with their base and day, the whole history, and files for machines."""

import csv
import io
from datetime import date, timedelta
from urllib.parse import quote, urlencode
from xml.etree import ElementTree

import pytest

from civic.city import commands as city_commands
from civic.journal.commands import publish_head
from civic.planning.models import ActionKind, Status, Voice
from civic.planning.queries.actions import action_by_code
from tests import build

ATOM = "{http://www.w3.org/2005/Atom}"
on_sqlite = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)


def found(client, /, **filters):
    page = client.get("/programma?" + urlencode(filters))
    assert page.status == 200
    codes = [link.rpartition("/")[2] for link in page.links("ul.civic-actions h3 a")]
    assert page.text("#elenco").startswith(f"{len(codes)} voc") or len(codes) == 30
    return codes


# ---- filters and search ----------------------------------------------------------------------------------------------


NARROWED = (
    ({}, ["A001", "A002", "A003", "A004", "A005", "A006"]),
    ({"mandato": "2024-2029"}, ["A001", "A002", "A003", "A004", "A005", "A006"]),
    ({"mandato": "2019-2024"}, []),
    ({"indirizzo": "D1"}, ["A001", "A003"]),
    ({"stato": "critical"}, ["A002"]),
    ({"quartiere": "Q2"}, ["A002"]),
    ({"argomento": "scuola"}, ["A003", "A004"]),
    ({"argomento": "SCUOLA"}, ["A003", "A004"]),
    ({"tipo": "priority"}, ["A006"]),
    ({"argomento": "scuola", "stato": "completed"}, ["A003"]),
    ({"indirizzo": "D1", "quartiere": "Q1", "stato": "in_progress", "argomento": "clima", "q": "alberi"}, ["A001"]),
    ({"indirizzo": "D1", "stato": "critical"}, []),
    ({"q": "albero"}, ["A001"]),
    ({"q": "scuole"}, ["A003", "A004"]),
    ({"q": "scuola"}, ["A003", "A004"]),
    ({"q": "tre scuola aprire"}, ["A003"]),
    ({"q": "scuole alberi"}, []),
    ({"q": "A002"}, ["A002"]),
    ({"q": "il la e"}, ["A001", "A002", "A003", "A004", "A005", "A006"]),
)


def test_each_filter_narrows_and_filters_combine(client, city):
    for filters, codes in NARROWED:
        assert (filters, found(client, **filters)) == (filters, codes)


def test_a_reader_who_writes_scuola_finds_the_schools_of_florence(client, florence):
    one, many = found(client, q="scuola"), found(client, q="scuole")
    assert one == many
    assert len(one) > 3


def test_the_form_shows_what_is_filtered_and_a_way_out(client, city):
    page = client.get("/programma?argomento=scuola&stato=planned&q=Azione")
    assert page.one("#q")["value"] == "Azione"
    assert page.one("#stato option[selected]")["value"] == "planned"
    assert page.one("#argomento option[selected]")["value"] == "scuola"
    assert "/programma" in page.links("form.civic-filter a")
    (csv_link,) = (link for link in page.links("main a") if "programma.csv" in link)
    rows = list(csv.DictReader(io.StringIO(client.get(csv_link).html)))
    assert [row["code"] for row in rows] == ["A004"]


def test_a_search_that_finds_nothing_says_what_to_try(client, city):
    page = client.get("/programma?q=astronave")
    assert "Nessuna voce corrisponde" in page.text(".civic-empty")
    assert not page.select("ul.civic-actions")
    assert not page.select(".civic-progress")


def test_a_page_beyond_the_end_leads_back_with_the_same_filters(client, city):
    page = client.get("/programma?argomento=scuola&pagina=7")
    assert page.status == 200
    assert "Questa pagina non esiste" in page.text(".civic-empty")
    assert "/programma?argomento=scuola&pagina=1" in page.links("main a")


def test_thirty_actions_a_page_and_none_twice(client, florence):
    first, second = client.get("/programma"), client.get("/programma?pagina=2")
    assert len(first.select("ul.civic-actions > li")) == 30
    assert not set(first.links("ul.civic-actions h3 a")) & set(second.links("ul.civic-actions h3 a"))
    total = sum(len(client.get(f"/programma?pagina={n}").select("ul.civic-actions > li")) for n in range(1, 6))
    assert total == 121


WEIRD = [
    "pagina=0",
    "pagina=-1",
    "pagina=1e9",
    "pagina=1000000000",
    "pagina=99999",
    "pagina=dieci",
    "pagina=%C2%B2",
    "pagina=",
    "pagina=1&pagina=2",
    "stato=fatto",
    "stato=%00",
    "tipo=x",
    "mandato=%27%3B--",
    "quartiere=%00&q=%00",
    "q=" + "a" * 5_000,
    "q=" + quote("scuola " * 200),
    "q=%22",
    "q=%22scuola",
    "q=*",
    "q=scuola*",
    "q=AND+OR+NOT",
    "q=NEAR(a",
    "q=-scuola",
    "q=a:b",
    "q=%27",
    "q=%25",
    "q=%5C",
    "q=%F0%9F%8C%B3",
    "q=%FF%FE",
    "endpoint=x",
    "_method=POST",
    "_scheme=javascript&_external=1",
    "_anchor=x",
    "values=x",
    "%00=1",
    "q[]=1",
    "&&&=",
    "q=%3Cscript%3Ealert(1)%3C/script%3E",
]


@pytest.mark.parametrize("path", ["/programma", "/programma.csv", "/programma/stati.atom", "/programma/indirizzi/D1"])
def test_no_address_that_a_stranger_makes_up_breaks_a_page(client, city, path):
    for query in WEIRD:
        page = client.get(f"{path}?{query}")
        assert page.status == 200, page
        assert not page.is_html or not [link for link in page.links("a") if link.lower().startswith("javascript")]


NOWHERE = (
    "/programma/azioni/a%00b",
    "/programma/indirizzi/%00",
    "/peg/%00",
    "/segnalazioni/%00",
    "/programma/azioni/%FF",
    "/programma/azioni/A001/",
    "/programma/azioni/" + "a" * 3_000,
)


def test_an_address_that_names_nothing_is_a_page_not_found(client, city):
    assert [path for path in NOWHERE if client.get(path).status != 404] == []


@on_sqlite
def test_a_direction_knows_its_own_actions_only(client, city):
    page = client.get("/programma/indirizzi/D1")
    assert page.links("ul.civic-actions h3 a") == ["/programma/azioni/A001", "/programma/azioni/A003"]
    assert "Su 2 azioni valutabili" in page.text(".civic-progress")
    assert client.get("/programma/indirizzi/D9").status == 404


# ---- percentages -----------------------------------------------------------------------------------------------------


def shares(page, n=0):
    return page.texts(".civic-progress")[n]


def test_both_percentages_stand_together_with_their_base_and_their_day(client, city):
    for path in ("/programma", "/"):
        text = shares(client.get(path))
        assert "Mandato 2024-2029" in text
        assert "realizzate 20%" in text
        assert "realizzate o in corso 40%" in text
        assert "Su 5 azioni valutabili, con dati fino al 31 ottobre 2026" in text
        assert "Come si calcola" in text
    assert "/come-si-calcola#percentuali" in client.get("/").links(".civic-progress a")


def test_actions_that_cannot_be_assessed_are_counted_apart(client, database, city):
    with database.writing() as session:
        build.make_action(session, "A010", status=Status.NOT_ASSESSABLE)
        build.make_action(session, "A011", status=Status.COMPLETED, kind=ActionKind.OUTPUT)
    text = shares(client.get("/programma"))
    assert "realizzate 20%" in text, "a counted output is no promise kept"
    assert "Su 5 azioni valutabili" in text
    assert "1 non valutabile, fuori dal conto" in text


def test_figures_of_two_mandates_are_never_added(client, database, city):
    with database.writing() as session:
        build.make_action(session, "B001", mandate="2019-2024", status=Status.COMPLETED)
    page = client.get("/programma")
    assert [t.split(" realizzate")[0] for t in page.texts(".civic-progress")] == ["Mandato 2024-2029", "Mandato 2019-2024"]
    assert "realizzate 100%" in shares(page, 1)
    assert "realizzate 20%" in shares(page, 0)


def test_a_third_partys_opinion_moves_no_percentage(client, database, city):
    with database.writing() as session:
        for code in ("A001", "A002", "A004", "A005"):
            build.make_status(session, action_by_code(session, code), Status.COMPLETED, voice=Voice.ASSESSED, by="Università")
    assert "realizzate 20%" in shares(client.get("/programma"))
    assert "Per il valutatore terzo: Realizzata" in client.get("/programma?stato=critical").text("ul.civic-actions")


# ---- an action -------------------------------------------------------------------------------------------------------


def test_an_action_says_who_when_from_where_and_everything_ever_said(client, database, city):
    with database.writing() as session:
        action = action_by_code(session, "A001")
        build.make_status(
            session,
            action,
            Status.CRITICAL,
            as_of=date(2026, 11, 5),
            by="Direzione Ambiente",
            cause_it="Gelata",
            source_url="https://atti.example/7",
        )
        build.make_status(
            session, action, Status.IN_PROGRESS, as_of=date(2026, 11, 10), by="Direzione Ambiente", note_it="Si riparte"
        )
    page = client.get("/programma/azioni/A001")
    now = page.text('section[aria-labelledby="stato"]')
    assert ["In corso" in now, "Direzione Ambiente" in now, "10 novembre 2026" in now] == [True] * 3
    told = page.texts('section[aria-labelledby="storia"] > ol > li')
    assert [("In corso" in told[0]), ("Si riparte" in told[0])] == [True] * 2
    assert [("Critica" in told[1]), ("Gelata" in told[1]), ("atti.example" in told[1])] == [True] * 3
    assert [("In corso" in told[2]), ("Comune di Prova" in told[2]), ("31 ottobre 2026" in told[2])] == [True] * 3
    assert "registrato il 20 novembre 2026, 10:00" in told[2], "the hour of Italy"
    assert page.text("h1") == "Piantare mille alberi"
    figures = page.texts(".civic-figures > div")
    assert figures == ["Finora 400 alberi", "Promessi 1.000 alberi"]


@pytest.mark.parametrize(("as_of", "shown"), [("2025", "2025"), ("2025-03", "marzo 2025"), ("2025-03-09", "9 marzo 2025")])
@on_sqlite
def test_a_date_is_shown_no_more_precisely_than_it_is_known(client, database, as_of, shown):
    with database.writing() as session:
        build.make_action(session, "A001", as_of=as_of)
    text = client.get("/programma/azioni/A001").text('section[aria-labelledby="stato"]')
    assert f"dato riferito a: {shown}" in text


@on_sqlite
def test_the_parts_of_an_action_have_outcomes_of_their_own(client, database):
    with database.writing() as session:
        build.make_action(session, "A001", parts=[("Nord", Status.COMPLETED), ("Sud", Status.PLANNED)])
    rows = client.get("/programma/azioni/A001").texts('section[aria-labelledby="parti"] tbody tr')
    assert ["Nord" in rows[0], "Realizzata" in rows[0], "Sud" in rows[1], "Programmata" in rows[1]] == [True] * 4


def test_an_english_reader_gets_the_same_facts_and_is_told_what_is_italian_only(client, city):
    page = client.get("/en/programma/azioni/A001")
    assert page.text("h1") == "Plant a thousand trees"
    assert "trees" in page.text(".civic-figures")
    assert page.links('a[hreflang="it"]')[0] == "/programma/azioni/A001"
    only_italian = client.get("/en/programma/azioni/A002")
    assert only_italian.text("h1") == "Action A002"
    assert [p.get_text() for p in only_italian.select('section[aria-labelledby="stato"] [lang="it"]')] == ["Gara deserta"]
    listed = client.get("/en/programma?q=alberi")
    assert listed.texts("ul.civic-actions h3") == ["Plant a thousand trees"]
    assert listed.links("ul.civic-actions h3 a") == ["/en/programma/azioni/A001"]


# ---- for machines ----------------------------------------------------------------------------------------------------


def test_the_feed_tells_every_change_and_the_head_of_the_register(client, database, clock, city):
    with database.writing() as session:
        build.make_status(
            session,
            action_by_code(session, "A001"),
            Status.COMPLETED,
            by="Direzione Ambiente",
            note_it="Finiti & piantati <tutti>",
            now=clock() - timedelta(hours=1),
        )
        head = publish_head(session, now=clock())
    page = client.get("/programma/stati.atom")
    assert page.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    feed = ElementTree.fromstring(page.data)
    entries = feed.findall(f"{ATOM}entry")
    first = entries[0]
    assert first.findtext(f"{ATOM}title") == "Piantare mille alberi: Realizzata"
    assert first.findtext(f"{ATOM}summary") == "Finiti & piantati <tutti>"
    assert first.findtext(f"{ATOM}author/{ATOM}name") == "Direzione Ambiente"
    assert first.find(f"{ATOM}link").get("href") == "http://localhost/programma/azioni/A001"
    assert feed.findtext(f"{ATOM}updated") == first.findtext(f"{ATOM}updated") == "2026-11-23T09:00:00Z"
    ids = [e.findtext(f"{ATOM}id") for e in entries]
    assert len(set(ids)) == len(ids) == 8
    assert head.hash in entries[-1].findtext(f"{ATOM}summary")
    assert f"Anello {head.seq}" in entries[-1].findtext(f"{ATOM}summary")
    near = ElementTree.fromstring(client.get("/programma/stati.atom?quartiere=Q2").data)
    assert [e.findtext(f"{ATOM}title") for e in near.findall(f"{ATOM}entry")][:-1] == ["Azione A002: Critica"]


@on_sqlite
def test_an_empty_city_has_an_empty_feed_and_an_empty_file(client, database):
    with database.writing() as session:
        build.make_ente(session)
    assert not ElementTree.fromstring(client.get("/programma/stati.atom").data).findall(f"{ATOM}entry")
    assert len(client.get("/programma.csv").html.splitlines()) == 1


def test_the_sitemap_names_every_page_in_both_languages_and_each_opens(client, city):
    root = ElementTree.fromstring(client.get("/sitemap.xml").data)
    addresses = [e.text.removeprefix("http://localhost") for e in root.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    assert len(set(addresses)) == len(addresses)
    for path in ("/programma/azioni/A001", "/en/programma/azioni/A001", "/programma/indirizzi/D1", f"/peg/{city.peg}"):
        assert path in addresses
    assert not [a for a in addresses if "/desk" in a or "/segnalazioni" in a]
    for address in addresses:
        if not address.startswith("/en"):
            assert client.get(address or "/").status == 200, address


# ---- silence ---------------------------------------------------------------------------------------------------------


def test_during_an_election_silence_the_feed_stops_and_the_rest_stays(client, database, clock, city):
    with database.writing() as session:
        city_commands.schedule_silence(
            session,
            build.BUILDER,
            starts_on=date(2026, 11, 24),
            ends_on=date(2026, 11, 25),
            reason="Elezioni regionali",
            now=clock(),
        )
    assert client.get("/programma/stati.atom").status == 200
    clock.advance(days=1)
    page = client.get("/programma/stati.atom")
    assert page.status == 503
    assert "silenzio" in page.text("main").lower()
    for path in ("/", "/programma", "/programma/azioni/A001", "/programma.csv", "/dup", "/servizi"):
        assert client.get(path).status == 200
    clock.advance(days=2)
    assert client.get("/programma/stati.atom").status == 200
