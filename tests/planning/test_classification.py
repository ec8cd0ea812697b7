"""Where an action belongs: what is chosen comes back, shows on the public pages, and is not lost to a second editor."""

import pytest

from civic.planning.models import MandateAction
from civic.planning.queries.actions import action_by_code
from civic.planning.queries.documents import objectives_of_action, operational_objectives, peg_by_slug
from tests import build

PATH, SITE = "/desk/azioni/A005/classifica", "/programma/azioni/A005"


@pytest.fixture
def chosen(database, city):
    with database.reading() as session:
        objective = operational_objectives(session)[0].id
        sheet = peg_by_slug(session, city.peg).id
    return {
        "direction_code": "D1",
        "lead_office_code": city.schools,
        "importance": "2",
        "tags": " Scuola ; VERDE;scuola;; ",
        "sites": ["Q1", "Q2"],
        "inferred": "y",
        "operational": [str(objective)],
        "sheets": [str(sheet)],
    }


def test_what_is_chosen_comes_back_and_is_public_at_once(client, city, chosen):
    client.sign_in(city.editor)
    assert client.post(PATH, chosen).status == 303
    form = client.get(PATH)
    assert form.one("#direction_code option[selected]")["value"] == "D1"
    assert form.one("#lead_office_code option[selected]")["value"] == city.schools
    assert form.one("#importance option[selected]")["value"] == "2"
    assert form.one("#tags")["value"] == "scuola; verde"
    assert [o["value"] for o in form.select("#sites option[selected]")] == ["Q1", "Q2"]
    assert form.one("#inferred").has_attr("checked")

    page = client.get(SITE)
    aside = page.text('section[aria-labelledby="scheda"]')
    for words in ("Direzione Istruzione", "Indirizzo 1", "Q1 Quartiere 1", "Q2 Quartiere 2", "Importante", "quartiere dedotto"):
        assert words in aside
    links = page.text('section[aria-labelledby="legami"]')
    assert "1.1.01" in links
    assert "Più alberi in città" in links
    assert "Azione A005" in client.get(f"/peg/{city.peg}").text('section[aria-labelledby="serve"]')
    assert "Azione A005" in client.get("/dup").text("ul.civic-tree")
    assert client.get("/programma?argomento=verde&q=scuola").texts("ul.civic-actions h3") == ["Azione A005"]


def test_everything_can_be_taken_away_again(client, database, city, chosen):
    client.sign_in(city.editor)
    client.post(PATH, chosen)
    nothing = dict.fromkeys(("direction_code", "lead_office_code", "importance", "tags"), "")
    assert client.post(PATH, nothing | dict.fromkeys(("sites", "inferred", "operational", "sheets"))).status == 303
    with database.reading() as session:
        action = action_by_code(session, "A005")
        assert (action.direction_code, action.lead_office_code, action.importance) == (None, None, None)
        assert (list(action.tags), list(action.sites), list(objectives_of_action(session, action))) == ([], [], [])
    assert "Ufficio non indicato" in client.get(SITE).text('section[aria-labelledby="scheda"]')


def test_the_second_of_two_editors_keeps_what_she_chose_and_the_first_is_not_overwritten(new_client, database, city, chosen):
    first, second = new_client(), new_client()
    for browser in (first, second):
        browser.sign_in(city.editor)
    opened = second.get(PATH)
    first.post(PATH, chosen)
    page = second.send(opened, PATH, {"importance": "3", "tags": "rifiuti", "sites": ["Q2"]})
    assert page.status in (409, 422)
    assert any("nel frattempo" in e for e in page.errors)
    assert page.one("#tags")["value"] == "rifiuti"
    assert page.one("#importance option[selected]")["value"] == "3"
    assert [o["value"] for o in page.select("#sites option[selected]")] == ["Q2"]
    with database.reading() as session:
        assert [t.tag for t in action_by_code(session, "A005").tags] == ["scuola", "verde"]
    assert second.post(PATH, {"tags": "rifiuti"}).status == 303


@pytest.mark.parametrize("field", ["direction_code", "lead_office_code", "importance", "sites", "operational", "sheets"])
@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_code_that_is_not_on_the_list_is_refused(client, database, city, field):
    client.sign_in(city.editor)
    page = client.post(PATH, {field: "999"})
    assert page.status == 422
    assert page.errors
    with database.reading() as session:
        assert session.query(MandateAction).filter_by(code="A005").one().version == 1


def test_an_action_that_moves_to_another_office_moves_to_another_referent(new_client, database, city):
    editor, referent, other = (new_client() for _ in range(3))
    for browser, email in ((editor, city.editor), (referent, city.referent), (other, city.other_referent)):
        browser.sign_in(email)
    assert (referent.get("/desk/azioni/A001").status, other.get("/desk/azioni/A001").status) == (200, 404)
    editor.post("/desk/azioni/A001/classifica", {"lead_office_code": city.schools})
    assert (referent.get("/desk/azioni/A001").status, other.get("/desk/azioni/A001").status) == (404, 200)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_an_office_that_has_closed_stays_with_the_actions_it_has_and_gets_no_others(client, database, city):
    with database.writing() as session:
        build.make_office(session, "vecchia", name="Vecchia Direzione", valid_to=build.BUILT.date())
        build.make_action(session, "A050", office="vecchia")
    client.sign_in(city.editor)
    assert client.get("/desk/azioni/A050/classifica").one("#lead_office_code option[selected]")["value"] == "vecchia"
    assert "vecchia" not in [o["value"] for o in client.get("/desk/azioni/A001/classifica").select("#lead_office_code option")]
