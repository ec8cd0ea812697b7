"""A person's rights at the counter: her data to take away, and to be forgotten, in front of the operator who saw her document."""

from flask import Blueprint, Response, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from civic.kernel.permissions import Permission
from civic.people import rules
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


@rights.get("/<code>/persona/<ref>/dati.json")
@staff(_ASSIST)
def data(code: str, ref: str) -> Response:
    """Everything the house holds of the person, to hand over."""
    with reading() as session:
        return data_file(my_data(session, person_of(_citizen(session, code, ref))), now=now())


@rights.route("/<code>/persona/<ref>/cancella", methods=["GET", "POST"])
@staff(_ASSIST)
def erase(code: str, ref: str) -> ResponseReturnValue:
    """Forget the person, who asks for it here and now."""
    form = EraseForm()
    if form.validate_on_submit():
        with writing() as session:
            erase_citizen(session, _citizen(session, code, ref), now=now())
        flash(_("La persona è stata cancellata."), "success")
        return redirect(url_for("counter.batch", code=code), 303)
    with reading() as session:
        citizen = _citizen(session, code, ref)
        return page(form=form, code=code, ref=citizen.ref, stays=rules.STAYS, status=422 if form.is_submitted() else 200)
