"""The component that asks whether a page is clear: words and hooks are those of the model of municipal sites, letter by letter."""

from dataclasses import replace
from datetime import timedelta

import pytest

from civic.city.models import SilenceWindow
from civic.people.queries.staff import account_by_email
from civic.quality.commands.points import PointData, make_point
from tests import build
from tests.client import Client

pytestmark = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
CLEAR = "Quanto sono chiare le informazioni su questa pagina?"
EASY = "Quanto è stato facile usare questo servizio?"
POSITIVE = [
    "Le indicazioni erano chiare",
    "Le indicazioni erano complete",
    "Capivo sempre che stavo procedendo correttamente",
    "Non ho avuto problemi tecnici",
    "Altro",
]
NEGATIVE = [
    "A volte le indicazioni non erano chiare",
    "A volte le indicazioni non erano complete",
    "A volte non capivo se stavo procedendo correttamente",
    "Ho avuto problemi tecnici",
    "Altro",
]
JUDGED = (
    "/",
    "/programma",
    "/programma/azioni/A001",
    "/servizi",
    "/servizi/nidi",
    "/valutazioni/come-si-calcola",
    "/amministrazione",
    "/avete-detto",
    "/percorsi",
    "/registro",
    "/faq",
)
WITHOUT = (
    "/voci/nuova",
    "/disservizio",
    "/accessibilita",
    "/servizi/nidi/valuta",
    "/biglietto",
    "/biglietto?codice=NIENTE",
    "/valutazioni/niente",
    "/valuta/pagina/grazie",
    "/accedi",
    "/desk/accedi",
    "/desk/password-dimenticata",
    "/posta/basta/niente",
    "/nessuna-pagina",
    "/servizi/nessuno",
)


def question(page):
    return page.text("h2[data-element=feedback-title]")


def values(page, css):
    return [control["value"] for control in page.select(css)]


@pytest.mark.parametrize("path", JUDGED)
def test_pages_ask_whether_they_are_clear_in_the_words_of_the_model(client, city, path):
    page = client.get(path)
    form = page.one("form[data-element=feedback]")
    assert (form["method"], form["action"]) == ("post", "/valuta/pagina")
    assert question(page) == CLEAR
    assert values(page, "input[name=pagina]") == [path]
    for side, asked, answers in (
        ("positive", "Quali sono stati gli aspetti che hai preferito?", POSITIVE),
        ("negative", "Dove hai incontrato le maggiori difficoltà?", NEGATIVE),
    ):
        inside = f"fieldset[data-element=feedback-rating-{side}]"
        assert page.text(f"{inside} legend[data-element=feedback-rating-question]") == asked
        assert page.texts(f"{inside} label[data-element=feedback-rating-answer]") == answers
    assert page.one("textarea[data-element=feedback-input-text]")["maxlength"] == "200"


def test_the_keyboard_goes_through_the_stars_from_one_to_five(client, city):
    page = client.get("/programma")
    radios = page.select("form[data-element=feedback] input[type=radio]")
    assert [(r["name"], r["value"]) for r in radios] == [("stelle", str(n)) for n in range(1, 6)]
    assert not page.select("form[data-element=feedback] [tabindex]")
    for n, radio in enumerate(radios, start=1):
        label = page.one(f"label[for={radio['id']}]")
        assert label["data-element"] == f"feedback-rate-{n}"
        assert str(n) in label.get_text()
        assert radio.find_next("label") is label, "the label follows its star: order seen and order pressed are one"
    order = [t["name"] for t in page.select("form[data-element=feedback] :is(input:not([type=hidden]), textarea, button)[name]")]
    assert order == ["stelle"] * 5 + ["risposte"] * 10 + ["testo"]


def test_every_answer_can_be_pressed_by_its_words(client, city):
    page = client.get("/programma")
    labels = page.select("label[data-element=feedback-rating-answer]")
    boxes = [page.one(f"input[id={label['for']}]") for label in labels]
    assert len({box["id"] for box in boxes}) == len(labels) == 10


@pytest.mark.parametrize("path", WITHOUT)
def test_forms_failures_and_addresses_of_one_person_do_not_ask(client, city, path):
    assert not client.get(path).select("[data-element^=feedback]")


def test_the_rest_of_a_rating_does_not_ask(client, city):
    sent = client.post("/servizi/nidi/valuta", {"stars": "4"})
    assert not client.get(sent.location).select("[data-element^=feedback]")


def test_the_end_of_a_service_asks_whether_it_was_easy(client, city):
    page = client.get("/servizi/nidi/grazie")
    assert question(page) == EASY
    assert values(page, "input[name=strumento]") == ["ease_of_use"]
    assert client.send(page, "/valuta/pagina", {"stelle": "4"}).status == 303


def test_a_receipt_asks_about_the_form_and_does_not_give_its_code_away(client, city):
    sent = client.post("/voci/nuova", {"title": "Sedie", "text": "Mancano le sedie.", "service_code": "nidi"})
    page = client.get(sent.location)
    assert question(page) == EASY
    assert values(page, "input[name=pagina]") == ["/voci/nuova"]
    english = client.get(f"/en{sent.location}")
    assert values(english, "input[name=pagina]") == ["/voci/nuova"], "one page, whatever its language"


def test_a_page_with_the_component_is_the_same_for_everybody(client, new_client, city):
    first, second = client.get("/programma"), new_client().get("/programma")
    assert "Set-Cookie" not in first.headers
    assert str(first.one("form[data-element=feedback]")) == str(second.one("form[data-element=feedback]"))


def test_a_mistake_gives_back_the_stars_the_answers_and_the_text(client, city):
    page = client.get("/programma")
    typed = {"stelle": "2", "risposte": ["unclear"], "testo": "x" * 201}
    again = client.send(page, "/valuta/pagina", typed)
    assert again.status == 422
    assert values(again, "[name=stelle][checked]") == ["2"]
    assert values(again, "[name=risposte][checked]") == ["unclear"]
    assert again.text("textarea[name=testo]") == "x" * 201
    assert again.links("#errori a") == ["#feedback-text"]
    mended = client.send(again, "/valuta/pagina", {"testo": "Parole difficili"})
    assert client.follow(mended).links("main .btn") == ["http://localhost/programma"]


def test_who_reads_in_english_goes_back_to_the_english_page(client, city):
    page = client.get("/en/programma")
    sent = client.send(page, "/en/valuta/pagina", {"stelle": "5"})
    assert client.get(sent.location).links("main .btn") == ["http://localhost/en/programma"]


# ---- rating a service ------------------------------------------------------------------------------------------------


def test_the_five_buttons_stand_in_order_and_enter_in_a_field_presses_none(client, city):
    page = client.get("/servizi/nidi/valuta?biglietto=ABC")
    assert values(page, "form.civic-vote button[name=stars]") == ["1", "2", "3", "4", "5"]
    first = page.select("form.civic-vote button")[0]
    assert first.has_attr("disabled"), "the first button is what Enter in the ticket's field would press"
    assert not first.get("name")


def test_a_totem_has_no_session_and_says_what_to_press(client, database, clock, city):
    with database.writing() as session:
        who = build.actor_of(session, account_by_email(session, city.other_referent))
        code = make_point(session, who, "nidi", PointData(place="Atrio", is_kiosk=True), now=clock()).code
    page = client.get(f"/totem/{code}")
    assert "Set-Cookie" not in page.headers
    assert not page.select("a, header, footer")
    wrong = client.send(page, f"/totem/{code}", {"stelle": "7"})
    assert wrong.status == 422
    assert "Premi una delle stelle" in wrong.text("[role=status]")


def test_a_wrong_ticket_says_so_at_its_field(client, city):
    page = client.get("/biglietto?codice=abc")
    assert page.status == 404
    assert page.one("#codice")["value"] == "ABC"
    assert page.links("#errori a") == ["#codice"]


# ---- figures ---------------------------------------------------------------------------------------------------------


def test_a_small_series_and_a_rare_reason_are_not_counted_on_the_page(client, database, clock, city):
    with database.writing() as session:
        build.make_ratings(session, "nidi", (0, 0, 4, 8, 8), now=clock())
        build.make_ratings(session, "nidi", (0, 0, 0, 0, 3), now=clock(), quartiere_code="Q1")
    client.post(client.post("/servizi/nidi/valuta", {"stars": "5"}).location, {"reasons": ["kind"]})
    page = client.get("/servizi/nidi")
    assert "Le persone sono state cortesi e preparate: meno di 5 volte" in page.text()
    row = page.select("table:has(caption:-soup-contains('Quartieri')) tbody tr")[0]
    assert "non si dice" in row.get_text()


def test_election_silence_takes_the_figures_away_and_leaves_the_stars(make_app, config, database, clock, city):
    client = Client(make_app(replace(config, demo=False)))
    today = clock().date()
    with database.writing() as session:
        build.make_ratings(session, "nidi", (0, 0, 0, 10, 31), now=clock())
        session.add(SilenceWindow(starts_on=today, ends_on=today + timedelta(days=9), reason="Voto"))
    page = client.get("/servizi/nidi")
    assert "41" not in page.text()
    assert not page.select("#aspetti, #indagini, #flussi, #serie")
    assert "silenzio elettorale" in page.text().lower()
    assert "aggregateRating" not in page.html
    assert "n 41" not in client.get("/servizi").text()
    assert client.post("/servizi/nidi/valuta", {"stars": "4"}).status == 303


def test_invented_figures_are_marked_for_people_and_for_machines(make_app, config, database, clock, city):
    with database.writing() as session:
        build.make_ratings(session, "nidi", (0, 0, 0, 10, 10), now=clock())
    shown = Client(make_app(replace(config, demo=True))).get("/servizi/nidi")
    assert "dato dimostrativo" in shown.text("section[aria-labelledby=valutazioni]")
    assert "dato dimostrativo" in shown.one("script[type='application/ld+json']").string
    real = Client(make_app(replace(config, demo=False))).get("/servizi/nidi")
    assert "dato dimostrativo" not in real.text()
    assert "aggregateRating" in real.one("script[type='application/ld+json']").string
