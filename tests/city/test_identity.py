"""Who the municipality is: footer links, words of the mails, thresholds, days of election silence."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, select

from civic.city import commands
from civic.city.models import SilenceWindow, Threshold
from civic.city.queries import is_silent, thresholds
from civic.city.rules import THRESHOLDS
from civic.journal.queries import chain_faults, chain_length
from civic.kernel.errors import Refused
from civic.outbox.rules import MAILS
from tests import build

ADMIN = "/desk/amministrazione"
on_sqlite = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)


@pytest.fixture
def administrator(client, city):
    client.sign_in(city.administrator)
    return client


def test_a_changed_name_stands_on_every_page(administrator, new_client):
    administrator.post(f"{ADMIN}/ente", {"name": "Comune di Altrove", "pec": "pec@altrove.example"})
    for path in ("/", "/programma", "/en/servizi"):
        page = new_client().get(path)
        assert "Comune di Altrove" in page.text("title")
        assert "pec@altrove.example" in page.text("footer")


def test_a_footer_link_appears_on_every_page_in_both_languages_and_goes_again(administrator, new_client):
    path = f"{ADMIN}/pie-di-pagina"
    for label, english, position in (("Secondo", "Second", "2"), ("Primo", "", "1")):
        assert (
            administrator.post(
                path, {"label_it": label, "label_en": english, "url": "https://altro.example/" + label, "position": position}
            ).status
            == 303
        )
    reader = new_client()
    assert [t for t in reader.get("/programma").texts("footer a") if t in ("Primo", "Secondo")] == ["Primo", "Secondo"]
    assert "https://altro.example/Secondo" in reader.get("/").links("footer a")
    assert "Second" in reader.get("/en/programma").texts("footer a")
    button = administrator.get(path).select('form[action$="/togli"]')[0]
    administrator.post(button["action"], seen_at=path)
    assert [t for t in reader.get("/programma").texts("footer a") if t in ("Primo", "Secondo")] == ["Secondo"]


@on_sqlite
@pytest.mark.parametrize("url", ["", "altro.example", "javascript:alert(1)", "https://a b", "ftp://x"])
def test_a_footer_link_leads_to_a_web_address(administrator, url):
    page = administrator.post(f"{ADMIN}/pie-di-pagina", {"label_it": "Altro", "url": url, "position": "0"})
    assert page.status == 422
    assert "#url" in page.links("#errori a")
    assert page.one("#label_it")["value"] == "Altro"


# ---- mails ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", MAILS)
@on_sqlite
def test_every_mail_can_be_saved_as_it_comes(administrator, kind):
    path = f"{ADMIN}/messaggi/{kind}"
    assert administrator.post(path).status == 303
    assert administrator.get(path).one("#subject")["value"] == MAILS[kind].subject


def test_a_reworded_mail_is_the_one_that_leaves(administrator, new_client, mailbox, city):
    path = f"{ADMIN}/messaggi/people.password_reset"
    assert administrator.post(path, {"subject": "Chiave nuova per ${name}", "body": "Apri $link\n(costa $$0)"}).status == 303
    new_client().post("/desk/password-dimenticata", {"email": city.editor})
    (mail,) = mailbox.deliver_now()
    assert mail.subject == "Chiave nuova per Persona editor"
    assert mail.body.startswith("Apri http://localhost/desk/scegli-password/")
    assert mail.body.endswith("(costa $0)")


@on_sqlite
@pytest.mark.parametrize(
    ("subject", "body", "named"),
    [
        ("Ciao $nome", "Apri $link", "$nome"),
        ("Ciao", "Apri $lnk", "$lnk"),
        ("Ciao", "Apri ${link", "$"),
        ("Costa 5 $", "Apri", "$"),
        ("Ciao", "$code", "$code"),
    ],
)
def test_a_name_that_the_mail_does_not_know_is_refused(administrator, subject, body, named):
    path = f"{ADMIN}/messaggi/people.invited"
    page = administrator.post(path, {"subject": subject, "body": body})
    assert page.status == 422
    assert named in page.errors[0]
    assert page.one("#subject")["value"] == subject
    assert page.one("#body").get_text().strip() == body
    assert administrator.get(path).one("#subject")["value"] == MAILS["people.invited"].subject


@on_sqlite
def test_there_is_no_page_for_a_mail_that_is_never_sent(administrator):
    assert administrator.get(f"{ADMIN}/messaggi/nessuno").status == 404


# ---- thresholds -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", THRESHOLDS)
def test_a_threshold_can_become_stricter_and_never_laxer(administrator, database, name):
    path, least = f"{ADMIN}/soglie", THRESHOLDS[name].default
    page = administrator.post(path, {name: str(least - 1)})
    assert page.status == 422
    assert f"#{name}" in page.links("#errori a")
    assert str(least) in page.errors[0]
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Threshold)) == 0
    assert administrator.post(path, {name: str(least + 7)}).status == 303
    with database.reading() as session:
        values = {row.name: row.value for row in thresholds(session)}
    assert values == {n: r.default + (7 if n == name else 0) for n, r in THRESHOLDS.items()}
    assert administrator.post(path, {name: str(least)}).status == 303


@on_sqlite
def test_one_bad_threshold_leaves_all_as_they_were(administrator, database):
    names = list(THRESHOLDS)
    page = administrator.post(f"{ADMIN}/soglie", {names[0]: "99", names[-1]: "0"})
    assert page.status == 422
    assert page.one(f"#{names[0]}")["value"] == "99"
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Threshold)) == 0


# ---- silence --------------------------------------------------------------------------------------------------------------------


def test_a_window_of_silence_is_civil_days_in_italy_first_and_last_included(database, city):
    with database.writing() as session:
        commands.schedule_silence(
            session, build.BUILDER, starts_on=date(2026, 5, 10), ends_on=date(2026, 5, 11), reason="Elezioni", now=build.BUILT
        )
        commands.schedule_silence(
            session, build.BUILDER, starts_on=date(2026, 12, 1), ends_on=date(2026, 12, 1), reason="Elezioni", now=build.BUILT
        )
    instants = {
        datetime(2026, 5, 9, 21, 59, tzinfo=UTC): False,
        datetime(2026, 5, 9, 22, 0, tzinfo=UTC): True,
        datetime(2026, 5, 11, 21, 59, tzinfo=UTC): True,
        datetime(2026, 5, 11, 22, 0, tzinfo=UTC): False,
        datetime(2026, 11, 30, 22, 59, tzinfo=UTC): False,
        datetime(2026, 11, 30, 23, 0, tzinfo=UTC): True,
        datetime(2026, 12, 1, 22, 59, tzinfo=UTC): True,
        datetime(2026, 12, 1, 23, 0, tzinfo=UTC): False,
    }
    with database.reading() as session:
        assert {at: is_silent(session, at) for at in instants} == instants


def test_the_desk_schedules_a_silence_that_stays_in_the_register(administrator, database, city):
    path = f"{ADMIN}/silenzio-elettorale"
    with database.reading() as session:
        before = chain_length(session)
    page = administrator.post(path, {"starts_on": "2026-11-25", "ends_on": "2026-11-24", "reason": "Elezioni regionali"})
    assert page.status == 422
    assert "#ends_on" in page.links("#errori a")
    assert page.one("#reason")["value"] == "Elezioni regionali"
    assert administrator.get("/programma/stati.atom").status == 200
    assert (
        administrator.post(path, {"starts_on": "2026-11-23", "ends_on": "2026-11-24", "reason": "Elezioni regionali"}).status
        == 303
    )
    assert "In corso" in administrator.get(path).text("tbody")
    assert administrator.get("/programma/stati.atom").status == 503
    with database.reading() as session:
        assert chain_length(session) == before + 1
        assert not list(chain_faults(session))
        assert session.scalar(select(func.count()).select_from(SilenceWindow)) == 1


@on_sqlite
def test_a_new_installation_has_no_ente_and_its_first_identity_is_set_once(database, client):
    assert client.get("/").status == 200
    with database.writing() as session:
        build.make_ente(session)
    with pytest.raises(Exception, match="nel frattempo"), database.writing() as session:
        build.make_ente(session, name="Un'altra")
    assert "Comune di Prova" in client.get("/").text("title")


@on_sqlite
def test_a_threshold_below_the_default_is_refused_by_the_command_too(database, city):
    with pytest.raises(Refused, match="non può scendere sotto 5"), database.writing() as session:
        commands.set_threshold(session, build.BUILDER, "cell_min_n", 4, now=build.BUILT)
