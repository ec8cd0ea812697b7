"""Public pages of the plan: the programme, a direction, an action with its history, the DUP tree, the PEG sheets."""

from babel.dates import get_month_names
from flask import Blueprint, Response, make_response, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from civic.city import queries as city
from civic.journal.queries import entries_about, heads
from civic.kernel.clock import civil_day
from civic.kernel.feeds import Feed, FeedEntry, to_atom
from civic.kernel.paging import Paging
from civic.kernel.search import has_words
from civic.kernel.silence import Silence
from civic.kernel.tables import to_csv
from civic.planning import facts, rules
from civic.planning.forms import ProgrammeSearch
from civic.planning.intake import COLUMNS
from civic.planning.models import Status
from civic.planning.queries import actions, documents, export
from civic.planning.rules.statuses import NEEDS_CAUSE
from civic.web.doors import public
from civic.web.i18n import day, language
from civic.web.pages import absolute, page
from civic.web.town import now, reading

site = Blueprint("planning", __name__)


@site.get("/programma")
@public(silence=Silence.PLAIN)
def programme() -> Response:
    """All actions, with filters, search, and both percentages for each mandate."""
    wanted = ProgrammeSearch.from_args(request.args)
    with reading() as session:
        return page(
            wanted=wanted,
            found=actions.programme_page(session, wanted, Paging.from_text(request.args.get("pagina"))),
            progress=facts.progress_by_mandate(session, wanted),
            choices=_filter_choices(session, wanted),
            statuses=rules.STATUSES,
            wordless=bool(wanted.query) and not has_words(wanted.query),
        )


def _filter_choices(session: Session, wanted: actions.ProgrammeFilter) -> list[tuple[str, str, str, str, list[tuple[str, str]]]]:
    """List the filters as (name, label, label of all, what is chosen, choices), the two that most people want first."""
    mandates = [(m.code, m.code) for m in actions.mandates(session)]
    states = [(s.value, _(look.label)) for s, look in rules.STATUSES.items()]
    districts = [(q.code, f"{q.code} {q.name}") for q in city.quartieri(session)]
    topics = [(t.value, f"{t.label} ({t.count})") for t in actions.topics(session)]
    directions = [
        (d.code, f"{d.mandate_code} · {d.number}. {(language() == 'en' and d.title_en) or d.title_it}")
        for d in actions.directions(session, with_actions=True)
    ]
    kinds = [("action", _("Solo azioni")), ("output", _("Solo conteggi")), ("priority", _("Solo priorità politiche"))]
    return [
        ("quartiere", _("Quartiere"), _("Tutta la città"), wanted.quartiere, districts),
        ("stato", _("Stato"), _("Tutti gli stati"), wanted.status or "", states),
        ("mandato", _("Mandato"), _("Tutti i mandati"), wanted.mandate, mandates),
        ("argomento", _("Argomento"), _("Tutti gli argomenti"), wanted.topic, topics),
        ("indirizzo", _("Indirizzo strategico"), _("Tutti gli indirizzi"), wanted.direction, directions),
        ("tipo", _("Che cosa"), _("Azioni, conteggi e priorità"), wanted.kind or "", kinds),
    ]


@site.get("/programma.csv")
@public(silence=Silence.STAYS)
def programme_csv() -> Response:
    """The same actions as a file, in the columns that the import reads."""
    wanted = ProgrammeSearch.from_args(request.args)
    with reading() as session:
        response = make_response(to_csv(COLUMNS, export.programme_rows(session, wanted)))
    response.headers["Content-Type"] = "text/csv; charset=utf-8"
    response.headers["Content-Disposition"] = "attachment; filename=programma.csv"
    return response


@site.get("/programma/indirizzi/<code>")
@public(silence=Silence.PLAIN)
def direction(code: str) -> Response:
    """One strategic direction: its actions, our count, and past results as published."""
    wanted = actions.ProgrammeFilter(direction=code)
    with reading() as session:
        return page(
            direction=documents.direction_by_code(session, code),
            progress=facts.progress(session, wanted),
            found=actions.programme_page(session, wanted, Paging.from_text(request.args.get("pagina"))),
            published=documents.published_results(session, direction=code),
            statuses=rules.STATUSES,
        )


@site.get("/programma/azioni/<code>")
@public(silence=Silence.PLAIN)
def action(code: str) -> Response:
    """One action: what was promised, where it stands, who says so and since when, and the whole history."""
    with reading() as session:
        found = actions.published_action(session, code)
        told = actions.history(session, found)
        return page(
            action=found,
            words=actions.current_version(session, found),
            history=told,
            parts=actions.newest_of_parts(told),
            entries={e.id: e for e in told},
            versions=actions.versions(session, found),
            objectives=documents.objectives_of_action(session, found),
            sheets=documents.sheets_of_action(session, found),
            direction=found.direction_code and documents.direction_by_code(session, found.direction_code),
            office=found.lead_office,
            successor=found.lead_office and found.lead_office.successor,
            quartieri={q.code: q for q in city.quartieri(session)},
            heard=entries_about(session, "action", found.code, area="contributions"),
            statuses=rules.STATUSES,
        )


@site.get("/dup")
@public(silence=Silence.STAYS)
def dup() -> Response:
    """The tree of the DUP, and the PEG sheets by year."""
    with reading() as session:
        return page(tree=documents.dup_tree(session), sheets=documents.peg_sheets(session))


@site.get("/peg/<slug>")
@public(silence=Silence.STAYS)
def peg(slug: str) -> Response:
    """One PEG sheet: phases on a calendar and as a table, indicators, links."""
    today = civil_day(now())
    with reading() as session:
        sheet = documents.peg_by_slug(session, slug)
        dates = [(p.number, p.planned_start, p.planned_end, p.actual_start, p.actual_end) for p in sheet.phases]
        return page(
            sheet=sheet,
            office=city.office(session, sheet.office_code),
            indicators=documents.indicator_rows(session, sheet),
            branches=documents.objectives_of_peg(session, sheet),
            actions=documents.actions_of_peg(session, sheet),
            gantt=rules.draw_gantt(dates, year=sheet.year, today=today),
            shares=rules.normalised_shares([p.weight for p in sheet.phases]),
            month_names=get_month_names("abbreviated", locale=get_locale()),
        )


@site.get("/come-si-calcola")
@public(silence=Silence.STAYS)
def method() -> Response:
    """How every figure of the programme is computed, and what each status means."""
    with reading() as session:
        return page(
            statuses=rules.STATUSES,
            needs_cause=NEEDS_CAUSE,
            version=rules.RULE_VERSION,
            published=documents.published_results(session, direction=""),
        )


@site.get("/programma/stati.atom")
@public(silence=Silence.OFF)
def status_feed() -> Response:
    """The newest changes of status and the newest head of the register, as Atom."""
    with reading() as session:
        changes = actions.latest_changes(session, limit=50, quartiere=ProgrammeSearch.from_args(request.args).quartiere)
        newest = heads(session, limit=1)
        author = city.ente(session).name
    entries = [_as_entry(change) for change in changes]
    if newest and entries:
        head = newest[0]
        text = _("Anello %(seq)s: %(hash)s", seq=head.seq, hash=head.hash)
        title = _("Testa del registro del %(day)s", day=day(head.day))
        url = absolute(url_for("journal.register"))
        entries.append(
            FeedEntry(id=f"{url}#{head.line()}".replace(" ", "-"), title=title, url=url, at=entries[0].at, summary=text)
        )
    self_url = absolute(url_for("planning.status_feed"))
    feed = Feed(
        id=self_url,
        title=_("Cambi di stato del programma di mandato"),
        url=absolute(url_for("planning.programme")),
        self_url=self_url,
        author=author,
        entries=entries,
        language=language(),
    )
    response = make_response(to_atom(feed))
    response.headers["Content-Type"] = "application/atom+xml; charset=utf-8"
    return response


def _as_entry(change: actions.StatusChange) -> FeedEntry:
    url = absolute(url_for("planning.action", code=change.code))
    entry, english = change.entry, language() == "en"
    title = (english and change.title_en) or change.title_it
    label = _(rules.STATUSES[Status(entry.status)].label)
    note = (english and entry.note_en) or entry.note_it
    return FeedEntry(
        id=f"{url}#stato-{entry.id}",
        title=f"{title}: {label}",
        url=url,
        at=entry.recorded_at,
        summary=note or label,
        author=entry.by_label,
    )
