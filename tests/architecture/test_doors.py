"""Every route: a door, a place in the list, a template of its own name, and a stance on election silence."""

import re
from pathlib import Path

import pytest
from flask import Flask

from civic.desk.menu import ITEMS
from civic.kernel.silence import Silence
from civic.outbox.rules import MAILS
from civic.web.doors import DoorKind, door_of, public, require_doors
from tests.architecture.house import CIVIC, ROOT, TEMPLATES, templates

ROUTES = Path(__file__).with_name("routes.txt")
# Rendered by name, not by endpoint.
SHARED = ("layouts", "macros", "errors", "plumbing", "idp")


@pytest.fixture(scope="module")
def quiet_app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    from civic.app import create_app
    from config import Config

    folder = tmp_path_factory.mktemp("routes")
    return create_app(Config(demo=True, secret_key="x" * 40, data_dir=folder, database_url=f"sqlite:///{folder}/x.sqlite3"))


def described(app: Flask) -> list[str]:
    lines = []
    for rule in sorted(app.url_map.iter_rules(), key=lambda r: (r.rule, r.endpoint)):
        door = door_of(app, rule.endpoint)
        assert door is not None
        methods = ",".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))
        who = " ".join([door.kind, *(p.value for p in door.permissions), *([door.rate] if door.rate else [])])
        lines.append(f"{rule.rule} | {methods} | {rule.endpoint} | {who} | {door.silence}")
    return lines


def test_the_list_of_routes_is_the_one_we_agreed_on(quiet_app: Flask) -> None:
    """A new route, an opened door or another stance on silence shows in a review as a changed line of routes.txt."""
    assert described(quiet_app) == ROUTES.read_text(encoding="utf-8").splitlines()


def test_an_app_with_a_doorless_route_does_not_start(quiet_app: Flask) -> None:
    bare = Flask("bare")
    bare.add_url_rule("/x", "x", lambda: "x")
    with pytest.raises(RuntimeError, match="x"):
        require_doors(bare)


def test_a_staff_door_asks_for_a_permission_but_for_ones_own_things(quiet_app: Flask) -> None:
    empty = {
        e for e in quiet_app.view_functions if (d := door_of(quiet_app, e)) and d.kind is DoorKind.STAFF and not d.permissions
    }
    assert empty == {
        "desk.home",
        "people_desk.profile",
        "people_desk.change_password",
        "people_desk.begin_second_step",
        "people_desk.set_second_step",
        "people_desk.drop_second_step",
    }


def test_nothing_below_the_desk_is_public_but_signing_in(quiet_app: Flask) -> None:
    open_doors = {
        r.endpoint
        for r in quiet_app.url_map.iter_rules()
        if r.rule.startswith("/desk") and (d := door_of(quiet_app, r.endpoint)) and d.kind is DoorKind.PUBLIC
    }
    assert open_doors == {
        "people_desk.sign_in",
        "people_desk.second_step",
        "people_desk.forgot",
        "people_desk.choose_password",
    }


def test_the_desk_menu_shows_exactly_what_its_doors_open(quiet_app: Flask) -> None:
    for endpoint, _label, needs in ITEMS:
        door = door_of(quiet_app, endpoint)
        assert door is not None
        assert set(needs) == set(door.permissions), endpoint


def test_every_template_belongs_to_an_endpoint(quiet_app: Flask) -> None:
    pages = {f"{e.replace('.', '/')}.html" for e in quiet_app.view_functions}
    orphans = [
        str(p.relative_to(TEMPLATES))
        for p in templates()
        if p.relative_to(TEMPLATES).parts[0] not in SHARED and str(p.relative_to(TEMPLATES)) not in pages
    ]
    assert not orphans


def test_every_view_that_renders_has_its_template(quiet_app: Flask) -> None:
    missing = []
    for blueprint_file in CIVIC.rglob("*.py"):
        source = blueprint_file.read_text(encoding="utf-8")
        names = re.findall(r'^(\w+) = Blueprint\("(\w+)"', source, re.MULTILINE)
        for variable, blueprint in names:
            for view in re.finditer(rf"^@{variable}\.\w+\(.*?\ndef (\w+)\(.*?(?=^@|^def |\Z)", source, re.MULTILINE | re.DOTALL):
                if re.search(r"\bpage\(", view.group(0)) and not (TEMPLATES / blueprint / f"{view.group(1)}.html").is_file():
                    missing.append(f"{blueprint}/{view.group(1)}.html")
    assert not missing


def test_every_shared_template_is_used() -> None:
    everything = "".join(p.read_text(encoding="utf-8") for p in [*templates(), *CIVIC.rglob("*.py")])
    shared = [str(p.relative_to(TEMPLATES)) for p in templates() if p.relative_to(TEMPLATES).parts[0] in SHARED]
    named = set(re.findall(r"errors/\{name\}", everything))
    unused = [
        s for s in shared if s not in everything and not (named and s.startswith("errors/") and f'"{Path(s).stem}"' in everything)
    ]
    assert not unused


def test_every_macro_says_what_election_silence_does_to_it() -> None:
    silent = re.compile(r"\{# silence: (stays|plain|off) #\}")
    bare = []
    for path in (TEMPLATES / "macros").glob("*.html"):
        lines = path.read_text(encoding="utf-8").splitlines()
        for number, line in enumerate(lines):
            if "{% macro" in line and not silent.fullmatch(lines[number - 1].strip()):
                bare.append(f"{path.relative_to(ROOT)}:{number + 1}")
    assert not bare


def test_every_mail_says_what_election_silence_does_to_it() -> None:
    assert all(isinstance(kind.silence, Silence) for kind in MAILS.values())


def test_a_door_cannot_forget_election_silence() -> None:
    with pytest.raises(TypeError):
        public()  # type: ignore[call-arg]
