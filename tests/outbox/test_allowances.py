"""Mail to addresses that nobody confirmed: never more than the caps in any hour, and none to whoever said no more."""

import logging
import random
import threading
from bisect import bisect_right
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256

import pytest
from sqlalchemy import func, inspect, select, text

from civic.app import CLOCKWORK
from civic.kernel.actor import ANYONE, Actor, HeldGrant
from civic.kernel.db import Database
from civic.kernel.errors import NotAllowed, Refused
from civic.kernel.keys import PEPPER, key_of, keyed
from civic.kernel.permissions import Permission
from civic.kernel.persons import Person
from civic.outbox import jobs, queries, rules
from civic.outbox.commands import (
    AllowanceData,
    add_allowance,
    allow_address,
    erase_person,
    post,
    post_unconfirmed,
    remove_allowance,
    suppress_address,
)
from civic.outbox.models import CappedMail, Meter, MeteredMail, OutboxMail, StopLink, SuppressedAddress
from civic.outbox.rules import Cap, Origin, SuppressReason, Told
from config import Config

KIND = "city.report_received"
VALUES = {"code": "ABC", "due": "30 giugno", "link": "http://localhost/segnalazioni/ABC", "site": "Prova"}
STOP = "http://localhost/posta/basta/%s"
CAPS = rules.caps_of(Config())
# Caps as they are, but for numbers that a test can reach quickly.
FEW = replace(CAPS, per_origin_hour=3, per_operator_hour=5)
PEPPERED = b"p" * 32
HERE = Origin("203.0.113.7")
ANNA = "Anna.Verdi@prova.example"
ADMIN = Actor(ref="staff:1", grants=frozenset({HeldGrant(Permission.CITY_IDENTITY_EDIT)}))


def ask(database: Database, now: datetime, *, to: str = ANNA, origin: Origin = HERE, caps=CAPS, key: str = "", pepper=PEPPERED):
    """Ask for one mail, in a transaction of its own, as a request does."""
    told = {"key": key or random.randbytes(12).hex(), "to": to, "values": VALUES}
    with database.writing() as session:
        asked = rules.Asked(origin=origin, caps=caps, pepper=pepper, stop_link=STOP)
        return post_unconfirmed(session, KIND, **told, asked=asked, now=now)


def strangers(database: Database, now: datetime, asked: int, **changed) -> int:
    """Ask for mails to that many different addresses. Returns how many left."""
    told = [ask(database, now, to=f"{random.randbytes(8).hex()}@prova.example", **changed) for _n in range(asked)]
    return told.count(Told.SENT)


def allow(database: Database, clock, network: str = "203.0.113.0/24", *, starts_at=None, ends_at=None, per_hour: int = 6) -> int:
    data = AllowanceData(name="Biblioteca", network=network, starts_at=starts_at, ends_at=ends_at, per_hour=per_hour)
    with database.writing() as session:
        return add_allowance(session, ADMIN, data, now=clock.now).id


def most_within(instants: list[datetime], span: timedelta) -> int:
    """Return how many of the instants lie in the fullest span, both its ends included."""
    return max(bisect_right(instants, at + span) - n for n, at in enumerate(instants))


def mails(database: Database) -> list[OutboxMail]:
    with database.reading() as session:
        return list(session.scalars(select(OutboxMail).order_by(OutboxMail.id)))


def at_once(threads: int, work) -> list:
    """Run work(n) in as many threads, which begin together; what one raises fails the test."""
    start, done, failures = threading.Barrier(threads), [None] * threads, []

    def run(n: int) -> None:
        start.wait()
        try:
            done[n] = work(n)
        except Exception as error:
            failures.append(error)

    crowd = [threading.Thread(target=run, args=(n,)) for n in range(threads)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    assert failures == []
    return done


# ---- caps ------------------------------------------------------------------------------------------------------------


def test_a_thousand_requests_for_one_address_send_three_in_any_hour_and_ten_in_any_day(database, clock):
    chance, sent = random.Random(20), []
    for n in range(1_000):
        clock.advance(seconds=chance.expovariate(1 / 200))
        if ask(database, clock.now, origin=Origin(f"198.51.100.{n % 250}")) is Told.SENT:
            sent.append(clock.now)
    assert clock.now - sent[0] > timedelta(hours=50)
    assert most_within(sent, timedelta(hours=1)) == 3
    assert most_within(sent, timedelta(days=1)) == 10
    assert len(mails(database)) == len(sent)


def test_a_mail_counts_until_its_hour_is_over_and_not_longer(database, clock):
    for _n in range(3):
        assert ask(database, clock.now) is Told.SENT
    for seconds in (0, 3_599, 1):
        clock.advance(seconds=seconds)
        assert ask(database, clock.now) is Told.CAPPED
    clock.advance(microseconds=1)
    assert ask(database, clock.now) is Told.SENT


def test_the_same_address_in_other_letters_is_the_same(database, clock):
    told = [ask(database, clock.now, to=to) for to in (ANNA, ANNA.upper(), ANNA.lower(), "ANNA.verdi@Prova.Example")]
    assert told == [Told.SENT] * 3 + [Told.CAPPED]


def test_a_clock_that_lags_behind_another_machine_s_opens_nothing(database, clock):
    for _n in range(3):
        ask(database, clock.now)
    assert ask(database, clock.now - timedelta(minutes=2)) is Told.CAPPED


def test_one_internet_connection_gets_twenty_mails_an_hour_whatever_the_addresses(database, clock):
    assert strangers(database, clock.now, 25) == 20
    assert strangers(database, clock.now, 1, origin=Origin("203.0.113.8")) == 1
    clock.advance(hours=1, microseconds=1)
    assert strangers(database, clock.now, 1) == 1


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_a_household_with_ipv6_is_one_connection_however_many_addresses_it_has(database, clock):
    told = [strangers(database, clock.now, 1, caps=FEW, origin=Origin(f"2001:db8:1:2::{n:x}")) for n in range(1, 7)]
    assert sum(told) == 3
    assert strangers(database, clock.now, 1, caps=FEW, origin=Origin("2001:db8:1:3::1")) == 1


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.parametrize("addresses", [("192.0.2.1", "::ffff:192.0.2.1"), ("pippo", "192.0.2.1:5555")])
def test_what_is_one_connection_or_cannot_be_read_is_counted_together(database, clock, addresses):
    caps = replace(CAPS, per_origin_hour=1)
    assert [strangers(database, clock.now, 1, caps=caps, origin=Origin(a)) for a in addresses] == [1, 0]


def test_a_request_that_comes_from_nowhere_is_counted_under_its_address_alone(database, clock):
    assert strangers(database, clock.now, 5, caps=FEW, origin=Origin()) == 5


def test_an_operator_is_counted_by_herself_and_not_by_her_office_s_connection(database, clock):
    assert strangers(database, clock.now, 7, caps=FEW, origin=Origin("203.0.113.7", "staff:1")) == 5
    assert strangers(database, clock.now, 1, caps=FEW, origin=Origin("203.0.113.7", "staff:2")) == 1
    assert strangers(database, clock.now, 4, caps=FEW) == 3, "what operators enter takes nothing from the citizens beside them"


def test_only_mail_to_unconfirmed_addresses_counts(database, clock, mailbox):
    for n in range(12):
        with database.writing() as session:
            assert post(session, KIND, key=f"k{n}", to=ANNA, values=VALUES, now=clock.now)
    assert ask(database, clock.now) is Told.SENT
    assert len(mailbox.deliver_now()) == 13


def test_a_key_is_told_once_and_counted_once(database, clock):
    told = [ask(database, clock.now, key="same") for _n in range(5)]
    assert told == [Told.SENT] + [Told.ALREADY] * 4
    assert [ask(database, clock.now) for _n in range(3)] == [Told.SENT] * 2 + [Told.CAPPED]
    assert ask(database, clock.now, key="same") is Told.ALREADY


def test_a_mail_that_is_held_back_can_leave_later_under_the_same_key(database, clock):
    for _n in range(3):
        ask(database, clock.now)
    assert ask(database, clock.now, key="late") is Told.CAPPED
    clock.advance(hours=1, seconds=1)
    assert ask(database, clock.now, key="late") is Told.SENT


# ---- at the same instant ---------------------------------------------------------------------------------------------


def test_of_thirty_requests_at_once_for_one_address_exactly_three_send(database, clock):
    told = at_once(30, lambda n: ask(database, clock.now, origin=Origin(f"198.51.100.{n}")))
    assert sorted(told) == [Told.CAPPED] * 27 + [Told.SENT] * 3
    assert len(mails(database)) == 3


def test_of_thirty_requests_at_once_from_one_connection_exactly_twenty_send(database, clock):
    assert sum(at_once(30, lambda n: strangers(database, clock.now, 1))) == 20


def test_of_ten_requests_at_once_with_one_key_one_sends(database, clock):
    told = at_once(10, lambda n: ask(database, clock.now, key="same"))
    assert sorted(told) == [Told.ALREADY] * 9 + [Told.SENT]


def test_requests_that_cross_and_the_nightly_purge_never_wait_in_a_circle(database, clock):
    caps = replace(CAPS, per_address_hour=100, per_address_day=1_000, per_origin_hour=100)
    with database.writing() as session:
        for n in range(4):
            for subject in (keyed(PEPPERED, "mail", f"a{n}@prova.example"), keyed(PEPPERED, "ip", f"198.51.100.{n}")):
                session.add(Meter(subject=subject, last_at=clock.now - timedelta(days=3)))

    def cross(n: int) -> list[Told]:
        if n == 0:
            with database.writing() as session:
                jobs.purge_meters(session, clock.now)
        pairs = ((i + n) % 4 for i in range(4))
        return [
            ask(database, clock.now, to=f"a{p}@prova.example", origin=Origin(f"198.51.100.{3 - p}"), caps=caps) for p in pairs
        ]

    assert {told for some in at_once(8, cross) for told in some} == {Told.SENT}


# ---- the breaker -----------------------------------------------------------------------------------------------------


def test_beyond_the_cap_over_all_nothing_leaves_and_the_alarm_sounds_once_in_an_hour(database, clock, caplog):
    caps = replace(CAPS, all_hour=5)
    with caplog.at_level(logging.ERROR, "civic.outbox"):
        assert strangers(database, clock.now, 9, caps=caps, origin=Origin()) == 5
        assert len(caplog.records) == 1
        clock.advance(minutes=59)
        assert strangers(database, clock.now, 1, caps=caps, origin=Origin()) == 0
        assert len(caplog.records) == 1
        clock.advance(minutes=2)
        assert strangers(database, clock.now, 9, caps=caps, origin=Origin()) == 5
    assert len(caplog.records) == 2
    with database.reading() as session:
        assert {r.cap: r.capped_day for r in queries.cap_rows(session, caps, clock.now)}[Cap.ALL_HOUR] == 9


# ---- allowances ------------------------------------------------------------------------------------------------------


def test_a_venue_s_allowance_takes_the_place_of_the_cap_for_its_network_and_nobody_else(database, clock):
    allow(database, clock)
    assert strangers(database, clock.now, 8, caps=FEW) == 6
    assert strangers(database, clock.now, 5, caps=FEW, origin=Origin("198.51.100.7")) == 3


def test_an_allowance_counts_in_its_window_only(database, clock):
    allow(database, clock, starts_at=clock.now + timedelta(hours=2), ends_at=clock.now + timedelta(hours=4))
    for sent in (3, 6, 3):
        assert strangers(database, clock.now, 8, caps=FEW) == sent
        clock.advance(hours=2)


def test_an_announced_opening_raises_the_caps_of_connections_and_of_all_and_never_that_of_an_address(database, clock):
    caps = replace(CAPS, per_origin_hour=2, all_hour=3)
    allow(database, clock, "", starts_at=clock.now, ends_at=clock.now + timedelta(hours=3), per_hour=8)
    assert strangers(database, clock.now, 10, caps=caps) == 8
    clock.advance(hours=1, seconds=1)
    assert [ask(database, clock.now, caps=caps) for _n in range(4)] == [Told.SENT] * 3 + [Told.CAPPED]
    clock.advance(hours=2)
    assert strangers(database, clock.now, 5, caps=caps) == 2


def test_an_allowance_that_is_removed_counts_no_more(database, clock):
    added = allow(database, clock)
    assert strangers(database, clock.now, 4, caps=FEW) == 4
    with database.writing() as session:
        remove_allowance(session, ADMIN, added)
    assert strangers(database, clock.now, 1, caps=FEW) == 0


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("told", "field"),
    [
        ({"network": "la biblioteca"}, "network"),
        ({"network": "203.0.113.300"}, "network"),
        ({"network": "203.0.113.7/24"}, "network"),
        ({"network": "0.0.0.0/0"}, "network"),
        ({"network": "0.0.0.0/1"}, "network"),
        ({"network": "2000::/3"}, "network"),
        ({"network": ""}, "starts_at"),
        ({"network": "", "starts_at": timedelta(0)}, "ends_at"),
        ({"starts_at": timedelta(hours=2), "ends_at": timedelta(hours=2)}, "ends_at"),
        ({"starts_at": timedelta(hours=2), "ends_at": timedelta(hours=1)}, "ends_at"),
        ({"ends_at": timedelta(0)}, "ends_at"),
    ],
    ids=str,
)
def test_an_allowance_that_makes_no_sense_is_refused_where_it_can_be_mended(database, clock, told, field):
    with pytest.raises(Refused) as refused:
        allow(database, clock, **{n: clock.now + v if isinstance(v, timedelta) else v for n, v in told.items()})
    assert refused.value.field == field


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_only_who_holds_the_permission_changes_allowances(database, clock):
    data = AllowanceData(name="x", network="203.0.113.0/24", starts_at=None, ends_at=None, per_hour=1)
    for change in (partial(add_allowance, data=data, now=clock.now), partial(remove_allowance, allowance_id=1)):
        with pytest.raises(NotAllowed), database.writing() as session:
            change(session, ANYONE)


# ---- who wants no more -----------------------------------------------------------------------------------------------


def test_an_address_on_the_suppression_list_gets_no_unconfirmed_mail_and_all_others(database, clock, mailbox):
    with database.writing() as session:
        assert suppress_address(session, ANNA.upper(), reason=SuppressReason.BOUNCED, pepper=PEPPERED, now=clock.now)
        assert not suppress_address(session, ANNA, reason=SuppressReason.ASKED, pepper=PEPPERED, now=clock.now)
        assert post(session, KIND, key="confirmed", to=ANNA, values=VALUES, now=clock.now)
    assert ask(database, clock.now) is Told.SUPPRESSED
    assert ask(database, clock.now, to="bruno@prova.example") is Told.SENT
    assert len(mailbox.deliver_now()) == 2


def test_an_address_that_is_allowed_again_gets_mail_again(database, clock):
    with database.writing() as session:
        suppress_address(session, ANNA, reason=SuppressReason.ASKED, pepper=PEPPERED, now=clock.now)
    with database.writing() as session:
        assert allow_address(session, ANNA.lower(), pepper=PEPPERED)
        assert not allow_address(session, ANNA, pepper=PEPPERED)
    assert ask(database, clock.now) is Told.SENT


def test_erasing_a_person_takes_her_mails_and_leaves_that_she_wants_none(database, clock):
    ask(database, clock.now)
    with database.writing() as session:
        suppress_address(session, ANNA, reason=SuppressReason.ASKED, pepper=PEPPERED, now=clock.now)
        assert erase_person(session, Person("citizen:1", (ANNA,)), now=clock.now) == 1
    assert ask(database, clock.now) is Told.SUPPRESSED


def stop_link(database: Database) -> str:
    """Return the path of the link that ends the newest mail."""
    return mails(database)[-1].body.split()[-1].removeprefix("http://localhost")


def test_every_unconfirmed_mail_ends_with_a_link_of_its_own_and_no_address_in_it(database, clock):
    for _n in range(2):
        ask(database, clock.now)
    ends = [m.body.split()[-1] for m in mails(database)]
    assert len(set(ends)) == 2
    for end in ends:
        assert end.startswith(STOP % "")
        assert "anna" not in end.lower()
    assert "$" not in mails(database)[0].body


def test_opening_the_stop_page_changes_nothing_and_its_button_stops(database, client, clock, city):
    ask(database, clock.now)
    link = stop_link(database)
    for _scanner in range(3):
        page = client.get(link)
        assert page.status == 200
    assert ask(database, clock.now) is Told.SENT
    other = stop_link(database)
    sent = client.send(page, link)
    assert (sent.status, sent.location) == (303, "/")
    assert ask(database, clock.now) is Told.SUPPRESSED
    assert client.get(link).status == client.send(page, link).status == 410, "a spent link, and a button pressed twice"
    assert client.get(other).status == 410, "the links of her other mails have nothing left to do"


def test_a_stop_link_that_is_unknown_or_old_gets_a_page_that_says_so(database, client, clock, city):
    ask(database, clock.now)
    link = stop_link(database)
    assert client.get("/posta/basta/inventato").status == 410
    clock.advance(days=29, hours=23)
    page = client.get(link)
    assert page.status == 200
    clock.advance(hours=1)
    assert client.get(link).status == client.send(page, link).status == 410
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(SuppressedAddress)) == 0


# ---- what is kept ----------------------------------------------------------------------------------------------------


def dump(database: Database, *, without: tuple[str, ...] = ()) -> str:
    """Write out every row of the outbox's tables, as a thief of the database would read them."""
    tables = [t for t in inspect(database.engine).get_table_names() if t.startswith("outbox_") and t not in without]
    with database.engine.connect() as connection:
        return "\n".join(str(tuple(row)) for t in tables for row in connection.execute(text(f"SELECT * FROM {t}")))


def test_a_stolen_database_holds_no_address_that_asked_nor_what_anyone_could_compute_from_one(database, clock):
    for _n in range(4):
        ask(database, clock.now, origin=HERE)
    ask(database, clock.now, origin=Origin("203.0.113.7", "staff:77"))
    strangers(database, clock.now, 1, origin=Origin("198.51.100.9", "staff:77"))
    with database.writing() as session:
        suppress_address(session, "bruno@prova.example", reason=SuppressReason.ASKED, pepper=PEPPERED, now=clock.now)
    stolen = dump(database, without=("outbox_mail",)).lower()
    assert stolen.count("\n") > 8
    for secret in (ANNA.lower(), "bruno@prova.example", "203.0.113.7", "staff:77"):
        assert secret not in stolen
        for guess in (secret, f"mail:{secret}", f"ip:{secret}"):
            assert sha256(guess.encode()).hexdigest() not in stolen
    assert ANNA.lower() in dump(database).lower(), "the control: the mail that waits does hold it"
    link = stop_link(database).rpartition("/")[2]
    assert link not in dump(database, without=("outbox_mail",))


def test_what_was_counted_goes_after_a_day_and_links_after_thirty(database, clock):
    for _n in range(4):
        ask(database, clock.now)

    def left(model) -> int:
        with database.reading() as session:
            return session.scalar(select(func.count()).select_from(model)) or 0

    def purge() -> int:
        with database.writing() as session:
            return jobs.purge_meters(session, clock.now)

    before = [left(m) for m in (Meter, MeteredMail, CappedMail, StopLink)]
    clock.advance(days=1)
    assert purge() == 0
    assert [left(m) for m in (Meter, MeteredMail, CappedMail, StopLink)] == before == [2, 6, 1, 3]
    clock.advance(hours=1, minutes=10)
    assert purge() == 6
    assert [left(m) for m in (Meter, MeteredMail, CappedMail, StopLink)] == [0, 0, 0, 3]
    clock.advance(days=29)
    assert purge() == 3
    assert purge() == 0


def test_meters_are_purged_before_all_tables_are_by_whoever_waits_for_nobody():
    names = [name for name, _job in CLOCKWORK]
    assert names.index("outbox.purge_meters") < names.index("rights.purge")


# ---- the desk --------------------------------------------------------------------------------------------------------


def typed(**changed: str) -> dict[str, str]:
    told = {"name": "Biblioteca", "network": "203.0.113.0/24", "starts_at": "", "ends_at": "", "per_hour": "90", "note": ""}
    return told | changed


def test_the_desk_shows_the_queue_the_caps_and_what_was_held_back(database, client, clock, city, mailbox):
    for _n in range(5):
        ask(database, clock.now)
    client.sign_in(city.administrator)
    page = client.get("/desk/posta")
    assert page.texts("main tbody tr:first-child td") == ["3", "2", "2"]
    assert page.texts(".civic-figures strong") == ["3", "0", "3", "0"]
    assert "limite generale è stato raggiunto" not in page.text()


def test_the_desk_shows_the_alarm_of_the_breaker(database, client, clock, city):
    client.sign_in(city.administrator)
    strangers(database, clock.now, 2, caps=replace(CAPS, all_hour=1))
    assert "limite generale è stato raggiunto" in client.get("/desk/posta").text()
    clock.advance(hours=2)
    client.sign_in(city.administrator)
    assert "limite generale è stato raggiunto" not in client.get("/desk/posta").text()


def test_an_opening_is_added_in_italian_time_and_removed_again(database, client, clock, city):
    client.sign_in(city.administrator)
    told = typed(network="", starts_at="2026-11-23T12:00", ends_at="2026-11-23T14:30", name="Apertura")
    assert client.post("/desk/posta", told).status == 303
    with database.reading() as session:
        (added,) = queries.allowances(session)
    assert added.starts_at == datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
    page = client.get("/desk/posta")
    assert "23 novembre 2026, 14:30" in page.text()
    assert client.send(page, f"/desk/posta/eccezioni/{added.id}/togli").status == 303
    with database.reading() as session:
        assert queries.allowances(session) == []


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"network": "203.0.113.7/24"}, "203.0.113.0/24"),
        ({"network": "biblioteca"}, "non è una rete"),
        ({"network": ""}, "quando comincia e quando finisce"),
        ({"ends_at": "2026-11-23T10:59"}, "già passata"),
        ({"ends_at": "2027-03-28T02:30"}, "che esistono"),
        ({"starts_at": "domani"}, "che esistono"),
        ({"starts_at": "0001-01-01T00:00"}, "che esistono"),
        ({"per_hour": "0"}, "da 1 a 100.000"),
    ],
    ids=str,
)
def test_the_desk_says_what_is_wrong_and_keeps_what_was_typed(client, city, changed, said):
    client.sign_in(city.administrator)
    told = typed(**changed)
    page = client.post("/desk/posta", told)
    assert page.status == 422
    assert said in " ".join(page.errors)
    for name, value in told.items():
        if name != "note":
            assert page.one(f"main [name={name}]")["value"] == value


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_whoever_wants_mail_again_is_let_off_the_list_at_the_desk(database, client, clock, city, config):
    pepper = key_of(config.keys_path, PEPPER)
    with database.writing() as session:
        suppress_address(session, ANNA, reason=SuppressReason.ASKED, pepper=pepper, now=clock.now)
    client.sign_in(city.administrator)
    for _twice in range(2):
        assert client.post("/desk/posta/indirizzi", {"email": ANNA}).location == "/desk/posta"
    assert ask(database, clock.now, pepper=pepper) is Told.SENT
