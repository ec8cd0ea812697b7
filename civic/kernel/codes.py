"""Codes and tokens: what a person can read aloud, and what nobody can guess."""

import hashlib
import secrets

# Without 0/O, 1/I/L and U: read aloud or copied from paper, none is taken for another.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def receipt_code(*, groups: int = 3, size: int = 4) -> str:
    """Make a receipt code of `groups` x `size` letters (12 letters: 58 bits)."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(size)) for _ in range(groups))


def is_receipt_code(text: str) -> bool:
    """Say whether a text looks like a receipt code.

    >>> is_receipt_code("ABCD-2345-WXYZ"), is_receipt_code("Vinci-un-premio")
    (True, False)
    """
    groups = text.split("-")
    return len(groups) == 3 and all(len(g) == 4 and set(g) <= set(ALPHABET) for g in groups)


def token() -> str:
    """Make an unguessable token for a link or a session (256 bits, URL-safe)."""
    return secrets.token_urlsafe(32)


def fingerprint(secret: str) -> str:
    """Return the SHA-256 of a token, in hex: what the database keeps instead of the token."""
    return hashlib.sha256(secret.encode()).hexdigest()
