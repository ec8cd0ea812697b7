"""Shapes of the desk's own forms."""

from flask_babel import lazy_gettext as _

from civic.web.forms import Form, InstantField, required


class IncidentForm(Form):
    """When an incident was noticed."""

    noticed_at = InstantField(
        _("Quando ce ne siamo accorti"), [required()], description=_("Giorno e ora in Italia: da qui si contano i termini.")
    )
