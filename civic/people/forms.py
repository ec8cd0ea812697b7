"""Shapes of the account forms."""

from flask_babel import lazy_gettext as _
from wtforms import BooleanField
from wtforms.widgets import CheckboxInput, ListWidget

from civic.kernel.actor import ScopeKind
from civic.people import rules
from civic.people.commands.bodies import BodyData
from civic.web.forms import (
    AreaField,
    ChoiceField,
    Form,
    LineField,
    ManyField,
    OneField,
    OpenForm,
    SecretField,
    at_most,
    choices,
    mail_address,
    required,
    web_address,
)


class SignInForm(Form):
    """Signing in."""

    email = LineField(_("Posta elettronica"), [required(), at_most(254)], render_kw={"autocomplete": "username", "type": "email"})
    password = SecretField(
        _("Password"), [required(), at_most(rules.PASSWORD_MAX)], render_kw={"autocomplete": "current-password"}
    )


class SecondStepForm(Form):
    """The second step."""

    code = LineField(
        _("Codice"),
        [required(), at_most(20)],
        description=_("Sei cifre dal tuo telefono, oppure un codice di recupero."),
        render_kw={"autocomplete": "one-time-code"},
    )


class ForgotForm(Form):
    """Asking for a new password."""

    email = LineField(_("Posta elettronica"), [required(), mail_address], render_kw={"autocomplete": "username", "type": "email"})


class NewPasswordForm(Form):
    """Choosing a password."""

    password = SecretField(
        _("Nuova password"),
        [required()],
        render_kw={"autocomplete": "new-password"},
        description=_("Almeno 12 caratteri. Una frase va benissimo."),
    )


class ChangePasswordForm(NewPasswordForm):
    """Changing one's own password."""

    current = SecretField(_("Password attuale"), [required()], render_kw={"autocomplete": "current-password"})


class InviteForm(Form):
    """Inviting a member of staff."""

    name = LineField(_("Nome e cognome"), [required(), at_most(120)])
    email = LineField(_("Posta elettronica"), [required(), mail_address])
    role = ChoiceField(_("Ruolo"), pairs=[(k, _(r.label)) for k, r in rules.ROLES.items()])
    office_code = ChoiceField(_("Ufficio"))
    scope_ref = ChoiceField(_("Quartiere o gestore"), description=_("Per i ruoli che valgono per uno solo."))


class GrantForm(Form):
    """Giving one permission."""

    permission = ChoiceField(_("Permesso"), pairs=[(p.value, _(label)) for p, label in rules.PERMISSION_LABELS.items()])
    scope_kind = ChoiceField(
        _("Vale per"),
        pairs=[
            (ScopeKind.ALL.value, _("Tutto")),
            (ScopeKind.OFFICE.value, _("Un ufficio")),
            (ScopeKind.ACTION.value, _("Una sola azione")),
        ],
    )
    scope_ref = LineField(
        _("Quale"),
        [at_most(60)],
        description=_("Il codice dell'ufficio o dell'azione; vuoto per tutto."),
    )


class MailSignInForm(OpenForm):
    """Asking for a link by mail."""

    email = LineField(_("Posta elettronica"), [required(), mail_address], render_kw={"autocomplete": "email", "type": "email"})


class PressForm(Form):
    """A button and nothing else: the act that opening a link must not be."""


class AddressForm(Form):
    """Adding an address to one's own account."""

    email = LineField(
        _("Posta elettronica"),
        [required(), mail_address],
        description=_("Ti mandiamo un collegamento: l'indirizzo vale quando ne premi il pulsante."),
        render_kw={"autocomplete": "email", "type": "email"},
    )


class TheirAddressForm(Form):
    """An operator writes a person's address: her own browser must not offer its own."""

    email = LineField(
        _("Posta elettronica della persona"),
        [required(), mail_address],
        description=_("Le arriva un collegamento: l'indirizzo vale quando ne preme il pulsante."),
        render_kw={"autocomplete": "off", "type": "email"},
    )


class BondForm(Form):
    """Declaring a bond with a quartiere; the view sets the quartieri."""

    kind = OneField(_("Che cosa ti lega"), [required()], pairs=[(k.value, _(words)) for k, words in rules.BONDS.items()])
    quartiere_code = ChoiceField(_("Quartiere"))


class NoticesForm(Form):
    """Choosing what to be told."""

    wanted = ManyField(
        _("Scrivimi"),
        choices=choices([(k, _(words)) for k, (words, _default) in rules.NOTICES.items()]),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )


class ResidenceForm(Form):
    """Asking the office to look at a residence that the list does not know."""

    note = AreaField(
        _("Che cosa deve sapere l'ufficio"),
        [at_most(1000)],
        description=_("Per esempio: mi sono trasferita il mese scorso. Non scrivere il codice fiscale."),
    )


class BodyForm(Form):
    """Registering an association or body; the view sets the quartieri."""

    name = LineField(_("Nome"), [required(), at_most(160)])
    kind = ChoiceField(_("Che cos'è"), pairs=[(k.value, _(words)) for k, words in rules.BODY_KINDS.items()])
    fiscal_code = LineField(
        _("Codice fiscale dell'ente"), [required(), at_most(20)], description=_("Undici cifre, non quello di una persona.")
    )
    register_number = LineField(
        _("Numero di iscrizione al RUNTS"), [at_most(40)], description=_("Se c'è: registro unico nazionale del terzo settore.")
    )
    purpose = AreaField(_("Di che cosa si occupa"), [required(), at_most(1000)])
    seat = LineField(_("Sede"), [at_most(200)])
    quartiere_code = ChoiceField(_("Quartiere"))
    website = LineField(_("Sito"), [at_most(300), web_address], render_kw={"type": "url"})
    email = LineField(
        _("Posta elettronica pubblica"),
        [at_most(254), mail_address],
        description=_("Si vede sul sito: quella dell'ente, non la tua."),
        render_kw={"type": "email"},
    )
    role = LineField(
        _("Come chi parli"), [required(), at_most(80)], description=_("Per esempio: presidente, delegata. Non si vede sul sito.")
    )

    def value(self) -> BodyData:
        """Return what the form tells of the body."""
        return BodyData(
            name=self.name.data,
            kind=rules.BodyKind(self.kind.data),
            fiscal_code=self.fiscal_code.data,
            purpose=self.purpose.data,
            register_number=self.register_number.data or "",
            seat=self.seat.data or "",
            quartiere_code=self.quartiere_code.data or None,
            website=self.website.data or "",
            email=(self.email.data or "").lower(),
        )


class BatchForm(Form):
    """Opening a batch of entries; the view sets the quartieri."""

    channel = ChoiceField(
        _("Per quale via"),
        pairs=[(c.value, _(rules.CHANNELS[c])) for c in (rules.Channel.DESK, rules.Channel.PHONE, rules.Channel.PAPER)],
    )
    place = LineField(
        _("Luogo"), [required(), at_most(120)], description=_("Per esempio: URP, biblioteca, banchetto del mercato.")
    )
    quartiere_code = ChoiceField(_("Quartiere"))


class IdentifyForm(Form):
    """Identifying a person whose document the operator has seen."""

    fiscal_code = LineField(
        _("Codice fiscale"),
        [required(), at_most(30)],
        description=_("Serve a riconoscere la persona e non si conserva: resta solo un codice da cui non si ricava."),
        render_kw={"autocomplete": "off"},
    )


class ResidenceAnswerForm(Form):
    """Answering a request about residence."""

    granted = OneField(_("Esito"), [required()], pairs=[("1", _("Residenza verificata")), ("0", _("Non risulta"))])
    answer = AreaField(_("Risposta"), [required(), at_most(2000)], description=_("La legge chi ha chiesto."))


class BodyDecisionForm(Form):
    """Deciding about a registration."""

    state = OneField(_("Esito"), [required()])
    reason = AreaField(
        _("Perché"), [at_most(2000)], description=_("Obbligatorio se non è accolta o si chiude: lo legge chi l'ha chiesta.")
    )


class EraseForm(Form):
    """Erasing oneself: a tick, so that nobody does it by mistake."""

    sure = BooleanField(_("Ho letto, e voglio cancellare tutto"), [required(_("Spunta la casella per confermare."))])
