"""Administration: who the ente is, its catalogue, thresholds, mails, silence windows, reports about the site."""

from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms.fields.choices import SelectChoice

from civic.city import commands, forms, queries
from civic.kernel.clock import civil_day
from civic.kernel.errors import Missing
from civic.kernel.paging import Paging
from civic.kernel.permissions import Permission
from civic.outbox.queries import mail_texts
from civic.web.doors import staff
from civic.web.forms import Form, choices
from civic.web.pages import absolute, page
from civic.web.town import now, reading, who, writing

desk = Blueprint("city_desk", __name__, url_prefix="/desk/amministrazione")
_CATALOGUE, _IDENTITY, _REPORTS = (
    Permission.CITY_CATALOGUE_EDIT,
    Permission.CITY_IDENTITY_EDIT,
    Permission.CITY_REPORT_ANSWER,
)


def _saved(endpoint: str) -> ResponseReturnValue:
    flash(_("Salvato."), "success")
    return redirect(url_for(endpoint), 303)


def _status(form: Form) -> int:
    return 409 if form.stale else 422 if form.is_submitted() else 200


@desk.route("/ente", methods=["GET", "POST"])
@staff(_IDENTITY)
def identity() -> ResponseReturnValue:
    """Who the municipality is."""
    form = forms.EnteForm()
    if form.validate_on_submit():
        with form.mending(), writing() as session:
            commands.set_identity(session, who(), form.value(), version=form.seen_version, now=now())
            return _saved("city_desk.identity")
    with reading() as session:
        theirs = queries.ente_or_none(session)
        if not form.is_submitted():
            form.process(obj=theirs)
        form.catch_up(theirs.version if theirs else 0)
        return page(form=form, theirs=theirs if form.stale else None, status=_status(form))


@desk.route("/pie-di-pagina", methods=["GET", "POST"])
@staff(_IDENTITY)
def footer() -> ResponseReturnValue:
    """Links of the footer."""
    form = forms.FooterLinkForm()
    if form.validate_on_submit():
        with form.mending(), writing() as session:
            commands.add_footer_link(
                session,
                who(),
                label_it=form.label_it.data,
                label_en=form.label_en.data or "",
                url=form.url.data,
                position=form.position.data,
                now=now(),
            )
            return _saved("city_desk.footer")
    with reading() as session:
        return page(form=form, links=queries.footer_links(session), status=_status(form))


@desk.post("/pie-di-pagina/<int:link_id>/togli")
@staff(_IDENTITY)
def footer_remove(link_id: int) -> ResponseReturnValue:
    """Take a link out of the footer."""
    with writing() as session:
        commands.remove_footer_link(session, who(), link_id, now=now())
    return _saved("city_desk.footer")


@desk.route("/soglie", methods=["GET", "POST"])
@staff(_IDENTITY)
def thresholds() -> ResponseReturnValue:
    """Thresholds of the house: stricter than the default, never laxer."""
    form = forms.ThresholdsForm()
    if form.validate_on_submit():
        with form.mending(), writing() as session:
            for name, value in form.values().items():
                commands.set_threshold(session, who(), name, value, now=now())
            return _saved("city_desk.thresholds")
    with reading() as session:
        rows = queries.thresholds(session)
        if not form.is_submitted():
            form.process(data={row.name: row.value for row in rows})
        return page(form=form, rows=rows, status=_status(form))


@desk.get("/messaggi")
@staff(_IDENTITY)
def mails() -> ResponseReturnValue:
    """The mails that the site sends."""
    with reading() as session:
        return page(mails=mail_texts(session))


@desk.route("/messaggi/<kind>", methods=["GET", "POST"])
@staff(_IDENTITY)
def mail(kind: str) -> ResponseReturnValue:
    """The words of one mail."""
    form = forms.MailTextForm()
    with reading() as session:
        found = next((m for m in mail_texts(session) if m.kind == kind), None)
    if found is None:
        raise Missing
    if form.validate_on_submit():
        with form.mending(), writing() as session:
            commands.change_mail(
                session, who(), kind, subject=form.subject.data, body=form.body.data, version=form.seen_version, now=now()
            )
            return _saved("city_desk.mails")
        with reading() as session:
            form.catch_up(next(m.version for m in mail_texts(session) if m.kind == kind))
    if not form.is_submitted():
        form.process(data={"subject": found.subject, "body": found.body, "version": str(found.version)})
    return page(form=form, mail=found, status=_status(form))


@desk.route("/silenzio-elettorale", methods=["GET", "POST"])
@staff(_IDENTITY)
def silence() -> ResponseReturnValue:
    """Windows of election silence."""
    form = forms.SilenceForm()
    if form.validate_on_submit():
        with form.mending(), writing() as session:
            commands.schedule_silence(
                session, who(), starts_on=form.starts_on.data, ends_on=form.ends_on.data, reason=form.reason.data, now=now()
            )
            return _saved("city_desk.silence")
    with reading() as session:
        return page(form=form, windows=queries.silence_windows(session), today=civil_day(now()), status=_status(form))


@desk.get("/uffici")
@staff(_CATALOGUE)
def offices() -> ResponseReturnValue:
    """Offices, those of the past included."""
    with reading() as session:
        return page(offices=queries.offices(session), today=civil_day(now()))


def _office_choices(session: Any, *, besides: str = "") -> list[SelectChoice]:
    others = (o for o in queries.offices(session) if o.code != besides)
    return choices([("", _("Nessuno")), *((o.code, o.name) for o in others)])


@desk.route("/uffici/nuovo", methods=["GET", "POST"])
@staff(_CATALOGUE)
def office_new() -> ResponseReturnValue:
    """Add an office."""
    form = forms.OfficeForm()
    with reading() as session:
        form.parent_code.choices = _office_choices(session)
    if form.validate_on_submit():
        with form.mending(), writing() as session:
            commands.add_office(session, who(), form.value(), now=now())
            return _saved("city_desk.offices")
    return page(form=form, status=_status(form))


@desk.route("/uffici/<code>", methods=["GET", "POST"])
@staff(_CATALOGUE)
def office(code: str) -> ResponseReturnValue:
    """Change an office."""
    form = forms.OfficeForm()
    with reading() as session:
        found = queries.office(session, code)
        form.parent_code.choices = _office_choices(session, besides=code)
        if not form.is_submitted():
            form.process(obj=found)
    forms.fix_code(form, code)
    if form.validate_on_submit():
        with form.mending(), writing() as session:
            commands.change_office(session, who(), form.value(), version=form.seen_version, now=now())
            return _saved("city_desk.offices")
        with reading() as session:
            form.catch_up(queries.office(session, code).version)
    return page(form=form, office=found, status=_status(form))


@desk.route("/uffici/<code>/riorganizza", methods=["GET", "POST"])
@staff(_CATALOGUE)
def reorganise(code: str) -> ResponseReturnValue:
    """Close an office and name the one that goes on."""
    form = forms.ReorganiseForm()
    with reading() as session:
        found = queries.office(session, code)
        form.successor_code.choices = _office_choices(session, besides=code)
        services = [s for s in queries.services(session) if s.office_code == code]
    if form.validate_on_submit():
        with form.mending(), writing() as session:
            commands.reorganise_office(
                session, who(), code, ends_on=form.ends_on.data, successor_code=form.successor_code.data, now=now()
            )
            return _saved("city_desk.offices")
    return page(form=form, office=found, services=services, status=_status(form))


@desk.get("/catalogo")
@staff(_CATALOGUE)
def catalogue() -> ResponseReturnValue:
    """Services, providers, quartieri: the lists to change."""
    with reading() as session:
        return page(
            services=queries.services(session, only_active=False),
            providers=queries.providers(session),
            quartieri=queries.quartieri(session),
        )


@desk.route("/servizi/nuovo", methods=["GET", "POST"])
@staff(_CATALOGUE)
def service_new() -> ResponseReturnValue:
    """Add a service."""
    form = _service_form()
    if form.validate_on_submit():
        with form.mending(), writing() as session:
            commands.add_service(session, who(), form.value(), now=now())
            return _saved("city_desk.catalogue")
    return page(form=form, status=_status(form))


def _service_form() -> forms.ServiceForm:
    form = forms.ServiceForm()
    with reading() as session:
        form.office_code.choices = _office_choices(session)
        form.provider_code.choices = choices([("", _("Il Comune")), *((p.code, p.name) for p in queries.providers(session))])
    return form


@desk.route("/servizi/<code>", methods=["GET", "POST"])
@staff(_CATALOGUE)
def service(code: str) -> ResponseReturnValue:
    """Change a service."""
    form = _service_form()
    with reading() as session:
        found = queries.service(session, code)
        if not form.is_submitted():
            form.process(obj=found)
            form.provider_code.data = found.provider_code or ""
    forms.fix_code(form, code)
    if form.validate_on_submit():
        with form.mending(), writing() as session:
            commands.change_service(session, who(), form.value(), version=form.seen_version, now=now())
            return _saved("city_desk.catalogue")
        with reading() as session:
            form.catch_up(queries.service(session, code).version)
    return page(form=form, service=found, status=_status(form))


@desk.route("/gestori/<code>", methods=["GET", "POST"])
@staff(_CATALOGUE)
def provider(code: str) -> ResponseReturnValue:
    """Change a provider, or add one (`nuovo`)."""
    form = forms.ProviderForm()
    if code != "nuovo":
        with reading() as session:
            found = queries.provider(session, code)
            if not form.is_submitted():
                form.process(obj=found)
        forms.fix_code(form, code)
    if form.validate_on_submit():
        with form.mending(), writing() as session:
            commands.save_provider(session, who(), form.value(), new=code == "nuovo", now=now())
            return _saved("city_desk.catalogue")
    return page(form=form, code=code, status=_status(form))


@desk.route("/quartieri/<code>", methods=["GET", "POST"])
@staff(_CATALOGUE)
def quartiere(code: str) -> ResponseReturnValue:
    """Change a quartiere, or add one (`nuovo`)."""
    form = forms.QuartiereForm()
    if code != "nuovo":
        with reading() as session:
            found = queries.quartiere(session, code)
            if not form.is_submitted():
                form.process(obj=found)
        forms.fix_code(form, code)
    if form.validate_on_submit():
        with form.mending(), writing() as session:
            commands.save_quartiere(session, who(), form.value(), new=code == "nuovo", now=now())
            return _saved("city_desk.catalogue")
    return page(form=form, code=code, status=_status(form))


@desk.route("/festivita", methods=["GET", "POST"])
@staff(_CATALOGUE)
def holidays() -> ResponseReturnValue:
    """Local holidays, beside the national ones."""
    form = forms.HolidayForm()
    if form.validate_on_submit():
        with form.mending(), writing() as session:
            commands.add_holiday(
                session,
                who(),
                month=form.month.data,
                day=form.day.data,
                every=form.every.data or 0,
                name_it=form.name_it.data,
                name_en=form.name_en.data or "",
                now=now(),
            )
            return _saved("city_desk.holidays")
    year = civil_day(now()).year
    with reading() as session:
        return page(
            form=form,
            local=queries.holidays(session),
            days=queries.holidays_of(session, year),
            year=year,
            status=_status(form),
        )


@desk.post("/festivita/<int:holiday_id>/togli")
@staff(_CATALOGUE)
def holiday_remove(holiday_id: int) -> ResponseReturnValue:
    """Take a local holiday away."""
    with writing() as session:
        commands.remove_holiday(session, who(), holiday_id, now=now())
    return _saved("city_desk.holidays")


@desk.get("/segnalazioni")
@staff(_REPORTS)
def reports() -> ResponseReturnValue:
    """Messages about this site, the unanswered first."""
    with reading() as session:
        found = queries.report_page(session, paging=Paging.from_text(request.args.get("pagina")))
        return page(found=found, today=civil_day(now()))


@desk.post("/segnalazioni/<code>/cancella")
@staff(_REPORTS)
def report_erase(code: str) -> ResponseReturnValue:
    """Erase what the sender wrote and her address, when she asks."""
    with writing() as session:
        commands.erase_report(session, who(), code, now=now())
    return _saved("city_desk.reports")


@desk.route("/segnalazioni/<code>", methods=["GET", "POST"])
@staff(_REPORTS)
def report(code: str) -> ResponseReturnValue:
    """Read a message about this site, and answer it once."""
    form = forms.AnswerForm()
    if form.validate_on_submit():
        link = absolute(url_for("city.report", code="%s")).replace("%25s", "%s")
        with form.mending(), writing() as session:
            site = queries.ente(session).name
            commands.answer_report(session, who(), code, answer=form.answer.data, link=link, site=site, now=now())
            return _saved("city_desk.reports")
    with reading() as session:
        return page(form=form, report=queries.report_by_code(session, code), today=civil_day(now()), status=_status(form))
