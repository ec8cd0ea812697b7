"""Who works where, as keys of identities: a list comes in with codici fiscali and keeps none of them."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.orm import Session

from civic.city.models import Office, Provider
from civic.journal.commands import record
from civic.kernel.actor import Actor
from civic.kernel.errors import NotAllowed, Refused
from civic.kernel.keys import keyed
from civic.kernel.text import N_
from civic.people.rules import read_fiscal_code
from civic.quality import permits
from civic.quality.models import Employee


def replace_employees(session: Session, who: Actor, employer: str, lines: Iterable[str], *, pepper: bytes, now: datetime) -> int:
    """Put a new list of an office's or a provider's people in the place of the old one. Returns how many.

    Raises NotAllowed. Raises Refused: for an employer that does not exist, or a line that is no codice fiscale.
    """
    if not permits.may_list_employees(who):
        raise NotAllowed
    if session.get(Office, employer) is None and session.get(Provider, employer) is None:
        raise Refused(N_("Scegli un ufficio o un gestore che esiste."), field="employer")
    keys = {_key(number, line, pepper) for number, line in enumerate(lines, start=1) if line.strip()}
    session.execute(delete(Employee).where(Employee.employer == employer))
    session.add_all(Employee(subject_key=key, employer=employer) for key in sorted(keys))
    session.flush()
    facts = {"employer": employer, "count": len(keys)}
    record(session, who, "quality.employees_listed", subject=("employer", employer), now=now, facts=facts)
    return len(keys)


def _key(number: int, line: str, pepper: bytes) -> str:
    code = read_fiscal_code(line)
    if code is None:
        raise Refused(
            N_("Riga %(row)s: non è un codice fiscale valido. Controlla i 16 caratteri, o togli la riga."),
            field="lines",
            row=number,
        )
    return keyed(pepper, "person", code)
