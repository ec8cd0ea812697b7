"""The embedded server: forked waitress processes on one socket, and one process that runs the clockwork.

Waitress, because slow clients cannot stop it. On SIGTERM each process takes no new connection, finishes the requests it
has, and ends; a worker that dies is started again.
"""

import gc
import logging
import os
import signal
import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime
from types import FrameType

from waitress import wasyncore
from waitress.server import TcpWSGIServer, create_server

from civic.app import create_app, make_mailer, tick
from civic.demo.idp import serve_idp
from civic.kernel.db import Database
from civic.kernel.errors import Refused
from config import Config

log = logging.getLogger("civic.server")
_DRAIN_SECONDS = 20
_TICK_SECONDS = 60


def listen(config: Config) -> socket.socket:
    """Open the listening socket. Raises Refused: when the port is taken or may not be used."""
    try:
        return _open(config.host, config.port)
    except OSError as error:
        raise Refused(
            "La porta %(port)s non è disponibile (%(why)s): scegline un'altra, per esempio make run PORT=%(other)s.",
            port=config.port,
            why=error.strerror or str(error),
            other=8123 if config.port != 8123 else 8124,
        ) from error


def listen_idp(config: Config) -> socket.socket:
    """Open the socket of the demonstration's identity provider; when its port is taken and nobody chose it, any free one."""
    try:
        return _open("127.0.0.1", config.idp_port or config.port + 1)
    except OSError as error:
        if not config.idp_port:
            return _open("127.0.0.1", 0)
        raise Refused(
            "La porta %(port)s del fornitore di identità di prova non è disponibile: scegline un'altra con CIVIC_IDP_PORT.",
            port=config.idp_port,
        ) from error


def _open(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(1024)
    except OSError:
        listener.close()
        raise
    listener.setblocking(False)
    return listener


def serve(config: Config, listener: socket.socket, *, idp: socket.socket | None, on_ready: Callable[[], None]) -> None:
    """Serve until SIGTERM or SIGINT: `config.processes` workers, one clock, and in the demonstration the identity provider."""
    jobs: list[Callable[[], None]] = [lambda: _work(config, listener)] * config.processes + [lambda: _run_clock(config)]
    if idp is not None:
        jobs.append(lambda: run_idp(config, idp, child=True))
    children = {_fork(job): job for job in jobs}
    stopping = False

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal stopping
        stopping = True
        for pid in children:
            os.kill(pid, signal.SIGTERM)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    on_ready()
    while children:
        pid, _status = os.wait()
        job = children.pop(pid, None)
        if job is not None and not stopping:
            log.error("process %s ended by itself: starting another", pid)
            time.sleep(0.5)
            if not stopping:
                children[_fork(job)] = job


def _fork(job: Callable[[], None]) -> int:
    pid = os.fork()
    if pid:
        return pid
    try:
        job()
    except Exception:
        log.exception("a process failed")
        os._exit(1)
    os._exit(0)


class _Stop:
    """A flag that SIGTERM raises; a child leaves SIGINT to its parent, which sends SIGTERM."""

    def __init__(self, *, child: bool = True) -> None:
        self._raised = False
        signal.signal(signal.SIGTERM, self._raise)
        signal.signal(signal.SIGINT, signal.SIG_IGN if child else self._raise)

    def _raise(self, _signal: int, _frame: FrameType | None) -> None:
        self._raised = True

    def __call__(self) -> bool:
        return self._raised


def _work(config: Config, listener: socket.socket) -> None:
    stop = _Stop()
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # it would write a line for every short queue
    app = create_app(config)
    # What was built so far lives as long as the process: the collector need not look at it again and again.
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    server = create_server(
        app,
        sockets=[listener],
        threads=config.threads,
        connection_limit=1000,
        ident="civic",
        max_request_body_size=(config.max_body_mb + 8) * 1_000_000,
        channel_timeout=60,
        clear_untrusted_proxy_headers=not config.proxies,
    )
    while not stop():
        wasyncore.loop(timeout=0.5, use_poll=True, map=server._map, count=1)
    _drain(server)


def _drain(server: TcpWSGIServer) -> None:
    """Take no new connection and finish what was asked."""
    server.del_channel()
    until = time.monotonic() + _DRAIN_SECONDS
    while time.monotonic() < until:
        busy = [c for c in server.active_channels.values() if c.requests or c.total_outbufs_len]
        if not busy:
            return
        wasyncore.loop(timeout=0.05, use_poll=True, map=server._map, count=1)


def run_idp(config: Config, listener: socket.socket, *, child: bool = False) -> None:
    """Serve the demonstration's identity provider until SIGTERM or SIGINT."""
    serve_idp(listener, config.idp_url, config.base_url, _Stop(child=child))


def _run_clock(config: Config) -> None:
    stop = _Stop()
    database, mailer = Database(config.database_url, pool_size=2), make_mailer(config)
    while not stop():
        try:
            tick(config, database, mailer, datetime.now(UTC))
        except Exception:
            log.exception("the clockwork failed; it tries again in a minute")
        for _second in range(_TICK_SECONDS):
            if stop():
                return
            time.sleep(1)
