"""Who gets in where: every route x method x role, from the URL map, against a table that a person wrote.

A route that is missing in the table fails. `open` is anyone; a set names the roles that get past the door and reach the
fixture object; every other role is sent away (to the sign-in, or with a 403 or 404), and never sees the page.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask, url_for
from sqlalchemy.orm import Session

from civic.app import create_app
from civic.city import queries as city_queries
from civic.kernel import schema
from civic.kernel.actor import Scope, ScopeKind
from civic.kernel.db import Database
from civic.kernel.keys import PEPPER, key_of
from civic.kernel.permissions import Permission
from civic.kernel.silence import Silence
from civic.people.commands import staff as people
from civic.people.commands.citizens import declare_bond
from civic.people.commands.counter import identify
from civic.people.commands.residence import ask_residence
from civic.people.queries import staff as people_queries
from civic.people.rules import BondKind, Channel
from civic.quality.commands.evidence import StandardData, add_standard
from civic.quality.commands.points import PointData, make_point
from civic.quality.commands.windows import flag_window
from civic.quality.models import Sense
from civic.quality.rules import Suspicion
from civic.web.doors import Door, DoorKind
from config import Config
from tests import build
from tests.client import Client, Page
from tests.identity.provider import RunningIdp, running_idp

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
EDITOR, REFERENT, OTHER, ADMIN, AUDITOR, DISABLED, SINGLE, CITIZEN, FIRST, SECOND, COUNTER, PARTECIPATA, EVALUATOR, GARANTE = (
    "editor",
    "referent of the action's office",
    "referent of another office",
    "administrator",
    "auditor",
    "disabled",
    "holder of a grant for this one action",
    "citizen",
    "secretary of the first quartiere",
    "secretary of the second quartiere",
    "counter",
    "partecipata",
    "evaluator",
    "data protection officer",
)
STAFF = {EDITOR, REFERENT, OTHER, ADMIN, AUDITOR, SINGLE, FIRST, SECOND, COUNTER, PARTECIPATA, EVALUATOR, GARANTE}
OPEN = {"anonymous", CITIZEN, DISABLED, *STAFF}
DRAFTERS, PUBLISHERS, IMPORTERS = {EDITOR, REFERENT, SINGLE}, {EDITOR}, {EDITOR}
CATALOGUE = IDENTITY = ACCOUNTS = {ADMIN}
REPORTS = {EDITOR, ADMIN}
NOBODY: set[str] = set()
LISTENERS, ANSWERING = {EDITOR, REFERENT, OTHER}, {REFERENT}
KEEPERS, TELLERS, REVIEWERS = {EDITOR, REFERENT, PARTECIPATA}, {EDITOR, REFERENT, OTHER, PARTECIPATA}, {EDITOR, EVALUATOR}
ASKED = {PARTECIPATA}
GUARDIANS, REGISTRARS, RESIDENCE, OWN_COUNTER, CITIZENS = {ADMIN, GARANTE}, {ADMIN, COUNTER}, {COUNTER}, {FIRST}, {CITIZEN}

EXPECTED: dict[str, set[str]] = {
    **dict.fromkeys(
        (
            "front.home",
            "front.privacy",
            "front.legal_notes",
            "front.faq",
            "front.improvement_plan",
            "front.site_map",
            "plumbing.robots",
            "plumbing.sitemap",
            "plumbing.security_txt",
            "plumbing.change_password",
            "plumbing.health",
            "plumbing.ready",
            "planning.programme",
            "planning.programme_csv",
            "planning.direction",
            "planning.action",
            "planning.dup",
            "planning.peg",
            "planning.method",
            "planning.status_feed",
            "city.organisation",
            "quality.services",
            "quality.service",
            "quality.data_file",
            "quality.method",
            "quality.rate",
            "quality.more",
            "quality.thanks",
            "quality.point",
            "quality.ticket",
            "quality.totem",
            "quality.page_rating",
            "quality.page_thanks",
            "city.accessibility",
            "city.malfunction",
            "city.report",
            "journal.register",
            "journal.heads_file",
            "journal.heads_feed",
            "web.static_file",
            "outbox.stop",
            "people_desk.sign_in",
            "people_desk.second_step",
            "entry.sign_in",
            "entry.begin",
            "entry.finish",
            "entry.mail_sent",
            "entry.mail_link",
            "entry.address_confirmed",
            "entry.sign_out",
            "entry.signed_out",
            "area.erased",
            "people.levels",
            "people.body_list",
            "people.body_file",
            "people.body",
            "voices.new",
            "voices.receipt",
            "voices.check",
            "voices.said",
            "voices.said_file",
            "voices.said_feed",
            "voices.consultations",
            "voices.consultation",
            "people_desk.forgot",
            "people_desk.choose_password",
        ),
        OPEN,
    ),
    **dict.fromkeys(
        (
            "desk.home",
            "people_desk.profile",
            "people_desk.change_password",
            "people_desk.set_second_step",
            "people_desk.begin_second_step",
            "people_desk.drop_second_step",
        ),
        STAFF,
    ),
    "planning_desk.action_list": {EDITOR, REFERENT, OTHER, SINGLE},
    **dict.fromkeys(("planning_desk.action", "planning_desk.submit"), DRAFTERS),
    **dict.fromkeys(
        ("planning_desk.classify", "planning_desk.assess", "planning_desk.publish", "planning_desk.send_back"), PUBLISHERS
    ),
    **dict.fromkeys(
        (
            "planning_desk.import_file",
            "planning_desk.import_apply",
            "planning_desk.sheet_list",
            "planning_desk.sheet",
            "planning_desk.confirm",
            "planning_desk.phase",
            "planning_desk.indicator",
        ),
        IMPORTERS,
    ),
    **dict.fromkeys(
        (
            "city_desk.catalogue",
            "city_desk.holidays",
            "city_desk.holiday_remove",
            "city_desk.provider",
            "city_desk.quartiere",
            "city_desk.service",
            "city_desk.service_new",
            "city_desk.offices",
            "city_desk.office",
            "city_desk.office_new",
            "city_desk.reorganise",
        ),
        CATALOGUE,
    ),
    **dict.fromkeys(
        (
            "city_desk.identity",
            "city_desk.footer",
            "city_desk.footer_remove",
            "city_desk.mails",
            "city_desk.mail",
            "city_desk.thresholds",
            "city_desk.silence",
            "outbox_desk.queue",
            "outbox_desk.allowance_remove",
            "outbox_desk.unblock",
        ),
        IDENTITY,
    ),
    **dict.fromkeys(("city_desk.reports", "city_desk.report", "city_desk.report_erase"), REPORTS),
    **dict.fromkeys(
        (
            "people_desk.accounts",
            "people_desk.account",
            "people_desk.invite",
            "people_desk.disable",
            "people_desk.enable",
            "people_desk.take_grant",
            "people_desk.reinvite",
            "desk.erase_account",
        ),
        ACCOUNTS,
    ),
    "desk.register": {ADMIN, AUDITOR, EVALUATOR, GARANTE},
    # The voice and the commitment of the matrix belong to the environment: its referent answers, the other office sees nothing.
    # It is handed to the partecipata, which reads it and answers to the office, and does nothing else with it.
    **dict.fromkeys(("voices_desk.inbox", "voices_desk.commitment_list", "voices_desk.templates"), LISTENERS | ASKED),
    "voices_desk.write_down": LISTENERS,
    "voices_desk.voice": {EDITOR, REFERENT} | ASKED,
    "voices_desk.act": {REFERENT},
    **dict.fromkeys(("voices_desk.part", "voices_desk.resume", "voices_desk.take_back", "voices_desk.commitment"), ANSWERING),
    **dict.fromkeys(
        ("voices_desk.term_list", "voices_desk.term_remove", "voices_desk.signal_list", "voices_desk.set_apart"), PUBLISHERS
    ),
    **dict.fromkeys(
        (
            "voices_desk.hidings",
            "voices_desk.consultation_list",
            "voices_desk.consultation",
            "voices_desk.phase",
            "voices_desk.outcome",
            "voices_desk.themes",
        ),
        PUBLISHERS,
    ),
    # The service of the matrix belongs to the environment and is run by the partecipata.
    "quality_desk.overview": TELLERS | REVIEWERS,
    "quality_desk.pages": TELLERS | REVIEWERS,
    **dict.fromkeys(("quality_desk.results", "quality_desk.results_apply", "quality_desk.results_sample"), TELLERS),
    **dict.fromkeys(
        (
            "quality_desk.service",
            "quality_desk.point_new",
            "quality_desk.point_close",
            "quality_desk.poster",
            "quality_desk.tickets",
            "quality_desk.invite",
            "quality_desk.contacts",
            "quality_desk.standard_new",
            "quality_desk.standard_measure",
            "quality_desk.standard_end",
        ),
        KEEPERS,
    ),
    "quality_desk.enter": {COUNTER},
    **dict.fromkeys(("quality_desk.windows", "quality_desk.window"), REVIEWERS),
    "quality_desk.employees": {ADMIN},
    **dict.fromkeys(
        ("privacy_desk.register", "privacy_desk.register_file", "privacy_desk.incident", "privacy_desk.evidence"),
        GUARDIANS,
    ),
    **dict.fromkeys(("people_office.body_list", "people_office.body"), REGISTRARS),
    **dict.fromkeys(("people_office.residence_list", "people_office.residence"), RESIDENCE),
    "counter.batches": {FIRST, SECOND, COUNTER},
    # A batch is its operator's own: the colleague of another quartiere does not even learn that it exists.
    **dict.fromkeys(
        (
            "counter.batch",
            "counter.close",
            "counter.person",
            "counter.age",
            "counter.address",
            "counter_rights.data",
            "counter_rights.erase",
        ),
        OWN_COUNTER,
    ),
    # Only who may decide about residence, and only in a batch of her own: here nobody is both.
    "counter.residence": NOBODY,
    **dict.fromkeys(
        (
            "area.home",
            "area.data",
            "area.erase",
            "account.bonds",
            "account.drop_bond",
            "account.declare_age",
            "account.forget_age",
            "account.residence",
            "account.address",
            "account.drop_address",
            "account.notices",
            "account.register",
        ),
        CITIZENS,
    ),
}
METHODS = ("GET", "POST")


@dataclass(frozen=True)
class Town:
    """One app with a signed-in browser for each role, and the values that its routes need."""

    app: Flask
    browsers: dict[str, Client]
    values: dict[str, Any]


@pytest.fixture(scope="module")
def walked_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with running_idp() as idp:
        yield from _walked_town(tmp_path_factory.mktemp("matrix"), idp)


def _kept(session: Session) -> dict[str, Any]:
    """Make what an office keeps beside its ratings: points, a standard, a window that two people have to look at."""
    points = [
        make_point(session, build.BUILDER, "acquedotto", PointData(place="Atrio", is_kiosk=n == 2), now=NOW) for n in range(3)
    ]
    promise = StandardData(label_it="Riparazioni", promised=Decimal(24), unit="ore", sense=Sense.AT_MOST)
    standard = add_standard(session, build.BUILDER, "acquedotto", promise, now=NOW)
    found = Suspicion(n=9, usual=0.0, p_volume=1e-5, p_mix=1e-5)
    window = flag_window(session, build.BUILDER, service_code="acquedotto", day_band=(NOW.date(), 1), found=found, now=NOW)
    assert window is not None
    codes = {"point": points[0].code, "other_point": points[1].code, "totem": points[2].code}
    return codes | {"standard_id": standard.id, "window_id": window.id}


def _walked_town(folder: Path, idp: RunningIdp) -> Iterator[Town]:
    url = f"sqlite:///{folder}/civic.sqlite3"
    database = Database(url)
    schema.upgrade(database)
    with database.writing() as session:
        build.make_city(session)
        single = build.make_staff(session, "auditor", email="single@prova.example")
        for grant in list(single.grants):
            single.grants.remove(grant)
        session.flush()
        scope = Scope(ScopeKind.ACTION, "A001")
        people.give_grant(session, build.BUILDER, single.id, Permission.PLANNING_ACTION_DRAFT, scope, now=NOW)
        disabled = build.make_staff(session, "administrator", email="disabled@prova.example")
        victim = build.make_staff(session, "referent", office=build.CITY.schools, email="victim@prova.example")
        report = build.make_report(session)
        first = build.make_staff(session, "quartiere", scope_ref="Q1", email="q1@prova.example")
        build.make_staff(session, "quartiere", scope_ref="Q2", email="q2@prova.example")
        build.make_staff(session, "provider", scope_ref="acqua-spa", email="acqua@prova.example")
        for role in ("counter", "evaluator", "privacy"):
            build.make_staff(session, role, email=f"{role}@prova.example")
        pepper = key_of(folder / "keys", PEPPER)
        giovanni = build.make_citizen(session, pepper, "giovanni")
        batch = build.make_batch(session, first, quartiere="Q1")
        identify(session, batch, giovanni.subject_key or "", now=NOW)
        declare_bond(session, giovanni, BondKind.LIVES, "Q1", channel=Channel.DESK, now=NOW)
        residence = ask_residence(session, giovanni, note="Mi sono trasferito", now=NOW)
        body = build.make_body(session, giovanni)
        values = {
            "code": "A001",
            "slug": build.CITY.peg,
            "number": 1,
            "kind": "people.invited",
            "account_id": victim.id,
            "grant_id": victim.grants[0].id,
            "link_id": 999,
            "holiday_id": 999,
            "allowance_id": 999,
            "token": "x" * 20,
            "name": "css/civic.css",
            "report": report.code,
            "provider_id": "eid",
            "secret": "x" * 20,
            "bond_id": 999,
            "ref": giovanni.ref,
            "batch": batch.code,
            "residence": residence.code,
            "body": body.code,
            "verb": "rispondi",
            **build.make_heard(session, build.CITY.environment, now=NOW),
            **_kept(session),
        }
    idp_port = urlsplit(idp.root).port or 0
    config = Config(
        idp_port=idp_port,
        demo=True,
        data_dir=folder,
        database_url=url,
        secret_key="k" * 64,
        base_url="http://localhost",
        posts_per_minute=100_000,
    )
    app = create_app(config, clock=lambda: NOW)
    names = {
        EDITOR: build.CITY.editor,
        REFERENT: build.CITY.referent,
        OTHER: build.CITY.other_referent,
        ADMIN: build.CITY.administrator,
        AUDITOR: build.CITY.auditor,
        DISABLED: "disabled@prova.example",
        SINGLE: "single@prova.example",
        FIRST: "q1@prova.example",
        SECOND: "q2@prova.example",
        COUNTER: "counter@prova.example",
        PARTECIPATA: "acqua@prova.example",
        EVALUATOR: "evaluator@prova.example",
        GARANTE: "privacy@prova.example",
    }
    browsers = {"anonymous": Client(app), CITIZEN: Client(app)}
    leaving = browsers[CITIZEN].get("/accedi/eid").headers["Location"]
    browsers[CITIZEN].get(idp.enter(leaving, "maria").removeprefix("http://localhost"))
    for role, email in names.items():
        browsers[role] = Client(app)
        browsers[role].sign_in(email)
    with database.writing() as session:
        account = people_queries.account_by_email(session, "disabled@prova.example")
        assert account is not None
        people.disable_account(session, build.BUILDER, disabled.id, now=NOW)
        values["office"] = city_queries.offices(session)[0].code
        values["service"] = city_queries.services(session)[0].code
    yield Town(app, browsers, values)
    app.extensions["civic"].database.dispose()
    database.dispose()


def cases() -> Iterator[tuple[str, str]]:
    # Taking the voice back from the partecipata ends what lets it in: last.
    for endpoint in sorted(EXPECTED, key=lambda e: (e == "voices_desk.take_back", e)):
        for method in METHODS:
            yield endpoint, method


def address(town: Town, endpoint: str) -> str:
    """Write the address of a route about the fixture objects."""
    codes = {
        "planning.direction": build.CITY.direction,
        "city.report": town.values["report"],
        "city_desk.report": town.values["report"],
        "city_desk.report_erase": town.values["report"],
        "city_desk.office": town.values["office"],
        "city_desk.reorganise": town.values["office"],
        "city_desk.service": town.values["service"],
        "city_desk.provider": "nuovo",
        "city_desk.quartiere": "Q1",
        "people.body": town.values["body"],
        "people_office.body": town.values["body"],
        "people_office.residence": town.values["residence"],
        **dict.fromkeys((e for e in EXPECTED if e.startswith("counter")), town.values["batch"]),
        **dict.fromkeys((e for e in EXPECTED if e.startswith("voices")), town.values["voice"]),
        "voices.consultation": town.values["consultation"],
        **{f"voices_desk.{e}": town.values["consultation"] for e in ("consultation", "phase", "outcome")},
        "voices_desk.commitment": town.values["commitment"],
        **dict.fromkeys((e for e in EXPECTED if e.startswith("quality")), "acquedotto"),
        "quality.point": town.values["point"],
        "quality.totem": town.values["totem"],
    }
    verbs = {"voices_desk.part": "decidi", "voices_desk.commitment": "fatto"}
    rule = next(r for r in town.app.url_map.iter_rules() if r.endpoint == endpoint)
    values = {name: town.values[name] for name in rule.arguments}
    values |= {"code": codes[endpoint]} if endpoint in codes and "code" in values else {}
    values |= {"verb": verbs[endpoint]} if endpoint in verbs else {}
    values |= {"point": town.values["other_point"]} if endpoint == "quality_desk.point_close" else {}
    with town.app.test_request_context():
        return url_for(endpoint, **values)


def to_sign_in(page: Page) -> bool:
    return page.status == 303 and page.location.partition("?")[0] in ("/desk/accedi", "/accedi")


def sent_away(page: Page) -> bool:
    return to_sign_in(page) or page.status in (403, 404)


def ask(client: Client, method: str, path: str) -> Page:
    if method == "GET":
        return client.get(path)
    token = client.get("/accessibilita").one('main form input[name="csrf_token"]')["value"]
    return client.post_raw(path, {"csrf_token": token}, headers={"Referer": "http://localhost/"})


def test_the_table_names_every_route_and_no_other(walked_town: Town) -> None:
    assert {r.endpoint for r in walked_town.app.url_map.iter_rules()} == set(EXPECTED)


# Signing out ends the session the other cases need; erasing and disabling change the people the others look at.
LAST = ("entry.sign_out",)


@pytest.mark.parametrize(("endpoint", "method"), [c for c in cases() if c[0] not in LAST], ids=lambda v: str(v))
def test_a_role_reaches_a_route_or_is_sent_away(walked_town: Town, endpoint: str, method: str) -> None:
    rule = next(r for r in walked_town.app.url_map.iter_rules() if r.endpoint == endpoint)
    if method not in (rule.methods or set()):
        assert "POST" in (rule.methods or set()) or method == "POST"
        return
    path = address(walked_town, endpoint)
    for role, client in walked_town.browsers.items():
        page = ask(client, method, path)
        page.response.close()
        if role in EXPECTED[endpoint]:
            lacking = page.status == 404 and ("999" in path or method == "POST")
            spent = (
                endpoint in ("people_desk.choose_password", "outbox.stop", "entry.mail_link", "voices.check", "quality.more")
                and page.status == 410
            )
            assert not sent_away(page) or lacking or _leads_to_sign_in(endpoint), (
                f"{role} was sent away from {method} {path}: {page!r}"
            )
            assert page.status < 500 or endpoint == "plumbing.ready"
            assert page.status < 400 or lacking or spent or page.status in (400, 409, 422), f"{role} {method} {path}: {page!r}"
        else:
            assert sent_away(page), f"{role} got into {method} {path}: {page!r}"


def _leads_to_sign_in(endpoint: str) -> bool:
    """Pages of the sign-in itself may send on to its beginning."""
    return endpoint in ("people_desk.second_step", "people_desk.forgot", "plumbing.change_password")


@pytest.mark.parametrize("endpoint", sorted(e for e, roles in EXPECTED.items() if roles is not OPEN))
def test_with_its_door_left_open_a_route_would_be_noticed(walked_town: Town, endpoint: str) -> None:
    """The control of this matrix: it is the door that sends an anonymous visitor to the sign-in, for every route."""
    view: Any = walked_town.app.view_functions[endpoint]
    method = (
        "GET"
        if "GET" in (next(r for r in walked_town.app.url_map.iter_rules() if r.endpoint == endpoint).methods or set())
        else "POST"
    )
    path, anonymous, door = address(walked_town, endpoint), walked_town.browsers["anonymous"], view.__door__
    assert to_sign_in(ask(anonymous, method, path))
    view.__door__ = Door(kind=DoorKind.PUBLIC, silence=Silence.STAYS)
    try:
        response = walked_town.app.test_client().open(path, method=method, base_url="http://localhost")
        assert response.headers.get("Location", "").partition("?")[0] not in ("/desk/accedi", "/accedi")
    finally:
        view.__door__ = door


def test_an_extra_field_changes_nothing(walked_town: Town) -> None:
    """Mass assignment: fields that are not on the form are not read."""
    client = walked_town.browsers[REFERENT]
    page = client.get("/desk/azioni/A001")
    sent = client.send(
        page,
        "/desk/azioni/A001",
        {"title_it": "Titolo nuovo"},
        extra={"current_version": "9", "lead_office_code": "x", "state": "submitted"},
    )
    assert sent.status == 303
    again = client.get("/desk/azioni/A001")
    assert "x" not in [o["value"] for o in again.select('[name="lead_office_code"]')]
    listed = walked_town.browsers[EDITOR].get("/desk")
    assert "Titolo nuovo" not in listed.text()
