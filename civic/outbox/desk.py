"""Administration of the mail that leaves: the queue, the caps in force, allowances."""

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from civic.kernel.permissions import Permission
from civic.outbox import commands, queries, rules
from civic.outbox.forms import AllowanceForm, UnblockForm
from civic.web.doors import staff
from civic.web.pages import page
from civic.web.town import now, reading, town, who, writing

desk = Blueprint("outbox_desk", __name__, url_prefix="/desk/posta")
_IDENTITY = Permission.CITY_IDENTITY_EDIT


def _saved() -> ResponseReturnValue:
    flash(_("Salvato."), "success")
    return redirect(url_for("outbox_desk.queue"), 303)


@desk.route("", methods=["GET", "POST"])
@staff(_IDENTITY)
def queue() -> ResponseReturnValue:
    """What waits, what is held back, and who may ask for more."""
    form = AllowanceForm()
    if form.validate_on_submit():
        with form.mending(), writing() as session:
            commands.add_allowance(session, who(), form.value(), now=now())
            return _saved()
    with reading() as session:
        return page(
            form=form,
            state=queries.queue_state(session, now()),
            caps=queries.cap_rows(session, rules.caps_of(town().config), now()),
            allowances=queries.allowances(session),
            moment=now(),
            status=422 if form.is_submitted() else 200,
        )


@desk.post("/eccezioni/<int:allowance_id>/togli")
@staff(_IDENTITY)
def allowance_remove(allowance_id: int) -> ResponseReturnValue:
    """Take an allowance away."""
    with writing() as session:
        commands.remove_allowance(session, who(), allowance_id)
    return _saved()


@desk.route("/indirizzi", methods=["GET", "POST"])
@staff(_IDENTITY)
def unblock() -> ResponseReturnValue:
    """Let an address get mail again, because its owner asks; whether it was blocked is not told."""
    form = UnblockForm()
    if form.validate_on_submit():
        with writing() as session:
            commands.allow_address(session, form.email.data, pepper=town().pepper)
        return _saved()
    return page(form=form, status=422 if form.is_submitted() else 200)
