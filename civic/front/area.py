"""My area: what a citizen did here, side by side, and her rights over it."""

from typing import Any

from flask import Blueprint, Response, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from civic.contributions.queries.voices import stages, voices_of
from civic.contributions.rules import STATES
from civic.kernel.actor import TrustLevel
from civic.kernel.silence import Silence
from civic.people import rules
from civic.people.forms import EraseForm
from civic.people.queries import citizens as people
from civic.people.queries.bodies import bodies_of
from civic.rights.erasure import erase_citizen
from civic.rights.export import data_file, my_data
from civic.web import sessions
from civic.web.doors import citizen, public
from civic.web.pages import page
from civic.web.town import now, reading, who, writing

area = Blueprint("area", __name__, url_prefix="/area")


@area.get("")
@citizen()
def home() -> Response:
    """How she is known, what she can take part in, what she did, what she can change."""
    with reading() as db:
        me = people.citizen_of(db, who())
        participant = people.participant_of(db, who())
        stops = {level: rules.hurdles(rules.Requirement(level=level), participant) for level in TrustLevel}
        return page(
            me=me,
            session_=people.session_of(db, sessions.current_key()),
            stops=stops,
            levels=rules.LEVELS,
            hurdles=rules.HURDLES,
            bonds=people.bonds_of(db, me),
            words=rules.BONDS,
            requests=people.requests_of(db, me),
            said=_said(db, me.ref),
            bodies=bodies_of(db, me),
            body_states=rules.BODY_STATES,
            notices=[rules.NOTICES[kind][0] for kind, yes in people.notices_of(db, me).items() if yes],
        )


def _said(db: Session, ref: str) -> list[dict[str, Any]]:
    """List what she said, with where each stands."""
    mine = voices_of(db, ref)
    where = stages(db, mine)
    return [{"code": v.code, "title": v.title, "received_on": v.received_on, "stage": STATES[where[v.id]]} for v in mine]


@area.get("/dati.json")
@citizen(rate="10/minute")
def data() -> Response:
    """Everything the house holds of her, as a file; read anew at every request, with her session only."""
    with reading() as db:
        return data_file(my_data(db, people.person_of(people.citizen_of(db, who()))), now=now())


@area.route("/cancella", methods=["GET", "POST"])
@citizen()
def erase() -> ResponseReturnValue:
    """Erase oneself; what cannot be undone is said before."""
    form = EraseForm()
    if form.validate_on_submit():
        with writing() as db:
            erase_citizen(db, people.citizen_of(db, who()), now=now())
        sessions.end()
        return redirect(url_for("area.erased"), 303)
    with reading() as db:
        me = people.citizen_of(db, who())
        told = my_data(db, people.person_of(me))
        return page(
            form=form,
            counts={table: len(rows) for table, rows in told.items()},
            stays=rules.STAYS,
            status=422 if form.is_submitted() else 200,
        )


@area.get("/cancellata")
@public(silence=Silence.STAYS)
def erased() -> Response:
    """The account is gone, and this page can be seen by anyone."""
    return page()
