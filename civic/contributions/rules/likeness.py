"""Voices that say the same: the share of short runs of words that two texts have in common, estimated. Pure.

A text is the set of its runs of three words; two texts are as alike as these sets overlap (Jaccard 1901). Sets are not kept:
a signature of 64 numbers is (Broder 1997, "On the resemblance and containment of documents"), and the share of numbers that
are equal in two signatures estimates the overlap, with a standard error of at most 6 in a hundred. It groups copies and near
copies, such as one letter sent by many; it does not say that two people want the same thing in words of their own.
"""

from collections.abc import Iterable, Sequence
from hashlib import blake2b

# From this share on, two texts are near copies: a letter of sixty words with five of them changed keeps some 0.6.
ALIKE = 0.5
RUN = 3
NUMBERS = 64
_DIGITS = 8
_PRIME = (1 << 61) - 1


def _number(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=7).digest(), "big")


# One pair for each number of a signature: always the same, or old signatures would mean nothing.
_MIXERS = tuple((_number(f"a{n}") | 1, _number(f"b{n}")) for n in range(NUMBERS))


def runs(words: Sequence[str]) -> frozenset[str]:
    """Return a text's runs of three words; a shorter text is one run.

    >>> sorted(runs(["manc", "luc", "via", "rom"])), runs(["luc"]), runs([])
    (['luc via rom', 'manc luc via'], frozenset({'luc'}), frozenset())
    """
    if len(words) <= RUN:
        return frozenset({" ".join(words)} if words else ())
    return frozenset(" ".join(words[n : n + RUN]) for n in range(len(words) - RUN + 1))


def signature(words: Sequence[str]) -> str:
    """Return the signature of a text's words, "" of a text without any.

    >>> len(signature(["manc", "luc", "via", "rom"])), signature([])
    (512, '')
    """
    numbers = [_number(run) for run in runs(words)]
    if not numbers:
        return ""
    least = (min((a * x + b) % _PRIME for x in numbers) for a, b in _MIXERS)
    return "".join(f"{value & 0xFFFFFFFF:08x}" for value in least)


def likeness(one: str, other: str) -> float:
    """Return how alike two texts are by their signatures, from 0 to 1.

    >>> letter = "chied che alber via rom rest dov son perc dann ombra".split()
    >>> likeness(signature(letter), signature(letter))
    1.0
    >>> likeness(signature(letter), signature([*letter, "graz"])) >= ALIKE
    True
    >>> likeness(signature(letter), signature("manc luc via verd".split())) < ALIKE
    True
    """
    if len(one) != len(other) or not one:
        return 0.0
    equal = sum(one[n : n + _DIGITS] == other[n : n + _DIGITS] for n in range(0, len(one), _DIGITS))
    return equal / (len(one) // _DIGITS)


def most_alike(mine: str, others: Iterable[tuple[int, str]]) -> int | None:
    """Return the id of the near copy that is most alike, the first of equals; None when nothing is near enough.

    >>> mine = signature("manc luc via rom".split())
    >>> most_alike(mine, [(1, signature(["sed"])), (2, mine), (3, mine)]), most_alike(mine, [])
    (2, None)
    """
    best, nearest = None, 0.0
    for number, other in others:
        share = likeness(mine, other)
        if share >= ALIKE and share > nearest:
            best, nearest = number, share
    return best
