"""The command line, run as a process of its own without paying a second of imports each time."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from config import ROOT

# Imports the program once, then forks for every command: what runs is `civic.cli.main` in a fresh process.
_SERVER = """
import json, os, sys
from civic.cli import main
sys.path.insert(0, os.getcwd())
for line in sys.stdin:
    order = json.loads(line)
    child = os.fork()
    if child == 0:
        code = 70
        try:
            for number, name in ((0, "in"), (1, "out"), (2, "err")):
                flags = os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT | os.O_TRUNC
                os.dup2(os.open(order[name], flags), number)
            sys.stdin = open(0, closefd=False)
            os.environ.clear()
            os.environ.update(order["environ"])
            sys.argv = ["civic", *order["words"]]
            try:
                main()
                code = 0
            except SystemExit as stop:
                code = stop.code if isinstance(stop.code, int) else 0 if stop.code is None else 1
            except BaseException:
                import traceback
                traceback.print_exc()
                code = 1
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(code)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@pytest.fixture(scope="session")
def command_line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., "subprocess.CompletedProcess[str]"]]:
    """Run one command with this environment and this standard input."""
    folder = tmp_path_factory.mktemp("command-line")
    command = [sys.executable, "-c", _SERVER]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:

        def run(words: tuple[str, ...], environ: dict[str, str], given: str) -> "subprocess.CompletedProcess[str]":
            paths = {name: str(folder / name) for name in ("in", "out", "err")}
            Path(paths["in"]).write_text(given)
            print(json.dumps({"words": words, "environ": environ, **paths}), file=server.stdin, flush=True)
            code = int(server.stdout.readline())
            return subprocess.CompletedProcess(
                ["civic", *words], code, Path(paths["out"]).read_text(), Path(paths["err"]).read_text()
            )

        yield run
        server.stdin.close()


@pytest.fixture
def civic(
    tmp_path: Path, request: pytest.FixtureRequest, command_line: Callable[..., Any]
) -> Callable[..., "subprocess.CompletedProcess[str]"]:
    """`civic("check", CIVIC_PORT="1")`: a command on this test's data folder, and on its database when it has one."""
    url = request.getfixturevalue("database_url") if "database" in request.fixturenames else ""

    def run(*words: str, given: str = "", **environ: str) -> "subprocess.CompletedProcess[str]":
        settings = {"CIVIC_SECRET_KEY": "s" * 32, "CIVIC_DATA_DIR": str(tmp_path / "var"), "CIVIC_DATABASE_URL": url}
        clean = {k: v for k, v in os.environ.items() if not k.startswith("CIVIC_")}
        return command_line(words, clean | settings | environ, given)

    return run
