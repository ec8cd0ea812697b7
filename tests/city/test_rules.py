"""Pure rules of the city: Easter, holidays, the days of an office, and the term to answer."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civic.city.rules import easter, holidays_of, is_valid_on, report_due_on

# Easter Mondays as the almanacs print them; the earliest (2285, 23 March) and the latest (2038, 26 April) are among them.
EASTER_MONDAYS = {
    2000: (4, 24),
    2008: (3, 24),
    2011: (4, 25),
    2019: (4, 22),
    2020: (4, 13),
    2021: (4, 5),
    2022: (4, 18),
    2023: (4, 10),
    2024: (4, 1),
    2025: (4, 21),
    2026: (4, 6),
    2027: (3, 29),
    2028: (4, 17),
    2029: (4, 2),
    2030: (4, 22),
    2035: (3, 26),
    2038: (4, 26),
    2285: (3, 23),
}
SAN_GIOVANNI = (6, 24, 0, "San Giovanni")


@pytest.mark.parametrize(("year", "day"), EASTER_MONDAYS.items())
def test_easter_monday_falls_where_the_almanac_says(year, day):
    monday = date(year, *day)
    assert easter(year) + timedelta(days=1) == monday
    assert [h.day for h in holidays_of(year) if h.name == "Lunedì dell'Angelo"] == [monday]


@given(st.integers(1900, 2299))
def test_easter_is_a_sunday_of_spring(year):
    assert easter(year).weekday() == 6
    assert date(year, 3, 22) <= easter(year) <= date(year, 4, 25)


@given(st.integers(1950, 2200), st.booleans())
def test_a_year_has_its_national_holidays_in_order_and_the_patron_saint_when_the_city_has_one(year, patron):
    days = holidays_of(year, [SAN_GIOVANNI] if patron else [])
    assert [h.day for h in days] == sorted(h.day for h in days)
    assert all(h.day.year == year for h in days)
    assert len(days) == 11 + (year >= 2026) + patron
    assert (date(year, 6, 24) in {h.day for h in days}) == patron


@pytest.mark.parametrize(("year", "there"), [(2025, False), (2026, True)])
def test_saint_francis_is_a_holiday_from_2026(year, there):
    assert (date(year, 10, 4) in {h.day for h in holidays_of(year)}) is there


def test_a_local_holiday_of_one_year_or_of_the_29th_of_february_comes_only_when_it_exists():
    local = [(2, 29, 0, "Bisestile"), (9, 1, 2026, "Una volta")]
    assert [h.name for h in holidays_of(2024, local) if h.name in ("Bisestile", "Una volta")] == ["Bisestile"]
    assert [h.name for h in holidays_of(2026, local) if h.name in ("Bisestile", "Una volta")] == ["Una volta"]
    assert [h.name for h in holidays_of(2100, local) if h.name in ("Bisestile", "Una volta")] == []


some_day = st.none() | st.dates(date(2020, 1, 1), date(2029, 12, 31))


@given(some_day, some_day, st.dates(date(2019, 1, 1), date(2030, 12, 31)))
def test_an_office_exists_from_its_first_day_to_its_last_and_an_unknown_end_is_open(first, last, day):
    assert is_valid_on(first, last, day) == (not (first and day < first) and not (last and day > last))


def test_a_report_is_answered_within_thirty_days():
    assert report_due_on(date(2028, 2, 15)) == date(2028, 3, 16)
