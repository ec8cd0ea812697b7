"""Every column is classified once; what tells of a person has a purpose, a term and a way out."""

import importlib
import pkgutil
from types import ModuleType

import civic.app  # noqa: F401 - loads every table
from civic.kernel.db import Model
from civic.kernel.privacy import Holds, privacy_of, rows_of
from civic.rights import erasure

COLUMNS = [(table, column) for table in Model.metadata.sorted_tables for column in table.columns]
AREAS = {
    "journal": "civic.journal",
    "outbox": "civic.outbox",
    "city": "civic.city",
    "people": "civic.people",
    "plan": "civic.planning",
    "contribution": "civic.contributions",
    "commitment": "civic.contributions",
    "consultation": "civic.contributions",
    "rating": "civic.quality",
    "quality": "civic.quality",
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


def commands_of(area: str) -> list[ModuleType]:
    """List the modules of commands of an area."""
    found = importlib.import_module(f"{area}.commands")
    inside = [importlib.import_module(f"{area}.commands.{m.name}") for m in pkgutil.iter_modules(getattr(found, "__path__", []))]
    return [found, *inside]


def test_the_way_out_of_a_personal_column_exists() -> None:
    missing = []
    for table, column in COLUMNS:
        entry = privacy_of(column)
        if entry and entry.holds is Holds.PERSONAL:
            area = AREAS[table.name.split("_")[0]]
            if not any(hasattr(room, entry.erase) for room in commands_of(area)):
                missing.append(f"{table.name}.{column.name}: {entry.erase}")
    assert not missing


def test_erasing_somebody_asks_every_area_that_knows_her() -> None:
    """An area with columns that `erase_person` empties is one of those that the erasure of staff or of citizens goes through."""
    know = {
        AREAS[table.name.split("_")[0]]
        for table, column in COLUMNS
        if (entry := privacy_of(column)) and entry.holds is Holds.PERSONAL and entry.erase == "erase_person"
    }
    asked = {".".join(f.__module__.split(".")[:2]) for f in (*erasure.STAFF_AREAS, *erasure.CITIZEN_AREAS)}
    assert know <= asked


def test_a_table_about_persons_says_whose_its_rows_are_or_when_they_go() -> None:
    """The data export and the retention job read it: a table that says neither would be in no export and stay for ever."""
    silent = set()
    for table, column in COLUMNS:
        entry = privacy_of(column)
        told = rows_of(table)
        if entry and entry.holds is Holds.PERSONAL and (told is None or not (told.column or told.after is not None)):
            silent.add(table.name)
    assert not silent


def test_what_a_table_says_of_its_rows_names_its_own_columns() -> None:
    wrong = []
    for table in Model.metadata.sorted_tables:
        told = rows_of(table)
        names = {*told.since, *([told.column] if told.column else [])} if told else set()
        wrong += [f"{table.name}.{name}" for name in names if name not in table.c]
        if told and told.after is not None and not told.since:
            wrong.append(f"{table.name}: a term without an instant")
    assert not wrong


def test_every_table_constraint_has_a_name() -> None:
    nameless = [
        f"{table.name}: {constraint}"
        for table in Model.metadata.sorted_tables
        for constraint in table.constraints
        if constraint.name is None
    ]
    assert not nameless
