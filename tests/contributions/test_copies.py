"""Near copies: one letter sent by many is one group, and a person can take it apart."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from civic.contributions.models import Contribution
from civic.contributions.queries.voices import voice_by_code
from tests import build

on_sqlite = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
LETTER = (
    "Chiediamo che il giardino di via dei Mille resti aperto fino a mezzanotte nei mesi estivi, con una luce in più vicino"
    " ai giochi e un custode che lo chiuda la sera. {}"
)


def make(database, city, *endings, office=True, **told):
    with database.writing() as session:
        given = {"title": "Il giardino la sera"} | told
        voices = [build.make_voice(session, city.schools if office else None, text=LETTER.format(e), **given) for e in endings]
        return [v.code for v in voices]


def groups(database, *codes):
    with database.reading() as session:
        return [voice_by_code(session, code).group_id for code in codes]


def test_one_letter_sent_by_many_is_one_group_and_another_text_is_not_in_it(database, city):
    codes = make(database, city, "Anna", "Grazie, Piero", "", "", service_code="nidi")
    first, *others = groups(database, *codes)
    assert first is not None
    assert others == [first] * 3
    with database.writing() as session:
        other = build.make_voice(session, service_code="nidi", title="La mensa", text="Il menu non è appeso e nessuno lo spiega.")
        assert other.group_id is None


@on_sqlite
def test_what_differs_in_the_one_word_that_matters_is_not_a_copy(database, city):
    with database.writing() as session:
        one = build.make_voice(session, title="Lampione spento", text="Manca la luce in via Roma")
        other = build.make_voice(session, title="Lampione spento", text="Non c'è luce in piazza Verdi da un mese")
        assert (one.group_id, other.group_id) == (None, None)


@on_sqlite
def test_copies_are_looked_for_in_the_same_service_and_in_ninety_days(database, clock, city):
    with database.writing() as session:
        old = build.make_voice(session, text=LETTER, service_code="nidi", now=clock() - timedelta(days=100))
        elsewhere = build.make_voice(session, text=LETTER, service_code="acquedotto", now=clock())
        mine = build.make_voice(session, text=LETTER, service_code="nidi", now=clock())
        assert (old.group_id, elsewhere.group_id, mine.group_id) == (None, None, None)


def test_a_whole_group_is_given_at_once(editor, database, city):
    codes = make(database, city, "Anna", "Piero", "Ugo", office=False)
    listed = editor.get("/desk/voci")
    assert listed.text().count("Voci simili (2)") == 3
    sent = editor.send(listed, "/desk/voci", {"office_code": city.environment, "voce": [codes[0]], "with_copies": "y"})
    assert sent.status == 303
    with database.reading() as session:
        assert session.scalars(select(Contribution.office_code)).all() == [city.environment] * 3


@on_sqlite
def test_without_the_tick_only_the_chosen_voice_is_given(editor, database, city):
    codes = make(database, city, "Anna", "Piero", office=False)
    editor.post(f"/desk/voci/{codes[0]}/affida", {"office_code": city.environment})
    with database.reading() as session:
        assert [voice_by_code(session, c).office_code for c in codes] == [city.environment, None]
    editor.post(f"/desk/voci/{codes[0]}/affida", {"office_code": city.schools, "with_copies": "y"})
    with database.reading() as session:
        assert [voice_by_code(session, c).office_code for c in codes] == [city.schools, city.schools]


@on_sqlite
def test_a_copy_that_has_its_answer_is_left_alone(editor, office, database, city):
    codes = make(database, city, "Anna", "Piero")
    office.post(f"/desk/voci/{codes[1]}/rispondi", {"text": "Sì."})
    editor.post(f"/desk/voci/{codes[0]}/affida", {"office_code": city.environment, "with_copies": "y"})
    with database.reading() as session:
        assert voice_by_code(session, codes[1]).office_code == city.schools


@on_sqlite
def test_a_person_takes_a_voice_out_of_its_group_for_good(editor, office, database, city):
    one, two, three = make(database, city, "Anna", "Piero", "Ugo")
    page = f"/desk/voci/{two}"
    assert "Voci simili (2)" in editor.get(page).text()
    assert office.get(page).select(f'form[action="{page}/separa"]') == [], "only who triages"
    assert editor.post(f"{page}/separa", seen_at=page).status == 303
    assert "Voci simili" not in editor.get(page).text()
    assert "Voci simili (1)" in editor.get(f"/desk/voci/{one}").text()
    (four,) = make(database, city, "Piero")  # word for word the one that was taken out
    assert groups(database, one, two, three, four) == [groups(database, one)[0], None, *groups(database, one) * 2]


@on_sqlite
def test_an_office_counts_and_sees_only_the_copies_that_it_may_read(editor, office, database, city):
    one, two = make(database, city, "Anna", "Piero", office=False)
    for code, where in ((one, city.schools), (two, city.environment)):
        editor.post(f"/desk/voci/{code}/affida", {"office_code": where})
    assert "Voci simili (1)" in editor.get(f"/desk/voci/{one}").text()
    assert "Voci simili" not in office.get(f"/desk/voci/{one}").text()
    assert "Voci simili" not in office.get("/desk/voci").text()
