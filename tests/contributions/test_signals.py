"""Signals: how often, where and when; words that set some voices apart; and nothing that could be one person's own."""

from datetime import timedelta

import pytest

from civic.contributions import facts
from civic.kernel.clock import civil_day
from tests import build

on_sqlite = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
PAGE = "/desk/voci/segnali"


@pytest.fixture
def said(database, clock, editor, city):
    """Eight voices about queues in Q1, four of them last month, and twenty about trees; four of the queues name a rare thing."""
    for label in ("Code", "Verde"):
        editor.post("/desk/temi", {"label_it": label})
    with database.writing() as session:
        for n in range(8):
            words = f"Ho fatto la coda allo sportello numero {n}." + (" C'era un canguro." if n < 4 else "")
            at = clock() - timedelta(days=35 if n < 4 else 3)
            voice = build.make_voice(session, title="Coda", text=words, quartiere_code="Q1", now=at)
            give(session, voice, "code", city)
        for n in range(20):
            voice = build.make_voice(
                session, title=f"Albero {n}", text="Gli alberi non fanno ombra.", quartiere_code="Q2", now=clock()
            )
            give(session, voice, "verde", city)


def give(session, voice, theme, city):
    build.triage_voices(
        session, build.BUILDER, [voice.code], build.Triage(office_code=city.schools, theme_code=theme), now=voice.received_at
    )


def test_a_theme_is_counted_by_month_and_quartiere_with_the_difference(editor, said):
    page = editor.get(PAGE)
    months, places = (
        [r.get_text(" ", strip=True).split(" ") for r in table.select("tbody tr")]
        for table in page.select("main .civic-scroll table")
    )
    assert months == [["Verde", "0", "0", "20", "20", "+20"], ["Code", "0", "4", "4", "8", "+8"]]
    assert places == [["Verde", "0", "20", "0"], ["Code", "8", "0", "0"]]


@on_sqlite
def test_the_difference_is_with_the_same_months_before_up_to_the_same_day(editor, database, clock, city):
    with database.writing() as session:
        for days in (3, 80, 90, 100):  # 20 November, 4 September, then 25 August, which is past the 23rd, and 15 August
            build.make_voice(session, title=f"Voce {days}", text=f"Voce {days}", now=clock() - timedelta(days=days))
    row = editor.get(PAGE).texts("main .civic-scroll tbody tr")[0]
    assert row == "senza tema 1 0 1 2 +1"


def test_the_words_of_a_theme_are_those_that_the_others_do_not_say(editor, said):
    page = editor.get(f"{PAGE}?tema=code")
    words = page.texts("main .civic-table tbody th")
    assert set(words) == {"coda", "sportello", "numero"}
    assert "canguro" not in page.html, "a word of four voices could be somebody's own"
    other = editor.get(f"{PAGE}?tema=verde").texts("main .civic-table tbody th")
    assert set(other) == {"albero", "non", "ombra"}, "what is missing is a word too"


@on_sqlite
def test_without_a_choice_or_with_an_odd_one_there_are_no_words(editor, said):
    assert "Scegli sopra" in editor.get(PAGE).text()
    assert "Nessuna parola distingue" in editor.get(f"{PAGE}?tema=niente&mesi=7").text()


@on_sqlite
def test_signals_label_nothing_and_are_for_who_reads_everything(editor, office, database, said):
    before = editor.get("/desk/voci").text()
    editor.get(f"{PAGE}?tema=code")
    assert editor.get("/desk/voci").text() == before
    assert office.get(PAGE).status == 403


# ---- said and done ---------------------------------------------------------------------------------------------------


def test_the_public_page_says_how_voices_were_answered_of_what_is_filtered(client, office, database, clock, city):
    with database.writing() as session:
        here = [
            build.make_voice(session, city.schools, title=f"Q1 {n}", quartiere_code="Q1", now=clock()).code for n in range(10)
        ]
        for n in range(10):
            build.make_voice(session, city.schools, title=f"Q2 {n}", quartiere_code="Q2", now=clock())
    clock.advance(days=4)
    office.sign_in(city.other_referent)
    for code in here:
        office.post(f"/desk/voci/{code}/rispondi", {"text": "Sì."})
    office.post(f"/desk/voci/{here[0]}/impegno", {"title": "Sei panchine", "due_on": "2026-12-20"})
    assert client.get("/avete-detto").texts(".civic-figures strong") == ["50%", "100%", "4"]
    assert client.get("/avete-detto?quartiere=Q1").texts(".civic-figures strong") == ["100%", "100%", "4"]
    elsewhere = client.get("/avete-detto?quartiere=Q2")
    assert elsewhere.texts(".civic-figures strong") == ["0%", "–", "–"], "a share of too few is not told"
    assert "Sei panchine" not in elsewhere.text()
    assert "Sei panchine" in client.get("/avete-detto?quartiere=Q1").text()


def test_the_figures_cost_as_many_queries_whatever_their_number(database, query_count, clock, city):
    span = {"since": civil_day(clock()) - timedelta(days=9), "until": civil_day(clock())}

    def cost():
        with query_count(database) as asked, database.reading() as session:
            facts.answered_in_time(session, **span, today=span["until"])
            facts.median_days(session, **span)
            facts.share_answered(session, **span)
        return len(asked)

    few = cost()
    with database.writing() as session:
        for n in range(12):
            build.make_voice(session, city.schools, title=f"Voce {n}")
    assert cost() == few == 3
