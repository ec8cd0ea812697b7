"""Shapes of the outbox's forms."""

from flask_babel import lazy_gettext as _
from wtforms.validators import NumberRange

from civic.outbox.commands import AllowanceData
from civic.web.forms import AreaField, Form, InstantField, LineField, NumberField, at_most, mail_address, required


class AllowanceForm(Form):
    """More mails from a network, or from everywhere for a while."""

    name = LineField(_("Nome"), [required(), at_most(120)], description=_("Per esempio: biblioteca, o apertura del sondaggio."))
    network = LineField(
        _("Rete"),
        [at_most(50)],
        description=_(
            "Gli indirizzi della sede, per esempio 203.0.113.0/24. Vuoto vale per tutti: allora servono inizio e fine."
        ),
    )
    starts_at = InstantField(_("Comincia"), description=_("Giorno e ora in Italia. Vuoto: da subito."))
    ends_at = InstantField(_("Finisce"), description=_("Giorno e ora in Italia. Vuoto: finché non la togli."))
    per_hour = NumberField(_("Messaggi in un'ora"), [required(), NumberRange(1, 100_000, _("Scrivi un numero da 1 a 100.000."))])
    note = AreaField(_("Nota"), [at_most(300)])

    def value(self) -> AllowanceData:
        """Return what was typed."""
        return AllowanceData(
            name=self.name.data,
            network=self.network.data or "",
            starts_at=self.starts_at.data,
            ends_at=self.ends_at.data,
            per_hour=self.per_hour.data,
            note=self.note.data or "",
        )


class UnblockForm(Form):
    """An address whose owner wants mail again."""

    email = LineField(_("Indirizzo di posta"), [required(), at_most(254), mail_address], render_kw={"autocomplete": "off"})


class StopForm(Form):
    """A button: no more mails to this address."""
