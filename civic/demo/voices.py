"""What was said in the demonstration: a few voices about real services, all invented and marked "dato dimostrativo"."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from civic.city.models import Office, Quartiere, Service
from civic.contributions.commands import answers, commitments, consultations, handings, terms
from civic.contributions.commands.answers import Decision
from civic.contributions.commands.commitments import Promise
from civic.contributions.commands.consultations import ConsultationData
from civic.contributions.commands.handings import Question
from civic.contributions.commands.voices import CITIZENRY, ContributionData, Triage, receive_voice, triage_voices
from civic.contributions.models import Contribution
from civic.contributions.queries.voices import voice_by_code
from civic.contributions.rules import Origin, Outcome, ReasonCode, Severity, Term
from civic.kernel.actor import Actor, ActorKind, HeldGrant, Scope, ScopeKind, TrustLevel
from civic.kernel.clock import civil_day
from civic.kernel.codes import token
from civic.kernel.permissions import Permission
from civic.outbox.rules import Asked

_MARK = "(dato dimostrativo)"
# An office that answers sooner than the others.
_QUICKER = "direzione-istruzione"


@dataclass(frozen=True, slots=True)
class Said:
    """One voice: what it is about, what it says, how many days ago, and what became of it."""

    service: str
    title: str
    text: str
    days_ago: int
    origin: Origin = Origin.FORM
    reply: str = ""
    outcome: Outcome | None = None
    reason: str = ""
    promise: str = ""
    change: str = ""
    theme: str = ""
    quartiere: str = ""
    # What the office asks the provider of the service, and what the provider says; without an answer it still has the voice.
    asked: str = ""
    provider_says: str = ""


_THEMES = (("Attese e code", "Waiting and queues"), ("Chiarezza", "Clarity"), ("Orari", "Opening hours"), ("Spazi", "Places"))
_SAID = (
    Said(
        "anagrafe",
        "Si aspetta in piedi",
        "Per rinnovare la carta d'identità ho aspettato quaranta minuti in piedi. Qualche sedia in più?",
        60,
        reply="Hai ragione. Abbiamo chiesto le sedie e spostato il totem, che occupava metà della sala.",
        outcome=Outcome.ACCEPTED,
        promise="Sedie e totem spostato nella sala d'attesa",
        change="Dodici sedie in più, e il totem accanto all'ingresso.",
        theme="attese-e-code",
    ),
    Said(
        "anagrafe",
        "Prenotare con l'agenda online",
        "L'agenda online mostra solo tre settimane: chi lavora non trova mai posto.",
        25,
        reply="L'agenda si apre ora su sei settimane. Gli appuntamenti del sabato si stanno studiando.",
        outcome=Outcome.PARTLY,
        reason="Sei settimane sì; il sabato dipende dal personale disponibile.",
        promise="Agenda aperta su sei settimane",
        theme="orari",
    ),
    Said(
        "anagrafe",
        "Nessuno risponde al telefono",
        "Ho chiamato per tre mattine: squilla a vuoto. Dite almeno quando conviene chiamare.",
        230,
        Origin.PHONE,
        reply="Da questo mese rispondono in due, e la segreteria dice quante persone ci sono prima.",
        outcome=Outcome.ACCEPTED,
        promise="Due persone al telefono e una segreteria che dice l'attesa",
        change="Al telefono rispondono in due dalle 8 alle 14; la segreteria dice quanto si aspetta.",
        theme="attese-e-code",
    ),
    Said(
        "urp",
        "Il modulo per l'accesso agli atti non si capisce",
        "Le parole sono difficili e non si sa a chi mandarlo.",
        12,
        Origin.LETTER,
        theme="chiarezza",
    ),
    Said(
        "rete-civica", "Il sito chiede due volte lo SPID", "Dopo il pagamento bisogna rientrare da capo.", 30, theme="chiarezza"
    ),
    Said(
        "urp",
        "Sportello aperto la domenica",
        "Sarebbe comodo trovarlo aperto anche la domenica mattina.",
        45,
        Origin.PHONE,
        reply="La domenica non è possibile. Il martedì e il giovedì lo sportello è aperto anche di pomeriggio.",
        outcome=Outcome.NOT_POSSIBLE,
        reason="Il contratto non prevede turni festivi per questo servizio.",
        theme="orari",
    ),
    Said("anagrafe", "Cartelli in altre lingue", "Nella sala ci sono cartelli solo in italiano.", 2),
    Said(
        "refezione",
        "Il menu non si trova",
        "Non riesco a sapere che cosa mangiano i bambini questa settimana: a scuola il menu non è appeso.",
        14,
        reply="Il menu è di nuovo appeso in ogni scuola, e si trova anche nella pagina del servizio.",
        theme="chiarezza",
        asked="Il menu è appeso nelle scuole? Da quando manca?",
        provider_says="Mancava in tre scuole per un errore di stampa. Da lunedì è appeso in tutte.",
    ),
    Said(
        "refezione",
        "Porzioni piccole per i più grandi",
        "Mia figlia è in quinta e torna a casa con la fame: le porzioni sono uguali per tutte le classi.",
        6,
        theme="chiarezza",
        asked="Le porzioni cambiano con l'età? Ci serve saperlo per rispondere alla famiglia.",
    ),
    # Near copies, as when one text goes round: the inbox puts them together.
    *(
        Said(
            "biblioteche",
            "Biblioteca aperta la sera",
            "Chiediamo che la biblioteca del nostro quartiere resti aperta fino alle ventitré almeno due sere la settimana,"
            f" perché chi studia e lavora di giorno non ha un altro posto dove andare. {end}",
            days,
            quartiere=quartiere,
        )
        for end, days, quartiere in (("Grazie.", 5, "Q2"), ("Una studentessa.", 4, "Q2"), ("Speriamo in un sì.", 3, "Q4"))
    ),
)
# Short voices that share a few words, so that the signals have something to find.
_QUEUES = (
    ("Q1", 70, "Coda di un'ora allo sportello per un certificato, e un solo sportello aperto."),
    ("Q1", 52, "In coda dalle otto: il numero si prende ma lo sportello chiama a caso."),
    ("Q2", 41, "La coda arriva in strada, con la pioggia non è possibile aspettare fuori."),
    ("Q3", 33, "Due ore di coda con un bambino piccolo: servirebbe uno sportello per chi ha figli."),
    ("Q4", 21, "Sportello unico per tutto: la coda per un timbro è la stessa di una residenza."),
    ("Q5", 17, "Ho perso la mattina in coda perché lo sportello accanto era chiuso."),
    ("Q5", 9, "Coda lunghissima il lunedì, il giovedì invece allo sportello non c'è nessuno."),
)


def tell_voices(session: Session, who: Actor, *, link: str, asked: Asked, now: datetime) -> None:
    """Tell them, through the commands; `link` is the address of a receipt with %s in the place of its code."""
    for label_it, label_en in _THEMES:
        consultations.add_theme(session, who, label_it=label_it, label_en=label_en, definition="")
    if session.get(Office, _QUICKER):
        terms.set_term(session, who, _QUICKER, Severity.NORMAL, Term(2, 10), now=now - timedelta(days=90))
    queues = [
        Said("anagrafe", "La coda allo sportello", text, days, theme="attese-e-code", quartiere=quartiere)
        for quartiere, days, text in _QUEUES
    ]
    everything = sorted((*_SAID, *queues), key=lambda said: -said.days_ago)
    told = [(said, _receive(session, said, link=link, site=who.label, asked=asked, now=now)) for said in everything]
    for said, voice in told:
        if said.theme and voice.office_code:
            data = Triage(office_code=voice.office_code, theme_code=said.theme, severity=Severity.NORMAL)
            triage_voices(session, who, [voice.code], data, now=now - timedelta(days=said.days_ago - 1))
            _ask_provider(session, who, said, voice, link=link, now=now - timedelta(days=said.days_ago - 2))
            _answer(session, who, said, voice.code, link=link, now=now - timedelta(days=said.days_ago - 3))
    _open_consultation(session, who, now)


def _receive(session: Session, said: Said, *, link: str, site: str, asked: Asked, now: datetime) -> Contribution:
    service = said.service if session.get(Service, said.service) else None
    data = ContributionData(
        title=f"{said.title} {_MARK}",
        text=said.text,
        form_key=token(),
        origin=said.origin,
        level=TrustLevel.OPEN,
        service_code=service,
        quartiere_code=said.quartiere if session.get(Quartiere, said.quartiere) else None,
    )
    at = now - timedelta(days=said.days_ago)
    return receive_voice(session, CITIZENRY, data, link=link, site=site, asked=asked, now=at)


def _ask_provider(session: Session, who: Actor, said: Said, voice: Contribution, *, link: str, now: datetime) -> None:
    service = session.get(Service, voice.service_code) if voice.service_code else None
    if not said.asked or service is None or service.provider_code is None:
        return
    session.refresh(voice)
    question = Question(
        provider_code=service.provider_code, note=f"{said.asked} {_MARK}", wanted_by=civil_day(now + timedelta(days=5))
    )
    handings.hand_over(session, who, voice, question, link=link, site=who.label, now=now)
    if said.provider_says:
        session.refresh(voice)
        grant = HeldGrant(Permission.CONTRIBUTIONS_VOICE_ANSWER, Scope(ScopeKind.PROVIDER, service.provider_code))
        provider = Actor(kind=ActorKind.STAFF, label=who.label, grants=frozenset({grant}))
        says = f"{said.provider_says} {_MARK}"
        handings.hand_back(session, provider, voice, answer=says, link=link, site=who.label, now=now + timedelta(days=1))


def _answer(session: Session, who: Actor, said: Said, code: str, *, link: str, now: datetime) -> None:
    voice = voice_by_code(session, code)
    session.refresh(voice)
    answers.show_text(session, who, voice, public_text=f"{said.text} {_MARK}", version=voice.version)
    if said.outcome is not None:
        answers.add_part(session, who, voice, summary=said.title, now=now)
        reason = ReasonCode.LAW if said.outcome is Outcome.NOT_POSSIBLE else None
        decision = Decision(outcome=said.outcome, public_reason=said.reason, reason_code=reason)
        answers.decide_part(session, who, voice, 1, decision, now=now)
    if said.reply:
        text = f"{said.reply} {_MARK}"
        answers.reply(session, who, voice, text=text, is_public=True, link=link, site=who.label, now=now)
    if said.promise and voice.office_code:
        due_on = civil_day(now + timedelta(days=30))
        promise = Promise(title=said.promise, office_code=voice.office_code, due_on=due_on, service_code=voice.service_code)
        made = commitments.make_commitment(session, who, promise, [code], now=now)
        if said.change:
            change = f"{said.change} {_MARK}"
            commitments.finish(session, who, made.code, change=change, evidence_url="", now=now + timedelta(days=14))


def _open_consultation(session: Session, who: Actor, now: datetime) -> None:
    service = session.get(Service, "anagrafe")
    if service is None or service.office_code is None:
        return
    today = civil_day(now)
    data = ConsultationData(
        title_it=f"Come cambiano gli sportelli {_MARK}",
        title_en="How counters change (demonstration data)",
        question_it="Che cosa ti serve da uno sportello del Comune: più orari, meno carta, un posto dove aspettare?",
        question_en="What do you need from a counter of the Comune: longer hours, less paper, a place to wait?",
        office_code=service.office_code,
        starts_on=today - timedelta(days=20),
        ends_on=today + timedelta(days=40),
    )
    made = consultations.open_consultation(session, who, data, now=now)
    half = today + timedelta(days=10)
    phases = (("Ascolto", "Listening", data.starts_on, half), ("Scelte", "Choices", half + timedelta(days=1), data.ends_on))
    for title_it, title_en, starts_on, ends_on in phases:
        days = {"starts_on": starts_on, "ends_on": ends_on}
        consultations.add_phase(session, who, made.code, title_it=title_it, title_en=title_en, **days)
