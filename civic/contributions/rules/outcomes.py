"""What a voice is, what can become of it, and the words for each. Pure."""

from enum import StrEnum

from civic.kernel.text import N_


class Origin(StrEnum):
    """By what a voice came in."""

    FORM = "form"
    LETTER = "letter"
    EMAIL = "email"
    PHONE = "phone"
    COUNTER = "counter"
    TABLE_NOTE = "table_note"
    RATING = "rating"
    SURVEY = "survey"


ORIGINS = {
    Origin.FORM: N_("Modulo del sito"),
    Origin.LETTER: N_("Lettera"),
    Origin.EMAIL: N_("Posta elettronica"),
    Origin.PHONE: N_("Telefono"),
    Origin.COUNTER: N_("Sportello"),
    Origin.TABLE_NOTE: N_("Nota di un tavolo"),
    Origin.RATING: N_("Valutazione di un servizio"),
    Origin.SURVEY: N_("Risposta a un questionario"),
}
# What an operator writes down by hand; the others come in by themselves.
BY_HAND = (Origin.LETTER, Origin.EMAIL, Origin.PHONE, Origin.COUNTER, Origin.TABLE_NOTE)


class Severity(StrEnum):
    """How much it presses."""

    NORMAL = "normal"
    HIGH = "high"


SEVERITIES = {Severity.NORMAL: N_("Normale"), Severity.HIGH: N_("Urgente")}


class Outcome(StrEnum):
    """What was decided about one part of a voice."""

    ACCEPTED = "accepted"
    PARTLY = "partly"
    UNDER_WAY = "under_way"
    NOT_POSSIBLE = "not_possible"
    FORWARDED = "forwarded"


OUTCOMES = {
    Outcome.ACCEPTED: N_("Accolta"),
    Outcome.PARTLY: N_("Accolta in parte"),
    Outcome.UNDER_WAY: N_("Già in corso"),
    Outcome.NOT_POSSIBLE: N_("Non possibile"),
    Outcome.FORWARDED: N_("Non di competenza: inoltrata"),
}
# An outcome that says no, or not wholly, says why.
NEEDS_REASON = frozenset({Outcome.PARTLY, Outcome.NOT_POSSIBLE, Outcome.FORWARDED})


class ReasonCode(StrEnum):
    """Why something is not possible, in one word that can be counted."""

    LAW = "law"
    MONEY = "money"
    TECHNICAL = "technical"
    CHOICE = "choice"
    DONE_OTHERWISE = "done_otherwise"
    UNCLEAR = "unclear"


REASONS = {
    ReasonCode.LAW: N_("Le norme non lo permettono"),
    ReasonCode.MONEY: N_("Mancano le risorse"),
    ReasonCode.TECHNICAL: N_("Non è realizzabile tecnicamente"),
    ReasonCode.CHOICE: N_("L'amministrazione ha scelto altrimenti"),
    ReasonCode.DONE_OTHERWISE: N_("Si risolve in un altro modo"),
    ReasonCode.UNCLEAR: N_("Non si capisce che cosa si chiede"),
}


class HideReason(StrEnum):
    """Why an office asks to hide a text."""

    PERSONAL_DATA = "personal_data"
    INSULT = "insult"
    UNLAWFUL = "unlawful"
    SPAM = "spam"


HIDE_REASONS = {
    HideReason.PERSONAL_DATA: N_("Contiene dati di una persona"),
    HideReason.INSULT: N_("Contiene offese"),
    HideReason.UNLAWFUL: N_("È contrario alla legge"),
    HideReason.SPAM: N_("È pubblicità, o non riguarda la città"),
}


class CommitmentState(StrEnum):
    """Where an improvement stands."""

    PLANNED = "planned"
    DONE = "done"
    DROPPED = "dropped"


COMMITMENT_STATES = {
    CommitmentState.PLANNED: N_("Previsto"),
    CommitmentState.DONE: N_("Fatto"),
    CommitmentState.DROPPED: N_("Lasciato"),
}


class Verdict(StrEnum):
    """What the author says four weeks after."""

    SOLVED = "solved"
    PARTLY = "partly"
    NO = "no"


VERDICTS = {
    Verdict.SOLVED: N_("Sì, è risolto"),
    Verdict.PARTLY: N_("In parte"),
    Verdict.NO: N_("No"),
}


def needs_reason(outcome: Outcome) -> bool:
    """Say whether an outcome must say why.

    >>> needs_reason(Outcome.ACCEPTED), needs_reason(Outcome.NOT_POSSIBLE)
    (False, True)
    """
    return outcome in NEEDS_REASON
