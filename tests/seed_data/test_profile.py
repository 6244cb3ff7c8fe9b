import sqlite3
from contextlib import closing
from datetime import date
from importlib import resources
from pathlib import Path

import pytest

from seed_data.profile import BOUNDS, override, profiles_known, read_profile
from seed_data.refusals import ProfileInvalid, SeedRefused
from seed_data.seeding import SeedOptions, seed

DEMO = resources.files("seed_data").joinpath("profiles", "demo.toml").read_text(encoding="utf-8")


def changed(tmp_path: Path, old: str, new: str) -> str:
    """Write the demo profile with one thing changed; return its path."""
    assert old in DEMO
    path = tmp_path / "mine.toml"
    path.write_text(DEMO.replace(old, new, 1), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("practices = 5", "practises = 5",
         "size.practises: unknown key, allowed here: practices, surgeries, practitioners, patients, days,"
         " unregistered, switched_off"),
        ("practices = 5", "practices = 'five'",
         "size.practices: got 'five', expected a whole number from 1 to 10,000"),
        ("practices = 5", "practices = true",
         "size.practices: got True, expected a whole number from 1 to 10,000"),
        ("days = 56 ", "days = 0 ", "size.days: got 0, expected a whole number from 1 to 1,100"),
        ("switched_off = 1 ", "switched_off = 41 ",
         "size.switched_off: got 41, expected a whole number from 0 to 40"),
        ('name = "NHS 111 only"', 'name = "Open to all"',
         "access[2].name: got 'Open to all', expected a name that no other access profile has"),
        ("days = 56 ", "", "size.days: missing, expected a whole number from 1 to 1,100"),
        ("surgeries = [1, 3] ", "surgeries = [3, 1] ",
         "size.surgeries: got [3, 1], expected [fewest, most], each a whole number from 1 to 10"),
        ("surgeries = [1, 3] ", "surgeries = 2 ",
         "size.surgeries: got 2, expected [fewest, most], each a whole number from 1 to 10"),
        ("filled = 0.9 ", "filled = 90 ", "bookings.filled: got 90, expected a share from 0 to 1"),
        ("[bookings] ", "[booking] ",
         "booking: unknown key, allowed here: title, seed, size, lists, bookings, consumers, access,"
         " daily_clinics, conformance"),
        ('title = "Five', 'title = Five"', "is not TOML: "),
        ('title = "Five practices, eight weeks"', 'title = ""', "title: got '', expected a text"),
        ('asid = "200000000115"', 'asid = "2000"', "consumers[1].asid: got '2000', expected twelve digits"),
        ('asid = "200000000115"', 'asid = "200000100001"',
         "consumers[1].asid: got '200000100001', expected twelve digits that do not begin with 2000001"),
        ('asid = "200000000116"', 'asid = "200000000115"',
         "consumers[2].asid: got '200000000115', expected an ASID that no other consumer has"),
        ('ods_code = "Z88001"', 'ods_code = "z88001"',
         "consumers[2].ods_code: got 'z88001', expected an ODS code:"
         " three to eight capital letters and digits"),
        ('organisation_type = "gp-practice"', 'organisation_type = "oncology"',
         "consumers[2].organisation_type: got 'oncology', expected gp-practice or urgent-care"),
        ('organisation_types = ["urgent-care"]', 'organisation_types = "urgent-care"',
         "access[2].organisation_types: got 'urgent-care', expected a list, each gp-practice or urgent-care"),
        ("window_days = 7", "window_weeks = 1",
         "access[4].window_weeks: unknown key, allowed here: name, slots_a_day, run, organisation_types,"
         " ods_codes, window_days, embargo_minutes, limit_per_organisation"),
        ("limit_per_organisation = 1", "limit_per_organisation = 0",
         "access[5].limit_per_organisation: got 0, expected a whole number from 1 to 1,000"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_profile_is_said_in_one_line(
    tmp_path: Path, old: str, new: str, line: str
) -> None:
    path = changed(tmp_path, old, new)
    with pytest.raises(ProfileInvalid) as refusal:
        read_profile(path)
    assert str(refusal.value).startswith(f"{path}: {line}")
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('title = "t"\nseed = 1\nsize = 3', "size: got 3, expected a table of keys"),
        ('title = "t"\nseed = 1', "size: missing, expected a table of keys"),
    ],
)
def test_a_table_that_is_none_is_refused(tmp_path: Path, text: str, line: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(ProfileInvalid) as refusal:
        read_profile(str(path))
    assert str(refusal.value) == f"{path}: {line}"


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ('first_slot = "09:00"', 'first_slot = "9:00"',
         "daily_clinics[1].first_slot: got '9:00', expected a time, hh:mm"),
        ("slots = 54 ", "slots = 91 ",
         "daily_clinics[1].slots: got 91, expected a whole number from 1 to 90"),
        ('minutes = 10\naccess = "Open to all"', 'minutes = 10\naccess = "Open"',
         "daily_clinics[1].access: got 'Open', expected Open to all or NHS 111 only or"
         " Neighbouring practice only or Embargoed clinic"),
        ('"patient1", case = "ordinary", contact = false', '"patient1", case = "ordinary", contact = "none"',
         "conformance.patients[1].contact: got 'none', expected true or false"),
        ('"patient9", case = "sensitive"', '"patient9", case = "secret"',
         "conformance.patients[9].case: got 'secret', expected ordinary or no_appointments or sensitive or"
         " superseded or not_on_national_record or deceased or inactive or nobody"),
        ('"patient3"', '"patient2"',
         "conformance.patients[3].key: got 'patient2', expected a key that no other entry has"),
        ('"practitioner1"', '"clinician1"',
         "conformance.practitioners[1].key: got 'clinician1', expected a text that begins with"
         " 'practitioner'"),
        ("role_profiles = 2", "role_profiles = 3",
         "conformance.practitioners[3].role_profiles: got 3, expected a whole number from 0 to 2"),
        ("unknown_organisation", "unknown", "conformance.unknown: unknown key, allowed here:"
         " requesting_organisation, unknown_organisation, patients, practitioners"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_conformance_profile_is_said_in_one_line(
    tmp_path: Path, old: str, new: str, line: str
) -> None:
    declared = read_profile("assurance").declaration
    assert old in declared
    path = tmp_path / "mine.toml"
    path.write_text(declared.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ProfileInvalid) as refusal:
        read_profile(str(path))
    assert str(refusal.value) == f"{path}: {line}"


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("days = 21 ", "patients = 150\ndays = 21 ",
         "size.patients: unknown key, allowed here: practices, surgeries, days, unregistered, switched_off"),
        ("patients_made = 0.014 ", "patients_made = 1.4 ",
         "lists.patients_made: got 1.4, expected a share from 0 to 1"),
        ("bookings_made = 0.2 ", "", "lists.bookings_made: missing, expected a share from 0 to 1"),
        ("patients_per_practitioner = 530 ", "patients_per_practitioner = 53 ",
         "lists.patients_per_practitioner: got 53, expected a whole number from 100 to 100,000"),
        ("per_patients = 3000", "per_patients = 3",
         "access[2].per_patients: got 3, expected a whole number from 100 to 100,000"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_profile_by_lists_is_said_in_one_line(
    tmp_path: Path, old: str, new: str, line: str
) -> None:
    declared = read_profile("england").declaration
    assert old in declared
    path = tmp_path / "mine.toml"
    path.write_text(declared.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ProfileInvalid) as refusal:
        read_profile(str(path))
    assert str(refusal.value) == f"{path}: {line}"


def test_slots_by_the_size_of_lists_need_lists(tmp_path: Path) -> None:
    path = changed(tmp_path, "slots_a_day = 3", "slots_a_day = 1\nper_patients = 3000")
    with pytest.raises(ProfileInvalid, match=r"access\[2\]\.per_patients: unknown key"):
        read_profile(path)


def test_numbers_asked_for_go_before_lists() -> None:
    size = override(read_profile("england"), practitioners=4, patients=9).size
    assert (size.practitioners, size.patients) == ((4, 4), 9)


def test_profile_of_no_access_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("access = []\n" + DEMO[: DEMO.index("# What each practice lets")])
    with pytest.raises(ProfileInvalid, match=r"access: got \[\], expected one or more \[\[access\]\] tables"):
        read_profile(str(path))


def test_unknown_profile_and_missing_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(
        ProfileInvalid,
        match=r"--profile: got 'nowhere', expected assurance, demo, england or the path of a \.toml file",
    ):
        read_profile("nowhere")
    with pytest.raises(ProfileInvalid, match=r"nowhere\.toml: cannot be read: No such file"):
        read_profile(str(tmp_path / "nowhere.toml"))
    (tmp_path / "latin.toml").write_bytes(b"title = '\xe9'")
    with pytest.raises(ProfileInvalid, match="cannot be read: is not UTF-8 text"):
        read_profile(str(tmp_path / "latin.toml"))


def test_every_profile_that_comes_along_can_be_read() -> None:
    assert "demo" in profiles_known()
    for name in profiles_known():
        assert read_profile(name).name == name


def test_a_profile_of_ones_own_is_seeded(tmp_path: Path) -> None:
    path = changed(tmp_path, "slots_a_day = 3", "slots_a_day = 0")
    summary = seed(
        tmp_path / "practices.db", SeedOptions(date(2026, 6, 1), path, practices=1, patients=5, days=7)
    )
    assert {kind.kind: kind.free + kind.booked for kind in summary.kinds}["NHS 111 only"] == 0
    with closing(sqlite3.connect(tmp_path / "practices.db")) as connection:
        about = dict(connection.execute("select key, value from about").fetchall())
    assert about["profile"] == path
    assert about["declaration"] == Path(path).read_text()


@pytest.mark.parametrize("name", sorted(BOUNDS.keys() - {"surgeries", "unregistered", "switched_off"}))
def test_number_out_of_bounds_is_refused(name: str) -> None:
    profile = read_profile("demo")
    first, last = BOUNDS[name]
    for number in (first - 1, last + 1):
        with pytest.raises(
            SeedRefused, match=f"--{name}: got {number}, expected a whole number from {first}"
        ):
            override(profile, **{name: number})


def test_what_is_not_asked_for_stays_the_profiles_own() -> None:
    profile = read_profile("demo")
    assert override(profile) == profile
    assert override(profile, practitioners=3).size.practitioners == (3, 3)
    assert override(profile, days=7).size.practices == profile.size.practices
