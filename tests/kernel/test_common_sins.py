"""The test's browser notices a page's common sins: each is committed once here, and named."""

import pytest
from flask import Flask, Response, request

from tests.client import Client

GOOD = """<!doctype html><html lang="it"><head><meta charset="utf-8"><title>Titolo - Prova</title>
<meta name="description" content="Di che cosa si tratta."><link rel="stylesheet" href="/static/a.css"><script src="/static/a.js" defer></script></head>
<body><a href="#contenuto">Salta</a><main id="contenuto"><h1>Titolo</h1><h2 id="due">Due</h2><h3>Tre</h3><h2>Ancora due</h2>
<img src="/static/x.svg" alt=""><form method="post"><input type="hidden" name="csrf_token" value="t">
<label for="nome">Nome</label><input id="nome" name="nome" aria-describedby="aiuto"><p id="aiuto">Per esteso.</p>
<fieldset><legend>Quanto</legend><label><input type="radio" name="q" value="1" checked> Uno</label><label><input type="radio" name="q" value="2"> Due</label></fieldset>
<label for="dove">Dove</label><select id="dove" name="dove"><option value="a">A</option><option value="b" selected>B</option></select>
<label for="testo">Testo</label><textarea id="testo" name="testo">
già scritto</textarea><label><input type="checkbox" name="si" value="y"> Sì</label><button name="azione" value="salva">Salva</button></form></main></body></html>"""


@pytest.fixture
def pages():
    """A site whose every page is given by the test: `pages["/x"] = html`, or `(html, status)`."""
    return {"/": GOOD}


@pytest.fixture
def browser(pages):
    app = Flask("prova", static_folder=None)

    @app.route("/", defaults={"path": ""}, methods=["GET", "POST"])
    @app.route("/<path:path>", methods=["GET", "POST"])
    def show(path: str) -> Response:
        from_test = pages[f"/{path}"]
        html, status = from_test if isinstance(from_test, tuple) else (from_test, 200)
        return Response(html, status=status, content_type="text/html; charset=utf-8")

    return Client(app)


def test_a_good_page_has_no_sins(browser):
    assert browser.get("/").text("h1") == "Titolo"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("<h1>Titolo</h1>", "", "0 h1"),
        ("<h3>Tre</h3>", "<h1>Tre</h1>", "2 h1"),
        ("<h3>Tre</h3>", "<h4>Tre</h4>", "jump from h2 to h4"),
        ("<h3>Tre</h3>", "<h3> </h3>", "empty heading"),
        ("<title>Titolo - Prova</title>", "<title> </title>", "no title"),
        ("<title>Titolo - Prova</title>", "", "no title"),
        ('lang="it"', 'lang="en"', "html lang"),
        ('lang="it"', "", "html lang"),
        ('content="Di che cosa si tratta."', 'content=" "', "without a description"),
        ('<label for="nome">Nome</label>', "Nome", "without a label: <input"),
        ('<label for="nome">Nome</label>', '<label for="nome"> </label>', "without a label: <input"),
        ('<label for="dove">Dove</label>', "", "without a label: <select"),
        ('<label for="testo">Testo</label>', "", "without a label: <textarea"),
        ("<legend>Quanto</legend>", "", "fieldset with a legend"),
        ('<label for="nome">', '<label for="cognome">', "for points to 'cognome'"),
        ('aria-describedby="aiuto"', 'aria-describedby="aiuto altro"', "aria-describedby points to 'altro'"),
        ('<h2 id="due">', '<h2 id="nome">', "'nome' stands 2 times"),
        ('href="#contenuto"', 'href="#altrove"', "#altrove"),
        ('name="csrf_token" value="t"', 'name="altro" value="t"', "without a csrf_token"),
        ('name="csrf_token" value="t"', 'name="csrf_token" value=""', "without a csrf_token"),
        ('<form method="post">', '<form method="get">', "GET form"),
        ('<button name="azione" value="salva">Salva</button>', "", "without a button"),
        ("Salva</button>", "</button>", "a button without words"),
        (">Salta</a>", "></a>", "a a without words"),
        ('alt=""', "", "image without alt"),
        ("<p id", "<p style='color:red' id", "inline style"),
        ("</head>", "<style>p{}</style></head>", "inline style"),
        ("</head>", "<script>1</script></head>", "a script that is inline"),
        ('src="/static/a.js"', 'src="https://altrove.example/a.js"', "of another host"),
        ('href="/static/a.css"', 'href="https://altrove.example/a.css"', "style sheet of another host"),
        ("<p id", "<p onclick='x()' id", "inline handler"),
        ('href="#contenuto"', 'href="JavaScript:x()"', "javascript: address"),
        ("Per esteso.", "Ciao %(name)s", "placeholder"),
        ("Per esteso.", "Ciao {{ name }}", "placeholder"),
    ],
)
def test_a_sin_is_named(browser, pages, old, new, says):
    assert old in GOOD
    pages["/"] = GOOD.replace(old, new, 1)
    with pytest.raises(AssertionError, match="has sins") as caught:
        browser.get("/")
    assert says in str(caught.value)


def test_two_pages_with_one_title_are_noticed_but_not_the_same_page_twice(browser, pages):
    pages["/altra"] = GOOD
    browser.get("/")
    browser.get("/?pagina=2")
    with pytest.raises(AssertionError, match="is also that of /"):
        browser.get("/altra")


def test_an_error_page_is_looked_at_too(browser, pages):
    pages["/niente"] = (GOOD.replace("<h1>Titolo</h1>", ""), 404)
    with pytest.raises(AssertionError, match="0 h1"):
        browser.get("/niente")


def test_a_failure_of_the_program_fails_the_test(browser, pages):
    pages["/rotta"] = (GOOD, 500)
    with pytest.raises(AssertionError, match="captured log"):
        browser.get("/rotta")


def test_a_form_is_sent_as_it_stands_with_what_was_typed(browser):
    from_form = {}
    sent = browser.app.view_functions["show"]

    def show(path: str) -> Response:
        from_form.update({k: request.form.getlist(k) for k in request.form})
        return sent(path)

    browser.app.view_functions["show"] = show
    browser.post("/", {"nome": "Anna", "azione": "salva"}, extra={"ruolo": "admin"})
    assert from_form == {
        "csrf_token": ["t"],
        "nome": ["Anna"],
        "q": ["1"],
        "dove": ["b"],
        "testo": ["già scritto"],
        "azione": ["salva"],
        "ruolo": ["admin"],
    }


def test_a_field_that_is_not_on_the_page_cannot_be_typed_into(browser):
    with pytest.raises(AssertionError, match="no field 'ruolo'"):
        browser.post("/", {"ruolo": "admin"})


def test_a_form_that_goes_elsewhere_is_not_taken_for_this_one(browser, pages):
    pages["/"] = GOOD.replace('method="post"', 'method="post" action="/altrove"')
    with pytest.raises(AssertionError, match="no form that posts to /"):
        browser.post("/", {"nome": "Anna"})
