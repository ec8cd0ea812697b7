"""Importing a programme, and saying where an action belongs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from civic.city.queries import offices, quartieri
from civic.journal.commands import record
from civic.kernel.actor import Actor
from civic.kernel.clock import civil_day
from civic.kernel.errors import NotAllowed, Refused, Stale
from civic.kernel.intake import Problem, read_csv
from civic.kernel.text import N_
from civic.planning import intake, permits
from civic.planning.commands.drafts import TEXTS, index_action, publish_version
from civic.planning.commands.statuses import record_status
from civic.planning.intake import ActionRecord, Known
from civic.planning.models import (
    ActionObjective,
    ActionPart,
    ActionPeg,
    ActionSite,
    ActionTag,
    MandateAction,
    SiteBasis,
    Status,
    StatusEntry,
    Voice,
)
from civic.planning.queries.actions import current_version, directions, mandates
from civic.planning.rules import StatusData, check_status


@dataclass(frozen=True, slots=True)
class Preview:
    """What an import would do: codes of new, changed and unchanged actions; or the problems that stop it."""

    new: Sequence[str]
    changed: Sequence[str]
    unchanged: Sequence[str]
    problems: Sequence[Problem]


@dataclass(frozen=True, slots=True, kw_only=True)
class Classification:
    """Where an action belongs."""

    direction_code: str | None
    lead_office_code: str | None
    importance: int | None
    tags: tuple[str, ...]
    sites: tuple[tuple[str, SiteBasis], ...]
    operational_ids: tuple[int, ...] = ()
    peg_ids: tuple[int, ...] = ()


def known_codes(session: Session, now: datetime) -> Known:
    """Collect the codes that a programme's file may refer to."""
    return Known(
        mandates=frozenset(m.code for m in mandates(session)),
        directions=frozenset(d.code for d in directions(session)),
        quartieri=frozenset(q.code for q in quartieri(session)),
        offices=frozenset(o.code for o in offices(session)),
        today=civil_day(now),
    )


def preview_programme(session: Session, data: bytes, *, now: datetime) -> Preview:
    """Say what importing this file would do, and write nothing. Raises Refused: when it is not such a file."""
    records, problems = intake.read_actions(read_csv(data, columns=intake.COLUMNS), known_codes(session, now))
    if problems:
        return Preview((), (), (), problems)
    existing = _existing(session, records)
    problems = [*_refused_changes(records, existing), *_refused_statuses(session, records, existing, now)]
    if problems:
        return Preview((), (), (), problems)
    kinds: dict[str, list[str]] = {"new": [], "changed": [], "unchanged": []}
    for item in records:
        action = existing.get(item.code)
        same = action is not None and not _differs(session, action, item)
        kinds["new" if action is None else "unchanged" if same else "changed"].append(item.code)
    return Preview(kinds["new"], kinds["changed"], kinds["unchanged"], ())


def import_programme(session: Session, who: Actor, data: bytes, *, by_label: str = "", now: datetime) -> Preview:
    """Import a programme: all of it, or nothing.

    New codes become published actions; a known code gets a new version and a status entry only where something differs.
    `by_label` is who declares the statuses. Raises NotAllowed, or Refused: with the first problem in words.
    """
    if not permits.may_import(who):
        raise NotAllowed
    preview = preview_programme(session, data, now=now)
    if preview.problems:
        first = preview.problems[0]
        raise Refused(
            N_("Riga %(row)s, colonna %(column)s, valore «%(value)s»: %(fix)s Non è stato scritto nulla."),
            row=first.row,
            column=first.column,
            value=first.value,
            fix=first.fix,
        )
    records, _ = intake.read_actions(read_csv(data, columns=intake.COLUMNS), known_codes(session, now))
    existing = _existing(session, records)
    for item in records:
        if item.code not in preview.unchanged:
            _import_one(session, who, existing.get(item.code), item, by_label=by_label, now=now)
    facts = {"new": len(preview.new), "changed": len(preview.changed), "unchanged": len(preview.unchanged)}
    record(session, who, "planning.plan_imported", subject=("plan", "programme"), now=now, facts=facts)
    return preview


def _refused_statuses(
    session: Session, records: Sequence[ActionRecord], existing: dict[str, MandateAction], now: datetime
) -> Iterator[Problem]:
    """Say which statuses of known actions the rules refuse, such as a step back that nobody explains."""
    for item in records:
        action = existing.get(item.code)
        entry = session.get(StatusEntry, action.declared_entry_id) if action and action.declared_entry_id else None
        if action is None or entry is None or not _differs(session, action, item):
            continue
        if item.as_of < entry.as_of:
            yield Problem(
                item.row,
                "as_of",
                item.as_of.isoformat(),
                N_("Sul sito c'è uno stato più recente: aggiorna la riga, o toglila dal file."),
            )
            continue
        if not _status_differs(session, action, item):
            continue
        try:
            check_status(_status(item), before=Status(entry.status), today=civil_day(now))
        except Refused as refusal:
            yield Problem(item.row, refusal.field or "status", "", refusal.message)


def _refused_changes(records: Sequence[ActionRecord], existing: dict[str, MandateAction]) -> Iterator[Problem]:
    """Say what a file may not change of a known action: its kind, its mandate, the list of its parts."""
    for item in records:
        action = existing.get(item.code)
        if action is None:
            continue
        if action.kind != item.kind:
            yield Problem(
                item.row, "kind", item.kind, N_("L'azione è già pubblicata come un'altra cosa: il tipo non si cambia da un file.")
            )
        if action.mandate_code != item.mandate:
            yield Problem(item.row, "mandate", item.mandate, N_("L'azione è già di un altro mandato: usa un codice nuovo."))
        if [p.title_it for p in action.parts] != [title for title, _ in item.parts]:
            yield Problem(
                item.row,
                "parts",
                "",
                N_("Le parti di un'azione pubblicata non si cambiano da un file: lasciale come nell'esportazione."),
            )


def _differs(session: Session, action: MandateAction, item: ActionRecord) -> bool:
    """Say whether importing the row would change anything."""
    return (
        _words_differ(session, action, item)
        or _status_differs(session, action, item)
        or _classification(session, action, item) is not None
        or bool(_changed_parts(session, action, item))
    )


def _classification(session: Session, action: MandateAction, item: ActionRecord) -> Classification | None:
    """Return where the row says the action belongs, None when that is where it is; its links to the plan stay."""
    sites = tuple((code, item.sites_basis) for code in sorted(item.sites))
    told = (item.direction, item.lead_office, item.importance, item.tags, sites)
    now = (
        action.direction_code,
        action.lead_office_code,
        action.importance,
        tuple(t.tag for t in action.tags),
        tuple((s.quartiere_code, SiteBasis(s.basis)) for s in action.sites),
    )
    if told == now:
        return None
    operational = session.scalars(select(ActionObjective.operational_id).where(ActionObjective.action_id == action.id))
    sheets = session.scalars(select(ActionPeg.peg_id).where(ActionPeg.action_id == action.id))
    return Classification(
        direction_code=item.direction,
        lead_office_code=item.lead_office,
        importance=item.importance,
        tags=item.tags,
        sites=sites,
        operational_ids=tuple(operational),
        peg_ids=tuple(sheets),
    )


def _changed_parts(session: Session, action: MandateAction, item: ActionRecord) -> list[tuple[int, Status]]:
    """List the parts whose status the row tells anew, as (number, status)."""
    if not item.parts:
        return []
    mine = (StatusEntry.action_id == action.id, StatusEntry.part_number > 0, StatusEntry.voice == Voice.DECLARED)
    told = {e.part_number: e.status for e in session.scalars(select(StatusEntry).where(*mine).order_by(StatusEntry.seq))}
    return [(n, status) for n, (_, status) in enumerate(item.parts, start=1) if told.get(n) != status]


def _status(item: ActionRecord) -> StatusData:
    return StatusData(
        status=item.status,
        as_of=item.as_of,
        as_of_precision=item.as_of_precision,
        note_it=item.note_it,
        note_en=item.note_en,
        cause_it=item.cause_it,
        source_url=item.source_url,
    )


def _existing(session: Session, records: Sequence[ActionRecord]) -> dict[str, MandateAction]:
    found: dict[str, MandateAction] = {}
    codes = [r.code for r in records]
    for start in range(0, len(codes), 500):
        chunk = select(MandateAction).where(MandateAction.code.in_(codes[start : start + 500]))
        found |= {a.code: a for a in session.scalars(chunk)}
    return found


def _words(item: ActionRecord) -> dict[str, object]:
    values = {name: getattr(item, name) for name in TEXTS if not name.startswith("summary")}
    return values | {"summary_it": item.note_it, "summary_en": item.note_en}


def _words_differ(session: Session, action: MandateAction, item: ActionRecord) -> bool:
    version = current_version(session, action)
    return version is None or any(getattr(version, name) != value for name, value in _words(item).items())


def _status_differs(session: Session, action: MandateAction, item: ActionRecord) -> bool:
    entry = session.get(StatusEntry, action.declared_entry_id) if action.declared_entry_id else None
    told = (item.status, item.as_of, item.as_of_precision, item.cause_it)
    return entry is None or (entry.status, entry.as_of, entry.as_of_precision, entry.cause_it) != told


def _import_one(
    session: Session, who: Actor, action: MandateAction | None, item: ActionRecord, *, by_label: str, now: datetime
) -> None:
    if action is None:
        action = _create(session, item, now)
    elif (data := _classification(session, action, item)) is not None:
        classify_action(session, who, action, data, version=action.version, now=now)
    if _words_differ(session, action, item):
        publish_version(session, who, action, words=_words(item), now=now)
    if _status_differs(session, action, item):
        record_status(session, who, action, _status(item), by_label=by_label, now=now)
    for number, status in _changed_parts(session, action, item):
        part = StatusData(status=status, as_of=item.as_of, as_of_precision=item.as_of_precision, source_url=item.source_url)
        record_status(session, who, action, part, part_number=number, by_label=by_label, now=now)


def _create(session: Session, item: ActionRecord, now: datetime) -> MandateAction:
    action = MandateAction(
        code=item.code,
        mandate_code=item.mandate,
        direction_code=item.direction,
        kind=item.kind,
        lead_office_code=item.lead_office,
        importance=item.importance,
        created_at=now,
    )
    action.tags = [ActionTag(tag=tag, position=n) for n, tag in enumerate(item.tags)]
    action.sites = [ActionSite(quartiere_code=code, basis=item.sites_basis) for code in item.sites]
    action.parts = [ActionPart(number=n, title_it=title) for n, (title, _) in enumerate(item.parts, start=1)]
    session.add(action)
    session.flush()
    return action


def classify_action(
    session: Session, who: Actor, action: MandateAction, data: Classification, *, version: int, now: datetime
) -> None:
    """Say where an action belongs: direction, office, importance, topics, quartieri, objectives.

    Raises NotAllowed; Stale: when somebody classified it meanwhile.
    """
    if not permits.may_publish(who, action):
        raise NotAllowed
    seen = update(MandateAction).where(MandateAction.id == action.id, MandateAction.version == version)
    values = {
        "direction_code": data.direction_code,
        "lead_office_code": data.lead_office_code,
        "importance": data.importance,
        "version": version + 1,
    }
    if session.execute(seen.values(**values).returning(MandateAction.id)).first() is None:
        raise Stale(N_("Qualcuno ha cambiato la classificazione nel frattempo: ricarica la pagina e ripeti la modifica."))
    for table in (ActionTag, ActionSite, ActionObjective, ActionPeg):
        session.execute(delete(table).where(table.action_id == action.id))
    session.add_all(ActionTag(action_id=action.id, tag=tag, position=n) for n, tag in enumerate(data.tags))
    session.add_all(ActionSite(action_id=action.id, quartiere_code=code, basis=basis) for code, basis in data.sites)
    session.add_all(ActionObjective(action_id=action.id, operational_id=i) for i in data.operational_ids)
    session.add_all(ActionPeg(action_id=action.id, peg_id=i) for i in data.peg_ids)
    session.flush()
    session.expire(action)
    if words := current_version(session, action):
        index_action(session, action, words)
    facts = {"tags": list(data.tags), "sites": [code for code, _ in data.sites], "office": data.lead_office_code}
    record(session, who, "planning.action_classified", subject=("action", action.code), now=now, facts=facts)
