"""As many people as practices have, and never more than there are NHS numbers."""

import re
import sqlite3
from dataclasses import replace

import pytest

from seed_data.headcount import refuse_beyond_range
from seed_data.profile import Profile, override, read_profile
from seed_data.reference import read_reference
from seed_data.refusals import SeedRefused

REFERENCE = read_reference()


def england(patients_made: float) -> Profile:
    profile = read_profile("england")
    assert profile.lists is not None
    return replace(profile, lists=replace(profile.lists, patients_made=patients_made))


def test_the_whole_country_has_numbers() -> None:
    refuse_beyond_range(read_profile("england"), REFERENCE)


def test_a_share_that_is_too_large_is_refused_and_the_one_that_is_named_fits() -> None:
    with pytest.raises(SeedRefused) as refusal:
        refuse_beyond_range(england(0.02), REFERENCE)
    said = re.fullmatch(
        r"a share of 0\.02 of the 62,\d{3},\d{3} patients of 6,000 practices: they need 1,24\d,\d{3} NHS"
        r" numbers, and the 999 range has 902,845 to give: ask for lists\.patients_made = (0\.01\d+) or less"
        r" in the profile, or for fewer --practices",
        str(refusal.value),
    )
    assert said
    refuse_beyond_range(england(float(said[1])), REFERENCE)
    with pytest.raises(SeedRefused):
        refuse_beyond_range(england(float(said[1]) + 0.0001), REFERENCE)


def test_the_last_patient_that_fits_is_allowed_and_one_more_is_refused() -> None:
    demo = read_profile("demo")
    refuse_beyond_range(override(demo, practices=6_000, patients=151), REFERENCE)
    with pytest.raises(SeedRefused) as refusal:
        refuse_beyond_range(override(demo, practices=6_000, patients=152), REFERENCE)
    assert str(refusal.value) == (
        "6,000 practices of 152 patients: they need 912,000 NHS numbers, and the 999 range has 909,025 to"
        " give: ask for --patients 151 or fewer (size.patients in the profile), or for fewer --practices"
    )


def test_patients_asked_for_go_before_the_share() -> None:
    with pytest.raises(SeedRefused, match="6,000 practices of 500 patients: they need 3,000,000"):
        refuse_beyond_range(override(read_profile("england"), patients=500), REFERENCE)
    refuse_beyond_range(override(england(1.0), patients=100), REFERENCE)


def test_everybody_who_gets_a_number_is_counted(demo: sqlite3.Connection) -> None:
    """909,090 there are; the demo's practices have 1,000 patients, and 65 people are apart from them."""
    (numbers,) = demo.execute(
        "select count(*) from (select nhs_number from patients union select nhs_number from national_record)"
    ).fetchone()
    assert numbers == 1_000 + 909_090 - 909_025
