"""Password hashes: argon2id with 19 MiB, two passes; never more than two at once in a process."""

import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_GATE = threading.BoundedSemaphore(2)
# Checked for unknown addresses, so that they cost the same time as known ones.
_NOBODY = _HASHER.hash("nobody has this password")


def hash_password(password: str) -> str:
    """Return the argon2id hash of a password."""
    with _GATE:
        return _HASHER.hash(password)


def verify_password(stored: str, password: str) -> bool:
    """Say whether this is the password; an account without one takes as long and says no."""
    with _GATE:
        try:
            return _HASHER.verify(stored or _NOBODY, password) and bool(stored)
        except (VerificationError, InvalidHashError):
            return False
