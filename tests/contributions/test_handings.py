"""A voice goes to the provider that runs the service, and comes back to the office, which answers the citizen."""

import pytest
from sqlalchemy import select

from civic.contributions.models import ContributionHanding
from civic.contributions.queries.voices import voice_by_code
from tests import build

on_sqlite = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
TEXT = "Dal rubinetto esce acqua gialla. Chiamatemi al 333 1234567."


@pytest.fixture
def owner(new_client, city):
    """The referent of the environment department, which answers for the water."""
    browser = new_client()
    browser.sign_in(city.referent)
    return browser


@pytest.fixture
def code(database, clock, city):
    with database.writing() as session:
        told = {"title": "Acqua gialla", "text": TEXT, "service_code": "acquedotto", "email": "anna@prova.example"}
        return build.make_voice(session, city.environment, now=clock(), **told).code


def ask(owner, code, **typed):
    told = {"note": "C'è un guasto in via Roma?", "wanted_by": "2026-11-30"} | typed
    return owner.post(f"/desk/voci/{code}/gestore", told)


def test_a_voice_goes_to_the_provider_and_comes_back_and_the_citizen_sees_when(
    client, owner, provider, mailbox, database, code, city
):
    assert code not in provider.get("/desk/voci").html
    assert provider.get(f"/desk/voci/{code}").status == 404
    assert ask(owner, code).status == 303
    mailbox.deliver_now()
    assert code in mailbox.to("acqua@prova.example")[-1].subject
    listed = provider.get("/desk/voci")
    assert "Acqua gialla" in listed.text()
    page = provider.get(f"/desk/voci/{code}").text()
    assert "C'è un guasto in via Roma?" in page
    assert "acqua gialla" in page
    assert "333 1234567" not in page, "what a machine finds is not handed on"
    assert "Affidata a Acqua Spa" in client.get(f"/voci/{code}").text()

    assert provider.post(f"/desk/voci/{code}/restituisci", {"answer": "Un tubo rotto: riparato ieri."}).status == 303
    assert provider.get(f"/desk/voci/{code}").status == 404
    mailbox.deliver_now()
    assert "Acqua Spa" in mailbox.to(city.referent)[-1].subject
    assert "Un tubo rotto: riparato ieri." in owner.get(f"/desk/voci/{code}").text()
    receipt = client.get(f"/voci/{code}").text()
    assert "Tornata all'ufficio il 23 novembre 2026" in receipt
    for secret in ("via Roma", "tubo rotto"):
        assert secret not in receipt, "what office and provider write to each other is not public"


@on_sqlite
def test_the_office_s_clock_goes_on_while_the_provider_has_the_voice(client, owner, provider, database, clock, code):
    with database.reading() as session:
        before = voice_by_code(session, code).reply_due_on
    ask(owner, code)
    clock.advance(days=30)
    with database.reading() as session:
        assert voice_by_code(session, code).reply_due_on == before
    assert "In ritardo" in client.get(f"/voci/{code}").text()


@on_sqlite
def test_a_provider_answers_to_the_office_and_does_nothing_else(owner, provider, code):
    ask(owner, code)
    for verb in ("rispondi", "parte", "ferma", "pubblica", "nascondi", "impegno", "affida", "gestore", "decidi"):
        assert provider.get(f"/desk/voci/{code}/{verb}").status == 404, verb
    owner.post(f"/desk/voci/{code}/parte", {"summary": "Acqua pulita"})
    for verb in ("verifica", "decidi"):
        assert provider.get(f"/desk/voci/{code}/parti/1/{verb}").status == 404, verb
    assert provider.get("/desk/voci/nuova").status == 404
    assert provider.get("/desk/voci/termini").status == 403
    token = provider.get(f"/desk/voci/{code}/restituisci").one('main form input[name="csrf_token"]')["value"]
    assert provider.post_raw(f"/desk/voci/{code}/riprendi", {"csrf_token": token}).status == 404


@on_sqlite
def test_a_private_answer_to_the_citizen_is_not_for_the_provider(owner, provider, code):
    owner.post(f"/desk/voci/{code}/rispondi", {"text": "Solo per lei.", "is_public": None})
    assert ask(owner, code).status == 422, "what has an answer is not handed on"


@on_sqlite
def test_another_provider_sees_nothing(owner, new_client, database, code):
    ask(owner, code)
    with database.writing() as session:
        build.make_provider(session, "luce-spa")
        build.make_staff(session, "provider", scope_ref="luce-spa", email="luce@prova.example")
    other = new_client()
    other.sign_in("luce@prova.example")
    assert code not in other.get("/desk/voci").html
    assert other.get(f"/desk/voci/{code}").status == 404


@on_sqlite
@pytest.mark.parametrize(
    ("typed", "says"),
    [({"note": ""}, "obbligatorio"), ({"wanted_by": "2026-11-01"}, "già passato"), ({"provider_code": "nessuno"}, "")],
)
def test_a_question_that_cannot_be_is_refused(owner, database, code, typed, says):
    page = ask(owner, code, **typed)
    assert page.status == 422
    assert says in " ".join(page.errors)
    with database.reading() as session:
        assert session.scalar(select(ContributionHanding.id)) is None


@on_sqlite
def test_a_voice_is_with_one_provider_at_a_time_and_the_office_may_take_it_back(owner, provider, database, code):
    form = owner.get(f"/desk/voci/{code}/gestore")
    assert ask(owner, code).status == 303
    again = owner.send(form, f"/desk/voci/{code}/gestore", {"note": "Di nuovo"})
    assert "già da un gestore" in " ".join(again.errors)
    assert owner.post(f"/desk/voci/{code}/riprendi", seen_at=f"/desk/voci/{code}").status == 303
    assert code not in provider.get("/desk/voci").html
    assert "ripresa prima di una risposta" in owner.get(f"/desk/voci/{code}").text()
    assert ask(owner, code, note="Un'altra domanda").status == 303
    with database.reading() as session:
        assert [bool(h.returned_at) for h in voice_by_code(session, code).handings] == [True, False], "every handing stays"


@on_sqlite
def test_answering_the_citizen_takes_the_voice_back(owner, provider, code):
    ask(owner, code)
    owner.post(f"/desk/voci/{code}/rispondi", {"text": "Riparato."})
    assert code not in provider.get("/desk/voci?tutte=1").html


@on_sqlite
def test_being_forgotten_empties_what_office_and_provider_wrote(owner, provider, database, app, code):
    ask(owner, code)
    provider.post(f"/desk/voci/{code}/restituisci", {"answer": "La signora Anna ha ragione."})
    with database.writing() as session:
        citizen = build.make_citizen(session, app.extensions["civic"].pepper)
        voice_by_code(session, code).author_ref = citizen.ref
        session.flush()
        build.erase(session, citizen.ref)
    with database.reading() as session:
        voice = voice_by_code(session, code)
        assert [(h.note, h.answer) for h in voice.handings] == [("", "")]
        assert voice.likeness == ""
