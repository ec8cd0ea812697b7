"""Shapes of the forms with which somebody rates."""

from typing import Any

from flask_babel import gettext, lazy_gettext
from flask_babel import lazy_gettext as _
from wtforms import BooleanField, Field, HiddenField
from wtforms.validators import ValidationError

from civic.quality.commands.ratings import Rest
from civic.quality.rules import ASPECTS, PAGE_INSTRUMENTS, TEXT_MOST, WORDS, Instrument
from civic.web.forms import (
    AreaField,
    ChoiceField,
    Form,
    LineField,
    ManyField,
    OpenForm,
    at_most,
    choices,
    mail_address,
)


class StarsField(Field):
    """A score from 1 to 5, sent by one of five buttons or radios."""

    data: Any

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read the score; anything else is no score."""
        text = str(valuelist[0]).strip() if valuelist else ""
        self.data = int(text) if text in {"1", "2", "3", "4", "5"} else None

    def pre_validate(self, form: object) -> None:
        """Ask for a score. Raises ValidationError."""
        if self.data is None:
            raise ValidationError(gettext("Scegli da una a cinque stelle."))


class RateForm(OpenForm):
    """The stars, stored at once: who knows what she wants presses one within the second."""

    min_seconds = 0
    stars = StarsField(_("Stelle"))
    point = HiddenField()
    ticket = LineField(_("Biglietto"), [at_most(20)], description=_("Facoltativo: il codice che ti ha dato l'ufficio."))


def _aspect(code: str) -> ChoiceField:
    scale = [("", _("Non so")), ("5", "5"), ("4", "4"), ("3", "3"), ("2", "2"), ("1", "1")]
    return ChoiceField(lazy_gettext(ASPECTS[code]), pairs=scale, default="")


class MoreForm(Form):
    """The rest of a rating, once; the view sets reasons and quartieri."""

    reasons = ManyField()
    courtesy = _aspect("courtesy")
    clarity = _aspect("clarity")
    waiting = _aspect("waiting")
    finding = _aspect("finding")
    privacy = _aspect("privacy")
    outcome = _aspect("outcome")
    text = AreaField(
        _("Vuoi dire qualcosa all'ufficio?"),
        [at_most(TEXT_MOST)],
        description=_("Facoltativo. Non scrivere nomi di persone: si valuta un servizio, non chi ci lavora."),
    )
    email = LineField(
        _("Posta elettronica"),
        [at_most(254), mail_address],
        description=_("Facoltativa: per sapere che cosa ne è stato. Non si pubblica."),
        render_kw={"autocomplete": "email", "type": "email"},
    )
    wants_public = BooleanField(
        _("Il testo si può pubblicare, senza il mio nome"),
        description=_("Prima lo legge una persona dell'ufficio, che toglie nomi e recapiti."),
    )
    quartiere_code = ChoiceField(_("In quale Quartiere?"), default="")
    works_there = BooleanField(
        _("Lavoro per l'ufficio o per l'ente che gestisce questo servizio"),
        description=_("La valutazione resta, ma fuori dal dato."),
    )

    def set_reasons(self, stars: int) -> None:
        """Offer the reasons that go with the score."""
        words = WORDS[Instrument.SERVICE]
        self.reasons.label.text = gettext(words.positive_question if stars >= 4 else words.negative_question)
        self.reasons.choices = choices([(code, gettext(text)) for code, text in words.reasons(stars)])

    def value(self, *, own_email: str, author_ref: str) -> Rest:
        """Return what was told."""
        typed = (self.email.data or "").strip().lower()
        return Rest(
            reasons=self.reasons.data or (),
            aspects={code: int(self[code].data) for code in ASPECTS if self[code].data},
            text=self.text.data or "",
            quartiere_code=self.quartiere_code.data or None,
            works_there=bool(self.works_there.data),
            wants_public=bool(self.wants_public.data),
            email=typed or (own_email if author_ref else ""),
            email_confirmed=bool(own_email) and typed in ("", own_email),
            author_ref=author_ref,
        )


class PageRatingForm(Form):
    """The rating of a page, as this site's pages and the main municipal site post it: without a token, see web.origins."""

    class Meta:
        """Asks for no CSRF token."""

        csrf = False

    instrument = ChoiceField(pairs=[(i.value, i.value) for i in PAGE_INSTRUMENTS], name="strumento", default="page_clarity")
    page = LineField(name="pagina", default="/")
    stars = StarsField(_("Stelle"), name="stelle")
    reasons = ManyField(name="risposte", validate_choice=False)
    text = AreaField(_("Vuoi aggiungere altri dettagli?"), [at_most(TEXT_MOST)], name="testo")
    key = LineField(name="chiave", validators=[at_most(64)], default="")

    def validate_page(self, field: Field) -> None:
        """Take only a path, or the address of a page. Raises ValidationError."""
        if not field.data or len(field.data) > 2000 or not field.data.startswith(("/", "https://", "http://")):
            raise ValidationError(gettext("Manca la pagina che stai valutando: torna lì e invia di nuovo."))

    def validate_reasons(self, field: Field) -> None:
        """Keep the reasons that go with the score: who changes her mind may leave a hidden one ticked."""
        kinds = {i.value: WORDS[i] for i in PAGE_INSTRUMENTS}
        asked = kinds.get(self.instrument.data)
        known = asked.reasons(self.stars.data) if asked and self.stars.data else ()
        field.data = [code for code, _words in known if code in (field.data or ())]
