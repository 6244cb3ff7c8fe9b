"""What the audit trail says of who was refused, and about whom."""

from collections.abc import Callable
from typing import Any

import pytest

from simulator.fhir import urls
from simulator.interactions.interaction import Format
from simulator.server import audit_trail
from simulator.server.audit_subjects import AUDITED, subjects
from simulator.server.claims import NOBODY, Asker, Claims
from tests.diary import Diary
from tests.practice_client import Json, PracticeClient


@pytest.fixture
def client(consumer_at: Callable[[str], PracticeClient], monkeypatch: pytest.MonkeyPatch) -> PracticeClient:
    """Return a consumer whose every request is recorded at once: a batch is one."""
    monkeypatch.setattr(audit_trail, "BATCH", 1)
    return consumer_at("2026-03-16T07:30:00+00:00")


@pytest.mark.parametrize("spoken", list(Format), ids=lambda spoken: spoken.name)
def test_a_refused_registration_names_the_nhs_number_sent(
    client: PracticeClient, diary: Diary, spoken: Format
) -> None:
    client.format = spoken
    patient = {"resourceType": "Patient", "identifier": [{"system": urls.NHS_NUMBER, "value": "9876543210"}]}
    parameter = [{"name": "registerPatient", "resource": patient}]
    response = client.send("register_patient", body={"resourceType": "Parameters", "parameter": parameter})
    assert response.status_code >= 400
    (event,) = diary.audited()
    assert event.record == "Patient/$gpc.registerpatient NHS number 9876543210"
    assert (event.patient_id, event.nhs_number) == ("", "9876543210")


@pytest.mark.parametrize("spoken", list(Format), ids=lambda spoken: spoken.name)
def test_a_refused_booking_names_patient_and_slots(
    client: PracticeClient, diary: Diary, spoken: Format
) -> None:
    client.format = spoken
    body = client.booking(client.free_slots()[0], patient_id="77") | {"slot": [{"reference": "Slot/999999"}]}
    assert client.book(body).status_code == 422
    event = diary.audited()[-1]
    assert (event.record, event.patient_id) == ("Appointment Patient/77 Slot/999999", "77")


@pytest.mark.parametrize(
    ("send", "patient_id", "nhs_number"),
    [
        ({"query": f"identifier={urls.NHS_NUMBER}|1234567890"}, "", "1234567890"),
        ({"query": f"identifier={urls.NHS_NUMBER}|{'9' * 5000}"}, "", "9" * 200),
        ({"query": "identifier=urn:other|1234567890"}, "", ""),
        (
            {"query": f"identifier={urls.NHS_NUMBER}|9990000018", "headers": {"Authorization": None}},
            "",
            "9990000018",
        ),
        ({"path": "/Patient/12/Nothing"}, "12", ""),
        ({"path": "/Patient/$nothing"}, "", ""),
        ({"path": f"/Patient/{'1' * 5000}"}, "1" * 200, ""),
        ({"path": "/Patients/12"}, "", ""),
    ],
    ids=lambda value: str(value)[:60],
)
def test_a_refused_query_says_whom_it_was_about(
    client: PracticeClient, diary: Diary, send: Json, patient_id: str, nhs_number: str
) -> None:
    assert client.send("find_patient", **send).status_code >= 400
    (event,) = diary.audited()
    assert (event.patient_id, event.nhs_number) == (patient_id, nhs_number)


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (b"", []),
        (b"{", []),
        (b'{"a": "https://x/Patient/7", "b": "Slot/2", "c": "Patient/7"', ["Patient/7", "Slot/2"]),
        (b'"Patient\\/7"', ["Patient/7"]),
        (b'"MyPatient/7" "_Slot/8" "x-Slot/9"', ["Slot/9"]),
        (b'"value":"9876543210" , "system":"https://fhir.nhs.uk/Id/nhs-number"', ["NHS number 9876543210"]),
        (b'"system": "phone", "value": "0163296050"', []),
        (b'"Patient/' + b"x" * 65 + b'"', []),
        (b"\xff\xfe<", []),
    ],
)
def test_whom_a_body_is_about_is_read_however_broken_it_is(body: bytes, named: list[str]) -> None:
    assert subjects(body) == named


def test_what_a_body_is_about_is_kept_cut_to_a_length(client: PracticeClient, diary: Diary) -> None:
    client.send("book_appointment", body={"slot": [f"Slot/{number}" for number in range(10_000)]})
    (event,) = diary.audited()
    assert event.record.startswith("Appointment Slot/0 Slot/1 ")
    assert len(event.record) == AUDITED


@pytest.mark.parametrize(
    "spoilt",
    [
        {"iat": 1, "exp": 301},
        {"reason_for_request": "secondaryuses"},
        {"requested_scope": "patient/*.*"},
        {"requested_scope": "patient/*.write"},
        {"iss": None},
    ],
    ids=str,
)
def test_a_refused_token_says_who_was_refused(client: PracticeClient, diary: Diary, spoilt: Json) -> None:
    claims = client.claims("organization/*.read") | spoilt
    assert client.send("read_metadata", claims=claims).status_code == 400
    (event,) = diary.audited()
    organisation = client.practice["consumer"]["ods_code"]
    assert (event.user_id, event.user_name, event.user_role) == ("user-1", "Ms Muriel Okafor", "UNK")
    assert (event.organisation, event.device) == (organisation, "Test consumer 1.0 desk-1")


@pytest.mark.parametrize("value", [None, 5, "x", [], [[]], {}, {"name": 5}, {"identifier": 5}, {"name": [5]}])
def test_claims_of_any_shape_say_who_asks_as_far_as_they_do(value: Any) -> None:
    claims = ("requesting_device", "requesting_organization", "requesting_practitioner")
    asker = Claims.read({"sub": "user-1", **dict.fromkeys(claims, value)}).asker
    assert asker == Asker("user-1", "", "", "", "", "")
    assert Claims.read({}).asker == NOBODY
