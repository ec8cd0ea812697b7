"""Who works with voices in the made-up city, each in a browser of her own."""

import pytest

from tests import build


@pytest.fixture
def editor(new_client, city):
    """The mayor's office, which reads everything and gives it to offices."""
    browser = new_client()
    browser.sign_in(city.editor)
    return browser


@pytest.fixture
def office(new_client, city):
    """The referent of the schools department, which answers for the nurseries."""
    browser = new_client()
    browser.sign_in(city.other_referent)
    return browser


@pytest.fixture
def provider(new_client, database, city):
    """Somebody of the company that runs the water."""
    with database.writing() as session:
        build.make_staff(session, "provider", scope_ref="acqua-spa", email="acqua@prova.example")
    browser = new_client()
    browser.sign_in("acqua@prova.example")
    return browser
