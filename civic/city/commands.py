"""Changing what is where. Each verb asks its permit, writes, and records what happened."""

from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from civic.city import permits, rules
from civic.city.models import (
    Ente,
    FooterLink,
    Holiday,
    Office,
    OfficeKind,
    Provider,
    ProviderKind,
    Quartiere,
    ReportKind,
    Service,
    SilenceWindow,
    SiteReport,
    Threshold,
)
from civic.journal.commands import record
from civic.kernel.actor import Actor
from civic.kernel.clock import civil_day
from civic.kernel.codes import receipt_code
from civic.kernel.db import is_added, refusing
from civic.kernel.errors import Missing, NotAllowed, Refused, Stale
from civic.kernel.persons import Person
from civic.kernel.text import N_
from civic.outbox.commands import erase_person as erase_mail
from civic.outbox.commands import post, post_unconfirmed, reword_mail
from civic.outbox.rules import Asked

ERASED = "(cancellato)"
_CHANGED_MEANWHILE = N_(
    "Qualcuno ha cambiato questa scheda nel frattempo. Ciò che hai scritto è qui sotto: se lo invii di nuovo, vale il tuo."
)
_CODE_TAKEN = N_("Questo codice è già usato: scegline un altro.")


@dataclass(frozen=True, slots=True, kw_only=True)
class EnteData:
    """The ente's identity as its form holds it."""

    name: str
    short_name: str
    tagline_it: str = ""
    tagline_en: str = ""
    region: str = ""
    region_url: str = ""
    ipa_code: str = ""
    address: str = ""
    postal_code: str = ""
    town: str = ""
    phone: str = ""
    email: str = ""
    pec: str = ""
    vat_number: str = ""
    site_url: str = ""
    privacy_contact: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeData:
    """An office as its form holds it."""

    code: str
    name: str
    kind: OfficeKind
    name_en: str = ""
    parent_code: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    basis_it: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class QuartiereData:
    """A quartiere as its form holds it."""

    code: str
    number: int
    name: str
    population: int | None = None
    population_verified: bool = False
    population_note_it: str = ""
    population_note_en: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderData:
    """A provider as its form holds it."""

    code: str
    name: str
    kind: ProviderKind
    note_it: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceData:
    """A service as its form holds it."""

    code: str
    name_it: str
    category: str
    office_code: str
    name_en: str = ""
    provider_code: str | None = None
    per_quartiere: bool = False
    active: bool = True
    basis_it: str = ""
    source_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportData:
    """A message about this site as its form holds it."""

    form_key: str
    kind: ReportKind
    text: str
    page: str = ""
    email: str = ""


def _require(allowed: bool) -> None:
    if not allowed:
        raise NotAllowed


def _changed(session: Session, who: Actor, now: datetime, thing: str, code: str) -> None:
    record(session, who, "city.catalogue_changed", subject=(thing, code), now=now, facts={})


def set_identity(session: Session, who: Actor, data: EnteData, *, version: int, now: datetime) -> None:
    """Set who the municipality is. `version` is the one the editor saw, 0 for a new installation.

    Raises Stale: when somebody changed it meanwhile.
    """
    _require(permits.may_edit_identity(who))
    if version == 0 and session.get(Ente, 1) is None:
        session.add(Ente(id=1, **asdict(data)))
    else:
        _update_seen(session, update(Ente).where(Ente.version == version).values(**asdict(data), version=version + 1))
    record(session, who, "city.identity_changed", subject=("ente", "1"), now=now, facts={"name": data.name})


def _update_seen(session: Session, change: Any) -> None:
    """Run an update that names the version it saw. Raises Stale when that version is gone."""
    if session.connection().execute(change).rowcount != 1:
        raise Stale(_CHANGED_MEANWHILE)
    session.expire_all()


def add_footer_link(
    session: Session, who: Actor, *, label_it: str, label_en: str, url: str, position: int, now: datetime
) -> None:
    """Add a link to the footer."""
    _require(permits.may_edit_identity(who))
    session.add(FooterLink(label_it=label_it, label_en=label_en, url=url, position=position))
    record(session, who, "city.identity_changed", subject=("footer", "link"), now=now, facts={"label": label_it})


def remove_footer_link(session: Session, who: Actor, link_id: int, *, now: datetime) -> None:
    """Take a link out of the footer."""
    _require(permits.may_edit_identity(who))
    session.execute(delete(FooterLink).where(FooterLink.id == link_id))
    record(session, who, "city.identity_changed", subject=("footer", "link"), now=now, facts={"removed": link_id})


def set_threshold(session: Session, who: Actor, name: str, value: int, *, now: datetime) -> None:
    """Set a threshold of the house. It can be made stricter than the default, never laxer."""
    _require(permits.may_edit_identity(who))
    rule = rules.THRESHOLDS[name]
    if value < rule.default:
        raise Refused(N_("La soglia non può scendere sotto %(least)s."), field=name, least=rule.default)
    session.merge(Threshold(name=name, value=value))
    record(session, who, "city.identity_changed", subject=("threshold", name), now=now, facts={"value": value})


def change_mail(session: Session, who: Actor, kind: str, *, subject: str, body: str, version: int, now: datetime) -> None:
    """Change the words of a mail."""
    _require(permits.may_edit_identity(who))
    reword_mail(session, kind, subject=subject, body=body, version=version)
    record(session, who, "city.identity_changed", subject=("mail", kind), now=now, facts={})


def schedule_silence(
    session: Session, who: Actor, *, starts_on: date, ends_on: date, reason: str, now: datetime
) -> SilenceWindow:
    """Schedule a window of election silence, first and last day included."""
    _require(permits.may_edit_identity(who))
    if ends_on < starts_on:
        raise Refused(N_("L'ultimo giorno viene prima del primo."), field="ends_on")
    window = SilenceWindow(starts_on=starts_on, ends_on=ends_on, reason=reason)
    session.add(window)
    session.flush()
    facts = {"starts_on": starts_on.isoformat(), "ends_on": ends_on.isoformat(), "reason": reason}
    record(session, who, "city.silence_scheduled", subject=("silence", str(window.id)), now=now, facts=facts)
    return window


def add_office(session: Session, who: Actor, data: OfficeData, *, now: datetime) -> Office:
    """Add an office."""
    _require(permits.may_edit_catalogue(who))
    _check_dates(data.valid_from, data.valid_to)
    office = Office(**asdict(data))
    with refusing(session, {"pk_city_office": Refused(_CODE_TAKEN, field="code")}):
        session.add(office)
    _changed(session, who, now, "office", data.code)
    return office


def change_office(session: Session, who: Actor, data: OfficeData, *, version: int, now: datetime) -> None:
    """Change an office; its code stays. Raises Stale: when somebody changed it meanwhile."""
    _require(permits.may_edit_catalogue(who))
    _check_dates(data.valid_from, data.valid_to)
    _check_parents(session, data)
    values = {k: v for k, v in asdict(data).items() if k != "code"}
    seen = update(Office).where(Office.code == data.code, Office.version == version)
    must_end = Refused(
        N_("Un altro ufficio prosegue già il suo lavoro: il giorno in cui finisce deve restare."), field="valid_to"
    )
    with refusing(session, {"ck_city_office_successor_needs_end": must_end}):
        _update_seen(session, seen.values(**values, version=version + 1))
    _changed(session, who, now, "office", data.code)


def _check_parents(session: Session, data: OfficeData) -> None:
    """Walk up from the parent: the office itself must not stand above itself."""
    above, steps = data.parent_code, 0
    while above is not None and steps < 50:
        if above == data.code:
            raise Refused(N_("Un ufficio non può dipendere da sé stesso, nemmeno passando per altri."), field="parent_code")
        office, steps = session.get(Office, above), steps + 1
        above = office.parent_code if office else None


def _check_dates(first: date | None, last: date | None) -> None:
    if first and last and last < first:
        raise Refused(N_("L'ufficio finisce prima di cominciare: controlla le due date."), field="valid_to")


def reorganise_office(session: Session, who: Actor, code: str, *, ends_on: date, successor_code: str, now: datetime) -> None:
    """Close an office on a day and name the one that goes on from there; its services move to the successor.

    Its past stays under its own name. Raises Refused: when the successor does not exist on the following day, or when
    it goes back to the office itself.
    """
    _require(permits.may_edit_catalogue(who))
    office, successor = session.get(Office, code), session.get(Office, successor_code)
    if office is None:
        raise Missing
    if successor is None or successor_code == code:
        raise Refused(N_("Scegli l'ufficio che prosegue il lavoro."), field="successor_code")
    if office.valid_to is not None:
        raise Refused(N_("Questo ufficio è già chiuso dal %(day)s."), field="ends_on", day=office.valid_to.isoformat())
    _check_dates(office.valid_from, ends_on)
    if not rules.is_valid_on(successor.valid_from, successor.valid_to, ends_on + timedelta(days=1)):
        raise Refused(N_("L'ufficio che prosegue non esiste ancora, o non più, quel giorno."), field="successor_code")
    office.valid_to, office.successor_code, office.version = ends_on, successor_code, office.version + 1
    session.execute(update(Service).where(Service.office_code == code).values(office_code=successor_code))
    facts = {"ends_on": ends_on.isoformat(), "successor": successor_code}
    record(session, who, "city.office_reorganised", subject=("office", code), now=now, facts=facts)


def _must_be_free(session: Session, table: type[Quartiere] | type[Provider], code: str) -> None:
    if session.get(table, code) is not None:
        raise Refused(_CODE_TAKEN, field="code")


def save_quartiere(session: Session, who: Actor, data: QuartiereData, *, new: bool = False, now: datetime) -> None:
    """Add a quartiere or change it. Raises Refused: for a number that another has, or a code in use when it is `new`."""
    _require(permits.may_edit_catalogue(who))
    if new:
        _must_be_free(session, Quartiere, data.code)
    with refusing(
        session, {"uq_city_quartiere_number": Refused(N_("Questo numero è già di un altro quartiere."), field="number")}
    ):
        session.merge(Quartiere(**asdict(data)))
    _changed(session, who, now, "quartiere", data.code)


def save_provider(session: Session, who: Actor, data: ProviderData, *, new: bool = False, now: datetime) -> None:
    """Add a provider or change it. Raises Refused: for a code in use when it is `new`."""
    _require(permits.may_edit_catalogue(who))
    if new:
        _must_be_free(session, Provider, data.code)
    session.merge(Provider(**asdict(data)))
    _changed(session, who, now, "provider", data.code)


def add_service(session: Session, who: Actor, data: ServiceData, *, now: datetime) -> None:
    """Add a service to the catalogue."""
    _require(permits.may_edit_catalogue(who))
    with refusing(session, {"pk_city_service": Refused(_CODE_TAKEN, field="code")}):
        session.add(Service(**asdict(data)))
    _changed(session, who, now, "service", data.code)


def change_service(session: Session, who: Actor, data: ServiceData, *, version: int, now: datetime) -> None:
    """Change a service; its code stays. Raises Stale: when somebody changed it meanwhile."""
    _require(permits.may_edit_catalogue(who))
    values = {k: v for k, v in asdict(data).items() if k != "code"}
    seen = update(Service).where(Service.code == data.code, Service.version == version)
    _update_seen(session, seen.values(**values, version=version + 1))
    _changed(session, who, now, "service", data.code)


def add_holiday(
    session: Session, who: Actor, *, month: int, day: int, every: int, name_it: str, name_en: str, now: datetime
) -> None:
    """Add a local holiday, of every year (`every` 0) or of one. Raises Refused: for a day that does not exist."""
    _require(permits.may_edit_catalogue(who))
    try:
        date(every or 2024, month, day)
    except ValueError as error:
        raise Refused(N_("Questo giorno non esiste: controlla giorno e mese."), field="day") from error
    with refusing(session, {"uq_city_holiday_once": Refused(N_("Questa festività c'è già."), field="day")}):
        session.add(Holiday(month=month, day=day, every=every, name_it=name_it, name_en=name_en))
    _changed(session, who, now, "holiday", f"{month:02}-{day:02}")


def remove_holiday(session: Session, who: Actor, holiday_id: int, *, now: datetime) -> None:
    """Take a local holiday away."""
    _require(permits.may_edit_catalogue(who))
    session.execute(delete(Holiday).where(Holiday.id == holiday_id))
    _changed(session, who, now, "holiday", str(holiday_id))


def file_report(session: Session, data: ReportData, *, link: str, site: str, asked: Asked, now: datetime) -> SiteReport:
    """Take a message about this site; the same form sent twice is one report, with one receipt.

    `link` is the address of the receipt page with `%s` in the place of the code.
    """
    same = select(SiteReport).where(SiteReport.form_key == data.form_key)
    already = session.scalar(same)
    if already is not None:
        return already
    report = SiteReport(code=receipt_code(), received_at=now, due_on=rules.report_due_on(civil_day(now)), **asdict(data))
    if not is_added(session, report):
        return session.scalars(same).one()
    voice = Actor(label=N_("chi usa il sito"))
    record(session, voice, "city.report_received", subject=("report", report.code), now=now, facts={"kind": data.kind})
    if data.email:
        values = {"code": report.code, "due": report.due_on.strftime("%d/%m/%Y"), "link": link % report.code, "site": site}
        key = f"report-received:{report.code}"
        post_unconfirmed(session, "city.report_received", key=key, to=data.email, values=values, asked=asked, now=now)
    return report


def answer_report(session: Session, who: Actor, code: str, *, answer: str, link: str, site: str, now: datetime) -> None:
    """Answer a report, once; the sender is told when she left an address. Raises Stale: when it has an answer."""
    _require(permits.may_answer_report(who))
    seen = update(SiteReport).where(SiteReport.code == code, SiteReport.answered_at.is_(None))
    if session.connection().execute(seen.values(answer=answer, answered_at=now)).rowcount != 1:
        raise Stale(N_("A questa segnalazione qualcuno ha già risposto."))
    report = session.scalars(select(SiteReport).where(SiteReport.code == code)).one()
    record(session, who, "city.report_answered", subject=("report", code), now=now, facts={})
    if report.email:
        values = {"code": code, "answer": answer, "link": link % code, "site": site}
        post(session, "city.report_answered", key=f"report-answered:{code}", to=report.email, values=values, now=now)


def erase_report(session: Session, who: Actor, code: str, *, now: datetime) -> None:
    """Erase what the sender of a report wrote, and whatever else she sent from the same address; the receipt stays."""
    _require(permits.may_answer_report(who))
    report = session.scalar(select(SiteReport).where(SiteReport.code == code))
    if report is None:
        raise Missing
    if report.email:
        sender = Person("", (report.email,))
        erase_person(session, sender, now=now)
        erase_mail(session, sender, now=now)
    report.text, report.email = ERASED, ""
    record(session, who, "city.report_erased", subject=("report", code), now=now, facts={})


def erase_person(session: Session, person: Person, *, now: datetime) -> int:
    """Erase what a person wrote about the site from her addresses: texts, answers and address. Returns how many."""
    seen = update(SiteReport).where(SiteReport.email.in_(person.addresses))
    return int(session.connection().execute(seen.values(email="", text=ERASED)).rowcount)
