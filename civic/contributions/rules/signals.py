"""Signals in what is said: how often, where and when, and which words set some voices apart from the others. Pure.

A help for who reads, never a verdict: nothing here labels a voice.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from math import log

# A word of fewer voices could be somebody's own: it is never shown.
LEAST_VOICES = 5
# The 0.1% level of chi-squared with one degree of freedom: many words are tried, and few should come up by chance.
LEAST_G2 = 10.83
MOST_WORDS = 30


@dataclass(frozen=True, slots=True)
class KeyWord:
    """A word that is more frequent in some voices than in the others: in how many of each, and how surely."""

    word: str
    inside: int
    outside: int
    g2: float


def g2(inside: int, outside: int, n_inside: int, n_outside: int) -> float:
    """Return the log-likelihood ratio of a word that is in so many voices of two groups (Dunning 1993), 0 when it says nothing.

    The four cells are voices with and without the word, inside and outside; a voice counts once however often it says it.

    >>> round(g2(10, 5, 20, 100), 2)
    23.0
    >>> g2(5, 50, 10, 100)
    0.0
    """
    total = n_inside + n_outside
    having = inside + outside
    cells = (
        (inside, n_inside * having),
        (outside, n_outside * having),
        (n_inside - inside, n_inside * (total - having)),
        (n_outside - outside, n_outside * (total - having)),
    )
    return abs(2 * sum(seen * log(seen * total / product) for seen, product in cells if seen))


def key_words(inside: Iterable[Collection[str]], outside: Iterable[Collection[str]]) -> list[KeyWord]:
    """List the words that set voices apart from the others, the surest first; each voice is the set of its words.

    >>> queue, other = [{"coda", "sportello"}] * 8, [{"albero", "sportello"}] * 40
    >>> [(k.word, k.inside, k.outside) for k in key_words(queue, other)]
    [('coda', 8, 0)]
    >>> key_words([{"coda"}] * 4, other)
    []
    """
    mine, n_mine = _counted(inside)
    rest, n_rest = _counted(outside)
    if not n_mine or not n_rest:
        return []
    found = [
        KeyWord(word, n, rest[word], g2(n, rest[word], n_mine, n_rest))
        for word, n in mine.items()
        if n >= LEAST_VOICES and n * n_rest > rest[word] * n_mine
    ]
    sure = [k for k in found if k.g2 >= LEAST_G2]
    return sorted(sure, key=lambda k: (-k.g2, k.word))[:MOST_WORDS]


def _counted(voices: Iterable[Collection[str]]) -> tuple[Counter[str], int]:
    counts: Counter[str] = Counter()
    n = 0
    for words in voices:
        counts.update(set(words))
        n += 1
    return counts, n


@dataclass(frozen=True, slots=True)
class Trend:
    """One line of a table: how many voices by column, in all, and in the period of the same length before."""

    key: str
    by_column: Mapping[str, int] = field(default_factory=dict)
    before: int = 0

    @property
    def n(self) -> int:
        """How many in this period."""
        return sum(self.by_column.values())

    @property
    def difference(self) -> int:
        """How many more than in the period before; less than zero when fewer."""
        return self.n - self.before


def trends(counts: Iterable[tuple[str, str, bool, int]]) -> list[Trend]:
    """Gather (key, column, whether of this period, n) into lines, the most frequent first.

    >>> found = trends([("code", "2026-10", True, 3), ("code", "2026-11", True, 4), ("code", "", False, 5)])
    >>> [(t.key, dict(t.by_column), t.n, t.before, t.difference) for t in found]
    [('code', {'2026-10': 3, '2026-11': 4}, 7, 5, 2)]
    """
    now: dict[str, Counter[str]] = {}
    before: Counter[str] = Counter()
    for key, column, is_now, n in counts:
        now.setdefault(key, Counter())
        if is_now:
            now[key][column] += n
        else:
            before[key] += n
    lines = [Trend(key, columns, before[key]) for key, columns in now.items()]
    return sorted(lines, key=lambda t: (-t.n, -t.before, t.key))


def months_until(last: date, how_many: int) -> list[date]:
    """List the first days of so many months, the last being that of a day.

    >>> [d.isoformat() for d in months_until(date(2026, 1, 15), 3)]
    ['2025-11-01', '2025-12-01', '2026-01-01']
    """
    index = last.year * 12 + last.month - 1
    return [date((index - n) // 12, (index - n) % 12 + 1, 1) for n in reversed(range(how_many))]
