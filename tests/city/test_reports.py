"""Messages about this site: one form is one report, a receipt that gives nothing away, one answer, and then it is forgotten."""

import threading
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from civic.city.models import SiteReport
from civic.journal.models import JournalEntry
from civic.outbox.models import OutboxMail
from civic.rights.retention import purge
from tests import build

TEXT, EMAIL = "Il lettore di schermo salta la tabella", "persona@esempio.example"
FORMS = {"/accessibilita": "accessibility", "/disservizio": "malfunction"}
on_sqlite = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)


def in_database(database):
    with database.reading() as session:
        return session.scalars(select(SiteReport).order_by(SiteReport.id)).all()


def count(database, table):
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(table))


@pytest.mark.parametrize("path", FORMS)
def test_a_report_gets_a_code_a_day_and_a_mail_and_the_receipt_tells_nothing_of_the_sender(
    client, new_client, database, mailbox, city, path
):
    sent = client.post(path, {"text": TEXT, "email": EMAIL, "page": "Programma"})
    (report,) = in_database(database)
    assert sent.location == f"/segnalazioni/{report.code}"
    assert (report.kind, report.due_on) == (FORMS[path], date(2026, 12, 23))
    receipt = client.get(sent.location)
    assert report.code in receipt.text("main")
    assert "23 dicembre 2026" in receipt.text("main")
    for secret in (TEXT, EMAIL, "lettore di schermo"):
        assert secret not in receipt.html
    (mail,) = mailbox.deliver_now()
    assert (mail.to_address, mailbox.link(mail)) == (EMAIL, sent.location)
    assert report.code in mail.subject
    assert "23/12/2026" in mail.body
    assert report.code in new_client().get(f"/segnalazioni/{report.code.lower()}").text("main"), "a code may be typed by hand"
    assert client.get("/segnalazioni/AAAA-AAAA-AAAA").status == 404


def test_five_identical_forms_at_the_same_instant_are_one_report_with_one_receipt(new_client, database, city):
    browsers = [new_client() for _ in range(5)]
    page, start, told = browsers[0].get("/accessibilita"), threading.Barrier(5), []
    key = page.one('input[name="form_key"]')["value"]
    pages = [page, *(b.get("/accessibilita") for b in browsers[1:])]

    def send(browser, form):
        start.wait()
        told.append(browser.send(form, "/accessibilita", {"text": TEXT, "email": EMAIL}, extra={"form_key": key}))

    threads = [threading.Thread(target=send, args=pair) for pair in zip(browsers, pages, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [p.status for p in told] == [303] * 5
    assert len({p.location for p in told}) == 1
    assert count(database, SiteReport) == 1
    assert count(database, OutboxMail) == 1
    with database.reading() as session:
        assert len(session.scalars(select(JournalEntry).where(JournalEntry.kind == "city.report_received")).all()) == 1


@on_sqlite
def test_the_same_words_in_two_forms_are_two_reports(client, database, city):
    first, second = (client.post("/accessibilita", {"text": TEXT}) for _ in range(2))
    assert first.location != second.location
    assert count(database, SiteReport) == 2


@on_sqlite
@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"text": ""}, "text"),
        ({"text": "   \n "}, "text"),
        ({"text": "x" * 3_001}, "text"),
        ({"email": "persona"}, "email"),
        ({"email": "a@b"}, "email"),
        ({"page": "x" * 301}, "page"),
    ],
)
def test_a_wrong_form_keeps_everything_and_files_nothing(client, database, city, typed, field):
    page = client.post("/accessibilita", {"text": TEXT, "email": EMAIL, "page": "Programma"} | typed)
    assert page.status == 422
    assert f"#{field}" in page.links("#errori a")
    kept = {"text": TEXT, "email": EMAIL, "page": "Programma"} | typed
    assert page.one("#text").get_text().strip() == kept["text"].strip()
    assert (page.one("#email")["value"], page.one("#page")["value"]) == (kept["email"], kept["page"])
    assert count(database, SiteReport) == 0
    assert client.send(page, "/accessibilita", {"text": "x" * 3_000, "email": "", "page": ""}).status == 303


@on_sqlite
def test_a_machine_that_fills_every_field_files_nothing_and_a_person_sees_no_such_field(client, database, city):
    page = client.get("/accessibilita")
    trap = page.one('input[name="website"]')
    assert trap.find_parent(attrs={"aria-hidden": "true"}) is not None
    assert trap["tabindex"] == "-1"
    caught = client.send(page, "/accessibilita", {"text": TEXT, "website": "https://spam.example"})
    assert caught.status == 422
    assert caught.errors
    assert caught.one("#text").get_text().strip() == TEXT
    assert count(database, SiteReport) == 0
    assert client.send(caught, "/accessibilita").status == 303, "a browser that filled it by itself gets a second chance"


@on_sqlite
def test_the_form_says_which_page_one_came_from(client, city):
    assert client.get("/disservizio?pagina=/programma").one("#page")["value"] == "/programma"


# ---- the answer -----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def filed(database, city):
    with database.writing() as session:
        return build.make_report(session, text=TEXT, email=EMAIL).code


def test_a_report_is_answered_once_and_the_sender_is_told(new_client, database, mailbox, filed, city):
    first, second = new_client(), new_client()
    first.sign_in(city.editor)
    second.sign_in(city.administrator)
    path = f"/desk/amministrazione/segnalazioni/{filed}"
    assert TEXT in first.get("/desk").text('section[aria-labelledby="segnalazioni"]')
    opened = second.get(path)
    mailbox.deliver_now()
    refused = first.post(path, {"answer": ""})
    assert refused.status == 422
    assert first.post(path, {"answer": "Abbiamo corretto la tabella."}).status == 303

    late = second.send(opened, path, {"answer": "Un'altra risposta"})
    assert late.status == 409
    assert "Abbiamo corretto la tabella." in late.text("main")
    assert "Un'altra risposta" in late.text("main")
    (mail,) = mailbox.deliver_now()
    assert mail.to_address == EMAIL
    assert "Abbiamo corretto la tabella." in mail.body
    (report,) = in_database(database)
    assert report.answer == "Abbiamo corretto la tabella."
    receipt = new_client().get(f"/segnalazioni/{filed}")
    assert "Abbiamo risposto" in receipt.text("dl")
    assert "tabella" not in receipt.html
    assert not first.get("/desk").select('section[aria-labelledby="segnalazioni"]')


@on_sqlite
def test_an_answer_to_who_left_no_address_writes_to_nobody(client, database, city):
    with database.writing() as session:
        code = build.make_report(session).code
    client.sign_in(city.editor)
    assert client.post(f"/desk/amministrazione/segnalazioni/{code}", {"answer": "Grazie"}).status == 303
    assert count(database, OutboxMail) == 0


@on_sqlite
def test_a_report_that_is_not_there_is_a_page_not_found(client, city):
    client.sign_in(city.editor)
    token = client.get("/desk/profilo").select("input[name=csrf_token]")[0]["value"]
    path = "/desk/amministrazione/segnalazioni/AAAA-AAAA-AAAA"
    assert client.get(path).status == 404
    assert client.post_raw(path, {"csrf_token": token, "answer": "x"}).status == 404


@on_sqlite
def test_an_answer_that_is_due_shows_as_late_the_day_after(new_client, clock, filed, city):
    editor, reader = new_client(), new_client()
    clock.advance(days=27, hours=12)  # 20 December, the thirtieth day
    editor.sign_in(city.editor)
    assert "In ritardo" not in editor.get("/desk").text("main")
    assert "il termine è passato" not in reader.get(f"/segnalazioni/{filed}").text("main")
    clock.advance(hours=1, minutes=30)  # half past midnight in Italy
    editor.sign_in(city.editor)
    assert "In ritardo" in editor.get("/desk").text("main")
    assert "il termine è passato" in reader.get(f"/segnalazioni/{filed}").text("main")


def test_a_report_is_forgotten_twelve_months_after_its_answer_and_an_open_one_is_kept(client, database, clock, filed, city):
    with database.writing() as session:
        build.make_report(session, text="Ancora aperta")
    client.sign_in(city.editor)
    client.post(f"/desk/amministrazione/segnalazioni/{filed}", {"answer": "Fatto"})
    clock.advance(days=365)
    with database.writing() as session:
        purge(session, clock())
    assert len(in_database(database)) == 2
    with database.writing() as session:
        assert purge(session, clock() + timedelta(seconds=1)) == 1
    assert [r.text for r in in_database(database)] == ["Ancora aperta"]
    assert client.get(f"/segnalazioni/{filed}").status == 404


def test_who_asks_is_forgotten_and_the_receipt_stays(client, database, mailbox, filed, city):
    client.sign_in(city.editor)
    path = f"/desk/amministrazione/segnalazioni/{filed}"
    assert client.post(f"{path}/cancella", seen_at=path).status == 303
    (report,) = in_database(database)
    assert (report.email, TEXT in report.text) == ("", False)
    assert count(database, OutboxMail) == 0
    assert client.get(f"/segnalazioni/{filed}").status == 200
