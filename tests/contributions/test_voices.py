"""A voice from the form to the change: received, given to an office, answered, promised, done, and confirmed by its author."""

import threading
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from civic.contributions import facts, jobs
from civic.contributions.commands.answers import add_part, decide_hiding, pause, reply
from civic.contributions.models import Commitment, Contribution, ContributionHiding, ContributionPart, ContributionPause
from civic.contributions.queries.voices import clock_of, voice_by_code
from civic.journal.models import ChainLink, JournalEntry
from civic.kernel.errors import Refused
from civic.rights.retention import purge
from tests import build

on_sqlite = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
NEW = "/voci/nuova"
ANNA = "anna@prova.example"
TYPED = {"title": "L'attesa all'anagrafe", "text": "Un'ora in piedi. Mettete delle sedie.", "email": ANNA, "service_code": "nidi"}


def say(client, **typed):
    page = client.post(NEW, TYPED | typed)
    assert page.status == 303, page.errors
    return page.location.rpartition("/")[2]


def count(database, table, *where):
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(table).where(*where))


def act(browser, code, verb, typed):
    page = browser.post(f"/desk/voci/{code}/{verb}", typed)
    assert page.status == 303, page.errors
    return page


# ---- the whole story -------------------------------------------------------------------------------------------------


def test_a_voice_becomes_a_change_that_its_author_confirms(client, new_client, editor, office, mailbox, clock, database, city):
    code = say(client)
    mailbox.deliver_now()
    assert code in mailbox.to(ANNA)[-1].subject
    receipt = client.get(f"/voci/{code}")
    assert "Un'ora in piedi" not in receipt.text(), "nobody reads it before it was reviewed"

    assert "L'attesa all'anagrafe" in editor.get("/desk/voci").text()
    act(editor, code, "affida", {"office_code": city.schools, "severity": "high"})
    assert "L'attesa all'anagrafe" in office.get("/desk/voci").text()
    act(office, code, "parte", {"summary": "Sedie per chi aspetta"})
    part = f"/desk/voci/{code}/parti/1"
    assert office.post(f"{part}/verifica", {"note": "Si può: ci sono 12 posti."}).status == 303
    assert office.post(f"{part}/decidi", {"outcome": "accepted", "action_code": "a001"}).status == 303
    act(office, code, "pubblica", {"public_text": "Un'ora in piedi. Mettete delle sedie."})
    act(office, code, "rispondi", {"text": "Hai ragione: le mettiamo."})
    act(office, code, "impegno", {"title": "Dodici sedie nell'atrio", "due_on": "2026-12-20"})
    mailbox.deliver_now()
    assert "le mettiamo" in mailbox.to(ANNA)[-1].body

    with database.reading() as session:
        commitment = session.scalars(select(Commitment.code)).one()
    assert office.post(f"/desk/impegni/{commitment}/fatto", {"change": "Dodici sedie, dal 1 dicembre."}).status == 303
    said = new_client().get("/avete-detto").text()
    assert "Dodici sedie nell'atrio" in said
    assert "Dodici sedie, dal 1 dicembre." in said

    clock.advance(days=29)
    with database.writing() as session:
        assert jobs.ask_checks(session, clock(), link="http://localhost/voci/verifica/%s") == 1
        assert jobs.ask_checks(session, clock(), link="http://localhost/voci/verifica/%s") == 0
    mailbox.deliver_now()
    link = next(w for w in mailbox.to(ANNA)[-1].body.split() if "/voci/verifica/" in w).removeprefix("http://localhost")
    for _scanner in range(2):
        assert new_client().get(link).status == 200
    assert new_client().post(link, {"verdict": "solved", "note": "Grazie"}).location == f"/voci/{code}"
    assert new_client().get(link).status == 410

    told = client.get(f"/voci/{code}").text()
    for words in ("Un'ora in piedi", "Hai ragione", "Accolta", "Dodici sedie", "confermato da chi ha scritto"):
        assert words in told, words
    assert "Grazie" not in told, "what she adds is for the office"
    assert ANNA not in client.get(f"/voci/{code}").html


# ---- coming in -------------------------------------------------------------------------------------------------------


def test_the_same_form_sent_five_times_at_once_is_one_voice(new_client, database, city):
    browser = new_client()
    page = browser.get(NEW)
    threads = [threading.Thread(target=lambda: browser.send(page, NEW, TYPED)) for _n in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert count(database, Contribution) == 1


@on_sqlite
@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"title": ""}, "obbligatorio"),
        ({"text": "x" * 4001}, "Accorcia"),
        ({"email": "non è"}, "posta"),
        ({"title": "x" * 161}, "Accorcia"),
    ],
)
def test_a_mistake_is_told_where_it_is_and_nothing_typed_is_lost(client, database, city, typed, says):
    page = client.post(NEW, TYPED | typed)
    assert page.status == 422
    assert says in " ".join(page.errors)
    if "text" not in typed:
        assert "Un'ora in piedi" in page.text("textarea[name=text]")
    assert count(database, Contribution) == 0


@on_sqlite
def test_markup_and_deceiving_characters_arrive_as_plain_text(client, office, editor, city):
    code = say(client, text="<script>alert(1)</script> \u202egnirts", email="")
    page = editor.get(f"/desk/voci/{code}")
    assert "<script>alert(1)" not in page.html
    assert "\u202e" not in page.html


def test_an_operator_writes_a_letter_down_and_gives_its_code(editor, database, city):
    page = editor.post("/desk/voci/nuova", {"origin": "letter", "title": "Lettera", "text": "Vorrei un albero."})
    code = page.location.rpartition("/")[2]
    with database.reading() as session:
        found = voice_by_code(session, code)
        assert (found.origin, found.channel, found.level) == ("letter", "paper", 0)


# ---- who may do what -------------------------------------------------------------------------------------------------


@on_sqlite
def test_an_office_does_not_even_see_the_voices_of_another(client, new_client, office, city):
    code = say(client)
    other = new_client()
    other.sign_in(city.referent)
    assert code not in other.get("/desk/voci").html
    assert other.get(f"/desk/voci/{code}").status == 404
    assert other.get(f"/desk/voci/{code}/rispondi").status == 404
    assert office.get(f"/desk/voci/{code}").status == 200


@on_sqlite
def test_several_voices_are_given_at_once(client, new_client, editor, database, city):
    codes = [say(new_client(), title=f"Voce {n}", service_code="", email="") for n in range(3)]
    listed = editor.get("/desk/voci?da_leggere=1")
    page = editor.send(listed, "/desk/voci", {"office_code": city.environment}, extra={"voce": codes[:2]})
    assert page.status == 303
    assert count(database, Contribution, Contribution.office_code == city.environment) == 2
    nothing = editor.post("/desk/voci", {"office_code": city.environment})
    assert nothing.status == 422
    assert "Spunta almeno una voce" in nothing.text()


# ---- outcomes --------------------------------------------------------------------------------------------------------


@on_sqlite
@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"outcome": "not_possible", "public_reason": "Costa troppo"}, "motivo dall'elenco"),
        ({"outcome": "not_possible", "reason_code": "money"}, "perché"),
        ({"outcome": "forwarded", "public_reason": "È della Regione"}, "a chi"),
        ({"outcome": "partly"}, "perché"),
        ({}, "obbligatorio"),
    ],
)
def test_a_no_says_why(client, office, city, typed, says):
    code = say(client)
    act(office, code, "parte", {"summary": "Sedie"})
    page = office.post(f"/desk/voci/{code}/parti/1/decidi", typed)
    assert page.status == 422
    assert says in " ".join(page.errors)


# ---- clocks ----------------------------------------------------------------------------------------------------------


@on_sqlite
def test_the_clock_counts_working_days_and_stands_still_while_the_citizen_is_waited_for(client, office, database, clock, city):
    code = say(client)

    def due():
        with database.reading() as session:
            return clock_of(voice_by_code(session, code), clock().date()).reply_due

    before = due()
    assert before == date(2026, 12, 15), "fifteen working days after Monday 23 November, 8 December is a holiday"
    act(office, code, "ferma", {"reason": "Aspettiamo una fotografia"})
    assert due() is None
    assert "Aspettiamo una fotografia" in client.get(f"/voci/{code}").text()
    clock.advance(days=7)
    office.sign_in(city.other_referent)
    office.post(f"/desk/voci/{code}/riparti", seen_at=f"/desk/voci/{code}")
    assert due() == date(2026, 12, 21), "from Tuesday 24 to Friday 27 nobody counted; on Monday 30 the clock goes on"
    again = office.post_raw(
        f"/desk/voci/{code}/riparti",
        {"csrf_token": office.get(f"/desk/voci/{code}").select('input[name="csrf_token"]')[0]["value"]},
    )
    assert again.status == 400


@on_sqlite
def test_a_late_answer_is_announced_once_and_shows_how_late(client, office, database, clock, mailbox, city):
    say(client)
    clock.advance(days=40)
    with database.writing() as session:
        assert jobs.announce_late(session, clock(), link="http://localhost/desk/voci/%s") == 1
        assert jobs.announce_late(session, clock(), link="http://localhost/desk/voci/%s") == 0
    mailbox.deliver_now()
    assert len(mailbox.to(city.other_referent)) == 1
    office.sign_in(city.other_referent)
    assert "ritardo" in office.get("/desk/voci").text().lower()


# ---- hiding ----------------------------------------------------------------------------------------------------------


def test_a_text_is_hidden_by_two_persons_and_the_register_keeps_it(client, new_client, editor, office, database, city):
    code = say(client)
    act(office, code, "pubblica", {"public_text": "Testo con un nome"})
    act(office, code, "nascondi", {"reason": "personal_data", "note": "C'è un nome"})
    assert "Testo con un nome" in client.get(f"/voci/{code}").text(), "asking hides nothing"
    assert office.get(f"/desk/voci/{code}/decidi").status == 404
    assert code in editor.get("/desk/voci-da-nascondere").html
    act(editor, code, "decidi", {"granted": "1"})
    page = client.get(f"/voci/{code}").text()
    assert "Testo con un nome" not in page
    assert "nascost" in page
    assert count(database, Contribution) == 1
    with database.reading() as session:
        chained = select(func.count()).select_from(JournalEntry).join(ChainLink)
        assert session.scalar(chained.where(JournalEntry.kind == "contributions.text_hidden")) == 1
    refused = office.post(f"/desk/voci/{code}/pubblica", {"public_text": "Di nuovo"})
    assert refused.status == 422
    assert "1" in new_client().get("/avete-detto").text()


@on_sqlite
def test_who_asks_cannot_decide(client, database, city):
    code = say(client)
    with database.writing() as session:
        account = build.make_staff(session, "editor", email="doppia@prova.example")
        voice = voice_by_code(session, code)
        session.add(
            ContributionHiding(
                voice_id=voice.id,
                reason="spam",
                note="x",
                office_code=voice.office_code,
                asked_by_ref=account.ref,
                asked_at=build.BUILT,
            )
        )
        session.flush()
        with pytest.raises(Refused, match="altra persona"):
            decide_hiding(session, build.actor_of(session, account), voice, granted=True, now=build.BUILT)


# ---- numbers ---------------------------------------------------------------------------------------------------------


@on_sqlite
def test_the_figures_equal_a_count_by_hand(office, database, clock, city):
    with database.writing() as session:
        codes = [build.make_voice(session, city.schools, title=f"Voce {n}", now=clock()).code for n in range(12)]
    for code in codes[:9]:
        act(office, code, "rispondi", {"text": "Fatto."})
    clock.advance(days=60)
    office.sign_in(city.other_referent)
    act(office, codes[9], "rispondi", {"text": "In ritardo."})
    act(office, codes[0], "impegno", {"title": "Una cosa", "due_on": "2027-03-01"})
    today = clock().date()
    span = {"since": date(2026, 11, 1), "until": date(2026, 11, 30)}
    with database.reading() as session:
        in_time = facts.answered_in_time(session, **span, today=today)
        assert (in_time.n, in_time.value) == (12, 75), "nine in time, one late, two still waiting and late"
        action = facts.share_with_action(session, **span)
        assert (action.n, action.value) == (10, 10)
        assert facts.median_days(session, **span).value == 0
        assert facts.share_verified(session, **span).value is None


def test_the_inbox_costs_the_same_whatever_its_length(client, editor, database, app, query_count, city):
    say(client)
    with query_count(app) as few:
        editor.get("/desk/voci")
    with database.writing() as session:
        for n in range(25):
            build.make_voice(session, city.schools, title=f"Voce {n}")
    with query_count(app) as many:
        editor.get("/desk/voci")
    assert len(many) == len(few)
    assert len(few) <= 16


# ---- being forgotten -------------------------------------------------------------------------------------------------


def test_erasing_oneself_takes_ones_words_away_and_leaves_what_was_decided(client, office, database, city, app):
    with database.writing() as session:
        citizen = build.make_citizen(session, app.extensions["civic"].pepper)
        ref = citizen.ref
    code = say(client)
    with database.writing() as session:
        voice_by_code(session, code).author_ref = ref
    act(office, code, "parte", {"summary": "Sedie"})
    act(office, code, "rispondi", {"text": "Solo per te", "is_public": None})
    with database.writing() as session:
        build.erase(session, ref)
    with database.reading() as session:
        voice = voice_by_code(session, code)
        assert (voice.author_ref, voice.email, voice.title, voice.text) == ("", "", "(cancellato)", "(cancellato)")
        assert [p.summary for p in voice.parts] == ["Sedie"]
        assert voice.replies == []


@pytest.mark.parametrize("later", ["reply", "pause", "handing", "part"])
def test_a_voice_whose_five_years_are_over_goes_with_what_hangs_on_it(database, city, later):
    """What came after the voice is younger than its term, and must not hold it back."""
    after = build.BUILT + timedelta(days=3)
    with database.writing() as session:
        voice = build.make_voice(session, city.environment)
        if later == "reply":
            reply(session, build.BUILDER, voice, text="Sì.", is_public=True, link="%s", site="x", now=after)
        elif later == "pause":
            pause(session, build.BUILDER, voice, reason="Una foto", now=after)
        elif later == "handing":
            build.make_handing(session, voice, now=after)
        else:
            add_part(session, build.BUILDER, voice, summary="Panchine", now=after)
    with database.writing() as session:
        purge(session, build.BUILT + timedelta(days=5 * 365 + 1))
    assert count(database, Contribution) == 0
    assert count(database, ContributionPause) == count(database, ContributionPart) == 0
