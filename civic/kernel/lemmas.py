"""Words of an Italian text brought back to the form a dictionary has, offline: `scuole` is `scuola`, `aspettavo` is `aspettare`.

Search stems words (kernel.search), which is enough to find; what is shown to people are words. The only importer of simplemma,
whose dictionary comes inside its package, and of stop-words.
"""

import re
import unicodedata
from functools import lru_cache

from simplemma import lemmatize
from stop_words import get_stop_words

# What people write to any Comune, whatever they want: it tells one voice from another as little as an article does.
_PA_WORDS = frozenset(
    "amministrazione buonasera buongiorno cittadina cittadino città cortese cortesemente comunale comune cordiale"
    " distinto chiedere chiedo egregio gentile grazie salve saluto scrivere segnalare segnalazione ringraziare richiesta"
    " richiedere quartiere sindaca sindaco spettabile vorrei volere".split()
)
# "non" stays: what is missing is what many voices are about.
_STOP = (frozenset(get_stop_words("it")) | _PA_WORDS) - {"non"}
_LEAST_LETTERS = 3


@lru_cache(maxsize=100_000)
def _lemma(word: str) -> str:
    """Return a word's lemma, "" for a word that says nothing by itself."""
    if word in _STOP:
        return ""
    found = lemmatize(word, lang="it").casefold()
    return "" if found in _STOP else found


def lemmas(text: str) -> frozenset[str]:
    """Return the different lemmas of a text, without the words that every text has; numbers are none.

    >>> sorted(lemmas("Buongiorno, vorrei più sedie agli sportelli del quartiere: non ci si siede, e si aspetta 2 ore!"))
    ['aspettare', 'non', 'sedere', 'sedia', 'sportello']
    """
    words = re.findall(r"[^\W\d_]+", unicodedata.normalize("NFC", text).casefold())
    return frozenset(lemma for w in words if len(w) >= _LEAST_LETTERS and (lemma := _lemma(w)))
