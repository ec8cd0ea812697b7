"""Who may do what: permissions given and taken, somebody always left to manage them, and a person who can be forgotten."""

import pytest
from sqlalchemy import select, text

from civic.journal.queries import chain_faults
from civic.kernel.actor import Actor, HeldGrant, Scope, ScopeKind
from civic.kernel.db import Model
from civic.kernel.errors import NotAllowed, Refused
from civic.kernel.permissions import Permission
from civic.kernel.persons import Person
from civic.people import rules
from civic.people.commands import staff as commands
from civic.people.models import Grant
from civic.people.queries.staff import account_by_email, actor_of
from civic.people.rules import ROLES
from civic.planning.queries.actions import action_by_code
from civic.planning.queries.check import programme_faults
from tests import build

on_sqlite = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)


def page_of(database, email):
    with database.reading() as session:
        return f"/desk/accessi/{account_by_email(session, email).id}"


def grant_of(database, email, permission):
    with database.reading() as session:
        account = account_by_email(session, email)
        return session.scalar(select(Grant.id).where(Grant.account_id == account.id, Grant.permission == permission))


@pytest.fixture
def administrator(new_client, city):
    browser = new_client()
    browser.sign_in(city.administrator)
    return browser


# ---- permissions -----------------------------------------------------------------------------------------------------


def test_a_permission_given_opens_and_one_taken_closes_after_signing_in_again(new_client, database, administrator, city):
    person, path = new_client(), page_of(database, city.referent)
    person.sign_in(city.referent)
    assert person.get("/desk/azioni/A001/classifica").status == 403
    given = {"permission": "planning:action:publish", "scope_kind": "office", "scope_ref": city.environment}
    assert administrator.post(path, given).status == 303
    assert person.get("/desk").status == 303, "an open session ends, so that nothing old goes on"
    person.sign_in(city.referent)
    assert person.get("/desk/azioni/A001/classifica").status == 200
    assert person.get("/desk/azioni/A003/classifica").status == 404

    number = grant_of(database, city.referent, "planning:action:publish")
    administrator.post(f"/desk/accessi/permessi/{number}/togli", seen_at=path)
    assert person.get("/desk").status == 303
    person.sign_in(city.referent)
    assert person.get("/desk/azioni/A001/classifica").status == 403
    assert person.get("/desk/azioni/A001").status == 200


def test_a_permission_for_one_action_opens_that_action_alone(new_client, database, administrator, city):
    path = page_of(database, city.auditor)
    administrator.post(path, {"permission": "planning:action:draft", "scope_kind": "action", "scope_ref": "A003"})
    person = new_client()
    person.sign_in(city.auditor)
    assert [t.split()[0] for t in person.get("/desk/azioni").texts("tbody th")] == ["A003"]
    assert (person.get("/desk/azioni/A003").status, person.get("/desk/azioni/A004").status) == (200, 404)
    assert person.post("/desk/azioni/A003", {"title_it": "Da chi può"}).status == 303


@on_sqlite
@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"permission": "planning:action:draft", "scope_kind": "office", "scope_ref": ""}, "scope_ref"),
        ({"permission": "planning:action:draft", "scope_kind": "office", "scope_ref": "nessuno"}, "scope_ref"),
        ({"permission": "planning:action:draft", "scope_kind": "office", "scope_ref": "direzione-ambiente"}, "permission"),
        ({"permission": "people:account:manage", "scope_kind": "office", "scope_ref": "direzione-ambiente"}, "scope_kind"),
        ({"permission": "city:identity:edit", "scope_kind": "action", "scope_ref": "A001"}, "scope_kind"),
        ({"permission": "tutto", "scope_kind": "all"}, "permission"),
    ],
)
def test_a_permission_that_makes_no_sense_is_refused(database, administrator, city, given, field):
    page = administrator.post(page_of(database, city.referent), given)
    assert page.status == 422
    assert f"#{field}" in page.links("#errori a")
    with database.reading() as session:
        assert len(account_by_email(session, city.referent).grants) == len(ROLES["referent"].permissions)


@pytest.mark.parametrize("permission", [p for p in Permission if p not in rules.SCOPED])
@on_sqlite
def test_no_part_of_a_permission_for_everything_can_be_given(database, city, permission):
    with pytest.raises(Refused), database.writing() as session:
        account = account_by_email(session, city.referent)
        commands.give_grant(
            session, build.BUILDER, account.id, permission, Scope(ScopeKind.OFFICE, city.environment), now=build.BUILT
        )


# ---- somebody is always left -----------------------------------------------------------------------------------------


def test_the_last_manager_of_accounts_can_neither_be_closed_nor_lose_the_permission(new_client, database, administrator, city):
    path, number = page_of(database, city.administrator), grant_of(database, city.administrator, "people:account:manage")
    for verb in (f"{path}/chiudi", f"/desk/accessi/permessi/{number}/togli"):
        page = administrator.post(verb, seen_at=path)
        assert page.status == 400
        assert "Resterebbe nessuno" in page.text("main")
    assert administrator.get(path).status == 200
    with database.writing() as session:
        build.make_staff(session, "administrator", email="seconda@prova.example")
    second = new_client()
    second.sign_in("seconda@prova.example")
    assert administrator.post(f"{path}/chiudi", seen_at=path).status == 303
    assert administrator.get("/desk").status == 303
    page = second.post(f"{(mine := page_of(database, 'seconda@prova.example'))}/chiudi", seen_at=mine)
    assert page.status == 400, "a closed manager manages nothing"


@on_sqlite
def test_who_may_not_manage_accounts_changes_none(database, city):
    with database.reading() as session:
        editor = actor_of(session, account_by_email(session, city.editor))
        number = account_by_email(session, city.auditor).id
    scope = Scope()
    attempts = (
        lambda s: commands.disable_account(s, editor, number, now=build.BUILT),
        lambda s: commands.enable_account(s, editor, number, now=build.BUILT),
        lambda s: commands.give_grant(s, editor, number, Permission.PLANNING_ACTION_DRAFT, scope, now=build.BUILT),
        lambda s: commands.take_grant(s, editor, 1, now=build.BUILT),
        lambda s: commands.add_account(
            s, editor, email="x@prova.example", name="X", role="editor", office_code=None, now=build.BUILT
        ),
    )
    for attempt in attempts:
        with pytest.raises(NotAllowed), database.writing() as session:
            attempt(session)


def test_a_grant_covers_what_it_names_and_nothing_beside_it():
    draft, here = Permission.PLANNING_ACTION_DRAFT, Scope(ScopeKind.OFFICE, "verde")
    who = Actor(grants=frozenset({HeldGrant(draft, here)}))
    assert who.may(draft, here)
    assert not who.may(draft, Scope(ScopeKind.OFFICE, "scuola"))
    assert not who.may(draft, Scope(ScopeKind.ACTION, "verde"))
    assert not who.may(Permission.PLANNING_ACTION_PUBLISH, here)
    assert Actor(grants=frozenset({HeldGrant(draft)})).may(draft, here)


@on_sqlite
@pytest.mark.parametrize("path", ["/desk/accessi/999", "/desk/accessi/" + "9" * 30, "/desk/accessi/x"])
def test_an_account_that_is_not_there_is_a_page_not_found(administrator, path):
    assert administrator.get(path).status == 404


# ---- being forgotten -------------------------------------------------------------------------------------------------

NAME, EMAIL = "Zenobia Quattrocchi", "zenobia.quattrocchi@prova.example"


def mentions(database, *words):
    """Name every column of every table in which one of the words stands."""
    found = []
    with database.reading() as session:
        for table in Model.metadata.sorted_tables:
            for row in session.execute(select(table)).mappings():
                found += [f"{table.name}.{c}" for c, value in row.items() if any(w.lower() in str(value).lower() for w in words)]
    return sorted(set(found))


def test_a_person_who_has_left_is_forgotten_everywhere_and_the_register_still_holds(
    new_client, database, mailbox, administrator, city
):
    with database.writing() as session:
        ref = build.make_staff(session, "editor", email=EMAIL, name=NAME).ref
    person = new_client()
    person.sign_in(EMAIL)
    for path, typed in (
        ("/desk/azioni/A001", {"title_it": "Scritto da lei", "status": "completed", "status_as_of": "2026-11-20"}),
    ):
        person.post(path, typed)
        person.post(f"{path}/pubblica", seen_at=path)
    person.post("/desk/azioni/A002", {"title_it": "Bozza che resta"})
    person.post("/desk/password-dimenticata", {"email": EMAIL}, seen_at="/desk/password-dimenticata")
    new_client().post("/accessibilita", {"text": f"Sono {NAME}", "email": EMAIL})
    before = mentions(database, "zenobia", "quattrocchi")
    assert {"people_account.name", "people_account.email", "outbox_mail.to_address", "city_site_report.text"} <= set(before)

    path = page_of(database, EMAIL)
    refused = administrator.post_raw(
        f"{path}/cancella", {"csrf_token": administrator.get(path).select("input[name=csrf_token]")[0]["value"]}
    )
    assert refused.status == 400, "an open account is closed first"
    administrator.post(f"{path}/chiudi", seen_at=path)
    assert administrator.post(f"{path}/cancella", seen_at=path).status == 303

    assert mentions(database, "zenobia", "quattrocchi") == []
    assert mentions(database, ref) == ["journal_entry.subject_ref", "people_account.email", "people_account.ref"]
    with database.reading() as session:
        assert not list(chain_faults(session))
        assert not programme_faults(session)
        assert action_by_code(session, "A001").current_version == 2
    assert new_client().get("/programma/azioni/A001").text("h1") == "Scritto da lei"
    assert person.get("/desk").status == 303
    assert new_client().post("/desk/accedi", {"email": EMAIL, "password": "dimostrazione-civic"}).status == 422
    assert NAME not in administrator.get("/desk/accessi").html
    with database.writing() as session:
        build.make_staff(session, "editor", email=EMAIL, name="Un'altra persona")  # the address is free again


@on_sqlite
def test_forgetting_a_person_twice_is_no_failure(database, city):
    with database.writing() as session:
        ref = account_by_email(session, city.auditor).ref
        commands.erase_person(session, Person(ref), now=build.BUILT)
        commands.erase_person(session, Person(ref), now=build.BUILT)
        assert session.scalar(text("SELECT count(*) FROM people_account")) == 5
