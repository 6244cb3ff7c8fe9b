"""The work that is measured: requests of a correct consumer to many practices, made before the clock runs.

Practice, window and filter change from request to request, and a booking follows every so many searches, so
that nothing which holds only between bookings can be kept.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import cycle, islice, product
from typing import Any

import orjson
from starlette.types import ASGIApp

from loadtest.appointments import Offer, offers_in
from loadtest.audit_token import EndUser
from loadtest.consumer import Address, Consumer, Request
from loadtest.practices import ConsumerOrganisation, Practice
from simulator.store.database import Store
from tests.bench.calls import Call, call_of
from tests.bench.in_process import bodies_in_process
from tests.bench.rates import BOOK, READ, SEARCH, SEARCH_GZIPPED

TWO_WEEKS = 14
SEARCHES_A_BOOKING = 20
FIRST_DAYS = range(1, 28)
USER = EndUser("bench")
OTHER_CALLER = ("Z88001", "gp-practice")
_UNLIMITED = (
    "select slots.id from slots join access_profiles on access_profiles.id = slots.access_profile_id"
    " where limit_per_organisation is null and slots.status = 'free'"
)
_APPOINTMENTS = (
    "select ods_code, appointments.id from appointments"
    " join organizations on organizations.id = organization_id"
    " where status = 'booked' and start > ? order by start, appointments.id"
)


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many requests of each kind one round has."""

    searches: int = 400
    reads: int = 1500
    bookings: int = 300


class Work:
    """The requests of a benchmark to the practices of a store, which an application in process serves."""

    def __init__(self, app: ASGIApp, store: Store, practices: Sequence[Practice], today: date) -> None:
        self._app, self._store, self._practices, self._today = app, store, practices, today
        unlimited = {str(slot) for (slot,) in store.connection.execute(_UNLIMITED)}
        self._fresh = self._bookings(unlimited)

    def calls(self, sizes: Sizes, now: int) -> dict[str, list[Call]]:
        """Return what to send, by kind of work; slots that one call books are booked by no other."""
        return {
            SEARCH: self._searches(sizes.searches, SEARCH),
            SEARCH_GZIPPED: self._searches(sizes.searches, SEARCH_GZIPPED, Accept_Encoding="gzip"),
            READ: list(islice(self._reads(now), sizes.reads)),
            BOOK: [call_of(BOOK, request) for request in islice(self._fresh, sizes.bookings)],
        }

    def _consumers(self, practice: Practice) -> tuple[tuple[Consumer, bool], ...]:
        """Return who searches: with both filters, another with both, with one, with none."""
        ours = practice.consumer
        callers = (
            (ours, True),
            (replace(ours, ods_code=OTHER_CALLER[0], organisation_type=OTHER_CALLER[1]), True),
            (replace(ours, organisation_type=None), True),
            (ours, False),
        )
        return tuple((_consumer(practice, caller), filtered) for caller, filtered in callers)

    def _searches(self, count: int, work: str, **headers: str) -> list[Call]:
        """Return searches of two weeks, with a booking after every so many."""
        consumers = [self._consumers(practice) for practice in self._practices]
        calls: list[Call] = []
        for number in range(count):
            consumer, filtered = consumers[number % len(consumers)][number // len(consumers) % 4]
            first = self._today + timedelta(days=FIRST_DAYS[number * 7 % len(FIRST_DAYS)])
            request = consumer.search_for_free_slots(first, first + timedelta(days=TWO_WEEKS))
            if not filtered:
                request = replace(request, url=request.url.partition("&searchFilter")[0])
            calls.append(call_of(work, request, **headers))
            if number % SEARCHES_A_BOOKING == SEARCHES_A_BOOKING - 1:
                calls.append(call_of(BOOK, next(self._fresh)))
        return calls

    def _reads(self, now: int) -> Iterator[Call]:
        consumers = {each.ods_code: _consumer(each, each.consumer) for each in self._practices}
        rows = self._store.connection.execute(_APPOINTMENTS, (now,)).fetchall()
        listed = [(ods_code, each) for ods_code, each in rows if ods_code in consumers]
        for ods_code, appointment in cycle(listed):
            yield call_of(READ, consumers[ods_code].read_appointment(str(appointment)))

    def _bookings(self, unlimited: set[str]) -> Iterator[Request]:
        """Yield bookings of fresh slots, practice after practice in turn."""
        offers = [list(self._offers(practice, unlimited)) for practice in self._practices]
        patients = [self._patients(practice) for practice in self._practices]
        most = max(len(each) for each in offers)
        for turn, number in product(range(most), range(len(self._practices))):
            if turn < len(offers[number]):
                practice = self._practices[number]
                patient = patients[number][turn % len(patients[number])]
                yield _consumer(practice, practice.consumer).book_appointment([offers[number][turn]], patient)

    def _offers(self, practice: Practice, unlimited: set[str]) -> Iterator[Offer]:
        consumer = _consumer(practice, practice.consumer)
        first = self._today + timedelta(days=2)
        for start in (first, first + timedelta(days=15), first + timedelta(days=30)):
            bundle = self._ask(consumer.search_for_free_slots(start, start + timedelta(days=TWO_WEEKS)))
            yield from (offer for offer in offers_in(bundle) if offer.slot in unlimited)

    def _patients(self, practice: Practice) -> list[str]:
        consumer = _consumer(practice, practice.consumer)
        found = [self._ask(consumer.find_patient(number)) for number in practice.nhs_numbers[:20]]
        return [str(each["entry"][0]["resource"]["id"]) for each in found]

    def _ask(self, request: Request) -> dict[str, Any]:
        (body,) = bodies_in_process(self._app, [call_of("ask", request)])
        return dict(orjson.loads(body))


def _consumer(practice: Practice, caller: ConsumerOrganisation) -> Consumer:
    return Consumer(replace(practice, consumer=caller), Address(), USER)
