"""Home and the pages about the site itself."""

from flask import Blueprint, Response

from civic.city import queries as city
from civic.city.rules import REPORT_DAYS
from civic.kernel.silence import Silence
from civic.planning import facts, rules
from civic.planning.queries import actions
from civic.rights.inventory import personal_columns
from civic.web.doors import public
from civic.web.pages import page
from civic.web.town import reading

site = Blueprint("front", __name__)


@site.get("/")
@public(silence=Silence.PLAIN)
def home() -> Response:
    """What was promised, where it stands, what changed last, and the way to one's own quartiere."""
    with reading() as session:
        return page(
            progress=facts.progress_by_mandate(session, actions.ProgrammeFilter()),
            changes=actions.latest_changes(session, limit=6),
            quartieri=city.quartieri(session),
            per_quartiere=actions.count_by_quartiere(session),
            topics=actions.topics(session, limit=12),
            mandates=actions.mandates(session),
            statuses=rules.STATUSES,
        )


@site.get("/privacy")
@public(silence=Silence.STAYS)
def privacy() -> Response:
    """What the site knows about persons, and its cookies: generated from the tables themselves."""
    return page(columns=personal_columns())


@site.get("/note-legali")
@public(silence=Silence.STAYS)
def legal_notes() -> Response:
    """Licence of contents and of software."""
    return page()


@site.get("/faq")
@public(silence=Silence.STAYS)
def faq() -> Response:
    """Questions that people ask."""
    return page(report_days=REPORT_DAYS)


@site.get("/piano-di-miglioramento")
@public(silence=Silence.STAYS)
def improvement_plan() -> Response:
    """What is known to be missing, and when it comes."""
    return page()


@site.get("/mappa-del-sito")
@public(silence=Silence.STAYS)
def site_map() -> Response:
    """Every section of the site on one page."""
    with reading() as session:
        return page(
            directions=actions.directions(session, with_actions=True),
            quartieri=city.quartieri(session),
            mandates=actions.mandates(session),
        )
