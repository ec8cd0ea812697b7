"""How often one may knock: no third party decides who is a person, and nobody is stopped from reading.

Whatever changes something counts against one number for the whole site (`CIVIC_POSTS_PER_MINUTE`); a door may name a
narrower rate for its own route. It is counted for the person who is signed in, otherwise for the address she comes from,
in a window that moves along. What the CSRF check or the door turns away is not counted: it has changed nothing.

The count is in Redis, one for all processes. Without it each process counts in its own memory; when Redis is lost each
does so too, with half the numbers, until Redis is back. A limit never makes a page fail.
"""

import hashlib
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Flask, Response, current_app, request
from flask_limiter import ApplicationLimit, Limit, Limiter, RateLimitExceeded
from limits import parse_many
from limits.errors import StorageError

from civic.kernel.networks import network_of_address
from civic.web import errors
from civic.web.doors import door_of
from civic.web.town import town, who
from config import Config

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
# A Redis that is there and does not answer holds a request up for this long, once; then the fallback counts.
_PATIENCE: dict[str, Any] = {"socket_timeout": 1, "socket_connect_timeout": 1, "wrap_exceptions": True}


def install(app: Flask, config: Config) -> None:
    """Count from now on; comes after the guard, which says who it is. Raises RuntimeError: for a rate nobody can read."""
    _require_rates(app)
    everywhere = config.posts_per_minute
    limiter = Limiter(
        _subject,
        app=app,
        storage_uri=_storage(config.redis_url),
        storage_options=_PATIENCE,
        strategy="moving-window",
        application_limits=[_for_the_site(everywhere)],
        default_limits=[_for_the_door(_rate)],
        in_memory_fallback=_when_redis_is_lost(everywhere),
        # Of two requests that lose Redis at the same instant, the library lets the second one fail: let it pass instead.
        swallow_errors=True,
    )
    limiter.request_filter(lambda: not (_changes_something() or (_rate() and _counts_at_its_door())))
    app.register_error_handler(RateLimitExceeded, partial(_refuse, limiter))


def _require_rates(app: Flask) -> None:
    for endpoint in app.view_functions:
        door = door_of(app, endpoint)
        try:
            parse_many(door.rate if door and door.rate else "1/minute")
        except ValueError as error:
            raise RuntimeError(f"the door of {endpoint} has a rate that is none: {door.rate if door else ''!r}") from error


def _storage(redis_url: str) -> str:
    return redis_url.replace("unix://", "redis+unix://", 1) if redis_url.startswith("unix://") else redis_url or "memory://"


def _when_redis_is_lost(posts_per_minute: int) -> list[Any]:
    # The library takes whole limits here too, though its annotation says words only.
    return [_for_the_site(max(1, posts_per_minute // 2)), _for_the_door(lambda: halved(_rate()))]


def _for_the_site(posts_per_minute: int) -> ApplicationLimit:
    return ApplicationLimit(
        f"{posts_per_minute}/minute", key_function=_subject, scope="posts", exempt_when=lambda: not _changes_something()
    )


def _for_the_door(rate: Callable[[], str]) -> Limit:
    return Limit(rate, key_function=_subject, exempt_when=lambda: not _counts_at_its_door())


def _changes_something() -> bool:
    return request.method not in _SAFE


def _counts_at_its_door() -> bool:
    """Count what is sent; and what is read, where nothing can be sent."""
    only_read = request.url_rule is not None and (request.url_rule.methods or set()) <= _SAFE
    return _changes_something() or (only_read and request.method != "OPTIONS")


def _rate() -> str:
    door = door_of(current_app, request.endpoint or "")
    return door.rate if door else ""


def halved(rate: str) -> str:
    """Return a rate with half of each number, at least one.

    >>> halved("10/minute; 1/day"), halved("")
    ('5 per 1 minute; 1 per 1 day', '')
    """
    items = parse_many(rate) if rate else []
    return "; ".join(str(type(i)(max(1, i.amount // 2), i.multiples)) for i in items)


def _subject() -> str:
    """Name who knocks, in a way that tells neither Redis nor the log who it is."""
    name = f"person {who().ref}" if who().signed_in else f"address {network_of_address(request.remote_addr or '')}"
    key = town().config.secret_key.encode()[:64]
    return hashlib.blake2b(name.encode(), key=key, digest_size=12).hexdigest()


def _refuse(limiter: Limiter, error: RateLimitExceeded) -> Response:
    return errors.too_many(wait_seconds=_wait_seconds(limiter, error))


def _wait_seconds(limiter: Limiter, error: RateLimitExceeded) -> int:
    """Say when the oldest counted request leaves the window; at worst, how long the window is."""
    longest = error.limit.limit.get_expiry()
    try:
        reached = limiter.current_limit
        return min(longest, max(1, reached.reset_at - int(time.time()))) if reached else longest
    except StorageError:
        return longest
