"""A person's rights at the counter: her data to take away, and to be forgotten, in front of the operator who saw her document."""

from flask import Blueprint, Response, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from civic.kernel.permissions import Permission
from civic.people import rules
from civic.people.commands import counter as counter_commands
from civic.people.forms import EraseForm
from civic.people.models import Citizen
from civic.people.queries import counter as counter_queries
from civic.people.queries.citizens import person_of
from civic.rights.erasure import erase_citizen
from civic.rights.export import data_file, my_data
from civic.web.doors import staff
from civic.web.pages import page
from civic.web.town import now, reading, who, writing

rights = Blueprint("counter_rights", __name__, url_prefix="/desk/sportello")
_ASSIST = Permission.PEOPLE_CITIZEN_ASSIST


def _citizen(session: Session, code: str, ref: str) -> Citizen:
    return counter_queries.citizen_in(session, counter_queries.batch_for(session, who(), code), ref)


@rights.post("/<code>/persona/<ref>/dati.json")
@staff(_ASSIST)
def data(code: str, ref: str) -> Response:
    """Everything the house holds of the person, to hand over; that it was done is noted in the batch."""
    with writing() as session:
        citizen = _citizen(session, code, ref)
        _note(session, code, citizen, "people.data_handed_over")
        return data_file(my_data(session, person_of(citizen)), now=now())


def _note(session: Session, code: str, citizen: Citizen, kind: str) -> None:
    """Note what is done for the person in the batch, which must be open and at a counter."""
    batch = counter_queries.batch_for(session, who(), code)
    counter_commands.require_document(batch)
    counter_commands.note_entry(session, batch, kind, citizen=citizen, now=now())


@rights.route("/<code>/persona/<ref>/cancella", methods=["GET", "POST"])
@staff(_ASSIST)
def erase(code: str, ref: str) -> ResponseReturnValue:
    """Forget the person, who asks for it here and now."""
    form = EraseForm()
    if form.validate_on_submit():
        with form.mending(), writing() as session:
            citizen = _citizen(session, code, ref)
            _note(session, code, citizen, "people.erased")
            erase_citizen(session, citizen, now=now(), who=who())
        if form.problems():
            return page(form=form, code=code, ref=ref, stays=rules.STAYS, status=422)
        flash(_("La persona è stata cancellata."), "success")
        return redirect(url_for("counter.batch", code=code), 303)
    with reading() as session:
        citizen = _citizen(session, code, ref)
        return page(form=form, code=code, ref=citizen.ref, stays=rules.STAYS, status=422 if form.is_submitted() else 200)
