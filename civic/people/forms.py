"""Shapes of the account forms."""

from flask_babel import lazy_gettext as _

from civic.kernel.actor import ScopeKind
from civic.people import rules
from civic.web.forms import ChoiceField, Form, LineField, SecretField, at_most, mail_address, required


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
