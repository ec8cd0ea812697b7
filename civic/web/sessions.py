"""Signed-in sessions: the cookie carries a key, the database says whether it still opens anything.

Visitors get no cookie until a form needs one. `begin` changes the cookie's whole content, so that a session fixed before
the sign-in is worth nothing after it.
"""

from typing import Any

from flask import Flask, session
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user

from civic.kernel.actor import ANYONE, Actor
from civic.web.town import Recognised, now, reading, town, writing
from config import Config


class Visitor(UserMixin):
    """What flask-login passes around: the session's key and the person behind it."""

    def __init__(self, key: str, recognised: Recognised) -> None:
        self.key = key
        self.actor = recognised.actor
        self.touch = recognised.touch

    def get_id(self) -> str:
        """Return the session's key; nothing of the person is in the cookie."""
        return self.key


def install(app: Flask, config: Config) -> None:
    """Set up cookies and flask-login."""
    app.config.update(
        SESSION_COOKIE_NAME="__Host-civic" if config.https else "civic",
        SESSION_COOKIE_SECURE=config.https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_PATH="/",
    )
    manager = LoginManager()
    manager.session_protection = None  # the database ends sessions; an address that changes on a train does not
    manager.user_loader(_load)
    # Its context processor would ask the database who it is even on the page that says the database is down.
    manager.init_app(app, add_context_processor=False)


def _load(key: str) -> Visitor | None:
    with reading() as db:
        recognised = town().recognise(db, key, now())
    return Visitor(key, recognised) if recognised else None


def current_actor() -> Actor:
    """Return the person behind this request, and mark her session as seen when that is due."""
    user: Any = current_user
    if not user.is_authenticated:
        return ANYONE
    if user.touch:
        with writing() as db:
            town().touch(db, user.key, now())
    actor: Actor = user.actor
    return actor


def current_key() -> str:
    """Return the key of the signed-in session, '' when there is none."""
    user: Any = current_user
    return user.key if user.is_authenticated else ""


def begin(key: str) -> None:
    """Sign the person of this new session in; everything the cookie held before is gone."""
    session.clear()
    with reading() as db:
        recognised = town().recognise(db, key, now())
    if recognised is not None:
        login_user(Visitor(key, recognised))


def end() -> None:
    """Sign out here; the caller ends the session in the database."""
    logout_user()
    session.clear()
