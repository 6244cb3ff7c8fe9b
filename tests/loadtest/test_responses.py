from dataclasses import replace
from datetime import date
from typing import Any

import orjson
import pytest

from loadtest.audit_token import EndUser
from loadtest.consumer import Address, Consumer, Request
from loadtest.ledger import FIRST_LOOK, AppointmentSeen, Operation
from loadtest.operation import operation_of, present
from loadtest.practices import read_practices
from loadtest.responses import (
    Exchange,
    Response,
    SearchSeen,
    SlotIdReader,
    digest_of,
    operation,
    outcome_of,
)
from tests.loadtest.fake_provider import practices

(PRACTICE,) = read_practices(orjson.dumps(practices()), "test")
CONSUMER = Consumer(PRACTICE, Address(), EndUser("u-1"))
APPOINTMENT = {
    "resourceType": "Appointment",
    "id": "901",
    "meta": {"versionId": "2"},
    "status": "booked",
    "slot": [{"reference": "Slot/12"}, {"reference": "Slot/13"}],
    "participant": [{"actor": {"reference": "Location/1"}}, {"actor": {"reference": "Patient/77"}}],
}
SEEN = AppointmentSeen("901", "booked", "2", ("12", "13"), "77")


def _shown(*ids: str) -> SearchSeen:
    return SearchSeen(ids, ())


def _recorded(request: Request, response: Response) -> Operation:
    return operation(Exchange(request, response, "1-0", "booking", 100, 200), SlotIdReader())


def _search() -> Request:
    return CONSUMER.search_for_free_slots(date(2030, 6, 4), date(2030, 6, 18))


def _bundle(*ids: str, swapped: bool = False) -> bytes:
    keys = [("resourceType", "Slot"), ("id", "")]
    resources: list[dict[str, Any]] = []
    for identifier in ids:
        pairs = [(key, value or identifier) for key, value in (reversed(keys) if swapped else keys)]
        resources.append(dict(pairs))
    entries = [{"resource": resource} for resource in resources]
    return orjson.dumps(
        {"resourceType": "Bundle", "entry": entries} if entries else {"resourceType": "Bundle"}
    )


@pytest.mark.parametrize(
    ("response", "outcome"),
    [
        (Response(200), "ok"),
        (Response(201), "ok"),
        (Response(400), "refused"),
        (Response(409), "refused"),
        (Response(501), "refused"),
        (Response(500), "unknown"),
        (Response(503), "unknown"),
        (Response(302), "unknown"),
        (Response(0, error="timeout"), "unknown"),
        (Response(200, error="connection reset"), "unknown"),
    ],
)
def test_an_outcome_is_known_only_from_a_definite_answer(response: Response, outcome: str) -> None:
    assert outcome_of(response) == outcome


def test_a_refusal_is_recorded_with_its_spine_code() -> None:
    body = orjson.dumps({"issue": [{"details": {"coding": [{"code": "DUPLICATE_REJECTED"}]}}]})
    record = _recorded(CONSUMER.read_appointment("901"), Response(409, body))

    assert (record.outcome, record.status, record.code) == ("refused", 409, "DUPLICATE_REJECTED")
    assert record.bytes == len(body)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"issue": []}'])
def test_a_refusal_without_an_operation_outcome_has_no_code(body: bytes) -> None:
    assert _recorded(CONSUMER.read_appointment("901"), Response(404, body)).code is None


@pytest.mark.parametrize(
    ("diagnostics", "reason"),
    [
        ("Appointment.slot: names a slot twice", "Appointment.slot: names a slot twice"),
        (" over\n two  lines ", "over two lines"),
        ("x" * 300, "x" * 237 + "..."),
        ("", None),
        (7, None),
    ],
)
def test_a_refusal_is_recorded_with_its_reason(diagnostics: object, reason: str | None) -> None:
    body = orjson.dumps({"resourceType": "OperationOutcome", "issue": [{"diagnostics": diagnostics}]})

    assert _recorded(_search(), Response(422, body)).reason == reason
    assert _recorded(_search(), Response(502, body)).reason == reason
    assert operation_of(present(_recorded(_search(), Response(422, body)))).reason == reason


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"{}", b'{"issue": []}', b'{"issue": ["x"]}', b'{"issue": {}}']
)
def test_a_refusal_that_gives_no_reason_has_none(body: bytes) -> None:
    assert _recorded(_search(), Response(422, body)).reason is None


def test_that_a_slot_is_taken_is_no_reason_to_keep_a_million_times() -> None:
    issue = {"details": {"coding": [{"code": "DUPLICATE_REJECTED"}]}, "diagnostics": "Slot/12 is taken"}

    recorded = _recorded(_search(), Response(409, orjson.dumps({"issue": [issue]})))

    assert (recorded.code, recorded.reason) == ("DUPLICATE_REJECTED", None)


def test_a_booking_is_recorded_with_the_appointment_it_made() -> None:
    record = _recorded(CONSUMER.read_appointment("901"), Response(200, orjson.dumps(APPOINTMENT)))

    assert (record.appointment, record.version, record.slots, record.patient) == (
        "901",
        "2",
        ("12", "13"),
        "77",
    )
    assert record.appointments == (replace(SEEN, digest=digest_of(APPOINTMENT)),)


def test_retrieved_appointments_are_all_recorded() -> None:
    request = CONSUMER.retrieve_patient_appointments("77", date(2030, 6, 4), date(2030, 7, 1))
    body = orjson.dumps(
        {
            "resourceType": "Bundle",
            "entry": [{"resource": APPOINTMENT}, {"resource": APPOINTMENT | {"id": "902"}}],
        }
    )
    record = _recorded(request, Response(200, body))

    assert [seen.id for seen in record.appointments] == ["901", "902"]
    assert [seen.digest for seen in record.appointments] == [None, None]
    assert (record.appointment, record.slots, record.patient) == (None, (), "77")


def test_a_search_is_recorded_with_every_slot_it_showed_and_its_window() -> None:
    record = _recorded(_search(), Response(200, _bundle("1", "2")))

    assert (record.seen, record.window) == (("1", "2"), ("2030-06-04", "2030-06-18"))
    assert record.duplicates == ()


def test_the_first_look_records_the_schedule_and_start_of_every_slot() -> None:
    start = "2030-06-04T09:00:00+01:00"
    slot = {"resourceType": "Slot", "id": "1", "schedule": {"reference": "Schedule/4"}, "start": start}
    body = orjson.dumps({"resourceType": "Bundle", "entry": [{"resource": slot}]})
    looked = Exchange(_search(), Response(200, body), "s", FIRST_LOOK, 1, 2)

    assert operation(looked, SlotIdReader()).places == (("Schedule/4", start),)
    assert _recorded(_search(), Response(200, body)).places == (), "the load would pay for it"


def test_an_id_that_stands_twice_in_a_bundle_is_noted() -> None:
    assert _recorded(_search(), Response(200, _bundle("1", "2", "1"))).duplicates == ("Slot/1",)


def test_an_id_that_stands_twice_is_noted_in_a_body_that_was_only_scanned() -> None:
    reader = SlotIdReader(every=10)
    reader.read("A", _bundle("1"))

    assert reader.read("A", _bundle("1", "2", "1", "2")[:-1]) == (("1", "2", "1", "2"), ("Slot/1", "Slot/2"))


def test_in_a_parsed_bundle_every_resource_is_looked_at_and_those_without_id_are_not_alike() -> None:
    entries = [
        {"resource": {"resourceType": kind, "id": identifier} if identifier else {"resourceType": kind}}
        for kind, identifier in [
            ("Slot", "1"), ("Location", "1"), ("Location", "2"), ("Location", "1"),
            ("OperationOutcome", ""), ("OperationOutcome", ""),
        ]
    ]  # fmt: skip
    record = _recorded(_search(), Response(200, orjson.dumps({"resourceType": "Bundle", "entry": entries})))

    assert (record.seen, record.duplicates) == (("1",), ("Location/1",))


def test_an_appointment_that_stands_twice_among_those_retrieved_is_noted() -> None:
    request = CONSUMER.retrieve_patient_appointments("77", date(2030, 6, 4), date(2030, 7, 1))
    entries = [{"resource": APPOINTMENT}, {"resource": APPOINTMENT}]
    record = _recorded(request, Response(200, orjson.dumps({"resourceType": "Bundle", "entry": entries})))

    assert record.duplicates == ("Appointment/901",)


def test_a_digest_stands_for_the_content_and_not_for_the_order_of_its_keys() -> None:
    turned = dict(reversed(APPOINTMENT.items()))
    assert list(turned) != list(APPOINTMENT)
    assert digest_of(turned) == digest_of(APPOINTMENT)
    assert digest_of(APPOINTMENT | {"comment": "Brings a translator"}) != digest_of(APPOINTMENT)
    assert len(digest_of(APPOINTMENT)) == 12


def test_the_answer_to_a_booking_an_amendment_and_a_read_have_one_digest_for_one_content() -> None:
    requests = [
        CONSUMER.read_appointment("901"),
        CONSUMER.amend_appointment(APPOINTMENT, "Brings a translator"),
        CONSUMER.cancel_appointment(APPOINTMENT, "No longer needed"),
    ]
    records = [_recorded(request, Response(200, orjson.dumps(APPOINTMENT))) for request in requests]
    assert {seen.digest for record in records for seen in record.appointments} == {digest_of(APPOINTMENT)}


def test_a_version_that_is_a_number_is_a_text_in_the_ledger() -> None:
    content = APPOINTMENT | {"meta": {"versionId": 7}}
    record = _recorded(CONSUMER.read_appointment("901"), Response(200, orjson.dumps(content)))
    assert record.version == "7"


@pytest.mark.parametrize("lacking", ["id", "slot"])
def test_an_appointment_that_is_not_whole_leaves_the_outcome_unknown(lacking: str) -> None:
    content = {**APPOINTMENT, "slot": [{}]} if lacking == "slot" else {"resourceType": "Appointment"}
    record = _recorded(CONSUMER.read_appointment("901"), Response(200, orjson.dumps(content)))
    assert (record.outcome, record.error) == ("unknown", "not a whole Appointment")


@pytest.mark.parametrize(
    "body",
    [
        b'{"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Slot"}}]}',
        b"not json",
        b"[1]",
        b'{"resourceType": "Patient"}',
    ],
)
def test_an_answer_that_cannot_be_read_leaves_the_outcome_unknown(body: bytes) -> None:
    searched = _recorded(_search(), Response(200, body))
    read = _recorded(CONSUMER.read_appointment("901"), Response(200, body))

    assert (searched.outcome, searched.error) == ("unknown", "not a bundle")
    assert (read.outcome, read.error) == ("unknown", "not an Appointment")


def test_bodies_that_scan_as_they_parse_are_scanned() -> None:
    reader = SlotIdReader(every=10)
    assert reader.read("A", _bundle("1", "2")) == _shown("1", "2")

    broken = _bundle("3", "4")[:-1]

    assert reader.read("A", broken) == _shown("3", "4"), "a parse would have failed"
    assert reader.read("B", broken) is None, "another practice has proved nothing yet"


def test_bodies_that_do_not_scan_are_parsed_every_time() -> None:
    reader = SlotIdReader(every=10)

    assert [reader.read("A", _bundle("1", "2", swapped=True)) for _ in range(3)] == [_shown("1", "2")] * 3


def test_a_share_of_the_scanned_bodies_is_still_parsed() -> None:
    reader = SlotIdReader(every=3)
    for _ in range(3):
        assert reader.read("A", _bundle("1")) == _shown("1")

    assert reader.read("A", _bundle("2", swapped=True)) == _shown("2"), "the fourth is parsed"
    assert reader.read("A", _bundle("3", swapped=True)) == _shown("3"), (
        "and scanning is over for this practice"
    )


def test_empty_searches_prove_nothing_about_scanning() -> None:
    reader = SlotIdReader(every=10)
    assert reader.read("A", _bundle()) == _shown()

    assert reader.read("A", _bundle("1", swapped=True)) == _shown("1")
