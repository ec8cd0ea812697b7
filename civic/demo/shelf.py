"""What the identity provider of the demonstration remembers: in memory, for a while, under names nobody guesses."""

import secrets
from datetime import datetime, timedelta
from threading import Lock
from typing import Generic, TypeVar

MOST_KEPT = 10_000
Kept = TypeVar("Kept")


class Shelf(Generic[Kept]):
    """Things kept for some seconds under unguessable names; threads may share it, and it never grows past its bound."""

    def __init__(self, seconds: int) -> None:
        self._span = timedelta(seconds=seconds)
        self._lock = Lock()
        self._things: dict[str, tuple[datetime, Kept]] = {}

    def put(self, thing: Kept, at: datetime) -> str:
        """Keep a thing and return its name; what has expired goes, and so does the oldest when the shelf is full."""
        name = secrets.token_urlsafe(32)
        with self._lock:
            # The oldest stands first and expires first.
            while self._things and (len(self._things) >= MOST_KEPT or next(iter(self._things.values()))[0] <= at):
                del self._things[next(iter(self._things))]
            self._things[name] = (at + self._span, thing)
        return name

    def take(self, name: str, at: datetime) -> Kept | None:
        """Return a thing and forget it: the second who asks gets None, as does who comes late."""
        with self._lock:
            until, thing = self._things.pop(name, (at, None))
        return thing if until > at else None

    def look(self, name: str, at: datetime) -> Kept | None:
        """Return a thing and keep it."""
        with self._lock:
            until, thing = self._things.get(name, (at, None))
        return thing if until > at else None
