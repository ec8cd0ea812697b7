"""The desk: an office asks, keeps evidence and reads its figures; others write down, look at odd flows and list who works where."""

import io
from dataclasses import replace
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from pypdf import PdfReader
from sqlalchemy import func, insert, select

from civic.contributions.models import Contribution
from civic.kernel.actor import Scope, ScopeKind
from civic.kernel.codes import token
from civic.kernel.permissions import Permission
from civic.people.commands.staff import give_grant
from civic.people.rules import Channel
from civic.quality.commands.ratings import RatingData, rate
from civic.quality.commands.tallies import rebuild
from civic.quality.commands.windows import flag_window
from civic.quality.models import (
    Employee,
    OutsideResult,
    Rating,
    RatingPoint,
    RatingTally,
    RatingTicket,
    ServiceContacts,
    StandardMeasure,
)
from civic.quality.queries.figures import figures_of
from civic.quality.rules import Instrument, RatingChannel, Standing, Suspicion, Trust, band_of
from tests import build
from tests.client import Client
from tests.people.conftest import config, idp, running, sign_in  # noqa: F401 - the identity provider, for who works where

on_sqlite = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
DESK = "/desk/valutazioni"
MINE = f"{DESK}/acquedotto"
FLOWS = f"{DESK}/flussi"
COLUMNS = "service_code,year,dimension,value,unit,sample_n,method,scope,source_url"


@pytest.fixture
def office(new_client, city):
    """The referent of the environment department, which answers for the waterworks."""
    browser = new_client()
    browser.sign_in(city.referent)
    return browser


@pytest.fixture
def other(new_client, city):
    """The referent of the schools department."""
    browser = new_client()
    browser.sign_in(city.other_referent)
    return browser


@pytest.fixture
def editor(new_client, city):
    browser = new_client()
    browser.sign_in(city.editor)
    return browser


@pytest.fixture
def hire(new_client, database, city):
    """`hire("evaluator")`: a member of staff in that role, signed in; `also_for` gives her a grant for an office too."""

    def make(role, *, also_for="", **told):
        with database.writing() as session:
            account = build.make_staff(session, role, email=f"{role}{also_for}@prova.example", **told)
            if also_for:
                scope = Scope(ScopeKind.OFFICE, also_for)
                give_grant(session, build.BUILDER, account.id, Permission.QUALITY_EVIDENCE_EDIT, scope, now=build.BUILT)
        browser = new_client()
        browser.sign_in(f"{role}{also_for}@prova.example")
        return browser

    return make


def told_of(database, clock, service="acquedotto"):
    with database.reading() as session:
        return figures_of(session, service, today=clock().date())


def count(database, table, *where):
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(table).where(*where))


def done(page):
    assert page.status == 303, page.errors
    return page


# ---- points ----------------------------------------------------------------------------------------------------------


def hang(browser, **typed):
    done(browser.post(f"{MINE}/punti", {"place": "Atrio di via Pretoria", "quartiere_code": "Q2"} | typed))


def code_of(database):
    with database.reading() as session:
        return session.scalars(select(RatingPoint.code).where(RatingPoint.closed_on.is_(None))).one()


def test_an_office_hangs_a_poster_where_its_service_is_used(office, client, database):
    hang(office)
    page = office.get(MINE)
    assert "Atrio di via Pretoria" in page.text()
    (link,) = [a for a in page.links() if a.endswith(".pdf")]
    answer = office.get(link)
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("inline")
    words = " ".join(PdfReader(io.BytesIO(answer.data)).pages[0].extract_text().split())
    code = code_of(database)
    for said in ("Comune di Prova", "Acquedotto", "Atrio di via Pretoria", f"localhost/v/{code}"):
        assert said in words, said
    assert client.get(f"/v/{code}").location == f"/servizi/acquedotto/valuta?punto={code}"


@on_sqlite
def test_a_poster_speaks_the_language_of_the_page_it_is_asked_from(office, database):
    hang(office)
    pdf = office.get(f"/en{DESK}/punti/{code_of(database)}/manifesto.pdf").data
    reader = PdfReader(io.BytesIO(pdf))
    assert reader.trailer["/Root"]["/Lang"] == "en"
    assert f"localhost/en/v/{code_of(database)}" in reader.pages[0].extract_text()


def test_a_closed_point_leads_to_the_services_page_and_has_no_poster(office, client, database):
    hang(office)
    code = code_of(database)
    done(office.post(f"{DESK}/punti/{code}/chiudi", seen_at=MINE))
    assert client.get(f"/v/{code}").location == "/servizi/acquedotto"
    assert office.get(f"{DESK}/punti/{code}/manifesto.pdf").status == 404
    assert "chiuso" in office.get(MINE).text()


@on_sqlite
def test_a_totem_has_no_poster_for_its_address_is_its_own_screens(office, database):
    hang(office, is_kiosk="y")
    code = code_of(database)
    page = office.get(MINE)
    assert f"/totem/{code}" in page.links()
    assert not [a for a in page.links() if a.endswith(".pdf")]
    assert office.get(f"{DESK}/punti/{code}/manifesto.pdf").status == 404


# ---- tickets ---------------------------------------------------------------------------------------------------------


def prepare(browser, **typed):
    page = browser.post(f"{MINE}/biglietti", {"count": "3"} | typed)
    assert page.status == 200, page.errors
    return page.texts("main li code")


def test_a_ticket_is_shown_once_used_once_and_bears_more_than_an_open_rating(office, client, new_client, database, clock):
    codes = prepare(office, quartiere_code="Q1")
    assert len(set(codes)) == 3
    assert not [c for c in codes if c in office.get(f"{MINE}/biglietti").html + office.get(MINE).html]
    assert count(database, RatingTicket, RatingTicket.code_hash.in_(codes)) == 0, "only fingerprints are kept"

    way = client.get(f"/biglietto?codice={codes[0].lower()}").location
    done(client.post(way, {"stars": "5"}))
    with database.reading() as session:
        rating = session.scalars(select(Rating)).one()
        assert (rating.trust, rating.quartiere_code) == (Trust.TICKET, "Q1")

    again = new_client().post(way, {"stars": "1"})
    assert again.status == 422
    assert "già stato usato" in " ".join(again.errors)
    assert told_of(database, clock).now.counts == (0, 0, 0, 0, 1)
    assert "preparati 3, e usati 1" in office.get(MINE).text()


@on_sqlite
@pytest.mark.parametrize("typed", ["0", "201", "-1", "dieci", " "])
def test_tickets_are_prepared_from_one_to_two_hundred_at_a_time(office, database, typed):
    page = office.post(f"{MINE}/biglietti", {"count": typed})
    assert page.status == 422
    assert page.errors
    assert count(database, RatingTicket) == 0


def test_who_had_a_contact_gets_a_ticket_by_mail_and_the_house_forgets_her_address(office, client, mailbox, database):
    done(office.post(f"{MINE}/invito", {"email": "Anna@Prova.example"}))
    (mail,) = mailbox.deliver_now()
    assert mail.to_address == "anna@prova.example"
    link = next(w for w in mail.body.split() if "/biglietto?codice=" in w).removeprefix("http://localhost")
    assert client.get(link).location.startswith("/servizi/acquedotto/valuta?biglietto=")
    with database.reading() as session:
        assert session.scalars(select(RatingTicket.by_mail)).all() == [True]
    assert "anna@" not in office.get(MINE).html.lower()


@on_sqlite
def test_one_address_is_not_invited_without_end(office, mailbox, database):
    answers = [office.post(f"{MINE}/invito", {"email": "anna@prova.example"}).status for _n in range(12)]
    assert answers[0] == 303
    assert answers[-1] == 422
    assert count(database, RatingTicket) == answers.count(303), "a mail that does not leave makes no ticket"


# ---- contacts and standards ------------------------------------------------------------------------------------------


def test_contacts_tell_how_many_of_those_who_came_answered(office, database, clock):
    with database.writing() as session:
        build.make_ratings(session, "acquedotto", (0, 0, 4, 4, 4))
    assert "scrivi i contatti, e si calcola" in office.get(MINE).text()
    typed = {"month": "2026-11", "n": "48", "source": "Sistema delle code"}
    done(office.post(f"{MINE}/contatti", typed))
    assert "25,0%" in office.get(MINE).text(".civic-figures")
    done(office.post(f"{MINE}/contatti", typed | {"n": "24"}))
    assert "50,0%" in office.get(MINE).text(".civic-figures")
    assert count(database, ServiceContacts) == 1, "the month is told anew, not added"
    assert "Sistema delle code" in office.get(f"{MINE}/contatti").text("main table")


@on_sqlite
@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"month": "ottobre"}, "anno-mese"),
        ({"month": "2026-10-05"}, "anno-mese"),
        ({"month": "2026-13"}, "anno-mese"),
        ({"month": "2026-12"}, "non è ancora cominciato"),
        ({"month": " "}, "obbligatorio"),
        ({"n": "0"}, "almeno uno"),
        ({"n": "9999999999"}, "troppo grande"),
        ({"source": ""}, "obbligatorio"),
    ],
)
def test_a_month_that_cannot_be_is_refused_and_nothing_typed_is_lost(office, database, typed, says):
    page = office.post(f"{MINE}/contatti", {"month": "2026-10", "n": "48", "source": "Sistema delle code"} | typed)
    assert page.status == 422
    assert says in " ".join(page.errors)
    for name, value in typed.items():
        assert page.one(f"main [name={name}]")["value"].strip() == value.strip()
    assert count(database, ServiceContacts) == 0


STANDARD = {"label_it": "Riparazione di una perdita", "promised": "24", "unit": "ore", "sense": "at_most"}
MEASURE = {"period_start": "2026-01-01", "period_end": "2026-06-30", "measured": "30,5", "n": "120", "method": "Registro guasti"}


def measured(browser):
    (way,) = [a for a in browser.get(MINE).links() if a.endswith("/misura")]
    return way


def test_a_promise_is_measured_corrected_and_ended_and_everything_stays(office, database):
    done(office.post(f"{MINE}/standard", STANDARD))
    way = measured(office)
    done(office.post(way, MEASURE))
    assert "30,5 ore non rispettato" in office.get(MINE).text()
    done(office.post(way, MEASURE | {"measured": "20", "method": "Mancavano i guasti di marzo"}))
    assert "20 ore rispettato" in office.get(MINE).text()
    told = office.get(way).text("main table")
    assert "30,5 ore" in told
    assert "corregge quella di prima" in told
    done(office.post(way.replace("/misura", "/chiudi"), seen_at=MINE))
    page = office.get(MINE)
    assert "Riparazione di una perdita" in page.text()
    assert "al 23 novembre 2026" in page.text()


@on_sqlite
@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"period_end": "2025-12-31"}, "finisce prima"),
        ({"period_end": "2026-12-31"}, "non è ancora finito"),
        ({"measured": "molti"}, "numero"),
        ({"measured": "99999999999"}, "troppo grande"),
        ({"measured": " "}, "obbligatorio"),
        ({"n": "-1"}, "zero in su"),
    ],
)
def test_a_measure_that_cannot_be_is_refused(office, database, typed, says):
    done(office.post(f"{MINE}/standard", STANDARD))
    page = office.post(measured(office), MEASURE | typed)
    assert page.status == 422
    assert says in " ".join(page.errors)
    assert count(database, StandardMeasure) == 0


# ---- results of others -----------------------------------------------------------------------------------------------


def file_of(*rows):
    return "\n".join([COLUMNS, *rows]).encode()


def preview(browser, data):
    return browser.post(f"{DESK}/indagini", {"file": (io.BytesIO(data), "risultati.csv")})


GOOD = "acquedotto,2015,pressione adeguata,86.1,% positivi,943,CATI,residenti,https://www.comune.prova.example/2015"


def test_a_file_with_a_problem_writes_nothing_and_says_what_to_mend(office, database):
    page = preview(office, file_of(GOOD, "acquedotto,prossimo,qualità,,voto,molti,,,comune.example"))
    assert page.status == 422
    told = page.text("main table")
    for words in ("3", "year", "«prossimo»", "value", "vuoto", "sample_n", "source_url"):
        assert words in told, words
    assert not page.select(f'form[action="{DESK}/indagini/applica"]')
    assert count(database, OutsideResult) == 0


def test_a_good_file_is_shown_first_then_added_once_and_everybody_reads_it(office, client, database):
    page = preview(office, file_of(GOOD, "nidi,2015,orari,70,% positivi,,,,", "fiume,2015,orari,70,% positivi,,,,"))
    assert page.status == 200
    assert "pressione adeguata" in page.text("main table")
    assert "2 righe restano fuori (3, 4)" in page.text()
    assert count(database, OutsideResult) == 0, "a preview writes nothing"
    for _twice in range(2):
        done(office.send(page, f"{DESK}/indagini/applica"))
    assert count(database, OutsideResult) == 1
    public = client.get("/servizi/acquedotto").text()
    assert "pressione adeguata" in public
    assert "86,1 % positivi" in public


@on_sqlite
def test_a_file_that_was_changed_on_its_way_is_checked_again(office, database):
    page = preview(office, file_of(GOOD))
    bad = file_of(GOOD.replace("2015", "2099")).decode()
    sent = office.send(page, f"{DESK}/indagini/applica", {"text": bad})
    assert sent.status == 422
    assert "problemi" in " ".join(sent.errors)
    assert count(database, OutsideResult) == 0


@on_sqlite
def test_the_empty_file_has_the_columns_that_are_asked_for(office):
    answer = office.get(f"{DESK}/indagini/modello.csv")
    assert answer.html.strip() == COLUMNS
    assert "niente da aggiungere" in preview(office, answer.data).text()


# ---- whose desk ------------------------------------------------------------------------------------------------------


@on_sqlite
def test_the_referent_of_another_office_does_not_even_learn_what_there_is(office, other, database):
    hang(office)
    done(office.post(f"{MINE}/standard", STANDARD))
    way, point = measured(office), f"{DESK}/punti/{code_of(database)}"
    assert [a for a in other.get(DESK).links() if "acquedotto" in a] == []
    sent = {"csrf_token": other.get(DESK).select('input[name="csrf_token"]')[0]["value"]}
    pages = [MINE, *(f"{MINE}/{p}" for p in ("punti", "biglietti", "invito", "contatti", "standard")), way]
    for path in [*pages, f"{point}/manifesto.pdf", f"{DESK}/nessuno", f"{DESK}/standard/999/misura"]:
        assert other.get(path).status == 404, path
    for path in [*pages[1:], f"{point}/chiudi", way.replace("/misura", "/chiudi")]:
        assert other.post_raw(path, sent).status == 404, path
    assert "chiuso" not in office.get(MINE).text()


@on_sqlite
def test_a_provider_keeps_the_evidence_of_the_services_it_runs(hire, database):
    provider = hire("provider", scope_ref="acqua-spa")
    assert "Acquedotto" in provider.get(DESK).text("main table")
    assert "Nidi" not in provider.get(DESK).text("main table")
    done(provider.send(preview(provider, file_of(GOOD)), f"{DESK}/indagini/applica"))
    with database.reading() as session:
        assert session.scalars(select(OutsideResult.provider_code)).all() == ["acqua-spa"], "its own word, and marked as such"


@on_sqlite
def test_a_reviewer_reads_all_figures_and_edits_none(hire, database):
    with database.writing() as session:
        build.make_ratings(session, "nidi", (0, 0, 0, 2, 10))
    evaluator = hire("evaluator")
    page = evaluator.get(DESK)
    assert "Nidi Scuola · pagina pubblica 12 100,0% nessuno" in " ".join(page.texts("main tbody tr"))
    assert "/servizi/nidi" in page.links()
    assert evaluator.get(f"{DESK}/nidi").status == 403


@on_sqlite
def test_the_desk_sees_the_numbers_that_are_too_few_for_the_public(office, database):
    with database.writing() as session:
        build.make_ratings(session, "acquedotto", (1, 0, 0, 0, 2))
    assert "2 su 3" in office.get(DESK).text("main table")
    page = office.get(MINE)
    assert "2 su 3 servono 10 valutazioni" in page.text(".civic-figures")
    assert "/desk/voci?servizio=acquedotto&origine=rating" in page.links()


@on_sqlite
def test_the_list_of_services_asks_as_much_for_one_as_for_many(editor, app, database, query_count):
    editor.get(DESK)
    with query_count(app) as few:
        editor.get(DESK)
    with database.writing() as session:
        for n in range(8):
            build.make_service(session, f"servizio-{n}")
            build.make_ratings(session, f"servizio-{n}", (1, 1, 1, 5, 5))
    with query_count(app) as many:
        editor.get(DESK)
    assert len(many) == len(few) <= 15


# ---- written down by an operator -------------------------------------------------------------------------------------


def test_what_an_operator_writes_down_stands_apart(hire, database, clock):
    counter = hire("counter")
    page = counter.get(f"{DESK}/scrivi")
    typed = {"service_code": "nidi", "stars": "1", "quartiere_code": "Q1"}
    first = done(counter.send(page, None, typed)).location
    assert first.startswith("/valutazioni/")
    assert done(counter.send(page, None, typed)).location == first, "the same form twice is one rating"
    told = told_of(database, clock, "nidi")
    assert told.now.n == 0
    assert [(p.key, p.n) for p in told.apart] == [(RatingChannel.OPERATOR, None)]
    assert count(database, Rating, Rating.channel == RatingChannel.OPERATOR) == 1
    done(counter.post(first, {"text": "La signora dice che l'orario non le va."}))
    with database.reading() as session:
        assert session.scalars(select(Contribution.channel)).all() == [Channel.DESK]


@on_sqlite
def test_an_operator_writes_nothing_about_the_office_she_works_for(hire, city, database):
    counter = hire("counter", also_for=city.environment)
    page = counter.get(f"{DESK}/scrivi")
    assert [o["value"] for o in page.select("select[name=service_code] option")] == ["nidi"]
    forged = counter.send(page, None, {"service_code": "acquedotto", "stars": "5"})
    assert forged.status == 422
    assert counter.send(page, None, {"service_code": "nidi"}).status == 422, "without stars there is nothing to write"
    assert count(database, Rating) == 0


# ---- odd flows -------------------------------------------------------------------------------------------------------


@pytest.fixture
def odd(database, clock, city):
    """Twenty quiet ratings of the waterworks, then eight of one star in an hour: a window that waits. Returns its address."""
    with database.writing() as session:
        build.make_ratings(session, "acquedotto", (0, 0, 0, 10, 10), now=clock() - timedelta(days=9))
        build.make_ratings(session, "acquedotto", (8, 0, 0, 0, 0), now=clock())
        found = Suspicion(n=8, usual=0.0, p_volume=1e-5, p_mix=1e-5)
        where = (clock().date(), band_of(clock()))
        window = flag_window(session, build.BUILDER, service_code="acquedotto", day_band=where, found=found, now=clock())
        return f"{FLOWS}/{window.id}"


def decide(browser, path, verdict="exclude", **typed):
    return browser.post(
        path, {"verdict": verdict, "note": "Tutte in un'ora, dallo stesso paese.", "public_note": "Una campagna."} | typed
    )


def counts_of(database, clock):
    told = told_of(database, clock)
    return told.now.n, told.whole.n, told.in_review, told.excluded


def test_two_people_set_a_window_aside_and_one_alone_cannot(odd, editor, hire, client, database, clock):
    page = editor.get(odd)
    assert "71,4%" in page.text(".civic-figures"), "the figure with what is out"
    assert "100,0%" in page.text(".civic-figures"), "and without"
    assert "1 · Molto male 8" in " ".join(page.texts("main tbody tr"))
    done(decide(editor, odd))
    assert counts_of(database, clock) == (20, 28, 8, 0)
    assert "seconda persona" in editor.get(odd).text()
    assert not editor.get(odd).select("main form.civic-form")
    alone = editor.send(page, odd, {"verdict": "exclude", "note": "Lo ripeto."})
    assert alone.status == 422
    assert "seconda persona" in " ".join(alone.errors)
    assert counts_of(database, clock) == (20, 28, 8, 0)

    evaluator = hire("evaluator")
    assert "Tutte in un'ora" in evaluator.get(odd).text(".civic-said")
    assert evaluator.get(odd).text("textarea[name=public_note]") == "Una campagna."
    done(decide(evaluator, odd, note="Anche per me."))
    assert counts_of(database, clock) == (20, 28, 0, 8)
    assert decide_late(evaluator, odd) == 200
    assert "nessuno" in evaluator.get(DESK).text("main tbody tr"), "nothing waits any more"
    assert "Una campagna." in client.get("/servizi/acquedotto").text()


def decide_late(browser, path):
    """A decided window has no form any more; its page stays."""
    page = browser.get(path)
    assert not page.select("main form.civic-form")
    return page.status


def test_two_people_who_keep_a_window_give_it_back_to_the_figure(odd, editor, hire, database, clock):
    done(decide(editor, odd, "keep", public_note="Un guasto vero."))
    done(decide(hire("evaluator"), odd, "keep", public_note=""))
    assert counts_of(database, clock) == (28, 28, 0, 0)


@on_sqlite
def test_two_who_disagree_begin_again_and_the_window_stays_out(odd, editor, hire, database, clock):
    done(decide(editor, odd))
    evaluator = hire("evaluator")
    assert "d'accordo" in evaluator.follow(decide(evaluator, odd, "keep")).text()
    assert counts_of(database, clock) == (20, 28, 8, 0)
    done(decide(evaluator, odd, "keep"))
    assert "seconda persona" in evaluator.get(FLOWS).text("main table"), "now she is the first of two"
    assert counts_of(database, clock) == (20, 28, 8, 0)


@on_sqlite
def test_nothing_is_left_out_without_a_word_to_the_public(odd, editor, hire, database, clock):
    done(decide(editor, odd, public_note=""))
    page = decide(hire("evaluator"), odd, public_note="")
    assert page.status == 422
    assert "nota pubblica" in " ".join(page.errors)
    assert counts_of(database, clock) == (20, 28, 8, 0)


@on_sqlite
def test_long_notes_of_two_people_are_both_kept(odd, editor, hire, backend):
    done(decide(editor, odd, note="a" * 480))
    evaluator = hire("evaluator")
    assert decide(evaluator, odd, note="b" * 481).status == 422
    done(decide(evaluator, odd, note="b" * 480))
    said = editor.get(odd).text(".civic-said")
    assert "a" * 480 in said
    assert "b" * 480 in said


@on_sqlite
def test_nobody_decides_about_the_office_she_works_for(odd, hire, city):
    evaluator = hire("evaluator", also_for=city.environment)
    assert "decidono altri" in evaluator.get(FLOWS).text("main table")
    assert odd not in evaluator.get(FLOWS).links()
    assert evaluator.get(odd).status == 404
    sent = {"csrf_token": evaluator.get(FLOWS).select('input[name="csrf_token"]')[0]["value"]}
    assert evaluator.post_raw(odd, sent | {"verdict": "keep", "note": "x"}).status == 404


@on_sqlite
def test_the_list_says_that_a_window_waits_for_somebody_else(odd, editor, office):
    assert "Da guardare" in editor.get(FLOWS).text("main table")
    assert "Acquedotto Casa · Acqua Spa 20 100,0% 1" in " ".join(editor.get(DESK).texts("main tbody tr"))
    assert "In verifica" in office.get(MINE).text()
    done(decide(editor, odd))
    assert "Hai già detto la tua" in editor.get(FLOWS).text("main table")


# ---- pages -----------------------------------------------------------------------------------------------------------


MAIN_SITE = "https://www.comune.prova.example"


@pytest.fixture
def linked(make_app, config, city):  # noqa: F811 - the fixture
    """The app of a Comune whose main site asks too."""
    return make_app(replace(config, rating_origins=MAIN_SITE))


def test_the_main_site_pastes_the_form_and_its_pages_are_judged_here(linked, city, database):
    editor = Client(linked)
    editor.sign_in(city.editor)
    page = editor.get(f"{DESK}/pagine")
    assert MAIN_SITE in page.text()
    form = BeautifulSoup(page.one("main pre code").get_text(), "html.parser").form
    assert form["action"] == "http://localhost/valuta/pagina"
    fields = {i["name"]: i["value"] for i in form.select("input[type=hidden]")}
    assert {i["value"] for i in form.select("[name=stelle]")} == set("12345")
    fields |= {"stelle": "2", form.textarea["name"]: "Non trovo l'ufficio, scrivetemi a anna@prova.example"}
    fields["risposte"] = form.select("[name=risposte]")[-2]["value"]
    sent = Client(linked).post_raw("/valuta/pagina", fields, headers={"Origin": MAIN_SITE})
    assert sent.status == 303
    with database.writing() as session:
        for _n in range(3):
            data = RatingData(instrument=Instrument.EASE_OF_USE, stars=5, form_key=token(), page="/programma")
            rate(session, data, pepper=b"p" * 32, now=build.BUILT)
    page = editor.get(f"{DESK}/pagine")
    worst, best = page.texts("main tbody tr")
    assert worst.startswith("www.comune.prova.example/percorso-della-pagina 2,0 1")
    assert best.startswith("/programma 5,0 3")
    told = page.text(".civic-rows")
    assert "Non trovo l'ufficio" in told
    assert "anna@" not in told
    assert Client(linked).post_raw("/valuta/pagina", fields, headers={"Origin": "https://altrove.example"}).status == 400


# ---- who works where -------------------------------------------------------------------------------------------------


@pytest.fixture
def administrator(new_client, city):
    browser = new_client()
    browser.sign_in(city.administrator)
    return browser


STAFF = f"{DESK}/personale"


def test_who_is_listed_rates_her_own_office_outside_the_figure(administrator, client, sign_in, database, clock, city):  # noqa: F811
    lines = f"{build.fiscal_code('maria').lower()}\n\n  TINIT-{build.fiscal_code('giovanni')} \n"
    done(administrator.post(STAFF, {"employer": city.environment, "lines": lines}))
    assert administrator.get(STAFF).texts("main tbody tr") == ["Direzione Ambiente 2"]
    assert build.fiscal_code("maria") not in administrator.get(STAFF).html
    sign_in(client, "maria")
    done(client.post("/servizi/acquedotto/valuta", {"stars": "5"}))
    done(client.post("/servizi/nidi/valuta", {"stars": "4"}))
    assert told_of(database, clock).now.n == 0
    assert count(database, Rating, Rating.standing == Standing.INTERNAL) == 1
    assert told_of(database, clock, "nidi").now.n == 1, "of another office she is a citizen like any other"

    done(administrator.post(STAFF, {"employer": city.environment, "lines": build.fiscal_code("aicha")}))
    assert count(database, Employee) == 1, "the new list takes the place of the old one"


@on_sqlite
def test_one_wrong_line_leaves_the_old_list_as_it_was(administrator, database, city):
    done(administrator.post(STAFF, {"employer": "acqua-spa", "lines": build.fiscal_code("maria")}))
    page = administrator.post(STAFF, {"employer": "acqua-spa", "lines": f"{build.fiscal_code('aicha')}\nRSSMRA"})
    assert page.status == 422
    assert "Riga 2" in " ".join(page.errors)
    assert "RSSMRA" in page.text("textarea[name=lines]")
    assert administrator.post(STAFF, {"employer": "acqua-spa", "lines": " \n "}).status == 422, "nobody empties it by mistake"
    with database.reading() as session:
        assert session.scalars(select(Employee.employer)).all() == ["acqua-spa"]


def test_an_attack_of_very_many_ratings_is_set_aside_in_one_go(database, clock, city):
    """More rows than a database takes parameters: an attack is just when there are very many."""
    at = clock()
    with database.writing() as session:
        build.make_ratings(session, "nidi", (1, 0, 0, 0, 0), now=at)
        first = session.scalars(select(Rating)).one()
        told = {c.name: getattr(first, c.name) for c in Rating.__table__.columns if c.name not in ("id", "form_key", "edit_hash")}
        session.execute(insert(Rating), [told | {"form_key": f"raffica-{n}"} for n in range(70_000)])
        rebuild(session)
    with database.writing() as session:
        window = flag_window(
            session,
            build.BUILDER,
            service_code="nidi",
            day_band=(first.on_day, first.hour_band),
            found=Suspicion(70_001, 1.0, 1e-9, 1e-9),
            now=at,
        )
        assert window is not None
    with database.reading() as session:
        standings = dict(
            session.execute(
                select(RatingTally.standing, func.sum(RatingTally.n)).where(RatingTally.n > 0).group_by(RatingTally.standing)
            ).all()
        )
        assert standings == {"in_review": 70_001}
        assert session.scalar(select(func.count()).where(Rating.standing == "in_review")) == 70_001
