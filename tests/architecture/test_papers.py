"""Papers that must not lag behind: configuration, translations, changelog, licence, lock files."""

import re
from dataclasses import fields

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from config import Config
from tests.architecture.house import ROOT

CATALOGUE = ROOT / "civic" / "translations" / "en" / "LC_MESSAGES" / "messages.po"
_KEYWORDS = {
    "_": None,
    "N_": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "trans": None,
}


def sentences() -> set[str]:
    """Collect every sentence that can reach a page."""
    found: set[str] = set()
    methods = [("civic/demo/cities/**", "ignore"), ("civic/**.py", "python"), ("templates/**.html", "jinja2")]
    for folder in ("civic", "templates"):
        method_map = [(pattern.removeprefix(f"{folder}/"), how) for pattern, how in methods if pattern.startswith(folder)]
        options = {pattern: {"newstyle_gettext": "true", "trimmed": "false"} for pattern, how in method_map if how == "jinja2"}
        for _file, _line, message, _comments, _context in extract_from_dir(
            str(ROOT / folder), method_map=method_map, options_map=options, keywords=_KEYWORDS
        ):
            found.add(message[0] if isinstance(message, tuple) else message)
    return {m for m in found if m}


def test_every_sentence_has_its_english() -> None:
    with CATALOGUE.open("rb") as file:
        catalogue = read_po(file, locale="en")
    missing = sorted(s for s in sentences() if (m := catalogue.get(s)) is None or m.fuzzy or not all(_strings(m.string)))
    assert not missing, f"{len(missing)} sentences without English"


def _strings(string: object) -> list[str]:
    return list(string) if isinstance(string, tuple | list) else [str(string)]


def test_the_english_keeps_every_placeholder() -> None:
    with CATALOGUE.open("rb") as file:
        catalogue = read_po(file, locale="en")
    names = re.compile(r"%\((\w+)\)s")
    broken = []
    for message in catalogue:
        ids = _strings(message.id) if message.id else []
        for text in _strings(message.string):
            if ids and text and not set(names.findall(text)) <= set(names.findall("".join(ids))):
                broken.append(ids[0])
    assert not broken


def test_every_setting_is_documented_and_nothing_else() -> None:
    text = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"^\| `(CIVIC_[A-Z_]+)`", text, re.MULTILINE))
    assert documented == {f"CIVIC_{f.name.upper()}" for f in fields(Config)}


def test_lock_files_carry_no_address() -> None:
    for name in ("requirements.txt", "requirements-dev.txt", "requirements-node.txt", "package-lock.json"):
        assert not re.search(r"https?://", (ROOT / name).read_text(encoding="utf-8")), name


def test_every_library_has_its_reason_in_the_readme() -> None:
    block = re.search(
        r"^dependencies = \[(.*?)^\]", (ROOT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    assert block is not None
    names = [re.match(r"[a-z0-9-]+", n).group(0) for n in re.findall(r'"([^"]+)"', block.group(1))]  # type: ignore[union-attr]
    readme = (ROOT / "README.md").read_text(encoding="utf-8").lower()
    assert [n for n in names if f"`{n}`" not in readme] == []
