"""What the app hands to requests. Views ask here for the clock, the database and who is acting."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Flask, current_app, g
from sqlalchemy.orm import Session

from civic.kernel.actor import ANYONE, Actor
from civic.kernel.clock import Clock
from civic.kernel.db import Database
from config import Config

_KEY = "civic"


@dataclass(frozen=True, slots=True)
class Recognised:
    """A signed-in person, and whether her session is due to be marked as seen."""

    actor: Actor
    touch: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """One running installation, with the functions of upper floors that every request needs.

    `pepper` is the key, kept outside the database, with which persons and addresses become codes.
    `recognise(session, key, now)` reads a signed-in person and `touch(session, key, now)` marks her as seen;
    `chrome(session, who)` gives the layout what it prints on every page; `is_silent(session, now)` says whether an
    election silence is on.
    """

    config: Config
    database: Database
    clock: Clock
    pepper: bytes
    recognise: Callable[[Session, str, datetime], Recognised | None]
    touch: Callable[[Session, str, datetime], None]
    chrome: Callable[[Session, Actor], Any]
    is_silent: Callable[[Session, datetime], bool]


def install(app: Flask, town: Town) -> None:
    """Give the app its town, and close each request's reading session at its end."""
    app.extensions[_KEY] = town
    app.teardown_appcontext(_close_reading)


def town() -> Town:
    """Return the town of the running app."""
    found: Town = current_app.extensions[_KEY]
    return found


def now() -> datetime:
    """Return this instant by the town's clock."""
    return town().clock()


def who() -> Actor:
    """Return who is acting in this request."""
    actor: Actor = g.get("actor", ANYONE)
    return actor


@contextmanager
def reading() -> Iterator[Session]:
    """Read in the request's one reading session, which stays open for the layout and closes with the request."""
    if "reading" not in g:
        g.reading_stack = ExitStack()
        g.reading = g.reading_stack.enter_context(town().database.reading())
    yield g.reading


@contextmanager
def writing() -> Iterator[Session]:
    """Write in one transaction, which commits at the end of the block; what was read before is closed first."""
    _close_reading()
    with town().database.writing() as session:
        yield session


def _close_reading(_error: BaseException | None = None) -> None:
    stack = g.pop("reading_stack", None)
    g.pop("reading", None)
    if stack is not None:
        stack.close()
