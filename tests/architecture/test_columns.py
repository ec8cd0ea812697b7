"""Every column is classified once; what tells of a person has a purpose, a term and a way out."""

import importlib

import civic.app  # noqa: F401 - loads every table
from civic.kernel.db import Model
from civic.kernel.privacy import Holds, privacy_of

COLUMNS = [(table, column) for table in Model.metadata.sorted_tables for column in table.columns]
AREAS = {
    "journal": "civic.journal",
    "outbox": "civic.outbox",
    "city": "civic.city",
    "people": "civic.people",
    "plan": "civic.planning",
}


def test_every_column_is_classified() -> None:
    assert not [f"{t.name}.{c.name}" for t, c in COLUMNS if privacy_of(c) is None]


def test_a_personal_column_says_why_who_how_long_and_how_it_goes() -> None:
    bare = []
    for table, column in COLUMNS:
        entry = privacy_of(column)
        if entry and entry.holds is Holds.PERSONAL and not all((entry.purpose, entry.seen_by, entry.keep, entry.erase)):
            bare.append(f"{table.name}.{column.name}")
    assert not bare


def test_the_way_out_of_a_personal_column_exists() -> None:
    missing = []
    for table, column in COLUMNS:
        entry = privacy_of(column)
        if entry and entry.holds is Holds.PERSONAL:
            area = AREAS[table.name.split("_")[0]]
            rooms = [importlib.import_module(f"{area}.commands")]
            if area == "civic.planning":
                rooms = [
                    importlib.import_module(f"{area}.commands.{noun}") for noun in ("actions", "drafts", "documents", "statuses")
                ]
            if not any(hasattr(room, entry.erase) for room in rooms):
                missing.append(f"{table.name}.{column.name}: {entry.erase}")
    assert not missing


def test_every_table_constraint_has_a_name() -> None:
    nameless = [
        f"{table.name}: {constraint}"
        for table in Model.metadata.sorted_tables
        for constraint in table.constraints
        if constraint.name is None
    ]
    assert not nameless
