"""How many days an office has: set by who triages for all, promised to the citizen, and moved by nobody afterwards."""

from datetime import date

import pytest
from sqlalchemy import func, select

from civic.contributions.commands.terms import set_term
from civic.contributions.models import Contribution, ContributionTerm
from civic.contributions.queries.voices import voice_by_code
from civic.contributions.rules import Severity, Term
from civic.journal.models import JournalEntry
from civic.kernel.actor import Actor, HeldGrant, Scope, ScopeKind
from civic.kernel.errors import NotAllowed
from civic.kernel.permissions import Permission
from tests import build

on_sqlite = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
TERMS = "/desk/voci/termini"


def say(client, **typed):
    told = {"title": "L'attesa", "text": "Un'ora in piedi.", "service_code": "nidi"} | typed
    return client.post("/voci/nuova", told).location.rpartition("/")[2]


def due(database, code):
    with database.reading() as session:
        return voice_by_code(session, code).reply_due_on


def set_days(browser, office, triage, reply, severity="normal"):
    typed = {"office_code": office, "severity": severity, "triage_days": str(triage), "reply_days": str(reply)}
    return browser.post(TERMS, typed)


def test_an_office_has_its_own_days_and_the_others_those_of_everybody(client, new_client, editor, database, city):
    assert set_days(editor, city.schools, 2, 10).status == 303
    assert set_days(editor, "", 4, 20).status == 303
    assert set_days(editor, city.schools, 1, 8).status == 303, "a second time changes the first"
    assert due(database, say(client)) == date(2026, 12, 3), "eight working days after Monday 23 November"
    assert due(database, say(new_client(), service_code="acquedotto")) == date(2026, 12, 22), "twenty, 8 December being a holiday"
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(ContributionTerm)) == 2
        told = session.scalars(select(JournalEntry).where(JournalEntry.kind == "contributions.term_set")).all()
    assert [(e.subject_ref, e.facts["reply_days_before"], e.facts["reply_days"]) for e in told] == [
        (city.schools, 15, 10),
        ("", 15, 20),
        (city.schools, 10, 8),
    ]


@on_sqlite
def test_a_promise_that_was_made_is_not_moved_by_a_new_term_nor_by_a_pause_after_it(
    client, editor, office, database, clock, city
):
    code = say(client)
    promised = due(database, code)
    set_days(editor, city.schools, 5, 40)
    assert due(database, code) == promised
    office.post(f"/desk/voci/{code}/ferma", {"reason": "Manca una fotografia"})
    clock.advance(days=7)
    office.sign_in(city.other_referent)
    office.post(f"/desk/voci/{code}/riparti", seen_at=f"/desk/voci/{code}")
    assert due(database, code) == date(2026, 12, 21), "by the fifteen days that were promised"
    assert "21 dicembre 2026" in client.get(f"/voci/{code}").text()


@on_sqlite
def test_giving_a_voice_to_an_office_promises_the_days_of_that_office(new_client, editor, database, city):
    set_days(editor, city.environment, 1, 3, severity="high")
    code = say(new_client(), service_code="")
    assert due(database, code) == date(2026, 12, 15)
    editor.post(f"/desk/voci/{code}/affida", {"office_code": city.environment, "severity": "high"})
    assert due(database, code) == date(2026, 11, 26)


@on_sqlite
def test_an_office_goes_back_to_everybodys_days(client, editor, database, city):
    set_days(editor, city.schools, 2, 10)
    page = editor.get(TERMS)
    assert "Direzione Istruzione" in page.text("main table:nth-of-type(2)")
    assert editor.send(page, f"{TERMS}/togli").status == 303
    assert due(database, say(client)) == date(2026, 12, 15)


@on_sqlite
@pytest.mark.parametrize(
    ("triage", "reply", "says"),
    [("0", "10", "da 1 a 90"), ("3", "91", "da 1 a 90"), ("5", "4", "Prima si legge"), ("x", "10", "numero intero")],
)
def test_days_that_make_no_sense_are_refused_where_they_were_typed(editor, database, city, triage, reply, says):
    page = set_days(editor, city.schools, triage, reply)
    assert page.status == 422
    assert says in " ".join(page.errors)
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(ContributionTerm)) == 0


@on_sqlite
def test_an_office_does_not_lengthen_its_own_clock(office, database, city):
    assert office.get(TERMS).status == 403
    both = Actor(
        grants=frozenset(
            {
                HeldGrant(Permission.CONTRIBUTIONS_VOICE_TRIAGE),
                HeldGrant(Permission.CONTRIBUTIONS_VOICE_ANSWER, Scope(ScopeKind.OFFICE, city.schools)),
            }
        )
    )
    with database.writing() as session:
        set_term(session, both, city.environment, Severity.NORMAL, Term(3, 30), now=build.BUILT)
        for own in (city.schools, None):
            with pytest.raises(NotAllowed):
                set_term(session, both, own, Severity.NORMAL, Term(3, 30), now=build.BUILT)


@on_sqlite
def test_a_late_answer_does_not_become_less_late_by_asking_something_back(client, office, database, clock, city):
    code = say(client)
    clock.advance(days=40)
    office.sign_in(city.other_referent)
    office.post(f"/desk/voci/{code}/ferma", {"reason": "Manca una fotografia"})
    assert due(database, code) == date(2026, 12, 15)
    assert "In ritardo" in client.get(f"/voci/{code}").text()


@on_sqlite
def test_the_days_that_a_page_tells_are_those_that_hold(client, editor, new_client, city):
    assert "15 giorni lavorativi" in client.get("/voci/nuova").text()
    set_days(editor, "", 4, 20)
    set_days(editor, "", 1, 6, severity="high")
    assert "20 giorni lavorativi" in client.get("/voci/nuova").text()
    code = say(client)
    assert "6 invece di 20" in editor.get(f"/desk/voci/{code}/affida").text()


def test_many_voices_given_at_once_each_get_their_day_in_as_many_queries_as_two(database, query_count, city):
    def give(codes):
        with query_count(database) as asked, database.writing() as session:
            build.triage_voices(session, build.BUILDER, codes, build.Triage(office_code=city.schools), now=build.BUILT)
        return [q for q in asked if "journal_" not in q]

    with database.writing() as session:
        codes = [build.make_voice(session, title=f"Voce {n}").code for n in range(22)]
    assert len(give(codes[:20])) == len(give(codes[20:]))
    with database.reading() as session:
        assert set(session.scalars(select(Contribution.reply_due_on))) == {date(2026, 12, 14)}
