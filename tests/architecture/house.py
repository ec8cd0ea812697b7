"""What the architecture tests read: the source as text and trees, never imported twice."""

import ast
from functools import cache, lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CIVIC = ROOT / "civic"
TEMPLATES = ROOT / "templates"


@lru_cache(maxsize=1)
def modules() -> dict[str, Path]:
    """Map dotted module name to file, for all of civic/ and config.py."""
    found = {"config": ROOT / "config.py"}
    for path in sorted(CIVIC.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def tree(path: Path) -> ast.Module:
    """Parse a file once."""
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: Path) -> set[str]:
    """List the dotted names that a file imports, `from a import b` as a.b."""
    names: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def templates() -> list[Path]:
    """List every template."""
    return sorted(p for p in TEMPLATES.rglob("*") if p.suffix in (".html", ".xml", ".txt"))
