"""A city of a given size, by bulk SQL: the bench measures reading, not the commands."""

from datetime import UTC, date, datetime

from sqlalchemy import insert, update

from civic.city.commands import EnteData, OfficeData, add_office, set_identity
from civic.city.models import OfficeKind
from civic.kernel import schema
from civic.kernel.actor import system
from civic.kernel.db import Database
from civic.kernel.search import SearchEntry, stems
from civic.planning.models import (
    ActionTag,
    ActionVersion,
    Mandate,
    MandateAction,
    Status,
    StatusEntry,
    Voice,
)

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
_STATUSES = list(Status)
_WORDS = ("scuola", "tram", "giardino", "alloggi", "biblioteca", "piazza", "nido", "piscina", "ponte", "alberi")
LONG = "B0001"


def build(url: str, *, actions: int, history: int) -> None:
    """Migrate an empty database and fill it: `actions` actions of one entry, and one action with `history` entries."""
    database = Database(url)
    schema.upgrade(database)
    who = system("Bench")
    with database.writing() as session:
        set_identity(session, who, EnteData(name="Comune di Misura", short_name="Misura"), version=0, now=NOW)
        add_office(session, who, OfficeData(code="ufficio", name="Ufficio", kind=OfficeKind.UFFICIO), now=NOW)
        session.add(Mandate(code="2024-2029", title_it="Programma"))
        session.flush()
        ids = range(1, actions + 1)
        session.execute(insert(MandateAction), [_action(i) for i in ids])
        session.execute(insert(ActionVersion), [_version(i) for i in ids])
        session.execute(insert(ActionTag), [{"action_id": i, "tag": _WORDS[i % 10], "position": 0} for i in ids])
        session.execute(insert(StatusEntry), [_entry(i, i, 1) for i in ids])
        more = [_entry(actions + n, 1, n) for n in range(2, history + 1)]
        if more:
            session.execute(insert(StatusEntry), more)
        session.execute(update(MandateAction).values(declared_entry_id=MandateAction.id))
        newest = more[-1]["id"] if more else 1
        session.execute(update(MandateAction).where(MandateAction.id == 1).values(declared_entry_id=newest))
        session.execute(insert(SearchEntry), [_search(i) for i in ids])
    database.dispose()


def _title(i: int) -> str:
    return f"{_WORDS[i % 10].capitalize()} numero {i} nel quartiere {i % 5 + 1}"


def _action(i: int) -> dict[str, object]:
    return {
        "id": i,
        "code": f"B{i:04}",
        "mandate_code": "2024-2029",
        "kind": "action",
        "lead_office_code": "ufficio",
        "current_version": 1,
        "version": 1,
        "created_at": NOW,
    }


def _version(i: int) -> dict[str, object]:
    return {
        "action_id": i,
        "number": 1,
        "title_it": _title(i),
        "title_en": "",
        "summary_it": "Che cosa si fa, in breve.",
        "summary_en": "",
        "unit_it": "",
        "unit_en": "",
        "source_url": "",
        "published_at": NOW,
        "approved_by_label": "Ufficio",
    }


def _entry(entry_id: int, action_id: int, seq: int) -> dict[str, object]:
    status = _STATUSES[(action_id + seq) % len(_STATUSES)]
    return {
        "id": entry_id,
        "action_id": action_id,
        "part_number": 0,
        "voice": Voice.DECLARED,
        "seq": seq,
        "status": status,
        "note_it": "Una nota di qualche parola.",
        "note_en": "",
        "cause_it": "Una causa.",
        "source_url": "https://example.org/fonte",
        "as_of": date(2026, 1, 1),
        "as_of_precision": "day",
        "by_label": "Ufficio",
        "recorded_at": NOW,
    }


def _search(i: int) -> dict[str, object]:
    return {"kind": "action", "ref": f"B{i:04}", "stems": " ".join(stems(_title(i)))}
