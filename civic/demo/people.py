"""One login a role, with one password, for the demonstration only."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from civic.city.models import Provider, Quartiere
from civic.kernel.actor import Actor
from civic.kernel.text import N_
from civic.people.commands import staff as commands
from civic.people.passwords import hash_password
from civic.people.queries.staff import account_by_email

PASSWORD = "dimostrazione-civic"  # noqa: S105 - printed on the screen by `make run`, worth nothing elsewhere


@dataclass(frozen=True, slots=True)
class DemoLogin:
    """A person of the demonstration."""

    email: str
    name: str
    role: str
    office: str | None
    can: str
    part: str = ""


LOGINS = (
    DemoLogin(
        "redazione@demo.invalid",
        "Redazione di prova",
        "editor",
        "ufficio-del-sindaco",
        N_("affida le voci, apre percorsi, approva e pubblica le azioni, importa programmi"),
    ),
    DemoLogin(
        "ambiente@demo.invalid",
        "Referente Ambiente di prova",
        "referent",
        "direzione-ambiente",
        N_("prepara bozze per le sole azioni della Direzione Ambiente"),
    ),
    DemoLogin(
        "istruzione@demo.invalid",
        "Referente Istruzione di prova",
        "referent",
        "direzione-istruzione",
        N_("prepara bozze per le sole azioni della Direzione Istruzione"),
    ),
    DemoLogin(
        "ufficio@demo.invalid",
        "Referente Servizi territoriali di prova",
        "referent",
        "direzione-servizi-territoriali-integrati",
        N_("risponde alle voci su anagrafe e URP, e prende impegni"),
    ),
    DemoLogin(
        "gestore@demo.invalid",
        "Gestore della refezione di prova",
        "provider",
        None,
        N_("risponde all'ufficio sulle voci che gli affida, cura standard e indagini del suo servizio"),
        part="qualita-servizi",
    ),
    DemoLogin(
        "amministrazione@demo.invalid",
        "Amministrazione di prova",
        "administrator",
        None,
        N_("accessi, uffici, servizi, testi, soglie"),
    ),
    DemoLogin(
        "sportello@demo.invalid",
        "Sportello di prova",
        "counter",
        None,
        N_("inserisce per chi viene o telefona, verifica residenze e associazioni"),
    ),
    DemoLogin(
        "quartiere1@demo.invalid",
        "Segreteria del Quartiere 1 di prova",
        "quartiere",
        None,
        N_("inserisce per chi viene, solo nel Quartiere 1"),
        part="Q1",
    ),
    DemoLogin(
        "protezione-dati@demo.invalid",
        "Protezione dei dati di prova",
        "privacy",
        None,
        N_("legge il registro dei trattamenti e la pagina degli incidenti"),
    ),
    DemoLogin(
        "valutazione@demo.invalid",
        "Nucleo di valutazione di prova",
        "evaluator",
        None,
        N_("legge il registro e decide, con un'altra persona, sui flussi anomali di valutazioni"),
    ),
    DemoLogin("controllo@demo.invalid", "Controllo di prova", "auditor", None, N_("legge il registro")),
)


def add_logins(session: Session, who: Actor, offices: set[str], *, now: datetime) -> None:
    """Add the people of the demonstration, in the offices that the data set has."""
    hashed = hash_password(PASSWORD)
    for login in LOGINS:
        if login.role == "referent" and login.office not in offices:
            continue
        if login.part and session.get(Provider if login.role == "provider" else Quartiere, login.part) is None:
            continue
        office = login.office if login.office in offices else None
        account = commands.add_account(
            session,
            who,
            email=login.email,
            name=login.name,
            role=login.role,
            office_code=office,
            scope_ref=login.part,
            now=now,
        )
        commands.set_password(session, account, password_hash=hashed, now=now)


def present_logins(session: Session) -> list[DemoLogin]:
    """List the logins that this database has."""
    return [login for login in LOGINS if account_by_email(session, login.email)]
