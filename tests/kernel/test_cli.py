"""The command line: told wrongly, it says so in one line and exits with 2; found something wrong, with 1; never a traceback."""

import os
import socket
import subprocess
import sys
import zipfile

import pytest
from sqlalchemy import select, text, update

from civic.city.queries import ente
from civic.journal.models import ChainLink, JournalEntry
from civic.kernel import schema
from civic.kernel.db import Database
from civic.people.queries.staff import account_by_email
from civic.planning.intake import COLUMNS
from civic.planning.models import MandateAction, StatusEntry
from config import ROOT
from tests import build

HEADER = ",".join(COLUMNS)


def refused(result: subprocess.CompletedProcess[str], *says: str) -> None:
    assert result.returncode == 2, result
    assert "Traceback" not in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1, result.stderr
    assert result.stderr.startswith("civic: ")
    for word in says:
        assert word in result.stderr


# ---- told wrongly ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environ", "says"),
    [
        ({"CIVIC_PROT": "8000"}, "CIVIC_PROT"),
        ({"CIVIC_PORT": "http"}, "CIVIC_PORT"),
        ({"CIVIC_SECRET_KEY": ""}, "CIVIC_SECRET_KEY"),
        ({"CIVIC_DATABASE_URL": "sqlite:////nessuna/cartella/civic.sqlite3"}, "banca dati"),
        ({"CIVIC_DATABASE_URL": "postgresql+psycopg://nessuno@127.0.0.1:1/niente"}, "banca dati"),
        ({"CIVIC_DATABASE_URL": "postgresql+psycopg://h:porta/d"}, "CIVIC_DATABASE_URL"),
        ({"CIVIC_DATA_DIR": "/dev/null/civic"}, "CIVIC_DATA_DIR"),
        ({"CIVIC_DEMO": "1", "CIVIC_DEMO_CITY": "atlantide", "CIVIC_DATABASE_URL": ""}, "atlantide"),
        ({"CIVIC_DEMO": "1", "CIVIC_DEMO_CITY": "../cities/firenze", "CIVIC_DATABASE_URL": ""}, "CIVIC_DEMO_CITY"),
    ],
    ids=[
        "unknown",
        "malformed",
        "no-secret",
        "no-folder",
        "no-server",
        "bad-address",
        "file-as-folder",
        "no-such-city",
        "city-elsewhere",
    ],
)
def test_a_wrong_setting_is_one_line_and_exit_code_2(civic, environ, says):
    command = "demo" if "CIVIC_DEMO" in environ else "migrate"
    if command == "demo":
        assert civic("migrate", **environ).returncode == 0
    refused(civic(command, **environ), says)


@pytest.mark.parametrize(
    "words",
    [
        ["volare"],
        ["migrate", "--piano"],
        ["import", "programme", "/nessun/file.csv"],
        ["serve", "--port", "x"],
        ["user", "add", "--role", "re"],
    ],
)
def test_a_wrong_word_is_one_line_and_exit_code_2(civic, words):
    refused(civic(*words))


def test_a_taken_port_is_one_line_that_names_the_port_and_another(civic):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        refused(civic("serve", "--probe", "--port", port), port, "PORT=")
        refused(civic("serve", "--port", port), port)
    assert civic("serve", "--probe", "--port", port).returncode == 0


def test_the_program_starts_as_a_module_and_stops_without_a_traceback(tmp_path):
    """The other tests run the same `main` in a fork; this one pays for the whole start."""
    environ = {"PATH": os.environ["PATH"], "CIVIC_DATA_DIR": str(tmp_path)}
    command = [sys.executable, "-m", "civic", "migrate"]
    refused(subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False), "CIVIC_SECRET_KEY")
    done = subprocess.run(command, cwd=ROOT, env=environ | {"CIVIC_DEMO": "1"}, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_host_that_is_not_ours_is_one_line(civic):
    refused(civic("serve", "--probe", CIVIC_HOST="203.0.113.1"))


def test_a_database_that_was_never_migrated_is_one_line_that_says_what_to_do(civic, tmp_path):
    refused(civic("tick", CIVIC_DATABASE_URL=f"sqlite:///{tmp_path / 'nuova.sqlite3'}"), "civic init", "civic migrate")


def test_a_database_at_another_level_stops_every_command(civic, database):
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for words in (["tick"], ["serve", "--port", "18999"], ["check"], ["backup", "/tmp/non-si-fa.zip"], ["migrate"]):
        refused(civic(*words), "9999", schema.head_level())


def test_commands_that_need_a_city_say_so_on_an_empty_installation(civic, database, tmp_path):
    (tmp_path / "a.csv").write_text("code,title_it\nA1,x\n")
    refused(civic("import", "programme", str(tmp_path / "a.csv"), "--apply"), "mancano le colonne")


def test_the_demonstration_is_not_loaded_into_a_real_installation(civic, database):
    refused(civic("demo"), "CIVIC_DEMO=1")


def test_a_second_city_is_not_loaded_over_the_first(civic, database, city):
    refused(civic("init", "--name", "Comune", "--short-name", "X"), "c'è già")
    refused(civic("import", "dataset", str(ROOT / "civic/demo/cities/prato")), "vuota")
    refused(civic("demo", CIVIC_DEMO="1"), "ci sono già")
    assert civic("demo", "--keep", CIVIC_DEMO="1").returncode == 0


@pytest.mark.parametrize("password", ["corta", "aaaaaaaaaaaaaa"])
def test_a_password_that_can_be_guessed_makes_no_account(civic, database, city, password):
    words = ["user", "add", "--email", "nuova@prova.example", "--name", "Nuova Persona", "--role", "auditor"]
    refused(civic(*words, "--password", password), "password")
    with database.reading() as session:
        assert account_by_email(session, "nuova@prova.example") is None


@pytest.mark.parametrize("email", ["senza-chiocciola", "", "a b@prova.example", "a@b.example\nx", "Editor@Prova.Example"])
def test_an_address_that_is_none_or_is_taken_makes_no_account(civic, database, city, email):
    words = ["user", "add", "--name", "Nuova Persona", "--role", "auditor", "--password", "una frase lunga abbastanza"]
    refused(civic(*words, "--email", email))


# ---- done as told ----------------------------------------------------------------------------------------------------


def test_an_installation_is_born_and_gets_its_first_account(civic, database):
    assert civic("init", "--name", "Comune di Prova", "--short-name", "Prova").returncode == 0
    words = ["--email", "Anna@prova.example", "--name", "Anna Bianchi", "--role", "administrator"]
    assert civic("user", "add", *words, given="una frase lunga abbastanza\n" * 2).returncode == 0
    with database.reading() as session:
        assert ente(session).name == "Comune di Prova"
        assert account_by_email(session, "anna@prova.example").password_hash.startswith("$argon2id$")


def test_a_programme_is_previewed_and_then_applied(civic, database, city, tmp_path):
    with database.reading() as session:
        before = session.scalars(select(MandateAction.code)).all()
    row = "B001,2024-2029,D1,action,Nuova azione,,,,,planned,,,,,,,,,,2026-10,,,"
    (tmp_path / "a.csv").write_text(f"{HEADER}\n{row}\n")
    told = civic("import", "programme", str(tmp_path / "a.csv"))
    assert told.returncode == 0
    assert "1 nuove" in told.stdout
    with database.reading() as session:
        assert session.scalars(select(MandateAction.code)).all() == before
    assert civic("import", "programme", str(tmp_path / "a.csv"), "--apply").returncode == 0
    with database.reading() as session:
        assert "B001" in session.scalars(select(MandateAction.code)).all()


def test_a_programme_with_a_problem_names_its_row_and_writes_nothing(civic, database, city, tmp_path):
    rows = [
        "B001,2024-2029,D1,action,Buona,,,,,planned,,,,,,,,,,2026-10,,,",
        "B002,2024-2029,D1,action,Cattiva,,,,,forse,,,,,,,,,,2026-10,,,",
    ]
    (tmp_path / "a.csv").write_text("\n".join([HEADER, *rows]) + "\n")
    told = civic("import", "programme", str(tmp_path / "a.csv"), "--apply")
    assert told.returncode == 2
    assert "riga 3, colonna status, valore «forse»" in told.stderr
    assert "Traceback" not in told.stderr
    with database.reading() as session:
        assert not {"B001", "B002"} & set(session.scalars(select(MandateAction.code)))


def test_a_backup_of_one_database_is_restored_into_another_from_the_command_line(civic, database, city, tmp_path):
    assert civic("backup", str(tmp_path / "copia.zip")).returncode == 0
    other = f"sqlite:///{tmp_path / 'altra.sqlite3'}"
    told = civic("restore", str(tmp_path / "copia.zip"), CIVIC_DATABASE_URL=other)
    assert told.returncode == 0, told.stderr
    assert civic("check", CIVIC_DATABASE_URL=other).returncode == 0
    refused(civic("restore", str(tmp_path / "copia.zip"), CIVIC_DATABASE_URL=other), "vuota")
    refused(civic("backup", str(tmp_path / "copia.zip")), "esiste")


def test_a_torn_backup_is_one_line(civic, database, city, tmp_path):
    assert civic("backup", str(tmp_path / "copia.zip")).returncode == 0
    whole = (tmp_path / "copia.zip").read_bytes()
    (tmp_path / "torn.zip").write_bytes(whole[:-1024])
    refused(
        civic("restore", str(tmp_path / "torn.zip"), CIVIC_DATABASE_URL=f"sqlite:///{tmp_path / 'altra.sqlite3'}"), "torn.zip"
    )
    with zipfile.ZipFile(tmp_path / "copia.zip") as archive:
        assert archive.testzip() is None


# ---- found wrong -----------------------------------------------------------------------------------------------------


def test_a_register_in_order_is_said_to_be_so(civic, database, city, tmp_path):
    assert civic("tick").returncode == 0
    told = civic("check", "--heads", str(tmp_path / "var" / "heads.txt"))
    assert told.returncode == 0
    assert "In ordine" in told.stdout


def _edit_a_status(session) -> None:
    session.execute(update(StatusEntry).where(StatusEntry.seq == 1, StatusEntry.action_id == 1).values(status="completed"))


def _edit_an_entry(session) -> None:
    first = session.scalars(select(ChainLink.entry_id).where(ChainLink.seq == 3)).one()
    session.execute(update(JournalEntry).where(JournalEntry.id == first).values(voice="Altri"))


def _cut_the_tail(session) -> None:
    session.execute(text("DELETE FROM journal_chain WHERE seq > 5"))


@pytest.mark.parametrize(
    ("tamper", "says"), [(_edit_a_status, "stato 1"), (_edit_an_entry, "anello 3"), (_cut_the_tail, "manca, ma era")]
)
def test_what_was_rewritten_is_found_and_the_exit_code_is_1(civic, database, city, tmp_path, tamper, says):
    assert civic("tick").returncode == 0
    with database.writing() as session:
        tamper(session)
    told = civic("check", "--heads", str(tmp_path / "var" / "heads.txt"))
    assert told.returncode == 1
    assert says in told.stderr
    assert "Traceback" not in told.stderr


def test_a_heads_file_that_cannot_be_read_is_one_line(civic, database, city, tmp_path):
    (tmp_path / "heads.txt").write_bytes(b"\xff\xfe non teste")
    refused(civic("check", "--heads", str(tmp_path / "heads.txt")), "heads.txt")
    refused(civic("check", "--heads", str(tmp_path / "nessuno.txt")), "nessuno.txt")


def test_an_empty_heads_file_is_not_taken_for_a_check_against_heads(civic, database, city, tmp_path):
    (tmp_path / "heads.txt").touch()
    told = civic("check", "--heads", str(tmp_path / "heads.txt"))
    assert "senza teste" in told.stdout + told.stderr


def test_the_tick_runs_every_job_and_delivers_waiting_mail(civic, database, city, tmp_path):
    with database.writing() as session:
        build.make_report(session, email="anna@prova.example")
    told = civic("tick")
    assert told.returncode == 0
    assert {"journal.publish_head: 1", "outbox.deliver: 1"} <= set(told.stdout.splitlines())
    (mail,) = (tmp_path / "var" / "mail").iterdir()
    assert b"To: anna@prova.example" in mail.read_bytes()


def test_another_city_than_florence_comes_from_its_folder_alone(civic, tmp_path):
    url = f"sqlite:///{tmp_path / 'prato.sqlite3'}"
    environ = {"CIVIC_DEMO": "1", "CIVIC_DEMO_CITY": "prato", "CIVIC_DATABASE_URL": url, "CIVIC_SECRET_KEY": ""}
    assert civic("migrate", **environ).returncode == 0
    assert civic("demo", **environ).returncode == 0
    database = Database(url)
    with database.reading() as session:
        assert "Prato" in ente(session).name
    database.dispose()
