"""Somebody rates a service: once, from wherever she comes, and nobody can make her voice smaller."""

import json
import re
import threading
from dataclasses import replace
from datetime import date, timedelta
from math import sqrt

import pytest
from sqlalchemy import func, select

from civic.contributions.commands.commitments import Promise, finish, make_commitment
from civic.contributions.models import Contribution
from civic.kernel.codes import token
from civic.people.queries.staff import account_by_email, actor_of
from civic.quality import facts, jobs
from civic.quality.commands.points import PointData, issue_tickets, make_point, tell_contacts
from civic.quality.commands.tallies import rebuild
from civic.quality.models import AnswerTally, Rating, RatingAnswer, RatingTally, RatingTurn
from civic.quality.queries.figures import figures_of
from civic.rights.retention import purge
from tests import build
from tests.client import Client

on_sqlite = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
RATE = "/servizi/nidi/valuta"


def stars(client, n, path=RATE):
    page = client.post(path, {"stars": str(n)})
    assert page.status == 303, page.errors
    return page.location


def ratings(database):
    with database.reading() as session:
        return session.scalars(select(Rating).order_by(Rating.id)).all()


def tally(database):
    with database.reading() as session:
        rows = session.execute(select(RatingTally.stars, func.sum(RatingTally.n)).group_by(RatingTally.stars))
        return {s: int(n) for s, n in rows if n}


def at_once(*calls):
    threads = [threading.Thread(target=call) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


# ---- the stars, and the rest -----------------------------------------------------------------------------------------


def test_one_press_stores_the_stars_and_the_rest_is_optional(client, database, city):
    more = stars(client, 4)
    (rating,) = ratings(database)
    assert (rating.stars, rating.channel, rating.trust, rating.standing) == (4, "web", "open", "counted")
    assert tally(database) == {4: 1}
    page = client.get(more)
    assert "4" in page.text()
    told = client.send(page, more, {"reasons": ["kind", "solved"], "courtesy": "5", "quartiere_code": "Q1"})
    assert told.location == "/servizi/nidi/grazie"
    (rating,) = ratings(database)
    assert rating.quartiere_code == "Q1"
    with database.reading() as session:
        answers = session.execute(select(RatingAnswer.code, RatingAnswer.score).order_by(RatingAnswer.code)).all()
        assert [tuple(a) for a in answers] == [("courtesy", 5), ("kind", 0), ("solved", 0)]
        assert session.scalar(select(RatingTally.quartiere).where(RatingTally.n == 1)) == "Q1"


def test_what_is_written_becomes_a_voice_for_the_office_with_a_receipt(client, new_client, database, mailbox, city):
    more = stars(client, 2)
    told = client.post(more, {"text": "Un'ora di attesa.", "email": "anna@prova.example", "reasons": ["slow"]})
    code = re.search(r"voce=([A-Z0-9-]+)", told.location).group(1)
    assert code in client.get(told.location).text()
    with database.reading() as session:
        voice = session.scalars(select(Contribution)).one()
    assert (voice.code, voice.origin, voice.service_code, voice.office_code) == (code, "rating", "nidi", city.schools)
    mailbox.deliver_now()
    assert code in mailbox.to("anna@prova.example")[-1].subject
    office = new_client()
    office.sign_in(city.other_referent)
    assert "Un'ora di attesa." in office.get(f"/desk/voci/{code}").text()


@on_sqlite
def test_the_rest_of_a_rating_of_a_service_for_the_whole_city(client, database, city):
    more = stars(client, 4, "/servizi/acquedotto/valuta")
    assert "quartiere" not in client.get(more).text("main form").lower()
    assert client.post(more, {"reasons": ["quick"], "text": "Bene."}).status == 303
    with database.reading() as session:
        assert session.scalars(select(Contribution.wants_public)).one() is False, "she did not allow it"


@on_sqlite
def test_reasons_go_with_the_score(client, database, city):
    page = client.get(stars(client, 5))
    assert "Le persone sono state cortesi e preparate" in page.text()
    assert "Ho aspettato troppo" not in page.text()
    forged = client.send(page, None, {}, extra={"reasons": ["slow"]})
    assert forged.status == 422
    assert ratings(database)[0].edit_hash is not None, "a refused form leaves the token as it was"


def test_the_token_for_the_rest_works_once(client, database, city):
    more = stars(client, 3)
    page = client.get(more)
    at_once(*[lambda: client.send(page, more, {"text": "Cinque volte."})] * 5)
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Contribution)) == 1
    spent = client.get(more)
    assert spent.status == 410
    assert "già stato usato" in spent.text()


@on_sqlite
def test_the_token_for_the_rest_ends_with_the_next_day(client, clock, city):
    more = stars(client, 3)
    clock.advance(days=2)
    assert client.get(more).status == 410


# ---- one rating each -------------------------------------------------------------------------------------------------


def test_the_same_form_five_times_at_once_is_one_rating(client, database, city):
    page = client.get(RATE)
    at_once(*[lambda: client.send(page, RATE, {"stars": "5"})] * 5)
    assert len(ratings(database)) == 1
    assert tally(database) == {5: 1}


def test_a_form_without_its_key_is_nobodys(client, database, city):
    page = client.get(RATE)
    for key in ("", "x" * 5000):
        answer = client.send(page, RATE, {"stars": "4"}, extra={"form_key": key})
        assert answer.status == 422
        assert "non è arrivato intero" in " ".join(answer.errors)
    assert not ratings(database)


def test_five_forms_opened_together_by_one_browser_are_one_rating(client, database, city):
    pages = [client.get(RATE) for _n in range(5)]
    at_once(*[lambda p=p: client.send(p, RATE, {"stars": "3"}) for p in pages])
    assert tally(database) == {3: 1}


def test_another_form_of_the_same_browser_changes_the_rating(client, database, clock, city):
    stars(client, 1)
    clock.advance(days=10)
    stars(client, 4)
    assert [r.stars for r in ratings(database)] == [4]
    assert tally(database) == {4: 1}
    clock.advance(days=31)
    stars(client, 2)
    assert tally(database) == {4: 1, 2: 1}, "after thirty days it is another experience"


@on_sqlite
def test_going_back_and_pressing_another_star_corrects_the_first(client, database, city):
    page = client.get(RATE)
    client.send(page, RATE, {"stars": "1"})
    client.send(page, RATE, {"stars": "5"})
    assert tally(database) == {5: 1}


def test_two_forms_of_one_browser_at_the_same_instant_are_one_rating(client, database, city):
    stars(client, 3, "/servizi/acquedotto/valuta")  # the browser gets what stands for it
    pages = [client.get(RATE) for _n in range(4)]
    at_once(*[lambda p=p: client.send(p, RATE, {"stars": "2"}) for p in pages])
    assert len([r for r in ratings(database) if r.service_code == "nidi"]) == 1
    assert tally(database) == {3: 1, 2: 1}


@on_sqlite
def test_two_people_are_two_ratings_and_the_way_back_to_them_goes_after_thirty_days(new_client, database, clock, city):
    for _person in range(2):
        stars(new_client(), 4)
    assert tally(database) == {4: 2}
    with database.reading() as session:
        turns = session.scalars(select(RatingTurn)).all()
    assert len({t.key for t in turns}) == 2
    assert all(t.rated_at.hour == 0 for t in turns)
    clock.advance(days=31)
    with database.writing() as session:
        purge(session, clock())
        assert session.scalar(select(func.count()).select_from(RatingTurn)) == 0
    assert tally(database) == {4: 2}


@on_sqlite
def test_a_rating_knows_no_instant_and_no_person(client, database, city):
    stars(client, 4)
    (rating,) = ratings(database)
    told = {c.name: getattr(rating, c.name) for c in Rating.__table__.columns}
    assert not [v for v in told.values() if hasattr(v, "hour")], "a day and a quarter of it, nothing finer"
    assert client.cookies()["civic-browser"] not in str(told)


# ---- where ratings come from -----------------------------------------------------------------------------------------


@pytest.fixture
def referent(database, city):
    with database.reading() as session:
        return actor_of(session, account_by_email(session, city.other_referent))


def test_a_ticket_is_worth_more_and_only_once(new_client, database, referent, clock, city):
    with database.writing() as session:
        code, other = issue_tickets(session, referent, "nidi", count=2, now=clock())
    client = new_client()
    page = client.get(f"/biglietto?codice={code.lower()}", follow=True)
    assert client.send(page, RATE, {"stars": "4"}).status == 303
    assert ratings(database)[0].trust == "ticket"
    spent = new_client().get(f"/biglietto?codice={code}")
    assert spent.status == 404
    late = new_client().post(f"{RATE}", {"stars": "1", "ticket": code}, seen_at=f"{RATE}?biglietto={code}")
    assert late.status == 422
    assert "già stato usato" in " ".join(late.errors)
    at_once(*[lambda: new_client().post(RATE, {"stars": "5"}, seen_at=f"{RATE}?biglietto={other}")] * 4)
    assert tally(database) == {4: 1, 5: 1}


@on_sqlite
def test_a_poster_leads_to_its_service_and_tells_the_place(client, database, referent, clock, city):
    with database.writing() as session:
        point = make_point(session, referent, "nidi", PointData(place="Nido Arcobaleno", quartiere_code="Q2"), now=clock()).code
    page = client.get(f"/v/{point}", follow=True)
    client.send(page, RATE, {"stars": "5"})
    (rating,) = ratings(database)
    assert (rating.channel, rating.point_code, rating.quartiere_code) == ("qr", point, "Q2")


def test_a_totem_is_a_series_apart_and_takes_one_press_in_three_seconds(client, database, referent, clock, city):
    with database.writing() as session:
        code = make_point(session, referent, "nidi", PointData(place="Atrio", is_kiosk=True), now=clock()).code
    page = client.get(f"/totem/{code}")
    assert [b["value"] for b in page.select("button[name=stelle]")] == ["1", "2", "3", "4", "5"]
    assert client.send(page, f"/totem/{code}", {"stelle": "1"}).location.endswith("esito=grazie")
    assert client.send(page, f"/totem/{code}", {"stelle": "1"}).location.endswith("esito=aspetta")
    clock.advance(seconds=3)
    for _press in range(12):
        assert client.send(page, f"/totem/{code}", {"stelle": "1"}).location.endswith("esito=grazie")
        clock.advance(seconds=3)
    with database.reading() as session:
        found = facts.satisfaction_of(session, since=date(2026, 1, 1), until=date(2026, 12, 31), service="nidi")
    assert found.measure.n == 0
    assert "Dal totem" in new_page_text(client)


def new_page_text(client):
    return client.get("/servizi/nidi").text()


def test_who_works_there_does_not_count(client, new_client, database, city):
    office = new_client()
    office.sign_in(city.other_referent)
    stars(office, 5)
    client.post(stars(client, 5), {"works_there": "y", "reasons": ["kind"]})
    assert {r.standing for r in ratings(database)} == {"internal"}
    with database.reading() as session:
        assert session.scalar(select(func.coalesce(func.sum(AnswerTally.n), 0))) == 0
        assert facts.satisfaction_of(session, since=date(2026, 1, 1), until=date(2026, 12, 31)).measure.n == 0


# ---- bad input -------------------------------------------------------------------------------------------------------


@on_sqlite
@pytest.mark.parametrize("score", ["0", "6", "3.5", "", "-1", "²", "5 OR 1=1", None])
def test_a_score_that_is_none_is_told_and_nothing_is_stored(client, database, city, score):
    page = client.get(RATE)
    answer = client.send(page, RATE, {}, extra={} if score is None else {"stars": score})
    assert answer.status == 422
    assert "Scegli da una a cinque stelle" in " ".join(answer.errors)
    assert not ratings(database)


@on_sqlite
def test_a_service_that_is_not_there_is_no_page(client, city):
    assert client.get("/servizi/non-esiste").status == 404
    assert client.get("/servizi/non-esiste/valuta").status == 404


@on_sqlite
def test_a_text_too_long_comes_back_whole(client, database, city):
    more = stars(client, 4)
    page = client.post(more, {"text": "è" * 10_000, "reasons": ["clear"]})
    assert page.status == 422
    assert "al massimo 200" in " ".join(page.errors)
    assert page.text("textarea[name=text]") == "è" * 10_000
    again = client.send(page, more, {"text": "Più breve\u202e<b>\x07"})
    assert again.status == 303
    with database.reading() as session:
        assert session.scalars(select(Contribution.text)).one() == "Più breve<b>"


# ---- pages -----------------------------------------------------------------------------------------------------------


def rate_page(client, typed, *, origin="http://localhost", **headers):
    return client.post_raw("/valuta/pagina", typed, headers={"Origin": origin, **headers})


PAGE = {
    "strumento": "page_clarity",
    "pagina": "/programma?q=1",
    "stelle": "2",
    "risposte": ["unclear", "kind"],
    "testo": "Parole difficili",
}


def test_a_page_is_rated_from_its_own_form_without_a_session(client, database, city):
    page = client.get("/programma")
    assert "Set-Cookie" not in page.headers
    sent = client.send(page, "/valuta/pagina", {"stelle": "5", "risposte": ["clear"]})
    assert sent.status == 303
    (rating,) = ratings(database)
    assert (rating.instrument, rating.page, rating.stars, rating.service_code) == ("page_clarity", "/programma", 5, None)


def test_a_page_post_sent_five_times_at_once_is_one_rating(new_client, database, city):
    clients = [new_client() for _n in range(5)]
    at_once(*[lambda c=c: rate_page(c, PAGE) for c in clients])
    (rating,) = ratings(database)
    assert (rating.page, rating.text) == ("/programma", "Parole difficili")
    with database.reading() as session:
        assert session.scalars(select(RatingAnswer.code)).all() == ["unclear"], "a reason that does not go with the score is left"


@on_sqlite
def test_stars_sent_first_and_the_rest_after_are_one_rating(client, database, city):
    rate_page(client, {"pagina": "/programma", "stelle": "4", "chiave": "una-chiave", "strumento": "page_clarity"})
    rate_page(client, PAGE | {"chiave": "una-chiave"})
    (rating,) = ratings(database)
    assert (rating.stars, rating.text) == (2, "Parole difficili")
    assert tally(database) == {2: 1}


@on_sqlite
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://altro.example"},
        {"Origin": "null"},
        {},
        {"Origin": "http://localhost", "Sec-Fetch-Site": "cross-site"},
        {"Origin": "http://localhost.altro.example"},
    ],
)
def test_a_page_of_another_site_cannot_rate(client, database, city, headers):
    refused = client.post_raw("/valuta/pagina", PAGE, headers=headers)
    assert refused.status == 400
    assert "non è arrivato da una pagina del Comune" in refused.text()
    assert not ratings(database)


@on_sqlite
def test_the_main_site_posts_its_own_pages(make_app, config, database, city):
    client = Client(make_app(replace(config, rating_origins="https://www.comune.prova.example")))
    sent = rate_page(
        client, PAGE | {"pagina": "/it/page/carta"}, origin="https://www.comune.prova.example", **{"Sec-Fetch-Site": "same-site"}
    )
    assert sent.status == 303
    assert ratings(database)[0].page == "www.comune.prova.example/it/page/carta"
    assert client.get(sent.location).links("main a")[0] == "https://www.comune.prova.example/it/page/carta"
    away = client.get("/valuta/pagina/grazie?da=https://evil.example/x")
    assert not [a for a in away.links("main a") if "evil.example" in a]


@on_sqlite
@pytest.mark.parametrize(
    "wrong",
    [
        {"pagina": "/non-esiste"},
        {"pagina": "https://altro.example/programma"},
        {"stelle": "9"},
        {"stelle": ""},
        {"pagina": ""},
        {"testo": "x" * 201},
        {"strumento": "altro"},
    ],
)
def test_a_mistake_in_a_page_post_keeps_what_was_typed(client, database, city, wrong):
    answer = rate_page(client, PAGE | wrong)
    assert answer.status == 422
    assert answer.errors
    if "testo" not in wrong:
        assert "Parole difficili" in answer.text("textarea[name=testo]")
    assert not ratings(database)


# ---- numbers ---------------------------------------------------------------------------------------------------------


def by_hand(counts):
    n, happy, z = sum(counts), counts[3] + counts[4], 1.96
    p = happy / n
    centre, half = (p + z * z / (2 * n)) / (1 + z * z / n), z / (1 + z * z / n) * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return 100 * p, 100 * (centre - half), 100 * (centre + half), sum((i + 1) * c for i, c in enumerate(counts)) / n


def comma(value, places=1):
    return f"{value:.{places}f}".replace(".", ",")


def test_the_numbers_on_the_page_equal_a_computation_by_hand(client, database, clock, city):
    counts = (3, 2, 5, 20, 11)
    with database.writing() as session:
        build.make_ratings(session, "nidi", counts, now=clock())
        build.make_ratings(session, "nidi", (6, 6, 6, 6, 6), now=clock() - timedelta(days=500))
        build.make_ratings(session, "acquedotto", (0, 0, 0, 0, 40), now=clock())
    share, low, high, mean = by_hand(counts)
    text = new_page_text(client)
    for number in (comma(share), comma(low), comma(high), comma(mean, 2)):
        assert number in text, (number, text)
    assert "41" in text
    with database.reading() as session:
        found = facts.satisfaction_of(session, since=date(2025, 12, 1), until=date(2026, 12, 31), service="nidi")
        assert round(float(found.measure.value), 6) == round(share, 6)
        assert found.measure.n == 41
        everything = facts.satisfaction_of(session, since=date(2025, 12, 1), until=date(2026, 12, 31), office=city.schools)
        assert everything.measure.n == 41
        assert (
            facts.satisfaction_of(session, since=date(2025, 12, 1), until=date(2026, 12, 31), provider="acqua-spa").measure.n
            == 40
        )
        trusted = facts.satisfaction_of(session, since=date(2025, 12, 1), until=date(2026, 12, 31), service="nidi", trusted=True)
        assert (trusted.measure.value, trusted.measure.n) == (None, 0)


@on_sqlite
def test_under_the_threshold_nothing_is_told(client, database, clock, city):
    with database.writing() as session:
        build.make_ratings(session, "nidi", (0, 0, 0, 0, 9), now=clock())
    page = client.get("/servizi/nidi")
    assert "abbastanza valutazioni" in page.text()
    assert "100" not in page.text("main section")
    assert "aggregateRating" not in page.html
    assert "nidi" not in client.get("/servizi/valutazioni.csv").html


@on_sqlite
def test_contacts_of_a_quiet_month_alone_earn_no_better_grade(database, referent, clock, city):
    quiet = clock() - timedelta(days=90)
    with database.writing() as session:
        build.make_ratings(session, "nidi", (0, 0, 0, 20, 20), now=clock())
        build.make_ratings(session, "nidi", (0, 0, 0, 0, 2), now=quiet)
        tell_contacts(session, referent, "nidi", month=quiet.date(), n=3, source="Gestionale", now=clock())
        told = figures_of(session, "nidi", today=clock().date())
        assert (told.answered, told.contacts, told.now.grade) == (2, 3, "C")
        tell_contacts(session, referent, "nidi", month=clock().date(), n=100, source="Gestionale", now=clock())
        told = figures_of(session, "nidi", today=clock().date())
        assert (told.answered, told.contacts, told.now.grade) == (42, 103, "A")


@on_sqlite
def test_search_engines_are_told_the_figure_only_when_there_is_one(client, database, clock, city):
    with database.writing() as session:
        build.make_ratings(session, "nidi", (0, 0, 5, 5, 5), now=clock())
    told = json.loads(client.get("/servizi/nidi").one("script[type='application/ld+json']").string)
    assert told["disambiguatingDescription"] == "dato dimostrativo", "what is invented says so to machines too"
    rating = told["aggregateRating"]
    assert (float(rating["ratingValue"]), rating["ratingCount"], rating["bestRating"]) == (4.0, 15, 5)


@on_sqlite
def test_services_are_in_the_order_of_the_catalogue_not_of_their_figures(client, database, clock, city):
    before = client.get("/servizi").texts("th[scope=row] a")
    with database.writing() as session:
        build.make_ratings(session, "nidi", (0, 0, 0, 0, 40), now=clock())
        build.make_ratings(session, "acquedotto", (40, 0, 0, 0, 0), now=clock())
    assert client.get("/servizi").texts("th[scope=row] a") == before


def test_the_tally_rebuilt_from_the_ratings_is_the_tally_that_was_kept(client, database, clock, city):
    with database.writing() as session:
        secrets = build.make_ratings(session, "nidi", (1, 2, 0, 4, 3), now=clock(), quartiere_code="Q1")
        build.make_ratings(session, "nidi", (1, 1, 1, 1, 1), now=clock() - timedelta(days=40))
    client.post(stars(client, 5), {"reasons": ["kind"], "waiting": "3", "quartiere_code": "Q2"})
    stars(client, 1)
    assert secrets

    def cells():
        with database.reading() as session:
            kept = [RatingTally, AnswerTally]
            return [
                sorted(tuple(str(v) for v in r) for r in session.execute(select(*t.__table__.columns).where(t.n > 0)))
                for t in kept
            ]

    before = cells()
    with database.writing() as session:
        rebuild(session)
    assert cells() == before


def test_a_service_page_costs_the_same_however_many_ratings_there_are(client, database, app, query_count, clock, city):
    with database.writing() as session:
        build.make_ratings(session, "nidi", (2, 2, 2, 2, 2), now=clock())
    with query_count(app) as few:
        client.get("/servizi/nidi")
    with database.writing() as session:
        for months in range(12):
            build.make_ratings(session, "nidi", (2, 2, 2, 2, 2), now=clock() - timedelta(days=30 * months), quartiere_code="Q1")
    with query_count(app) as many:
        client.get("/servizi/nidi")
    assert len(many) == len(few)
    assert len(few) <= 22
    with query_count(app) as listed:
        client.get("/servizi")
    assert len(listed) <= 12


def test_the_same_token_is_made_for_the_same_form_only(database, clock, city):
    key = token()
    with database.writing() as session:
        first = build.rate(
            session,
            build.RatingData(instrument=build.Instrument.SERVICE, service_code="nidi", stars=3, form_key=key),
            pepper=b"p" * 32,
            now=clock(),
        )
        again = build.rate(
            session,
            build.RatingData(instrument=build.Instrument.SERVICE, service_code="nidi", stars=3, form_key=key),
            pepper=b"p" * 32,
            now=clock(),
        )
        other = build.rate(
            session,
            build.RatingData(instrument=build.Instrument.SERVICE, service_code="nidi", stars=3, form_key=token()),
            pepper=b"p" * 32,
            now=clock(),
        )
    assert first.secret == again.secret != other.secret


def test_what_a_change_did_is_measured_once_three_months_after(client, database, clock, city, mailbox):
    promised = clock()
    with database.writing() as session:
        build.make_ratings(session, "nidi", (10, 8, 6, 4, 2), now=promised - timedelta(days=45))
        voice = build.make_voice(session, city.schools, title="Si aspetta troppo")
        made = make_commitment(
            session,
            build.BUILDER,
            Promise(title="Una persona in più", office_code=city.schools, due_on=promised.date(), service_code="nidi"),
            [voice.code],
            now=promised,
        )
        finish(
            session,
            build.BUILDER,
            made.code,
            change="Una persona in più allo sportello.",
            evidence_url="",
            now=promised + timedelta(days=3),
        )
        build.make_ratings(session, "nidi", (1, 2, 3, 14, 10), now=promised + timedelta(days=45))

    def measure(days):
        clock.now = promised + timedelta(days=days)
        with database.writing() as session:
            return jobs.measure_effects(session, clock())

    assert measure(60) == 0, "the three months are not over"
    assert measure(130) == 1
    assert measure(131) == 0, "it is measured once"
    told = client.get("/avete-detto").text()
    assert "n 30" in told
    assert "+60,0 punti" in told, "6 of 30 before, 24 of 30 after"
    assert "+60,0 punti" in client.get("/servizi/nidi").text()
    assert ",30,6,30,24" in client.get("/avete-detto.csv").html
