"""Search in Italian: one word finds its other forms, and both databases find the same things."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from civic.kernel.db import Database
from civic.kernel.search import forget, index, matching, stems

CORPUS = {
    "A1": "Aprire tre nuove scuole dell'infanzia",
    "A2": "La scuola di via Roma: più aule",
    "A3": "Una città più verde, con mille alberi",
    "A4": "Manutenzione delle strade e dei marciapiedi nei quartieri",
    "A5": "L’università e il Comune: alloggi per gli studenti universitari",
    "A6": "Perché no? Qualità dell'aria e PM10, obiettivo 2026-2029",
    "A7": "Rifiuti: raccolta porta a porta; 50% in più (Q4, Isolotto)",
    "A8": 'Asilo nido "Il Girasole" AND OR NOT NEAR(x)',
    "A9": "Strada_interna e bike-sharing: 1.200 biciclette",
    "A10": "Forêt, Straße, œuvre, naïve, ÅNGSTRÖM",
}
HOSTILE = [
    '"',
    "'",
    '""',
    '"scuola',
    "scuola*",
    "^scuola",
    "scuola OR",
    "AND",
    "NOT scuola",
    "NEAR(a b)",
    "stems:scuola",
    "a:b",
    "(",
    ")",
    "((((",
    "-scuola",
    "+",
    "*",
    "\\",
    "%",
    "_",
    "__",
    "a_b",
    "'; DROP TABLE search_entry; --",
    "\0",
    "scuola\0città",
    "\ud800",
    "😀",
    "𝒜𝒷",
    "½ ² ª",
    "１２",
    "a" * 5_000,
    "parola " * 500,
    "\u0301",
    "e\u0301",
    "| & ! <-> :*",
    "scuola & !città",
    "\n\t\r",
    "1e999",
    "0x41",
    "-1",
    "1.2.3",
    "http://x.example/?a=b",
]


def load(database: Database) -> None:
    with database.writing() as session:
        for ref, text in CORPUS.items():
            index(session, kind="action", ref=ref, texts=[text])
        index(session, kind="other", ref="B1", texts=["scuola città"])


def hits(database: Database, query: str) -> set[str] | None:
    """Search; None when the query has no word."""
    with database.reading() as session:
        found = matching(session, kind="action", query=query)
        return None if found is None else set(session.scalars(found))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("scuole", {"A1", "A2"}),
        ("scuola", {"A1", "A2"}),
        ("SCUOLE", {"A1", "A2"}),
        ("citta", {"A3"}),
        ("città", {"A3"}),
        ("CITTÀ", {"A3"}),
        ("citta\u0300", {"A3"}),
        ("albero", {"A3"}),
        ("strada", {"A4", "A9"}),
        ("strad", {"A4", "A9"}),
        ("manutenz", {"A4"}),
        ("universita", {"A5"}),
        ("dell'università", {"A5"}),
        ("qualita dell'aria", {"A6"}),
        ("qualità dell’aria", {"A6"}),
        ("pm10", {"A6"}),
        ("2029", {"A6"}),
        ("Q4", {"A7"}),
        ("il girasole", {"A8"}),
        ("infanzia scuole", {"A1"}),
        ("scuola strada", set()),
        ("foret", {"A10"}),
        ("strasse", {"A10"}),
        ("angstrom", {"A10"}),
        ("niente", set()),
        ("", None),
        ("   ", None),
        ("il la di", None),
        ("?!", None),
    ],
)
def test_a_query_finds_every_form_of_its_words(database, query, expected):
    load(database)
    assert hits(database, query) == expected


def test_a_thing_that_changes_is_found_by_its_new_words_only(database):
    load(database)
    with database.writing() as session:
        index(session, kind="action", ref="A1", texts=["Un ponte", None, "sul fiume"])
    assert hits(database, "scuole") == {"A2"}
    assert hits(database, "ponte fiume") == {"A1"}


def test_a_thing_that_is_forgotten_is_not_found(database):
    load(database)
    with database.writing() as session:
        forget(session, kind="action", ref="A2")
    assert hits(database, "scuole") == {"A1"}


@pytest.mark.parametrize("query", HOSTILE, ids=lambda q: ascii(q)[:30])
def test_a_hostile_query_is_a_search_like_any_other(database, query):
    load(database)
    found = hits(database, query)
    assert found is None or found <= set(CORPUS)


def test_the_two_databases_find_the_same_whatever_is_asked(new_database):
    both = [new_database("sqlite"), new_database("postgresql")]
    for database in both:
        load(database)
    words = sorted({w for text in CORPUS.values() for w in text.split()})
    latin = st.characters(codec="utf-8", max_codepoint=0x24F, exclude_characters="\0")
    queries = st.lists(st.one_of(st.sampled_from(words), st.sampled_from(HOSTILE[:-20]), st.text(latin, max_size=8)), max_size=3)

    @settings(suppress_health_check=[HealthCheck.too_slow])
    @given(queries.map(" ".join))
    def agree(query: str) -> None:
        assert hits(both[0], query) == hits(both[1], query)

    agree()


def test_stems_are_plain_words_without_accents():
    assert stems("L'Università è più bella: perché?") == stems("l universita bella perche")
