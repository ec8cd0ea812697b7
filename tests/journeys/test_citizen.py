"""A citizen looks for what was promised near her, and for who says where it stands."""

from datetime import date
from xml.etree import ElementTree

from civic.demo import dataset
from civic.journal.commands import publish_head
from civic.kernel.actor import system
from civic.kernel.db import Database
from civic.planning.models import Status, Voice
from civic.planning.queries.actions import action_by_code
from tests import build
from tests.client import Client

ATOM = {"a": "http://www.w3.org/2005/Atom"}


def test_from_the_home_page_a_citizen_finds_her_school_and_reads_its_history(client: Client, florence: dict[str, str]) -> None:
    home = client.get("/")
    assert "A che punto siamo, mandato per mandato" in home.text()
    her_quartiere = next(a for a in home.links() if "quartiere=Q2" in a)
    nearby = client.get(her_quartiere)
    assert "Ricostruzione della scuola Dino Compagni" in nearby.text()
    found = client.get("/programma?q=scuole&quartiere=Q2")
    address = next(a["href"] for a in found.select("main h3 a") if "Ricostruzione della scuola" in a.get_text())
    page = client.get(str(address))
    assert "Realizzata" in page.text("#stato ~ div")
    story = page.texts(".civic-timeline > li")
    assert "7 aprile 2022" in story[0]
    assert "In corso" in story[1]
    assert "22 febbraio 2019" in story[1]
    assert "dichiarato da Comune di Firenze" in story[1]
    assert any("firenzeacontifatti.it" in a for a in page.links())


def test_both_percentages_stand_together_with_their_base_and_their_day(client: Client, florence: dict[str, str]) -> None:
    page = client.get("/programma?mandato=2014-2019")
    told = page.text(".civic-progress")
    assert "realizzate" in told
    assert "realizzate o in corso" in told
    assert "Su 28 azioni valutabili" in told
    assert "5 non valutabili, fuori dal conto" in told
    assert "Come si calcola" in told


def test_what_was_published_in_the_past_stands_beside_and_is_not_mixed_in(client: Client, florence: dict[str, str]) -> None:
    page = client.get("/programma/indirizzi/2014_01")
    then = page.text("#allora-1 ~ p")
    assert "Su 23 azioni" in then
    assert "non si somma al nostro" in then
    method = client.get("/come-si-calcola").text()
    assert "251" in method
    assert "209" in method


def test_two_voices_stand_side_by_side_and_neither_overwrites_the_other(
    client: Client, database: Database, city: build.City
) -> None:
    with database.writing() as session:
        action = action_by_code(session, "A001")
        build.make_status(session, action, Status.COMPLETED, as_of=date(2026, 11, 2))
        build.make_status(
            session,
            action,
            Status.CRITICAL,
            as_of=date(2026, 11, 3),
            voice=Voice.ASSESSED,
            by="Università",
            cause_it="Mancano le aree",
        )
    page = client.get("/programma/azioni/A001")
    assert "Realizzata" in page.text("#stato ~ div")
    assert "Critica" in page.text("#stato ~ div")
    assert "Mancano le aree" in page.text("#stato ~ div")
    assert len(page.select(".civic-timeline > li")) == 3
    assert "Per il valutatore terzo: Critica" in client.get("/programma").text()


def test_an_unknown_figure_is_said_to_be_unknown_and_never_zero(client: Client, florence: dict[str, str]) -> None:
    sheet = next(a for a in client.get("/dup").links() if "/peg/" in a)
    page = client.get(sheet)
    first = page.text("#indicatori ~ table tbody tr")
    assert "non leggibile nella fonte" in first
    assert "lettura incerta" in first
    assert "date non note" in page.text("#fasi ~ table tbody tr")
    assert "danno 10 invece di 100" in page.text()
    assert "Lettura da confermare" in page.text()
    assert "2020 Z108P" in page.text()


def test_an_unverified_population_says_so(client: Client, florence: dict[str, str]) -> None:
    assert "dato non verificato" in client.get("/amministrazione").text()


def test_the_programme_reads_in_english_too(client: Client, florence: dict[str, str]) -> None:
    page = client.get("/en/programma/azioni/A001")
    assert page.soup.html is not None
    assert page.soup.html["lang"] == "en"
    assert "Nursery opened at the former Meyer hospital" in page.text("h1")
    assert "Completed" in page.text("#stato ~ div")
    assert all(link.startswith(("/en", "http", "#", "/static")) for link in page.links())
    other = page.one('link[rel="alternate"][hreflang="it"]')
    assert str(other["href"]).endswith("/programma/azioni/A001")


def test_a_follower_of_the_feed_gets_changes_and_the_register_s_head(
    client: Client, database: Database, city: build.City
) -> None:
    with database.writing() as session:
        publish_head(session, now=build.BUILT)
    feed = ElementTree.fromstring(client.get("/programma/stati.atom").data)
    titles = [e.findtext("a:title", "", ATOM) for e in feed.findall("a:entry", ATOM)]
    assert any("Aprire tre scuole: Realizzata" in t for t in titles)
    assert any(t.startswith("Testa del registro") for t in titles)
    assert len({e.findtext("a:id", "", ATOM) for e in feed.findall("a:entry", ATOM)}) == len(titles)


def test_a_second_city_is_another_data_set_and_no_word_of_the_first_shows(client: Client, database: Database) -> None:
    with database.writing() as session:
        dataset.load_dataset(session, system("Ufficio del Sindaco"), dataset.CITIES / "prato", now=build.BUILT)
    seen, waiting = set(), ["/", "/en/", "/dup", "/programma.csv", "/programma/stati.atom", "/sitemap.xml", "/disservizio"]
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        page = client.get(path, follow=True)
        page.response.close()
        if page.path.startswith("/static"):
            continue
        lowered = page.html.lower()
        assert not any(word in lowered for word in ("firenz", "fiorentin", "florenc", "palazzo vecchio")), path
        if page.is_html:
            links = {str(a["href"]).split("#")[0] for a in page.select("a[href]")}
            waiting += [a for a in links if a.startswith("/") and not a.startswith("/static") and "pagina=" not in a]
    assert len(seen) > 40
    assert "Comune di Prato" in client.get("/").html
    assert "Avanzamento dichiarato: 60" in client.get("/dup").text()


def test_an_empty_installation_has_a_sentence_for_everything_it_lacks(client: Client) -> None:
    for path in ("/", "/programma", "/dup", "/amministrazione", "/servizi", "/registro", "/come-si-calcola", "/mappa-del-sito"):
        page = client.get(path)
        assert page.status == 200
    assert "non è ancora stato caricato" in client.get("/").text()
    assert client.get("/programma/azioni/A001").status == 404
