"""Plain text as people type it: normalised, free of characters that only deceive, never of what they meant."""

import re
import unicodedata


def N_(message: str) -> str:  # noqa: N802 - the gettext name for "to be translated where it is shown"
    """Mark source text for translation without translating it yet."""
    return message


# Bidirectional overrides and isolates can make a text read as another one; zero-width marks hide in links.
_DECEIVING = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200B, 0x2060, 0xFEFF])
_CONTROL = {c: None for c in [*range(0x20), *range(0x7F, 0xA0)] if c not in (0x09, 0x0A)}


def clean_text(value: str) -> str:
    """Normalise to NFC and Unix line ends, drop control and bidirectional characters, trim the ends.

    >>> clean_text("  perche\\u0301\\u202e?\\r\\n")
    'perché?'
    """
    text = value.replace("\r\n", "\n").replace("\r", "\n").translate(_CONTROL | _DECEIVING)
    return unicodedata.normalize("NFC", text).strip()


def clean_line(value: str) -> str:
    """Clean a one-line text: as `clean_text`, with every run of white space one space."""
    return re.sub(r"\s+", " ", clean_text(value))


def is_mail_address(value: str) -> bool:
    """Say whether a text looks like an e-mail address; only a mail can tell whether it is one.

    >>> is_mail_address("anna@esempio.it"), is_mail_address("anna@esempio"), is_mail_address("a b@esempio.it")
    (True, False, False)
    """
    local, _at, domain = value.rpartition("@")
    plain = value.isprintable() and not any(c.isspace() or c in '<>()[],;:\\"' for c in value)
    return bool(local) and "@" not in local and "." in domain.strip(".") and plain and len(value) <= 254


def slugify(value: str, *, most: int = 60) -> str:
    """Make the part of an address: ASCII, lower case, words joined by `-`.

    >>> slugify("Qualità dell'aria: città più verde")
    'qualita-dell-aria-citta-piu-verde'
    """
    ascii_text = unicodedata.normalize("NFKD", value).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", ascii_text.lower().replace("'", "-")).strip("-")[:most].strip("-")
