"""The pure rules of the plan: percentages, weights, the Gantt's geometry, which statements are allowed."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from civic.kernel.errors import Refused
from civic.planning.models import Status
from civic.planning.rules import StatusData, check_status, count_statuses, draw_gantt, normalised_shares
from civic.planning.rules.statuses import NEEDS_CAUSE, STATUSES

TODAY = date(2026, 11, 23)
tallies = st.dictionaries(st.sampled_from(Status), st.integers(0, 5_000))


# ---- percentages -----------------------------------------------------------------------------------------------------


def test_the_percentages_of_2019_come_out_as_they_were_published():
    counted = count_statuses({Status.COMPLETED: 209, Status.IN_PROGRESS: 30, Status.NOT_STARTED: 12})
    assert counted.n == 251
    assert (round(counted.strict_percent, 2), round(counted.broad_percent, 2)) == (Decimal("83.27"), Decimal("95.22"))


@given(tallies)
def test_a_percentage_is_never_below_nothing_or_above_everything_and_strict_never_above_broad(tally):
    counted = count_statuses(tally)
    if counted.n == 0:
        assert counted.strict_percent is None
        assert counted.broad_percent is None
    else:
        assert 0 <= counted.strict_percent <= counted.broad_percent <= 100


@given(tallies, st.randoms())
def test_the_order_in_which_statuses_are_counted_does_not_matter(tally, chance):
    shuffled = list(tally.items())
    chance.shuffle(shuffled)
    first, second = count_statuses(tally), count_statuses(dict(shuffled))
    assert (first.n, first.not_counted, first.strict_percent, first.broad_percent) == (
        second.n,
        second.not_counted,
        second.strict_percent,
        second.broad_percent,
    )


@given(tallies, st.integers(0, 5_000))
def test_actions_that_nobody_can_assess_move_no_percentage(tally, unknown):
    without, with_them = (
        count_statuses(tally | {Status.NOT_ASSESSABLE: 0}),
        count_statuses(tally | {Status.NOT_ASSESSABLE: unknown}),
    )
    assert with_them.not_counted == unknown
    assert (without.n, without.strict_percent, without.broad_percent) == (
        with_them.n,
        with_them.strict_percent,
        with_them.broad_percent,
    )


@pytest.mark.parametrize("status", [s for s in Status if s not in (Status.COMPLETED, Status.IN_PROGRESS, Status.NOT_ASSESSABLE)])
def test_a_promise_in_any_other_state_lowers_both_percentages(status):
    counted = count_statuses({Status.COMPLETED: 1, Status.IN_PROGRESS: 1, status: 2})
    assert (counted.n, counted.strict_percent, counted.broad_percent) == (4, 25, 50)


# ---- weights ---------------------------------------------------------------------------------------------------------

weights = st.lists(st.none() | st.decimals("0.01", "9999", places=2), max_size=20)


@given(weights)
def test_shares_sum_to_a_hundred_and_an_unknown_weight_stays_unknown(given_weights):
    shares = normalised_shares(given_weights)
    known = [s for s in shares.percents if s is not None]
    assert len(shares.percents) == len(given_weights)
    if any(w is not None for w in given_weights):
        assert [s is None for s in shares.percents] == [w is None for w in given_weights]
        assert all(s > 0 for s in known)
        assert not shares.equal
    if known:
        assert abs(sum(known) - 100) < Decimal("1e-20")


@given(st.lists(st.none() | st.decimals("0.01", "9999", places=2), min_size=1, max_size=12), st.randoms())
def test_a_phase_has_the_same_share_wherever_the_sheet_prints_it(given_weights, chance):
    order = list(range(len(given_weights)))
    chance.shuffle(order)
    first, second = normalised_shares(given_weights), normalised_shares([given_weights[i] for i in order])
    assert [first.percents[i] for i in order] == list(second.percents)
    assert (first.warn, first.declared_sum) == (second.warn, second.declared_sum)


@pytest.mark.parametrize(
    ("given_weights", "warns"),
    [
        (["40", "60"], False),
        (["40", "50"], True),
        (["100", None], True),
        ([None, None], False),
        ([], False),
        (["33.33", "66.67"], False),
    ],
)
def test_a_sheet_warns_when_its_weights_do_not_make_a_hundred_or_one_is_unknown(given_weights, warns):
    assert normalised_shares([w and Decimal(w) for w in given_weights]).warn is warns


# ---- the Gantt -------------------------------------------------------------------------------------------------------

days = st.none() | st.dates(date(2019, 1, 1), date(2030, 12, 31))


def in_order(first, last):
    return (last, first) if first and last and last < first else (first, last)


@given(
    st.lists(st.tuples(days, days, days, days), max_size=8),
    st.integers(2020, 2028),
    st.dates(date(2020, 1, 1), date(2028, 12, 31)),
)
def test_every_bar_lies_inside_the_drawing_and_an_unknown_day_gives_no_bar(dates, year, today):
    phases = [(n, *in_order(a, b), *in_order(c, d)) for n, (a, b, c, d) in enumerate(dates, start=1)]
    drawn = draw_gantt(phases, year=year, today=today)
    assert drawn.height > max((bar.y for bar in drawn.bars), default=0)
    for (_number, planned_start, planned_end, actual_start, _end), bar in zip(phases, drawn.bars, strict=True):
        for x, width in filter(None, (bar.planned, bar.actual)):
            assert 0 <= x <= drawn.width
            assert width > 0
            assert x + width <= drawn.width + 0.11
        if planned_start is None or planned_end is None:
            assert bar.planned is None
        if actual_start is None:
            assert bar.actual is None
    assert drawn.today_x is None or 0 <= drawn.today_x <= drawn.width
    assert (drawn.today_x is not None) == (today.year == year)


@pytest.mark.parametrize(("year", "length"), [(2024, 366), (2026, 365), (2100, 365), (2000, 366)])
def test_a_phase_as_long_as_the_year_fills_the_drawing_in_a_leap_year_too(year, length):
    drawn = draw_gantt([(1, date(year, 1, 1), date(year, 12, 31), None, None)], year=year, today=date(year, 3, 1))
    assert drawn.bars[0].planned == (0, drawn.width)
    march = 60 if length == 366 else 59
    assert drawn.today_x == pytest.approx(drawn.width * march / length, abs=0.06)


def test_the_last_day_of_february_has_a_bar_of_one_day():
    drawn = draw_gantt([(1, date(2024, 2, 29), date(2024, 2, 29), None, None)], year=2024, today=TODAY)
    assert drawn.bars[0].planned[1] == pytest.approx(drawn.width / 366, abs=0.11)


def test_work_that_has_begun_runs_to_today_and_not_beyond():
    drawn = draw_gantt([(1, None, None, date(2026, 11, 1), None)], year=2026, today=TODAY)
    x, width = drawn.bars[0].actual
    assert x + width == pytest.approx(drawn.today_x + drawn.width / 365, abs=0.2)


@pytest.mark.parametrize("elsewhere", [(date(2025, 1, 1), date(2025, 12, 31)), (date(2027, 1, 1), date(2027, 2, 1))])
def test_a_phase_of_another_year_has_no_bar(elsewhere):
    assert draw_gantt([(1, *elsewhere, None, None)], year=2026, today=TODAY).bars[0].planned is None


# ---- what may be said ------------------------------------------------------------------------------------------------


def said(status, **told):
    return StatusData(**{"status": status, "as_of": TODAY} | told)


def refused_field(data, before=None):
    with pytest.raises(Refused) as refusal:
        check_status(data, before=before, today=TODAY)
    return refusal.value.field


@given(st.integers(-4_000, 4_000))
def test_a_statement_is_about_today_or_the_past(ahead):
    data = said(Status.IN_PROGRESS, as_of=TODAY + timedelta(days=ahead))
    if ahead > 0:
        assert refused_field(data) == "as_of"
    else:
        check_status(data, before=None, today=TODAY)


@pytest.mark.parametrize("status", Status)
def test_bad_news_comes_with_its_cause_and_good_news_needs_none(status):
    check_status(said(status, cause_it="Gara deserta"), before=None, today=TODAY)
    if status in (Status.CRITICAL, Status.CHANGED, Status.WITHDRAWN):
        assert status in NEEDS_CAUSE
        assert refused_field(said(status)) == "cause_it"
    else:
        check_status(said(status), before=None, today=TODAY)


ROAD = (Status.NOT_STARTED, Status.PLANNED, Status.IN_PROGRESS, Status.COMPLETED)


@given(st.sampled_from(Status), st.sampled_from(Status))
def test_an_action_goes_back_only_with_an_explanation(before, after):
    assume(after not in NEEDS_CAUSE)
    back = before in ROAD and after in ROAD and ROAD.index(after) < ROAD.index(before)
    check_status(said(after, note_it="Il cantiere è fermo"), before=before, today=TODAY)
    if back:
        assert refused_field(said(after), before=before) == "note_it"
    else:
        check_status(said(after), before=before, today=TODAY)


def test_every_status_has_a_name_and_a_meaning_and_no_two_share_them():
    assert set(STATUSES) == set(Status)
    for told in ("label", "meaning"):
        words = [getattr(look, told) for look in STATUSES.values()]
        assert all(words)
        assert len(set(words)) == len(words)
