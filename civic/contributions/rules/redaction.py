"""What a machine can take out of a text before a person reads it for publication. Pure.

Names of people are not among it: no list of names is complete, and a person decides. What is found here is the sure part.
"""

import re

_MARK = "[omesso]"
_PATTERNS = (
    re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),  # e-mail
    re.compile(r"\b[A-Za-z]{6}\d{2}[A-Za-z]\d{2}[A-Za-z]\d{3}[A-Za-z]\b"),  # codice fiscale
    re.compile(r"\bIT\d{2}\s?[A-Z](?:\s?[0-9A-Z]){22}\b", re.IGNORECASE),  # IBAN
    re.compile(r"(?<!\w)(?:\+39[\s.-]?)?(?:3\d{2}|0\d{1,3})[\s./-]?\d{3}[\s.-]?\d{3,4}(?!\w)"),  # telephone
    re.compile(r"\b[A-Z]{2}\s?\d{3}\s?[A-Z]{2}\b"),  # plate
)


def redact(text: str) -> str:
    """Put a mark in the place of addresses, codici fiscali, IBANs, telephone numbers and plates.

    >>> redact("Scrivetemi a anna@esempio.it o al 333 1234567, targa AB123CD")
    'Scrivetemi a [omesso] o al [omesso], targa [omesso]'
    """
    for pattern in _PATTERNS:
        text = pattern.sub(_MARK, text)
    return text
