"""The town that is rated: offices, quartieri, services, and somebody of the editors to look at it."""

from datetime import UTC, datetime

from sqlalchemy import insert
from sqlalchemy.orm import Session

from civic.city.commands import (
    EnteData,
    OfficeData,
    QuartiereData,
    ServiceData,
    add_office,
    add_service,
    save_quartiere,
    set_identity,
)
from civic.city.models import OfficeKind
from civic.contributions.models import Theme
from civic.kernel import schema
from civic.kernel.actor import system
from civic.kernel.db import Database
from civic.people.commands.staff import add_account, open_session

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
OFFICES = [f"u{n:02}" for n in range(1, 17)]
SERVICES = [f"s{n:02}" for n in range(1, 33)]
QUARTIERI = [f"Q{n}" for n in range(1, 6)]
THEMES = [f"t{n:02}" for n in range(1, 9)]


def build(url: str) -> str:
    """Migrate an empty database and found the town in it. Returns the key of an editor's open session."""
    database = Database(url)
    schema.upgrade(database)
    with database.writing() as session:
        key = _found(session)
    database.dispose()
    return key


def _found(session: Session) -> str:
    who = system("Bench")
    set_identity(session, who, EnteData(name="Comune di Misura", short_name="Misura"), version=0, now=NOW)
    for code in OFFICES:
        add_office(session, who, OfficeData(code=code, name=f"Ufficio {code}", kind=OfficeKind.UFFICIO), now=NOW)
    for number, code in enumerate(QUARTIERI, start=1):
        save_quartiere(session, who, QuartiereData(code=code, number=number, name=code, population=number * 10_000), now=NOW)
    for number, code in enumerate(SERVICES):
        office = OFFICES[number % len(OFFICES)]
        add_service(
            session, who, ServiceData(code=code, name_it=f"Servizio {code}", category="Servizi", office_code=office), now=NOW
        )
    session.execute(insert(Theme), [{"code": code, "label_it": code} for code in THEMES])
    editor = add_account(session, who, email="e@misura.example", name="E", role="editor", office_code=None, now=NOW)
    return open_session(session, editor.id, now=NOW)
