"""The DUP tree and the PEG sheets: what is not known says so, doubts are shown until a person settles them, nothing is overwritten."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from civic.kernel.actor import Actor
from civic.kernel.errors import NotAllowed, Refused, Stale
from civic.planning.commands import documents as plan
from civic.planning.models import ObjectiveProgress, OperationalObjective, PublishedResult
from civic.planning.queries.documents import indicator_of, indicator_rows, peg_by_slug, phase_of
from tests import build

NOW = build.BUILT
on_sqlite = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
UNREAD = plan.PhaseData(number=1, description_it="Fase illeggibile")


def sheet_with(database, *phases, slug="2026-scheda-di-prova", **told):
    with database.writing() as session:
        build.make_peg(session, "Scheda di prova", phases=phases, **told)
    return f"/peg/{slug}"


def phase(n, weight=None, **told):
    return plan.PhaseData(number=n, description_it=f"Fase {n}", weight=weight and Decimal(weight), **told)


def cells(page, heading, column):
    return page.texts(f'section[aria-labelledby="{heading}"] td[data-label="{column}"]')


# ---- the sheet -------------------------------------------------------------------------------------------------------


@on_sqlite
def test_what_the_sheet_does_not_say_is_not_known_and_never_zero(client, database, city):
    path = sheet_with(
        database,
        UNREAD,
        phase(2, "40", planned_start=date(2026, 3, 1)),
        indicators=(
            plan.IndicatorData(number=1, description_it="Alberi"),
            plan.IndicatorData(number=2, description_it="Km", confidence="low", expected_value=Decimal("0")),
        ),
    )
    page = client.get(path)
    assert cells(page, "fasi", "Peso") == ["non noto", "40"]
    assert cells(page, "fasi", "Quota") == ["non nota", "non nota"]
    assert cells(page, "fasi", "Previsto")[0] == "date non note"
    assert "data non nota" in cells(page, "fasi", "Previsto")[1]
    assert cells(page, "fasi", "Responsabile")[0] == "non noto"
    assert cells(page, "fasi", "Effettivo") == ["–", "–"]
    assert not page.select(".civic-gantt rect")
    assert page.texts(".civic-gantt .civic-unknown") == ["date non note"] * 2
    expected = cells(page, "indicatori", "Valore atteso")
    assert expected[0] == "non leggibile nella fonte"
    assert expected[1].startswith("0 ")
    assert "lettura incerta" in expected[1], "a zero that was read is a zero"
    assert cells(page, "indicatori", "Valore raggiunto") == ["non ancora registrato"] * 2
    assert "non leggibile nella fonte" in page.text('section[aria-labelledby="dati"]')


@on_sqlite
@pytest.mark.parametrize(
    ("weights", "said"),
    [
        (["40", "50"], "danno 90 invece di 100"),
        (["100", None], "un peso ignoto non vale zero"),
        ([None, None], "ogni fase vale una parte uguale"),
        (["40", "60"], None),
    ],
)
def test_the_page_says_when_weights_do_not_make_a_hundred(client, database, city, weights, said):
    page = client.get(sheet_with(database, *(phase(n, w) for n, w in enumerate(weights, start=1))))
    warning = page.texts('section[aria-labelledby="fasi"] > .civic-meta')
    assert bool(warning) == (said is not None)
    assert said is None or said in warning[0]


def test_a_doubtful_reading_is_shown_until_a_person_confirms_it(new_client, database, city):
    path = sheet_with(database, phase(1), review_notes_it="Il peso della fase 1 è illeggibile\nIl codice manca")
    reader, editor = new_client(), new_client()
    assert reader.get(path).texts(".callout.warning li") == ["Il peso della fase 1 è illeggibile", "Il codice manca"]
    editor.sign_in(city.editor)
    desk = f"/desk/schede{path.removeprefix('/peg')}"
    assert "Scheda di prova" in editor.get("/desk").text('section[aria-labelledby="schede"]')
    assert editor.post(f"{desk}/conferma", seen_at=desk).status == 303
    assert not reader.get(path).select(".callout.warning")
    assert not editor.get("/desk").select('section[aria-labelledby="schede"]')
    assert "Il codice manca" in editor.get(desk).text("main"), "what was doubtful stays on record at the desk"


def test_the_florentine_sheet_serves_two_branches_and_says_whom_it_replaces(client, florence):
    tree = client.get("/dup")
    sheets = tree.links('section[aria-labelledby="peg"] a')
    assert len(sheets) == 1
    holders = [
        li.select_one("strong").get_text() for li in tree.select("ul.civic-tree li[id]") if li.select(f'a[href="{sheets[0]}"]')
    ]
    assert {"13.1.28", "13.3.03"} <= set(holders)
    page = client.get(sheets[0])
    branches = page.texts('section[aria-labelledby="serve"] > ul')[0]
    assert "13.1.28" in branches
    assert "13.3.03" in branches
    assert "Z108P" in page.text('section[aria-labelledby="dati"]')
    assert "Da quella scheda prosegue" in page.text('section[aria-labelledby="dati"]')
    assert page.select(".callout.warning li")


# ---- the tree --------------------------------------------------------------------------------------------------------


def test_one_sheet_under_two_objectives_and_two_sheets_under_one(client, database, city):
    with database.writing() as session:
        build.make_objective(session, "2.1.01", direction="D2")
        build.make_peg(session, "Scheda comune", objectives=["1.1.01", "2.1.01"])
    tree = client.get("/dup")
    under = {li.select_one("strong").get_text(): li.get_text(" ", strip=True) for li in tree.select("ul.civic-tree li[id]")}
    assert ["Scheda comune" in under["1.1.01"], "Più alberi in città" in under["1.1.01"]] == [True, True]
    assert ["Scheda comune" in under["2.1.01"], "Più alberi in città" in under["2.1.01"]] == [True, False]
    assert client.get("/peg/2026-scheda-comune").texts('section[aria-labelledby="serve"] li strong') == ["1.1.01", "2.1.01"]


def test_the_newest_declared_progress_of_an_objective_is_shown_with_its_day(client, database, city):
    with database.writing() as session:
        for day, percent in ((date(2026, 9, 30), "35.5"), (date(2026, 3, 31), "20")):
            plan.record_progress(
                session, build.BUILDER, ObjectiveProgress(objective_code="1.1", percent=Decimal(percent), as_of=day), now=NOW
            )
    text = client.get("/dup").text("ul.civic-tree")
    assert "Avanzamento dichiarato: 35,5% al 30 settembre 2026" in text
    assert "20%" not in text
    with pytest.raises(Refused, match="c'è già"), database.writing() as session:
        plan.record_progress(
            session, build.BUILDER, ObjectiveProgress(objective_code="1.1", percent=Decimal(50), as_of=date(2026, 9, 30)), now=NOW
        )


def test_what_is_loaded_twice_or_points_nowhere_is_refused_with_a_sentence(database, city):
    def refused(match, write):
        with pytest.raises(Refused, match=match), database.writing() as session:
            write(session)

    again = OperationalObjective(year=2026, code="1.1.01", strategic_code="1.1", text_it="Doppio")
    refused("c'è già per quell'anno", lambda s: plan.add_operational_objective(s, build.BUILDER, again, now=NOW))
    refused("c'è già per quell'anno", lambda s: build.make_peg(s))
    refused("9.9.99 del 2026", lambda s: build.make_peg(s, "Orfana", objectives=["9.9.99"]))
    result = {
        "mandate_code": "2024-2029",
        "total": 10,
        "completed": 5,
        "in_progress": 3,
        "not_done": 2,
        "as_of": date(2025, 1, 1),
        "assessor_it": "Università",
    }
    wrong = PublishedResult(**result | {"not_done": 1})
    refused("non danno il totale", lambda s: plan.add_published_result(s, build.BUILDER, wrong, now=NOW))
    with database.writing() as session:
        plan.add_published_result(session, build.BUILDER, PublishedResult(**result), now=NOW)
    refused("c'è già", lambda s: plan.add_published_result(s, build.BUILDER, PublishedResult(**result), now=NOW))


def test_a_past_result_stands_beside_ours_and_moves_nothing(client, database, city):
    before = client.get("/programma").texts(".civic-progress")
    with database.writing() as session:
        whole = PublishedResult(
            mandate_code="2024-2029",
            direction_ref="D1",
            total=251,
            completed=209,
            in_progress=30,
            not_done=12,
            as_of=date(2019, 3, 15),
            assessor_it="Università di Prova",
        )
        plan.add_published_result(session, build.BUILDER, whole, now=NOW)
    page = client.get("/programma/indirizzi/D1")
    assert "15 marzo 2019" in page.text("#allora-1")
    assert "Su 251 azioni, secondo Università di Prova" in page.text('section[aria-labelledby="allora-1"]')
    assert client.get("/programma").texts(".civic-progress") == before


# ---- phases and indicators -------------------------------------------------------------------------------------------

PHASE = "/desk/schede/2026-piu-alberi-in-citta/fasi/1"


@pytest.mark.parametrize(
    ("start", "end", "field"),
    [
        ("", "2026-05-01", "actual_start"),
        ("2026-05-02", "2026-05-01", "actual_end"),
        ("2026-11-24", "", "actual_start"),
        ("2026-02-30", "", "actual_start"),
    ],
)
@on_sqlite
def test_a_phase_takes_only_days_that_make_sense(client, database, city, start, end, field):
    client.sign_in(city.editor)
    page = client.post(PHASE, {"actual_start": start, "actual_end": end})
    assert page.status == 422
    assert f"#{field}" in page.links("#errori a")
    assert (page.one("#actual_start").get("value", ""), page.one("#actual_end").get("value", "")) == (start, end)
    assert client.post(PHASE, {"actual_start": "2026-05-01", "actual_end": "2026-11-23"}).status == 303
    assert cells(client.get(f"/peg/{city.peg}"), "fasi", "Effettivo")[0] == "1 maggio 2026 – 23 novembre 2026"


def test_a_phase_that_somebody_dated_meanwhile_is_not_overwritten(new_client, database, city):
    first, second = new_client(), new_client()
    for browser in (first, second):
        browser.sign_in(city.editor)
    opened = second.get(PHASE)
    first.post(PHASE, {"actual_start": "2026-01-10"})
    page = second.send(opened, PHASE, {"actual_start": "2026-01-20"})
    assert page.status in (409, 422)
    assert any("nel frattempo" in e for e in page.errors)
    assert page.one("#actual_start")["value"] == "2026-01-20"
    assert "10 gennaio 2026" in cells(first.get(f"/peg/{city.peg}"), "fasi", "Effettivo")[0]
    with pytest.raises(Stale), database.writing() as session:
        sheet = peg_by_slug(session, city.peg)
        plan.date_phase(
            session, build.BUILDER, sheet, phase_of(session, sheet, 1), actual_start=None, actual_end=None, version=1, now=NOW
        )


def test_a_new_measure_is_added_and_the_earlier_one_stays(new_client, database, city):
    editor, reader = new_client(), new_client()
    editor.sign_in(city.editor)
    path = "/desk/schede/2026-piu-alberi-in-citta/indicatori/1"
    for value, day in (("400", "2026-06-30"), ("812,5", "2026-10-31"), ("500", "2026-08-31")):
        assert editor.post(path, {"value_": value, "as_of": day, "evidence_it": f"Verbale del {day}"}).status == 303
    shown = cells(reader.get(f"/peg/{city.peg}"), "indicatori", "Valore raggiunto")[0]
    assert shown.startswith("812,5")
    assert "31 ottobre 2026" in shown
    assert "Verbale del 2026-10-31" in shown
    with database.reading() as session:
        (row,) = indicator_rows(session, peg_by_slug(session, city.peg))
        assert [str(v.value.normalize()) for v in row.values] == ["812.5", "5E+2", "4E+2"]


@on_sqlite
@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"value_": ""}, "value_"),
        ({"value_": "tanti"}, "value_"),
        ({"as_of": "2026-11-24"}, "as_of"),
        ({"as_of": ""}, "as_of"),
        ({"evidence_it": ""}, "evidence_it"),
    ],
)
def test_a_measure_without_number_day_or_evidence_is_refused(client, database, city, wrong, field):
    client.sign_in(city.editor)
    good = {"value_": "10", "as_of": "2026-11-23", "evidence_it": "Verbale"}
    path = "/desk/schede/2026-piu-alberi-in-citta/indicatori/1"
    page = client.post(path, good | wrong)
    assert page.status == 422
    assert f"#{field}" in page.links("#errori a")
    with database.reading() as session:
        assert not indicator_rows(session, peg_by_slug(session, city.peg))[0].values
    assert client.post(path, good).status == 303


@on_sqlite
def test_who_may_not_import_changes_no_document(database, city):
    nobody = Actor(label="nessuno")
    with database.reading() as session:
        sheet = peg_by_slug(session, city.peg)
        first, indicator = phase_of(session, sheet, 1), indicator_of(session, sheet, 1)
    attempts = (
        lambda s: plan.confirm_sheet(s, nobody, sheet, now=NOW),
        lambda s: plan.date_phase(s, nobody, sheet, first, actual_start=None, actual_end=None, version=1, now=NOW),
        lambda s: plan.measure_indicator(
            s, nobody, sheet, indicator, value=Decimal(1), as_of=NOW.date(), evidence_it="x", now=NOW
        ),
        lambda s: plan.add_peg_sheet(s, nobody, replace(plan.PegData(year=2026, title="X", office_code=city.schools)), now=NOW),
    )
    for attempt in attempts:
        with pytest.raises(NotAllowed), database.writing() as session:
            attempt(session)


@on_sqlite
@pytest.mark.parametrize(
    "path",
    [
        "/peg/nessuna",
        "/desk/schede/nessuna",
        f"{PHASE[:-1]}9",
        "/desk/schede/2026-piu-alberi-in-citta/indicatori/9",
        f"{PHASE}{'9' * 30}",
    ],
)
def test_a_sheet_phase_or_indicator_that_is_not_there_is_a_page_not_found(client, city, path):
    client.sign_in(city.editor)
    assert client.get(path).status == 404
