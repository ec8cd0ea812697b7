"""Public pages: saying something, its receipt, "avete detto / abbiamo fatto", consultations."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

from flask import Blueprint, Response, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from civic.city import queries as city
from civic.contributions import facts, rules
from civic.contributions.commands import commitments as commitment_commands
from civic.contributions.commands import voices as commands
from civic.contributions.commands.answers import is_hidden
from civic.contributions.commands.voices import CITIZENRY, ContributionData
from civic.contributions.forms import CheckForm, ContributionForm
from civic.contributions.models import Contribution
from civic.contributions.queries import commitments as done
from civic.contributions.queries import voices as queries
from civic.contributions.queries.terms import terms
from civic.kernel.actor import TrustLevel
from civic.kernel.clock import civil_day
from civic.kernel.codes import fingerprint
from civic.kernel.feeds import Feed, FeedEntry, to_atom
from civic.kernel.measure import Measure
from civic.kernel.paging import Paging
from civic.kernel.silence import Silence
from civic.kernel.tables import to_csv
from civic.outbox.asking import asked_here
from civic.people.queries.citizens import citizen_of
from civic.people.rules import LEVELS
from civic.web.doors import public
from civic.web.forms import choices
from civic.web.i18n import language
from civic.web.pages import absolute, page
from civic.web.town import now, reading, who, writing

site = Blueprint("voices", __name__)


def set_places(form: ContributionForm, db: Session) -> None:
    """Give a form about a voice its services, quartieri and open consultations."""
    today = civil_day(now())
    form.service_code.choices = choices([("", _("Nessuno in particolare")), *service_pairs(db)])
    form.quartiere_code.choices = choices([("", _("Tutta la città")), *((q.code, q.name) for q in city.quartieri(db))])
    running = [c for c in done.consultations(db) if c.starts_on <= today <= c.ends_on]
    form.consultation_code.choices = choices([("", _("Nessuno")), *((c.code, said_in(c.title_it, c.title_en)) for c in running)])


def service_pairs(db: Session) -> list[tuple[str, str]]:
    """List (code, name in the page's language) of the services."""
    return [(s.code, said_in(s.name_it, s.name_en)) for s in city.services(db)]


def said_in(italian: str, english: str) -> str:
    """Return a name in the page's language where it has one: an option of a list can mark no language of its own."""
    return english if language() == "en" and english else italian


@site.route("/voci/nuova", methods=["GET", "POST"])
@public(silence=Silence.STAYS, rate="20/minute")
def new() -> ResponseReturnValue:
    """Say something to the Comune: a receipt comes at once."""
    form = ContributionForm(service_code=request.args.get("servizio", ""), consultation_code=request.args.get("percorso", ""))
    with reading() as db:
        set_places(form, db)
        days = rules.term_of(terms(db), None, rules.Severity.NORMAL).reply_days
    if form.validate_on_submit():
        with form.mending(), writing() as db:
            voice = commands.receive_voice(
                db, CITIZENRY, _data(form, db), link=link_to_voice(), site=city.ente_name(db), asked=asked_here(), now=now()
            )
            return redirect(url_for("voices.receipt", code=voice.code), 303)
    return page(form=form, days=days, level=who().level, levels=LEVELS, status=422 if form.is_submitted() else 200)


def link_to_voice() -> str:
    """Return the public address of a receipt with %s in the place of its code."""
    return absolute(url_for("voices.receipt", code="%s")).replace("%25s", "%s")


def _data(form: ContributionForm, db: Session) -> ContributionData:
    me = citizen_of(db, who()) if who().is_citizen else None
    typed = (form.email.data or "").strip().lower()
    own = me.email if me and me.email else ""
    return ContributionData(
        title=form.title.data,
        text=form.text.data,
        form_key=form.form_key.data,
        level=who().level if me else TrustLevel.OPEN,
        author_ref=me.ref if me else "",
        email="" if typed == own else typed,
        service_code=form.service_code.data or None,
        quartiere_code=form.quartiere_code.data or None,
        consultation_code=form.consultation_code.data or None,
        wants_public=form.wants_public.data,
    )


@site.get("/voci/<code>")
@public(silence=Silence.STAYS)
def receipt(code: str) -> Response:
    """What became of a voice: for its author her own words too, for everybody what was reviewed for publication."""
    with reading() as db:
        voice = queries.voice_by_code(db, code)
        return page(**told_of(db, voice), mine=bool(voice.author_ref) and who().ref == voice.author_ref)


def told_of(db: Session, voice: Contribution) -> dict[str, Any]:
    """Return what the pages about one voice print."""
    today = civil_day(now())
    return {
        "voice": voice,
        "stage": queries.stages(db, [voice])[voice.id],
        "clock": queries.clock_of(voice, today),
        "commitments": done.commitments_of_voice(db, voice.id),
        "service": city.service(db, voice.service_code) if voice.service_code else None,
        "office": city.office(db, voice.office_code) if voice.office_code else None,
        "quartiere": city.quartiere(db, voice.quartiere_code) if voice.quartiere_code else None,
        "theme": queries.theme(db, voice.theme_code) if voice.theme_code else None,
        "consultation": done.consultation_by_code(db, voice.consultation_code) if voice.consultation_code else None,
        "is_hidden": is_hidden(db, voice.id),
        "words": rules,
        "levels": LEVELS,
        "today": today,
    }


@site.route("/voci/verifica/<secret>", methods=["GET", "POST"])
@public(silence=Silence.STAYS, rate="20/minute")
def check(secret: str) -> ResponseReturnValue:
    """The author says whether a change is so. Opening the page does nothing: mail scanners open every link."""
    form = CheckForm()
    with reading() as db:
        about = queries.check_waits(db, fingerprint(secret))
    if about is None:
        return page(form=None, voice=None, commitment=None, status=410)
    voice, commitment = about
    if form.validate_on_submit():
        with form.mending(), writing() as db:
            verdict = rules.Verdict(form.verdict.data)
            commitment_commands.answer_check(db, secret, verdict=verdict, note=form.note.data, now=now())
            return redirect(url_for("voices.receipt", code=voice.code), 303)
    return page(form=form, voice=voice, commitment=commitment, status=422 if form.is_submitted() else 200)


@site.get("/avete-detto")
@public(silence=Silence.PLAIN)
def said() -> Response:
    """Avete detto / abbiamo fatto: what was promised because of what was said, and what changed."""
    wanted = {name: request.args.get(arg, "") for name, arg in _SAID.items()}
    with reading() as db:
        found = done.said_and_done(
            db, today=civil_day(now()), paging=Paging.from_text(request.args.get("pagina"), size=20), **wanted
        )
        return page(
            found=found,
            wanted=wanted,
            today=civil_day(now()),
            figures=_figures(db, wanted),
            services=city.services(db),
            quartieri=city.quartieri(db),
            states=rules.COMMITMENT_STATES,
            hidden=queries.hidden_per_office(db),
        )


_SAID = {"office": "ufficio", "service": "servizio", "state": "stato", "consultation": "percorso", "quartiere": "quartiere"}
_YEAR = timedelta(days=365)


def _figures(db: Session, wanted: dict[str, str]) -> dict[str, Measure]:
    """Return how the voices of the last twelve months were answered, of what the page is filtered by."""
    today = civil_day(now())
    since = today - _YEAR
    of = facts.Of(
        office=wanted["office"],
        service=wanted["service"],
        quartiere=wanted["quartiere"],
        consultation=wanted["consultation"],
    )
    return {
        "answered": facts.share_answered(db, since=since, until=today, of=of),
        "in_time": facts.answered_in_time(db, since=since, until=today, today=today, of=of),
        "days": facts.median_days(db, since=since, until=today, of=of),
    }


@site.get("/avete-detto.csv")
@public(silence=Silence.PLAIN)
def said_file() -> Response:
    """The same as open data."""
    with reading() as db:
        found = done.said_and_done(db, today=civil_day(now()), paging=Paging(1, 10_000))
    told = ("codice", "impegno", "ufficio", "servizio", "azione", "stato", "entro", "fatto", "che_cosa_e_cambiato", "voci")
    header = (*told, "prima_n", "prima_4_5", "dopo_n", "dopo_4_5")
    rows: list[list[object]] = []
    for r in found.rows:
        line = [r.code, r.title, r.office, r.service, r.action_code, r.state, r.due_on, r.done_on, r.change, r.voices]
        e = r.effect
        rows.append([*line, *([e.before_n, e.before_happy, e.after_n, e.after_happy] if e else [None] * 4)])
    response = make_response(to_csv(header, rows))
    response.headers["Content-Type"] = "text/csv; charset=utf-8"
    response.headers["Content-Disposition"] = 'attachment; filename="avete-detto.csv"'
    return response


@site.get("/avete-detto.atom")
@public(silence=Silence.OFF)
def said_feed() -> Response:
    """The newest changes, as Atom."""
    with reading() as db:
        found = done.said_and_done(db, today=civil_day(now()), paging=Paging(1, 50), state=rules.CommitmentState.DONE)
        author = city.ente_name(db)
    page_url, self_url = absolute(url_for("voices.said")), absolute(url_for("voices.said_feed"))
    entries = [
        FeedEntry(
            id=f"{page_url}#{r.code}",
            title=r.title,
            url=f"{page_url}#{r.code}",
            at=datetime.combine(r.done_on, time(12), UTC),
            summary=r.change,
            author=r.office,
        )
        for r in found.rows
        if r.done_on
    ]
    feed = Feed(
        id=self_url,
        title=_("Avete detto, abbiamo fatto"),
        url=page_url,
        self_url=self_url,
        author=author,
        entries=entries,
        language=language(),
    )
    response = make_response(to_atom(feed))
    response.headers["Content-Type"] = "application/atom+xml; charset=utf-8"
    return response


@site.get("/percorsi")
@public(silence=Silence.PLAIN)
def consultations() -> Response:
    """The consultations: running, to come, ended."""
    with reading() as db:
        return page(consultations=done.consultations(db), today=civil_day(now()))


@site.get("/percorsi/<code>")
@public(silence=Silence.PLAIN)
def consultation(code: str) -> Response:
    """One consultation: its question, phases, outcome, and what was done."""
    with reading() as db:
        found = done.consultation_by_code(db, code)
        today = civil_day(now())
        return page(
            consultation=found,
            phases=done.phases_of(db, code),
            office=city.office(db, found.office_code),
            said_n=done.voices_in(db, code),
            said=done.said_and_done(db, today=today, paging=Paging(1, 50), consultation=code).rows,
            states=rules.COMMITMENT_STATES,
            today=today,
        )
