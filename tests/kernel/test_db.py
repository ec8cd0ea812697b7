"""The database: reading cannot write, writing is all or nothing, and both databases refuse with the same names."""

import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Index, UniqueConstraint, func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError

import civic.app  # noqa: F401 - names every area, and so loads every table
from civic.city.models import Holiday, Quartiere
from civic.journal.models import JournalEntry
from civic.kernel.db import Database, Model, broken_constraint, refusing
from civic.kernel.errors import Refused
from civic.kernel.search import SearchEntry
from config import ROOT


def rows(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(SearchEntry)) or 0


def entry(ref: str, kind: str = "test") -> SearchEntry:
    return SearchEntry(kind=kind, ref=ref, stems="")


def add(database: Database, *refs: str) -> None:
    with database.writing() as session:
        session.add_all(entry(r) for r in refs)


# ---- reading ---------------------------------------------------------------------------------------------------------


def test_a_reading_block_cannot_add_a_row(database):
    with database.reading() as session:
        session.add(entry("a"))
        with pytest.raises(DBAPIError, match=r"(?i)read-?only"):
            session.flush()
    assert rows(database) == 0


def test_a_reading_block_cannot_delete_by_plain_sql_even_with_a_commit(database):
    add(database, "a")
    with database.reading() as session:
        with pytest.raises(DBAPIError, match=r"(?i)read-?only"):
            session.execute(text("DELETE FROM search_entry"))
        session.rollback()
        with pytest.raises(DBAPIError, match=r"(?i)read-?only"):
            session.execute(text("DELETE FROM search_entry"))
    assert rows(database) == 1


def test_a_connection_that_only_read_can_write_again_when_its_turn_comes(database):
    for turn in range(12):  # more turns than the pool has connections
        assert rows(database) == turn
        add(database, str(turn))
    assert rows(database) == 12


def test_a_reading_block_sees_one_state_while_others_write(database):
    add(database, "before")
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(SearchEntry)) == 1
        add(database, "meanwhile")
        assert session.scalar(select(func.count()).select_from(SearchEntry)) == 1
    assert rows(database) == 2


# ---- writing ---------------------------------------------------------------------------------------------------------


def test_what_a_writing_block_wrote_stays(database):
    add(database, "a", "b")
    assert rows(database) == 2


def test_a_writing_block_that_raises_leaves_nothing(database):

    def write_and_fail() -> None:
        with database.writing() as session:
            session.add(entry("a"))
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_and_fail()
    assert rows(database) == 0
    add(database, "b")
    assert rows(database) == 1


def test_a_writing_block_inside_another_is_refused_and_the_outer_one_goes_on(database):
    with database.writing() as session:
        session.add(entry("outer"))
        with pytest.raises(RuntimeError, match="inside"), database.writing() as inner:
            inner.add(entry("inner"))
    with database.reading() as session:
        assert session.scalars(select(SearchEntry.ref)).all() == ["outer"]


def test_two_threads_may_each_be_in_a_writing_block_of_their_own_turn(database):
    failures = []

    def write(name: str) -> None:
        try:
            for n in range(20):
                add(database, f"{name}{n}")
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert rows(database) == 40


_WRITER = """
import sys
from sqlalchemy import func, select
from civic.kernel.db import Database
from civic.kernel.search import SearchEntry
url, name, times = sys.argv[1], sys.argv[2], int(sys.argv[3])
database = Database(url)
for n in range(times):
    with database.writing() as session:
        seen = session.scalar(select(func.count()).select_from(SearchEntry))
        session.add(SearchEntry(kind=name, ref=str(n), stems=str(seen)))
"""


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_four_processes_that_read_and_then_write_a_hundred_times_each_never_find_sqlite_locked(database, database_url):
    command = [sys.executable, "-c", _WRITER, database_url]
    writers = [subprocess.Popen([*command, name, "100"], cwd=ROOT, stderr=subprocess.PIPE, text=True) for name in "abcd"]
    told = [writer.communicate(timeout=100)[1] for writer in writers]
    assert [w.returncode for w in writers] == [0, 0, 0, 0], told
    assert "locked" not in "".join(told)
    with database.reading() as session:
        seen = sorted(int(s) for s in session.scalars(select(SearchEntry.stems)))
    assert seen == list(range(400))  # each saw exactly the rows that were written before its turn


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_writing_block_that_read_first_is_not_overtaken_by_a_program_that_knows_no_lock_file(database):
    add(database, "a")
    with closing(sqlite3.connect(database.engine.url.database, timeout=0)) as foreign, database.writing() as session:
        session.scalar(select(func.count()).select_from(SearchEntry))
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            foreign.execute("DELETE FROM search_entry")
        session.add(entry("b"))
    assert rows(database) == 2


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_writer_who_comes_again_at_once_does_not_starve_another(database, database_url):
    """Counted in turns, not in seconds: SQLite's own wait lets the greedy one pass a hundred times for one polite turn."""
    turns, over = [], threading.Event()

    def be_greedy() -> None:
        own = Database(database_url)
        while not over.is_set():
            with own.writing() as session:
                session.execute(text("SELECT 1"))  # the transaction begins with its first statement
                time.sleep(0.03)
            turns.append(1)
        own.dispose()

    greedy = threading.Thread(target=be_greedy)
    greedy.start()
    try:
        while not turns:
            time.sleep(0.001)
        before = len(turns)
        for n in range(5):
            add(database, f"polite{n}")
            time.sleep(0.002)
        passed = len(turns) - before
    finally:
        over.set()
        greedy.join()
    assert passed < 20
    assert rows(database) == 5


# ---- refusing --------------------------------------------------------------------------------------------------------


def broken_by(database: Database, *things: Model) -> str:
    """Write these rows one after the other, and name the constraint that the last one breaks."""
    with database.writing() as session:
        for thing in things[:-1]:
            session.add(thing)
            session.flush()
        session.add(things[-1])
        with pytest.raises(IntegrityError) as caught:
            session.flush()
        session.rollback()
        return broken_constraint(caught.value)


def holiday(**changed: int) -> Holiday:
    return Holiday(**({"month": 6, "day": 24, "every": 0, "name_it": "San Giovanni"} | changed))


def test_a_broken_unique_constraint_has_the_same_name_on_both(database):
    assert broken_by(database, entry("a"), entry("a")) == "uq_search_entry_kind_ref"


def test_a_broken_unique_index_has_the_same_name_on_both(database):
    assert broken_by(database, holiday(), holiday()) == "uq_city_holiday_once"


def test_a_broken_check_has_the_same_name_on_both(database):
    assert broken_by(database, holiday(month=13)) == "ck_city_holiday_real_day"


def test_a_broken_primary_key_has_the_same_name_on_both(database):
    first, second = Quartiere(code="Q1", number=1, name="Uno"), Quartiere(code="Q1", number=2, name="Due")
    with database.writing() as session:
        session.add(first)
    assert broken_by(database, second) == "pk_city_quartiere"


def test_a_missing_value_has_no_constraint_to_name(database):
    assert broken_by(database, Quartiere(code="Q1", number=1, name=None)) == ""


def uniques() -> list[tuple[str, UniqueConstraint | Index]]:
    """List every unique constraint and index, by name: a table keeps them in a set."""
    found = []
    for table in Model.metadata.sorted_tables:
        found += [(table.name, c) for c in table.constraints if isinstance(c, UniqueConstraint)]
        found += [(table.name, i) for i in table.indexes if i.unique]
    return sorted(found, key=lambda pair: str(pair[1].name))


@pytest.mark.parametrize(("table", "unique"), [pytest.param(t, u, id=str(u.name)) for t, u in uniques()])
def test_every_unique_constraint_of_the_house_is_told_by_its_name_on_sqlite(table, unique):
    told = ", ".join(f"{table}.{c.name}" for c in unique.columns)
    error = IntegrityError("", {}, sqlite3.IntegrityError(f"UNIQUE constraint failed: {told}"))
    assert broken_constraint(error) == unique.name


def test_a_named_refusal_takes_the_place_of_the_database_s_error_and_the_block_leaves_nothing(database):
    refusal = Refused("C'è già.", field="code")

    def write_twice() -> None:
        with database.writing() as session:
            session.add_all([entry("other"), entry("a")])
            with refusing(session, {"uq_search_entry_kind_ref": refusal}):
                session.add(entry("a"))

    with pytest.raises(Refused) as caught:
        write_twice()
    assert caught.value is refusal
    assert rows(database) == 0


def test_a_constraint_nobody_named_stays_the_database_s_error(database):
    refusals = {"uq_search_entry_kind_ref": Refused("altro")}
    with pytest.raises(IntegrityError), database.writing() as session, refusing(session, refusals):
        session.add(holiday(day=99))


# ---- instants --------------------------------------------------------------------------------------------------------


def journal_entry(at: datetime) -> JournalEntry:
    return JournalEntry(happened_at=at, kind="t.t", subject_kind="t", subject_ref="1", voice="v", facts={}, author_seal="s")


def test_an_instant_comes_back_as_it_went_in_aware_and_in_utc(database):
    at = datetime(2026, 3, 29, 2, 30, 15, 123456, tzinfo=timezone(timedelta(hours=2)))
    with database.writing() as session:
        session.add(journal_entry(at))
    with database.reading() as session:
        back = session.scalars(select(JournalEntry.happened_at)).one()
    assert back == at
    assert back.tzinfo is UTC


def test_a_naive_instant_is_refused(database):
    with pytest.raises(StatementError, match="naive datetime"), database.writing() as session:
        session.add(journal_entry(datetime(2026, 3, 29, 2, 30)))
