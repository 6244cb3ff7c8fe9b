import re
import sqlite3

from seed_data.practices import FIRST_SWITCHED_OFF, asid, ods_code, practice_name
from seed_data.reference import read_reference
from simulator.domain.ods_code import is_ods_code, is_practice_code


def test_ods_codes_are_well_formed_unlike_and_of_both_forms() -> None:
    codes = [ods_code(number) for number in range(1, 10_001)]
    assert len(set(codes)) == 10_000
    assert all(is_practice_code(code) for code in codes)
    assert all(re.fullmatch(r"Z9\d{4}", code) for code in codes[::2])
    assert all(re.fullmatch(r"Z9[A-Z]\d[A-Z]", code) for code in codes[1::2])


def test_asids_have_twelve_digits_and_are_unlike() -> None:
    asids = {asid(number) for number in range(1, 10_001)}
    assert len(asids) == 10_000
    assert all(re.fullmatch(r"\d{12}", each) for each in asids)


def test_practice_names_are_unlike() -> None:
    reference = read_reference()
    names = [practice_name(number, reference) for number in range(1, 10_001)]
    names += [practice_name(number, reference) for number in range(FIRST_SWITCHED_OFF, 90_041)]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[A-Z][a-z]+( [A-Z][a-z]+){1,3}", name) for name in names)


def test_practices_are_registered_on_the_spine_and_have_a_main_surgery(demo: sqlite3.Connection) -> None:
    rows = demo.execute(
        "select organizations.ods_code, asid, party_key, organizations.name, locations.name, enabled,"
        " appointments_enabled, organization_id = organizations.id"
        " from organizations join locations on locations.id = main_location_id"
    ).fetchall()
    assert len(rows) == 6
    for code, _, party_key, name, surgery, enabled, appointments, own in rows:
        assert re.fullmatch(rf"{code}-8\d{{5}}", party_key)
        assert (name, enabled, appointments, own) == (surgery, int(code != "Z99001"), 1, 1)


def test_consumers_are_an_urgent_care_provider_first_and_a_neighbouring_practice(
    demo: sqlite3.Connection,
) -> None:
    rows = demo.execute("select asid, ods_code, organisation_type from consumers order by rowid").fetchall()
    assert [kind for *_, kind in rows] == ["urgent-care", "gp-practice"]
    practices = {code for (code,) in demo.execute("select ods_code from organizations")}
    asids = {code for (code,) in demo.execute("select asid from organizations")}
    for each, code, _ in rows:
        assert re.fullmatch(r"\d{12}", each)
        assert each not in asids
        assert is_ods_code(code)
        assert code not in practices


def test_some_practices_have_branches(crowd: sqlite3.Connection) -> None:
    numbers = {
        number for (number,) in crowd.execute("select count(*) from locations group by organization_id")
    }
    assert numbers == {1, 2, 3}
    used = crowd.execute("select count(distinct location_id) from schedules").fetchone()[0]
    assert used > 80
