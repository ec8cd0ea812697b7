"""How often one may send: each person and each address by itself, one count for all processes, and never a page that fails."""

import logging
import shutil
import signal
import socket
import subprocess
import threading
import time
from dataclasses import replace

import pytest
import redis
from flask import Flask, Response
from sqlalchemy import func, select

from civic.city.models import SiteReport
from civic.kernel.silence import Silence
from civic.web import limits
from civic.web.doors import public
from config import ConfigError, from_environ
from tests.client import Client

on_sqlite = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
SITE, CAME_THROUGH = 4, 422  # an empty report comes back, and counts as any other


def at_home():
    return Response("entra", mimetype="text/plain")


def with_rated_routes(app):
    """Give an app three routes with rates of their own."""
    for path, methods, rate in (
        ("/bussa", ["GET", "POST"], "2/minute"),
        ("/suona", ["POST"], "2/minute"),
        ("/leggi", ["GET"], "2/minute"),
    ):
        view = public(silence=Silence.STAYS, rate=rate)(lambda: at_home())
        app.add_url_rule(path, path.strip("/"), view, methods=methods)
    return app


@pytest.fixture
def strict(make_app, config, city):
    """Make apps whose limit is low."""
    return lambda **changes: with_rated_routes(make_app(replace(config, **{"posts_per_minute": SITE} | changes)))


class Sender:
    """A browser at some address, that sends an empty report whenever it is told to."""

    def __init__(self, app, address="192.0.2.1", *, email=None, headers=None):
        self.client, self.address, self.headers = Client(app), address, headers
        if email:
            self.client.sign_in(email)
        self.token = self.client.get("/accessibilita").one('main form input[name="csrf_token"]')["value"]

    def send(self, path="/accessibilita", **fields):
        data = {"csrf_token": self.token} | fields
        return self.client.post_raw(path, data, environ_base={"REMOTE_ADDR": self.address}, headers=self.headers)

    def statuses(self, times, path="/accessibilita"):
        return [self.send(path).status for _ in range(times)]


# ---- who is counted --------------------------------------------------------------------------------------------------


@on_sqlite
def test_an_address_that_sends_too_often_waits_and_another_does_not(strict):
    app = strict()
    first, same, other = Sender(app), Sender(app), Sender(app, "192.0.2.2")
    assert first.statuses(3) == [CAME_THROUGH] * 3
    assert same.statuses(2) == [CAME_THROUGH, 429], "another browser behind the same address is the same address"
    assert other.statuses(SITE + 1) == [CAME_THROUGH] * SITE + [429]


@on_sqlite
def test_people_who_are_signed_in_are_counted_each_by_herself_wherever_they_are(strict, city):
    app = strict()
    editor, colleague, passer_by = Sender(app, email=city.editor), Sender(app, email=city.auditor), Sender(app)
    assert editor.statuses(SITE + 1) == [CAME_THROUGH] * SITE + [429]
    assert colleague.statuses(SITE) == [CAME_THROUGH] * SITE, "two people in one office do not share a limit"
    assert passer_by.statuses(1) == [CAME_THROUGH], "nor do they use up that of who is not signed in"
    editor.address = "198.51.100.7"
    assert editor.statuses(1) == [429], "another address gives nobody another go"


@on_sqlite
def test_a_household_s_ipv6_network_is_one_address(strict):
    app = strict()
    here, there, neighbour = (Sender(app, f"2001:db8:{n}") for n in ("1:1::a", "1:1:ffff::b", "1:2::a"))
    assert here.statuses(2) + there.statuses(3) == [CAME_THROUGH] * SITE + [429]
    assert neighbour.statuses(1) == [CAME_THROUGH]


@on_sqlite
def test_behind_a_proxy_the_client_s_own_address_counts_and_an_invented_one_does_not(strict):
    behind, bare = strict(proxies=1), strict()
    one, two = (Sender(behind, "10.0.0.1", headers={"X-Forwarded-For": f"1.1.1.{n}, 203.0.113.{n}"}) for n in (1, 2))
    assert one.statuses(SITE + 1) == [CAME_THROUGH] * SITE + [429]
    assert two.statuses(1) == [CAME_THROUGH]
    one.headers = {"X-Forwarded-For": "6.6.6.6, 203.0.113.1"}
    assert one.statuses(1) == [429], "what the client writes before the proxy's own word is not believed"
    direct = Sender(bare, headers={"X-Forwarded-For": "203.0.113.1"})
    assert direct.statuses(SITE) == [CAME_THROUGH] * SITE
    direct.headers = {"X-Forwarded-For": "203.0.113.2"}
    assert direct.statuses(1) == [429], "without a proxy the header is nobody's word"


# ---- what is counted -------------------------------------------------------------------------------------------------


@on_sqlite
def test_reading_is_never_limited(strict):
    sender = Sender(strict())
    assert sender.statuses(SITE + 1)[-1] == 429
    for path in ("/accessibilita", "/programma", "/healthz", "/readyz", "/static/css/civic.css", "/bussa"):
        for _ in range(SITE * 2):
            page = sender.client.get(path)
            page.response.close()
            assert page.status == 200, path


@on_sqlite
def test_all_routes_together_make_up_the_limit_of_the_site(strict):
    sender = Sender(strict())
    assert [sender.send(path).status for path in ("/bussa", "/suona", "/disservizio", "/accessibilita")] == [200, 200, 422, 422]
    assert sender.send("/suona").status == 429


@on_sqlite
def test_what_the_csrf_check_turns_away_is_not_counted(strict):
    sender = Sender(strict())
    token, sender.token = sender.token, "inventato"
    assert sender.statuses(SITE * 2) == [400] * SITE * 2
    sender.token = token
    assert sender.statuses(1) == [CAME_THROUGH]


@on_sqlite
def test_a_route_with_a_rate_of_its_own_stops_sooner_and_alone(strict):
    app = strict(posts_per_minute=100)
    sender, other = Sender(app), Sender(app, "192.0.2.2")
    assert sender.statuses(3, "/bussa") == [200, 200, 429]
    assert sender.statuses(3, "/suona") == [200, 200, 429], "each route has its own count"
    assert sender.statuses(3) == [CAME_THROUGH] * 3, "and the rest of the site goes on"
    assert other.statuses(1, "/bussa") == [200]


@on_sqlite
def test_a_rate_counts_reading_only_where_nothing_can_be_sent(strict):
    sender = Sender(strict(), "127.0.0.1")
    assert [sender.client.get("/bussa").status for _ in range(5)] == [200] * 5
    answers = [sender.client.get("/leggi") for _ in range(3)]
    assert [a.status for a in answers] == [200, 200, 429]
    assert not answers[-1].select("main form"), "there is nothing to send again"
    assert sender.client._flask.options("/leggi").status_code == 200
    assert sender.statuses(SITE, "/accessibilita") == [CAME_THROUGH] * SITE, "reading does not use up what one may send"


@on_sqlite
def test_an_app_with_a_rate_that_nobody_can_read_does_not_start(config):
    bare = Flask("bare")
    bare.add_url_rule("/x", "knock", public(silence=Silence.STAYS, rate="spesso")(lambda: "x"))
    with pytest.raises(RuntimeError, match=r"knock.*'spesso'"):
        limits.install(bare, config)


# ---- who is asked to wait --------------------------------------------------------------------------------------------


def a_minute_passes(app):
    (limiter,) = app.extensions["limiter"]
    limiter.reset()


@on_sqlite
def test_who_is_asked_to_wait_loses_nothing_and_sends_again_with_one_button(strict, database):
    app = strict()
    client = Client(app)
    form = client.get("/accessibilita")
    for _ in range(SITE):
        client.send(form, "/accessibilita", {"text": ""})
    typed = {"text": "La tabella\nnon si legge <b>", "page": "Programma", "email": "persona@esempio.example"}
    stopped = client.send(form, "/accessibilita", typed)
    assert stopped.status == 429
    assert 1 <= int(stopped.headers["Retry-After"]) <= 60
    assert stopped.text("h1") == "Aspetta un momento"
    shown = stopped.text("main ul.civic-typed")
    assert all(" ".join(t.split()) in shown for t in typed.values())
    hidden = {i["name"]: i["value"] for i in stopped.select("main form input[type=hidden]")}
    assert {n: hidden[n] for n in typed} == typed
    assert hidden["shown_at"] not in shown, "what the program needs is no words of the sender's"

    assert client.send(stopped, "/accessibilita").status == 429, "again and again, if need be"
    a_minute_passes(app)
    assert client.send(stopped, "/accessibilita").status == 303
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(SiteReport)) == 1


@on_sqlite
def test_neither_a_password_nor_a_form_of_another_site_comes_back(strict, city):
    app = strict(posts_per_minute=1)
    client = Client(app)
    sign_in = client.get("/desk/accedi")
    answers = [client.send(sign_in, "/desk/accedi", {"email": city.editor, "password": "la mia parola"}) for _ in range(2)]
    assert [a.status for a in answers] == [422, 429]
    assert city.editor in answers[-1].html
    assert "la mia parola" not in answers[-1].html
    tokens = [i["value"] for i in answers[-1].select("input[name=csrf_token]")]
    assert len(tokens) == 1

    sender = Sender(app, "192.0.2.9", headers={"Origin": "https://altrove.example"})
    sender.send()
    lured = sender.send(text="scritto da altri")
    assert lured.status == 429
    assert "scritto da altri" not in lured.html


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REDIS_URL", v)
        for v in (
            "127.0.0.1:6379",
            "http://h",
            "redis://",
            "redis://h:porta",
            "redis://h/uno",
            "redis://[",
            "unix://",
            "unix:///",
        )
    ]
    + [("POSTS_PER_MINUTE", v) for v in ("0", "-1", "100001")]
    + [("FORM_MIN_SECONDS", v) for v in ("-1", "61")],
)
def test_a_setting_that_does_not_fit_is_refused_by_its_name(name, value):
    with pytest.raises(ConfigError, match=f"CIVIC_{name}"):
        from_environ({"CIVIC_SECRET_KEY": "k" * 64, f"CIVIC_{name}": value})


@pytest.mark.parametrize(
    "url",
    ["redis://h", "redis://:parola@h:6379/0", "rediss://chi:parola@h:6380/2?ssl_ca_certs=/ca.pem", "unix:///run/redis.sock?db=1"],
)
def test_redis_is_named_by_its_address_and_the_password_is_never_printed(url):
    config = from_environ({"CIVIC_SECRET_KEY": "k" * 64, "CIVIC_REDIS_URL": url})
    assert config.redis_url == url
    assert "parola" not in repr(config)


# ---- Redis -----------------------------------------------------------------------------------------------------------


class RedisServer:
    """A Redis of this test's own, on a free port; it ends by its own process and no other does."""

    def __init__(self, folder):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.folder, self.process = folder, None
        self.url = f"redis://127.0.0.1:{self.port}/0"

    def start(self):
        program = shutil.which("redis-server")
        assert program, "redis-server is not installed: tools/test.py installs it"
        command = [
            program,
            "--port",
            str(self.port),
            "--bind",
            "127.0.0.1",
            "--dir",
            str(self.folder),
            "--save",
            "",
            "--appendonly",
            "no",
        ]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        until = time.monotonic() + 10
        while time.monotonic() < until:
            try:
                self.keys()
            except redis.ConnectionError:
                time.sleep(0.02)
            else:
                return self
        raise AssertionError("Redis did not start")

    def keys(self):
        with redis.Redis(port=self.port, decode_responses=True) as connection:
            return connection.keys()

    def kill(self):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)


@pytest.fixture
def redis_server(tmp_path):
    server = RedisServer(tmp_path)
    yield server
    server.kill()


@on_sqlite
def test_with_redis_all_processes_count_together_and_it_learns_no_address(strict, redis_server):
    redis_server.start()
    here, there = (Sender(strict(redis_url=redis_server.url)) for _ in range(2))
    assert here.statuses(2) + there.statuses(2) == [CAME_THROUGH] * 4
    assert (here.send().status, there.send().status) == (429, 429)
    assert 1 <= int(there.send().headers["Retry-After"]) <= 60
    keys = redis_server.keys()
    assert len(keys) == 1
    assert "192.0.2.1" not in keys[0]


@on_sqlite
def test_without_redis_each_process_counts_by_itself(strict):
    here, there = (Sender(strict()) for _ in range(2))
    assert here.statuses(SITE) + there.statuses(SITE) == [CAME_THROUGH] * SITE * 2


@on_sqlite
def test_when_redis_is_lost_half_is_let_through_until_it_is_back(strict, redis_server, caplog):
    redis_server.start()
    caplog.set_level(logging.INFO)
    app = strict(redis_url=redis_server.url)
    sender, knocker = Sender(app), Sender(app, "192.0.2.2")
    assert sender.statuses(1) == [CAME_THROUGH]
    redis_server.kill()
    assert sender.statuses(3) == [CAME_THROUGH, CAME_THROUGH, 429], "half of four, in this process's memory"
    assert knocker.statuses(2, "/bussa") == [200, 429], "and half of what a door allows"
    assert int(sender.send().headers["Retry-After"]) >= 1
    assert sender.client.get("/programma").status == 200
    assert "storage unreachable" in caplog.text
    assert "192.0.2" not in caplog.text

    redis_server.start()
    until = time.monotonic() + 20
    while not redis_server.keys() and time.monotonic() < until:
        assert sender.send().status in (CAME_THROUGH, 429)
        time.sleep(0.1)
    assert "recovered" in caplog.text
    assert sender.statuses(SITE) == [CAME_THROUGH] * (SITE - 1) + [429], "the whole limit holds again, in Redis"


@on_sqlite
def test_a_redis_that_was_never_there_or_never_answers_fails_no_page(strict, redis_server):
    absent = Sender(strict(redis_url=redis_server.url))
    assert absent.statuses(3) == [CAME_THROUGH, CAME_THROUGH, 429]

    redis_server.start()
    app = strict(redis_url=redis_server.url)
    senders, told, start = [Sender(app, f"192.0.2.{n}") for n in range(10, 16)], [], threading.Barrier(6)
    assert senders[0].statuses(1) == [CAME_THROUGH]
    redis_server.process.send_signal(signal.SIGSTOP)

    def send(sender):
        start.wait()
        told.append(sender.send().status)

    began = time.monotonic()
    threads = [threading.Thread(target=send, args=(s,)) for s in senders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told == [CAME_THROUGH] * 6
    assert time.monotonic() - began < 6
    began = time.monotonic()
    assert senders[1].statuses(1)[0] in (CAME_THROUGH, 429)
    assert time.monotonic() - began < 3, "whoever comes later does not wait for it"
