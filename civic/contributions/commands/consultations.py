"""Consultations, their phases and outcome; the codebook of themes; saved replies."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from civic.contributions import permits
from civic.contributions.models import Consultation, ConsultationPhase, ReplyTemplate, Theme
from civic.journal.commands import record
from civic.kernel.actor import Actor
from civic.kernel.clock import civil_day
from civic.kernel.db import refusing
from civic.kernel.errors import Missing, NotAllowed, Refused, Stale
from civic.kernel.text import N_, slugify


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsultationData:
    """What a consultation asks, who runs it, from when to when."""

    title_it: str
    question_it: str
    office_code: str
    starts_on: date
    ends_on: date
    title_en: str = ""
    question_en: str = ""


def _require(who: Actor) -> None:
    if not permits.may_edit_consultations(who):
        raise NotAllowed


def open_consultation(session: Session, who: Actor, data: ConsultationData, *, now: datetime) -> Consultation:
    """Open a consultation; its address is made of its title and never changes. Raises NotAllowed, Refused."""
    _require(who)
    _check_days(data.starts_on, data.ends_on)
    made = Consultation(code=slugify(data.title_it, most=50), **_columns(data))
    taken = Refused(N_("C'è già un percorso con questo titolo: cambialo un poco."), field="title_it")
    with refusing(session, {"pk_consultation": taken}):
        session.add(made)
    record(session, who, "contributions.consultation_saved", subject=("consultation", made.code), now=now, facts=_facts(data))
    return made


def change_consultation(session: Session, who: Actor, code: str, data: ConsultationData, *, version: int, now: datetime) -> None:
    """Change a consultation. Raises NotAllowed, Refused. Raises Stale: when somebody changed it meanwhile."""
    _require(who)
    _check_days(data.starts_on, data.ends_on)
    change = update(Consultation).where(Consultation.code == code, Consultation.version == version)
    if session.execute(change.values(**_columns(data), version=version + 1).returning(Consultation.code)).first() is None:
        raise Stale(N_("Qualcuno ha cambiato questo percorso nel frattempo."))
    record(session, who, "contributions.consultation_saved", subject=("consultation", code), now=now, facts=_facts(data))


def _check_days(starts_on: date, ends_on: date) -> None:
    if ends_on < starts_on:
        raise Refused(N_("La fine viene prima dell'inizio: controlla i due giorni."), field="ends_on")


def _columns(data: ConsultationData) -> dict[str, object]:
    return {name: getattr(data, name) for name in ConsultationData.__dataclass_fields__}


def _facts(data: ConsultationData) -> dict[str, str]:
    return {"title": data.title_it, "from": data.starts_on.isoformat(), "to": data.ends_on.isoformat()}


def add_phase(session: Session, who: Actor, code: str, *, title_it: str, title_en: str, starts_on: date, ends_on: date) -> None:
    """Add a phase at the end of a consultation. Raises NotAllowed, Missing, Refused."""
    _require(who)
    _check_days(starts_on, ends_on)
    if session.get(Consultation, code) is None:
        raise Missing
    last = session.scalar(select(func.max(ConsultationPhase.number)).where(ConsultationPhase.consultation_code == code))
    phase = ConsultationPhase(
        consultation_code=code,
        number=(last or 0) + 1,
        title_it=title_it,
        title_en=title_en,
        starts_on=starts_on,
        ends_on=ends_on,
    )
    twice = Refused(N_("Qualcuno ha aggiunto una fase nello stesso momento: riprova."))
    with refusing(session, {"uq_consultation_phase_consultation_code_number": twice}):
        session.add(phase)


def tell_outcome(session: Session, who: Actor, code: str, *, outcome_it: str, outcome_en: str, now: datetime) -> None:
    """Say what came of a consultation. Raises NotAllowed, Missing."""
    _require(who)
    told = {"outcome_it": outcome_it, "outcome_en": outcome_en, "outcome_on": civil_day(now)}
    change = update(Consultation).where(Consultation.code == code).values(**told, version=Consultation.version + 1)
    if session.execute(change.returning(Consultation.code)).first() is None:
        raise Missing
    facts = {"outcome": outcome_it}
    record(session, who, "contributions.consultation_saved", subject=("consultation", code), now=now, facts=facts)


def add_theme(session: Session, who: Actor, *, label_it: str, label_en: str, definition: str) -> Theme:
    """Add a theme to the codebook. Raises NotAllowed. Raises Refused: when it is there already."""
    _require(who)
    theme = Theme(code=slugify(label_it, most=40), label_it=label_it, label_en=label_en, definition=definition)
    with refusing(session, {"pk_contribution_theme": Refused(N_("Questo tema c'è già."), field="label_it")}):
        session.add(theme)
    return theme


def save_template(session: Session, who: Actor, *, office_code: str | None, title: str, text: str) -> None:
    """Save a reply to use again, for an office or with None for everyone who answers.

    Raises NotAllowed. Raises Refused: when there is one of this title.
    """
    if not permits.may_save_reply(who, office_code):
        raise NotAllowed
    twice = Refused(N_("L'ufficio ha già una risposta con questo titolo."), field="title")
    for_all = Refused(N_("C'è già una risposta di tutti con questo titolo."), field="title")
    names = {
        "uq_contribution_reply_template_office_code_title": twice,
        "uq_contribution_reply_template_ente": for_all,
    }
    with refusing(session, names):
        session.add(ReplyTemplate(office_code=office_code, title=title, text=text))
