"""What is asked: the instruments with their words, the reasons that go with a score, the aspects. Pure.

The words of the two instruments for pages are fixed by the model of the municipal sites (C.SI.2.5, C.SI.2.6) and compared
letter by letter by its validator; those of the services are ours. Words are part of the figure: whoever changes one
raises the instrument's version, so that answers to different words are never added up.
"""

from dataclasses import dataclass
from enum import StrEnum

from civic.kernel.text import N_

POSITIVE_FROM = 4
TEXT_MOST = 200


class Instrument(StrEnum):
    """What a rating is about."""

    SERVICE = "service"
    PAGE_CLARITY = "page_clarity"
    EASE_OF_USE = "ease_of_use"


@dataclass(frozen=True, slots=True)
class Words:
    """The words of an instrument: its question, and reasons (code, text) for a high and for a low score."""

    version: int
    question: str
    positive_question: str
    positive: tuple[tuple[str, str], ...]
    negative_question: str
    negative: tuple[tuple[str, str], ...]

    def reasons(self, stars: int) -> tuple[tuple[str, str], ...]:
        """List the reasons that a score may give.

        >>> [code for code, _words in WORDS[Instrument.PAGE_CLARITY].reasons(3)][0]
        'unclear'
        """
        return self.positive if stars >= POSITIVE_FROM else self.negative


_POSITIVE_QUESTION = N_("Quali sono stati gli aspetti che hai preferito?")
_NEGATIVE_QUESTION = N_("Dove hai incontrato le maggiori difficoltà?")
_PAGE_POSITIVE = (
    ("clear", N_("Le indicazioni erano chiare")),
    ("complete", N_("Le indicazioni erano complete")),
    ("on_track", N_("Capivo sempre che stavo procedendo correttamente")),
    ("no_faults", N_("Non ho avuto problemi tecnici")),
    ("other", N_("Altro")),
)
_PAGE_NEGATIVE = (
    ("unclear", N_("A volte le indicazioni non erano chiare")),
    ("incomplete", N_("A volte le indicazioni non erano complete")),
    ("lost", N_("A volte non capivo se stavo procedendo correttamente")),
    ("faults", N_("Ho avuto problemi tecnici")),
    ("other", N_("Altro")),
)
_SERVICE_POSITIVE = (
    ("kind", N_("Le persone sono state cortesi e preparate")),
    ("quick", N_("È stato rapido")),
    ("clear", N_("Le informazioni erano chiare")),
    ("solved", N_("Ho ottenuto quello che mi serviva")),
    ("other", N_("Altro")),
)
_SERVICE_NEGATIVE = (
    ("unkind", N_("Non ho trovato cortesia o competenza")),
    ("slow", N_("Ho aspettato troppo")),
    ("unclear", N_("Le informazioni non erano chiare")),
    ("unsolved", N_("Non ho ottenuto quello che mi serviva")),
    ("out_of_reach", N_("Non sapevo a chi rivolgermi, o era difficile arrivarci")),
    ("other", N_("Altro")),
)
WORDS = {
    Instrument.SERVICE: Words(
        1, N_("Come è andata con questo servizio?"), _POSITIVE_QUESTION, _SERVICE_POSITIVE, _NEGATIVE_QUESTION, _SERVICE_NEGATIVE
    ),
    Instrument.PAGE_CLARITY: Words(
        1,
        N_("Quanto sono chiare le informazioni su questa pagina?"),
        _POSITIVE_QUESTION,
        _PAGE_POSITIVE,
        _NEGATIVE_QUESTION,
        _PAGE_NEGATIVE,
    ),
    Instrument.EASE_OF_USE: Words(
        1,
        N_("Quanto è stato facile usare questo servizio?"),
        _POSITIVE_QUESTION,
        _PAGE_POSITIVE,
        _NEGATIVE_QUESTION,
        _PAGE_NEGATIVE,
    ),
}


def words_of(kind: str) -> Words:
    """Return an instrument's words, for the pages that carry it.

    >>> words_of("page_clarity").version
    1
    """
    return WORDS[Instrument(kind)]


PAGE_INSTRUMENTS = (Instrument.PAGE_CLARITY, Instrument.EASE_OF_USE)
STARS = {1: N_("Molto male"), 2: N_("Male"), 3: N_("Così così"), 4: N_("Bene"), 5: N_("Molto bene")}

# The aspects that municipal surveys of the last ten years ask about, from 1 to 5.
ASPECTS = {
    "courtesy": N_("Cortesia e competenza del personale"),
    "clarity": N_("Chiarezza e completezza delle informazioni"),
    "waiting": N_("Tempi di attesa"),
    "finding": N_("Facilità di trovare l'ufficio o lo sportello giusto"),
    "privacy": N_("Riservatezza"),
    "outcome": N_("Risposta a quello che serviva"),
}


class RatingChannel(StrEnum):
    """By what way a rating came."""

    WEB = "web"
    QR = "qr"
    EMAIL = "email"
    KIOSK = "kiosk"
    OPERATOR = "operator"


CHANNELS = {
    RatingChannel.WEB: N_("Dal sito"),
    RatingChannel.QR: N_("Dal codice QR sul posto"),
    RatingChannel.EMAIL: N_("Dal messaggio dopo il contatto"),
    RatingChannel.KIOSK: N_("Dal totem"),
    RatingChannel.OPERATOR: N_("Scritta da chi lavora allo sportello o al telefono"),
}
# A totem cannot tell one person from another, and an operator is no user: both are shown, and stay out of the figure.
APART = frozenset({RatingChannel.KIOSK, RatingChannel.OPERATOR})


class Trust(StrEnum):
    """How far the house knows that a rating is one person's, who used the service."""

    OPEN = "open"
    EMAIL = "email"
    TICKET = "ticket"
    VERIFIED = "verified"


TRUSTS = {
    Trust.OPEN: N_("Senza accesso"),
    Trust.EMAIL: N_("Con la posta elettronica confermata"),
    Trust.TICKET: N_("Con il biglietto dato dopo il contatto"),
    Trust.VERIFIED: N_("Con identità verificata"),
}
# What the evaluation of offices may rest on.
TRUSTED = frozenset({Trust.TICKET, Trust.VERIFIED})


class Standing(StrEnum):
    """Whether a rating counts. Nobody takes one away: two reviewers may set a window of time aside."""

    COUNTED = "counted"
    # By somebody who works for the rated office or provider.
    INTERNAL = "internal"
    # In a window of time that looks anomalous, until two people have decided.
    IN_REVIEW = "in_review"
    EXCLUDED = "excluded"


STANDINGS = {
    Standing.COUNTED: N_("Contata"),
    Standing.INTERNAL: N_("Di chi lavora per il servizio: fuori dal dato"),
    Standing.IN_REVIEW: N_("In verifica: fuori dal dato finché due persone decidono"),
    Standing.EXCLUDED: N_("Esclusa da due persone"),
}
