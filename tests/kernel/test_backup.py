"""A backup goes back into either database, row by row; a file that is not whole goes into none."""

import json
import zipfile
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import select

from civic.backup import restore_backup, write_backup
from civic.city.models import Holiday, Quartiere
from civic.journal.queries import chain_faults
from civic.kernel.db import Database, Model
from civic.kernel.errors import Refused
from civic.kernel.search import matching
from civic.planning.queries.check import programme_faults
from tests import build

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
TABLES = Model.metadata.sorted_tables


def rows(database: Database) -> dict[str, list[Any]]:
    """Read every row of every table, in the order of their keys."""
    with database.reading() as session:
        return {t.name: [tuple(r) for r in session.execute(select(t).order_by(*t.primary_key.columns))] for t in TABLES}


def count(database: Database) -> int:
    return sum(len(found) for found in rows(database).values())


@pytest.mark.parametrize(
    ("origin", "target"), [("sqlite", "sqlite"), ("sqlite", "postgresql"), ("postgresql", "sqlite"), ("postgresql", "postgresql")]
)
def test_a_whole_city_comes_back_row_by_row(new_database, tmp_path, origin, target):
    old, new = new_database(origin, "florence"), new_database(target)
    wrote = write_backup(old, tmp_path / "copia.zip", now=NOW)
    assert restore_backup(new, tmp_path / "copia.zip") == wrote
    before, after = rows(old), rows(new)
    for table in before:
        assert after[table] == before[table], table
    assert wrote == count(old) > 1_000


@pytest.mark.parametrize("target", ["sqlite", "postgresql"])
def test_a_restored_city_works_and_its_register_is_in_order(new_database, tmp_path, target):
    other = {"sqlite": "postgresql", "postgresql": "sqlite"}[target]
    old, new = new_database(other, "city"), new_database(target)
    write_backup(old, tmp_path / "copia.zip", now=NOW)
    restore_backup(new, tmp_path / "copia.zip")
    with new.reading() as session:
        assert list(chain_faults(session)) == []
        assert programme_faults(session) == []
        found = matching(session, kind="action", query="alberi")
        assert session.scalars(found).all() == ["A001"]
    with new.writing() as session:
        build.make_action(session, "A900")  # a new row gets a number that no restored row has
        build.make_staff(session, "auditor", email="nuovo@prova.example")


def awkward(database: Database) -> None:
    with database.writing() as session:
        session.add(
            Quartiere(
                code="Q1", number=1, name='Città "vecchia"; \\ \u2028 😀 <b>&amp;', population=None, population_note_it="a\nb\tc"
            )
        )
        session.add(Quartiere(code="Q2", number=2, name="", population=0, population_verified=True))
        session.add(Holiday(id=2**40, month=6, day=24, name_it="x"))


@pytest.mark.parametrize(("origin", "target"), [("sqlite", "postgresql"), ("postgresql", "sqlite")])
def test_awkward_values_come_back_as_they_were(new_database, tmp_path, origin, target):
    old, new = new_database(origin), new_database(target)
    awkward(old)
    write_backup(old, tmp_path / "copia.zip", now=NOW)
    restore_backup(new, tmp_path / "copia.zip")
    assert rows(new) == rows(old)


def test_two_backups_of_the_same_state_hold_the_same(database, city, tmp_path):
    for name in ("a.zip", "b.zip"):
        write_backup(database, tmp_path / name, now=NOW)
    with zipfile.ZipFile(tmp_path / "a.zip") as a, zipfile.ZipFile(tmp_path / "b.zip") as b:
        assert {n: a.read(n) for n in a.namelist()} == {n: b.read(n) for n in b.namelist()}


def test_a_backup_never_writes_over_a_file(database, tmp_path):
    path = tmp_path / "copia.zip"
    path.write_text("prezioso")
    with pytest.raises(Refused, match="esiste"):
        write_backup(database, path, now=NOW)
    assert path.read_text() == "prezioso"


def test_a_backup_does_not_let_others_read_it(database, tmp_path):
    write_backup(database, tmp_path / "copia.zip", now=NOW)
    assert (tmp_path / "copia.zip").stat().st_mode & 0o077 == 0


def test_a_backup_goes_only_into_an_empty_database(new_database, tmp_path):
    old, new = new_database("sqlite", "city"), new_database("sqlite", "city")
    write_backup(old, tmp_path / "copia.zip", now=NOW)
    before = rows(new)
    with pytest.raises(Refused, match="vuota"):
        restore_backup(new, tmp_path / "copia.zip")
    assert rows(new) == before


# ---- files that are not whole ----------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def whole(templates, tmp_path_factory) -> bytes:
    """The bytes of a good backup of the small city."""
    path = tmp_path_factory.mktemp("backup") / "copia.zip"
    with templates.copied("sqlite", "city") as url:
        database = Database(url)
        write_backup(database, path, now=NOW)
        database.dispose()
    return path.read_bytes()


def rewritten(whole: bytes, path: Path, change: Any) -> Path:
    """Write a backup anew, each member passed through `change(name, bytes)`; None leaves it out."""
    source = path.with_suffix(".source")
    source.write_bytes(whole)
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = change(name, old.read(name))
            if content is not None:
                new.writestr(name, content)
    return path


def refuse(database: Database, path: Path) -> None:
    with pytest.raises(Refused):
        restore_backup(database, path)
    assert count(database) == 0


@pytest.mark.parametrize("left", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_a_file_that_was_cut_is_refused_and_nothing_is_written(database, whole, tmp_path, left):
    path = tmp_path / "copia.zip"
    path.write_bytes(whole[: int(len(whole) * left)])
    refuse(database, path)


def test_a_file_with_a_changed_byte_anywhere_is_refused_or_changes_nothing_that_matters(new_database, whole, tmp_path):
    """A byte of the archive's own bookkeeping may not matter; a row that differs always does."""
    reference = new_database("sqlite")
    path = tmp_path / "copia.zip"
    path.write_bytes(whole)
    restore_backup(reference, path)
    good, chance, target, refused = rows(reference), Random(7), new_database("sqlite"), 0
    for _ in range(120):
        torn = bytearray(whole)
        torn[chance.randrange(len(torn))] ^= 1 << chance.randrange(8)
        path.write_bytes(torn)
        try:
            restore_backup(target, path)
        except Refused:
            refused += 1
            assert count(target) == 0
        else:
            assert rows(target) == good
            target = new_database("sqlite")
    assert refused > 60


@pytest.mark.parametrize(
    "change",
    [
        lambda name, data: data.replace(b"mille", b"cento") if name == "plan_action_version.jsonl" else data,
        lambda name, data: data[: data.rindex(b"\n", 0, -1) + 1] if name == "journal_chain.jsonl" else data,
        lambda name, data: data + data.splitlines(keepends=True)[-1] if name == "city_quartiere.jsonl" else data,
        lambda name, data: None if name == "people_account.jsonl" else data,
        lambda name, data: None if name == "manifest.json" else data,
        lambda name, data: b"{}" if name == "manifest.json" else data,
        lambda name, data: b"[]" if name == "manifest.json" else data,
        lambda name, data: b"\xff\xfe" if name == "manifest.json" else data,
        lambda name, data: data.replace(b'"city_ente"', b'"city_altro"') if name == "manifest.json" else data,
        lambda name, data: data.replace(b'"rows"', b'"righe"') if name == "manifest.json" else data,
        lambda name, data: b"non json\n" if name == "city_ente.jsonl" else data,
        lambda name, data: b"[1]\n" if name == "city_ente.jsonl" else data,
        lambda name, data: b"{}\n" if name == "city_ente.jsonl" else data,
        lambda name, data: b"7\n" if name == "city_ente.jsonl" else data,
        lambda name, data: data.replace(b"2026-11-20T09:00:00", b"ieri") if name == "journal_entry.jsonl" else data,
        lambda name, data: data.replace(b"2026-11-20T09:00:00+00:00", b"12") if name == "plan_action_version.jsonl" else data,
        lambda name, data: data.replace(b'"400.00"', b'"molti"') if name == "plan_action_version.jsonl" else data,
    ],
    ids=[
        "word",
        "missing-last-row",
        "row-twice",
        "missing-table",
        "no-manifest",
        "empty-manifest",
        "manifest-is-a-list",
        "manifest-not-text",
        "manifest-without-a-table",
        "manifest-without-counts",
        "not-json",
        "short-row",
        "row-is-an-object",
        "row-is-a-number",
        "not-an-instant",
        "instant-is-a-number",
        "not-a-number",
    ],
)
def test_a_file_that_was_altered_is_refused_and_nothing_is_written(database, whole, tmp_path, change):
    refuse(database, rewritten(whole, tmp_path / "copia.zip", change))


def test_the_alterations_above_start_from_a_file_that_is_accepted(database, whole, tmp_path):
    assert restore_backup(database, rewritten(whole, tmp_path / "copia.zip", lambda _name, data: data)) > 100


def test_rows_that_break_a_rule_of_the_database_are_refused_even_when_counts_and_hashes_fit(database, whole, tmp_path):
    """Somebody who recomputes the manifest still cannot bring in what no command could write."""
    broken = b'["Q1",1,"Uno",null,false,"",""]\n["Q9",1,"Uno",null,false,"",""]\n'

    def change(name: str, data: bytes) -> bytes:
        if name == "city_quartiere.jsonl":
            return broken
        if name == "manifest.json":
            manifest = json.loads(data)
            manifest["tables"]["city_quartiere"] = {"rows": 2, "sha256": sha256(broken).hexdigest()}
            return json.dumps(manifest).encode()
        return data

    refuse(database, rewritten(whole, tmp_path / "copia.zip", change))


def test_a_backup_of_another_level_is_refused_by_name(database, whole, tmp_path):
    def change(name: str, data: bytes) -> bytes:
        return json.dumps(json.loads(data) | {"level": "9999"}).encode() if name == "manifest.json" else data

    with pytest.raises(Refused, match="9999"):
        restore_backup(database, rewritten(whole, tmp_path / "copia.zip", change))
    assert count(database) == 0


@pytest.mark.parametrize("content", [b"", b"PK", b"testo", b"\0" * 10_000], ids=["empty", "two-bytes", "text", "zeros"])
def test_a_file_that_is_no_backup_at_all_is_refused(database, tmp_path, content):
    path = tmp_path / "copia.zip"
    path.write_bytes(content)
    refuse(database, path)
