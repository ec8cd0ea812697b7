"""Whatever people type shows as text, on every page that renders it, in both languages."""

import re
from collections.abc import Callable

import pytest
from werkzeug.test import TestResponse

from civic.kernel.db import Database
from civic.kernel.text import clean_line
from config import Config
from tests import build
from tests.client import Client, Page

NAUGHTY = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "'; DROP TABLE plan_action; --",
    "{{ 7*7 }}{% raw %}",
    "${7*7} #{7*7} <%= 7*7 %>",
    "javascript:alert(1)",
    "[clic](javascript:alert(1))",
    "=1+1",
    "%(name)s %s %d %n",
    "\u202eotset\u202c \u200bspazio",
    "Ünïcödé 漢字 🏛️ à è ì ò ù",
    "&lt;b&gt; &amp;amp;",
    "a\x00b\x07c",
    "</title></textarea></select><b>",
    "../../etc/passwd",
    "N" * 290,
    "null",
    "﷽" * 20,
)
MARKED = re.compile(r"<(script>alert|img src=x|svg onload|b>)", re.IGNORECASE)


class Browser(Client):
    """A browser that does not mind braces on a page: here somebody typed them."""

    def _take(self, path: str, response: TestResponse) -> Page:
        page = Page(path, response)
        assert page.status != 500, f"{path} failed: see the captured log"
        return page


def harmless(page: Page) -> None:
    assert page.status < 500
    body = re.sub(r"<!--.*?-->", "", page.html, flags=re.DOTALL)
    assert not page.is_html or not MARKED.search(body), f"{page.path} shows markup that somebody typed"
    assert not page.is_html or not [a for a in page.select("a[href]") if str(a["href"]).strip().lower().startswith("javascript:")]


@pytest.mark.parametrize("typed", NAUGHTY, ids=range(len(NAUGHTY)))
def test_what_is_typed_into_every_field_shows_as_text(
    typed: str, new_database: Callable[..., Database], make_app: Callable[..., object], tmp_path: object
) -> None:
    database = new_database("sqlite", "city")
    app = make_app(
        Config(demo=True, database_url=database.url, secret_key="k" * 64, base_url="http://localhost", data_dir=tmp_path)
    )
    editor, administrator, citizen = Browser(app), Browser(app), Browser(app)  # type: ignore[arg-type]
    editor.sign_in(build.CITY.editor)
    administrator.sign_in(build.CITY.administrator)
    drafted = fill(editor, "/desk/azioni/A001", typed)
    if drafted.status == 303:
        for verb in ("invia", "pubblica"):
            editor.post(f"/desk/azioni/A001/{verb}", seen_at="/desk/azioni/A001")
    else:
        assert drafted.errors
        assert drafted.one('[name="title_it"]')["value"] == clean_line(typed)
    fill(editor, "/desk/azioni/A001/valutazione", typed, {"as_of": "2026-11-01", "status": "critical"})
    fill(editor, "/desk/azioni/A001/classifica", typed)
    fill(editor, f"/desk/schede/{build.CITY.peg}/indicatori/1", typed, {"value_": "3", "as_of": "2026-11-01"})
    for path in (
        "ente",
        "pie-di-pagina",
        "festivita",
        "uffici/direzione-ambiente",
        "servizi/nidi",
        "gestori/acqua-spa",
        "quartieri/Q1",
        "silenzio-elettorale",
        "messaggi/people.invited",
    ):
        fill(
            administrator,
            f"/desk/amministrazione/{path}",
            typed,
            {
                "url": "https://example.org",
                "day": "3",
                "month": "4",
                "every": "",
                "number": "1",
                "kind": None,
                "starts_on": "2020-01-01",
                "ends_on": "2020-01-02",
            },
        )
    fill(citizen, "/accessibilita", typed, {"email": "", "website": ""})
    for client, paths in (
        (
            citizen,
            (
                "/",
                "/en/",
                "/programma",
                "/programma?q=" + "alberi",
                "/programma/azioni/A001",
                "/en/programma/azioni/A001",
                "/dup",
                f"/peg/{build.CITY.peg}",
                "/amministrazione",
                "/servizi",
                "/programma.csv",
                "/programma/stati.atom",
                "/mappa-del-sito",
            ),
        ),
        (editor, ("/desk", "/desk/azioni", "/desk/azioni/A001", "/desk/amministrazione/segnalazioni")),
        (
            administrator,
            (
                "/desk/amministrazione/catalogo",
                "/desk/amministrazione/uffici",
                "/desk/amministrazione/ente",
                "/desk/registro",
                "/desk/accessi",
            ),
        ),
    ):
        for path in paths:
            page = client.get(path)
            harmless(page)
    shown = citizen.get("/programma/azioni/A001").text("h1")
    assert shown == (clean_line(typed) if drafted.status == 303 else "Piantare mille alberi")


def fill(client: Client, path: str, typed: str, fixed: dict[str, object] | None = None) -> Page:
    """Type the same thing into every text field of a form."""
    page = client.get(path)
    form = next(f for f in page.select("main form") if f.get("method") == "post" and f.get("action") in (None, "", path))
    names = [
        str(c["name"])
        for c in form.select("input[name], textarea[name]")
        if c.get("type", "text") in ("text", "search", "email", "url", "tel") or c.name == "textarea"
    ]
    given: dict[str, object] = dict.fromkeys(names, typed)
    skipped = {"quantity", "target", "amount_eur", "status_as_of", "population"}
    given = {
        n: "" if n in skipped or n.endswith("_url") or n in ("email", "pec", "privacy_contact") else v for n, v in given.items()
    }
    given |= {n: v for n, v in (fixed or {}).items() if v is not None and form.select(f'[name="{n}"]')}
    sent = client.send(page, path, given, form="main form")
    harmless(sent)
    return sent


@pytest.mark.parametrize(
    "query",
    [
        "/programma?q=" + q
        for q in (
            "%00",
            "%27%20OR%201=1",
            "*",
            "%22unterminated",
            "a:b",
            "NEAR(",
            "%F0%9F%8F%9B",
            "x" * 5000,
            "%",
            "()",
            "-",
            "^",
        )
    ]
    + [
        "/programma?" + q
        for q in (
            "pagina=0",
            "pagina=-1",
            "pagina=1e9",
            "pagina=99999999999",
            "stato=x",
            "tipo=%3Cb%3E",
            "quartiere=Q9%27",
            "q=a&q=b",
            "mandato[]=1",
            "%FF=%FE",
        )
    ],
)
def test_a_strange_address_is_never_a_failure(query: str, client: Client, city: build.City) -> None:
    page = client.get(query)
    assert page.status == 200
    harmless(page)
