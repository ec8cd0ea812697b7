"""Roles, terms and the throttle. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from civic.kernel.actor import ScopeKind
from civic.kernel.permissions import Permission
from civic.kernel.text import N_

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
TOUCH_EVERY = timedelta(minutes=5)
LINK_TERMS = {"invite": timedelta(days=7), "reset": timedelta(hours=1)}
SECOND_STEP_WITHIN = timedelta(minutes=5)
PASSWORD_MIN = 12
PASSWORD_MAX = 200
FAILURES_ALLOWED = 5
FAILURES_WINDOW = timedelta(minutes=15)
RECOVERY_CODES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A bundle of permissions, and the kind of scope it is handed out within."""

    label: str
    scope: ScopeKind
    permissions: tuple[Permission, ...]


ROLES = {
    "editor": Role(
        label=N_("Redazione dell'Ufficio del Sindaco"),
        scope=ScopeKind.ALL,
        permissions=(
            Permission.CITY_REPORT_ANSWER,
            Permission.CONTRIBUTIONS_CONSULTATION_EDIT,
            Permission.CONTRIBUTIONS_HIDING_DECIDE,
            Permission.CONTRIBUTIONS_VOICE_TRIAGE,
            Permission.PLANNING_ACTION_DRAFT,
            Permission.PLANNING_ACTION_PUBLISH,
            Permission.PLANNING_PLAN_IMPORT,
            Permission.QUALITY_EVIDENCE_EDIT,
            Permission.QUALITY_WINDOW_REVIEW,
        ),
    ),
    "referent": Role(
        label=N_("Referente di un ufficio"),
        scope=ScopeKind.OFFICE,
        permissions=(
            Permission.CONTRIBUTIONS_VOICE_ANSWER,
            Permission.PLANNING_ACTION_DRAFT,
            Permission.QUALITY_EVIDENCE_EDIT,
        ),
    ),
    "administrator": Role(
        label=N_("Amministrazione del sito"),
        scope=ScopeKind.ALL,
        permissions=(
            Permission.CITY_CATALOGUE_EDIT,
            Permission.CITY_IDENTITY_EDIT,
            Permission.CITY_REPORT_ANSWER,
            Permission.JOURNAL_ENTRY_READ,
            Permission.PEOPLE_ACCOUNT_MANAGE,
            Permission.PEOPLE_BODY_VERIFY,
            Permission.PRIVACY_REGISTER_READ,
            Permission.QUALITY_EMPLOYEE_EDIT,
        ),
    ),
    "counter": Role(
        label=N_("Sportello: URP e servizi demografici"),
        scope=ScopeKind.ALL,
        permissions=(
            Permission.PEOPLE_BODY_VERIFY,
            Permission.PEOPLE_CITIZEN_ASSIST,
            Permission.PEOPLE_RESIDENCE_DECIDE,
            Permission.QUALITY_RATING_ENTER,
        ),
    ),
    "quartiere": Role(
        label=N_("Segreteria di un Quartiere"), scope=ScopeKind.QUARTIERE, permissions=(Permission.PEOPLE_CITIZEN_ASSIST,)
    ),
    # Of a voice it answers to the office that hands it over, never to the citizen: contributions.permits reads the scope.
    "provider": Role(
        label=N_("Partecipata o gestore di un servizio"),
        scope=ScopeKind.PROVIDER,
        permissions=(Permission.CONTRIBUTIONS_VOICE_ANSWER, Permission.QUALITY_EVIDENCE_EDIT),
    ),
    "evaluator": Role(
        label=N_("Nucleo di valutazione: legge il registro, decide sui flussi anomali"),
        scope=ScopeKind.ALL,
        permissions=(Permission.JOURNAL_ENTRY_READ, Permission.QUALITY_WINDOW_REVIEW),
    ),
    "privacy": Role(
        label=N_("Responsabile della protezione dei dati"),
        scope=ScopeKind.ALL,
        permissions=(Permission.JOURNAL_ENTRY_READ, Permission.PRIVACY_REGISTER_READ),
    ),
    "auditor": Role(label=N_("Controllo: legge il registro"), scope=ScopeKind.ALL, permissions=(Permission.JOURNAL_ENTRY_READ,)),
}


PERMISSION_LABELS = {
    Permission.CITY_CATALOGUE_EDIT: N_("Modificare uffici, servizi, gestori, quartieri e festività"),
    Permission.CITY_IDENTITY_EDIT: N_("Modificare identità dell'ente, testi dei messaggi, soglie e silenzio elettorale"),
    Permission.CITY_REPORT_ANSWER: N_("Rispondere alle segnalazioni sul sito"),
    Permission.CONTRIBUTIONS_CONSULTATION_EDIT: N_("Aprire percorsi, dirne l'esito, curare i temi"),
    Permission.CONTRIBUTIONS_HIDING_DECIDE: N_("Decidere, come seconda persona, se nascondere un testo"),
    Permission.CONTRIBUTIONS_VOICE_ANSWER: N_("Rispondere alle voci affidate all'ufficio e prendere impegni"),
    Permission.CONTRIBUTIONS_VOICE_TRIAGE: N_("Leggere tutte le voci e affidarle agli uffici"),
    Permission.JOURNAL_ENTRY_READ: N_("Leggere tutto il registro"),
    Permission.PEOPLE_ACCOUNT_MANAGE: N_("Gestire accessi e permessi"),
    Permission.PEOPLE_BODY_VERIFY: N_("Verificare le iscrizioni di associazioni ed enti"),
    Permission.PEOPLE_CITIZEN_ASSIST: N_("Inserire per conto di cittadine e cittadini, allo sportello, al telefono o da carta"),
    Permission.PEOPLE_RESIDENCE_DECIDE: N_("Rispondere a chi chiede di verificare la residenza"),
    Permission.PLANNING_ACTION_DRAFT: N_("Preparare le bozze delle azioni"),
    Permission.PLANNING_ACTION_PUBLISH: N_("Approvare, pubblicare e classificare le azioni"),
    Permission.PLANNING_PLAN_IMPORT: N_("Importare programmi e aggiornare le schede PEG"),
    Permission.PRIVACY_REGISTER_READ: N_("Leggere il registro dei trattamenti e la pagina degli incidenti"),
    Permission.QUALITY_EMPLOYEE_EDIT: N_("Tenere l'elenco di chi lavora dove, per tenerne fuori le valutazioni"),
    Permission.QUALITY_EVIDENCE_EDIT: N_("Curare punti di valutazione, biglietti, contatti, standard e indagini di un servizio"),
    Permission.QUALITY_RATING_ENTER: N_("Scrivere le valutazioni date allo sportello o al telefono"),
    Permission.QUALITY_WINDOW_REVIEW: N_("Decidere, in due, se un flusso anomalo di valutazioni conta"),
}
# Permissions that make sense for a part of the house; every other one holds for everything or not at all.
SCOPED = frozenset(
    {
        Permission.CONTRIBUTIONS_VOICE_ANSWER,
        Permission.PEOPLE_CITIZEN_ASSIST,
        Permission.PLANNING_ACTION_DRAFT,
        Permission.PLANNING_ACTION_PUBLISH,
        Permission.QUALITY_EVIDENCE_EDIT,
    }
)


def session_is_open(
    *, created_at: datetime, last_seen_at: datetime, ends_at: datetime, now: datetime, idle: timedelta = IDLE
) -> bool:
    """Say whether a session still opens: not past its end, not idle too long."""
    return created_at <= now < ends_at and now - last_seen_at < idle


def is_blocked(*, failures: int, since: datetime, now: datetime) -> bool:
    """Say whether sign-in is paused after too many failures within the window."""
    return failures >= FAILURES_ALLOWED and now - since < FAILURES_WINDOW


def password_problem(password: str, *, email: str, name: str) -> str | None:
    """Say what is wrong with a new password: length and the person's own name only, no recipe of symbols.

    >>> password_problem("corta", email="a@b.it", name="Anna") is None
    False
    """
    if len(password) < PASSWORD_MIN:
        return N_("La password è corta: servono almeno 12 caratteri. Una frase va benissimo.")
    if len(password) > PASSWORD_MAX:
        return N_("La password è troppo lunga: al massimo 200 caratteri.")
    lowered = password.casefold()
    own = [email.partition("@")[0].casefold(), *name.casefold().split()]
    if len(set(lowered)) < 5 or any(len(w) > 3 and w in lowered and len(lowered) - len(w) < 8 for w in own):
        return N_("La password si indovina facilmente: scegli una frase senza il tuo nome.")
    return None
