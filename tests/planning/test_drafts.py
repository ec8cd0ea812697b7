"""From a draft to the public page: who may, what changes when, and nothing typed is ever lost."""

import threading

import pytest

from civic.outbox.models import OutboxMail
from civic.planning.commands.drafts import DraftData, publish_draft, save_draft
from civic.planning.queries.actions import action_by_code, draft_of
from tests import build
from tests.client import Client

DESK, SITE = "/desk/azioni/A001", "/programma/azioni/A001"
on_sqlite = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)


def signed_in(new_client, email) -> Client:
    browser = new_client()
    browser.sign_in(email)
    return browser


def draft(database, code="A001"):
    with database.reading() as session:
        return draft_of(session, action_by_code(session, code).id)


def press(browser, to, data=None, **options):
    return browser.post(f"{DESK}/{to}", data, seen_at=DESK, **options)


# ---- whose -----------------------------------------------------------------------------------------------------------


def test_a_referent_finds_her_own_office_and_no_page_of_another(new_client, city):
    own, other = signed_in(new_client, city.referent), signed_in(new_client, city.other_referent)
    listed = [" ".join(t.split()[:1]) for t in own.get("/desk/azioni").texts("tbody th")]
    assert listed == ["A001", "A002"]
    assert own.get(DESK).status == 200
    for path in (DESK, "/desk/azioni/A999"):
        page = other.get(path)
        assert page.status == 404
        assert page.text("h1") == other.get("/desk/azioni/A999").text("h1")
    token = other.get("/desk/azioni/A003").select("input[name=csrf_token]")[0]["value"]
    assert other.post_raw(DESK, {"csrf_token": token, "title_it": "Rubata"}).status == 404
    assert own.post(DESK, {"title_it": "Nostra"}).status == 303


@on_sqlite
@pytest.mark.parametrize("verb", ["invia", "rinvia", "pubblica"])
def test_a_referent_of_another_office_can_press_no_button_of_an_action(new_client, database, city, verb):
    with database.writing() as session:
        build.make_draft(session, action_by_code(session, "A001"), submitted=True)
    other = signed_in(new_client, city.other_referent)
    token = other.get("/desk/azioni/A003").select("input[name=csrf_token]")[0]["value"]
    page = other.post_raw(f"{DESK}/{verb}", {"csrf_token": token, "version": "2", "note": "No"})
    assert page.status in (403, 404)
    assert draft(database).state == "submitted"


# ---- the way to the public page --------------------------------------------------------------------------------------


def test_the_public_page_changes_only_when_the_editor_approves(new_client, database, mailbox, city):
    reader, referent, editor = new_client(), signed_in(new_client, city.referent), signed_in(new_client, city.editor)
    before = reader.get(SITE).text("main")
    typed = {
        "title_it": "Piantare duemila alberi",
        "quantity": "650,5",
        "status": "completed",
        "status_as_of": "2026-11-20",
        "status_note_it": "Finiti a novembre",
    }
    assert referent.post(DESK, typed).status == 303
    assert reader.get(SITE).text("main") == before
    assert press(referent, "invia").status == 303
    assert reader.get(SITE).text("main") == before

    (mail,) = mailbox.deliver_now()
    assert mail.to_address == city.editor
    assert "Piantare duemila alberi" in mail.subject
    assert "Direzione Ambiente" in mail.body
    assert mailbox.link(mail) == DESK

    waiting = editor.get(mailbox.link(mail))
    compared = {
        row.select_one("th").get_text(strip=True): row.get_text(" ", strip=True)
        for row in waiting.select("#bozza ~ table tr")[1:]
    }
    assert "Piantare mille alberi" in compared["Titolo"]
    assert "Piantare duemila alberi" in compared["Titolo"]
    assert press(editor, "pubblica").status == 303
    page = reader.get(SITE)
    assert page.text("h1") == "Piantare duemila alberi"
    assert "650,5" in page.text("main")
    assert "Realizzata" in page.text('section[aria-labelledby="stato"]')
    assert "Direzione Ambiente" in page.text('section[aria-labelledby="stato"]')
    assert "Finiti a novembre" in page.text("ol.civic-timeline")
    assert draft(database) is None


def test_a_draft_sent_back_reaches_its_author_with_the_note_and_waits_on_her_home(new_client, database, mailbox, city):
    referent, editor = signed_in(new_client, city.referent), signed_in(new_client, city.editor)
    referent.post(DESK, {"title_it": "Piantare alberi"})
    press(referent, "invia")
    mailbox.deliver_now()

    refused = press(editor, "rinvia", {"note": ""}, follow=True)
    assert "Scrivi che cosa deve cambiare" in refused.errors[0]
    long = press(editor, "rinvia", {"note": "x" * 2001})
    assert "x" * 2001 in long.one('[name="note"]').get_text()
    assert draft(database).state == "submitted"

    assert press(editor, "rinvia", {"note": "Quanti alberi?"}).status == 303
    (mail,) = mailbox.deliver_now()
    assert (mail.to_address, mailbox.link(mail)) == (city.referent, DESK)
    assert "Quanti alberi?" in mail.body
    assert "Rinviata" in referent.get("/desk").text('section[aria-labelledby="mie-bozze"]')
    assert "Quanti alberi?" in referent.get(DESK).text(".callout")
    referent.post(DESK, {"title_it": "Piantare 900 alberi"})
    press(referent, "invia")
    assert (draft(database).return_note, draft(database).state) == ("", "submitted"), "a corrected draft carries no old reproach"


@on_sqlite
def test_the_editor_who_submits_her_own_draft_writes_to_nobody_but_her_colleagues(new_client, database, city):
    with database.writing() as session:
        build.make_staff(session, "editor", email="collega@prova.example")
    editor = signed_in(new_client, city.editor)
    editor.post(DESK, {"title_it": "Piantare alberi"})
    press(editor, "invia")
    with database.reading() as session:
        assert [m.to_address for m in session.query(OutboxMail)] == ["collega@prova.example"]


@on_sqlite
def test_a_status_that_goes_back_is_published_only_with_an_explanation(new_client, city, database):
    editor = signed_in(new_client, city.editor)
    path = "/desk/azioni/A003"
    back = {"status": "in_progress", "status_as_of": "2026-11-20"}
    assert editor.post(path, back).status == 303
    page = editor.post(f"{path}/pubblica", seen_at=path)
    assert page.status == 400
    assert "spiega perché" in page.text("main")
    assert draft(database, "A003") is not None
    assert editor.post(path, {"status_note_it": "Il collaudo non è passato"}).status == 303
    assert editor.post(f"{path}/pubblica", seen_at=path).status == 303


@on_sqlite
@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"title_it": ""}, "title_it"),
        ({"title_it": "x" * 301}, "title_it"),
        ({"quantity": "molti"}, "quantity"),
        ({"quantity": "-3"}, "quantity"),
        ({"target": "1.200"}, "target"),
        ({"amount_eur": "9" * 13}, "amount_eur"),
        ({"source_url": "javascript:alert(1)"}, "source_url"),
        ({"status": "critical", "status_as_of": "2026-11-01"}, "status_cause_it"),
        ({"status": "completed"}, "status_as_of"),
        ({"status": "completed", "status_as_of": "2026-12-31"}, "status_as_of"),
        ({"status": "completed", "status_as_of": "31/12/2025"}, "status_as_of"),
    ],
)
def test_a_wrong_field_keeps_everything_typed_and_is_linked_from_the_top(new_client, database, city, typed, field):
    editor = signed_in(new_client, city.editor)
    page = editor.post(DESK, {"summary_it": "Un testo lungo\n\n- uno", "unit_it": "querce"} | typed)
    assert page.status == 422
    assert f"#{field}" in page.links("#errori a")
    assert page.one("#summary_it").get_text().strip() == "Un testo lungo\n\n- uno"
    assert page.one("#unit_it")["value"] == "querce"
    for name, value in typed.items():
        control = page.one(f"#{name}")
        shown = control.select_one("[selected]")["value"] if control.name == "select" else control.get("value")
        assert shown == value
    assert draft(database) is None


# ---- two people ------------------------------------------------------------------------------------------------------


def test_the_second_of_two_editors_sees_both_texts_and_loses_nothing(new_client, database, city):
    first, second = signed_in(new_client, city.referent), signed_in(new_client, city.editor)
    opened = second.get(DESK)
    first.post(DESK, {"title_it": "Il titolo della prima", "unit_it": "querce"})

    page = second.send(opened, DESK, {"title_it": "Il titolo della seconda", "summary_it": "Testo\nsu due righe"})
    assert page.status == 409
    compared = {
        r.select_one("th").get_text(strip=True): r.get_text(" ", strip=True) for r in page.select("#confronto ~ table tbody tr")
    }
    assert "Il titolo della prima" in compared["Titolo"]
    assert "Il titolo della seconda" in compared["Titolo"]
    assert page.one("#title_it")["value"] == "Il titolo della seconda"
    assert page.one("#summary_it").get_text().strip() == "Testo\nsu due righe"
    assert draft(database).title_it == "Il titolo della prima"

    assert second.send(page, DESK).status == 303, "having seen both, she may save"
    assert draft(database).title_it == "Il titolo della seconda"
    assert second.send(page, DESK, {"title_it": "Di nuovo la stessa pagina"}).status == 409


def test_who_was_writing_while_the_draft_was_published_can_still_save_her_text(new_client, database, city):
    with database.writing() as session:
        build.make_draft(session, action_by_code(session, "A001"), title_it="In attesa")
    writer, editor = signed_in(new_client, city.referent), signed_in(new_client, city.editor)
    opened = writer.get(DESK)
    assert press(editor, "pubblica").status == 303
    page = writer.send(opened, DESK, {"title_it": "Scritto intanto"})
    assert page.status == 409
    assert page.one("#title_it")["value"] == "Scritto intanto"
    assert writer.send(page, DESK).status == 303
    assert draft(database).title_it == "Scritto intanto"


def test_a_draft_edited_meanwhile_is_not_published_unseen(new_client, database, city):
    with database.writing() as session:
        build.make_draft(session, action_by_code(session, "A001"), title_it="Letto", submitted=True)
    editor, referent = signed_in(new_client, city.editor), signed_in(new_client, city.referent)
    seen = editor.get(DESK)
    referent.post(DESK, {"title_it": "Non ancora letto"})
    for verb in ("pubblica", "rinvia"):
        page = editor.send(seen, f"{DESK}/{verb}", {"note": "No"} if verb == "rinvia" else None)
        assert page.status == 409
        assert "riaprila" in page.text("main")
    assert editor.get(SITE).text("h1") == "Piantare mille alberi"
    assert draft(database).title_it == "Non ancora letto"


def test_two_editors_who_publish_at_the_same_instant_make_one_version(new_client, database, city):
    with database.writing() as session:
        build.make_draft(
            session,
            action_by_code(session, "A001"),
            title_it="Una volta sola",
            status="completed",
            status_as_of=build.BUILT.date(),
        )
    browsers = [signed_in(new_client, city.editor) for _ in range(2)]
    pages, start, told = [b.get(DESK) for b in browsers], threading.Barrier(2), []

    def publish(browser, page):
        start.wait()
        told.append(browser.send(page, f"{DESK}/pubblica").status)

    threads = [threading.Thread(target=publish, args=pair) for pair in zip(browsers, pages, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) in ([303, 404], [303, 409])
    with database.reading() as session:
        action = action_by_code(session, "A001")
        assert action.current_version == 2
    assert len(new_client().get(SITE).select('section[aria-labelledby="storia"] > ol > li')) == 2


# ---- versions --------------------------------------------------------------------------------------------------------


def test_every_version_that_was_public_stays_readable_as_it_was(client, database, city):
    with database.writing() as session:
        action = action_by_code(session, "A001")
        for n in (2, 3):
            save_draft(
                session,
                build.BUILDER,
                action,
                DraftData(title_it=f"Titolo {n}", summary_it=f"Testo {n}"),
                version=0,
                now=build.BUILT,
            )
            session.flush()
            publish_draft(session, build.BUILDER, action, version=1, now=build.BUILT)
    listed = client.get(SITE).texts("details ol > li")
    assert ["Versione 3" in listed[0], "Versione 2" in listed[1], "Versione 1" in listed[2]] == [True] * 3
    assert "Titolo 2" in listed[1]
    assert "Testo 2" in listed[1]
    assert "Piantare mille alberi" in listed[2]
    assert "approvata da Ufficio del Sindaco" in listed[0]


@on_sqlite
def test_a_draft_that_says_nothing_new_makes_no_version(new_client, database, city):
    editor = signed_in(new_client, city.editor)
    editor.post(DESK, {"status": "completed", "status_as_of": "2026-11-20"})
    press(editor, "pubblica")
    with database.reading() as session:
        assert action_by_code(session, "A001").current_version == 1
    assert "Realizzata" in editor.get(SITE).text('section[aria-labelledby="stato"]')
