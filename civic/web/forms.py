"""Forms: what was typed is cleaned, checked for shape, and never lost.

Rules live in commands. A command's refusal comes back into the form through `mending`, next to what the person typed.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from itsdangerous import BadData, URLSafeSerializer
from wtforms import DateField as WtDateField
from wtforms import (
    DateTimeLocalField,
    Field,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms import PasswordField as WtPasswordField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, StopValidation, ValidationError

from civic.kernel.clock import ROME
from civic.kernel.codes import token
from civic.kernel.errors import Refused, Stale
from civic.kernel.text import clean_line, clean_text, is_mail_address
from civic.web.i18n import explain
from civic.web.town import now, town

# Longer than this nobody keeps a form open without having forgotten what it asked.
_OPEN_FORM_LASTS = timedelta(hours=24)
# A form's key as this site makes it, or as another program would: nobody shares a short one by accident.
_KEY_SIZE = (20, 64)


class Form(FlaskForm):
    """Base of every form. `form_key` is new at each load: sent twice, it is the same submission."""

    form_key = HiddenField(default=token)
    stale = False

    def mending(self) -> "Mending":
        """Turn a command's refusal into an error of this form, so that the view shows the form again."""
        return Mending(self)

    def put_error(self, name: str | None, message: str) -> None:
        """Add an error to a field, or to the whole form when it has no such field."""
        field = self._fields.get(name or "")
        if field is None:
            self.form_errors.append(message)
        else:
            field.errors = [*field.errors, message]

    def problems(self) -> list[tuple[str, str]]:
        """List (field id, message) in the order of the page, for the error summary; '' is the whole form."""
        found = [("", m) for m in self.form_errors]
        for field in self:
            found += [(field.id, m) for m in field.errors if isinstance(m, str) or hasattr(m, "__html__") or str(m)]
        return found


class TrapField(StringField):
    """A field that people do not see and leave empty; machines that fill everything fill it."""

    data: Any


class OpenForm(Form):
    """A form that anyone may send without an account: two questions tell most machines, and no third party is asked.

    Whoever is taken for a machine by mistake gets the form back as it was, and may send it again at once.
    """

    # At least this long between showing and sending; the installation may ask for more. 0 here or there asks for nothing.
    min_seconds = 1
    website = TrapField(lazy_gettext("Lascia vuoto questo campo"))
    shown_at = HiddenField(default=lambda: _sign_instant(now()))

    def validate(self, extra_validators: Any = None) -> bool:
        """Check the fields, then whether a person sent them."""
        good = bool(super().validate(extra_validators))
        refusal = self._refusal()
        if refusal:
            self.put_error(None, refusal)
            self.website.data = ""
            self.shown_at.data = _sign_instant(now() - timedelta(seconds=self._seconds_asked))
        return good and not refusal

    @property
    def _seconds_asked(self) -> int:
        house = town().config.form_min_seconds
        return max(house, self.min_seconds) if house and self.min_seconds else 0

    def _refusal(self) -> Any:
        shown = _read_instant(str((self.shown_at.raw_data or [""])[0]))
        if not _KEY_SIZE[0] <= len(str(self.form_key.data or "")) <= _KEY_SIZE[1]:
            self.form_key.data = token()
            return gettext("Il modulo non è arrivato intero: controllalo e invia di nuovo.")
        if self.website.data:
            return gettext("Controlla i campi e invia di nuovo: uno, nascosto, era stato compilato da un programma.")
        if shown is None or now() - shown > _OPEN_FORM_LASTS:
            return gettext("Il modulo era aperto da più di un giorno, o non è arrivato intero: controllalo e invia di nuovo.")
        if now() - shown < timedelta(seconds=self._seconds_asked):
            return gettext("Hai inviato molto in fretta. Se sei una persona, invia di nuovo: quello che hai scritto è qui.")
        return None


def _instants() -> URLSafeSerializer:
    return URLSafeSerializer(town().config.secret_key, salt="civic.form.shown_at")


def _sign_instant(at: datetime) -> str:
    return str(_instants().dumps(round(at.timestamp() * 1000)))


def _read_instant(signed: str) -> datetime | None:
    """Read an instant that this site signed; None for anything else."""
    try:
        return datetime.fromtimestamp(_instants().loads(signed) / 1000, UTC)
    except BadData:
        return None


class Mending:
    """A block that ends early and quietly when a command refuses: the refusal is then an error of the form."""

    def __init__(self, form: Form) -> None:
        self._form = form

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> bool:
        """Take a refusal or a stale edit; let everything else through."""
        if isinstance(error, Stale):
            self._form.stale = True
            self._form.put_error(None, explain(error))
        elif isinstance(error, Refused):
            self._form.put_error(error.field, explain(error))
        return isinstance(error, Refused | Stale)


class VersionedForm(Form):
    """A form that remembers which version of the thing it was filled from."""

    version = HiddenField(default="0")

    @property
    def seen_version(self) -> int:
        """The version the editor saw."""
        text = str(self.version.data or "0")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0

    def catch_up(self, version: int) -> None:
        """After a refusal because somebody was quicker: what is sent again is meant for the version of now."""
        if self.stale:
            self.version.data = str(version)


def choices(pairs: Iterable[tuple[object, object]]) -> list[SelectChoice]:
    """Turn (value, label) pairs into the choices of a field."""
    return [SelectChoice(value, label) for value, label in pairs]


class ChoiceField(SelectField):
    """One of several; choices are set at once, or by the view with `choices(...)`."""

    data: Any

    def __init__(
        self, label: Any = None, validators: Any = None, *, pairs: Sequence[tuple[Any, Any]] = (), **kwargs: Any
    ) -> None:
        super().__init__(label, validators, choices=choices(pairs), coerce=str, **kwargs)

    def pre_validate(self, form: Any) -> None:
        """Take only what the list offers. Raises ValidationError."""
        if self.validate_choice and not any(choice.selected for choice in self.iter_choices()):
            raise ValidationError(gettext("Scegli una voce dell'elenco."))


class ManyField(SelectMultipleField):
    """Any of several; the view sets the choices."""

    data: Any


class OneField(RadioField):
    """One of a few, all in sight."""

    data: Any

    def __init__(
        self, label: Any = None, validators: Any = None, *, pairs: Sequence[tuple[Any, Any]] = (), **kwargs: Any
    ) -> None:
        super().__init__(label, validators, choices=choices(pairs), coerce=str, **kwargs)


class SecretField(WtPasswordField):
    """A password: taken as it was typed, never shown again."""

    data: Any


class LineField(StringField):
    """One line of text, cleaned."""

    data: Any

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Clean what was typed."""
        if valuelist:
            self.data = clean_line(str(valuelist[0]))


class AreaField(TextAreaField):
    """Several lines of text, cleaned."""

    data: Any

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Clean what was typed."""
        if valuelist:
            self.data = clean_text(str(valuelist[0]))


class NumberField(IntegerField):
    """A whole number or nothing, with an Italian sentence when it is not one."""

    data: Any

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read the number; an empty field is None."""
        text = str(valuelist[0]).strip() if valuelist else ""
        self.data = None
        if not text:
            return
        if not (text.isascii() and text.lstrip("-").isdigit()) or len(text) > 15:
            raise ValueError(gettext("Scrivi un numero intero, per esempio 12."))
        self.data = int(text)


class AmountField(StringField):
    """A decimal number or nothing, with a comma or a point; what was typed is kept when it is not one."""

    data: Any

    def _value(self) -> str:
        if self.raw_data or self.data is None:
            return str(self.raw_data[0]) if self.raw_data else ""
        text = f"{self.data:f}"
        return (text.rstrip("0").rstrip(".") if "." in text else text).replace(".", ",")

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read the number; an empty field is None."""
        text = str(valuelist[0]).strip() if valuelist else ""
        self.data = None
        if not text:
            return
        if re.fullmatch(r"-?[1-9]\d{0,2}(\.\d{3})+", text):  # twelve hundred for an Italian, one and a fifth for a machine
            raise ValueError(gettext("Scrivi il numero senza il punto delle migliaia, per esempio 1200 oppure 12,5."))
        try:
            value = Decimal(text.replace(".", "").replace(",", ".") if "," in text else text)
        except InvalidOperation as error:
            raise ValueError(gettext("Scrivi un numero, per esempio 12,5.")) from error
        if not value.is_finite() or abs(value) >= Decimal("1e12"):
            raise ValueError(gettext("Scrivi un numero, per esempio 12,5."))
        self.data = value


class DayField(WtDateField):
    """A day or nothing."""

    data: Any

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read the day; an empty field is None."""
        if not valuelist or not str(valuelist[0]).strip():
            self.data = None
            return
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(gettext("Scrivi un giorno che esiste, nella forma anno-mese-giorno: 2026-06-30.")) from error


class InstantField(DateTimeLocalField):
    """An instant or nothing, typed as a day and an hour in Italy; of an hour that comes twice the first is meant."""

    data: Any
    render_kw: Any

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read day and hour; an empty field is None."""
        if not valuelist or not str(valuelist[0]).strip():
            self.data = None
            return
        try:
            super().process_formdata([str(valuelist[0]).strip()])
            self.data = _in_utc(self.data)
        except (ValueError, OverflowError) as error:
            self.data = None
            if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d", str(valuelist[0]).strip()):
                # A field for instants shows no other text: what was typed comes back in one that does.
                self.render_kw = {**(self.render_kw or {}), "type": "text"}
            raise ValueError(gettext("Scrivi un giorno e un'ora che esistono, nella forma 2026-06-30T09:00.")) from error


def _in_utc(typed: datetime) -> datetime:
    """Return the instant at which clocks in Italy show this. Raises ValueError in the hour that spring leaves out."""
    at = typed.replace(tzinfo=ROME).astimezone(UTC)
    if at.astimezone(ROME).replace(tzinfo=None) != typed:
        raise ValueError(typed)
    return at


class _Filled(InputRequired):
    """Something was sent, and something is left of it once it is cleaned: spaces alone are nothing."""

    def __call__(self, form: Any, field: Field) -> None:
        """Check the field. Raises StopValidation."""
        super().__call__(form, field)
        if not field.errors and isinstance(field.data, str) and not field.data.strip():
            raise StopValidation(self.message)


def required(message: Any = None) -> InputRequired:
    """The field must be filled."""
    return _Filled(message or lazy_gettext("Questo campo è obbligatorio."))


def at_most(chars: int) -> Length:
    """The text is no longer than this."""
    return Length(max=chars, message=lazy_gettext("Accorcia il testo: al massimo %(max)d caratteri."))


def not_negative(_form: object, field: Field) -> None:
    """The number is unknown, zero or more."""
    if field.data is not None and field.data < 0:
        raise ValidationError(gettext("Scrivi un numero da zero in su."))


def web_address(_form: object, field: Field) -> None:
    """The text is empty or an http(s) address without spaces."""
    value = field.data or ""
    if value and (not value.lower().startswith(("https://", "http://")) or not value.isprintable() or " " in value):
        raise ValidationError(gettext("Scrivi un indirizzo completo, che comincia con https://."))


def mail_address(_form: object, field: Field) -> None:
    """The text is empty or looks like an e-mail address."""
    if field.data and not is_mail_address(field.data):
        raise ValidationError(gettext("L'indirizzo di posta non è completo: controlla, per esempio nome@esempio.it."))
