"""Every kind of page, in both languages and at three widths: axe finds nothing, and nothing has to be scrolled sideways."""

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from flask import Flask
from playwright.sync_api import Browser, Page
from werkzeug.exceptions import HTTPException

from civic.app import create_app
from config import Config
from tests.browser.conftest import NARROW, WIDE, Site, Watch, leave

pytestmark = pytest.mark.browser

OPTIONS = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
    "resultTypes": ["violations"],
}
LANGUAGES = ("", "/en")
# Every page in Italian at every run; in English, which has the same markup, when there is time.
ENGLISH_IS_LONG = ["", pytest.param("/en", marks=pytest.mark.long)]
PUBLIC = (
    "/",
    "/programma",
    "/programma?stato=in_progress&quartiere=Q1",
    "/programma?q=scuole&mandato=2019-2024",
    "/programma?q=nientedipari",
    "/programma?pagina=2",
    "/programma/indirizzi/2014_01",
    "/programma/azioni/A009",
    "/programma/azioni/A028",
    "/programma/azioni/A121",
    "/dup",
    "/peg/{peg}",
    "/come-si-calcola",
    "/servizi",
    "/servizi/anagrafe",
    "/servizi/anagrafe/valuta",
    "/servizi/anagrafe/grazie",
    "/biglietto",
    "/totem/{totem}",
    "/valutazioni/come-si-calcola",
    "/valuta/pagina/grazie",
    "/amministrazione",
    "/registro",
    "/privacy",
    "/note-legali",
    "/faq",
    "/piano-di-miglioramento",
    "/mappa-del-sito",
    "/accessibilita",
    "/disservizio",
    "/nessuna-pagina",
    "/desk/accedi",
    "/desk/password-dimenticata",
    "/desk/scegli-password/scaduto",
    "/posta/basta/scaduto",
    "/accedi",
    "/accedi/posta",
    "/accedi/posta/scaduto",
    "/accedi/confermato",
    "/accedi/eid/ritorno",
    "/uscita",
    "/come-si-partecipa",
    "/associazioni",
    "/associazioni?tipo=school",
    "/associazioni/{body}",
    "/area/cancellata",
    "/voci/nuova",
    "/voci/{answered}",
    "/voci/{plain}",
    "/voci/verifica/scaduto",
    "/avete-detto",
    "/avete-detto?stato=dropped",
    "/avete-detto?quartiere=Q1",
    "/voci/{handed}",
    "/percorsi",
    "/percorsi/{path}",
)
CITIZEN = (
    "/area",
    "/area/legami",
    "/area/residenza",
    "/area/posta",
    "/area/avvisi",
    "/area/associazioni/nuova",
    "/area/cancella",
)
DESK = {
    "amministrazione@demo.invalid": (
        "/desk",
        "/desk/profilo",
        "/desk/profilo/password",
        "/desk/profilo/secondo-passaggio",
        "/desk/accessi",
        "/desk/accessi/{account}",
        "/desk/accessi/nuovo",
        "/desk/amministrazione/ente",
        "/desk/amministrazione/pie-di-pagina",
        "/desk/amministrazione/soglie",
        "/desk/amministrazione/messaggi",
        "/desk/amministrazione/messaggi/people.invited",
        "/desk/amministrazione/silenzio-elettorale",
        "/desk/posta",
        "/desk/posta/indirizzi",
        "/desk/amministrazione/uffici",
        "/desk/amministrazione/uffici/nuovo",
        "/desk/amministrazione/uffici/direzione-ambiente",
        "/desk/amministrazione/uffici/direzione-ambiente/riorganizza",
        "/desk/amministrazione/catalogo",
        "/desk/amministrazione/servizi/nuovo",
        "/desk/amministrazione/servizi/{service}",
        "/desk/amministrazione/gestori/nuovo",
        "/desk/amministrazione/gestori/{provider}",
        "/desk/amministrazione/quartieri/nuovo",
        "/desk/amministrazione/quartieri/Q1",
        "/desk/amministrazione/festivita",
        "/desk/amministrazione/segnalazioni",
        "/desk/amministrazione/segnalazioni/{report}",
        "/desk/registro",
        "/desk/azioni",
        "/desk/valutazioni/personale",
    ),
    "redazione@demo.invalid": (
        "/desk",
        "/desk/azioni",
        "/desk/azioni?q=scuole",
        "/desk/azioni/{draft}",
        "/desk/azioni/A001",
        "/desk/azioni/A001/classifica",
        "/desk/azioni/A001/valutazione",
        "/desk/voci",
        "/desk/voci?origine=phone&tutte=1",
        "/desk/voci?in_ritardo=1&servizio=anagrafe&spunta=1",
        "/desk/voci/nuova",
        "/desk/voci/termini",
        "/desk/voci/segnali",
        "/desk/voci/segnali?tema=attese-e-code&mesi=6",
        "/desk/voci/{copy}",
        "/desk/voci/{copy}/affida",
        "/desk/risposte-pronte",
        "/desk/voci/{answered}",
        "/desk/voci/{plain}/affida",
        "/desk/voci-da-nascondere",
        "/desk/impegni",
        "/desk/percorsi",
        "/desk/percorsi/{path}",
        "/desk/percorsi/{path}/fase",
        "/desk/percorsi/{path}/esito",
        "/desk/temi",
        "/desk/schede",
        "/desk/schede/{peg}",
        "/desk/schede/{peg}/fasi/1",
        "/desk/schede/{peg}/indicatori/1",
        "/desk/importa",
        "/desk/valutazioni",
        "/desk/valutazioni/flussi",
        "/desk/valutazioni/flussi/{window}",
        "/desk/valutazioni/pagine",
    ),
    "ambiente@demo.invalid": ("/desk", "/desk/azioni", "/desk/azioni/{draft}"),
    "controllo@demo.invalid": ("/desk", "/desk/registro"),
    "ufficio@demo.invalid": (
        "/desk/voci/{answered}",
        "/desk/voci/{plain}/rispondi",
        "/desk/voci/{plain}/impegno",
        "/desk/voci/{plain}/gestore",
        "/desk/voci/{plain}/nascondi",
        "/desk/voci/{answered}/parti/1/verifica",
        "/desk/voci/{answered}/parti/1/decidi",
        "/desk/impegni/{planned}/fatto",
        "/desk/risposte-pronte",
        "/desk/valutazioni",
        "/desk/valutazioni/{rated}",
        "/desk/valutazioni/{rated}/punti",
        "/desk/valutazioni/{rated}/biglietti",
        "/desk/valutazioni/{rated}/invito",
        "/desk/valutazioni/{rated}/contatti",
        "/desk/valutazioni/{rated}/standard",
        "/desk/valutazioni/standard/{standard}/misura",
        "/desk/valutazioni/indagini",
    ),
    "istruzione@demo.invalid": ("/desk/voci/{returned}", "/desk/voci/{handed}"),
    "gestore@demo.invalid": ("/desk/voci", "/desk/voci/{handed}", "/desk/voci/{handed}/restituisci", "/desk/risposte-pronte"),
    "sportello@demo.invalid": (
        "/desk/sportello",
        "/desk/sportello/{batch}",
        "/desk/sportello/{batch}/persona/{person}",
        "/desk/sportello/{batch}/persona/{person}/posta",
        "/desk/sportello/{batch}/persona/{person}/cancella",
        "/desk/residenze",
        "/desk/residenze/{request}",
        "/desk/associazioni",
        "/desk/associazioni/{waiting}",
        "/desk/valutazioni/scrivi",
    ),
    "protezione-dati@demo.invalid": (
        "/desk/trattamenti",
        "/desk/incidente",
        "/desk/incidente?noticed_at=2026-11-20T09:00",
    ),
}
# Pages that only follow another one; the journeys visit them: the second step follows a password, the receipt a report.
FOLLOWING = {"people_desk.second_step", "city.report", "entry.begin", "quality.more"}
NOT_PAGES = {
    "plumbing.robots",
    "plumbing.sitemap",
    "plumbing.security_txt",
    "plumbing.change_password",
    "plumbing.health",
    "plumbing.ready",
    "planning.programme_csv",
    "planning.status_feed",
    "journal.heads_file",
    "journal.heads_feed",
    "web.static_file",
    "people.body_file",
    "voices.said_file",
    "voices.said_feed",
    "area.data",
    "privacy_desk.register_file",
    "privacy_desk.evidence",
    "quality.data_file",
    "quality.point",
    "quality_desk.poster",
    "quality_desk.results_sample",
}


def axe(page: Page) -> list[str]:
    """List what axe finds on a page as it stands: the rule, and where."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found = page.evaluate("options => axe.run(options)", OPTIONS)["violations"]
    return [
        f"{v['id']} ({v['impact']}): {v['help']}\n      "
        + "\n      ".join(f"{n['target']} {n['html'][:160]}" for n in v["nodes"][:4])
        for v in found
    ]


def sideways(page: Page) -> list[str]:
    """Name what makes a page wider than its window, empty when nothing does."""
    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if over <= 0:
        return []
    widest = page.evaluate(
        """[...document.querySelectorAll('body *')]
           .filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
           .slice(-3).map(e => e.tagName + '.' + e.className)"""
    )
    return [f"{over} px wider than the window, because of {widest}"]


def problems(page: Page, judged: tuple[int, ...] = (WIDE, NARROW)) -> list[str]:
    """Look at a page as it stands: by axe at the judged widths, for scrolling also at 390 and 320 pixels."""
    found = []
    for width in (WIDE, NARROW, 320):
        page.set_viewport_size({"width": width, "height": 844})
        found += [f"[{width}] {f}" for f in (axe(page) if width in judged else []) + sideways(page)]
    return found


@pytest.fixture(scope="session")
def pages(
    site: Site, chromium: Browser, signed_in_states: Callable[[str], object]
) -> Iterator[Callable[[str], tuple[Page, Watch]]]:
    """One page for each person, kept open from test to test: what it fetched once it need not fetch again."""
    kept: dict[str, tuple[Page, Watch]] = {}

    def page_of(person: str) -> tuple[Page, Watch]:
        if person not in kept:
            state = signed_in_states(person) if person else None
            context = chromium.new_context(
                storage_state=state, locale="it-IT", timezone_id="Europe/Rome", reduced_motion="reduce"
            )
            page = context.new_page()
            kept[person] = page, Watch(page, urlsplit(site.url).netloc)
        return kept[person]

    yield page_of
    for page, _watch in kept.values():
        leave(page.context)


def look(
    pages: Callable[[str], tuple[Page, Watch]],
    address: str,
    *,
    person: str = "",
    expected: int = 200,
    judged: tuple[int, ...] = (WIDE, NARROW),
) -> None:
    """Open a page and look at it."""
    page, watch = pages(person)
    page.set_viewport_size({"width": WIDE, "height": 844})
    response = page.goto(address)
    assert response is not None
    assert response.status == expected, f"{response.status} for {address}"
    found, faults = problems(page, judged), list(watch.faults)
    watch.faults.clear()
    assert found == []
    assert faults == []


@pytest.mark.parametrize("path", PUBLIC)
@pytest.mark.parametrize("language", ENGLISH_IS_LONG, ids=["it", "en"])
def test_a_public_page_is_open_to_everyone(
    site: Site, pages: Callable[[str], tuple[Page, Watch]], language: str, path: str
) -> None:
    expected = {
        "/nessuna-pagina": 404,
        "/desk/scegli-password/scaduto": 410,
        "/posta/basta/scaduto": 410,
        "/accedi/posta/scaduto": 410,
        "/voci/verifica/scaduto": 410,
        "/accedi/eid/ritorno": 400,
    }.get(path, 200)
    look(pages, site.at((language + path).removesuffix("/") or "/"), expected=expected)


@pytest.mark.parametrize("path", CITIZEN)
@pytest.mark.parametrize("language", ENGLISH_IS_LONG, ids=["it", "en"])
def test_a_page_of_ones_own_area_is_open_to_everyone(
    site: Site, pages: Callable[[str], tuple[Page, Watch]], language: str, path: str
) -> None:
    look(pages, site.at(language + path), person="Maria Rossi")


@pytest.mark.parametrize(("email", "path"), [(email, path) for email, paths in DESK.items() for path in paths])
@pytest.mark.parametrize("language", ENGLISH_IS_LONG, ids=["it", "en"])
def test_a_page_of_the_desk_is_open_to_everyone_who_works_there(
    site: Site, pages: Callable[[str], tuple[Page, Watch]], desk_names: dict[str, str], language: str, email: str, path: str
) -> None:
    expected = 403 if (email, path) == ("amministrazione@demo.invalid", "/desk/azioni") else 200
    address = site.at(language + path.format_map(site.names | desk_names))
    look(pages, address, person=email, expected=expected, judged=(WIDE,))


@pytest.fixture(scope="session")
def desk_names(site: Site, chromium: Browser) -> dict[str, str]:
    """Names that only the site itself gives: a receipt, and codes of its catalogue."""
    page = chromium.new_page()
    page.goto(site.at("/disservizio"))
    page.fill("textarea[name=text]", "Il collegamento non funziona.")
    page.wait_for_timeout(1_100)  # a person takes longer than a second
    page.click("main form[method=post] button[type=submit]")
    report = page.url.rpartition("/")[2]
    page.close()
    return {"report": report, "service": "anagrafe", "provider": "publiacqua"}


@pytest.mark.parametrize("path", ["/accessibilita", "/disservizio"])
@pytest.mark.parametrize("language", LANGUAGES, ids=["it", "en"])
def test_a_form_with_errors_says_so_first_and_its_receipt_is_open_to_everyone(
    site: Site, wide: Page, language: str, path: str
) -> None:
    wide.goto(site.at(language + path))
    wide.fill("input[name=email]", "non-un-indirizzo")
    wide.click("main form[method=post] button[type=submit]")
    assert wide.evaluate("document.activeElement.id") == "errori"
    assert wide.locator("#errori a").count() == 2
    assert problems(wide) == []
    wide.set_viewport_size({"width": WIDE, "height": 900})
    wide.click("#errori a >> nth=0")
    assert wide.evaluate("document.activeElement.name") == "text"
    wide.fill("textarea[name=text]", "Il contrasto è basso.")
    wide.fill("input[name=email]", "anna@prova.example")
    wide.click("main form[method=post] button[type=submit]")
    assert "/segnalazioni/" in wide.url
    assert problems(wide) == []


@pytest.mark.parametrize("path", ["/", "/programma", "/programma/azioni/A001", "/accessibilita"])
def test_a_page_without_scripts_is_open_to_everyone_too(site: Site, narrow_without_script: Page, path: str) -> None:
    narrow_without_script.goto(site.at(path))
    assert narrow_without_script.locator("h1").is_visible()
    assert narrow_without_script.locator("main").inner_text().strip()


def test_a_keyboard_reaches_the_content_with_one_key_and_sees_where_it_is(site: Site, wide: Page) -> None:
    wide.goto(site.at("/"))
    wide.keyboard.press("Tab")
    assert wide.evaluate("document.activeElement.getAttribute('href')") == "#contenuto"
    box = wide.evaluate("(({width, height}) => [width, height])(document.activeElement.getBoundingClientRect())")
    assert min(box) > 20  # the skip link shows itself when it has the focus
    wide.keyboard.press("Enter")
    assert wide.evaluate("document.activeElement.id") == "contenuto"


def test_a_wrong_password_is_told_without_losing_the_address(site: Site, wide: Page) -> None:
    wide.goto(site.at("/desk/accedi"))
    wide.fill("input[name=email]", "nessuno@prova.example")
    wide.fill("input[name=password]", "non questa, di certo")
    wide.click("main button[type=submit]")
    assert wide.input_value("input[name=email]") == "nessuno@prova.example"
    assert wide.input_value("input[name=password]") == ""
    assert problems(wide) == []


@pytest.mark.parametrize(
    ("harm", "rule"),
    [
        ("document.querySelector('h1').remove()", "page-has-heading-one"),
        ("document.querySelector('main a').replaceChildren()", "link-name"),
        ("document.documentElement.removeAttribute('lang')", "html-has-lang"),
        ("document.querySelector('h1').style.color = '#e8e8e8'", "color-contrast"),
        ("document.querySelector('main').append(Object.assign(new Image(), {src: '/static/img/stemma.svg'}))", "image-alt"),
        ("document.querySelector('main').style.width = '2000px'", "wider than the window"),
    ],
)
def test_a_page_that_was_harmed_is_noticed(site: Site, wide: Page, harm: str, rule: str) -> None:
    """The control: what the tests above look for is found when it is there."""
    wide.goto(site.at("/faq"))
    wide.evaluate(harm)
    assert any(rule in problem for problem in problems(wide))


def test_a_browser_s_complaint_is_noticed(site: Site, chromium: Browser) -> None:
    page = chromium.new_page()
    watch = Watch(page, site.url.removeprefix("http://"))
    page.goto(site.at("/faq"))
    assert watch.faults == []
    page.evaluate(
        "console.error('x'); fetch('/nessun-file.js'); document.body.append(Object.assign(new Image(), {src: 'http://altrove.invalid/x.png'}))"
    )
    page.evaluate("setTimeout(() => { throw new Error('rotto') }, 0)")
    page.wait_for_timeout(500)
    page.close()
    told = " ".join(watch.faults)
    for word in ("console error: x", "404 for", "another host", "rotto", "violates the following Content Security Policy"):
        assert word in told


def _endpoint(app: Flask, path: str) -> str | None:
    try:
        return app.url_map.bind("localhost").match(path.partition("?")[0], method="GET")[0]
    except HTTPException:
        return None


def test_every_page_that_has_an_address_is_looked_at(tmp_path: Path) -> None:
    """A page that is added later joins the lists above, or the run fails."""
    app = create_app(Config(demo=True, data_dir=tmp_path, database_url="sqlite:////dev/null", secret_key="k" * 32))
    names = {"account": "1", "draft": "A", "peg": "p", "service": "s", "provider": "p", "report": "R"}
    keys = ("body", "waiting", "request", "batch", "person", "answered", "plain", "copy", "handed", "returned", "planned", "path")
    names |= dict.fromkeys((*keys, "rated", "totem"), "X")
    names |= dict.fromkeys(("standard", "window"), "1")
    paths = [*PUBLIC, *CITIZEN, *(p for paths in DESK.values() for p in paths)]
    looked_at = {_endpoint(app, p.format_map(names)) for p in paths} | FOLLOWING | NOT_PAGES
    pages = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert pages - looked_at == set()
    assert looked_at - pages <= {None}
