"""Staff pages about who takes part: registrations of bodies, requests about residence."""

from flask import Blueprint, Response, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from civic.city import queries as city
from civic.kernel.permissions import Permission
from civic.people import rules
from civic.people.commands.bodies import decide_body
from civic.people.commands.residence import decide_residence
from civic.people.forms import BodyDecisionForm, ResidenceAnswerForm
from civic.people.queries import bodies
from civic.people.queries import citizens as queries
from civic.people.rules import BodyState
from civic.web.doors import staff
from civic.web.forms import choices
from civic.web.pages import absolute, page
from civic.web.town import now, reading, who, writing

office = Blueprint("people_office", __name__, url_prefix="/desk")


@office.get("/associazioni")
@staff(Permission.PEOPLE_BODY_VERIFY)
def body_list() -> Response:
    """Registrations that wait, and those that are in the register."""
    with reading() as db:
        found = {state: bodies.bodies_in(db, state) for state in BodyState}
        return page(found=found, states=rules.BODY_STATES, kinds=rules.BODY_KINDS)


@office.route("/associazioni/<code>", methods=["GET", "POST"])
@staff(Permission.PEOPLE_BODY_VERIFY)
def body(code: str) -> ResponseReturnValue:
    """One registration: verify it, refuse it, close it."""
    form = BodyDecisionForm()
    with reading() as db:
        found = bodies.body_by_code(db, code)
        quartiere = city.quartiere(db, found.quartiere_code).name if found.quartiere_code else ""
    form.state.choices = choices([(s.value, _(rules.BODY_STATES[s])) for s in rules.next_states(found.state)])
    if form.validate_on_submit():
        with form.mending(), writing() as db:
            decide_body(
                db,
                who(),
                code,
                BodyState(form.state.data),
                reason=form.reason.data,
                link=absolute(url_for("people.body_list")),
                site=city.ente_name(db),
                now=now(),
            )
            flash(_("Deciso."), "success")
            return redirect(url_for("people_office.body_list"), 303)
    return page(
        body=found,
        quartiere=quartiere,
        form=form,
        states=rules.BODY_STATES,
        kinds=rules.BODY_KINDS,
        status=422 if form.is_submitted() else 200,
    )


@office.get("/residenze")
@staff(Permission.PEOPLE_RESIDENCE_DECIDE)
def residence_list() -> Response:
    """Requests about residence: those that wait, and the last that were answered."""
    with reading() as db:
        return page(
            waiting=queries.residence_requests(db, waiting=True),
            answered=queries.residence_requests(db, waiting=False),
            has_list=queries.has_residents(db),
        )


@office.route("/residenze/<code>", methods=["GET", "POST"])
@staff(Permission.PEOPLE_RESIDENCE_DECIDE)
def residence(code: str) -> ResponseReturnValue:
    """One request about residence, and its answer."""
    form = ResidenceAnswerForm()
    if form.validate_on_submit():
        with form.mending(), writing() as db:
            decide_residence(
                db,
                who(),
                code,
                granted=form.granted.data == "1",
                answer=form.answer.data,
                link=absolute(url_for("account.bonds")),
                site=city.ente_name(db),
                now=now(),
            )
            flash(_("Risposta data."), "success")
            return redirect(url_for("people_office.residence_list"), 303)
    with reading() as db:
        return page(request_=queries.residence_request(db, code), form=form, status=422 if form.is_submitted() else 200)
