"""A citizen's own pages about herself: bonds, address, notices, residence, bodies she speaks for."""

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from civic.city import queries as city
from civic.kernel.silence import Silence
from civic.people import rules
from civic.people.commands import citizens as commands
from civic.people.commands.bodies import register_body
from civic.people.commands.residence import ask_residence
from civic.people.entering import send_link
from civic.people.forms import AddressForm, BodyForm, BondForm, NoticesForm, ResidenceForm
from civic.people.queries import citizens as queries
from civic.web import sessions
from civic.web.doors import citizen
from civic.web.forms import choices
from civic.web.pages import page
from civic.web.town import now, reading, who, writing

account = Blueprint("account", __name__, url_prefix="/area")


@account.route("/legami", methods=["GET", "POST"])
@citizen()
def bonds() -> ResponseReturnValue:
    """What ties her to the quartieri, and her age as far as it matters."""
    form = BondForm()
    with reading() as db:
        form.quartiere_code.choices = choices([(q.code, q.name) for q in city.quartieri(db)])
    if form.validate_on_submit():
        with form.mending(), writing() as db:
            commands.declare_bond(
                db,
                queries.citizen_of(db, who()),
                rules.BondKind(form.kind.data),
                form.quartiere_code.data,
                channel=rules.Channel.WEB,
                now=now(),
            )
            flash(_("Legame dichiarato."), "success")
            return redirect(url_for("account.bonds"), 303)
    with reading() as db:
        me = queries.citizen_of(db, who())
        return page(
            form=form,
            me=me,
            bonds=queries.bonds_of(db, me),
            words=rules.BONDS,
            has_list=queries.has_residents(db),
            requests=queries.requests_of(db, me),
            told=_told_age(),
            status=422 if form.is_submitted() else 200,
        )


def _told_age() -> bool | None:
    """Return whether her identity says that she is 14; None when it says nothing."""
    with reading() as db:
        session = queries.session_of(db, sessions.current_key())
        return session.over_14 if session else None


@account.post("/legami/<int:bond_id>/togli")
@citizen()
def drop_bond(bond_id: int) -> ResponseReturnValue:
    """Take a bond back."""
    with writing() as db:
        commands.drop_bond(db, queries.citizen_of(db, who()), bond_id)
    flash(_("Legame tolto."), "info")
    return redirect(url_for("account.bonds"), 303)


@account.post("/eta")
@citizen()
def declare_age() -> ResponseReturnValue:
    """Declare to be at least 14, or consent to keep that the identity says so."""
    told = _told_age()
    with writing() as db:
        commands.declare_age(queries.citizen_of(db, who()), told=told)
    flash(_("Teniamo nota che hai almeno 14 anni, e nient'altro."), "success")
    return redirect(url_for("account.bonds"), 303)


@account.post("/eta/dimentica")
@citizen()
def forget_age() -> ResponseReturnValue:
    """Take that back."""
    with writing() as db:
        commands.forget_age(queries.citizen_of(db, who()))
    flash(_("Dimenticato."), "info")
    return redirect(url_for("account.bonds"), 303)


@account.route("/residenza", methods=["GET", "POST"])
@citizen()
def residence() -> ResponseReturnValue:
    """Ask the office to look at a residence that does not show: nobody wrongly refused stays in front of a wall."""
    form = ResidenceForm()
    if form.validate_on_submit():
        with form.mending(), writing() as db:
            ask_residence(db, queries.citizen_of(db, who()), note=form.note.data, now=now())
            flash(_("Richiesta mandata all'ufficio: la risposta arriva qui."), "success")
            return redirect(url_for("account.bonds"), 303)
    with reading() as db:
        me = queries.citizen_of(db, who())
        return page(
            form=form,
            bonds=queries.bonds_of(db, me),
            requests=queries.requests_of(db, me),
            ente=city.ente_or_none(db),
            status=422 if form.is_submitted() else 200,
        )


@account.route("/posta", methods=["GET", "POST"])
@citizen(rate="20/minute")
def address() -> ResponseReturnValue:
    """Her address: add it, change it, take it away."""
    form = AddressForm()
    if form.validate_on_submit():
        with writing() as db:
            send_link(db, form.email.data, citizen_id=queries.citizen_of(db, who()).id, onward="")
        return redirect(url_for("entry.mail_sent"), 303)
    with reading() as db:
        return page(form=form, me=queries.citizen_of(db, who()), status=422 if form.is_submitted() else 200)


@account.post("/posta/togli")
@citizen()
def drop_address() -> ResponseReturnValue:
    """Take the address away; mails that wait for it go with it."""
    with writing() as db:
        commands.drop_address(db, queries.citizen_of(db, who()), now=now())
    flash(_("Indirizzo tolto."), "info")
    return redirect(url_for("account.address"), 303)


@account.route("/avvisi", methods=["GET", "POST"])
@citizen()
def notices() -> ResponseReturnValue:
    """What she wants to be told by mail."""
    form = NoticesForm()
    if form.validate_on_submit():
        with writing() as db:
            commands.choose_notices(db, queries.citizen_of(db, who()), frozenset(form.wanted.data))
        flash(_("Scelta salvata."), "success")
        return redirect(url_for("account.notices"), 303)
    with reading() as db:
        me = queries.citizen_of(db, who())
        if not form.is_submitted():
            form.wanted.data = [kind for kind, yes in queries.notices_of(db, me).items() if yes]
        return page(form=form, me=me, status=422 if form.is_submitted() else 200)


@account.route("/associazioni/nuova", methods=["GET", "POST"])
@citizen(silence=Silence.STAYS)
def register() -> ResponseReturnValue:
    """Register an association or body: once, then an operator verifies it."""
    form = BodyForm()
    with reading() as db:
        form.quartiere_code.choices = choices([("", _("Tutta la città")), *((q.code, q.name) for q in city.quartieri(db))])
    if form.validate_on_submit():
        with form.mending(), writing() as db:
            me = queries.citizen_of(db, who())
            register_body(db, me, form.value(), role=form.role.data, form_key=form.form_key.data, now=now())
            flash(_("Iscrizione ricevuta: la verifica un'operatrice o un operatore, poi compare nell'elenco."), "success")
            return redirect(url_for("area.home"), 303)
    return page(form=form, status=422 if form.is_submitted() else 200)
