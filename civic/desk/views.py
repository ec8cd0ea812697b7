"""The desk's home."""

from flask import Blueprint, Response

from civic.city.queries import open_reports
from civic.kernel.clock import civil_day
from civic.kernel.permissions import Permission
from civic.outbox.queries import waiting_count
from civic.people.queries import account_of
from civic.planning import rules
from civic.planning.queries.actions import drafts_of_author, submitted_drafts
from civic.planning.queries.documents import sheets_waiting_for_review
from civic.web.doors import signed_in
from civic.web.pages import page
from civic.web.town import now, reading, who

desk = Blueprint("desk", __name__, url_prefix="/desk")


@desk.get("")
@signed_in()
def home() -> Response:
    """What waits for this person, the most urgent first."""
    me = who()
    with reading() as session:
        return page(
            submitted=submitted_drafts(session) if me.may(Permission.PLANNING_ACTION_PUBLISH) else None,
            drafts=drafts_of_author(session, me.ref) if me.may(Permission.PLANNING_ACTION_DRAFT) else None,
            sheets=sheets_waiting_for_review(session) if me.may(Permission.PLANNING_PLAN_IMPORT) else None,
            reports=open_reports(session) if me.may(Permission.CITY_REPORT_ANSWER) else None,
            mails=waiting_count(session) if me.may(Permission.CITY_IDENTITY_EDIT) else None,
            account=account_of(session, me),
            today=civil_day(now()),
            statuses=rules.STATUSES,
        )
