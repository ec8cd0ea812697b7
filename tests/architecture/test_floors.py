"""The house itself: floors, one commit, one importer, sizes, words."""

import ast
import re
from pathlib import Path

import pytest

from tests.architecture.house import CIVIC, ROOT, imports, modules, templates, tree

# From the ground up; what stands on one line are siblings, which never import each other.
FLOORS = (
    ("config",),
    ("civic.kernel",),
    ("civic.web",),
    ("civic.journal", "civic.outbox"),
    ("civic.city",),
    ("civic.people",),
    ("civic.planning",),
    ("civic.contributions",),
    ("civic.quality",),
    ("civic.rights",),
    ("civic.front", "civic.desk"),
    ("civic.demo",),
    ("civic.app", "civic.backup"),
    ("civic.server",),
    ("civic.cli",),
    ("civic.__main__",),
)
LEVEL = {area: level for level, areas in enumerate(FLOORS) for area in areas}
MOST_LINES = 400


def area_of(module: str) -> str | None:
    parts = module.split(".")
    return "config" if parts[0] == "config" else ".".join(parts[:2]) if len(parts) > 1 else None


def test_every_module_stands_on_a_floor() -> None:
    homeless = {m for m in modules() if m != "civic" and area_of(m) not in LEVEL}
    assert not homeless


def test_imports_only_go_down_and_siblings_leave_each_other_alone() -> None:
    climbing = []
    for module, path in modules().items():
        here = area_of(module)
        for name in imports(path):
            there = area_of(name) if name.startswith(("civic.", "config")) else None
            if there in LEVEL and here in LEVEL and there != here and LEVEL[there] >= LEVEL[here]:
                climbing.append(f"{module} imports {name}")
    assert not climbing


def test_the_kernel_and_the_rules_know_no_flask() -> None:
    pure = [m for m in modules() if m.startswith("civic.kernel") or ".rules" in m or ".commands" in m or ".queries" in m]
    guilty = [
        f"{m}: {n}" for m in pure for n in imports(modules()[m]) if n.split(".")[0] in ("flask", "flask_login", "flask_wtf")
    ]
    assert not guilty


def test_rules_are_pure() -> None:
    """Rules ask neither the database nor the clock."""
    words = ("sqlalchemy", "civic.kernel.db", "civic.kernel.clock.now")
    guilty = [
        f"{m}: {n}"
        for m, path in modules().items()
        if re.search(r"\.rules(\.|$)", m)
        for n in imports(path)
        if n.startswith(words)
    ]
    assert not guilty


def test_only_one_file_commits() -> None:
    committing = [m for m, path in modules().items() if re.search(r"\.commit\(", path.read_text(encoding="utf-8"))]
    assert committing == ["civic.kernel.db"]


def test_only_one_file_imports_bleach() -> None:
    assert [m for m, path in modules().items() if any(n.startswith("bleach") for n in imports(path))] == ["civic.kernel.richtext"]


def test_nothing_is_imported_inside_a_function() -> None:
    hidden = []
    for module, path in modules().items():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                inner = [n for n in ast.walk(node) if isinstance(n, ast.Import | ast.ImportFrom)]
                hidden += [f"{module}:{n.lineno}" for n in inner]
    assert not hidden


def test_no_module_grows_past_four_hundred_lines() -> None:
    long = {m: n for m, path in modules().items() if (n := len(path.read_text(encoding="utf-8").splitlines())) > MOST_LINES}
    assert not long


def test_no_room_is_called_a_drawer() -> None:
    """utils, helpers, services, manager: names that say nothing of what is inside."""
    drawers = [str(p) for p in CIVIC.rglob("*.py") if p.stem in ("utils", "helpers", "services", "manager")]
    assert not drawers


def test_commands_take_time_and_person_as_arguments() -> None:
    """A command that looked at the clock or at the request could not be replayed, nor tested."""
    guilty = [
        f"{m}: {n}"
        for m, path in modules().items()
        if ".commands" in m
        for n in imports(path)
        if n in ("civic.kernel.clock.now", "civic.web.town.who", "civic.web.town.now")
    ]
    assert not guilty


@pytest.mark.parametrize("path", templates(), ids=lambda p: str(p.relative_to(ROOT)))
def test_a_template_is_safe_and_strict(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert not re.search(r"\|\s*safe\b", source), "the safe filter switches escaping off"
    assert not re.search(r"autoescape\s+false", source)
    assert not re.search(r"<[^>]+\sstyle\s*=", source), "inline style breaks the content security policy"
    assert not re.search(r"<script(?![^>]*\b(src|type=\"application/ld\+json\"))", source), "inline script"
    assert not re.search(r"<[a-z][^>]*\son[a-z]+=[\"']", source), "event attribute"


def test_the_code_names_no_city() -> None:
    """A second municipality is a second data set: outside the data sets no city is named."""
    word = re.compile(r"firenz|fiorentin|florenc|prato\b", re.IGNORECASE)
    named = []
    for path in [*CIVIC.rglob("*.py"), *templates(), ROOT / "config.py"]:
        if "demo" in path.parts:
            continue
        named += [
            f"{path.relative_to(ROOT)}: {line.strip()}"
            for line in path.read_text(encoding="utf-8").splitlines()
            if word.search(line)
        ]
    assert not named


def test_each_area_says_which_events_it_writes() -> None:
    """The kinds passed to record() are listed in the area's docstring, so that a reader knows them."""
    missing = []
    for module, path in modules().items():
        area = area_of(module)
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "record":
                kind = node.args[2].value if len(node.args) > 2 and isinstance(node.args[2], ast.Constant) else None
                doc = ast.get_docstring(tree(modules()[area])) or "" if area in modules() else ""
                if kind and kind not in doc:
                    missing.append(f"{module}: {kind}")
    assert not missing
