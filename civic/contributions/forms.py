"""Shapes of the forms about voices."""

from flask_babel import lazy_gettext as _
from wtforms import BooleanField

from civic.contributions import rules
from civic.contributions.commands.answers import Decision
from civic.contributions.commands.commitments import Promise
from civic.contributions.commands.consultations import ConsultationData
from civic.contributions.commands.handings import Question
from civic.contributions.commands.voices import Triage
from civic.web.forms import (
    AreaField,
    ChoiceField,
    DayField,
    Form,
    LineField,
    NumberField,
    OneField,
    OpenForm,
    VersionedForm,
    at_most,
    mail_address,
    required,
    web_address,
)

TEXT_MOST = 4000


class ContributionForm(OpenForm):
    """Saying something to the Comune; the view sets services, quartieri and consultations."""

    title = LineField(_("In breve"), [required(), at_most(160)], description=_("Una riga: di che cosa si tratta."))
    text = AreaField(
        _("Che cosa vuoi dire"),
        [required(), at_most(TEXT_MOST)],
        description=_("Una proposta, un problema, una domanda. Non scrivere nomi o dati di altre persone."),
    )
    service_code = ChoiceField(_("Servizio"))
    quartiere_code = ChoiceField(_("Quartiere"))
    consultation_code = ChoiceField(_("Percorso"))
    email = LineField(
        _("Posta elettronica"),
        [at_most(254), mail_address],
        description=_("Facoltativa: per avere la ricevuta e sapere quando c'è una risposta. Non si pubblica."),
        render_kw={"autocomplete": "email", "type": "email"},
    )
    wants_public = BooleanField(
        _("Il testo si può pubblicare, senza il mio nome"),
        default=True,
        description=_("Prima lo legge una persona dell'ufficio, che toglie nomi e recapiti."),
    )


class WriteDownForm(Form):
    """An operator writes a voice down; the view sets services, quartieri and consultations."""

    origin = ChoiceField(_("Come è arrivata"), pairs=[(o.value, _(rules.ORIGINS[o])) for o in rules.BY_HAND])
    title = LineField(_("In breve"), [required(), at_most(160)])
    text = AreaField(_("Che cosa dice"), [required(), at_most(TEXT_MOST)])
    service_code = ChoiceField(_("Servizio"))
    quartiere_code = ChoiceField(_("Quartiere"))
    consultation_code = ChoiceField(_("Percorso"))
    email = LineField(
        _("Posta elettronica di chi scrive"), [at_most(254), mail_address], render_kw={"autocomplete": "off", "type": "email"}
    )
    wants_public = BooleanField(_("Ha detto che il testo si può pubblicare, senza il suo nome"))


class TriageForm(Form):
    """Giving voices to an office; the view sets offices, themes and services."""

    office_code = ChoiceField(_("Ufficio"))
    theme_code = ChoiceField(_("Tema"))
    severity = ChoiceField(_("Urgenza"), pairs=[(s.value, _(words)) for s, words in rules.SEVERITIES.items()])
    with_copies = BooleanField(
        _("Anche le voci simili"),
        description=_("Ogni voce che dice quasi la stessa cosa e aspetta ancora una risposta va allo stesso ufficio."),
    )

    def value(self) -> Triage:
        """Return what was chosen."""
        return Triage(
            office_code=self.office_code.data,
            theme_code=self.theme_code.data or None,
            severity=rules.Severity(self.severity.data),
            with_copies=bool(self.with_copies and self.with_copies.data),
        )


class HandForm(Form):
    """Asking a provider; the view sets the providers."""

    provider_code = ChoiceField(_("Gestore"))
    note = AreaField(
        _("Che cosa gli chiedi"),
        [required(), at_most(2000)],
        description=_("Lo legge il gestore, che vede il testo senza recapiti. Nel sito si vede solo a chi e quando."),
    )
    wanted_by = DayField(
        _("Risposta entro"), description=_("I giorni dell'ufficio corrono intanto: lasciati il tempo di rispondere.")
    )

    def value(self) -> Question:
        """Return what is asked."""
        return Question(provider_code=self.provider_code.data, note=self.note.data, wanted_by=self.wanted_by.data)


class ReturnForm(Form):
    """A provider answers to the office."""

    answer = AreaField(
        _("Come stanno le cose"),
        [required(), at_most(TEXT_MOST)],
        description=_("La legge l'ufficio, che poi risponde a chi ha scritto."),
    )


class TermForm(Form):
    """Setting the days of an office, or of the whole ente; the view sets the offices."""

    office_code = ChoiceField(_("Per chi"))
    severity = ChoiceField(_("Urgenza"), pairs=[(s.value, _(words)) for s, words in rules.SEVERITIES.items()])
    triage_days = NumberField(_("Giorni lavorativi per leggere e affidare"), [required()])
    reply_days = NumberField(_("Giorni lavorativi per rispondere"), [required()])

    def value(self) -> rules.Term:
        """Return what was typed."""
        return rules.Term(self.triage_days.data or 0, self.reply_days.data or 0)


class ReplyForm(Form):
    """Answering."""

    text = AreaField(_("Risposta"), [required(), at_most(TEXT_MOST)])
    is_public = BooleanField(
        _("La vedono tutti"), default=True, description=_("Altrimenti la riceve solo chi ha scritto, se ha lasciato un recapito.")
    )


class PartForm(Form):
    """Saying what a voice asks."""

    summary = LineField(
        _("Che cosa chiede"), [required(), at_most(300)], description=_("Con parole dell'ufficio, senza nomi. Una cosa sola.")
    )


class TechnicalForm(Form):
    """The technical check of a part."""

    note = AreaField(_("Si può fare? Come, con quali limiti"), [required(), at_most(2000)])


class DecisionForm(Form):
    """The political check of a part: what becomes of it."""

    outcome = OneField(_("Esito"), [required()], pairs=[(o.value, _(words)) for o, words in rules.OUTCOMES.items()])
    reason_code = ChoiceField(
        _("Motivo, se non è possibile"), pairs=[("", _("Nessuno")), *((r.value, _(words)) for r, words in rules.REASONS.items())]
    )
    public_reason = AreaField(_("Perché"), [at_most(2000)], description=_("Lo leggono tutti."))
    forwarded_to = LineField(_("Inoltrata a"), [at_most(200)])
    action_code = LineField(
        _("Azione del programma"), [at_most(40)], description=_("Il codice, se la parte riguarda un'azione o ne fa nascere una.")
    )

    def value(self) -> Decision:
        """Return what was decided."""
        return Decision(
            outcome=rules.Outcome(self.outcome.data),
            public_reason=self.public_reason.data or "",
            reason_code=rules.ReasonCode(self.reason_code.data) if self.reason_code.data else None,
            forwarded_to=self.forwarded_to.data or "",
            action_code=(self.action_code.data or "").upper(),
        )


class PauseForm(Form):
    """Stopping the clock."""

    reason = LineField(
        _("Che cosa aspettiamo"),
        [required(), at_most(300)],
        description=_("L'orologio si ferma solo mentre si aspetta chi ha scritto. Lo vedono tutti."),
    )


class TextForm(VersionedForm):
    """Publishing a text that was reviewed."""

    public_text = AreaField(
        _("Testo da pubblicare"),
        [required(), at_most(TEXT_MOST)],
        description=_("Recapiti, targhe e codici sono già tolti: togli tu i nomi di persone."),
    )


class HideForm(Form):
    """Asking that a text be hidden."""

    reason = OneField(_("Motivo"), [required()], pairs=[(r.value, _(words)) for r, words in rules.HIDE_REASONS.items()])
    note = AreaField(_("Spiegazione per chi decide"), [required(), at_most(1000)])


class HideDecisionForm(Form):
    """Deciding about it."""

    granted = OneField(_("Decisione"), [required()], pairs=[("1", _("Si nasconde")), ("0", _("Resta visibile"))])


class PromiseForm(Form):
    """Promising an improvement; the view sets the services."""

    title = LineField(_("Che cosa si farà"), [required(), at_most(200)])
    due_on = DayField(_("Entro quando"), [required()])
    service_code = ChoiceField(_("Servizio"))
    action_code = LineField(_("Azione del programma"), [at_most(40)], description=_("Il codice, se c'è."))

    def value(self, office_code: str) -> Promise:
        """Return what is promised."""
        return Promise(
            title=self.title.data,
            office_code=office_code,
            due_on=self.due_on.data,
            service_code=self.service_code.data or None,
            action_code=(self.action_code.data or "").upper(),
        )


class DoneForm(Form):
    """Saying what changed."""

    change = AreaField(_("Che cosa è cambiato"), [required(), at_most(2000)], description=_("Lo leggono tutti."))
    evidence_url = LineField(_("Dove si vede"), [at_most(300), web_address], render_kw={"type": "url"})


class DropForm(Form):
    """Saying why an improvement will not come."""

    reason = AreaField(_("Perché non si fa più"), [required(), at_most(2000)], description=_("Lo leggono tutti."))


class CheckForm(Form):
    """The author says whether it is so."""

    verdict = OneField(_("È risolto?"), [required()], pairs=[(v.value, _(words)) for v, words in rules.VERDICTS.items()])
    note = AreaField(_("Vuoi aggiungere qualcosa?"), [at_most(1000)], description=_("Lo legge l'ufficio."))


class ConsultationForm(VersionedForm):
    """Opening or changing a consultation; the view sets the offices."""

    title_it = LineField(_("Titolo"), [required(), at_most(200)])
    title_en = LineField(_("Titolo in inglese"), [at_most(200)])
    question_it = AreaField(_("La domanda"), [required(), at_most(2000)])
    question_en = AreaField(_("La domanda in inglese"), [at_most(2000)])
    office_code = ChoiceField(_("Ufficio"))
    starts_on = DayField(_("Comincia"), [required()])
    ends_on = DayField(_("Finisce"), [required()])

    def value(self) -> ConsultationData:
        """Return what was typed."""
        return ConsultationData(
            title_it=self.title_it.data,
            title_en=self.title_en.data or "",
            question_it=self.question_it.data,
            question_en=self.question_en.data or "",
            office_code=self.office_code.data,
            starts_on=self.starts_on.data,
            ends_on=self.ends_on.data,
        )


class PhaseForm(Form):
    """Adding a phase."""

    title_it = LineField(_("Titolo"), [required(), at_most(200)])
    title_en = LineField(_("Titolo in inglese"), [at_most(200)])
    starts_on = DayField(_("Comincia"), [required()])
    ends_on = DayField(_("Finisce"), [required()])


class OutcomeForm(Form):
    """Telling what came of a consultation."""

    outcome_it = AreaField(_("Che cosa ne è venuto"), [required(), at_most(4000)])
    outcome_en = AreaField(_("In inglese"), [at_most(4000)])


class ThemeForm(Form):
    """Adding a theme to the codebook."""

    label_it = LineField(_("Tema"), [required(), at_most(120)])
    label_en = LineField(_("In inglese"), [at_most(120)])
    definition = AreaField(_("Che cosa ci sta dentro"), [at_most(1000)])


class TemplateForm(Form):
    """Saving a reply to use again; the view sets for whom."""

    office_code = ChoiceField(_("Per chi"))
    title = LineField(_("Titolo"), [required(), at_most(120)])
    text = AreaField(_("Testo"), [required(), at_most(TEXT_MOST)])
