"""Small things of who answers: actions that exist, forms filled again, names instead of codes, replies for everyone."""

import pytest
from sqlalchemy import func, select

from civic.contributions.models import Commitment, ReplyTemplate
from tests import build

on_sqlite = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)


@pytest.fixture
def code(database, editor, city):
    editor.post("/desk/temi", {"label_it": "Attese", "label_en": "Waiting"})
    with database.writing() as session:
        told = {"service_code": "nidi", "quartiere_code": "Q2"}
        voice = build.make_voice(session, **told)
        build.triage_voices(
            session, build.BUILDER, [voice.code], build.Triage(office_code=city.schools, theme_code="attese"), now=build.BUILT
        )
        return voice.code


@on_sqlite
def test_a_decision_and_a_promise_name_only_actions_that_exist(office, database, code):
    office.post(f"/desk/voci/{code}/parte", {"summary": "Sedie"})
    part = f"/desk/voci/{code}/parti/1/decidi"
    wrong = office.post(part, {"outcome": "accepted", "action_code": "a999"})
    assert wrong.status == 422
    assert "non c'è un'azione con questo codice" in " ".join(wrong.errors)
    promise = {"title": "Sedie", "due_on": "2026-12-20", "action_code": "A999"}
    assert "codice" in " ".join(office.post(f"/desk/voci/{code}/impegno", promise).errors)
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Commitment)) == 0
    assert office.post(part, {"outcome": "accepted", "action_code": "a001"}).status == 303


@on_sqlite
def test_a_check_and_a_decision_that_are_done_again_begin_from_what_was_written(office, code):
    office.post(f"/desk/voci/{code}/parte", {"summary": "Sedie"})
    part = f"/desk/voci/{code}/parti/1"
    office.post(f"{part}/verifica", {"note": "Si può, nell'atrio."})
    told = {"outcome": "not_possible", "reason_code": "money", "public_reason": "Costa troppo.", "action_code": "A001"}
    office.post(f"{part}/decidi", told)
    assert office.get(f"{part}/verifica").text("textarea[name=note]") == "Si può, nell'atrio."
    again = office.get(f"{part}/decidi")
    assert again.text("textarea[name=public_reason]") == "Costa troppo."
    assert again.one("input[name=outcome][checked]")["value"] == "not_possible"
    assert again.one("select[name=reason_code] option[selected]")["value"] == "money"
    assert again.one("input[name=action_code]")["value"] == "A001"


@on_sqlite
def test_pages_say_names_and_not_codes(client, office, code):
    for page in (client.get(f"/voci/{code}"), office.get(f"/desk/voci/{code}")):
        told = page.texts("dl dd")
        assert "Quartiere 2" in told
        assert "Attese" in told
        assert not {"Q2", "attese"} & set(told)


@on_sqlite
def test_a_list_of_services_speaks_the_language_of_the_page(client, database, city):
    with database.writing() as session:
        build.make_service(session, "musei", name_it="Musei", name_en="Museums")
    assert "Museums" in client.get("/en/voci/nuova").texts("select[name=service_code] option")
    assert "Musei" in client.get("/voci/nuova").texts("select[name=service_code] option")


@on_sqlite
def test_an_operator_writes_an_e_mail_down(editor, database, city):
    page = editor.post("/desk/voci/nuova", {"origin": "email", "title": "Posta", "text": "Vorrei un albero."})
    assert page.status == 303
    assert "Posta elettronica" in editor.get(page.location).text()


def test_a_reply_for_everyone_is_offered_to_every_office_and_an_office_s_own_only_to_it(
    editor, office, new_client, database, code, city
):
    assert editor.post("/desk/risposte-pronte", {"title": "Grazie", "text": "Grazie di averci scritto."}).status == 303
    assert office.post("/desk/risposte-pronte", {"title": "Nidi", "text": "Le iscrizioni aprono a marzo."}).status == 303
    offered = office.get(f"/desk/voci/{code}/rispondi")
    assert offered.texts("nav[aria-labelledby=modelli] a") == ["Grazie", "Nidi"]
    link = offered.links("nav[aria-labelledby=modelli] a")[0]
    assert office.get(link).text("textarea[name=text]") == "Grazie di averci scritto."
    other = new_client()
    other.sign_in(city.referent)
    listed = other.get("/desk/risposte-pronte").text()
    assert "Grazie di averci scritto." in listed
    assert "Le iscrizioni" not in listed
    twice = editor.post("/desk/risposte-pronte", {"title": "Grazie", "text": "Ancora."})
    assert "C'è già una risposta di tutti" in " ".join(twice.errors)
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(ReplyTemplate)) == 2


@on_sqlite
def test_an_office_writes_no_reply_for_everyone(office, database, city):
    page = office.get("/desk/risposte-pronte")
    assert page.texts("select[name=office_code] option") == ["Direzione Istruzione"]
    sent = office.send(page, "/desk/risposte-pronte", {"title": "X", "text": "Y", "office_code": ""})
    assert sent.status == 422
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(ReplyTemplate)) == 0
