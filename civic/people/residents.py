"""The signed list of residents: what the registry office hands over in the place of names and codici fiscali.

One line a person, `<key of the person>,<quartiere>`, and a last line with an Ed25519 signature of all the others. The office
makes it where it has the pepper and its own signing key; the site holds only the public half.
"""

import base64
import csv
import io
from collections.abc import Iterable, Iterator
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from civic.kernel.errors import Refused
from civic.kernel.keys import keyed
from civic.kernel.text import N_
from civic.people.rules import read_fiscal_code

_FIRST = "# civic residents 1"
_SIGNED = "# signature "


def public_half(signing_key: bytes) -> str:
    """Return the public half of a signing key, in hex: the setting CIVIC_RESIDENTS_KEY."""
    return Ed25519PrivateKey.from_private_bytes(signing_key).public_key().public_bytes_raw().hex()


def make_list(lines: Iterable[tuple[str, str]], *, signing_key: bytes, pepper: bytes) -> str:
    """Write the signed list of (key of a person, quartiere), in the order of the keys: the order of a file tells nothing.

    Its first line says with which pepper it was made.
    """
    body = "\n".join([_first(pepper), *(f"{key},{quartiere}" for key, quartiere in sorted(lines))]) + "\n"
    signature = Ed25519PrivateKey.from_private_bytes(signing_key).sign(body.encode())
    return f"{body}{_SIGNED}{base64.b64encode(signature).decode()}\n"


def _first(pepper: bytes) -> str:
    return f"{_FIRST} {keyed(pepper, 'residents', 'civic')[:16]}"


def read_list(text: str, *, public_key: str, pepper: bytes) -> list[tuple[str, str]]:
    """Check the signature and return the lines.

    Raises Refused: for a list that nobody signed, that was changed since, or that was made with another pepper.
    """
    body, mark, signature = text.rpartition(_SIGNED)
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key))
        key.verify(base64.b64decode(signature), body.encode())
    except (InvalidSignature, ValueError) as error:
        raise Refused(N_("La firma dell'elenco non torna: non è stato scritto nulla.")) from error
    first, *lines = body.splitlines()
    if not mark or not first.startswith(_FIRST):
        raise Refused(N_("Questo file non è un elenco di residenti di civic."))
    if first != _first(pepper):
        raise Refused(N_("L'elenco è fatto con un'altra chiave delle persone: nessuno risulterebbe. Rifallo con quella di qui."))
    return [(person, quartiere) for person, _comma, quartiere in (line.partition(",") for line in lines)]


def read_registry(path: Path, *, pepper: bytes) -> Iterator[tuple[str, str]]:
    """Read the office's own CSV, columns codice_fiscale and quartiere, and give (key of the person, quartiere).

    Raises Refused: with the row, never with the code that does not fit.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused(N_("Il file non è in UTF-8: salvalo di nuovo come CSV UTF-8.")) from error
    seen: set[str] = set()
    with io.StringIO(text, newline="") as file:
        reader = csv.DictReader(file, delimiter=";" if text.partition("\n")[0].count(";") else ",")
        if not {"codice_fiscale", "quartiere"} <= set(reader.fieldnames or ()):
            raise Refused(
                N_("Il file deve avere le colonne codice_fiscale e quartiere, separate da virgole o da punti e virgola.")
            )
        for number, row in enumerate(reader, start=2):
            code = read_fiscal_code(row["codice_fiscale"] or "")
            if code is None:
                raise Refused(N_("Riga %(row)s: il codice fiscale non torna."), row=number)
            if code in seen:
                raise Refused(N_("Riga %(row)s: questa persona c'è già in una riga di prima."), row=number)
            seen.add(code)
            yield keyed(pepper, "person", code), (row["quartiere"] or "").strip()
