"""From the desk's home, by clicking: an office prepares, the Mayor's office approves, the citizen sees it."""

from collections.abc import Callable

from civic.kernel.db import Database
from tests import build
from tests.client import Client
from tests.conftest import Mailbox


def click(client: Client, path: str, words: str) -> str:
    """Return where the link with these words on a page goes."""
    page = client.get(path)
    found = [str(a["href"]) for a in page.select("a") if words in " ".join(a.get_text(" ").split())]
    assert found, f"no link {words!r} on {path}"
    return found[0]


def test_an_update_goes_from_the_office_to_the_public_page(
    new_client: Callable[[], Client], database: Database, mailbox: Mailbox, city: build.City
) -> None:
    office, mayor, citizen = new_client(), new_client(), new_client()
    office.sign_in(city.referent)
    actions = click(office, "/desk", "Azioni del programma")
    mine = click(office, actions, "Piantare mille alberi")
    saved = office.post(
        mine,
        {
            "title_it": "Piantare mille alberi",
            "quantity": "650",
            "status": "completed",
            "status_as_of": "2026-11-20",
            "status_note_it": "Ultimo albero in viale dei Mille.",
        },
        follow=True,
    )
    assert "Bozza salvata" in saved.text()
    assert "400" in citizen.get("/programma/azioni/A001").text("#numeri ~ dl")
    assert "In corso" in citizen.get("/programma/azioni/A001").text("#stato ~ div")

    sent = office.post(f"{mine}/invia", seen_at=mine, follow=True)
    assert "Bozza inviata" in sent.text()
    [mail] = [m for m in mailbox.deliver_now() if m.to_address == city.editor]
    assert "Piantare mille alberi" in mail.subject

    mayor.sign_in(city.editor)
    waiting = click(mayor, "/desk", "Piantare mille alberi")
    assert waiting == mailbox.link(mail)
    back = mayor.post(f"{waiting}/rinvia", {"note": "Manca la delibera."}, seen_at=waiting, follow=True)
    assert "rinviata" in back.text()
    assert any("Manca la delibera." in m.body for m in mailbox.deliver_now())

    assert "Manca la delibera." in office.get(mine).text()
    page = office.get(mine)
    office.send(page, mine, {"status_source_url": "https://www.comune.prova.example/delibera"})
    office.post(f"{mine}/invia", seen_at=mine)
    published = mayor.post(f"{waiting}/pubblica", seen_at=waiting, follow=True)
    assert "Pubblicata" in published.text()

    public = citizen.get("/programma/azioni/A001")
    assert "650" in public.text("#numeri ~ dl")
    assert "Realizzata" in public.text("#stato ~ div")
    assert "Ultimo albero" in public.text(".civic-timeline")
    assert "Direzione Ambiente" in public.text(".civic-timeline")
    assert len(public.select("#storia ~ .civic-timeline > li")) == 2
    assert "2 versioni" in public.text("details summary")


def test_a_referent_does_not_find_another_office_s_action(client: Client, city: build.City) -> None:
    client.sign_in(city.other_referent)
    assert "Piantare mille alberi" not in client.get("/desk/azioni").text()
    for path in ("/desk/azioni/A001", "/desk/azioni/A001/classifica"):
        assert client.get(path).status in (403, 404)


def test_two_people_editing_the_same_action_lose_nothing(new_client: Callable[[], Client], city: build.City) -> None:
    first, second = new_client(), new_client()
    first.sign_in(city.referent)
    second.sign_in(city.editor)
    page_of_first, page_of_second = first.get("/desk/azioni/A001"), second.get("/desk/azioni/A001")
    assert first.send(page_of_first, "/desk/azioni/A001", {"title_it": "Titolo della Direzione"}).status == 303
    late = second.send(
        page_of_second, "/desk/azioni/A001", {"title_it": "Titolo della Redazione", "summary_it": "Testo lungo e prezioso"}
    )
    assert late.status == 409
    assert "Qualcuno ha cambiato questa bozza nel frattempo" in " ".join(late.errors)
    assert "Titolo della Direzione" in late.text()
    assert late.one('[name="title_it"]')["value"] == "Titolo della Redazione"
    assert "Testo lungo e prezioso" in late.one('[name="summary_it"]').get_text()
    assert second.send(late, "/desk/azioni/A001").status == 303
    assert first.get("/desk/azioni/A001").one('[name="title_it"]')["value"] == "Titolo della Redazione"


def test_a_form_left_open_past_the_session_comes_back_filled(client: Client, city: build.City) -> None:
    page = client.get("/accessibilita")
    sent = client.send(
        page, "/accessibilita", {"text": "Un racconto lungo", "email": "anna@esempio.it"}, extra={"csrf_token": "scaduto"}
    )
    assert sent.status == 400
    assert "Un racconto lungo" in sent.text()
    again = client.send(sent, "/accessibilita", follow=True)
    assert again.status == 200
    assert again.path.startswith("/segnalazioni/")


def test_the_administrator_invites_and_the_invited_person_signs_in(
    new_client: Callable[[], Client], mailbox: Mailbox, city: build.City
) -> None:
    administrator, invited = new_client(), new_client()
    administrator.sign_in(city.administrator)
    path = click(administrator, click(administrator, "/desk", "Accessi e permessi"), "Invita")
    answer = administrator.post(
        path,
        {"name": "Nuova Referente", "email": "nuova@prova.example", "role": "referent", "office_code": city.environment},
        follow=True,
    )
    assert "Invito inviato" in answer.text()
    [mail] = mailbox.deliver_now()
    link = mailbox.link(mail)
    assert invited.get(link).status == 200
    assert invited.post(link, {"password": "un cavallo corretto batte"}).status == 303
    assert invited.get(link).status == 410
    invited.sign_in("nuova@prova.example", "un cavallo corretto batte")
    assert "Piantare mille alberi" in invited.get("/desk/azioni").text()


def test_a_reorganised_office_keeps_its_past_and_hands_on_its_services(client: Client, city: build.City) -> None:
    client.sign_in(city.administrator)
    made = client.post(
        "/desk/amministrazione/uffici/nuovo",
        {"code": "direzione-verde", "name": "Direzione Verde pubblico", "kind": "direzione", "valid_from": "2026-12-01"},
        follow=True,
    )
    assert "Direzione Verde pubblico" in made.text()
    done = client.post(
        f"/desk/amministrazione/uffici/{city.environment}/riorganizza",
        {"ends_on": "2026-11-30", "successor_code": "direzione-verde"},
        follow=True,
    )
    assert done.status == 200
    services = client.get("/servizi").text()
    assert "Direzione Verde pubblico" in services
    assert "Direzione Ambiente" in client.get("/programma/azioni/A001").text()


def test_a_message_about_the_site_gets_a_receipt_and_an_answer(
    new_client: Callable[[], Client], mailbox: Mailbox, city: build.City
) -> None:
    citizen, editor = new_client(), new_client()
    receipt = citizen.post(
        "/accessibilita", {"text": "Il menu non si apre con la tastiera.", "email": "anna@esempio.it"}, follow=True
    )
    code = receipt.path.rpartition("/")[2]
    assert code in receipt.text()
    assert "anna@esempio.it" not in receipt.html
    [told] = mailbox.deliver_now()
    assert code in told.subject
    editor.sign_in(city.editor)
    waiting = click(editor, "/desk", code)
    editor.post(waiting, {"answer": "Corretto questa mattina, grazie."})
    [answered] = mailbox.deliver_now()
    assert "Corretto questa mattina" in answered.body
    assert "risposto" in citizen.get(f"/segnalazioni/{code}").text().lower()
