"""The desk's home."""

from flask import Blueprint, Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from civic.city.queries import open_reports, with_predecessors
from civic.journal.queries import entry_page
from civic.kernel.clock import civil_day
from civic.kernel.errors import Refused
from civic.kernel.paging import Paging
from civic.kernel.permissions import Permission
from civic.kernel.text import N_
from civic.outbox.queries import waiting_count
from civic.people.queries.staff import account as account_by_id
from civic.people.queries.staff import account_of, names_by_ref
from civic.planning import rules
from civic.planning.permits import reach
from civic.planning.queries.actions import drafts_of_author, submitted_drafts
from civic.planning.queries.documents import sheets_waiting_for_review
from civic.rights.erasure import erase_staff
from civic.web.doors import staff
from civic.web.pages import page
from civic.web.town import now, reading, who, writing

desk = Blueprint("desk", __name__, url_prefix="/desk")


@desk.get("/")
@desk.get("")
@staff()
def home() -> Response:
    """What waits for this person, the most urgent first."""
    me = who()
    offices, codes = reach(me, Permission.PLANNING_ACTION_PUBLISH)
    with reading() as session:
        offices = None if offices is None else with_predecessors(session, offices)
        return page(
            submitted=submitted_drafts(session, offices=offices, codes=codes),
            drafts=drafts_of_author(session, me.ref) if me.may(Permission.PLANNING_ACTION_DRAFT) else None,
            sheets=sheets_waiting_for_review(session) if me.may(Permission.PLANNING_PLAN_IMPORT) else None,
            reports=open_reports(session) if me.may(Permission.CITY_REPORT_ANSWER) else None,
            mails=waiting_count(session) if me.may(Permission.CITY_IDENTITY_EDIT) else None,
            account=account_of(session, me),
            today=civil_day(now()),
            statuses=rules.STATUSES,
        )


@desk.get("/registro")
@staff(Permission.JOURNAL_ENTRY_READ)
def register() -> Response:
    """The whole register, newest first, with the names of those who are still known."""
    with reading() as session:
        found = entry_page(session, paging=Paging.from_text(request.args.get("pagina"), size=50))
        return page(found=found, names=names_by_ref(session, [e.author_ref for e in found.rows if e.author_ref]))


@desk.post("/accessi/<int:account_id>/cancella")
@staff(Permission.PEOPLE_ACCOUNT_MANAGE)
def erase_account(account_id: int) -> ResponseReturnValue:
    """Erase the personal data of a closed account, in every area that holds some."""
    with writing() as session:
        account = account_by_id(session, account_id)
        if account.disabled_at is None:
            raise Refused(N_("Chiudi l'accesso prima di cancellare i dati della persona."))
        erase_staff(session, who(), account, now=now())
    flash(_("I dati della persona sono stati cancellati."), "success")
    return redirect(url_for("people_desk.accounts"), 303)
