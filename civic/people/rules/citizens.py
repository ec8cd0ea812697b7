"""Terms of citizens' sessions and links, and what they can choose to be told. Pure."""

from datetime import timedelta

from civic.kernel.text import N_

# Session keys of citizens begin so and staff's do not: one look tells where to look.
CITIZEN_MARK = "c."
# A citizen's session on a computer of a library must not wait for the next reader.
CITIZEN_IDLE = timedelta(hours=1)
CITIZEN_ABSOLUTE = timedelta(hours=12)
MAIL_LINK_TERM = timedelta(minutes=30)
# An account that nobody used for this long goes, unless something keeps it.
UNUSED_KEPT = timedelta(days=730)

# What a citizen can choose to be told by mail: (words, chosen from the start).
NOTICES = {
    "replies": (N_("Quando un ufficio risponde a qualcosa che ho scritto"), True),
    "reminders": (N_("Promemoria degli incontri a cui mi sono iscritta o iscritto"), True),
    "openings": (N_("Quando si apre una consultazione nel mio quartiere"), False),
    "outcomes": (N_("Quando si pubblica che cosa è cambiato"), False),
}

# What erasing an account cannot undo, said before it is done.
STAYS = (
    N_("I messaggi già arrivati nella tua casella: solo tu puoi cancellarli."),
    N_(
        "Il codice che dice «a questo indirizzo non scrivere», se l'hai chiesto: "
        "senza, potremmo scriverti di nuovo. Dall'indirizzo si ricava il codice, non il contrario."
    ),
    N_(
        "Le statistiche già pubblicate, che non dicono di nessuno: "
        "quello che hai fatto senza accesso, o in forma anonima, non si può ritrovare nemmeno per cancellarlo."
    ),
    N_("Le copie di sicurezza della banca dati, finché non scadono."),
)


def unlike_default(wanted: frozenset[str]) -> list[str]:
    """List the notices about which a choice differs from the default: only those are kept.

    >>> unlike_default(frozenset({"replies"}))
    ['reminders']
    """
    return [kind for kind, (_words, default) in NOTICES.items() if (kind in wanted) != default]
