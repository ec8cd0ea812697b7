"""Comparing the stored history of statuses with what the chain holds."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic.journal.queries import chained_facts as facts_in_chain
from civic.planning.commands.statuses import chained_facts
from civic.planning.models import MandateAction, StatusEntry


def status_faults(session: Session) -> list[str]:
    """Name every status row that differs from its link, has none, or is gone. Italian sentences, empty when all is well."""
    held = {facts["entry"]: facts for facts in facts_in_chain(session, kind="planning.status_recorded").values()}
    faults = []
    rows = session.execute(
        select(StatusEntry, MandateAction.code)
        .join(MandateAction, MandateAction.id == StatusEntry.action_id)
        .order_by(StatusEntry.id)
    )
    for entry, code in rows:
        facts = held.pop(entry.id, None)
        where = f"lo stato {entry.seq} dell'azione {code}"
        if facts is None:
            faults.append(f"{where} non è nella catena")
        elif facts != chained_facts(entry):
            changed = ", ".join(k for k, v in chained_facts(entry).items() if facts.get(k) != v)
            faults.append(f"{where} è stato riscritto ({changed})")
    return faults + [f"manca lo stato {facts['seq']} dell'azione con numero interno {facts['action']}" for facts in held.values()]
