"""No route lets an office make its own figures better: every form that it reaches is sent, in many ways, and they stay.

The forms are not listed by hand. Each role goes to every address of the URL map and to every link of its desk, fills each form
it finds with each of its choices, and sends it. What may change is what it may add; the ratings that were there stay as they were.
"""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from bs4 import Tag
from sqlalchemy import select

from civic.kernel.actor import Scope, ScopeKind
from civic.kernel.permissions import Permission
from civic.people.commands import staff
from civic.people.queries.staff import account_by_email, actor_of
from civic.quality.commands.points import PointData, make_point
from civic.quality.commands.ratings import Rest, tell_the_rest
from civic.quality.commands.windows import flag_window
from civic.quality.models import Rating
from civic.quality.rules import Suspicion
from tests import build

on_sqlite = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
# Leaving, or changing one's own password, would end the walk; nothing about ratings is behind them.
NOT_WALKED = re.compile(r"/(esci|desk/accedi|desk/esci|desk/profilo|desk/password|en/|static/)")
MOST_PAGES, MOST_SENDS = 160, 900


def figures(database):
    """Return what stands: (id, stars, standing) of every rating that was there before the walk."""
    with database.reading() as session:
        return {r.id: (r.stars, r.standing, r.channel, r.trust) for r in session.scalars(select(Rating))}


def values_for(control: Tag) -> list[str | None]:
    """List what somebody may put into one control."""
    if control.name == "select":
        return [str(o.get("value", "")) for o in control.select("option")][:6]
    kind = str(control.get("type", "text"))
    if kind in ("checkbox", "radio"):
        return [str(control.get("value", "on")), None]
    if control.name == "button":
        return [str(control.get("value", ""))]
    today = {"date": "2026-11-20", "month": "2026-10", "number": "1", "email": "qualcuno@prova.example"}
    return [today.get(kind, "1")]


def ways_to_fill(form: Tag) -> Iterator[dict[str, list[str]]]:
    """Fill a form with plausible things, then change one control at a time."""
    controls = [c for c in form.select("input, select, textarea, button[name]") if c.get("name")]
    base: dict[str, list[str]] = {}
    for control in controls:
        name, kind = str(control["name"]), str(control.get("type", ""))
        if kind in ("hidden",):
            base[name] = [str(control.get("value", ""))]
        elif kind in ("checkbox", "radio"):
            base.setdefault(name, [str(control.get("value", "on"))])
        elif control.name != "button":
            base[name] = [next((v for v in reversed(values_for(control)) if v), "")]
    yield base
    for control in controls:
        if control.get("type") != "hidden":
            for value in values_for(control):
                yield base | {str(control["name"]): [] if value is None else [value]}


def walk(browser, start: list[str]) -> tuple[int, set[str]]:
    """Open pages from link to link, send every form on them in many ways. Returns how many were sent, and from where."""
    waiting, seen, sent, forms = list(start), set(start), 0, set()
    while waiting and len(seen) <= MOST_PAGES:
        path = waiting.pop(0)
        page = browser.get(path)
        if page.status != 200 or not page.is_html:
            continue
        for link in page.links("a[href]"):
            target = urlsplit(link).path
            if link.startswith("/") and target not in seen and not NOT_WALKED.match(target):
                seen.add(target)
                waiting.append(link)
        for form in page.select("form"):
            target = str(form.get("action") or path)
            if str(form.get("method", "get")).lower() != "post" or NOT_WALKED.match(target):
                continue
            shape = re.sub(r"\d+|[A-Z0-9]{4}(-[A-Z0-9]{4})+", "*", target) + " ".join(
                sorted({str(c.get("name")) for c in form.select("[name]")})
            )
            if shape in forms:
                continue
            forms.add(shape)
            for filled in ways_to_fill(form):
                if sent < MOST_SENDS:
                    browser.post_raw(target, filled, headers={"Origin": "http://localhost", "Referer": f"http://localhost{path}"})
                    sent += 1
    return sent, {shape.split(" ")[0] for shape in forms}


@pytest.fixture
def rated(database, app, clock, city):
    """The nurseries, badly rated, with texts, a ticket series, a point and a window in review."""
    with database.writing() as session:
        secrets = build.make_ratings(session, "nidi", (20, 10, 5, 4, 3), now=clock())
        office = actor_of(session, account_by_email(session, city.other_referent))
        make_point(session, office, "nidi", PointData(place="Nido"), now=clock())
        for secret in secrets[:3]:
            tell_the_rest(
                session,
                secret,
                Rest(reasons=["slow"], text="Male."),
                link="http://localhost/voci/%s",
                site="Comune",
                asked=build.ASKED,
                now=clock(),
            )
        flag_window(
            session,
            build.BUILDER,
            service_code="nidi",
            day_band=(clock().date(), 1),
            found=Suspicion(8, 1.0, 1e-5, 1e-5),
            now=clock(),
        )
        both = build.make_staff(session, "editor", email="doppia@prova.example")
        staff.give_grant(
            session, build.BUILDER, both.id, Permission.QUALITY_EVIDENCE_EDIT, Scope(ScopeKind.OFFICE, city.schools), now=clock()
        )
        build.make_staff(session, "provider", scope_ref="acqua-spa", email="acqua@prova.example")


STARTS = [
    "/desk",
    "/servizi",
    "/servizi/nidi",
    "/servizi/nidi/valuta",
    "/desk/valutazioni",
    "/desk/valutazioni/nidi",
    "/desk/valutazioni/flussi",
    "/desk/voci",
]


@on_sqlite
@pytest.mark.parametrize("who", ["referent-direzione-istruzione@prova.example", "doppia@prova.example", "acqua@prova.example"])
def test_whatever_an_office_sends_its_ratings_stay_as_they_were(new_client, database, rated, city, who):
    browser = new_client()
    browser.sign_in(who)
    before = figures(database)
    starts = [*STARTS, *(f"/desk/valutazioni/flussi/{n}" for n in (1, 2))]
    sent, forms = walk(browser, starts)
    after = figures(database)
    assert {k: after.get(k) for k in before} == before
    assert sent > 40, f"only {sent} forms were sent: {sorted(forms)}"
    added = [v for k, v in after.items() if k not in before and v[1] == "counted" and v[2] not in ("operator", "kiosk")]
    assert not [v for v in added if v[0] > 3 and who.startswith("referent")], "its own stars do not count"


@on_sqlite
def test_the_walk_would_see_it(new_client, database, rated, city):
    """Two reviewers of other offices do change what counts: the walk of one and then of the other finds it."""
    with database.writing() as session:
        build.make_staff(session, "evaluator", email="uno@prova.example")
        build.make_staff(session, "evaluator", email="due@prova.example")
    before = figures(database)
    for email in ("uno@prova.example", "due@prova.example"):
        browser = new_client()
        browser.sign_in(email)
        page = browser.get("/desk/valutazioni/flussi/1")
        browser.send(page, None, {"verdict": "exclude", "note": "Una raffica", "public_note": "Una raffica di stelle uguali."})
    assert figures(database) != before
