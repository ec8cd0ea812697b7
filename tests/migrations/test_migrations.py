"""Migrations: from nothing to the newest level and back, on both databases, and the tables are those of the models."""

import subprocess
import sys
from datetime import timedelta

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import func, inspect, select, text

import civic.app  # noqa: F401 - names every area, and so loads every table
from civic.contributions.commands.answers import pause, reply, resume
from civic.kernel import schema
from civic.kernel.db import Model
from civic.kernel.search import SearchEntry
from config import ROOT
from tests import build

HAND_MADE = ("search_entry_fts", "ix_search_entry_stems")


@pytest.fixture
def bare(backend, new_database):
    """A database with nothing in it."""
    return new_database(backend, None)


def differences(database) -> list[object]:
    """Compare the migrated tables with the models, but for what migrations make by hand."""

    def ours(_thing: object, name: str | None, kind: str, _reflected: bool, _other: object) -> bool:
        return not (kind in ("table", "index") and (name or "").startswith(HAND_MADE))

    with database.engine.connect() as connection:
        options = {"compare_type": True, "include_object": ours, "render_as_batch": True}
        return compare_metadata(MigrationContext.configure(connection, opts=options), Model.metadata)


def tables(database) -> set[str]:
    with database.engine.connect() as connection:
        return set(inspect(connection).get_table_names())


def test_a_database_with_nothing_in_it_is_at_no_level(bare):
    assert schema.level_of(bare) == ""


def test_an_upgrade_from_zero_reaches_the_newest_level(bare):
    schema.upgrade(bare)
    assert schema.level_of(bare) == schema.head_level() != ""
    assert {t.name for t in Model.metadata.sorted_tables} <= tables(bare)


def test_the_migrated_tables_are_those_of_the_models(database):
    assert differences(database) == []


def test_a_difference_between_tables_and_models_would_be_seen(database):
    with database.engine.begin() as connection:
        connection.execute(text("ALTER TABLE city_service ADD COLUMN forgotten VARCHAR(10)"))
        connection.execute(text("DROP INDEX ix_journal_entry_kind_id"))
    assert len(differences(database)) == 2


def test_every_check_of_the_models_is_in_the_database(database):
    """Alembic does not compare CHECKs: it is done here, by name."""
    with database.engine.connect() as connection:
        inspector = inspect(connection)
        for table in Model.metadata.sorted_tables:
            wanted = {str(c.name) for c in table.constraints if type(c).__name__ == "CheckConstraint"}
            there = {c["name"] for c in inspector.get_check_constraints(table.name)}
            assert wanted <= there, table.name


def test_every_foreign_key_of_the_models_is_in_the_database_with_its_columns_and_its_deferral(database):
    with database.engine.connect() as connection:
        inspector = inspect(connection)
        for table in Model.metadata.sorted_tables:
            wanted = {(tuple(c.column_keys), c.referred_table.name, bool(c.deferrable)) for c in table.foreign_key_constraints}
            there = {
                (tuple(k["constrained_columns"]), k["referred_table"], bool(k["options"].get("deferrable")))
                for k in inspector.get_foreign_keys(table.name)
            }
            assert there == wanted, table.name


def test_down_to_nothing_and_up_again_gives_the_same_tables(database):
    before = tables(database)
    schema.downgrade(database, "base")
    assert tables(database) <= {"alembic_version"}
    schema.upgrade(database)
    assert tables(database) == before
    assert differences(database) == []


def test_a_second_upgrade_changes_nothing_and_keeps_the_rows(database, city):
    with database.reading() as session:
        before = {t.name: session.scalar(select(func.count()).select_from(t)) for t in Model.metadata.sorted_tables}
    schema.upgrade(database)
    with database.reading() as session:
        assert before == {t.name: session.scalar(select(func.count()).select_from(t)) for t in Model.metadata.sorted_tables}
    assert before["plan_action"] > 0


def test_voices_that_were_there_get_the_days_that_their_pages_told(database, city):
    """Level 0005 writes on each voice what was computed until then: here a pause of a week, and an answer."""
    with database.writing() as session:
        voices = [build.make_voice(session, city.schools, title=title) for title in ("Aspetta", "Ferma", "Risposta")]
        for voice, done in zip(voices[1:], (True, False), strict=True):
            pause(session, build.BUILDER, voice, reason="Una foto", now=build.BUILT)
            if done:
                resume(session, build.BUILDER, voice, now=build.BUILT + timedelta(days=7))
        told = {"text": "Sì.", "is_public": True, "link": "%s", "site": "x", "now": build.BUILT + timedelta(days=5)}
        reply(session, build.BUILDER, voices[2], **told)
    columns = "title, triage_due_on, reply_term_days, reply_due_on, replied_on, replied_after_days"

    def days():
        with database.reading() as session:
            return [tuple(map(str, row)) for row in session.execute(text(f"SELECT {columns} FROM contribution ORDER BY id"))]

    before = days()
    assert [row[3] for row in before] == ["2026-12-14", "2026-12-18", "2026-12-16"]
    schema.downgrade(database, "0004")
    schema.upgrade(database)
    assert days() == before


def test_three_hosts_that_upgrade_at_once_wait_for_each_other(bare):
    script = "import sys; from civic.kernel import db, schema; schema.upgrade(db.Database(sys.argv[1]))"
    hosts = [
        subprocess.Popen([sys.executable, "-c", script, bare.url], cwd=ROOT, stderr=subprocess.PIPE, text=True) for _ in range(3)
    ]
    told = [host.communicate(timeout=60)[1] for host in hosts]
    assert [h.returncode for h in hosts] == [0, 0, 0], "\n".join(t[-600:] for t in told)
    assert schema.level_of(bare) == schema.head_level()
    assert differences(bare) == []


def test_the_search_index_follows_the_table_whatever_writes_it(database, backend):
    with database.writing() as session:
        session.add(SearchEntry(id=1, kind="a", ref="1", stems="alber"))
    with database.writing() as session:
        session.execute(text("UPDATE search_entry SET stems = 'ponte' WHERE id = 1"))
    if backend == "sqlite":
        with database.reading() as session:
            found = "SELECT count(*) FROM search_entry_fts WHERE search_entry_fts MATCH :q"
            assert [session.scalar(text(found), {"q": q}) for q in ("alber", "ponte")] == [0, 1]
        with database.writing() as session:
            session.execute(text("INSERT INTO search_entry_fts(search_entry_fts, rank) VALUES ('integrity-check', 1)"))
    else:
        with database.reading() as session:
            session.execute(text("SET LOCAL enable_seqscan = off"))
            hits = "to_tsvector('simple'::regconfig, stems) @@ plainto_tsquery('simple'::regconfig, 'ponte')"
            plan = f"EXPLAIN SELECT id FROM search_entry WHERE {hits}"
            assert "ix_search_entry_stems" in "".join(row[0] for row in session.execute(text(plan)))


def test_the_levels_form_one_line():
    """Two heads, or a branch, would leave an installation between two levels."""
    scripts = schema.ScriptDirectory.from_config(schema._alembic())
    assert len(scripts.get_heads()) == 1
    assert len(scripts.get_bases()) == 1
    levels = [s.revision for s in scripts.walk_revisions()]
    assert levels == sorted(levels, reverse=True)  # `civic migrate` tells a newer database by comparing these
