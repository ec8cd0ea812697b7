"""The four ways a request can fail politely."""

from typing import Any


class CivicError(Exception):
    """Base of the polite failures. `message` is Italian source text, translated where it is shown."""

    def __init__(self, message: str = "", *, field: str | None = None, **params: Any) -> None:
        super().__init__(message % params if params else message)
        self.message = message
        self.params = params
        self.field = field


class Refused(CivicError):
    """A rule of the house says no; `field` names the form field to mend, when there is one."""


class Missing(CivicError):
    """There is no such thing, or it is not for this person to know of it."""


class NotAllowed(CivicError):
    """The person is known and may not do this."""


class Stale(CivicError):
    """Somebody changed the thing meanwhile; nothing was written."""
