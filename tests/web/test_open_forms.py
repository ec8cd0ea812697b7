"""Forms open to everybody: a person passes without noticing, and one taken for a machine by mistake loses nothing."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from civic.city.forms import ReportForm
from civic.city.models import SiteReport
from tests.client import Client

on_sqlite = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
PATH, TYPED = "/accessibilita", {"text": "La tabella non si legge", "email": "persona@esempio.example", "page": "Programma"}


@pytest.fixture
def visitor(make_app, config, city):
    """A browser at a site that asks for the second which is usual."""
    return Client(make_app(replace(config, form_min_seconds=1)))


def filed(database):
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(SiteReport))


def kept(page):
    return {
        "text": page.one("#text").get_text().strip(),
        "email": page.one("#email")["value"],
        "page": page.one("#page")["value"],
    }


def came_back_whole_and_passes_at_once(client, page, database):
    assert page.status == 422
    assert len(page.errors) == 1
    assert kept(page) == TYPED
    assert filed(database) == 0
    assert client.send(page, PATH).status == 303
    return True


@on_sqlite
def test_a_form_sent_a_second_after_it_was_shown_is_received(visitor, clock, database):
    form = visitor.get(PATH)
    clock.advance(seconds=1)
    assert visitor.send(form, PATH, TYPED).status == 303
    assert filed(database) == 1


@on_sqlite
@pytest.mark.parametrize("seconds", [0, 0.9])
def test_a_form_sent_sooner_than_hands_can_comes_back_and_is_received_when_sent_again(visitor, clock, database, seconds):
    form = visitor.get(PATH)
    clock.advance(seconds=seconds)
    page = visitor.send(form, PATH, TYPED)
    assert "in fretta" in page.errors[0]
    assert came_back_whole_and_passes_at_once(visitor, page, database)


@on_sqlite
def test_a_form_left_open_for_a_day_is_received_and_then_comes_back_once(visitor, clock, database):
    form, again = visitor.get(PATH), visitor.get(PATH)
    clock.advance(hours=24, seconds=1)
    page = visitor.send(form, PATH, TYPED)
    assert "più di un giorno" in page.errors[0]
    assert came_back_whole_and_passes_at_once(visitor, page, database)
    clock.advance(seconds=-1)
    assert visitor.send(again, PATH, TYPED).status == 303


def of_another_house(make_app, config, clock):
    page = Client(make_app(replace(config, secret_key="z" * 64))).get(PATH)
    return page.one('input[name="shown_at"]')["value"]


@on_sqlite
@pytest.mark.parametrize("forged", ["", "x", "MTAwMA", "è.ù", "\x00", "W10.xxx", "A" * 5_000, None, "another house"])
def test_a_form_without_this_site_s_own_stamp_comes_back(visitor, make_app, config, clock, database, forged):
    form = visitor.get(PATH)
    stamp = of_another_house(make_app, config, clock) if forged == "another house" else forged
    clock.advance(seconds=5)
    page = visitor.send(form, PATH, TYPED, extra={"shown_at": [] if stamp is None else stamp})
    assert came_back_whole_and_passes_at_once(visitor, page, database)


@on_sqlite
@pytest.mark.parametrize("stamp", ["x", []])
def test_a_house_that_asks_for_no_time_still_wants_its_stamp(make_app, config, city, database, stamp):
    visitor = Client(make_app(replace(config, form_min_seconds=0)))
    page = visitor.post(PATH, TYPED, extra={"shown_at": stamp})
    assert came_back_whole_and_passes_at_once(visitor, page, database)


@on_sqlite
def test_a_filled_trap_is_said_once_and_comes_back_empty(visitor, database):
    page = visitor.post(PATH, TYPED | {"website": "https://spam.example"})
    assert "nascosto" in page.errors[0]
    assert page.one('input[name="website"]')["value"] == ""
    assert came_back_whole_and_passes_at_once(visitor, page, database)


@on_sqlite
def test_after_a_mistake_nobody_waits_to_send_again(visitor, clock, database):
    form = visitor.get(PATH)
    clock.advance(seconds=1)
    page = visitor.send(form, PATH, TYPED | {"text": ""})
    assert page.status == 422
    assert not any("fretta" in e for e in page.errors)
    assert visitor.send(page, PATH, TYPED).status == 303


@on_sqlite
def test_a_form_or_the_house_may_ask_for_more_and_the_longer_holds(make_app, config, city, clock, database, monkeypatch):
    monkeypatch.setattr(ReportForm, "min_seconds", 5)
    patient, strict = (Client(make_app(replace(config, form_min_seconds=n))) for n in (1, 8))
    for visitor, seconds in ((patient, 5), (strict, 8)):
        form, again = visitor.get(PATH), visitor.get(PATH)
        clock.advance(seconds=seconds - 0.1)
        assert visitor.send(form, PATH, TYPED).status == 422
        clock.advance(seconds=0.1)
        assert visitor.send(again, PATH, TYPED).status == 303
    assert filed(database) == 2
