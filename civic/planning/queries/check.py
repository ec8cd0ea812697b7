"""Comparing what the site shows of the programme with what the chain holds."""

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from civic.journal.queries import chained_facts as facts_in_chain
from civic.planning.commands.drafts import version_facts
from civic.planning.commands.statuses import chained_facts
from civic.planning.models import ActionVersion, MandateAction, StatusEntry, Voice


def programme_faults(session: Session) -> list[str]:
    """Name every status, published text and pointer that is not as the chain tells. Italian sentences, empty when all is well."""
    return [*_status_faults(session), *_version_faults(session), *_pointer_faults(session)]


def _status_faults(session: Session) -> Iterator[str]:
    held = {facts["entry"]: facts for _code, facts in facts_in_chain(session, kind="planning.status_recorded")}
    rows = select(StatusEntry, MandateAction.code).join(MandateAction, MandateAction.id == StatusEntry.action_id)
    for entry, code in session.execute(rows.order_by(StatusEntry.id)):
        facts = held.pop(entry.id, None)
        where = f"lo stato {entry.seq} dell'azione {code}"
        if facts is None:
            yield f"{where} non è nella catena"
        elif facts != (mine := chained_facts(entry)):
            yield f"{where} è stato riscritto ({', '.join(k for k, v in mine.items() if facts.get(k) != v)})"
    for facts in held.values():
        yield f"manca lo stato {facts['seq']} dell'azione con numero interno {facts['action']}"


def _version_faults(session: Session) -> Iterator[str]:
    held = {(code, facts["number"]): facts for code, facts in facts_in_chain(session, kind="planning.version_published")}
    rows = select(ActionVersion, MandateAction).join(MandateAction, MandateAction.id == ActionVersion.action_id)
    for version, action in session.execute(rows.order_by(ActionVersion.action_id, ActionVersion.number)):
        facts = held.pop((action.code, version.number), None)
        where = f"la versione {version.number} dell'azione {action.code}"
        if facts is None:
            yield f"{where} non è nella catena"
        elif facts != (mine := version_facts(action, version)):
            yield f"{where} è stata riscritta ({', '.join(k for k, v in mine.items() if facts.get(k) != v)})"
    for code, number in held:
        yield f"manca la versione {number} dell'azione {code}"


def _pointer_faults(session: Session) -> Iterator[str]:
    """The entry and the version that the pages show must be the newest ones."""
    newest = select(StatusEntry.action_id, StatusEntry.voice, func.max(StatusEntry.id)).where(StatusEntry.part_number == 0)
    entries = {(row[0], row[1]): row[2] for row in session.execute(newest.group_by(StatusEntry.action_id, StatusEntry.voice))}
    last = select(ActionVersion.action_id, func.max(ActionVersion.number)).group_by(ActionVersion.action_id)
    versions = {row[0]: row[1] for row in session.execute(last)}
    for action in session.scalars(select(MandateAction).order_by(MandateAction.id)):
        if action.declared_entry_id != entries.get((action.id, Voice.DECLARED)):
            yield f"l'azione {action.code} non mostra il suo ultimo stato dichiarato"
        if action.assessed_entry_id != entries.get((action.id, Voice.ASSESSED)):
            yield f"l'azione {action.code} non mostra la sua ultima valutazione"
        if action.current_version != versions.get(action.id, 0):
            yield f"l'azione {action.code} non mostra la sua ultima versione"
