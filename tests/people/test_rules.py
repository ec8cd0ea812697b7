"""Pure rules of access: what a password must be, how long a session opens, when sign-in pauses."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civic.kernel.actor import ScopeKind
from civic.kernel.permissions import Permission
from civic.people import rules
from civic.web.guard import safe_next

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
ANNA = {"email": "anna.verdi@comune.prova.example", "name": "Anna Verdi"}


@pytest.mark.parametrize(
    "password", ["", "undici car.", "a" * 12, "abababababab", "annaverdi123", "Verdi1234567", "anna.verdi.12", "ab" * 100 + "c"]
)
def test_a_password_that_is_short_or_guessed_is_refused(password):
    assert rules.password_problem(password, **ANNA)


@pytest.mark.parametrize(
    "password", ["dodici caratt", "il gatto nero di Anna dorme", "correct horse battery", "Ω≈ç√∫˜µ≤≥÷åß", "123456789012"]
)
def test_any_long_phrase_is_a_password_with_no_recipe_of_symbols(password):
    assert rules.password_problem(password, **ANNA) is None


@given(st.integers(0, 15 * 60 * 60), st.integers(0, 15 * 60 * 60))
def test_a_session_opens_for_half_an_hour_of_silence_and_half_a_day_in_all(age, idle):
    idle = min(idle, age)
    is_open = rules.session_is_open(
        created_at=NOW - timedelta(seconds=age),
        last_seen_at=NOW - timedelta(seconds=idle),
        ends_at=NOW - timedelta(seconds=age) + rules.ABSOLUTE,
        now=NOW,
    )
    assert is_open == (idle < 30 * 60 and age < 12 * 60 * 60)


def test_a_session_from_the_future_opens_nothing():
    later = NOW + timedelta(minutes=1)
    assert not rules.session_is_open(created_at=later, last_seen_at=later, ends_at=later + rules.ABSOLUTE, now=NOW)


@given(st.integers(0, 20), st.integers(0, 60 * 60))
def test_sign_in_pauses_at_the_fifth_failure_and_only_for_a_quarter_of_an_hour(failures, seconds):
    blocked = rules.is_blocked(failures=failures, since=NOW - timedelta(seconds=seconds), now=NOW)
    assert blocked == (failures >= 5 and seconds < 15 * 60)


def test_every_role_holds_known_permissions_and_only_those_that_can_be_scoped_are_scoped():
    for name, role in rules.ROLES.items():
        assert role.permissions or name == "provider", "a partecipata's people enter the desk; what they do there comes with it"
        assert set(role.permissions) <= set(Permission)
        if role.scope is not ScopeKind.ALL:
            assert set(role.permissions) <= rules.SCOPED


NASTY = [
    None,
    "",
    "desk",
    "https://evil.example",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\/evil.example",
    "http:evil.example",
    "javascript:alert(1)",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r\nLocation: https://evil.example",
    "\x00/desk",
    "/desk\u202e",
    " /desk",
    "https:/evil.example",
]


@pytest.mark.parametrize("address", NASTY)
def test_an_address_of_another_site_leads_home(address):
    assert safe_next(address, "/casa") == "/casa"


@given(st.text())
def test_wherever_one_goes_on_to_is_a_path_of_this_site(address):
    onward = safe_next(address, "/casa")
    assert onward.startswith("/")
    assert not onward.startswith("//")
    assert "\\" not in onward
    assert onward.isprintable()
