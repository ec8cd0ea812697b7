"""The programme's file: seen before it is written, all of it or nothing, and what goes out comes in unchanged."""

import csv
import io
import os
import subprocess
import sys
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from civic.kernel.actor import Actor
from civic.kernel.errors import NotAllowed, Refused
from civic.kernel.intake import read_csv
from civic.kernel.tables import to_csv
from civic.planning.commands.actions import import_programme, preview_programme
from civic.planning.commands.drafts import publish_draft
from civic.planning.intake import COLUMNS, Known, read_actions, write_partial_date
from civic.planning.models import ActionVersion, MandateAction, StatusEntry
from civic.planning.queries.actions import action_by_code, current_version, history
from config import ROOT
from tests import build

NOW = build.BUILT
GOOD = {
    "code": "N001",
    "mandate": "2024-2029",
    "direction": "D1",
    "kind": "action",
    "title_it": "Un nido a Peretola",
    "title_en": "A nursery",
    "tags": "scuola;nidi",
    "sites": "Q1;Q2",
    "sites_basis": "inferred",
    "status": "critical",
    "note_it": "Nota",
    "note_en": "Note",
    "cause_it": "Ricorso al TAR",
    "quantity": "12.5",
    "target": "60",
    "unit_it": "posti",
    "unit_en": "places",
    "amount_eur": "1200000.50",
    "importance": "3",
    "as_of": "2024-06",
    "source_url": "https://www.comune.prova.example/nido",
    "lead_office": "direzione-istruzione",
    "parts": "Tetto|completed;Giardino|planned",
}


def file_of(*rows, delimiter=",", encoding="utf-8"):
    text = to_csv(COLUMNS, [[(GOOD | row)[c] for c in COLUMNS] for row in rows])
    if delimiter != ",":
        out = io.StringIO()
        csv.writer(out, delimiter=delimiter).writerows(csv.reader(io.StringIO(text)))
        text = out.getvalue()
    return text.encode(encoding)


def preview(database, data):
    with database.reading() as session:
        return preview_programme(session, data, now=NOW)


def apply(database, data, *, by="Comune di Prova"):
    with database.writing() as session:
        return import_programme(session, build.BUILDER, data, by_label=by, now=NOW)


def rows_in(database):
    with database.reading() as session:
        return [session.scalar(select(func.count()).select_from(t)) for t in (MandateAction, ActionVersion, StatusEntry)]


# ---- what is wrong, in words -----------------------------------------------------------------------------------------

BAD = {
    "code": ["", "A 1", "à1", "x" * 21, "A001!"],
    "mandate": ["", "1999-2004"],
    "direction": ["D99"],
    "kind": ["", "promise"],
    "title_it": ["", "x" * 301],
    "title_en": ["x" * 301],
    "sites": ["Q9", "Q1;Q9"],
    "sites_basis": ["guessed"],
    "status": ["", "fatto", "Completed"],
    "cause_it": [""],
    "quantity": ["molti", "-1", "1,5", "NaN", "1e99", "0.001"],
    "target": ["molti", "-1", "Infinity"],
    "unit_it": ["x" * 81],
    "unit_en": ["x" * 81],
    "amount_eur": ["molti", "-1", "12 000"],
    "importance": ["0", "4", "alta"],
    "as_of": ["", "31/10/2024", "2024-13", "2024-02-30", "2031", "2026-11-21"],
    "source_url": ["www.comune.it", "https://a b", "javascript:alert(1)", "https://x.it/" + "a" * 400],
    "lead_office": ["nessuno"],
    "parts": ["Tetto", "Tetto|fatto", "|completed", "Tetto|critical"],
}
FREE_TEXT = {"tags", "note_it", "note_en"}


def test_every_column_is_checked_or_free_text():
    assert set(BAD) | FREE_TEXT == set(COLUMNS)
    assert not set(BAD) & FREE_TEXT


@pytest.fixture(scope="module")
def known():
    return Known(
        mandates=frozenset({"2024-2029"}),
        directions=frozenset({"D1"}),
        quartieri=frozenset({"Q1", "Q2"}),
        offices=frozenset({"direzione-istruzione"}),
        today=NOW.date(),
    )


def test_a_good_row_is_read_whole(known):
    (record,), problems = read_actions(read_csv(file_of({}), columns=COLUMNS), known)
    assert not problems
    assert (record.code, record.as_of, record.as_of_precision) == ("N001", date(2024, 6, 1), "month")
    assert (str(record.quantity), str(record.amount_eur), record.importance) == ("12.5", "1200000.50", 3)
    assert (record.tags, record.sites) == (("scuola", "nidi"), ("Q1", "Q2"))
    assert record.parts == (("Tetto", "completed"), ("Giardino", "planned"))


@pytest.mark.parametrize(("column", "value"), [(c, v) for c, values in BAD.items() for v in values])
def test_a_bad_cell_is_told_by_row_column_value_and_how_to_mend_it(known, column, value):
    records, problems = read_actions(read_csv(file_of({"code": "N000"}, {column: value}), columns=COLUMNS), known)
    assert len(records) == 1
    (problem,) = problems
    assert (problem.row, problem.column) == (3, column)
    assert problem.value == value or problem.value == value[:60] + "…"
    assert len(problem.fix) > 15


@pytest.mark.parametrize(
    "column", [c for c in COLUMNS if c not in ("code", "mandate", "kind", "title_it", "status", "as_of", "cause_it")]
)
def test_a_cell_that_nobody_knows_may_stay_empty_and_is_not_zero(known, column):
    (record,), problems = read_actions(read_csv(file_of({column: ""}), columns=COLUMNS), known)
    assert not problems
    if column in ("quantity", "target", "amount_eur", "importance", "direction", "lead_office"):
        assert getattr(record, column) is None


@given(st.dates(date(1990, 1, 1), date(2026, 11, 20)), st.sampled_from([4, 7, 10]))
def test_a_date_is_as_precise_as_its_source_and_stays_so(day, length):
    text = day.isoformat()[:length]
    known = Known(
        mandates=frozenset({"2024-2029"}),
        directions=frozenset({"D1"}),
        quartieri=frozenset({"Q1", "Q2"}),
        offices=frozenset({"direzione-istruzione"}),
        today=date(2026, 11, 20),
    )
    (record,), _problems = read_actions(read_csv(file_of({"as_of": text}), columns=COLUMNS), known)
    assert write_partial_date(record.as_of, record.as_of_precision) == text


# ---- preview, then all or nothing ------------------------------------------------------------------------------------


def test_a_preview_counts_and_writes_nothing(database, city):
    before = rows_in(database)
    seen = preview(database, file_of({}, {"code": "N002"}))
    assert (list(seen.new), list(seen.changed), list(seen.unchanged)) == (["N001", "N002"], [], [])
    assert rows_in(database) == before
    apply(database, file_of({}, {"code": "N002"}))
    seen = preview(database, file_of({}, {"code": "N002", "title_it": "Due nidi"}, {"code": "N003"}))
    assert (list(seen.new), list(seen.changed), list(seen.unchanged)) == (["N003"], ["N002"], ["N001"])


def test_an_imported_action_is_public_with_all_it_says(client, database, city):
    apply(database, file_of({}), by="Giunta di Prova")
    page = client.get("/programma/azioni/N001")
    main = page.text()
    for words in (
        "Un nido a Peretola",
        "Critica",
        "Ricorso al TAR",
        "Giunta di Prova",
        "giugno 2024",
        "12,5 posti",
        "60 posti",
        "1.200.000 €",
        "Q1 Quartiere 1",
        "Molto importante",
        "Direzione Istruzione",
        "comune.prova.example",
    ):
        assert words in main
    parts = page.texts('section[aria-labelledby="parti"] tbody tr')
    assert ["Tetto" in parts[0], "Realizzata" in parts[0], "Giardino" in parts[1], "Programmata" in parts[1]] == [True] * 4


def test_one_bad_row_among_good_ones_writes_nothing(database, city):
    before = rows_in(database)
    bad = file_of({}, {"code": "N002"}, {"code": "N003", "status": "fatto"})
    with pytest.raises(Refused, match=r"Riga 4, colonna status, valore «fatto»"):
        apply(database, bad)
    assert rows_in(database) == before
    apply(database, file_of({}, {"code": "N002"}, {"code": "N003"}))
    assert rows_in(database)[0] == before[0] + 3


def test_the_same_code_twice_in_a_file_is_refused(database, city):
    seen = preview(database, file_of({}, {}, {"code": "N002"}))
    assert [(p.row, p.column, p.value) for p in seen.problems] == [(3, "code", "N001")]


def test_a_known_action_gets_a_version_or_a_status_only_where_something_differs(database, city):
    apply(database, file_of({}))
    apply(database, file_of({"title_it": "Due nidi"}))
    apply(database, file_of({"title_it": "Due nidi", "status": "in_progress", "as_of": "2025-01-31", "cause_it": ""}))
    with database.reading() as session:
        action = action_by_code(session, "N001")
        assert action.current_version == 2
        assert current_version(session, action).title_it == "Due nidi"
        assert [(e.seq, str(e.status)) for e in history(session, action) if e.part_number == 0] == [
            (2, "in_progress"),
            (1, "critical"),
        ]


def test_a_step_back_without_a_note_is_told_by_its_row_before_anything_is_written(database, city):
    before = rows_in(database)
    back = {"code": "A003", "status": "planned", "cause_it": "", "as_of": "2026-11-01", "note_it": "", "parts": ""}
    seen = preview(database, file_of({}, back))
    assert [(p.row, p.column) for p in seen.problems] == [(3, "note_it")]
    with pytest.raises(Refused, match="Riga 3, colonna note_it"):
        apply(database, file_of({}, back))
    assert rows_in(database) == before
    assert not preview(database, file_of({}, back | {"note_it": "Il collaudo non è passato"})).problems


def test_who_may_not_import_imports_nothing(database, city):
    with pytest.raises(NotAllowed), database.writing() as session:
        import_programme(session, Actor(label="nessuno"), file_of({}), now=NOW)


# ---- files as people have them ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("delimiter", "encoding"), [(";", "cp1252"), (",", "cp1252"), (";", "utf-8-sig"), (",", "utf-8")])
def test_a_spreadsheet_of_any_office_is_read(database, city, delimiter, encoding):
    title = "Città più verde: l’asilo dell’Isolotto"
    apply(
        database,
        file_of({"title_it": title, "note_it": 'è così; virgole, e "virgolette"'}, delimiter=delimiter, encoding=encoding),
    )
    with database.reading() as session:
        words = current_version(session, action_by_code(session, "N001"))
        assert (words.title_it, words.summary_it) == (title, 'è così; virgole, e "virgolette"')


def test_what_florence_exports_changes_nothing_when_it_comes_back(client, database, florence):
    exported = client.get("/programma.csv")
    assert exported.headers["Content-Type"] == "text/csv; charset=utf-8"
    seen = preview(database, exported.data)
    assert not seen.problems
    assert (len(seen.new), len(seen.changed), len(seen.unchanged)) == (0, 0, 121)


NASTY = ["=1+1", "-5", "+39 055", "@SUM(A1)", "'=1+1", "''-x", "'quoted", "- uno\n- due", 'a;b,c"d', "<b>x</b>", "Ω ≈ ç√"]


@pytest.mark.parametrize("text", NASTY)
@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_cell_that_looks_like_a_formula_goes_out_harmless_and_comes_back_itself(client, database, city, text):
    with database.writing() as session:
        build.make_draft(session, action_by_code(session, "A001"), title_it=text.replace("\n", " "), summary_it=text)
        publish_draft(session, build.BUILDER, action_by_code(session, "A001"), version=1, now=NOW)
    exported = client.get("/programma.csv").data
    for row in csv.reader(io.StringIO(exported.decode())):
        assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@", "\t"))]
    seen = preview(database, exported)
    assert (list(seen.problems), list(seen.new), list(seen.changed)) == ([], [], [])


# ---- through the desk ------------------------------------------------------------------------------------------------


def upload(client, data, name="programma.csv"):
    return client.post("/desk/importa", {"file": (io.BytesIO(data), name)})


def test_an_editor_sees_what_would_happen_and_then_lets_it_happen(client, database, city):
    client.sign_in(city.editor)
    page = upload(client, file_of({}, {"code": "N002"}, delimiter=";", encoding="cp1252"))
    assert page.status == 200
    assert page.texts(".civic-figures dd strong") == ["2", "0", "0"]
    assert rows_in(database)[0] == 6
    refused = client.send(page, "/desk/importa/applica", {"by_label": ""})
    assert refused.status == 422
    assert rows_in(database)[0] == 6
    done = client.send(refused, "/desk/importa/applica", {"by_label": "Ufficio del Sindaco"}, follow=True)
    assert "Importate 2 azioni nuove e 0 cambiate" in done.text("[role=status]")
    assert client.get("/programma/azioni/N002").status == 200


def test_a_windows_spreadsheet_keeps_its_accents_on_the_way_through_the_desk(client, city):
    client.sign_in(city.editor)
    page = upload(client, file_of({"title_it": "Città più bella", "note_it": "Perché sì"}, delimiter=";", encoding="cp1252"))
    client.send(page, "/desk/importa/applica", {"by_label": "Comune"})
    assert client.get("/programma/azioni/N001").text("h1") == "Città più bella"


def test_the_desk_lists_every_problem_of_a_file_and_writes_nothing(client, database, city):
    client.sign_in(city.editor)
    page = upload(client, file_of({"status": "fatto"}, {"code": "N002", "quantity": "<b>molti</b>"}))
    assert page.status == 422
    first, second = page.texts('section[aria-labelledby="problemi"] tbody tr')
    assert ["2" in first, "status" in first, "«fatto»" in first] == [True] * 3
    assert ["3" in second, "quantity" in second, "«<b>molti</b>»" in second] == [True] * 3
    assert not page.select('form[action="/desk/importa/applica"]')
    assert rows_in(database)[0] == 6


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "vuoto"),
        (b"code;title\nA;B", "mancano le colonne"),
        (b"PK\x03\x04\x00\x00", "non è un testo CSV"),
        (b'code,"title', "virgolette"),
        (",".join(COLUMNS).encode() + b"\nA,B\n", "celle"),
    ],
)
def test_a_file_that_is_no_programme_is_refused_with_a_sentence(client, city, data, said):
    client.sign_in(city.editor)
    page = upload(client, data)
    assert page.status == 422
    assert said in " ".join(page.errors)


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_applying_without_the_file_is_refused(client, city):
    client.sign_in(city.editor)
    token = client.get("/desk/importa").select("input[name=csrf_token]")[0]["value"]
    page = client.post_raw("/desk/importa/applica", {"csrf_token": token, "by_label": "Comune"})
    assert page.status == 422
    assert page.errors


# ---- through the command line ----------------------------------------------------------------------------------------


def civic(database_url, tmp_path, *words):
    environ = {k: v for k, v in os.environ.items() if not k.startswith("CIVIC_")}
    environ |= {"CIVIC_DATABASE_URL": database_url, "CIVIC_SECRET_KEY": "k" * 64, "CIVIC_DATA_DIR": str(tmp_path)}
    return subprocess.run(
        [sys.executable, "-m", "civic", *words], cwd=ROOT, env=environ, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_the_command_line_previews_then_imports(database, database_url, tmp_path, city):
    good = tmp_path / "programma.csv"
    good.write_bytes(file_of({}))
    done = civic(database_url, tmp_path, "import", "programme", str(good))
    assert (done.returncode, done.stdout.strip()) == (0, "anteprima: 1 nuove, 0 cambiate, 0 uguali.")
    assert rows_in(database)[0] == 6
    done = civic(database_url, tmp_path, "import", "programme", "--apply", str(good))
    assert (done.returncode, done.stdout.strip()) == (0, "importate: 1 nuove, 0 cambiate, 0 uguali.")
    assert rows_in(database)[0] == 7
    with database.reading() as session:
        assert history(session, action_by_code(session, "N001"))[-1].by_label == "Comune di Prova"


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_the_command_line_names_what_is_wrong_and_leaves_with_two(database, database_url, tmp_path, city):
    bad = tmp_path / "programma.csv"
    bad.write_bytes(file_of({"status": "fatto"}, {"code": "N002", "mandate": "1999"}))
    done = civic(database_url, tmp_path, "import", "programme", "--apply", str(bad))
    assert done.returncode == 2
    assert "riga 2, colonna status, valore «fatto»: " in done.stderr
    assert "riga 3, colonna mandate, valore «1999»: " in done.stderr
    assert "Traceback" not in done.stderr
    assert rows_in(database)[0] == 6
