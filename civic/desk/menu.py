"""The desk's navigation: only what the person may enter."""

from flask import request, url_for
from flask_babel import gettext as _

from civic.kernel.permissions import Permission
from civic.kernel.text import N_
from civic.web.town import who

# (endpoint, label, permissions of its door); the architecture test compares them with the doors themselves.
ITEMS = (
    ("desk.home", N_("Cosa mi aspetta"), ()),
    (
        "planning_desk.action_list",
        N_("Azioni del programma"),
        (Permission.PLANNING_ACTION_DRAFT, Permission.PLANNING_ACTION_PUBLISH),
    ),
    (
        "voices_desk.inbox",
        N_("Voci"),
        (Permission.CONTRIBUTIONS_VOICE_TRIAGE, Permission.CONTRIBUTIONS_VOICE_ANSWER),
    ),
    ("voices_desk.hidings", N_("Testi da nascondere"), (Permission.CONTRIBUTIONS_HIDING_DECIDE,)),
    (
        "voices_desk.commitment_list",
        N_("Impegni presi"),
        (Permission.CONTRIBUTIONS_VOICE_TRIAGE, Permission.CONTRIBUTIONS_VOICE_ANSWER),
    ),
    (
        "voices_desk.templates",
        N_("Risposte pronte"),
        (Permission.CONTRIBUTIONS_VOICE_TRIAGE, Permission.CONTRIBUTIONS_VOICE_ANSWER),
    ),
    ("voices_desk.signal_list", N_("Segnali"), (Permission.CONTRIBUTIONS_VOICE_TRIAGE,)),
    ("voices_desk.term_list", N_("Termini per rispondere"), (Permission.CONTRIBUTIONS_VOICE_TRIAGE,)),
    ("voices_desk.consultation_list", N_("Percorsi"), (Permission.CONTRIBUTIONS_CONSULTATION_EDIT,)),
    ("voices_desk.themes", N_("Temi"), (Permission.CONTRIBUTIONS_CONSULTATION_EDIT,)),
    (
        "quality_desk.overview",
        N_("Monitoraggio civico"),
        (Permission.QUALITY_EVIDENCE_EDIT, Permission.QUALITY_WINDOW_REVIEW),
    ),
    ("quality_desk.windows", N_("Flussi anomali"), (Permission.QUALITY_WINDOW_REVIEW,)),
    ("quality_desk.results", N_("Indagini di altri"), (Permission.QUALITY_EVIDENCE_EDIT,)),
    (
        "quality_desk.pages",
        N_("Giudizi sulle pagine"),
        (Permission.QUALITY_EVIDENCE_EDIT, Permission.QUALITY_WINDOW_REVIEW),
    ),
    ("quality_desk.enter", N_("Scrivi una valutazione"), (Permission.QUALITY_RATING_ENTER,)),
    ("quality_desk.employees", N_("Chi lavora dove"), (Permission.QUALITY_EMPLOYEE_EDIT,)),
    ("planning_desk.sheet_list", N_("Schede PEG"), (Permission.PLANNING_PLAN_IMPORT,)),
    ("planning_desk.import_file", N_("Importa un programma"), (Permission.PLANNING_PLAN_IMPORT,)),
    ("city_desk.reports", N_("Segnalazioni sul sito"), (Permission.CITY_REPORT_ANSWER,)),
    ("city_desk.catalogue", N_("Servizi, gestori, quartieri"), (Permission.CITY_CATALOGUE_EDIT,)),
    ("city_desk.offices", N_("Uffici"), (Permission.CITY_CATALOGUE_EDIT,)),
    ("city_desk.holidays", N_("Festività"), (Permission.CITY_CATALOGUE_EDIT,)),
    ("city_desk.identity", N_("Identità dell'ente"), (Permission.CITY_IDENTITY_EDIT,)),
    ("city_desk.footer", N_("Piè di pagina"), (Permission.CITY_IDENTITY_EDIT,)),
    ("city_desk.mails", N_("Testi dei messaggi"), (Permission.CITY_IDENTITY_EDIT,)),
    ("outbox_desk.queue", N_("Posta in uscita"), (Permission.CITY_IDENTITY_EDIT,)),
    ("city_desk.thresholds", N_("Soglie"), (Permission.CITY_IDENTITY_EDIT,)),
    ("city_desk.silence", N_("Silenzio elettorale"), (Permission.CITY_IDENTITY_EDIT,)),
    ("counter.batches", N_("Sportello"), (Permission.PEOPLE_CITIZEN_ASSIST,)),
    ("people_office.residence_list", N_("Verifiche di residenza"), (Permission.PEOPLE_RESIDENCE_DECIDE,)),
    ("people_office.body_list", N_("Associazioni ed enti"), (Permission.PEOPLE_BODY_VERIFY,)),
    ("people_desk.accounts", N_("Accessi e permessi"), (Permission.PEOPLE_ACCOUNT_MANAGE,)),
    ("desk.register", N_("Registro"), (Permission.JOURNAL_ENTRY_READ,)),
    ("privacy_desk.register", N_("Registro dei trattamenti"), (Permission.PRIVACY_REGISTER_READ,)),
    ("privacy_desk.incident", N_("In caso di incidente"), (Permission.PRIVACY_REGISTER_READ,)),
    ("people_desk.profile", N_("Il mio profilo"), ()),
)


def desk_menu() -> list[tuple[str, str, bool]]:
    """List (label, address, is current) of what this person may enter."""
    me = who()
    shown = [(_(label), url_for(endpoint)) for endpoint, label, needs in ITEMS if not needs or any(me.may(p) for p in needs)]
    here = _current([url for _label, url in shown])
    return [(label, url, url == here) for label, url in shown]


def _current(urls: list[str]) -> str:
    """Return the entry that a page belongs to: the nearest above it, "" for none."""
    here, home = request.script_root + request.path, url_for("desk.home")
    above = [url for url in urls if here == url or (url != home and here.startswith(f"{url}/"))]
    return max(above, key=len, default="")
