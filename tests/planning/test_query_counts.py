"""A longer programme or history costs no more questions to the database."""

from datetime import date

import pytest

from civic.kernel.tables import to_csv
from civic.planning.commands.actions import import_programme
from civic.planning.commands.documents import PhaseData
from civic.planning.intake import COLUMNS
from civic.planning.models import Status
from civic.planning.queries.actions import action_by_code
from tests import build

pytestmark = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
ROW = {
    "mandate": "2024-2029",
    "direction": "D1",
    "kind": "action",
    "status": "in_progress",
    "as_of": "2026-10-31",
    "tags": "verde;clima",
    "sites": "Q1;Q2",
    "lead_office": "direzione-ambiente",
}


def add_actions(database, first, last):
    rows = [ROW | {"code": f"N{n:03}", "title_it": f"Azione numero {n}"} for n in range(first, last + 1)]
    file = to_csv(COLUMNS, [[row.get(c) for c in COLUMNS] for row in rows]).encode()
    with database.writing() as session:
        import_programme(session, build.BUILDER, file, by_label="Comune di Prova", now=build.BUILT)


def asked_by(client, query_count, path):
    client.get(path)
    with query_count(client.app) as asked:
        assert client.get(path).status == 200
    return len(asked)


def test_three_hundred_actions_cost_as_many_questions_as_thirty(client, new_client, database, query_count, city):
    editor = new_client()
    editor.sign_in(city.editor)
    pages = [
        (client, p, most)
        for p, most in (
            ("/programma", 16),
            ("/programma?q=numero&quartiere=Q1", 16),
            ("/", 14),
            ("/programma/indirizzi/D1", 12),
            ("/sitemap.xml", 6),
            ("/programma.csv", 8),
        )
    ]
    pages.append((editor, "/desk/azioni", 10))
    add_actions(database, 1, 30)
    few = [asked_by(who, query_count, path) for who, path, _most in pages]
    add_actions(database, 31, 300)
    many = [asked_by(who, query_count, path) for who, path, _most in pages]
    assert few == many
    for n, (_who, path, most) in zip(many, pages, strict=True):
        assert n <= most, f"{path} asks {n} questions"


def test_fifty_changes_of_status_cost_as_many_questions_as_one(client, database, query_count, city):
    few = asked_by(client, query_count, "/programma/azioni/A001")
    with database.writing() as session:
        action = action_by_code(session, "A001")
        for n in range(49):
            build.make_status(session, action, Status.IN_PROGRESS, as_of=date(2026, 11, 1), note_it=f"Nota {n}")
    assert asked_by(client, query_count, "/programma/azioni/A001") == few <= 17
    assert len(client.get("/programma/azioni/A001").select('section[aria-labelledby="storia"] > ol > li')) == 50


def test_a_wide_tree_and_a_long_sheet_cost_as_many_questions_as_small_ones(client, database, query_count, city):
    few = asked_by(client, query_count, "/dup"), asked_by(client, query_count, f"/peg/{city.peg}")
    with database.writing() as session:
        for n in range(2, 30):
            build.make_objective(session, f"1.{n}.01")
        codes = [f"1.{n}.01" for n in range(2, 30)]
        phases = tuple(PhaseData(number=n, description_it=f"Fase {n}") for n in range(1, 30))
        for n in range(10):
            build.make_peg(session, f"Scheda {n}", objectives=codes, phases=phases)
    assert (asked_by(client, query_count, "/dup"), asked_by(client, query_count, "/peg/2026-scheda-1")) == few
