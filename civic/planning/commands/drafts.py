"""From a draft to the public page: save, submit, return, publish."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from civic.city.models import Quartiere
from civic.journal.commands import record
from civic.kernel.actor import Actor
from civic.kernel.clock import civil_day
from civic.kernel.db import refusing
from civic.kernel.errors import Missing, NotAllowed, Refused, Stale
from civic.kernel.permissions import Permission
from civic.kernel.persons import Person
from civic.kernel.search import index
from civic.kernel.text import N_
from civic.outbox.commands import post
from civic.people.queries.staff import mailbox_of, mailboxes_for
from civic.planning import permits
from civic.planning.commands.statuses import record_status
from civic.planning.models import ActionDraft, ActionVersion, DraftState, MandateAction, Status
from civic.planning.queries.actions import current_version, draft_of
from civic.planning.rules import StatusData, check_status

_CHANGED = N_("Qualcuno ha cambiato questa bozza nel frattempo: qui sotto trovi che cosa c'è adesso e che cosa hai scritto tu.")
TEXTS = (
    "title_it",
    "title_en",
    "summary_it",
    "summary_en",
    "quantity",
    "target",
    "unit_it",
    "unit_en",
    "amount_eur",
    "source_url",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftData:
    """A draft as its form holds it; `status` is '' when no new status is proposed."""

    title_it: str
    title_en: str = ""
    summary_it: str = ""
    summary_en: str = ""
    quantity: Decimal | None = None
    target: Decimal | None = None
    unit_it: str = ""
    unit_en: str = ""
    amount_eur: Decimal | None = None
    source_url: str = ""
    status: str = ""
    status_note_it: str = ""
    status_cause_it: str = ""
    status_source_url: str = ""
    status_as_of: date | None = None


def save_draft(session: Session, who: Actor, action: MandateAction, data: DraftData, *, version: int, now: datetime) -> None:
    """Save a draft. `version` is the draft's version that the editor saw, 0 when there was none.

    Raises NotAllowed; Refused: for a status that the rules refuse; Stale: when somebody saved meanwhile.
    """
    if not permits.may_draft(who, action):
        raise NotAllowed
    _check_proposal(data, now)
    values = asdict(data) | {"updated_at": now, "state": DraftState.OPEN}
    if version == 0:
        with refusing(session, {"uq_plan_action_draft_action_id": Refused(_CHANGED)}):
            if draft_of(session, action.id) is not None:
                raise Stale(_CHANGED)
            # The first author stays: it is her office that speaks, and her home that shows the draft.
            session.add(ActionDraft(action_id=action.id, author_label=who.label, author_ref=who.ref, **values))
        return
    seen = update(ActionDraft).where(ActionDraft.action_id == action.id, ActionDraft.version == version)
    changed = session.execute(seen.values(**values, version=version + 1).returning(ActionDraft.id)).first()
    if changed is None:
        raise Stale(_CHANGED)


def _check_proposal(data: DraftData, now: datetime) -> None:
    if not data.status:
        return
    if data.status_as_of is None:
        raise Refused(N_("Indica il giorno a cui si riferisce il nuovo stato."), field="status_as_of")
    try:
        check_status(_proposal(data), before=None, today=civil_day(now))
    except Refused as refusal:
        raise Refused(refusal.message, field=f"status_{refusal.field}") from refusal


def _proposal(data: "DraftData | ActionDraft") -> StatusData:
    if data.status_as_of is None:
        raise Refused(N_("Indica il giorno a cui si riferisce il nuovo stato."), field="status_as_of")
    return StatusData(
        status=Status(data.status),
        as_of=data.status_as_of,
        note_it=data.status_note_it,
        cause_it=data.status_cause_it,
        source_url=data.status_source_url,
    )


def submit_draft(
    session: Session, who: Actor, action: MandateAction, *, version: int, link: str, site: str, now: datetime
) -> None:
    """Hand a draft to whoever approves it, and tell them by mail."""
    if not permits.may_draft(who, action):
        raise NotAllowed
    draft = _seen_draft(session, action, version)
    draft.state, draft.return_note = DraftState.SUBMITTED, ""
    draft.updated_at, draft.version = now, version + 1
    session.flush()
    values = {"title": draft.title_it, "office": who.label, "link": link, "site": site}
    for ref, address in mailboxes_for(session, Permission.PLANNING_ACTION_PUBLISH, *permits.scopes_of(action)):
        if ref != who.ref:
            key = f"draft-submitted:{draft.id}:{version}:{ref}"
            post(session, "planning.draft_submitted", key=key, to=address, values=values, now=now)
    record(session, who, "planning.draft_submitted", subject=("action", action.code), now=now, facts={})


def return_draft(
    session: Session, who: Actor, action: MandateAction, *, version: int, note: str, link: str, site: str, now: datetime
) -> None:
    """Send a draft back with a note, and tell its author."""
    if not permits.may_publish(who, action):
        raise NotAllowed
    draft = _seen_draft(session, action, version)
    draft.state, draft.return_note, draft.version = DraftState.OPEN, note, version + 1
    session.flush()
    address = mailbox_of(session, draft.author_ref)
    if address and draft.author_ref != who.ref:
        values = {"title": draft.title_it, "note": note, "link": link, "site": site}
        key = f"draft-returned:{draft.id}:{version}"
        post(session, "planning.draft_returned", key=key, to=address, values=values, now=now)
    record(session, who, "planning.draft_returned", subject=("action", action.code), now=now, facts={})


def _seen_draft(session: Session, action: MandateAction, version: int) -> ActionDraft:
    """Lock the draft in the version that was seen. Raises Missing without a draft, Stale for another version."""
    draft = draft_of(session, action.id, lock=True)
    if draft is None:
        raise Missing
    if draft.version != version:
        raise Stale(N_("Qualcuno ha cambiato questa bozza nel frattempo: riaprila e guarda che cosa dice adesso."))
    return draft


def publish_draft(session: Session, who: Actor, action: MandateAction, *, version: int, now: datetime) -> None:
    """Approve a draft: its words become the public version, its proposed status enters the history.

    Raises NotAllowed, Missing, Stale, or Refused when the status is no longer allowed.
    """
    if not permits.may_publish(who, action):
        raise NotAllowed
    draft = _seen_draft(session, action, version)
    words = {name: getattr(draft, name) for name in TEXTS}
    if _differs(session, action, words):
        publish_version(session, who, action, words=words, now=now)
    if draft.status:
        record_status(session, who, action, _proposal(draft), by_label=draft.author_label, now=now)
    session.execute(delete(ActionDraft).where(ActionDraft.id == draft.id, ActionDraft.version == version))


def _differs(session: Session, action: MandateAction, words: dict[str, object]) -> bool:
    current = current_version(session, action)
    return current is None or any(getattr(current, name) != value for name, value in words.items())


def publish_version(
    session: Session, who: Actor, action: MandateAction, *, words: dict[str, object], now: datetime
) -> ActionVersion:
    """Add the next public version of an action, index its words, and chain the fact."""
    version = ActionVersion(
        action_id=action.id, number=action.current_version + 1, published_at=now, approved_by_label=who.label, **words
    )
    race = Refused(N_("Qualcuno ha pubblicato questa azione in questo momento: ricarica la pagina."))
    with refusing(session, {"pk_plan_action_version": race}):
        session.add(version)
    action.current_version = version.number
    index_action(session, action, version)
    record(
        session, who, "planning.version_published", subject=("action", action.code), now=now, facts=version_facts(action, version)
    )
    return version


def version_facts(action: MandateAction, version: ActionVersion) -> dict[str, object]:
    """Write a version as the facts that the chain holds; `civic check` compares the stored row with them."""
    words = {name: getattr(version, name) for name in TEXTS}
    plain = {name: f"{value:.2f}" if isinstance(value, Decimal) else value for name, value in words.items()}
    return plain | {"number": version.number, "kind": str(action.kind), "mandate": action.mandate_code}


def index_action(session: Session, action: MandateAction, version: ActionVersion) -> None:
    """Put an action's public words, topics and places into the search index."""
    words = [
        action.code,
        version.title_it,
        version.summary_it,
        *(t.tag for t in action.tags),
        *(p.title_it for p in action.parts),
    ]
    here = select(Quartiere).where(Quartiere.code.in_([s.quartiere_code for s in action.sites]))
    places = [f"{q.code} quartiere {q.number} {q.name}" for q in session.scalars(here)]
    index(session, kind="action", ref=action.code, texts=[*words, *places])


def erase_person(session: Session, person: Person, *, now: datetime) -> int:
    """Forget who wrote the drafts that still wait; the drafts stay, told by the office. Returns how many."""
    mine = update(ActionDraft).where(ActionDraft.author_ref == person.ref).values(author_ref="").returning(ActionDraft.id)
    return len(session.execute(mine).all())
