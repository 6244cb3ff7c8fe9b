from dataclasses import replace

from loadtest.appointments import Offer, adjacent_pairs, offers_in
from tests.loadtest.fake_provider import FakeProvider

NINE = Offer(
    "1",
    "2030-06-04T09:00:00+01:00",
    "2030-06-04T09:10:00+01:00",
    "Schedule/1",
    "Location/1",
    None,
    "GP",
    "Video",
)
TEN_PAST = replace(NINE, slot="2", start="2030-06-04T09:10:00+01:00", end="2030-06-04T09:20:00+01:00")


def test_an_offer_has_what_a_booking_of_it_must_carry() -> None:
    _, bundle = FakeProvider(slots=1).answer(
        "GET", "/x/gpconnect/Slot?start=ge2030-06-04&end=le2030-06-05", b""
    )

    assert offers_in(bundle) == [
        Offer(
            slot="0",
            start="2030-06-04T09:00:00+01:00",
            end="2030-06-04T09:10:00+01:00",
            schedule="Schedule/d0604-0",
            location="Location/L1",
            practitioner="Practitioner/P1",
            service_type="Consultation",
            delivery_channel="In-person",
        )
    ]


def test_an_empty_bundle_offers_nothing() -> None:
    assert offers_in({"resourceType": "Bundle"}) == []


def test_slots_that_touch_and_are_alike_may_be_booked_together_in_time_order() -> None:
    assert list(adjacent_pairs([TEN_PAST, NINE])) == [(NINE, TEN_PAST)]


def test_slots_with_a_gap_or_of_another_kind_may_not_be_booked_together() -> None:
    later = replace(TEN_PAST, start="2030-06-04T09:15:00+01:00")
    for other in (
        later,
        replace(TEN_PAST, schedule="Schedule/2"),
        replace(TEN_PAST, delivery_channel="Telephone"),
        replace(TEN_PAST, service_type="Nurse"),
    ):
        assert list(adjacent_pairs([NINE, other])) == []
