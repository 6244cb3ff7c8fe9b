"""Registration: who is confirmed by the national record, and what the practice's own record makes of it."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from simulator.domain.national_record import NationalRecord, confirms
from simulator.domain.organization import Address
from simulator.domain.patient import Contact, Patient
from simulator.domain.refusals import (
    BadRequest,
    DuplicateRejected,
    InvalidNhsNumber,
    InvalidPatientDemographics,
    Refusal,
)
from simulator.domain.registration import (
    Registration,
    check_national_record,
    check_nhs_number,
    may_verify,
    register,
)

ADA = "9876543210"
BORN = date(1980, 2, 3)
TODAY = date(2026, 3, 16)
HOME = Address(("1 Mill Lane",), "Leeds", "West Yorkshire", "ZZ99 1AA")
RECORD = NationalRecord(ADA, "Ms", "Ada", "Lark", "female", BORN, HOME, "01632 960001", "Z90001")
SENT = Registration(
    nhs_number=ADA, prefix=None, given=("Ada",), family="Lark", birth_date=BORN, gender=None, address=None,
    phone=None, work_phone=None, mobile=None, email=None, email_use="home", language=None,
    interpreter_required=False,
    temporary_address=None, temporary_phone=None,
)  # fmt: skip
LOCAL = Patient(
    7, 1, ADA, "Ms", "Ada", "Lark", "female", BORN, HOME, None, None, None,
    preferred_location_id=2, usual_practitioner_id=3, contact=Contact("Mother", "Eve", "Lark", "1"),
    active=False, version=4,
)  # fmt: skip


@pytest.mark.parametrize(
    ("given", "family", "born", "verified"),
    [
        ("Ada", "Lark", BORN, True),
        ("Zoe", "Wren", BORN, True),
        ("Ada", "Lark", date(1980, 2, 4), True),
        ("Ada", "Lark", date(1980, 3, 3), True),
        ("Ada", "Lark", date(1981, 2, 3), True),
        ("anna", "LARKSPUR", date(1981, 2, 3), True),
        ("Ada", "La", date(1981, 2, 3), False),
        ("Zoe", "Lark", date(1980, 2, 4), False),
        ("Ada", "Wren", date(1980, 2, 4), False),
        ("Ada", "Lark", date(1980, 3, 4), False),
        ("Ada", "Lark", date(1981, 3, 3), False),
        ("Ada", "Lark", date(1901, 1, 1), False),
    ],
)
def test_the_same_birth_date_confirms_or_two_parts_of_it_with_the_names(
    given: str, family: str, born: date, verified: bool
) -> None:
    assert confirms(RECORD, given, family, born) is verified


@pytest.mark.parametrize("number", ["", "987654321", "9876543211", "98765432100", "98765A3210"])
def test_a_number_that_is_none_is_refused(number: str) -> None:
    with pytest.raises(InvalidNhsNumber, match="ten digits"):
        check_nhs_number(replace(SENT, nhs_number=number))
    check_nhs_number(SENT)


FLAGS: list[tuple[dict[str, Any], type[Refusal]]] = [
    ({"invalid": True}, InvalidNhsNumber),
    ({"superseded_by": "9434765919"}, InvalidNhsNumber),
    ({"birth_date": date(1901, 1, 1)}, InvalidPatientDemographics),
    ({"deceased_on": TODAY}, InvalidPatientDemographics),
    ({"sensitive": True}, InvalidPatientDemographics),
    ({"family": "Larkin"}, BadRequest),
]


def test_flags_of_the_number_come_first_then_verification_then_death_secrecy_and_family() -> None:
    changes: dict[str, Any] = {}
    for change, refusal in reversed(FLAGS):
        changes |= change
        with pytest.raises(refusal):
            check_national_record(SENT, RECORD._replace(**changes))
    assert check_national_record(SENT, RECORD) is RECORD


def test_who_is_not_on_the_national_record_is_refused() -> None:
    with pytest.raises(InvalidPatientDemographics, match="not on the national record"):
        check_national_record(SENT, None)


@pytest.mark.parametrize("family", ["lark", "LARK", " Lark "])
def test_case_and_white_space_do_not_make_another_family(family: str) -> None:
    assert check_national_record(replace(SENT, family=family), RECORD) is RECORD


@pytest.mark.parametrize("change", [change for change, refusal in FLAGS if refusal is not BadRequest])
def test_a_flag_keeps_a_number_from_being_verified(change: dict[str, Any]) -> None:
    assert may_verify(LOCAL, RECORD)
    assert not may_verify(LOCAL, RECORD._replace(**change))
    assert not may_verify(LOCAL, None)


def test_a_new_patient_is_temporary_and_topped_up_from_the_national_record() -> None:
    patient = register(SENT, RECORD, None, 1, TODAY)
    assert (patient.id, patient.version, patient.active, patient.verified) == (0, 1, True, True)
    assert (patient.registration_type, patient.registered_on) == ("T", TODAY)
    assert patient.registered_until == date(2026, 6, 15)
    assert (patient.prefix, patient.gender, patient.address) == ("Ms", "female", HOME)
    assert patient.phone == "01632 960001"
    assert (patient.contact, patient.preferred_location_id) == (None, None)


def test_what_was_sent_is_kept() -> None:
    elsewhere = HOME._replace(city="York")
    sent = replace(
        SENT, prefix="Dr", given=("Ada", "Beth"), birth_date=date(1980, 2, 4), gender="other",
        address=elsewhere, phone="1", work_phone="2", mobile="3", email="a@b.org", language="de",
        interpreter_required=True, temporary_address=HOME, temporary_phone="4",
    )  # fmt: skip
    patient = register(sent, RECORD, None, 1, TODAY)
    assert (patient.prefix, patient.given, patient.other_given) == ("Dr", "Ada", ("Beth",))
    assert (patient.birth_date, patient.gender, patient.address) == (date(1980, 2, 4), "other", elsewhere)
    assert (patient.phone, patient.work_phone, patient.mobile) == ("1", "2", "3")
    assert (patient.email, patient.language, patient.interpreter_required) == ("a@b.org", "de", True)
    assert (patient.temporary_address, patient.temporary_phone) == (HOME, "4")


def test_a_lapsed_patient_keeps_id_and_what_only_the_practice_knows() -> None:
    patient = register(SENT, RECORD, LOCAL, 1, TODAY)
    assert (patient.id, patient.version, patient.active, patient.registration_type) == (7, 5, True, "T")
    assert (patient.preferred_location_id, patient.usual_practitioner_id) == (2, 3)
    assert patient.contact == LOCAL.contact


def test_what_nobody_sent_of_a_lapsed_patient_is_the_national_record_s_before_the_practice_s() -> None:
    old: dict[str, Any] = {"prefix": "Dr", "gender": "other", "phone": "1", "mobile": "3", "email": "a@b.org"}
    held = LOCAL._replace(
        **old,
        email_use="temp",
        address=HOME._replace(city="York"),
        work_phone="2",
        language="de",
        interpreter_required=True,
    )
    new: dict[str, Any] = {
        "prefix": "Mx",
        "gender": "female",
        "phone": "4",
        "mobile": "5",
        "email": "c@d.org",
    }

    patient = register(SENT, RECORD._replace(**new, address=HOME), held, 1, TODAY)
    assert {name: getattr(patient, name) for name in new} == new
    assert patient.email_use == "home"
    assert patient.address == HOME

    nothing: dict[str, Any] = dict.fromkeys(new)
    patient = register(SENT, RECORD._replace(**nothing, address=None), held, 1, TODAY)
    assert {name: getattr(patient, name) for name in old} == old
    assert patient.email_use == "temp"
    assert patient.address == HOME._replace(city="York")

    assert (patient.work_phone, patient.language, patient.interpreter_required) == ("2", "de", True)


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"active": True}, DuplicateRejected),
        ({"active": True, "registration_type": "T"}, DuplicateRejected),
        ({"active": True, "deceased_on": TODAY}, InvalidPatientDemographics),
        ({"deceased_on": TODAY}, InvalidPatientDemographics),
        ({"verified": False, "birth_date": date(1901, 1, 1)}, InvalidPatientDemographics),
        ({"verified": False, "active": True}, DuplicateRejected),
    ],
    ids=["active", "temporary", "active and deceased", "deceased", "never confirmed", "never verified"],
)
def test_the_practice_s_own_record_may_halt_a_registration(
    change: dict[str, Any], refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal, match=ADA):
        register(SENT, RECORD, LOCAL._replace(**change), 1, TODAY)


def test_a_lapsed_patient_whom_the_record_confirms_is_verified_with_it() -> None:
    assert register(SENT, RECORD, LOCAL._replace(verified=False), 1, TODAY).verified
