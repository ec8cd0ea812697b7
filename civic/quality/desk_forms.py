"""Shapes of the forms of the desk."""

from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import gettext, lazy_gettext
from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, Field, HiddenField
from wtforms.validators import ValidationError

from civic.kernel.clock import parse_partial_date
from civic.quality.commands.evidence import MeasureData, StandardData
from civic.quality.commands.points import PointData
from civic.quality.commands.ratings import RatingData
from civic.quality.models import SENSES, Sense
from civic.quality.rules import STARS, WINDOW_VERDICTS, Instrument
from civic.web.forms import (
    AmountField,
    AreaField,
    ChoiceField,
    DayField,
    Form,
    LineField,
    NumberField,
    OneField,
    at_most,
    mail_address,
    not_negative,
    required,
    web_address,
)

# No office has more contacts, and no database column holds more than ten digits before the comma.
_MOST_COUNTED = 1_000_000_000
_MOST_AMOUNT = Decimal(10) ** 10
# The notes of two people stand in one column of a thousand.
_NOTE_MOST = 480


def filled(_form: object, field: Field) -> None:
    """Spaces alone are no number and no day. Raises ValidationError."""
    if field.data is None and not field.errors:
        raise ValidationError(gettext("Questo campo è obbligatorio."))


def countable(_form: object, field: Field) -> None:
    """The number is one that can be counted up to. Raises ValidationError."""
    if field.data is not None and abs(field.data) > _MOST_COUNTED:
        raise ValidationError(gettext("Questo numero è troppo grande: ricontrollalo."))


def storable(_form: object, field: Field) -> None:
    """The amount has at most ten digits before the comma. Raises ValidationError."""
    if field.data is not None and abs(field.data) >= _MOST_AMOUNT:
        raise ValidationError(gettext("Questo numero è troppo grande: ricontrollalo."))


class MonthField(LineField):
    """A month or nothing, typed as 2026-10; its data is the first day."""

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return f"{self.data:%Y-%m}" if isinstance(self.data, date) else ""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read the month; an empty field is None."""
        text, precision = str(valuelist[0]).strip() if valuelist else "", ""
        self.data = None
        if not text:
            return
        try:
            day, precision = parse_partial_date(text)
        except ValueError:
            day = None
        if precision != "month":
            raise ValueError(gettext("Scrivi un mese nella forma anno-mese, per esempio 2026-10."))
        self.data = day


class PointForm(Form):
    """A poster or a totem; the view sets the quartieri."""

    place = LineField(
        _("Dove sta"), [required(), at_most(160)], description=_("Si legge sul manifesto: sportello, piano, indirizzo.")
    )
    quartiere_code = ChoiceField(_("Quartiere"))
    is_kiosk = BooleanField(
        _("È un totem, con cinque pulsanti sullo schermo"),
        description=_("Un totem non distingue una persona dall'altra: le sue valutazioni si mostrano a parte, fuori dal dato."),
    )

    def value(self) -> PointData:
        """Return the point."""
        return PointData(
            place=self.place.data, quartiere_code=self.quartiere_code.data or None, is_kiosk=bool(self.is_kiosk.data)
        )


class TicketsForm(Form):
    """How many tickets to prepare; the view sets the quartieri."""

    count = NumberField(_("Quanti biglietti"), [required(), filled], description=_("Da 1 a 200 alla volta."))
    quartiere_code = ChoiceField(
        _("Quartiere"), description=_("Se li dai tutti nello stesso posto: la valutazione viene contata per quel Quartiere.")
    )


class InviteForm(Form):
    """Who had a contact, and gets a ticket by mail."""

    email = LineField(
        _("Posta elettronica di chi ha avuto il contatto"),
        [required(), at_most(254), mail_address],
        render_kw={"autocomplete": "off", "type": "email"},
    )


class ContactsForm(Form):
    """How many contacts there were in a month."""

    month = MonthField(
        _("Mese"),
        [required(), filled],
        description=_("Anno e mese, per esempio 2026-10. Un mese già detto viene sostituito."),
        render_kw={"type": "month"},
    )
    n = NumberField(
        _("Quanti contatti"),
        [required(), filled, countable],
        description=_("Persone servite allo sportello, telefonate, pratiche chiuse: quello che il servizio conta."),
    )
    source = LineField(
        _("Da dove si sa"), [required(), at_most(200)], description=_("Per esempio: il sistema delle code, il gestionale.")
    )


class StandardForm(Form):
    """A promise of the Carta dei servizi."""

    label_it = LineField(_("Che cosa si promette"), [required(), at_most(200)])
    label_en = LineField(_("Lo stesso in inglese"), [at_most(200)], description=_("Facoltativo."))
    sense = ChoiceField(_("Il numero promesso è"), pairs=[(s.value, lazy_gettext(SENSES[s])) for s in Sense])
    promised = AmountField(_("Numero promesso"), [required(), filled, not_negative, storable])
    unit = LineField(_("Unità"), [required(), at_most(60)], description=_("Per esempio: giorni lavorativi, minuti, percento."))
    source_url = LineField(
        _("Indirizzo della Carta"), [at_most(400), web_address], description=_("Facoltativo: dove chiunque la legge.")
    )

    def value(self) -> StandardData:
        """Return the promise."""
        return StandardData(
            label_it=self.label_it.data,
            label_en=self.label_en.data or "",
            promised=self.promised.data,
            unit=self.unit.data,
            sense=Sense(self.sense.data),
            source_url=self.source_url.data or "",
        )


class MeasureForm(Form):
    """What was measured of a promise."""

    period_start = DayField(_("Dal giorno"), [required(), filled])
    period_end = DayField(_("Al giorno"), [required(), filled])
    measured = AmountField(_("Valore misurato"), [required(), filled, storable])
    n = NumberField(
        _("Su quanti casi"), [not_negative, countable], description=_("Facoltativo: quante pratiche, telefonate, attese.")
    )
    method = LineField(
        _("Come è stato misurato"),
        [required(), at_most(300)],
        description=_("Se correggi un valore già scritto per lo stesso periodo, di' anche perché."),
    )

    def value(self) -> MeasureData:
        """Return the measure."""
        return MeasureData(
            period_start=self.period_start.data,
            period_end=self.period_end.data,
            value=self.measured.data,
            n=self.n.data,
            method=self.method.data,
        )


class ResultsForm(Form):
    """A file of results that are not ours."""

    file = FileField(_("File CSV dei risultati"), [FileRequired(_("Scegli il file da caricare."))])


class ResultsApplyForm(Form):
    """Adding what the preview showed: the file's text travels with the form."""

    text = HiddenField()


class EnterForm(Form):
    """What somebody said at the counter or by telephone; the view sets services and quartieri."""

    service_code = ChoiceField(_("Servizio"))
    stars = OneField(
        _("Quante stelle dà la persona"),
        [required(_("Scegli da una a cinque stelle."))],
        pairs=[(str(s), _("%(stars)s su 5: %(words)s", stars=s, words=lazy_gettext(STARS[s]))) for s in (5, 4, 3, 2, 1)],
    )
    quartiere_code = ChoiceField(_("In quale Quartiere?"))

    def value(self, *, language: str) -> RatingData:
        """Return the rating; the same form twice is one."""
        return RatingData(
            instrument=Instrument.SERVICE,
            service_code=self.service_code.data,
            stars=int(self.stars.data),
            form_key=str(self.form_key.data),
            quartiere_code=self.quartiere_code.data or None,
            language=language,
        )


class VerdictForm(Form):
    """What one of two people thinks of an anomalous window."""

    verdict = OneField(
        _("Che cosa ne pensi"), [required()], pairs=[(v.value, lazy_gettext(words)) for v, words in WINDOW_VERDICTS.items()]
    )
    note = AreaField(
        _("Perché"),
        [required(), at_most(_NOTE_MOST)],
        description=_("La legge chi decide con te: che cosa hai guardato, che cosa hai saputo."),
    )
    public_note = AreaField(
        _("Nota pubblica"),
        [at_most(400)],
        description=_("Sta nella pagina del servizio, accanto al dato. La scrive chi propone; chi conferma può cambiarla."),
    )


class EmployeesForm(Form):
    """Who works for an office or a provider; the view sets the employers."""

    employer = ChoiceField(_("Ufficio o gestore"))
    lines = AreaField(
        _("Codici fiscali"),
        [required()],
        description=_("Uno per riga. L'elenco nuovo prende il posto di quello di prima."),
        render_kw={"rows": "10", "spellcheck": "false", "autocomplete": "off"},
    )
