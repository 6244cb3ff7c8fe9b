"""The mix that two writers are measured with: what is cancelled can be booked again."""

import orjson

from loadtest.appointments import Offer
from loadtest.audit_token import EndUser
from loadtest.practices import ConsumerOrganisation, Practice
from tests.bench.mixed_generator import CANCEL, Mix, Requests
from tests.bench.rates import BOOK, SEARCH

CALLER = ConsumerOrganisation("200000000115", "Z9U01", None)
PRACTICE = Practice("A20047", "Dr Legg", "http://127.0.0.1:8000/A20047/STU3/1/gpconnect", "1", CALLER, ())
OFFER = Offer(
    "12", "2026-03-16T09:00:00+00:00", "2026-03-16T09:10:00+00:00", "Schedule/3", None, None, "", ""
)
APPOINTMENT = {"id": "7", "meta": {"versionId": "1"}, "slot": [{"reference": "Slot/12"}], "status": "booked"}


def requests(*turns: str) -> Requests:
    return Requests(Mix(turns, (EndUser("one"),), (b"one search", b"another"), ((PRACTICE, OFFER, "5"),)))


def test_searches_are_sent_in_turn_and_again_from_the_start() -> None:
    asked = requests(SEARCH)
    assert [asked.next(0.0).wire for _ in range(3)] == [b"one search", b"another", b"one search"]


def test_what_is_booked_is_cancelled_and_then_booked_again() -> None:
    asked = requests(BOOK, CANCEL)
    booking = asked.next(1.5)
    assert (booking.kind, booking.expected, booking.meant) == (BOOK, 201, 1.5)
    assert booking.wire.startswith(b"POST /A20047/STU3/1/gpconnect/Appointment ")
    asked.answered(booking, orjson.dumps(APPOINTMENT))
    cancelling = asked.next(2.0)
    assert (cancelling.kind, cancelling.expected) == (CANCEL, 200)
    assert cancelling.wire.startswith(b"PUT /A20047/STU3/1/gpconnect/Appointment/7 ")
    asked.answered(cancelling, b"")
    assert asked.next(3.0).kind == BOOK


def test_an_offer_on_its_way_is_booked_by_nobody_else() -> None:
    asked = requests(BOOK)
    assert [asked.next(0.0).kind for _ in range(2)] == [BOOK, SEARCH]


def test_nothing_is_cancelled_before_a_booking_is_answered() -> None:
    asked = requests(BOOK, CANCEL)
    asked.next(0.0)
    assert asked.next(0.0).kind == SEARCH
