"""One rule says who may take part: independent of the way it is asked, and never by citizenship."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civic.kernel.actor import TrustLevel
from civic.kernel.errors import Refused
from civic.kernel.keys import keyed
from civic.people import residents
from civic.people.rules import Bond, BondKind, Channel, Checked, Hurdle, Participant, Requirement, counts_as_person, hurdles

levels = st.sampled_from(list(TrustLevel))
bonds = st.lists(
    st.builds(Bond, st.sampled_from(list(BondKind)), st.sampled_from(["Q1", "Q2"]), st.sampled_from(list(Checked))), max_size=4
).map(tuple)
people = st.builds(Participant, level=levels, over_14=st.sampled_from([None, True, False]), bonds=bonds)
asked = st.builds(
    Requirement,
    level=levels,
    bonds=st.frozensets(st.sampled_from(list(BondKind))),
    quartieri=st.frozensets(st.sampled_from(["Q1", "Q2"])),
    asks_age=st.booleans(),
    checks_residence=st.booleans(),
)


@given(asked, people)
def test_who_meets_every_condition_takes_part_and_nobody_else(requirement, who):
    """The same rule written the other way round: as one sentence, not as a list of hurdles."""
    inside = [b for b in who.bonds if not requirement.quartieri or b.quartiere in requirement.quartieri]
    may = (
        who.level >= requirement.level
        and (who.over_14 is True or not requirement.asks_age)
        and (not requirement.bonds or any(b.kind in requirement.bonds for b in inside))
        and (not requirement.checks_residence or any(b.kind is BondKind.LIVES and b.checked is not Checked.NO for b in inside))
    )
    assert (hurdles(requirement, who) == ()) == may


@given(asked, people)
def test_proving_more_never_takes_a_right_away(requirement, who):
    before = set(hurdles(requirement, who))
    better = Participant(level=TrustLevel.VERIFIED, over_14=True, bonds=(*who.bonds, Bond(BondKind.LIVES, "Q1", Checked.OFFICE)))
    assert set(hurdles(requirement, better)) <= before | {Hurdle.BOND, Hurdle.RESIDENCE} & before


def test_a_body_takes_part_only_where_bodies_are_meant_and_is_asked_no_age():
    body = Participant(ref="ente", level=TrustLevel.VERIFIED, is_body=True)
    assert hurdles(Requirement(), body) == (Hurdle.PERSONS_ONLY,)
    assert hurdles(Requirement(admits_bodies=True, checks_residence=True, bonds=frozenset(BondKind)), body) == ()


@pytest.mark.parametrize(("channel", "identified"), list(itertools.product(Channel, [True, False])))
def test_only_identified_persons_count_once_and_a_kiosk_never(channel, identified):
    assert counts_as_person(channel, identified=identified) == (identified and channel is not Channel.KIOSK)


# ---- the signed list of residents ------------------------------------------------------------------------------------

KEY, OTHER_KEY, PEPPER = b"k" * 32, b"o" * 32, b"p" * 32


def test_a_signed_list_comes_back_as_it_was_made_in_an_order_that_tells_nothing(tmp_path):
    (tmp_path / "registry.csv").write_text("codice_fiscale,quartiere,nome\nRSSMRA85C52Z999R,Q1,x\nBNCGNN53E04Z999L,Q2,y\n")
    lines = list(residents.read_registry(tmp_path / "registry.csv", pepper=PEPPER))
    text = residents.make_list(lines, signing_key=KEY, pepper=PEPPER)
    assert "RSSMRA" not in text
    read = residents.read_list(text, public_key=residents.public_half(KEY), pepper=PEPPER)
    assert read == sorted(lines)
    assert (keyed(PEPPER, "person", "RSSMRA85C52Z999R"), "Q1") in read


@pytest.mark.parametrize(
    "spoil",
    [
        lambda t: t.replace(",Q1", ",Q2"),
        lambda t: t.replace("a" * 64, "b" * 64),
        lambda t: t[: t.index("# signature")],
        lambda t: "",
        lambda t: t.replace("# signature ", "# signature x"),
    ],
)
def test_a_list_that_was_changed_or_not_signed_is_refused(spoil):
    text = residents.make_list([("a" * 64, "Q1")], signing_key=KEY, pepper=PEPPER)
    with pytest.raises(Refused, match="firma"):
        residents.read_list(spoil(text), public_key=residents.public_half(KEY), pepper=PEPPER)
    with pytest.raises(Refused, match="firma"):
        residents.read_list(text, public_key=residents.public_half(OTHER_KEY), pepper=PEPPER)


def test_a_wrong_codice_fiscale_in_the_registry_is_told_by_its_row_and_not_repeated(tmp_path):
    (tmp_path / "registry.csv").write_text("codice_fiscale,quartiere\nRSSMRA85C52Z999R,Q1\nRSSMRA85C52Z999X,Q1\n")
    with pytest.raises(Refused, match="Riga 3") as found:
        list(residents.read_registry(tmp_path / "registry.csv", pepper=PEPPER))
    assert "RSSMRA" not in str(found.value)


def test_a_list_made_with_another_pepper_is_refused_for_nobody_would_be_on_it():
    text = residents.make_list([("a" * 64, "Q1")], signing_key=KEY, pepper=OTHER_KEY)
    with pytest.raises(Refused, match="altra chiave"):
        residents.read_list(text, public_key=residents.public_half(KEY), pepper=PEPPER)


def test_a_registry_file_with_semicolons_is_read_and_one_with_a_person_twice_or_in_another_encoding_is_refused(tmp_path):
    path = tmp_path / "registry.csv"
    path.write_text("codice_fiscale;quartiere\nRSSMRA85C52Z999R;Q1\n")
    assert len(list(residents.read_registry(path, pepper=PEPPER))) == 1
    path.write_text("codice_fiscale,quartiere\nRSSMRA85C52Z999R,Q1\nrssmra85c52z999r,Q2\n")
    with pytest.raises(Refused, match="Riga 3"):
        list(residents.read_registry(path, pepper=PEPPER))
    path.write_bytes("codice_fiscale,quartiere,città\n".encode("latin-1"))
    with pytest.raises(Refused, match="UTF-8"):
        list(residents.read_registry(path, pepper=PEPPER))
