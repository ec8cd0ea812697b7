"""The counter's pages: an operator enters for citizens who come, call or write on paper."""

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from civic.city import queries as city
from civic.kernel.keys import keyed
from civic.kernel.permissions import Permission
from civic.people import rules
from civic.people.commands import citizens as commands
from civic.people.commands import counter as counter_commands
from civic.people.commands.residence import confirm_residence
from civic.people.entering import send_link
from civic.people.forms import BatchForm, BondForm, IdentifyForm, TheirAddressForm
from civic.people.permits import may_decide_residence
from civic.people.queries import citizens as queries
from civic.people.queries import counter as counter_queries
from civic.web.doors import staff
from civic.web.forms import choices
from civic.web.pages import page
from civic.web.town import now, reading, town, who, writing

counter = Blueprint("counter", __name__, url_prefix="/desk/sportello")
_ASSIST = Permission.PEOPLE_CITIZEN_ASSIST


@counter.route("", methods=["GET", "POST"])
@staff(_ASSIST)
def batches() -> ResponseReturnValue:
    """One's own batches, and opening another."""
    form = BatchForm()
    with reading() as db:
        form.quartiere_code.choices = choices([("", _("Tutta la città")), *((q.code, q.name) for q in city.quartieri(db))])
        mine = counter_queries.batches_of(db, who())
    if form.validate_on_submit():
        with form.mending(), writing() as db:
            batch = counter_commands.open_batch(
                db,
                who(),
                channel=rules.Channel(form.channel.data),
                place=form.place.data,
                quartiere_code=form.quartiere_code.data or None,
                now=now(),
            )
            return redirect(url_for("counter.batch", code=batch.code), 303)
    return page(form=form, batches=mine, channels=rules.CHANNELS, status=422 if form.is_submitted() else 200)


@counter.route("/<code>", methods=["GET", "POST"])
@staff(_ASSIST)
def batch(code: str) -> ResponseReturnValue:
    """One batch: identify the next person, or look at what was entered."""
    form = IdentifyForm()
    with reading() as db:
        found = counter_queries.batch_for(db, who(), code)
        entries = counter_queries.entries_of(db, found)
        quartiere = city.quartiere(db, found.quartiere_code).name if found.quartiere_code else ""
    if form.validate_on_submit():
        fiscal_code = rules.read_fiscal_code(form.fiscal_code.data)
        if fiscal_code is None:
            form.fiscal_code.data = ""
            form.put_error("fiscal_code", _("Il codice fiscale non torna: rileggilo sul documento, sono 16 caratteri."))
        else:
            with form.mending(), writing() as db:
                open_batch = counter_queries.batch_for(db, who(), code)
                subject_key = keyed(town().pepper, "person", fiscal_code)
                citizen = counter_commands.identify(db, open_batch, subject_key, now=now())
                return redirect(url_for("counter.person", code=code, ref=citizen.ref), 303)
    return page(
        batch=found,
        quartiere=quartiere,
        entries=entries,
        form=form,
        channels=rules.CHANNELS,
        status=422 if form.is_submitted() else 200,
    )


@counter.post("/<code>/chiudi")
@staff(_ASSIST)
def close(code: str) -> ResponseReturnValue:
    """Close a batch."""
    with writing() as db:
        counter_commands.close_batch(db, counter_queries.batch_for(db, who(), code), now=now())
    flash(_("Lotto chiuso."), "info")
    return redirect(url_for("counter.batches"), 303)


@counter.route("/<code>/persona/<ref>", methods=["GET", "POST"])
@staff(_ASSIST)
def person(code: str, ref: str) -> ResponseReturnValue:
    """The person in front of the operator: declare for her what ties her to a quartiere."""
    form = BondForm()
    with reading() as db:
        found = counter_queries.batch_for(db, who(), code)
        citizen = counter_queries.citizen_in(db, found, ref)
        form.quartiere_code.choices = choices([(q.code, q.name) for q in city.quartieri(db)])
        bonds = queries.bonds_of(db, citizen)
    if form.validate_on_submit():
        with form.mending(), writing() as db:
            kind = rules.BondKind(form.kind.data)
            channel = rules.Channel(found.channel)
            commands.declare_bond(db, citizen, kind, form.quartiere_code.data, channel=channel, now=now())
            counter_commands.note_entry(db, found, "people.bond_declared", citizen=citizen, now=now())
            flash(_("Legame dichiarato."), "success")
            return redirect(url_for("counter.person", code=code, ref=ref), 303)
    return page(
        batch=found,
        citizen=citizen,
        bonds=bonds,
        words=rules.BONDS,
        form=form,
        may_confirm=may_decide_residence(who()),
        status=422 if form.is_submitted() else 200,
    )


@counter.post("/<code>/persona/<ref>/eta")
@staff(_ASSIST)
def age(code: str, ref: str) -> ResponseReturnValue:
    """Keep that the person is at least 14: the operator read it on the document."""
    with writing() as db:
        found = counter_queries.batch_for(db, who(), code)
        citizen = counter_queries.citizen_in(db, found, ref)
        counter_commands.require_document(found)
        commands.declare_age(citizen, told=True)
        counter_commands.note_entry(db, found, "people.age_declared", citizen=citizen, now=now())
    flash(_("Teniamo nota che ha almeno 14 anni, e nient'altro."), "success")
    return redirect(url_for("counter.person", code=code, ref=ref), 303)


@counter.post("/<code>/persona/<ref>/residenza")
@staff(Permission.PEOPLE_RESIDENCE_DECIDE)
def residence(code: str, ref: str) -> ResponseReturnValue:
    """Keep that the residence was read on the document."""
    with writing() as db:
        found = counter_queries.batch_for(db, who(), code)
        citizen = counter_queries.citizen_in(db, found, ref)
        counter_commands.require_document(found)
        confirm_residence(db, who(), citizen, now=now())
        counter_commands.note_entry(db, found, "people.residence_confirmed", citizen=citizen, now=now())
    flash(_("Residenza verificata."), "success")
    return redirect(url_for("counter.person", code=code, ref=ref), 303)


@counter.route("/<code>/persona/<ref>/posta", methods=["GET", "POST"])
@staff(_ASSIST)
def address(code: str, ref: str) -> ResponseReturnValue:
    """Send the person a link that confirms her address; it counts against the operator's allowance, not the office's line."""
    form = TheirAddressForm()
    with reading() as db:
        found = counter_queries.batch_for(db, who(), code)
        citizen = counter_queries.citizen_in(db, found, ref)
    if form.validate_on_submit():
        with writing() as db:
            counter_commands.require_document(found)
            counter_commands.note_entry(db, found, "people.address_asked", citizen=citizen, now=now())
            send_link(db, form.email.data, citizen_id=citizen.id, onward="")
        flash(_("Collegamento inviato: l'indirizzo vale quando la persona ne preme il pulsante."), "success")
        return redirect(url_for("counter.person", code=code, ref=ref), 303)
    return page(batch=found, citizen=citizen, form=form, status=422 if form.is_submitted() else 200)
