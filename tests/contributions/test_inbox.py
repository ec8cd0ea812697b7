"""The inbox: what is late, the filters, and that neither costs more when the register is long."""

from datetime import date, timedelta

import pytest
from sqlalchemy import event, text

from civic.contributions.models import Contribution
from civic.contributions.queries.inbox import Filter, inbox
from civic.kernel.paging import Paging
from tests import build

on_sqlite = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
TODAY = date(2026, 11, 23)


def titles(browser, query):
    return browser.get(f"/desk/voci?{query}").texts(".civic-inbox tbody th a:first-child")


@pytest.fixture
def said(database, clock, city):
    """Three voices that wait, of which two are late, and one that was answered late."""
    with database.writing() as session:
        for title, days, told in (
            ("Tardissimo", 60, {"service_code": "nidi", "quartiere_code": "Q1"}),
            ("Tardi", 30, {"service_code": "acquedotto", "quartiere_code": "Q2"}),
            ("In tempo", 2, {"quartiere_code": "Q1"}),
            ("Risposta", 70, {"service_code": "nidi"}),
        ):
            build.make_voice(session, city.schools, title=title, text=title, now=clock() - timedelta(days=days), **told)
        session.execute(
            text("UPDATE contribution SET replied_at = :at, replied_on = :day WHERE title = 'Risposta'"),
            {"at": clock().replace(tzinfo=None), "day": TODAY},
        )


def test_the_late_ones_come_the_latest_first_and_an_answered_one_is_not_late(editor, said):
    assert titles(editor, "in_ritardo=1") == ["Tardissimo", "Tardi"]
    assert titles(editor, "in_ritardo=1&tutte=1") == ["Tardissimo", "Tardi"]
    assert titles(editor, "in_ritardo=1&servizio=nidi") == ["Tardissimo"]


@on_sqlite
def test_filters_by_service_and_quartiere(editor, said):
    assert titles(editor, "servizio=nidi") == ["Tardissimo"]
    assert titles(editor, "servizio=nidi&tutte=1") == ["Risposta", "Tardissimo"]
    assert titles(editor, "quartiere=Q1") == ["Tardissimo", "In tempo"]
    assert "Nessuna voce corrisponde" in editor.get("/desk/voci?quartiere=Q9").text()


@on_sqlite
def test_who_waits_for_the_citizen_is_not_late_until_the_clock_goes_on(editor, office, database, clock, city):
    with database.writing() as session:
        code = build.make_voice(session, city.schools, title="Ferma", now=clock()).code
    office.post(f"/desk/voci/{code}/ferma", {"reason": "Manca una foto"})
    clock.advance(days=60)
    editor.sign_in(city.editor)
    assert titles(editor, "in_ritardo=1") == []
    assert titles(editor, "") == ["Ferma"]


@on_sqlite
def test_giving_voices_keeps_the_known_filters_and_only_those(editor, said, city):
    page = editor.get("/desk/voci?in_ritardo=1&quartiere=Q1&next=https://altrove.example&_external=1")
    code = page.one('input[name="voce"]')["value"]
    action = page.one('main form[method="post"]')["action"]
    given = {"office_code": city.environment, "voce": [code]}
    assert editor.send(page, action, given).location == "/desk/voci?quartiere=Q1&in_ritardo=1"
    assert editor.send(page, f"{action}&next=https://altrove.example", given).location == "/desk/voci?quartiere=Q1&in_ritardo=1"


@on_sqlite
def test_all_voices_of_a_page_are_ticked_without_any_script(editor, said):
    page = editor.get("/desk/voci?quartiere=Q1")
    assert page.select('input[name="voce"][checked]') == []
    link = next(a["href"] for a in page.select("main a") if "Spunta tutte" in a.get_text())
    ticked = editor.get(link)
    assert len(ticked.select('input[name="voce"][checked]')) == len(ticked.select('input[name="voce"]')) == 2
    assert ticked.select('main a[href="#affida"]'), "who uses a keyboard need not go through every row"


@on_sqlite
@pytest.mark.parametrize("query", ["gruppo=x", "gruppo=-1", "gruppo=99999999999999999999", "in_ritardo=2", "pagina=x&spunta=1"])
def test_an_odd_address_is_an_empty_or_whole_list_never_an_error(editor, said, query):
    assert editor.get(f"/desk/voci?{query}").status == 200


FILTERS = [
    {},
    {"office": "direzione-istruzione"},
    {"office": "direzione-istruzione", "open_only": False},
    {"offices": frozenset({"direzione-istruzione"})},
    {"offices": frozenset(), "providers": frozenset({"acqua-spa"})},
    {"theme": "orari"},
    {"theme": "orari", "open_only": False},
    {"service": "nidi"},
    {"service": "nidi", "open_only": False},
    {"quartiere": "Q1"},
    {"quartiere": "Q1", "open_only": False},
    {"severity": "high"},
    {"severity": "high", "open_only": False},
    {"origin": "letter"},
    {"origin": "letter", "open_only": False},
    {"group": 1},
    {"untriaged": True},
    {"late": True},
    {"open_only": False},
]


def name_of(wanted):
    return "+".join(wanted) or "all"


@pytest.mark.parametrize("wanted", FILTERS, ids=name_of)
def test_every_filter_walks_an_index(database, backend, city, wanted):
    """The plan of the page's two queries over voices: none reads the whole table."""
    asked = []

    def note(_connection, cursor, statement, parameters, *_rest):
        if "FROM contribution" in statement and ("count(*)" in statement or "LIMIT" in statement) and "GROUP BY" not in statement:
            asked.append((statement, parameters))

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        with database.reading() as session:
            inbox(session, Filter(**wanted), today=TODAY, paging=Paging())
    finally:
        event.remove(database.engine, "before_cursor_execute", note)
    assert asked
    with database.engine.connect() as connection:
        if backend == "postgresql":
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        for statement, parameters in asked:
            explain = "EXPLAIN QUERY PLAN " if backend == "sqlite" else "EXPLAIN "
            plan = "\n".join(str(row[-1]) for row in connection.exec_driver_sql(explain + statement, parameters))
            whole = [line for line in plan.splitlines() if line.startswith("SCAN contribution") and "INDEX" not in line]
            assert not whole, plan
            assert "Seq Scan on contribution " not in plan, plan


def test_a_page_costs_as_many_queries_whatever_it_lists(editor, database, app, query_count, city):
    def cost(query):
        with query_count(app) as asked:
            editor.get(f"/desk/voci?{query}")
        return len(asked)

    queries = ("", "in_ritardo=1&tutte=1", "servizio=nidi&quartiere=Q1")
    with database.writing() as session:
        build.make_voice(session, city.schools, service_code="nidi", quartiere_code="Q1", now=build.BUILT - timedelta(days=90))
    few = [cost(q) for q in queries]
    with database.writing() as session:
        for n in range(40):
            when = build.BUILT - timedelta(days=80)
            told = {"title": f"Voce {n % 20}", "service_code": "nidi", "quartiere_code": "Q1"}
            voice = build.make_voice(session, city.schools, **told, now=when)
            if n < 5:
                build.make_handing(session, voice)
    assert [cost(q) for q in queries] == few
    with database.reading() as session:
        assert session.query(Contribution).filter(Contribution.group_id.is_not(None)).count() > 0
