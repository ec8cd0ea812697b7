"""Who takes part in the demonstration: two people of the trial identity provider, two associations, a question to the office."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from civic.city.queries import quartieri
from civic.demo.personas import CITIZENS
from civic.kernel.actor import Actor
from civic.kernel.codes import token
from civic.kernel.keys import keyed
from civic.people.commands.bodies import BodyData, decide_body, register_body
from civic.people.commands.citizens import citizen_with_subject, declare_age, declare_bond
from civic.people.commands.counter import identify, open_batch
from civic.people.commands.residence import ask_residence, replace_residents
from civic.people.models import Citizen
from civic.people.queries.staff import account_by_email, actor_of
from civic.people.rules import BodyKind, BodyState, BondKind, Channel

# Codici fiscali that no body has: they begin with 999.
_BODIES = (
    BodyData(
        name="Amici del Parco (dato dimostrativo)",
        kind=BodyKind.ASSOCIATION,
        fiscal_code="99900000011",
        purpose="Cura del verde di quartiere, feste di strada e passeggiate per conoscere gli alberi.",
    ),
    BodyData(
        name="Comitato Lungarno (dato dimostrativo)",
        kind=BodyKind.COMMITTEE,
        fiscal_code="99900000029",
        purpose="Chi abita lungo il fiume e ne segue i cantieri.",
    ),
)


def add_citizens(session: Session, who: Actor, pepper: bytes, *, site: str, now: datetime) -> None:
    """Add them, through the commands; Maria is left to whoever tries the demonstration."""
    subjects = {c.key: keyed(pepper, "person", c.fiscal_number) for c in CITIZENS}
    giovanni = citizen_with_subject(session, subjects["giovanni"], now=now)
    aicha = citizen_with_subject(session, subjects["aicha"], now=now)
    declare_age(aicha, told=True)
    codes = [q.code for q in quartieri(session)]
    if codes:
        replace_residents(session, who, [(subjects["maria"], codes[0]), (subjects["aicha"], codes[-1])], now=now)
        _declare(session, aicha, BondKind.LIVES, codes[-1], now)
        _declare(session, aicha, BondKind.WORKS, codes[0], now)
        _declare(session, giovanni, BondKind.LIVES, codes[0], now)
        ask_residence(session, giovanni, note="Mi sono trasferito il mese scorso. (dato dimostrativo)", now=now)
    first, _second = [register_body(session, aicha, d, role="presidente", form_key=token(), now=now) for d in _BODIES]
    link = f"{site}/associazioni"
    decide_body(session, who, first.code, BodyState.VERIFIED, reason="", link=link, site=who.label, now=now)
    _fill_a_batch(session, subjects["giovanni"], now - timedelta(minutes=20))


def _declare(session: Session, citizen: Citizen, kind: BondKind, quartiere: str, now: datetime) -> None:
    declare_bond(session, citizen, kind, quartiere, channel=Channel.WEB, now=now)


def _fill_a_batch(session: Session, subject_key: str, at: datetime) -> None:
    """Leave an open batch at the counter, with one person in it."""
    account = account_by_email(session, "sportello@demo.invalid")
    if account is not None:
        operator = actor_of(session, account)
        batch = open_batch(session, operator, channel=Channel.DESK, place="URP", quartiere_code=None, now=at)
        identify(session, batch, subject_key, now=at)
