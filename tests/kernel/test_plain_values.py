"""Text, codes, pages, tables, measures, clocks: small tools that everything stands on."""

import csv
import io
import re
import unicodedata
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civic.kernel.clock import civil_day, parse_partial_date
from civic.kernel.codes import ALPHABET, fingerprint, receipt_code, token
from civic.kernel.measure import Measure, share_percent
from civic.kernel.paging import MOST_PAGES, Page, Paging
from civic.kernel.tables import safe_cell, to_csv
from civic.kernel.text import clean_line, clean_text, slugify

# ---- text ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  ciao  ", "ciao"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("perche\u0301", "perché"),
        ("a\u202eb\u2066c\u200bd\ufeffe", "abcde"),
        ("a\0b\x07c\x7fd\x85e", "abcde"),
        ("tab\tresta", "tab\tresta"),
        ("👩\u200d🌾", "👩\u200d🌾"),
        ("عربي", "عربي"),
        ("", ""),
    ],
)
def test_text_keeps_what_was_meant_and_loses_what_only_deceives(typed, kept):
    assert clean_text(typed) == kept


@given(st.text())
def test_cleaning_text_twice_changes_nothing_more(typed):
    once = clean_text(typed)
    assert clean_text(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert not re.search(r"[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", once)


@given(st.text())
def test_a_cleaned_line_is_one_line_with_single_spaces(typed):
    line = clean_line(typed)
    assert "\n" not in line
    assert "  " not in line
    assert line == line.strip()
    assert clean_line(line) == line


@given(st.text(), st.integers(1, 80))
def test_a_slug_fits_into_an_address(typed, most):
    slug = slugify(typed, most=most)
    assert re.fullmatch(r"([a-z0-9]+(-[a-z0-9]+)*)?", slug)
    assert len(slug) <= most


# ---- codes -----------------------------------------------------------------------------------------------------------


def test_a_receipt_code_can_be_read_aloud():
    for _ in range(200):
        groups = receipt_code().split("-")
        assert [len(g) for g in groups] == [4, 4, 4]
        assert set("".join(groups)) <= set(ALPHABET)
    assert not set(ALPHABET) & set("01OILU")


def test_codes_and_tokens_do_not_repeat():
    assert len({receipt_code() for _ in range(5_000)}) == 5_000
    assert len({token() for _ in range(5_000)}) == 5_000
    assert all(len(token()) >= 43 for _ in range(10))


def test_a_fingerprint_is_the_sha256_of_the_secret():
    assert fingerprint("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


# ---- pages -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "given_page"),
    [
        (None, 1),
        ("", 1),
        ("1", 1),
        ("7", 7),
        ("0", 1),
        ("-3", 1),
        ("x", 1),
        ("1.5", 1),
        ("²", 1),
        ("٣", 1),
        (" 2", 1),
        ("99999", MOST_PAGES),
        ("9" * 30, 1),
    ],
)
def test_an_address_that_asks_for_no_sensible_page_gets_the_first(asked, given_page):
    assert Paging.from_text(asked).number == given_page


@given(st.text(max_size=12))
def test_no_address_makes_paging_fail(asked):
    assert 1 <= Paging.from_text(asked).number <= MOST_PAGES


@pytest.mark.parametrize(("total", "pages"), [(0, 1), (1, 1), (30, 1), (31, 2), (60, 2), (61, 3)])
def test_the_last_page_may_be_short_and_no_page_is_missing(total, pages):
    assert Page([], total, Paging()).pages == pages


def test_a_page_passes_over_the_pages_before_it():
    assert Paging(number=3, size=20).offset == 40


# ---- tables ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "start",
    [
        "=",
        "+",
        "-",
        "@",
        "\t",
        "\r",
        "\0",
        "=1+1",
        '=HYPERLINK("http://x")',
        "-2+3",
        "@SUM(A1)",
        "\n=1+1",
        "＝1+1",
        "＋1",
        "－1",
        "＠x",
    ],
)
def test_a_text_that_a_spreadsheet_would_run_is_written_as_text(start):
    written = to_csv(["x"], [[start]]).split("\r\n", 1)[1]
    first = next(csv.reader(io.StringIO(written)))[0]
    assert first.startswith("'")


@pytest.mark.parametrize("value", [-3, Decimal("-1.5"), 0, "a=1", "Città", "", "1+1"])
def test_numbers_and_plain_text_pass_as_they_are(value):
    assert safe_cell(value) == value


@given(
    st.lists(
        st.lists(
            st.one_of(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), st.integers(), st.none()),
            min_size=2,
            max_size=2,
        )
    )
)
def test_a_csv_reads_back_as_it_was_written(rows):
    written = to_csv(["a", "b"], rows)
    read = list(csv.reader(io.StringIO(written, newline="")))
    expected = [["" if c is None else str(safe_cell(c)) for c in row] for row in rows]
    assert read == [["a", "b"], *expected]


# ---- measures and days -----------------------------------------------------------------------------------------------


def test_a_share_of_nothing_is_unknown_and_not_zero():
    assert share_percent(0, 0) is None
    assert Measure(value=None, n=0, unit="percent").rounded() is None


@pytest.mark.parametrize(
    ("value", "shown"), [("83.25", "83.3"), ("83.35", "83.4"), ("83.249", "83.2"), ("-0.05", "-0.1"), ("100", "100.0")]
)
def test_a_measure_is_rounded_half_up_for_showing(value, shown):
    assert str(Measure(value=Decimal(value), n=1, unit="percent").rounded()) == shown


def test_a_share_is_exact_until_it_is_shown():
    assert share_percent(1, 3) * 3 == pytest.approx(100)
    assert share_percent(209, 251).quantize(Decimal("0.00001")) == Decimal("83.26693")


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (datetime(2026, 3, 29, 0, 59, tzinfo=UTC), date(2026, 3, 29)),
        (datetime(2026, 10, 24, 21, 59, tzinfo=UTC), date(2026, 10, 24)),
        (datetime(2026, 10, 24, 22, 0, tzinfo=UTC), date(2026, 10, 25)),
        (datetime(2026, 10, 25, 22, 59, tzinfo=UTC), date(2026, 10, 25)),
        (datetime(2026, 10, 25, 23, 0, tzinfo=UTC), date(2026, 10, 26)),
        (datetime(2026, 12, 31, 23, 0, tzinfo=UTC), date(2027, 1, 1)),
    ],
)
def test_the_civil_day_is_that_of_italy_in_summer_and_winter(at, day):
    assert civil_day(at) == day


@pytest.mark.parametrize(
    "typed",
    ["", "24", "2024-13", "2024-2-1", "2024-02-30", "2024/02/01", "02-2024", "2024-02-01-01", "٢٠٢٤", "abcd", "+024", " 024"],
)
def test_a_date_that_is_not_one_is_an_error(typed):
    with pytest.raises(ValueError):  # noqa: PT011 - the words are Python's own
        parse_partial_date(typed)
