"""Where an action stands: statements are added, counted, told apart by voice, and never lost in a race."""

import threading
import time
from datetime import date

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from civic.journal.queries import chain_faults
from civic.kernel.actor import Actor
from civic.kernel.errors import NotAllowed, Refused
from civic.planning.commands.statuses import record_status
from civic.planning.models import Status, StatusEntry, Voice
from civic.planning.queries.actions import action_by_code, history
from civic.planning.queries.check import programme_faults
from civic.planning.rules import StatusData
from tests import build

NOW = build.BUILT
DONE = StatusData(status=Status.COMPLETED, as_of=date(2026, 11, 1))


def entries(database, code="A001"):
    with database.reading() as session:
        return [
            (e.part_number, str(e.voice), e.seq, str(e.status)) for e in reversed(history(session, action_by_code(session, code)))
        ]


def test_a_new_status_is_added_and_the_old_one_stays(database, city):
    with database.writing() as session:
        action = action_by_code(session, "A001")
        before = action.declared_entry_id
        entry = build.make_status(session, action)
        assert action.declared_entry_id == entry.id != before
    assert entries(database) == [(0, "declared", 1, "in_progress"), (0, "declared", 2, "completed")]
    with database.reading() as session:
        assert session.get(StatusEntry, before).status == "in_progress"


def test_numbers_count_within_an_action_a_part_and_a_voice(database):
    with database.writing() as session:
        action = build.make_action(session, "A001", parts=[("Nord", Status.PLANNED), ("Sud", Status.PLANNED)])
        other = build.make_action(session, "A002")
        record_status(session, build.BUILDER, action, DONE, part_number=1, now=NOW)
        record_status(session, build.BUILDER, action, DONE, now=NOW)
        record_status(session, build.BUILDER, action, DONE, voice=Voice.ASSESSED, by_label="Università", now=NOW)
        record_status(session, build.BUILDER, action, DONE, part_number=1, voice=Voice.ASSESSED, by_label="Università", now=NOW)
        record_status(session, build.BUILDER, other, DONE, now=NOW)
        pointers = action.declared_entry_id, action.assessed_entry_id
    counted = {(p, v): seq for p, v, seq, _s in entries(database)}
    assert counted == {(0, "declared"): 2, (1, "declared"): 2, (2, "declared"): 1, (0, "assessed"): 1, (1, "assessed"): 1}
    assert [seq for _p, _v, seq, _s in entries(database, "A002")] == [1, 2]
    with database.reading() as session:
        assert [session.get(StatusEntry, p).part_number for p in pointers] == [0, 0], "a part never moves the action's own status"


def test_what_a_third_party_says_stands_beside_what_the_office_says(client, database, city):
    client.sign_in(city.editor)
    told = {"by_label": "Università di Prova", "status": "critical", "as_of": "2026-11-01"}
    page = client.post("/desk/azioni/A001/valutazione", told)
    assert page.status == 422
    assert any("causa" in error for error in page.errors)
    assert page.one("#by_label")["value"] == "Università di Prova"
    assert client.post("/desk/azioni/A001/valutazione", told | {"cause_it": "Mancano gli alberi"}).status == 303

    shown = client.get("/programma/azioni/A001").texts('section[aria-labelledby="stato"] .col-md-6')
    assert len(shown) == 2
    assert "Lo dichiara l'amministrazione" in shown[0]
    assert "In corso" in shown[0]
    assert "Lo valuta un soggetto terzo" in shown[1]
    assert "Critica" in shown[1]
    assert "Università di Prova" in shown[1]
    assert "Mancano gli alberi" in shown[1]
    assert entries(database) == [(0, "declared", 1, "in_progress"), (0, "assessed", 1, "critical")]


@pytest.mark.parametrize(
    ("data", "field"),
    [
        (StatusData(status=Status.COMPLETED, as_of=date(2030, 1, 1)), "as_of"),
        (StatusData(status=Status.WITHDRAWN, as_of=date(2026, 11, 1)), "cause_it"),
        (StatusData(status=Status.NOT_STARTED, as_of=date(2026, 11, 1)), "note_it"),
        (StatusData(status=Status.COMPLETED, as_of=date(2026, 10, 30)), "as_of"),
    ],
)
def test_a_refused_statement_leaves_no_trace(database, city, data, field):
    with pytest.raises(Refused) as refusal, database.writing() as session:
        record_status(session, build.BUILDER, action_by_code(session, "A001"), data, now=NOW)
    assert refusal.value.field == field
    assert len(entries(database)) == 1


def test_who_may_not_publish_records_nothing(database, city):
    with pytest.raises(NotAllowed), database.writing() as session:
        record_status(session, Actor(label="nessuno"), action_by_code(session, "A001"), DONE, now=NOW)
    assert len(entries(database)) == 1


@pytest.mark.parametrize(
    "change",
    ["status = 'critical', cause_it = ''", "status = 'withdrawn', cause_it = ''", "seq = 0", "as_of_precision = 'hour'"],
)
def test_the_database_itself_refuses_an_impossible_entry(database, city, change):
    with pytest.raises(IntegrityError), database.writing() as session:
        session.execute(text(f"UPDATE plan_status_entry SET {change}"))


def test_two_entries_cannot_have_the_same_number(database, city):
    with pytest.raises(IntegrityError), database.writing() as session:
        first = session.scalars(select(StatusEntry).limit(1)).one()
        columns = {c.name: getattr(first, c.name) for c in StatusEntry.__table__.columns if c.name != "id"}
        session.add(StatusEntry(**columns))


def test_people_who_record_at_the_same_instant_never_share_a_number(database, city):
    start, told = threading.Barrier(4), []

    def speak(n):
        start.wait()
        try:
            with database.writing() as session:
                data = StatusData(status=Status.IN_PROGRESS, as_of=date(2026, 11, 1), note_it=f"voce {n}")
                record_status(session, build.BUILDER, action_by_code(session, "A001"), data, now=NOW)
            told.append("")
        except Refused as refusal:
            told.append(str(refusal))

    threads = [threading.Thread(target=speak, args=(n,)) for n in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    written = entries(database)
    assert len(told) == 4
    assert told.count("") >= 1
    assert all(t == "" or "in questo momento" in t for t in told)
    assert [seq for _p, _v, seq, _s in written] == list(range(1, 2 + told.count("")))
    with database.reading() as session:
        assert action_by_code(session, "A001").declared_entry_id == max(
            e.id for e in history(session, action_by_code(session, "A001"))
        )
        assert not list(chain_faults(session))
        assert not programme_faults(session)


def test_the_second_of_two_at_the_same_instant_gets_a_sentence_on_postgresql(new_database):
    database, told = new_database("postgresql", "city"), []

    def speak_second():
        try:
            with database.writing() as session:
                record_status(session, build.BUILDER, action_by_code(session, "A001"), DONE, now=NOW)
        except Refused as refusal:
            told.append(str(refusal))

    second = threading.Thread(target=speak_second)
    with database.writing() as session:
        record_status(session, build.BUILDER, action_by_code(session, "A001"), DONE, now=NOW)
        second.start()
        waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
        for _try in range(200):
            if session.scalar(waiting):
                break
            time.sleep(0.02)
    second.join()
    assert len(told) == 1
    assert "in questo momento" in told[0]
    assert [seq for _p, _v, seq, _s in entries(database)] == [1, 2]


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        (
            "UPDATE plan_action_version SET title_it = 'Altro' WHERE action_id = (SELECT id FROM plan_action WHERE code = 'A001')",
            "la versione 1 dell'azione A001 è stata riscritta (title_it)",
        ),
        (
            "UPDATE plan_action_version SET target = 10 WHERE action_id = (SELECT id FROM plan_action WHERE code = 'A001')",
            "la versione 1 dell'azione A001 è stata riscritta (target)",
        ),
        ("UPDATE plan_action SET kind = 'output' WHERE code = 'A003'", "la versione 1 dell'azione A003 è stata riscritta (kind)"),
        (
            "UPDATE plan_action SET declared_entry_id = NULL WHERE code = 'A003'",
            "l'azione A003 non mostra il suo ultimo stato dichiarato",
        ),
        ("UPDATE plan_action SET current_version = 0 WHERE code = 'A003'", "l'azione A003 non mostra la sua ultima versione"),
        (
            "UPDATE plan_status_entry SET status = 'completed' WHERE status = 'planned'",
            "lo stato 1 dell'azione A004 è stato riscritto (status)",
        ),
    ],
)
def test_whatever_is_rewritten_behind_the_site_s_back_is_named(database, city, statement, told):
    with database.reading() as session:
        assert programme_faults(session) == []
    with database.engine.begin() as connection:
        connection.execute(text(statement))
    with database.reading() as session:
        assert told in programme_faults(session)


def test_a_statement_older_than_the_newest_is_refused(database, city):
    with pytest.raises(Refused, match="più recente"), database.writing() as session:
        build.make_status(session, action_by_code(session, "A001"), Status.COMPLETED, as_of=date(2026, 10, 30))
