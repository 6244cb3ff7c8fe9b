from datetime import date, timedelta

from seed_data.named_cases import LABELS
from simulator.domain.clock import DAY, start_of_day
from simulator.store.database import Store
from simulator.store.named_cases import NamedCase, named_cases

TODAY = date(2026, 3, 16)
NOW = start_of_day(TODAY)


def listed(store: Store, ods_code: str = "Z90001", days: int = 0) -> dict[str, NamedCase]:
    """Return a practice's cases by label, as they stand so many days later."""
    now = start_of_day(TODAY + timedelta(days=days))
    return {case.label: case for case in named_cases(store.connection, ods_code, now)}


def test_every_case_of_a_practice_is_listed_with_a_label_for_people(store: Store) -> None:
    cases = listed(store)
    assert set(cases) == set(LABELS.values()) - {"GP Connect is switched off"}
    assert {case.ods_code for case in cases.values()} == {"Z90001"}
    assert [case.what for case in cases.values()] == sorted(
        (case.what for case in cases.values()), key=["Practice", "Patient", "Person", "Schedule"].index
    )


def test_patient_is_told_by_nhs_number_and_name(store: Store) -> None:
    case = listed(store)["Deceased"]
    row = store.connection.execute(
        "select given, family, birth_date from patients where nhs_number = ? and deceased_on is not null",
        (case.identifier,),
    ).fetchone()
    assert (case.what, case.detail) == ("Patient", "{} {}, born {}".format(*row))


def test_person_is_of_the_national_record_and_no_patient(store: Store) -> None:
    case = listed(store)[LABELS["unregistered"]]
    count = "select count(*) from {} where nhs_number = ?"
    assert case.what == "Person"
    assert store.connection.execute(count.format("patients"), (case.identifier,)).fetchone() == (0,)
    assert store.connection.execute(count.format("national_record"), (case.identifier,)).fetchone() == (1,)
    assert ", born " in case.detail


def test_schedule_is_the_first_that_is_not_over(store: Store) -> None:
    for days in (0, 4, 9):
        case = listed(store, days=days)[LABELS["embargoed_clinic"]]
        (start,) = store.connection.execute(
            "select start from schedules where id = ?", (int(case.identifier),)
        ).fetchone()
        assert 0 <= start - start_of_day(TODAY + timedelta(days=days)) < 8 * DAY
        assert case.what == "Schedule"
        assert case.detail.startswith("Embargoed clinic, Dr ")


def test_after_the_last_schedule_the_last_one_is_told(store: Store) -> None:
    ids = store.connection.execute(
        "select value from about where key = 'named_schedule:Z90001:embargoed_clinic'"
    ).fetchone()[0]
    assert listed(store, days=400)[LABELS["embargoed_clinic"]].identifier == ids.split()[-1]


def test_practice_where_gp_connect_is_off_is_its_own_case(store: Store) -> None:
    (case,) = named_cases(store.connection, "Z99001", NOW)
    assert (case.label, case.what, case.identifier) == ("GP Connect is switched off", "Practice", "Z99001")
    assert case.detail == "Primrosefold House Surgery"


def test_practice_that_does_not_exist_has_no_cases(store: Store) -> None:
    assert named_cases(store.connection, "Z9000", NOW) == []
