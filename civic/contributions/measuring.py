"""Pages of the desk that look over all voices: the days that offices have, and the signals in what is said."""

from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from civic.city import queries as city
from civic.contributions import permits, rules
from civic.contributions.commands.terms import set_term, unset_term
from civic.contributions.editing import desk
from civic.contributions.forms import TermForm
from civic.contributions.queries import signals
from civic.contributions.queries import voices as queries
from civic.contributions.queries.terms import set_terms, terms
from civic.contributions.views import said_in, service_pairs
from civic.kernel.clock import civil_day
from civic.kernel.errors import Missing
from civic.kernel.permissions import Permission
from civic.web.doors import staff
from civic.web.forms import choices
from civic.web.pages import page
from civic.web.town import now, reading, who, writing

__all__ = ["desk"]
_TRIAGE = Permission.CONTRIBUTIONS_VOICE_TRIAGE
SPANS = (3, 6, 12)


@desk.route("/voci/termini", methods=["GET", "POST"])
@staff(_TRIAGE)
def term_list() -> ResponseReturnValue:
    """Within how many working days each office reads and answers; whoever triages for all sets them."""
    form = TermForm()
    with reading() as db:
        offices = {o.code: said_in(o.name, o.name_en) for o in city.offices_valid_on(db, civil_day(now()))}
        allowed = [(code, name) for code, name in offices.items() if permits.may_set_term(who(), code)]
        everyone = [("", _("Tutto il Comune"))] if permits.may_set_term(who(), None) else []
        form.office_code.choices = choices([*everyone, *allowed])
        told = _terms(db, offices)
    if form.validate_on_submit():
        with form.mending(), writing() as db:
            severity = rules.Severity(form.severity.data)
            set_term(db, who(), form.office_code.data or None, severity, form.value(), now=now())
            flash(_("Termine salvato: vale per le voci affidate da adesso."), "success")
            return redirect(url_for("voices_desk.term_list"), 303)
    return page(form=form, may_set=bool(everyone or allowed), **told, status=422 if form.is_submitted() else 200)


def _terms(db: Session, offices: dict[str, str]) -> dict[str, Any]:
    """Return the terms of the whole ente, and those of the offices that have their own."""
    known = terms(db)
    own = [(t, offices.get(t.office_code or "", t.office_code)) for t in set_terms(db) if t.office_code]
    return {
        "for_all": [(s, rules.term_of(known, None, s), ("", s.value) in known) for s in rules.Severity],
        "own": sorted(own, key=lambda pair: (pair[1] or "", pair[0].severity)),
        "mine": {t.id for t, _name in own if permits.may_set_term(who(), t.office_code)},
        "severities": rules.SEVERITIES,
    }


@desk.post("/voci/termini/togli")
@staff(_TRIAGE)
def term_remove() -> ResponseReturnValue:
    """Let an office have everybody's days again."""
    if request.form.get("severity") not in tuple(rules.Severity):
        raise Missing
    with writing() as db:
        severity = rules.Severity(request.form["severity"])
        unset_term(db, who(), request.form.get("office_code") or None, severity, now=now())
    return redirect(url_for("voices_desk.term_list"), 303)


@desk.get("/voci/segnali")
@staff(_TRIAGE)
def signal_list() -> Response:
    """Themes by month and quartiere, and the words that set some voices apart: a help for who reads, it labels nothing."""
    wanted = {name: request.args.get(arg, "") for name, arg in _SIGNALS.items()}
    months = request.args.get("mesi", SPANS[0], type=int)
    span = signals.span_until(civil_day(now()), months if months in SPANS else SPANS[0])
    with reading() as db:
        by_month, by_quartiere = signals.theme_trends(db, span)
        return page(
            span=span,
            spans=SPANS,
            wanted=wanted,
            by_month=by_month,
            by_quartiere=by_quartiere,
            words=signals.words_of(db, span, **wanted) if any(wanted.values()) else None,
            themes={t.code: said_in(t.label_it, t.label_en) for t in queries.themes(db)},
            quartieri={q.code: q.name for q in city.quartieri(db)},
            services=dict(service_pairs(db)),
            least=rules.LEAST_VOICES,
        )


_SIGNALS = {"theme": "tema", "service": "servizio", "quartiere": "quartiere"}
