"""Builders: what a test needs, in one call, with sensible defaults, and always through the commands.

Each takes the session of a writing block and makes by itself what its defaults stand on: `make_action(session)` on an empty
database makes a mandate first. `make_city` and `load_florence` fill a whole database.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civic.city import commands as city
from civic.city.models import Office, OfficeKind, Provider, ProviderKind, Quartiere, ReportKind, Service, SiteReport
from civic.contributions.commands.answers import add_part
from civic.contributions.commands.commitments import Promise, make_commitment
from civic.contributions.commands.consultations import ConsultationData, open_consultation
from civic.contributions.commands.handings import Question, hand_over
from civic.contributions.commands.voices import CITIZENRY, ContributionData, Triage, receive_voice, triage_voices
from civic.contributions.models import Contribution
from civic.demo import dataset
from civic.demo.people import PASSWORD
from civic.demo.personas import CITIZENS
from civic.demo.whole import load_whole
from civic.kernel.actor import Actor, ScopeKind, system
from civic.kernel.clock import civil_day
from civic.kernel.codes import token
from civic.kernel.db import Database
from civic.kernel.keys import PEPPER, key_of, keyed
from civic.kernel.tables import to_csv
from civic.outbox.rules import Asked, Origin, caps_of
from civic.people.commands import citizens
from civic.people.commands import staff as people
from civic.people.commands.bodies import BodyData, decide_body, register_body
from civic.people.commands.counter import open_batch
from civic.people.commands.residence import replace_residents
from civic.people.models import Batch, Body, Citizen, StaffAccount
from civic.people.passwords import hash_password
from civic.people.queries.staff import actor_of
from civic.people.rules import ROLES, BodyKind, BodyState, Channel
from civic.planning.commands import actions as programme
from civic.planning.commands import documents as plan
from civic.planning.commands import drafts, statuses
from civic.planning.intake import COLUMNS
from civic.planning.models import (
    ActionKind,
    Mandate,
    MandateAction,
    OperationalObjective,
    PegObjective,
    Status,
    StatusEntry,
    StrategicDirection,
    StrategicObjective,
    Voice,
)
from civic.planning.queries.actions import action_by_code, draft_of
from civic.planning.rules import StatusData
from civic.quality.commands.ratings import RatingData, rate
from civic.quality.rules import Instrument
from civic.rights.erasure import erase_citizen
from config import Config

# Three days before the test clock's default: what is built lies in the past of what is tested.
BUILT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
BUILDER = system("Ufficio del Sindaco")
SITE = "Comune di Prova"
ASKED = Asked(origin=Origin(), caps=caps_of(Config()), pepper=b"p" * 32, stop_link="http://localhost/posta/basta/%s")


def make_ente(session: Session, *, now: datetime = BUILT, **identity: Any) -> None:
    """Make the municipality."""
    told = {"name": SITE, "short_name": "Prova", "town": "Prova", "pec": "protocollo@pec.comune.prova.example"} | identity
    city.set_identity(session, BUILDER, city.EnteData(**told), version=0, now=now)


def make_quartiere(session: Session, code: str = "Q1", *, now: datetime = BUILT, **told: Any) -> Quartiere:
    """Make a quartiere; its number is that of its code."""
    number = int("".join(c for c in code if c.isdigit()) or 1)
    given = {"number": number, "name": f"Quartiere {number}", "population": 10_000 * number} | told
    city.save_quartiere(session, BUILDER, city.QuartiereData(code=code, **given), now=now)
    return session.get_one(Quartiere, code)


def make_office(session: Session, code: str = "direzione-ambiente", *, now: datetime = BUILT, **told: Any) -> Office:
    """Make an office, a Direzione unless told otherwise."""
    given = {"name": code.replace("-", " ").title(), "kind": OfficeKind.DIREZIONE} | told
    return city.add_office(session, BUILDER, city.OfficeData(code=code, **given), now=now)


def _office(session: Session, code: str) -> str:
    return code if session.get(Office, code) else make_office(session, code).code


def make_provider(session: Session, code: str = "acqua-spa", *, now: datetime = BUILT, **told: Any) -> Provider:
    """Make a provider, a partecipata unless told otherwise."""
    given = {"name": code.replace("-", " ").title(), "kind": ProviderKind.PARTECIPATA} | told
    city.save_provider(session, BUILDER, city.ProviderData(code=code, **given), now=now)
    return session.get_one(Provider, code)


def make_service(
    session: Session, code: str = "anagrafe", *, office: str = "direzione-ambiente", now: datetime = BUILT, **told: Any
) -> Service:
    """Make a service of an office."""
    given = {"name_it": code.replace("-", " ").capitalize(), "category": "Documenti"} | told
    city.add_service(session, BUILDER, city.ServiceData(code=code, office_code=_office(session, office), **given), now=now)
    return session.get_one(Service, code)


def make_mandate(session: Session, code: str = "2024-2029", *, now: datetime = BUILT, **told: Any) -> str:
    """Make a mandate; return its code."""
    given = {
        "title_it": f"Programma di mandato {code}",
        "title_en": f"Mandate programme {code}",
        "starts_on": date(int(code[:4]), 6, 25),
    } | told
    plan.save_mandate(session, BUILDER, Mandate(code=code, **given), now=now)
    session.flush()
    return code


def _mandate(session: Session, code: str) -> str:
    return code if session.get(Mandate, code) else make_mandate(session, code)


def make_direction(session: Session, code: str = "D1", *, mandate: str = "2024-2029", now: datetime = BUILT, **told: Any) -> str:
    """Make a strategic direction; its number is that of its code. Return its code."""
    number = int("".join(c for c in code if c.isdigit()) or 1)
    given = {"year": 2024, "number": number, "title_it": f"Indirizzo {number}", "title_en": f"Direction {number}"} | told
    made = StrategicDirection(code=code, mandate_code=_mandate(session, mandate), **given)
    plan.save_direction(session, BUILDER, made, now=now)
    return code


def make_action(
    session: Session,
    code: str | None = None,
    *,
    status: Status = Status.IN_PROGRESS,
    mandate: str = "2024-2029",
    direction: str | None = None,
    office: str | None = None,
    quartieri: Sequence[str] = (),
    tags: Sequence[str] = (),
    parts: Sequence[tuple[str, Status]] = (),
    as_of: str = "2026-10-31",
    declared_by: str = SITE,
    now: datetime = BUILT,
    **cells: Any,
) -> MandateAction:
    """Make a published action with a declared status, through the import, which is the only way one is born.

    `cells` are further columns of the programme's file: title_it, note_it, cause_it, quantity, target, importance ...
    """
    if code is None:
        code = f"A{(session.scalar(select(func.count(MandateAction.id))) or 0) + 1:03}"
    _mandate(session, mandate)
    if direction:
        direction = (
            direction if session.get(StrategicDirection, direction) else make_direction(session, direction, mandate=mandate)
        )
    for quartiere in quartieri:
        if session.get(Quartiere, quartiere) is None:
            make_quartiere(session, quartiere)
    row = {
        "code": code,
        "mandate": mandate,
        "direction": direction,
        "kind": ActionKind.ACTION,
        "title_it": f"Azione {code}",
        "title_en": f"Action {code}",
        "status": status,
        "as_of": as_of,
        "tags": ";".join(tags),
        "sites": ";".join(quartieri),
        "lead_office": _office(session, office) if office else None,
        "cause_it": "Motivo di prova" if status in (Status.CRITICAL, Status.CHANGED, Status.WITHDRAWN) else None,
        "parts": ";".join(f"{title}|{state}" for title, state in parts),
    } | cells
    file = to_csv(COLUMNS, [[row.get(column) for column in COLUMNS]]).encode()
    programme.import_programme(session, BUILDER, file, by_label=declared_by, now=now)
    return action_by_code(session, code)


def make_status(
    session: Session,
    action: MandateAction,
    status: Status = Status.COMPLETED,
    *,
    as_of: date = date(2026, 11, 1),
    voice: Voice = Voice.DECLARED,
    by: str = "",
    now: datetime = BUILT,
    **told: Any,
) -> StatusEntry:
    """Say anew where an action stands."""
    data = StatusData(status=status, as_of=as_of, **told)
    return statuses.record_status(session, BUILDER, action, data, voice=voice, by_label=by, now=now)


def make_draft(
    session: Session, action: MandateAction, *, who: Actor = BUILDER, submitted: bool = False, now: datetime = BUILT, **told: Any
) -> None:
    """Leave a draft for an action, and submit it when told to."""
    data = drafts.DraftData(**({"title_it": f"Bozza di {action.code}"} | told))
    before = draft_of(session, action.id)
    seen = before.version if before else 0
    drafts.save_draft(session, who, action, data, version=seen, now=now)
    session.flush()
    if submitted:
        drafts.submit_draft(session, who, action, version=seen + 1, link=f"/desk/azioni/{action.code}", site=SITE, now=now)


def make_objective(
    session: Session, code: str = "1.1.01", *, year: int = 2026, direction: str = "D1", now: datetime = BUILT, text: str = ""
) -> OperationalObjective:
    """Make an operational objective, with the strategic one it belongs to."""
    if session.get(StrategicDirection, direction) is None:
        make_direction(session, direction)
    strategic = code.rpartition(".")[0]
    if session.get(StrategicObjective, strategic) is None:
        number = int(strategic.rpartition(".")[2])
        above = StrategicObjective(code=strategic, direction_code=direction, number=number, title_it=f"Obiettivo {strategic}")
        plan.save_strategic_objective(session, BUILDER, above, now=now)
    made = OperationalObjective(year=year, code=code, strategic_code=strategic, text_it=text or f"Obiettivo operativo {code}")
    plan.add_operational_objective(session, BUILDER, made, now=now)
    return made


def make_peg(
    session: Session,
    title: str = "Più alberi in città",
    *,
    year: int = 2026,
    office: str = "direzione-ambiente",
    objectives: Sequence[str] = (),
    now: datetime = BUILT,
    **told: Any,
) -> PegObjective:
    """Make a PEG sheet with two phases and one indicator; `objectives` are codes of operational objectives of its year."""
    phases = (
        plan.PhaseData(
            number=1,
            description_it="Scelta delle aree",
            weight=Decimal(40),
            planned_start=date(year, 1, 1),
            planned_end=date(year, 4, 30),
        ),
        plan.PhaseData(number=2, description_it="Piantumazione", planned_start=date(year, 5, 1), planned_end=date(year, 12, 15)),
    )
    indicators = (plan.IndicatorData(number=1, description_it="Alberi piantati", unit="alberi", expected_value=Decimal(1200)),)
    given = {"phases": phases, "indicators": indicators, "operational": tuple((year, c) for c in objectives)} | told
    data = plan.PegData(year=year, title=title, office_code=_office(session, office), **given)
    return plan.add_peg_sheet(session, BUILDER, data, now=now)


@lru_cache
def _hashed(password: str) -> str:
    """Hash once a run: a hash is slow on purpose."""
    return hash_password(password)


def make_staff(
    session: Session,
    role: str = "editor",
    *,
    office: str | None = None,
    email: str | None = None,
    name: str | None = None,
    password: str = PASSWORD,
    scope_ref: str = "",
    now: datetime = BUILT,
) -> StaffAccount:
    """Make a member of staff who can sign in with PASSWORD; `role@prova.example`, or `role-office@prova.example`."""
    if office is None and ROLES[role].scope is ScopeKind.OFFICE:
        office = "direzione-ambiente"
    address = email or f"{role}{'-' + office if office else ''}@prova.example"
    account = people.add_account(
        session,
        BUILDER,
        email=address,
        name=name or f"Persona {role}",
        role=role,
        office_code=_office(session, office) if office else None,
        scope_ref=scope_ref,
        now=now,
    )
    people.set_password(session, account, password_hash=_hashed(password), now=now)
    return account


def make_report(
    session: Session, *, kind: ReportKind = ReportKind.ACCESSIBILITY, now: datetime = BUILT, **told: Any
) -> SiteReport:
    """Make a message about this site."""
    given = {"form_key": token(), "text": "Il contrasto è basso."} | told
    data = city.ReportData(kind=kind, **given)
    return city.file_report(session, data, link="http://localhost/segnalazioni/%s", site=SITE, asked=ASKED, now=now)


def make_citizen(session: Session, pepper: bytes, key: str = "maria", *, now: datetime = BUILT) -> Citizen:
    """Make the account of a person of the identity provider."""
    return citizens.citizen_with_subject(session, keyed(pepper, "person", fiscal_code(key)), now=now)


def erase(session: Session, ref: str, *, now: datetime = BUILT) -> None:
    """Forget a citizen, as she would in her area."""
    erase_citizen(session, session.scalars(select(Citizen).where(Citizen.ref == ref)).one(), now=now)


def make_voice(session: Session, office: str | None = None, *, now: datetime = BUILT, **told: Any) -> Contribution:
    """Make a voice, given to an office when one is named."""
    given = {"title": "Più panchine", "text": "Nel parco mancano panchine.", "form_key": token()} | told
    voice = receive_voice(
        session, CITIZENRY, ContributionData(**given), link="http://localhost/voci/%s", site=SITE, asked=ASKED, now=now
    )
    if office:
        triage_voices(session, BUILDER, [voice.code], Triage(office_code=_office(session, office)), now=now)
        session.refresh(voice)
    return voice


def make_handing(
    session: Session, voice: Contribution, provider: str = "acqua-spa", *, now: datetime = BUILT, **told: Any
) -> None:
    """Hand a voice to a provider."""
    asked = Question(provider_code=provider, **({"note": "Come stanno le cose?"} | told))
    hand_over(session, BUILDER, voice, asked, link="http://localhost/desk/voci/%s", site=SITE, now=now)
    session.refresh(voice)


def make_heard(session: Session, office: str, *, now: datetime = BUILT) -> dict[str, str]:
    """Make a voice of an office with one part, a commitment and a consultation, handed to a provider. Returns their codes."""
    voice = make_voice(session, office, now=now)
    make_handing(session, voice, now=now)
    add_part(session, BUILDER, voice, summary="Panchine nel parco", now=now)
    due_on = civil_day(now) + timedelta(days=30)
    promise = Promise(title="Sei panchine", office_code=office, due_on=due_on)
    commitment = make_commitment(session, BUILDER, promise, [voice.code], now=now)
    days = {"starts_on": civil_day(now), "ends_on": due_on}
    data = ConsultationData(title_it="Come cambia il parco", question_it="Che cosa manca?", office_code=office, **days)
    consultation = open_consultation(session, BUILDER, data, now=now)
    return {"voice": voice.code, "commitment": commitment.code, "consultation": consultation.code}


def make_ratings(
    session: Session, service: str, counts: Sequence[int], *, now: datetime = BUILT, pepper: bytes = b"p" * 32, **told: Any
) -> list[str]:
    """Rate a service: `counts` says how many gave one star, how many two... Returns the tokens for the rest."""
    secrets = []
    for stars, n in enumerate(counts, start=1):
        for _each in range(n):
            data = RatingData(instrument=Instrument.SERVICE, service_code=service, stars=stars, form_key=token(), **told)
            secrets.append(rate(session, data, pepper=pepper, now=now).secret)
    return secrets


def make_body(session: Session, citizen: Citizen, name: str = "Amici del parco", *, verified: bool = True, **told: Any) -> Body:
    """Make a registration of an association for which a citizen speaks, verified unless told otherwise."""
    given = {"kind": BodyKind.ASSOCIATION, "fiscal_code": "01307110484", "purpose": "Cura del verde"} | told
    body = register_body(session, citizen, BodyData(name=name, **given), role="presidente", form_key=token(), now=BUILT)
    if verified:
        decide_body(session, BUILDER, body.code, BodyState.VERIFIED, reason="", link="https://x.example", site=SITE, now=BUILT)
        session.refresh(body)
    return body


def make_batch(session: Session, operator: StaffAccount, *, quartiere: str | None = None, now: datetime = BUILT) -> Batch:
    """Open a batch at a counter for a member of staff."""
    who = actor_of(session, operator)
    return open_batch(session, who, channel=Channel.DESK, place="URP", quartiere_code=quartiere, now=now)


def list_residents(session: Session, config: Config, persons: Mapping[str, str], *, now: datetime = BUILT) -> None:
    """Import a list of residents: a person of the identity provider by her key there, and her quartiere."""
    pepper = key_of(config.keys_path, PEPPER)
    lines = [(keyed(pepper, "person", fiscal_code(key)), quartiere) for key, quartiere in persons.items()]
    replace_residents(session, BUILDER, lines, now=now)


def fiscal_code(key: str) -> str:
    """Return the codice fiscale of a person of the identity provider."""
    return next(c.fiscal_number for c in CITIZENS if c.key == key)


@dataclass(frozen=True, slots=True)
class City:
    """The names of what stands in the made-up city, so that tests need not repeat them."""

    mandate: str = "2024-2029"
    environment: str = "direzione-ambiente"
    schools: str = "direzione-istruzione"
    direction: str = "D1"
    peg: str = "2026-piu-alberi-in-citta"
    editor: str = "editor@prova.example"
    referent: str = "referent-direzione-ambiente@prova.example"
    other_referent: str = "referent-direzione-istruzione@prova.example"
    administrator: str = "administrator@prova.example"
    auditor: str = "auditor@prova.example"


CITY = City()


def make_city(session: Session) -> City:
    """Make a small city with one of everything: A001-A006 have six statuses, A001 and A002 belong to the environment."""
    make_ente(session)
    for code in ("Q1", "Q2"):
        make_quartiere(session, code)
    make_office(session, CITY.environment, name="Direzione Ambiente", name_en="Environment Department")
    make_office(session, CITY.schools, name="Direzione Istruzione", name_en="Schools Department")
    make_provider(session)
    make_service(session, "acquedotto", provider_code="acqua-spa", category="Casa")
    make_service(session, "nidi", office=CITY.schools, category="Scuola", per_quartiere=True)
    make_action(
        session,
        "A001",
        direction="D1",
        office=CITY.environment,
        quartieri=["Q1"],
        tags=["verde", "clima"],
        importance=3,
        title_it="Piantare mille alberi",
        title_en="Plant a thousand trees",
        quantity=400,
        target=1000,
        unit_it="alberi",
        unit_en="trees",
        source_url="https://www.comune.prova.example/alberi",
    )
    make_action(
        session,
        "A002",
        status=Status.CRITICAL,
        office=CITY.environment,
        quartieri=["Q2"],
        tags=["rifiuti"],
        cause_it="Gara deserta",
    )
    make_action(
        session,
        "A003",
        status=Status.COMPLETED,
        direction="D1",
        office=CITY.schools,
        tags=["scuola"],
        title_it="Aprire tre scuole",
    )
    make_action(session, "A004", status=Status.PLANNED, office=CITY.schools, tags=["scuola"])
    make_action(session, "A005", status=Status.NOT_STARTED, direction="D2")
    make_action(session, "A006", status=Status.NOT_ASSESSABLE, direction="D2", kind=ActionKind.PRIORITY)
    make_objective(session)
    make_peg(session, objectives=["1.1.01"])
    for role, office in (
        ("editor", None),
        ("referent", CITY.environment),
        ("referent", CITY.schools),
        ("administrator", None),
        ("auditor", None),
    ):
        make_staff(session, role, office=office)
    return CITY


def load_florence(database: Database, *, base_url: str = "http://localhost", now: datetime = BUILT) -> None:
    """Load the demonstration as `civic demo` does, at a fixed instant."""
    folder = dataset.CITIES / "firenze"
    with database.writing() as session:
        load_whole(session, BUILDER, folder, pepper=b"p" * 32, base_url=base_url, asked=ASKED, now=now)
