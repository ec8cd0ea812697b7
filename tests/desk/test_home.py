"""The staff home: what waits for me and nothing else, and a menu whose every link opens."""

import pytest

from civic.demo.people import LOGINS
from civic.kernel.actor import Scope, ScopeKind
from civic.kernel.permissions import Permission
from civic.people.commands.staff import give_grant
from civic.people.queries.staff import account_by_email
from civic.planning.queries.actions import action_by_code
from tests import build

on_sqlite = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
SECTIONS = {"da-approvare", "mie-bozze", "segnalazioni", "schede", "messaggi"}
MENU = {
    "editor": {
        "Azioni del programma",
        "Schede PEG",
        "Importa un programma",
        "Segnalazioni sul sito",
        "Voci",
        "Testi da nascondere",
        "Impegni presi",
        "Percorsi",
        "Temi",
        "Risposte pronte",
        "Segnali",
        "Termini per rispondere",
        "Monitoraggio civico",
        "Flussi anomali",
        "Indagini di altri",
        "Giudizi sulle pagine",
    },
    "referent": {
        "Azioni del programma",
        "Voci",
        "Impegni presi",
        "Risposte pronte",
        "Monitoraggio civico",
        "Indagini di altri",
        "Giudizi sulle pagine",
    },
    "administrator": {
        "Segnalazioni sul sito",
        "Servizi, gestori, quartieri",
        "Uffici",
        "Festività",
        "Identità dell'ente",
        "Piè di pagina",
        "Testi dei messaggi",
        "Posta in uscita",
        "Soglie",
        "Silenzio elettorale",
        "Accessi e permessi",
        "Registro",
        "Associazioni ed enti",
        "Registro dei trattamenti",
        "In caso di incidente",
        "Chi lavora dove",
    },
    "auditor": {"Registro"},
}
EVERYBODYS = {"Cosa mi aspetta", "Il mio profilo"}


def signed_in(new_client, email):
    browser = new_client()
    browser.sign_in(email)
    return browser


def sections(page):
    return {s["aria-labelledby"] for s in page.select("main section")}


@pytest.fixture
def busy(database, city):
    """A city in which something waits: two submitted drafts, one open, a report, a doubtful sheet, mails to send."""
    with database.writing() as session:
        build.make_draft(session, action_by_code(session, "A001"), submitted=True, title_it="Per l'ambiente")
        build.make_draft(session, action_by_code(session, "A003"), submitted=True, title_it="Per la scuola")
        build.make_peg(session, "Scheda dubbia", review_notes_it="Il peso è illeggibile")
        build.make_report(session, email="persona@esempio.example", text="Non si legge")
    return city


WAITS = {
    "editor": {"da-approvare", "segnalazioni", "schede"},
    "referent": set(),
    "administrator": {"segnalazioni", "messaggi"},
    "auditor": set(),
}


@pytest.mark.parametrize("role", WAITS)
def test_each_role_sees_what_waits_for_it_and_nothing_else(new_client, busy, role):
    page = signed_in(new_client, getattr(busy, role)).get("/desk")
    assert sections(page) == WAITS[role] <= SECTIONS
    if not WAITS[role]:
        assert "Non c'è niente che ti aspetta" in page.text(".civic-empty")


@pytest.mark.parametrize("role", ["editor", "referent", "administrator", "auditor"])
@on_sqlite
def test_when_nothing_waits_the_home_says_so(new_client, city, role):
    page = signed_in(new_client, getattr(city, role)).get("/desk")
    assert sections(page) == set()
    assert "Non c'è niente che ti aspetta" in page.text(".civic-empty")


def test_every_link_of_the_home_opens(new_client, busy):
    for role in WAITS:
        browser = signed_in(new_client, getattr(busy, role))
        for link in browser.get("/desk").links("main a"):
            assert browser.get(link, follow=True).status == 200, (role, link)


def test_my_own_drafts_wait_for_me_alone_and_those_sent_back_come_first(new_client, database, city):
    referent, other = signed_in(new_client, city.referent), signed_in(new_client, city.other_referent)
    editor = signed_in(new_client, city.editor)
    for code in ("A002", "A001"):
        referent.post(f"/desk/azioni/{code}", {"title_it": f"Bozza {code}"})
    referent.post("/desk/azioni/A002/invia", seen_at="/desk/azioni/A002")
    assert [t.split()[0] for t in referent.get("/desk").texts("main li a")] == ["A001"]
    editor.post("/desk/azioni/A002/rinvia", {"note": "Manca la fonte"}, seen_at="/desk/azioni/A002")
    waiting = referent.get("/desk").texts("#mie-bozze ~ ul > li")
    assert [w.split()[0] for w in waiting] == ["A002", "A001"]
    assert "Rinviata" in waiting[0]
    assert "Rinviata" not in waiting[1]
    assert sections(other.get("/desk")) == set()
    assert "mie-bozze" not in sections(editor.get("/desk"))


def test_who_approves_for_one_office_sees_that_offices_drafts_only(new_client, database, busy):
    with database.writing() as session:
        account = account_by_email(session, busy.referent)
        scope = Scope(ScopeKind.OFFICE, busy.environment)
        give_grant(session, build.BUILDER, account.id, Permission.PLANNING_ACTION_PUBLISH, scope, now=build.BUILT)
    page = signed_in(new_client, busy.referent).get("/desk")
    assert sections(page) == {"da-approvare"}
    assert [t.split()[0] for t in page.texts("#da-approvare ~ ul a")] == ["A001"]


def test_the_oldest_draft_is_approved_first(new_client, database, clock, city):
    with database.writing() as session:
        for code, days in (("A004", 1), ("A001", 3), ("A003", 2)):
            build.make_draft(
                session, action_by_code(session, code), submitted=True, now=clock.now.replace(day=clock.now.day - days)
            )
    page = signed_in(new_client, city.editor).get("/desk")
    assert [t.split()[0] for t in page.texts("#da-approvare ~ ul a")] == ["A001", "A003", "A004"]


@on_sqlite
def test_the_home_advises_the_second_step_until_it_is_on(new_client, database, clock, city):
    browser = signed_in(new_client, city.auditor)
    assert "secondo passaggio" in browser.get("/desk").text(".callout")
    with database.writing() as session:
        account_by_email(session, city.auditor).totp_confirmed_at = clock()
    assert not browser.get("/desk").select(".callout")


# ---- the menu -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", MENU)
@on_sqlite
def test_the_menu_shows_what_a_role_may_open_and_every_link_of_it_opens(new_client, city, role):
    browser = signed_in(new_client, getattr(city, role))
    home = browser.get("/desk")
    assert set(home.texts(".civic-desknav a")) == MENU[role] | EVERYBODYS
    assert home.texts(".civic-desknav a[aria-current=page]") == ["Cosa mi aspetta"]
    for link in home.links(".civic-desknav a"):
        page = browser.get(link)
        assert page.status == 200, link
        current = page.one(".civic-desknav a[aria-current]")
        assert current["href"] == link


@on_sqlite
def test_what_the_menu_does_not_show_does_not_open(new_client, city):
    links = {}
    for role in MENU:
        page = signed_in(new_client, getattr(city, role)).get("/desk")
        links[role] = set(page.links(".civic-desknav a"))
    everything = set().union(*links.values())
    for role, mine in links.items():
        browser = signed_in(new_client, getattr(city, role))
        assert {browser.get(link).status for link in everything - mine} <= {403}, role


def test_every_login_of_the_demonstration_opens_its_desk(new_client, florence):
    for login in LOGINS:
        browser = signed_in(new_client, login.email)
        home = browser.get("/desk")
        for link in home.links(".civic-desknav a") + home.links("main a"):
            assert browser.get(link, follow=True).status == 200, (login.email, link)


@on_sqlite
def test_a_person_without_any_permission_enters_and_sees_her_profile(new_client, database, city):
    with database.writing() as session:
        account = account_by_email(session, city.auditor)
        account.grants.clear()
    browser = signed_in(new_client, city.auditor)
    assert set(browser.get("/desk").texts(".civic-desknav a")) == EVERYBODYS
    assert "Non hai ancora permessi" in browser.get("/desk/profilo").text("main")


@on_sqlite
def test_the_desk_speaks_english_to_who_asks(new_client, city):
    page = signed_in(new_client, city.editor).get("/en/desk")
    assert page.text("h1") != "Cosa mi aspetta"
    assert all(link.startswith("/en/desk") for link in page.links(".civic-desknav a"))


@on_sqlite
def test_the_register_names_people_to_those_who_may_read_it(new_client, database, city):
    editor, auditor = signed_in(new_client, city.editor), signed_in(new_client, city.auditor)
    editor.post("/desk/azioni/A001", {"status": "completed", "status_as_of": "2026-11-20"})
    editor.post("/desk/azioni/A001/pubblica", seen_at="/desk/azioni/A001")
    assert "Persona editor" in auditor.get("/desk/registro").text("main")
    assert "Persona editor" not in new_client().get("/registro").html
