"""Maria signs in, confirms her address, sees and downloads what is known of her, and erases herself: a real browser, a real
site, a real identity provider in a process of its own, on either database."""

import json
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Browser
from sqlalchemy import select

from civic.demo.personas import CITIZENS
from civic.kernel.db import Database, Model
from config import ROOT
from tests.browser.conftest import mailed_link, telephone

MARIA = next(c for c in CITIZENS if c.key == "maria")
ADDRESS = "maria.canarino@prova.example"


def dump(database: Database) -> str:
    with database.reading() as session:
        return "\n".join(repr(row) for t in Model.metadata.sorted_tables for row in session.execute(select(t)))


def test_maria_from_spid_to_oblivion(own_site, chromium: Browser, tmp_path: Path) -> None:
    url, environ, database = own_site
    with telephone(chromium, url, script=False) as page:
        page.goto("/")
        page.click('header a:has-text("Accedi all\'area personale")')
        page.click("main a:has-text('SPID o CIE')")
        assert "Fornitore di identità di prova" in page.content()
        page.click(f"button:has-text('Entra come {MARIA.name}')")
        assert page.url == f"{url}/area"
        assert "Identità verificata" in page.inner_text("main")

        page.goto("/area/posta")
        page.fill("input[name=email]", ADDRESS)
        page.click("main button[type=submit]:has-text('collegamento'), main form button[type=submit]")
        page.goto(mailed_link(environ, ADDRESS))
        page.click("main form button[type=submit]")
        page.goto("/area/posta")
        assert ADDRESS in page.inner_text("main")

        page.goto("/area")
        with page.expect_download() as coming:
            page.click("a[href='/area/dati.json']")
        told = json.loads(Path(coming.value.path()).read_text(encoding="utf-8"))["data"]
        assert told["people_citizen"][0]["email"] == ADDRESS
        assert MARIA.fiscal_number not in json.dumps(told)

        assert ADDRESS in dump(database), "the control: before the erasure the dump has the address"
        page.goto("/area/cancella")
        page.click("label[for=sure]")
        page.click("main form button[type=submit]")
        assert page.url == f"{url}/area/cancellata"
        page.goto("/area")
        assert "/accedi" in page.url

    left = dump(database)
    assert ADDRESS not in left
    assert MARIA.fiscal_number not in left
    copied = tmp_path / "copy.zip"
    done = subprocess.run(
        [sys.executable, "-m", "civic", "backup", str(copied)], cwd=ROOT, env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    raw = copied.read_bytes()
    assert ADDRESS.encode() not in raw
    logged = (tmp_path / "server.log").read_text(errors="replace")
    assert ADDRESS not in logged
    assert MARIA.fiscal_number not in logged


def test_signing_out_passes_by_the_provider_and_ends_at_the_site(own_site, chromium: Browser) -> None:
    url, _environ, _database = own_site
    with telephone(chromium, url, script=True) as page:
        page.goto("/accedi/eid")
        page.click(f"button:has-text('Entra come {MARIA.name}')")
        page.click("main form[action='/esci'] button")
        page.wait_for_url(f"{url}/uscita*")
        page.goto("/area")
        assert "/accedi" in page.url
