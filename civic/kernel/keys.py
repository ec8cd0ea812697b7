"""Keys that are kept outside the database, and what is made with them.

The pepper turns a codice fiscale or an address into a code that nobody can compute, nor try out, with the database alone.
A code made for one purpose says nothing about the code of the same value for another.
"""

import base64
import hashlib
import hmac
import os
import tempfile
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from civic.kernel.errors import Refused
from civic.kernel.text import N_

_BYTES = 32
PEPPER = "pepper"


def key_of(folder: Path, name: str, *, make: bool = True) -> bytes:
    """Read a key of 32 bytes from its file, and make it the first time, if told so.

    Raises Refused: when the file holds something else, or is not there and may not be made.
    """
    path = folder / f"{name}.key"
    if not path.exists():
        if not make:
            raise Refused(N_("Manca la chiave %(path)s: rimetti quella della copia di sicurezza."), path=str(path))
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _make(path)
    found = path.read_bytes()
    if len(found) != _BYTES:
        raise Refused(N_("Il file %(path)s non è una chiave di civic: rimetti quello della copia di sicurezza."), path=str(path))
    return found


def _make(path: Path) -> None:
    """Write a new key all at once; of two who do it at the same instant the first wins."""
    handle, draft = tempfile.mkstemp(dir=path.parent)  # readable by its owner only
    with os.fdopen(handle, "wb") as out:
        out.write(os.urandom(_BYTES))
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        Path(draft).unlink()


def keyed(pepper: bytes, purpose: str, value: str) -> str:
    """Return the HMAC-SHA256 of a value for one purpose, in hex.

    >>> keyed(b"p", "person", "X") == keyed(b"p", "mail", "X")
    False
    """
    return hmac.new(pepper, f"{purpose}:{value}".encode(), hashlib.sha256).hexdigest()


def seal(secret: str, text: str) -> str:
    """Encrypt a text so that only who holds the secret reads it; the secret must be unguessable by itself."""
    nonce = os.urandom(12)
    return base64.urlsafe_b64encode(nonce + _cipher(secret).encrypt(nonce, text.encode(), None)).decode()


def unseal(secret: str, sealed: str) -> str:
    """Return the text that was sealed; "" when the secret is another, or there is nothing.

    >>> unseal("a secret", seal("a secret", "text")), unseal("another", seal("a secret", "text"))
    ('text', '')
    """
    try:
        raw = base64.urlsafe_b64decode(sealed)
        return _cipher(secret).decrypt(raw[:12], raw[12:], None).decode()
    except (InvalidTag, ValueError):
        return ""


def _cipher(secret: str) -> ChaCha20Poly1305:
    derived = HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"civic seal").derive(secret.encode())
    return ChaCha20Poly1305(derived)
