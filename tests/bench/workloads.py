"""The work that is measured: requests of a correct consumer to many practices, made before the clock runs.

Practice, window and filter change from request to request, and a booking follows every so many searches, so
that nothing which holds only between bookings can be kept.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import cycle, islice, product
from random import Random
from typing import Any

import orjson
from starlette.types import ASGIApp

from loadtest.appointments import Offer
from loadtest.audit_token import EndUser
from loadtest.consumer import Address, Consumer, Request
from loadtest.practices import ConsumerOrganisation, Practice
from simulator.domain.availability import ROLES_ALLOWED
from simulator.domain.clock import start_of_day, uk_local
from simulator.store.database import Store
from tests.bench.calls import Call, call_of
from tests.bench.databases import LONGEST_SEARCH_DAYS, Database
from tests.bench.in_process import bodies_in_process
from tests.bench.rates import BOOK, READ, SEARCH, SEARCH_GZIPPED

TWO_WEEKS = timedelta(days=LONGEST_SEARCH_DAYS)
SEARCHES_A_BOOKING = 20
PATIENTS = 20
"""So many of a practice's patients make appointments."""

USERS = tuple(EndUser(f"bench-{number}") for number in range(8))
"""Who asks: as many people as the generator has connections, each of whom calls every practice."""

OTHER_CALLER = ("Z88001", "gp-practice")
_OPEN_TO_ALL = (
    "select slots.id, slots.start, minutes, schedules.id, schedules.location_id, schedules.practitioner_id,"
    " practitioner_role"
    " from organizations"
    " cross join access_profiles on access_profiles.organization_id = organizations.id"
    " cross join slots on slots.access_profile_id = access_profiles.id and status = 'free'"
    "  and slots.start > ?"
    " join schedules on schedules.id = schedule_id"
    " where ods_code = ? and organisation_types = '' and ods_codes = '' and window_days is null"
    " and embargo_minutes = 0 and limit_per_organisation is null order by slots.start, slots.id"
)
_PATIENTS = (
    "select patients.id from organizations"
    " cross join patients on patients.organization_id = organizations.id"
    " where ods_code = ? and nhs_number in (select value from json_each(?)) order by patients.id"
)
_APPOINTMENTS = (
    "select appointments.id from organizations"
    " cross join patients on patients.organization_id = organizations.id"
    " cross join appointments on patient_id = patients.id and start > ?"
    " where ods_code = ? and status = 'booked' order by start, appointments.id"
)
_BOOKED_SINCE = (
    "select ods_code, appointments.id from appointments"
    " join organizations on organizations.id = organization_id"
    " where appointments.id > ? and status = 'booked'"
)


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many requests of each kind one round has."""

    searches: int = 400
    reads: int = 1500
    bookings: int = 300


class Work:
    """The requests of a benchmark to practices of a database, which an application in process serves."""

    def __init__(self, database: Database, app: ASGIApp, store: Store, practices: Sequence[Practice]) -> None:
        self._database, self._app, self._store, self._practices = database, app, store, practices
        self.fresh = self._bookings()

    def calls(self, sizes: Sizes) -> dict[str, list[Call]]:
        """Return what to send, by kind of work; slots that one call books are booked by no other."""
        return {
            SEARCH: self.searches(sizes.searches),
            SEARCH_GZIPPED: self.searches(sizes.searches, SEARCH_GZIPPED, Accept_Encoding="gzip"),
            READ: self.reads(sizes.reads),
            BOOK: self.bookings(sizes.bookings),
        }

    def searches(self, count: int, work: str = SEARCH, **headers: str) -> list[Call]:
        """Return searches of two weeks, practice after practice, with a booking after every so many.

        Who asks for which windows and filters is by chance, and the same for the same count.
        """
        callers = [_callers(practice) for practice in self._practices]
        chance = Random(count)
        calls: list[Call] = []
        for number in range(count):
            caller, filtered = chance.choice(callers[number % len(callers)])
            consumer = consumer_of(self._practices[number % len(callers)], caller, chance.choice(USERS))
            first = self._database.today + timedelta(days=chance.choice(self._database.first_days))
            request = consumer.search_for_free_slots(first, first + TWO_WEEKS)
            if not filtered:
                request = replace(request, url=request.url.partition("&searchFilter")[0])
            calls.append(call_of(work, request, **headers))
            if number % SEARCHES_A_BOOKING == SEARCHES_A_BOOKING - 1:
                calls += self.bookings(1)
        return calls

    def reads(self, count: int) -> list[Call]:
        """Return reads of appointments, practice after practice, all of them in turn."""
        found = [(each, self._appointments(each)) for each in self._practices]
        most = max(len(ids) for _, ids in found)
        listed = [(each, ids[turn]) for turn, (each, ids) in product(range(most), found) if turn < len(ids)]
        chance = Random(count)
        return [
            call_of(READ, consumer_of(each, user=chance.choice(USERS)).read_appointment(str(id_)))
            for each, id_ in islice(cycle(listed), count)
        ]

    def bookings(self, count: int) -> list[Call]:
        """Return bookings of slots that no call before booked; fewer where there are no more."""
        return [call_of(BOOK, request) for request in islice(self.fresh, count)]

    def visits(self) -> list[Call]:
        """Return what visits every practice once: its diary looked through, one appointment read."""
        calls: list[Call] = []
        for practice in self._practices:
            consumer = consumer_of(practice)
            first = self._database.today
            while first <= self._database.last_day:
                calls.append(call_of(SEARCH, consumer.search_for_free_slots(first, first + TWO_WEEKS)))
                first += TWO_WEEKS
            calls += [
                call_of(READ, consumer.read_appointment(str(id_))) for id_ in self._appointments(practice)[:1]
            ]
        return calls

    def offers(self, practice: Practice) -> list[Offer]:
        """Return the free slots of a practice, from the day after tomorrow on, that anybody may book."""
        after = start_of_day(self._database.today + timedelta(days=2))
        rows = self._store.connection.execute(_OPEN_TO_ALL, (after, practice.ods_code))
        return [
            Offer(
                str(slot), uk_local(start), uk_local(start + minutes * 60), f"Schedule/{schedule}",
                f"Location/{location}", f"Practitioner/{practitioner}" if practitioner else None, "", "",
            )
            for slot, start, minutes, schedule, location, practitioner, role in rows
            if role in ROLES_ALLOWED
        ]  # fmt: skip

    def patients(self, practice: Practice) -> list[str]:
        """Return logical ids of patients of a practice."""
        numbers = json.dumps(practice.nhs_numbers[:PATIENTS])
        rows = self._store.connection.execute(_PATIENTS, (practice.ods_code, numbers))
        return [str(id_) for (id_,) in rows]

    def latest_appointment(self) -> int:
        """Return the id of the appointment that was made last."""
        ((latest,),) = self._store.connection.execute("select max(id) from appointments")
        return int(latest)

    def cancel_since(self, latest: int, practices: Sequence[Practice]) -> None:
        """Cancel every appointment made after the one of this id, so that its slots are free again."""
        by_code = {practice.ods_code: practice for practice in practices}
        rows = self._store.connection.execute(_BOOKED_SINCE, (latest,)).fetchall()
        consumers = [consumer_of(by_code[ods_code]) for ods_code, _ in rows]
        reads = [who.read_appointment(str(id_)) for who, (_, id_) in zip(consumers, rows, strict=True)]
        self._ask(
            who.cancel_appointment(read, "The benchmark goes on")
            for who, read in zip(consumers, self._ask(reads), strict=True)
        )

    def _appointments(self, practice: Practice) -> list[int]:
        now = self._database.clock.now()
        rows = self._store.connection.execute(_APPOINTMENTS, (now, practice.ods_code))
        return [id_ for (id_,) in rows]

    def _bookings(self) -> Iterator[Request]:
        """Yield bookings of fresh slots, practice after practice in turn; each is looked at when it comes."""
        each_practice = [self._bookings_at(practice) for practice in self._practices]
        while each_practice:
            for bookings in tuple(each_practice):
                request = next(bookings, None)
                if request:
                    yield request
                else:
                    each_practice.remove(bookings)

    def _bookings_at(self, practice: Practice) -> Iterator[Request]:
        consumers = cycle(consumer_of(practice, user=user) for user in USERS)
        patients = cycle(self.patients(practice))
        for offer, patient, consumer in zip(self.offers(practice), patients, consumers, strict=False):
            yield consumer.book_appointment([offer], patient)

    def _ask(self, requests: Iterable[Request]) -> list[dict[str, Any]]:
        bodies = bodies_in_process(self._app, [call_of("ask", request) for request in requests])
        return [orjson.loads(body) for body in bodies]


def consumer_of(
    practice: Practice, caller: ConsumerOrganisation | None = None, user: EndUser = USERS[0]
) -> Consumer:
    """Return a consumer of a practice that acts for its listed caller, or for another."""
    return Consumer(replace(practice, consumer=caller or practice.consumer), Address(), user)


def _callers(practice: Practice) -> tuple[tuple[ConsumerOrganisation, bool], ...]:
    """Return who searches: with both filters, another with both, with one, with none."""
    ours = practice.consumer
    return (
        (ours, True),
        (replace(ours, ods_code=OTHER_CALLER[0], organisation_type=OTHER_CALLER[1]), True),
        (replace(ours, organisation_type=None), True),
        (ours, False),
    )
