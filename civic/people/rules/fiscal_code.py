"""Reading a codice fiscale (D.M. 23/12/1976): what it looks like, its check character. Pure.

The code itself is never kept: `kernel.keys.keyed` makes of it the key of a person.
"""

import re
from datetime import date

_SHAPE = re.compile(r"[A-Z]{6}[0-9LMNPQRSTUV]{2}[ABCDEHLMPRST][0-9LMNPQRSTUV]{2}[A-Z][0-9LMNPQRSTUV]{3}[A-Z]")
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
# What a character in an odd place counts; a digit counts as the letter of its rank.
_ODD = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)


def read_fiscal_code(text: str) -> str | None:
    """Return a person's codice fiscale in capitals, without the prefix of eIDAS; None when it is not one.

    >>> read_fiscal_code(" tinit-rssmra85t10a562s "), read_fiscal_code("RSSMRA85T10A562X")
    ('RSSMRA85T10A562S', None)
    """
    code = re.sub(r"\s", "", text).upper().removeprefix("TINIT-")
    return code if _SHAPE.fullmatch(code) and code[15] == check_character(code[:15]) else None


def check_character(body: str) -> str:
    """Compute the sixteenth character from the other fifteen."""
    total = 0
    for place, character in enumerate(body, start=1):
        rank = int(character) if character.isdigit() else _LETTERS.index(character)
        total += _ODD[rank] if place % 2 else rank
    return _LETTERS[total % 26]


def read_body_code(text: str) -> str | None:
    """Return the codice fiscale of a body, eleven digits whose last is a check digit; None when it is not one.

    >>> read_body_code("01307110484"), read_body_code("01307110485")
    ('01307110484', None)
    """
    code = re.sub(r"\s", "", text).upper().removeprefix("IT")
    if not re.fullmatch(r"[0-9]{11}", code):
        return None
    digits = [int(c) for c in code]
    doubled = [d * 2 - 9 if d > 4 else d * 2 for d in digits[1:10:2]]
    return code if (10 - (sum(digits[0:10:2]) + sum(doubled)) % 10) % 10 == digits[10] else None


def age_on(born: date, day: date) -> int:
    """Return full years.

    >>> age_on(date(2012, 2, 29), date(2026, 2, 28)), age_on(date(2012, 2, 29), date(2026, 3, 1))
    (13, 14)
    """
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))
