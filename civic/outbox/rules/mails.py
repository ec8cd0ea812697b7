"""The kinds of mail, their default texts, and how often a delivery is tried."""

from dataclasses import dataclass
from datetime import timedelta
from string import Template

from civic.kernel.silence import Silence
from civic.kernel.text import N_

MOST_ATTEMPTS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class MailKind:
    """A kind of mail: its words, the names it may use as `$name`, and what election silence does to it."""

    label: str
    subject: str
    body: str
    names: tuple[str, ...]
    silence: Silence
    # Without these the mail would not do its work: no rewording may lose them.
    needed: tuple[str, ...] = ("link",)


MAILS = {
    "people.invited": MailKind(
        label=N_("Invito al personale"),
        subject="Il tuo accesso alla scrivania di $site",
        body=(
            "Buongiorno $name,\n\nè stato creato per te un accesso alla scrivania di $site.\n"
            "Scegli la tua password entro 7 giorni da questa pagina:\n$link\n\n"
            "Se non aspettavi questo messaggio puoi ignorarlo.\n"
        ),
        names=("name", "link", "site"),
        silence=Silence.STAYS,
    ),
    "people.password_reset": MailKind(
        label=N_("Nuova password"),
        subject="Una nuova password per $site",
        body=(
            "Buongiorno $name,\n\nqualcuno, speriamo tu, ha chiesto una nuova password.\n"
            "Sceglila entro un'ora da questa pagina:\n$link\n\nSe non l'hai chiesta, non occorre fare nulla.\n"
        ),
        names=("name", "link", "site"),
        silence=Silence.STAYS,
    ),
    "people.sign_in_link": MailKind(
        label=N_("Collegamento per entrare"),
        subject="Il tuo collegamento per entrare in $site",
        body=(
            "Buongiorno,\n\nqualcuno, speriamo tu, vuole entrare con questo indirizzo. Apri la pagina entro 30 minuti e premi "
            "il pulsante:\n$link\n\nSe non sei stata o stato tu, non occorre fare nulla.\n"
        ),
        names=("link", "site"),
        silence=Silence.STAYS,
    ),
    "people.address_link": MailKind(
        label=N_("Conferma di un indirizzo"),
        subject="Conferma il tuo indirizzo per $site",
        body=(
            "Buongiorno,\n\nquesto indirizzo è stato aggiunto a un accesso di $site. Se è il tuo, apri la pagina entro 30 minuti "
            "e premi il pulsante:\n$link\n\nSe non ne sai nulla, non occorre fare nulla.\n"
        ),
        names=("link", "site"),
        silence=Silence.STAYS,
    ),
    "people.address_changed": MailKind(
        label=N_("Indirizzo cambiato"),
        subject="L'indirizzo del tuo accesso a $site è cambiato",
        body=(
            "Buongiorno,\n\nal tuo accesso a $site è stato dato un altro indirizzo: a questo non scriviamo più.\n"
            "Se non sei stata o stato tu, vieni allo sportello con un documento, o scrivi subito al Comune.\n"
        ),
        names=("site",),
        needed=(),
        silence=Silence.STAYS,
    ),
    "people.residence_decided": MailKind(
        label=N_("Risposta su una residenza"),
        subject="La tua richiesta sulla residenza",
        body="Buongiorno,\n\nl'ufficio ha guardato la tua richiesta:\n\n$answer\n\n$link\n",
        names=("answer", "link", "site"),
        needed=("answer",),
        silence=Silence.STAYS,
    ),
    "people.body_verified": MailKind(
        label=N_("Iscrizione di un ente verificata"),
        subject="Iscrizione verificata: $name",
        body="Buongiorno,\n\nl'iscrizione di «$name» è stata verificata. L'elenco è qui:\n$link\n",
        names=("name", "reason", "link", "site"),
        silence=Silence.STAYS,
    ),
    "people.body_refused": MailKind(
        label=N_("Iscrizione di un ente non accolta o chiusa"),
        subject="Iscrizione: $name",
        body="Buongiorno,\n\nl'iscrizione di «$name» non è accolta, o è stata chiusa, per questo motivo:\n\n$reason\n\n$link\n",
        names=("name", "reason", "link", "site"),
        needed=("reason",),
        silence=Silence.STAYS,
    ),
    "quality.rating_invited": MailKind(
        label=N_("Invito a valutare un servizio"),
        subject="Come è andata? $service",
        body=(
            "Buongiorno,\n\nhai avuto un contatto con questo servizio: $service.\n"
            "Com'è andata? Bastano una pagina e una stella:\n$link\n\n"
            "Il collegamento vale una volta. La valutazione non dice chi sei.\n\n$site\n"
        ),
        names=("service", "link", "site"),
        silence=Silence.STAYS,
    ),
    "contributions.voice_received": MailKind(
        label=N_("Ricevuta di una voce"),
        subject="Abbiamo ricevuto quello che ci hai detto: $code",
        body="Buongiorno,\n\nabbiamo ricevuto la tua voce, con il codice $code. A che punto è, in ogni momento:\n$link\n",
        names=("code", "link", "site"),
        silence=Silence.STAYS,
    ),
    "contributions.reply_given": MailKind(
        label=N_("Risposta a una voce"),
        subject="C'è una risposta alla tua voce $code",
        body="Buongiorno,\n\nriguardo a quello che ci hai detto ($code):\n\n$answer\n\n$link\n",
        names=("code", "answer", "link", "site"),
        needed=("answer",),
        silence=Silence.STAYS,
    ),
    "contributions.change_checked": MailKind(
        label=N_("Domanda dopo un miglioramento"),
        subject="È cambiato qualcosa? La tua voce $code",
        body=(
            "Buongiorno,\n\nquattro settimane fa l'ufficio ha detto che cosa è cambiato dopo la tua voce $code:\n\n$change\n\n"
            "È così? Diccelo da questa pagina:\n$link\n"
        ),
        names=("code", "change", "link", "site"),
        silence=Silence.STAYS,
    ),
    "contributions.voice_handed": MailKind(
        label=N_("Voce affidata a un gestore"),
        subject="Voce $code: $office vi chiede una risposta",
        body="Buongiorno,\n\n$office vi ha affidato la voce $code e aspetta che diciate come stanno le cose.\n$link\n",
        names=("code", "office", "link", "site"),
        silence=Silence.STAYS,
    ),
    "contributions.voice_returned": MailKind(
        label=N_("Voce tornata da un gestore"),
        subject="Voce $code: $provider ha risposto",
        body="Buongiorno,\n\n$provider ha risposto sulla voce $code: ora tocca all'ufficio scrivere a chi aspetta.\n$link\n",
        names=("code", "provider", "link", "site"),
        silence=Silence.STAYS,
    ),
    "contributions.voice_overdue": MailKind(
        label=N_("Risposta in ritardo"),
        subject="Voce $code: il termine per rispondere è passato",
        body="Buongiorno,\n\nla voce «$title» aspetta ancora una risposta e il suo termine è passato.\n$link\n",
        names=("code", "title", "link", "site"),
        silence=Silence.STAYS,
    ),
    "planning.draft_submitted": MailKind(
        label=N_("Bozza da approvare"),
        subject="Bozza da approvare: $title",
        body="Buongiorno,\n\n$office ha preparato una bozza per «$title».\nLa trovi qui:\n$link\n",
        names=("title", "office", "link", "site"),
        silence=Silence.STAYS,
    ),
    "planning.draft_returned": MailKind(
        label=N_("Bozza rinviata all'ufficio"),
        subject="Bozza rinviata: $title",
        body="Buongiorno,\n\nla bozza per «$title» torna a te con questa nota:\n\n$note\n\n$link\n",
        names=("title", "note", "link", "site"),
        needed=("note", "link"),
        silence=Silence.STAYS,
    ),
    "city.report_received": MailKind(
        label=N_("Ricevuta di una segnalazione"),
        subject="Abbiamo ricevuto la tua segnalazione $code",
        body=(
            "Buongiorno,\n\nabbiamo ricevuto la tua segnalazione, con il codice $code.\n"
            "Rispondiamo entro il $due. A che punto è:\n$link\n"
        ),
        names=("code", "due", "link", "site"),
        silence=Silence.STAYS,
    ),
    "city.report_answered": MailKind(
        label=N_("Risposta a una segnalazione"),
        subject="Risposta alla tua segnalazione $code",
        body="Buongiorno,\n\nriguardo alla tua segnalazione $code:\n\n$answer\n\n$link\n",
        names=("code", "answer", "link", "site"),
        needed=("answer",),
        silence=Silence.STAYS,
    ),
}


def unknown_names(text: str, kind: MailKind) -> list[str]:
    """List the `$names` of a text that this kind of mail does not know, and "$" for a stray dollar sign.

    >>> unknown_names("Ciao $nme, $link", MAILS["people.invited"])
    ['$nme']
    """
    template = Template(text)
    if not template.is_valid():
        return ["$"]
    return [f"${n}" for n in template.get_identifiers() if n not in kind.names]


def missing_names(body: str, kind: MailKind) -> list[str]:
    """List the `$names` that a text must have and has not.

    >>> missing_names("Ciao $name", MAILS["people.invited"])
    ['$link']
    """
    return [f"${n}" for n in kind.needed if n not in Template(body).get_identifiers()]


def fill(text: str, values: dict[str, str]) -> str:
    """Put the values into a text; a name without a value stays as it is."""
    return Template(text).safe_substitute(values)


def pause_before(attempt: int) -> timedelta:
    """Return how long to wait before the next attempt: 1, 2, 4 ... minutes, at most 4 hours.

    >>> pause_before(3)
    datetime.timedelta(seconds=240)
    """
    return min(timedelta(minutes=2 ** (attempt - 1)), timedelta(hours=4))
