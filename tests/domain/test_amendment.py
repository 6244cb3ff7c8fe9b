"""What comes back of an appointment is held against it: nearly all of it must be unchanged."""

import json
from typing import Any

import pytest

from simulator.domain.amendment import (
    Sent,
    amend,
    check_future,
    check_open,
    check_unchanged,
    check_version,
)
from simulator.domain.appointment import AppointmentStatus, BookingOrganisation, Participant
from simulator.domain.refusals import InvalidResource, Refusal, VersionConflict
from tests.domain.samples import APPOINTMENT, BOOKER, NOW, PARTICIPANTS, SENT, START


@pytest.mark.parametrize("if_match", [None, 'W/"3"', '  W/"3" '])
def test_the_current_version_or_none_passes(if_match: str | None) -> None:
    check_version(APPOINTMENT, if_match)


@pytest.mark.parametrize("if_match", ['W/"2"', 'W/"4"', '"3"', "3", "invalidEtag", "", "*"])
def test_any_other_version_is_a_conflict(if_match: str) -> None:
    with pytest.raises(VersionConflict, match='W/"3"'):
        check_version(APPOINTMENT, if_match)


@pytest.mark.parametrize("if_match", ['"3"', "3"])
def test_the_current_version_in_another_form_is_told_of_the_form(if_match: str) -> None:
    with pytest.raises(VersionConflict, match=r'not written as a weak ETag is; expected W/"3"$'):
        check_version(APPOINTMENT, if_match)


def test_who_cancels_by_amending_is_told_how_to_cancel() -> None:
    cancelled = SENT._replace(status=AppointmentStatus.CANCELLED)
    with pytest.raises(InvalidResource, match="to cancel, use interaction cancel_appointment"):
        amend(APPOINTMENT, cancelled, None, NOW)


def test_what_was_left_out_is_said_to_be_nothing() -> None:
    identified = APPOINTMENT._replace(identifiers=(("urn:x", "1"),))
    with pytest.raises(
        InvalidResource, match=r"identifier: nothing was sent, \[\('urn:x', '1'\)\] is stored"
    ):
        amend(identified, SENT, None, NOW)


def test_a_cancelled_appointment_cannot_change() -> None:
    with pytest.raises(InvalidResource, match="is cancelled"):
        check_open(APPOINTMENT._replace(status=AppointmentStatus.CANCELLED), NOW)


def test_an_appointment_that_has_begun_is_past() -> None:
    check_future(APPOINTMENT, START)
    with pytest.raises(InvalidResource, match="in the past"):
        check_future(APPOINTMENT, START + 1)


def test_description_and_comment_change_and_nothing_else() -> None:
    sent = SENT._replace(description="Ear better", comment=None)
    changed = amend(APPOINTMENT, sent, 'W/"3"', NOW + 60)
    assert changed == APPOINTMENT._replace(
        description="Ear better", comment=None, version=4, last_updated=NOW + 60
    )


@pytest.mark.parametrize(
    ("sent", "refusal"),
    [
        (SENT._replace(description=""), "description"),
        (SENT._replace(description=None), "description"),
        (SENT._replace(description="x" * 101), "101 characters"),
        (SENT._replace(comment="x" * 501), "501 characters"),
    ],
)
def test_texts_keep_their_rules_when_amended(sent: Sent, refusal: str) -> None:
    with pytest.raises(InvalidResource, match=refusal):
        amend(APPOINTMENT, sent, None, NOW)


@pytest.mark.parametrize(
    ("element", "change"),
    [
        ("id", {"id": "22"}),
        ("id", {"id": None}),
        ("status", {"status": "cancelled"}),
        ("extension\\(cancellationReason\\)", {"cancellation_reason": "No"}),
        ("start", {"start": START + 60}),
        ("end", {"end": START + 60}),
        ("created", {"created": NOW + 1}),
        ("slot", {"slot_ids": (11, 12)}),
        ("participant", {"participants": PARTICIPANTS[:2]}),
        ("participant", {"participants": (PARTICIPANTS[0]._replace(status="declined"), *PARTICIPANTS[1:])}),
        ("participant", {"participants": (PARTICIPANTS[0]._replace(required="required"), *PARTICIPANTS[1:])}),
        ("participant", {"participants": (PARTICIPANTS[0]._replace(type="[]"), *PARTICIPANTS[1:])}),
        ("contained", {"booking_organisation": None}),
        ("contained", {"booking_organisation": BOOKER._replace(resource='{"id":"org1","name":"Other"}')}),
        ("identifier", {"identifiers": (("urn:x", "1"),)}),
        ("priority", {"priority": 1}),
        ("extension\\(practitionerRole\\)", {"practitioner_roles": ("R0620",)}),
        ("extension\\(practitionerRole\\)", {"practitioner_roles": ("R0260", "R0620")}),
        ("extension\\(deliveryChannel\\)", {"delivery_channel": "Video"}),
        ("minutesDuration", {"minutes_duration": 11}),
    ],
)
def test_a_change_of_anything_else_is_refused_by_name(element: str, change: dict[str, Any]) -> None:
    with pytest.raises(
        InvalidResource, match=f"Appointment.{element}[^:]*: .*comment and description may change"
    ):
        amend(APPOINTMENT, SENT._replace(**change), None, NOW)


@pytest.mark.parametrize(
    "same",
    [
        {"created": None},
        {"participants": PARTICIPANTS[::-1]},
        {"practitioner_roles": ("R0260",), "delivery_channel": "In-person", "minutes_duration": 10},
        {"booking_organisation": BOOKER._replace(resource=BOOKER.resource.replace("org1", "org2"))},
        {
            "booking_organisation": BookingOrganisation(
                "Z9U01", None, '{"meta":{"versionId":"1"},"id":"org1","resourceType":"Organization"}'
            )
        },
    ],
)
def test_what_is_left_out_or_written_another_way_is_no_change(same: dict[str, Any]) -> None:
    assert amend(APPOINTMENT, SENT._replace(**same), None, NOW).version == 4


def test_a_practitioner_more_is_a_change() -> None:
    sent = SENT._replace(participants=(*PARTICIPANTS, Participant("Practitioner", 4)))
    with pytest.raises(Refusal, match="participant"):
        amend(APPOINTMENT, sent, None, NOW)


KEPT = {"id": "org1", "name": "Kelver Vale", "telecom": [{"system": "phone", "value": "01632 960500"}]}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"telecom": [{"system": "phone", "value": "0999"}]},
            "contained[0].telecom[0].value: '0999' was sent, '01632 960500' is stored",
        ),
        (
            {"telecom": [{"system": "phone", "value": "01632 960500", "use": "work"}]},
            "contained[0].telecom[0].use: 'work' was sent, nothing is stored",
        ),
        (
            {"telecom": [*KEPT["telecom"], {"system": "fax", "value": "1"}]},
            "contained[0].telecom: [{'system': 'phone', 'value': '01632 960500'}, {'system': 'fax', 'value'"
            ": '1'}] was sent, [{'system': 'phone', 'value': '01632 960500'}] is stored",
        ),
        ({"type": [{"text": "111"}]}, "contained[0].type: [{'text': '111'}] was sent, nothing is stored"),
    ],
)
def test_a_change_deep_inside_is_told_by_where_it_is(change: dict[str, Any], said: str) -> None:
    stored = APPOINTMENT._replace(booking_organisation=BOOKER._replace(resource=json.dumps(KEPT)))
    sent = SENT._replace(booking_organisation=BOOKER._replace(resource=json.dumps(KEPT | change)))
    with pytest.raises(InvalidResource) as refused:
        amend(stored, sent, None, NOW)
    assert refused.value.diagnostics.startswith(f"Appointment.{said};")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"participants": (PARTICIPANTS[0]._replace(status="declined"), *PARTICIPANTS[1:])},
            "participant: ['Patient/1 declined'] was sent, ['Patient/1 accepted'] is stored",
        ),
        (
            {"participants": PARTICIPANTS[:2]},
            "participant: nothing was sent, ['Practitioner/3 accepted'] is stored",
        ),
        (
            {"slot_ids": APPOINTMENT.slot_ids * 2},
            f"slot: {[f'Slot/{each}' for each in APPOINTMENT.slot_ids * 2]} was sent, ",
        ),
        ({"slot_ids": (13, *APPOINTMENT.slot_ids)}, "slot: ['Slot/13'] was sent, nothing is stored"),
    ],
)
def test_of_a_set_what_only_one_side_has_is_told(change: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidResource) as refused:
        amend(APPOINTMENT, SENT._replace(**change), None, NOW)
    assert refused.value.diagnostics.startswith(f"Appointment.{said}")
    assert "[0]" not in refused.value.diagnostics


def test_long_texts_that_begin_alike_are_told_apart_by_where_they_differ() -> None:
    stored = APPOINTMENT._replace(description="x" * 90 + " at nine")
    with pytest.raises(InvalidResource) as refused:
        check_unchanged(stored, SENT._replace(description="x" * 90 + " at ten"), frozenset())
    assert "'…xxxxxxxxxxxxxxxx at ten' was sent, '…xxxxxxxxxxxxxxxx at nine' is stored" in str(
        refused.value.diagnostics
    )
