"""What a status is called, and which statements are allowed."""

from dataclasses import dataclass
from datetime import date

from civic.kernel.errors import Refused
from civic.kernel.text import N_
from civic.planning.models import Status


@dataclass(frozen=True, slots=True)
class StatusLook:
    """How a status is shown: words, icon and tone, never the tone alone."""

    label: str
    icon: str
    tone: str
    meaning: str


# In the order in which pages list them.
STATUSES = {
    Status.COMPLETED: StatusLook(N_("Realizzata"), "it-check-circle", "success", N_("È stata fatta.")),
    Status.IN_PROGRESS: StatusLook(N_("In corso"), "it-clock", "info", N_("I lavori o gli atti sono cominciati.")),
    Status.PLANNED: StatusLook(N_("Programmata"), "it-calendar", "neutral", N_("È decisa o finanziata, non ancora cominciata.")),
    Status.NOT_STARTED: StatusLook(N_("Non avviata"), "it-minus-circle", "warning", N_("Non è cominciata.")),
    Status.CRITICAL: StatusLook(
        N_("Critica"), "it-warning-circle", "danger", N_("È ferma o in difficoltà: la causa è indicata.")
    ),
    Status.CHANGED: StatusLook(
        N_("Modificata"), "it-restore", "warning", N_("È cambiata rispetto alla promessa: il motivo è indicato.")
    ),
    Status.WITHDRAWN: StatusLook(N_("Ritirata"), "it-close-circle", "danger", N_("Non si farà: il motivo è indicato.")),
    Status.NOT_ASSESSABLE: StatusLook(N_("Non valutabile"), "it-help-circle", "neutral", N_("La fonte non dice a che punto è.")),
}
NEEDS_CAUSE = frozenset({Status.CRITICAL, Status.CHANGED, Status.WITHDRAWN})
_FORWARD = (Status.NOT_STARTED, Status.PLANNED, Status.IN_PROGRESS, Status.COMPLETED)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusData:
    """A statement about where an action stands."""

    status: Status
    as_of: date
    as_of_precision: str = "day"
    note_it: str = ""
    note_en: str = ""
    cause_it: str = ""
    source_url: str = ""


def check_status(data: StatusData, *, before: Status | None, today: date, newest: date | None = None) -> None:
    """Refuse a statement about the future or older than the newest one, one without its cause, or a step back unexplained.

    >>> check_status(StatusData(status=Status.PLANNED, as_of=date(2026, 1, 1)), before=None, today=date(2026, 1, 2))
    """
    if data.as_of > today:
        raise Refused(N_("La data dello stato è nel futuro: indica il giorno a cui si riferisce."), field="as_of")
    if newest is not None and data.as_of < newest:
        raise Refused(N_("C'è già uno stato più recente: indica un giorno non precedente all'ultimo registrato."), field="as_of")
    if data.status in NEEDS_CAUSE and not data.cause_it:
        raise Refused(N_("Per questo stato occorre dire la causa o il motivo: i cittadini la leggeranno."), field="cause_it")
    if _goes_back(before, data.status) and not data.note_it:
        raise Refused(N_("L'azione torna indietro: spiega perché nella nota."), field="note_it")


def _goes_back(before: Status | None, after: Status) -> bool:
    return before in _FORWARD and after in _FORWARD and _FORWARD.index(after) < _FORWARD.index(before)
