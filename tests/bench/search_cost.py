"""What a search costs as it returns more slots, and as there are more slots that it does not return.

In process, of one practice whose diary is made to measure: of its own slots some are opened to everybody,
and rows are added that nobody is shown. Before each search a slot of its first day is booked and given back,
outside the clock: no answer can be kept whole, and what a booking makes the next search do is in its cost.
Between the two another practice is searched, for the processor's caches are then full of what booking needs,
and by chance more or less so.
"""

import statistics
from collections import defaultdict
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from starlette.types import ASGIApp

from loadtest.appointments import Offer
from simulator.store.database import Store
from tests.bench.calls import Call, call_of
from tests.bench.databases import LONGEST_SEARCH_DAYS, Database
from tests.bench.in_process import bodies_in_process, rate_in_process
from tests.bench.rates import BOOK, SEARCH
from tests.bench.results import Amount, Curve, Findings
from tests.bench.sides import slots_in
from tests.bench.targets import FLAT, STRAIGHT
from tests.bench.workloads import Work, consumer_of

RETURNED = "slots returned"
PASSED_OVER = "slots not returned"
SEARCHES_ELSEWHERE = 3
_OPEN_MORE = (
    "update slots set access_profile_id = (select access_profiles.id from access_profiles"
    "  join organizations on organizations.id = organization_id"
    "  where ods_code = :practice and organisation_types = '' and ods_codes = '' and window_days is null"
    "  and embargo_minutes = 0 and limit_per_organisation is null)"
    " where id in (select slots.id from slots join schedules on schedules.id = schedule_id"
    "  join organizations on organizations.id = organization_id"
    "  where ods_code = :practice and status = 'free' and slots.id % 100 < :number)"
)
_ADD_UNSEEN = (
    "insert into slots (schedule_id, start, minutes, status, slot_type_id, delivery_channel,"
    " access_profile_id, version)"
    " select schedule_id, slots.start, minutes, iif(copy.value % 2, 'busy', 'free'), slot_type_id,"
    "  delivery_channel, iif(copy.value % 2, access_profile_id, null), slots.version"
    " from slots join schedules on schedules.id = schedule_id"
    " join organizations on organizations.id = organization_id, json_each(:copies) copy"
    " where ods_code = :practice limit :number"
)

_COUNT = (
    "select count(*) from slots join schedules on schedules.id = schedule_id"
    " join organizations on organizations.id = organization_id where ods_code = ?"
)


@dataclass(frozen=True, slots=True)
class Extent:
    """How far the curves reach: free slots opened in a hundred, slots added unseen, sweeps of every size."""

    opened: int = 60
    unseen: tuple[int, ...] = (0, 10_000, 20_000, 30_000, 40_000, 50_000)
    sweeps: int = 250


def search_cost(database: Database, extent: Extent) -> Findings:
    """Return both curves, and whether the first is straight and the second flat."""
    returned, passed_over = _returned(database, extent), _passed_over(database, extent)
    intercept, slope, straight = straight_line(returned.points)
    least, most = passed_over.points[0][0], passed_over.points[-1][0]
    begins, rises, _ = straight_line(passed_over.points)
    flat = (begins + rises * most) / (begins + rises * least)
    return Findings(
        curves=(returned, passed_over),
        amounts=(
            Amount(
                "cost of a search",
                "over slots returned",
                round(straight, 4),
                "R² of a straight line",
                STRAIGHT,
                most=False,
                note=f"{intercept:.0f} µs and {slope:.2f} µs a slot",
            ),
            Amount(
                "cost of a search",
                "over slots not returned",
                round(flat, 3),
                "of the cost among the fewest",
                FLAT,
                note=f"{least:,.0f} to {most:,.0f} of them",
            ),
        ),
    )


class Subject:
    """A practice with a diary made to measure, of which searches are made."""

    def __init__(self, database: Database, app: ASGIApp, store: Store) -> None:
        self.practice = database.practices[0]
        self._app, self._store = app, store
        self._consumer = consumer_of(self.practice)
        self._work = Work(database, app, store, [self.practice])
        self._first = database.today + timedelta(days=2)
        elsewhere = consumer_of(database.practices[1]).search_for_free_slots(self._first, self._first)
        self._elsewhere = [call_of(SEARCH, elsewhere)] * SEARCHES_ELSEWHERE

    def change(self, statement: str, number: int) -> None:
        """Change the diary, before anything is asked of it; `number` is how much."""
        values = {"practice": self.practice.ods_code, "number": number, "copies": str(list(range(100)))}
        named = {name: value for name, value in values.items() if f":{name}" in statement}
        self._store.connection.execute("begin immediate")
        self._store.connection.execute(statement, named)
        self._store.connection.execute("commit")

    def cost(self, days: int) -> float:
        """Return the microseconds of a search of so many days, the first after a booking in them."""
        offer, patient = self._booked
        latest = self._work.latest_appointment()
        booking = self._consumer.book_appointment([offer], patient)
        rate_in_process(self._app, [call_of(BOOK, booking)])
        self._work.cancel_since(latest, [self.practice])
        rate_in_process(self._app, self._elsewhere)
        return rate_in_process(self._app, [self._search(days)]).microseconds

    def returned(self, days: int) -> int:
        """Return how many slots a search of so many days returns."""
        return slots_in(bodies_in_process(self._app, [self._search(days)])[0])

    def slots(self) -> int:
        """Return how many slots the diary has."""
        ((number,),) = self._store.connection.execute(_COUNT, (self.practice.ods_code,))
        return int(number)

    @cached_property
    def _booked(self) -> tuple[Offer, str]:
        return self._work.offers(self.practice)[0], self._work.patients(self.practice)[0]

    def _search(self, days: int) -> Call:
        last = self._first + timedelta(days=days - 1)
        return call_of(SEARCH, self._consumer.search_for_free_slots(self._first, last))


def _returned(database: Database, extent: Extent) -> Curve:
    """Measure searches of one day, two days, up to two weeks."""
    database.renew()
    with database.opened() as (app, store):
        subject = Subject(database, app, store)
        subject.change(_OPEN_MORE, extent.opened)
        costs: dict[int, list[float]] = defaultdict(list)
        for _ in range(extent.sweeps):
            for days in range(1, LONGEST_SEARCH_DAYS + 1):
                # A day without a surgery adds to a size that is there already.
                costs[subject.returned(days)].append(subject.cost(days))
    return Curve(RETURNED, tuple((float(slots), _quick(costs[slots])) for slots in sorted(costs)))


def _passed_over(database: Database, extent: Extent) -> Curve:
    """Measure searches of two weeks, with ever more slots around those that they return."""
    with ExitStack() as opened:
        costs: list[tuple[Subject, list[float]]] = []
        for number in extent.unseen:
            copy = Database(database.template, database.copy.with_name(f"unseen-{number}.db"))
            copy.renew()
            subject = Subject(copy, *opened.enter_context(copy.opened()))
            subject.change(_ADD_UNSEEN, number)
            costs.append((subject, []))
        for _ in range(extent.sweeps):
            for subject, found in costs:
                found.append(subject.cost(LONGEST_SEARCH_DAYS))
        points = [
            (float(subject.slots() - subject.returned(LONGEST_SEARCH_DAYS)), _quick(found))
            for subject, found in costs
        ]
    return Curve(PASSED_OVER, tuple(points))


def _quick(costs: Sequence[float]) -> float:
    """Return what a quarter of the costs are below: what else the machine did has only ever added to them."""
    return round(sorted(costs)[len(costs) // 4], 1)


def straight_line(points: Sequence[tuple[float, float]]) -> tuple[float, float, float]:
    """Return the line of least squares through points: where it begins, its slope, and R squared."""
    x, y = [point[0] for point in points], [point[1] for point in points]
    slope, intercept = statistics.linear_regression(x, y)
    return intercept, slope, statistics.correlation(x, y) ** 2
