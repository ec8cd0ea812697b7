"""Shapes of the plan's forms."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, HiddenField
from wtforms.validators import ValidationError

from civic.kernel.text import clean_line
from civic.planning.commands.actions import Classification
from civic.planning.commands.drafts import DraftData
from civic.planning.models import ActionKind, SiteBasis, Status
from civic.planning.queries.actions import ProgrammeFilter
from civic.planning.rules import STATUSES, StatusData
from civic.web.forms import (
    AmountField,
    AreaField,
    ChoiceField,
    DayField,
    Form,
    LineField,
    ManyField,
    VersionedForm,
    at_most,
    not_negative,
    required,
    web_address,
)

_STATUS_CHOICES = [(s.value, _(look.label)) for s, look in STATUSES.items()]


class ProgrammeSearch:
    """The programme's filter as an address carries it: unknown words are ignored, never an error."""

    @staticmethod
    def from_args(args: Mapping[str, str]) -> ProgrammeFilter:
        """Read the filter of a request."""

        def line(name: str) -> str:
            return clean_line(args.get(name, ""))[:100]

        status, kind = line("stato"), line("tipo")
        return ProgrammeFilter(
            mandate=line("mandato"),
            direction=line("indirizzo"),
            topic=line("argomento").lower(),
            quartiere=line("quartiere"),
            query=line("q"),
            status=Status(status) if status in set(Status) else None,
            kind=ActionKind(kind) if kind in set(ActionKind) else None,
        )


class DraftForm(VersionedForm):
    """A draft of an action."""

    title_it = LineField(_("Titolo"), [required(), at_most(300)])
    title_en = LineField(_("Titolo in inglese"), [at_most(300)])
    summary_it = AreaField(_("Che cosa si fa"), [at_most(5_000)], description=_("Puoi usare elenchi e grassetti (Markdown)."))
    summary_en = AreaField(_("Che cosa si fa, in inglese"), [at_most(5_000)])
    quantity = AmountField(
        _("Quanto si è fatto finora"), [not_negative], description=_("Un numero. Lascia vuoto se non è noto: vuoto non è zero.")
    )
    target = AmountField(_("Quanto si è promesso"), [not_negative])
    unit_it = LineField(_("Unità"), [at_most(80)], description=_("Per esempio: alberi, km, alloggi."))
    unit_en = LineField(_("Unità in inglese"), [at_most(80)])
    amount_eur = AmountField(_("Importo in euro"), [not_negative])
    source_url = LineField(_("Indirizzo della fonte"), [at_most(400), web_address])
    status = ChoiceField(_("Nuovo stato"), pairs=[("", _("Nessun cambiamento")), *_STATUS_CHOICES])
    status_as_of = DayField(_("Giorno a cui si riferisce lo stato"))
    status_note_it = AreaField(
        _("Nota sullo stato"), [at_most(3_000)], description=_("La leggono i cittadini, accanto allo stato.")
    )
    status_cause_it = AreaField(
        _("Causa o motivo"), [at_most(3_000)], description=_("Obbligatoria se l'azione è critica, modificata o ritirata.")
    )
    status_source_url = LineField(_("Indirizzo dell'atto o della prova"), [at_most(400), web_address])

    def value(self) -> DraftData:
        """Return what was typed."""
        nullable = {"quantity", "target", "amount_eur", "status_as_of"}
        typed: dict[str, Any] = {name: getattr(self, name).data for name in DraftData.__slots__}
        words: dict[str, Any] = {name: value if name in nullable else value or "" for name, value in typed.items()}
        return DraftData(**words)


class ReturnForm(Form):
    """Sending a draft back."""

    note = AreaField(_("Che cosa manca?"), [required(_("Scrivi che cosa deve cambiare.")), at_most(2_000)])


class AssessmentForm(Form):
    """A third party's assessment."""

    by_label = LineField(_("Chi valuta"), [required(), at_most(200)], description=_("Un soggetto terzo rispetto all'ufficio."))
    status = ChoiceField(_("Stato"), pairs=_STATUS_CHOICES)
    as_of = DayField(_("Giorno a cui si riferisce"), [required()])
    note_it = AreaField(_("Nota"), [at_most(3_000)])
    cause_it = AreaField(_("Causa o motivo"), [at_most(3_000)])
    source_url = LineField(_("Indirizzo della fonte"), [at_most(400), web_address])

    def value(self) -> StatusData:
        """Return what was typed."""
        return StatusData(
            status=Status(self.status.data),
            as_of=self.as_of.data,
            note_it=self.note_it.data or "",
            cause_it=self.cause_it.data or "",
            source_url=self.source_url.data or "",
        )


class ClassificationForm(VersionedForm):
    """Where an action belongs."""

    direction_code = ChoiceField(_("Indirizzo strategico"))
    lead_office_code = ChoiceField(_("Ufficio che ne risponde"))
    importance = ChoiceField(
        _("Importanza"),
        pairs=[("", _("Non indicata")), ("3", _("Molto importante")), ("2", _("Importante")), ("1", _("Meno importante"))],
    )
    tags = LineField(_("Argomenti"), [at_most(400)], description=_("Separati da punto e virgola; il primo è il principale."))
    sites = ManyField(_("Quartieri"), coerce=str)
    inferred = BooleanField(_("I quartieri sono dedotti, non dichiarati dalla fonte"))
    operational = ManyField(_("Obiettivi operativi del DUP"), coerce=int)
    sheets = ManyField(_("Schede PEG"), coerce=int)

    def value(self) -> Classification:
        """Return what was typed."""
        basis = SiteBasis.INFERRED if self.inferred.data else SiteBasis.STATED
        words = [t.strip().lower()[:60] for t in (self.tags.data or "").split(";")]
        return Classification(
            direction_code=self.direction_code.data or None,
            lead_office_code=self.lead_office_code.data or None,
            importance=int(self.importance.data) if self.importance.data else None,
            tags=tuple(dict.fromkeys(t for t in words if t)),
            sites=tuple((c, basis) for c in self.sites.data or ()),
            operational_ids=tuple(self.operational.data or ()),
            peg_ids=tuple(self.sheets.data or ()),
        )


class ImportForm(Form):
    """A programme's file."""

    file = FileField(_("File CSV del programma"), [FileRequired(_("Scegli il file da importare."))])


class ApplyForm(Form):
    """Applying what the preview showed: the file's text travels with the form."""

    text = HiddenField()
    by_label = LineField(_("Chi dichiara questi stati"), [required(), at_most(200)])


class PhaseForm(VersionedForm):
    """What a phase came to."""

    actual_start = DayField(_("Cominciata il"))
    actual_end = DayField(_("Finita il"))


class MeasureForm(Form):
    """A measured value of an indicator."""

    value_ = AmountField(_("Valore raggiunto"), [required()])
    as_of = DayField(_("Alla data del"), [required()])
    evidence_it = AreaField(_("Da che cosa risulta"), [required(_("Scrivi da che cosa risulta il valore.")), at_most(2_000)])

    def validate_value_(self, field: AmountField) -> None:
        """A measured value is a number."""
        if field.data is None and not field.errors:
            raise ValidationError(_("Scrivi un numero, per esempio 12,5."))
