"""The loop that the product is for: she rates the registry office on a telephone without scripts; the office reads, answers and
changes something; four weeks later she says that it is so; everyone sees it, and the numbers are those one counts by hand."""

import re
from datetime import UTC, datetime, timedelta
from math import sqrt
from pathlib import Path

from playwright.sync_api import Browser, Page
from sqlalchemy import text

from civic.contributions import jobs
from civic.demo.people import PASSWORD
from civic.kernel.db import Database
from civic.outbox.jobs import deliver
from civic.outbox.mailer import FolderMailer
from tests.browser.conftest import leave, mailed_link, telephone

ADDRESS = "anna.passerotto@prova.example"


def sign_in(page: Page, login: str) -> None:
    page.goto("/desk/accedi")
    page.fill("input[name=email]", login)
    page.fill("input[name=password]", PASSWORD)
    page.click("main button[type=submit]")


def act(page: Page, code: str, verb: str, **typed: str) -> None:
    """Open one of the things to do with a voice from its page, fill it and send it."""
    page.goto(f"/desk/voci/{code}")
    page.click(f"main a[href='/desk/voci/{code}/{verb}']")
    for name, value in typed.items():
        field = page.locator(f"main form [name={name}]")
        if field.evaluate("e => e.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    page.click("main form button[type=submit]")
    page.wait_for_url(re.compile(f"/desk/voci/{code}$"))


def by_hand(database: Database, service: str) -> tuple[int, float, float, float, float]:
    """Count the rows themselves: n, share of 4-5 stars, its interval and the mean, over this month and the eleven before."""
    today = datetime.now(UTC).date()
    first = (
        today.replace(year=today.year - 1, month=today.month + 1, day=1) if today.month < 12 else today.replace(month=1, day=1)
    )
    with database.reading() as session:
        rows = session.execute(
            text(
                "SELECT stars FROM rating WHERE service_code = :s AND standing = 'counted' AND channel NOT IN ('kiosk', 'operator') AND on_day >= :d"
            ),
            {"s": service, "d": first if not database.is_sqlite else first.isoformat()},
        )
        stars = [row[0] for row in rows]
    n, z = len(stars), 1.959964
    p = sum(s >= 4 for s in stars) / n
    half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    low, high = (p + z * z / (2 * n) - half) / (1 + z * z / n), (p + z * z / (2 * n) + half) / (1 + z * z / n)
    return n, 100 * p, 100 * low, 100 * high, sum(stars) / n


def test_a_rating_on_a_telephone_becomes_a_change_and_a_number(own_site, chromium: Browser) -> None:
    url, environ, database = own_site
    before = by_hand(database, "anagrafe")[0]
    with telephone(chromium, url, script=False) as page:
        page.goto("/")
        page.click("main a[href='/servizi']")
        page.click("main a[href='/servizi/anagrafe']")
        page.click("main a:has-text('Valuta questo servizio')")
        page.click("main button[name=stars][value='2']")
        assert "Grazie" in page.inner_text("main")
        page.click("label:has-text('Ho aspettato troppo')")
        page.select_option("select[name=waiting]", "1")
        page.fill("textarea[name=text]", "Quaranta minuti in piedi: mettete delle sedie.")
        page.click("label:has-text('Il testo si può pubblicare')")
        page.fill("input[name=email]", ADDRESS)
        page.click("main form button[type=submit]:has-text('Invia')")
        code = re.search(r"[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}", page.inner_text("main")).group()

    context = chromium.new_context(base_url=url, locale="it-IT")
    desk = context.new_page()
    sign_in(desk, "redazione@demo.invalid")
    desk.goto("/desk/voci")
    assert code in desk.content()
    act(desk, code, "affida", office_code="direzione-servizi-territoriali-integrati")
    context.clear_cookies()
    sign_in(desk, "ufficio@demo.invalid")
    act(desk, code, "pubblica", public_text="Quaranta minuti in piedi: mettete delle sedie.")
    act(desk, code, "rispondi", text="Hai ragione: le sedie arrivano questa settimana.")
    due = (datetime.now(UTC) + timedelta(days=7)).date().isoformat()
    act(desk, code, "impegno", title="Venti sedie nella sala dell'anagrafe", due_on=due)
    desk.goto("/desk/impegni")
    row = desk.locator("main :is(tr, li, article):has-text('Venti sedie nella sala')").last
    row.locator("a[href$='/fatto']").first.click()
    desk.fill("[name=change]", "Venti sedie da lunedì, e un numero che chiama.")
    desk.click("main form button[type=submit]")
    desk.wait_for_url(lambda address: not address.endswith("/fatto"))
    leave(context)

    with database.writing() as session:
        four_weeks = datetime.now(UTC) + timedelta(days=29)
        jobs.ask_checks(session, four_weeks, link=f"{url}/voci/verifica/%s")
    deliver(database, FolderMailer(Path(environ["CIVIC_DATA_DIR"]) / "mail", "civic@prova.example"), four_weeks)
    with telephone(chromium, url, script=False) as page:
        page.goto(mailed_link(environ, ADDRESS, "/voci/verifica/"))
        page.click("label:has-text('Sì, è risolto')")
        page.click("main form button[type=submit]")
        assert "confermato da chi ha scritto" in page.inner_text("main").lower()

        page.goto("/avete-detto")
        assert "Venti sedie nella sala dell'anagrafe" in page.inner_text("main")
        page.goto("/servizi/anagrafe")
        told = page.inner_text("main")
        assert "Venti sedie da lunedì, e un numero che chiama." in told
        n, share, low, high, mean = by_hand(database, "anagrafe")
        assert n == before + 1
        for number in (f"{share:.1f}", f"{low:.1f}", f"{high:.1f}", f"{mean:.2f}"):
            assert number.replace(".", ",") in told, (number, told)
        assert str(n) in told
