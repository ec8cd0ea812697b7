"""Shapes of the city's forms."""

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import BooleanField
from wtforms.validators import NumberRange, Optional, Regexp, ValidationError

from civic.city import rules
from civic.city.commands import EnteData, OfficeData, ProviderData, QuartiereData, ReportData, ServiceData
from civic.city.models import OfficeKind, ProviderKind, ReportKind
from civic.web.forms import (
    AreaField,
    ChoiceField,
    DayField,
    Form,
    LineField,
    NumberField,
    OpenForm,
    VersionedForm,
    at_most,
    mail_address,
    required,
    web_address,
)

CODE = Regexp(r"^[A-Za-z0-9][A-Za-z0-9-]{0,59}\Z", message=_("Usa solo lettere, cifre e trattini, senza spazi."))
NEW = "nuovo"  # the address of the form that adds a thing, so no thing may have it as its code
# Words that stand in addresses where a code could stand, here and in the areas above.
RESERVED = frozenset({NEW, "flussi", "indagini", "pagine", "personale", "punti", "scrivi", "standard", "valutazioni.csv"})
OFFICE_KINDS = [(OfficeKind.DIREZIONE, _("Direzione")), (OfficeKind.UFFICIO, _("Ufficio")), (OfficeKind.SERVIZIO, _("Servizio"))]
PROVIDER_KINDS = [
    (ProviderKind.PARTECIPATA, _("Partecipata")),
    (ProviderKind.CONCESSIONARIO, _("Concessionario")),
    (ProviderKind.FONDAZIONE, _("Fondazione")),
    (ProviderKind.CONSORZIO, _("Consorzio")),
    (ProviderKind.ASP, _("ASP")),
]


def fix_code(form: Any, code: str) -> None:
    """Keep the code of a thing that exists: it stands in the address, and no field may change it."""
    form.code.data, form.code.raw_data = code, [code]


def not_reserved(_form: object, field: Any) -> None:
    """The code is none of the words that addresses of the site use in its place."""
    if (field.data or "").lower() in RESERVED:
        raise ValidationError(_("Questa parola serve al sito: scegli un altro codice."))


class EnteForm(VersionedForm):
    """Who the municipality is."""

    name = LineField(_("Nome dell'ente"), [required(), at_most(120)])
    short_name = LineField(_("Nome breve della città"), [required(), at_most(60)])
    tagline_it = LineField(_("Motto, in italiano"), [at_most(200)])
    tagline_en = LineField(_("Motto, in inglese"), [at_most(200)])
    region = LineField(_("Regione"), [at_most(80)])
    region_url = LineField(_("Sito della Regione"), [at_most(300), web_address])
    ipa_code = LineField(_("Codice IPA"), [at_most(20)])
    address = LineField(_("Indirizzo"), [at_most(200)])
    postal_code = LineField(_("CAP"), [at_most(10)])
    town = LineField(_("Città"), [at_most(80)])
    phone = LineField(_("Telefono"), [at_most(40)])
    email = LineField(_("Posta elettronica"), [at_most(254), mail_address])
    pec = LineField(_("PEC"), [at_most(254), mail_address])
    vat_number = LineField(_("Partita IVA"), [at_most(20)])
    site_url = LineField(_("Sito istituzionale"), [at_most(300), web_address])
    privacy_contact = LineField(_("Recapito del responsabile della protezione dei dati"), [at_most(254), mail_address])

    def value(self) -> EnteData:
        """Return what was typed."""
        return EnteData(**{name: getattr(self, name).data or "" for name in EnteData.__slots__})


class FooterLinkForm(Form):
    """A link of the footer."""

    label_it = LineField(_("Testo, in italiano"), [required(), at_most(80)])
    label_en = LineField(_("Testo, in inglese"), [at_most(80)])
    url = LineField(_("Indirizzo"), [required(), at_most(300), web_address])
    position = NumberField(_("Posizione"), [required(), NumberRange(0, 99, _("Scrivi un numero da 0 a 99."))], default=0)


class ThresholdsForm(Form):
    """All thresholds of the house."""

    def values(self) -> dict[str, int]:
        """Return name and value of each threshold."""
        return {name: getattr(self, name).data for name in rules.THRESHOLDS}


for _name, _rule in rules.THRESHOLDS.items():
    setattr(
        ThresholdsForm,
        _name,
        NumberField(_(_rule.label), [required(), NumberRange(1, 10_000, _("Scrivi un numero da 1 a 10.000."))]),
    )


class MailTextForm(VersionedForm):
    """The words of a mail."""

    subject = LineField(_("Oggetto"), [required(), at_most(250)])
    body = AreaField(_("Testo"), [required(), at_most(5_000)])


class SilenceForm(Form):
    """A window of election silence."""

    starts_on = DayField(_("Primo giorno"), [required()])
    ends_on = DayField(_("Ultimo giorno"), [required()])
    reason = LineField(_("Motivo"), [required(), at_most(200)], description=_("Per esempio: elezioni regionali."))


class OfficeForm(VersionedForm):
    """An office."""

    code = LineField(
        _("Codice"), [required(), CODE, not_reserved], description=_("Breve e stabile, per esempio direzione-ambiente.")
    )
    name = LineField(_("Nome"), [required(), at_most(160)])
    name_en = LineField(_("Nome in inglese"), [at_most(160)])
    kind = ChoiceField(_("Tipo"), pairs=OFFICE_KINDS)
    parent_code = ChoiceField(_("Dipende da"))
    valid_from = DayField(_("Esiste dal"))
    valid_to = DayField(_("Fino al"))
    basis_it = LineField(_("Da dove viene questo nome"), [at_most(300)])

    def value(self) -> OfficeData:
        """Return what was typed."""
        return OfficeData(
            code=self.code.data,
            name=self.name.data,
            name_en=self.name_en.data or "",
            kind=OfficeKind(self.kind.data),
            parent_code=self.parent_code.data or None,
            valid_from=self.valid_from.data,
            valid_to=self.valid_to.data,
            basis_it=self.basis_it.data or "",
        )


class ReorganiseForm(Form):
    """Closing an office."""

    ends_on = DayField(_("Ultimo giorno dell'ufficio"), [required()])
    successor_code = ChoiceField(_("Chi prosegue il lavoro"), [required()])


class QuartiereForm(Form):
    """A quartiere."""

    code = LineField(_("Codice"), [required(), CODE, not_reserved])
    number = NumberField(_("Numero"), [required(), NumberRange(1, 99, _("Scrivi un numero da 1 a 99."))])
    name = LineField(_("Nome"), [required(), at_most(120)])
    population = NumberField(
        _("Abitanti"), [Optional(), NumberRange(0, 99_999_999, _("Scrivi un numero intero, per esempio 12."))]
    )
    population_verified = BooleanField(_("Dato verificato con l'ufficio di statistica"))
    population_note_it = LineField(_("Fonte degli abitanti, in italiano"), [at_most(400)])
    population_note_en = LineField(_("Fonte degli abitanti, in inglese"), [at_most(400)])

    def value(self) -> QuartiereData:
        """Return what was typed."""
        return QuartiereData(
            code=self.code.data,
            number=self.number.data,
            name=self.name.data,
            population=self.population.data,
            population_verified=self.population_verified.data,
            population_note_it=self.population_note_it.data or "",
            population_note_en=self.population_note_en.data or "",
        )


class ProviderForm(Form):
    """A provider."""

    code = LineField(_("Codice"), [required(), CODE, not_reserved])
    name = LineField(_("Nome"), [required(), at_most(160)])
    kind = ChoiceField(_("Tipo"), pairs=PROVIDER_KINDS)
    note_it = AreaField(_("Nota"), [at_most(400)])

    def value(self) -> ProviderData:
        """Return what was typed."""
        return ProviderData(
            code=self.code.data, name=self.name.data, kind=ProviderKind(self.kind.data), note_it=self.note_it.data or ""
        )


class ServiceForm(VersionedForm):
    """A service of the catalogue."""

    code = LineField(_("Codice"), [required(), CODE, not_reserved])
    name_it = LineField(_("Nome"), [required(), at_most(160)])
    name_en = LineField(_("Nome in inglese"), [at_most(160)])
    category = LineField(_("Categoria"), [required(), at_most(60)])
    office_code = ChoiceField(_("Ufficio responsabile"), [required()])
    provider_code = ChoiceField(_("Gestore"))
    per_quartiere = BooleanField(_("Si svolge nei quartieri"))
    active = BooleanField(_("Attivo"), default=True)
    basis_it = AreaField(_("Da dove vengono questi dati"), [at_most(400)])
    source_url = LineField(_("Indirizzo della fonte"), [at_most(400), web_address])

    def value(self) -> ServiceData:
        """Return what was typed."""
        plain: dict[str, Any] = {n: getattr(self, n).data for n in ServiceData.__slots__ if n != "provider_code"}
        return ServiceData(**plain, provider_code=self.provider_code.data or None)


class HolidayForm(Form):
    """A local holiday."""

    day = NumberField(_("Giorno"), [required(), NumberRange(1, 31, _("Scrivi un giorno da 1 a 31."))])
    month = NumberField(_("Mese"), [required(), NumberRange(1, 12, _("Scrivi un mese da 1 a 12."))])
    every = NumberField(
        _("Anno"),
        [Optional(), NumberRange(1900, 2200, _("Scrivi un anno, o lascia vuoto."))],
        description=_("Lascia vuoto se ricorre ogni anno."),
    )
    name_it = LineField(_("Nome"), [required(), at_most(80)])
    name_en = LineField(_("Nome in inglese"), [at_most(80)])


class ReportForm(OpenForm):
    """A message about this site."""

    text = AreaField(
        _("Che cosa non va?"),
        [required(_("Scrivi che cosa non va.")), at_most(3_000)],
        description=_("Racconta che cosa volevi fare e che cosa è successo."),
    )
    page = LineField(_("In quale pagina?"), [at_most(300)], description=_("Facoltativo: l'indirizzo o il titolo della pagina."))
    email = LineField(
        _("La tua posta elettronica"),
        [at_most(254), mail_address],
        description=_("Facoltativa: la usiamo solo per risponderti."),
        render_kw={"autocomplete": "email", "type": "email"},
    )

    def value(self, kind: ReportKind) -> ReportData:
        """Return what was typed."""
        return ReportData(
            form_key=str(self.form_key.data)[:64],
            kind=kind,
            text=self.text.data,
            page=self.page.data or "",
            email=self.email.data or "",
        )


class AnswerForm(Form):
    """The answer to a report."""

    answer = AreaField(_("Risposta"), [required(_("Scrivi la risposta.")), at_most(3_000)])
