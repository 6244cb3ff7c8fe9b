"""One database, two worker processes that keep what they read of it, and a fresh one that has kept nothing.

A worker is an application on a connection of its own, so two of them in one process stand for two processes.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import httpx2

from simulator.application import create_app
from simulator.domain.availability import ROLES_ALLOWED
from simulator.domain.clock import Clock
from simulator.fhir import urls
from simulator.settings import Settings
from simulator.store.database import Store
from tests.conftest import NOW, TODAY
from tests.diary import CLOCKS_GO_FORWARD, QUIET_DAY, Diary
from tests.model.in_process import in_process
from tests.practice_client import Json, PracticeClient

LONDON = ZoneInfo("Europe/London")
TYPES, CODES = ("urgent-care", "gp-practice"), ("Z9U01", "Z9U02")
INCLUDES = (
    "_include:recurse=Schedule:actor:Practitioner",
    "_include:recurse=Schedule:actor:Location",
    "_include:recurse=Location:managingOrganization",
)


@dataclass(frozen=True)
class Search:
    """A search as it is sent, and as an independent reckoning needs it: instants, types and ODS codes."""

    query: str
    start: float
    end: float
    types: frozenset[str]
    codes: frozenset[str]


def a_search(chance: Random, today: date) -> Search:
    """Return any search: whole days or times within them, most of them around the Sundays that tests fill."""
    sundays = [date.fromisoformat(day) for day in (QUIET_DAY, CLOCKS_GO_FORWARD)]
    begin = chance.choice([today, *sundays, *sundays]) + timedelta(chance.choice([-1, 0, 0, 1]))
    period = chance.choice([0, 0, 0, 1, 1, 7, 12, 13])
    start, ge = _bound(chance, begin, upper=False)
    end, le = _bound(chance, begin + timedelta(period), upper=True)
    types = frozenset(chance.choice([(), (), TYPES[:1], TYPES]))
    codes = frozenset(chance.choice([(), CODES[:1], CODES[1:], CODES]))
    filters = [f"searchFilter={urls.ORGANISATION_TYPES}|{each}" for each in sorted(types)]
    filters += [f"searchFilter={urls.ODS_ORGANIZATION_CODE}|{each}" for each in sorted(codes)]
    includes = chance.choice([(), INCLUDES[:1], INCLUDES[1:], INCLUDES])
    fixed = f"status=free&_include=Slot:schedule&start=ge{ge}&end=le{le}"
    return Search("&".join([fixed, *filters, *includes]), start, end, types, codes)


def _bound(chance: Random, day: date, upper: bool) -> tuple[float, str]:
    if chance.random() < 0.5:
        midnight = datetime.combine(day + timedelta(1) if upper else day, time(), LONDON)
        return midnight.timestamp(), str(day)
    hour = chance.randint(12, 23) if upper else chance.randint(0, 11)
    # What the clocks leave out on the morning when they go forward is read as the hour after.
    moment = datetime.combine(day, time(hour, 10 * chance.randint(0, 5)), LONDON).timestamp()
    text = datetime.fromtimestamp(moment, LONDON).isoformat(timespec="seconds")
    return moment, text.replace("+", "%2B")


def bookable(connection: sqlite3.Connection, search: Search, now: int) -> list[str]:
    """Return the ids of the slots that the first practice has to show, reckoned row by row."""
    profiles = {row[0]: row for row in connection.execute("select * from access_profiles")}
    roles = dict(
        connection.execute("select id, practitioner_role from schedules where organization_id = 1").fetchall()
    )
    held: dict[tuple[int, int, str], int] = {}
    for schedule_id, profile_id, code in connection.execute(
        "select slots.schedule_id, slots.access_profile_id, booking_ods_code from appointments"
        " join appointment_slots on appointment_id = appointments.id and live = 1"
        " join slots on slots.id = slot_id where booking_ods_code is not null"
    ):
        held[schedule_id, profile_id, code] = held.get((schedule_id, profile_id, code), 0) + 1
    shown = []
    for slot_id, schedule_id, start, minutes, status, profile_id in connection.execute(
        "select id, schedule_id, start, minutes, status, access_profile_id from slots order by start, id"
    ):
        if status != "free" or profile_id is None or roles.get(schedule_id) not in ROLES_ALLOWED:
            continue
        _, _, _, types, codes, window_days, embargo, limit = profiles[profile_id]
        inside = search.start <= start and start + minutes * 60 <= search.end
        let_in = all(
            not wanted or sent & set(wanted.split("\n"))
            for wanted, sent in ((types, search.types), (codes, search.codes))
        )
        in_time = start > now + embargo * 60 and (window_days is None or start <= now + window_days * 86_400)
        may_hold_more = limit is None or all(
            held.get((schedule_id, profile_id, code), 0) < limit for code in search.codes
        )
        if inside and let_in and in_time and may_hold_more:
            shown.append(str(slot_id))
    return shown


def fill(diary: Diary) -> list[str]:
    """Write sessions of every kind of access on two Sundays, and return their slots."""
    kinds: list[Json] = [
        {}, {"types": TYPES[0]}, {"codes": CODES[0]}, {"types": TYPES[0], "codes": "\n".join(CODES)},
        {"limit": 1}, {"limit": 2}, {"embargo_minutes": 120}, {"window_days": 3},
    ]  # fmt: skip
    slots = []
    for day in (QUIET_DAY, CLOCKS_GO_FORWARD):
        shared = diary.schedule(day=day)
        for kind in [*kinds, {"limit": 0}] if day != QUIET_DAY else kinds:
            profile_id = diary.access_profile(**kind)
            own = diary.schedule(day=day)
            times = (("09:00", shared), ("09:10", shared), ("11:50", own), ("12:00", own), ("23:55", own))
            for at, schedule_id in times:
                slots.append(
                    diary.slot(f"{day}T{at}:00+00:00", schedule_id=schedule_id, profile_id=profile_id)
                )
        hidden = diary.schedule("R1110", day=day)
        slots.append(diary.slot(f"{day}T10:00:00+00:00", schedule_id=hidden))
    return slots


class TwoWorkers:
    """Two workers and whoever else writes, at a clock that can be put forward."""

    def __init__(self, path: Path) -> None:
        """Serve a database that is the test's own, from the moment when the tests' clock stands."""
        self.path = path
        self.time = NOW
        self.clock = Clock(wall=lambda: self.time)
        self.elsewhere = Store(path)
        self.diary = Diary(self.elsewhere.connection)
        self.slots = fill(self.diary)
        self._stores = [Store(path) for _ in range(2)]
        self.workers = [self._served(store) for store in self._stores]
        self._listed = self.workers[0].get("/control/practices").json()
        self._body = self._a_body()
        self.booked: list[Json] = []

    def close(self) -> None:
        """Close everything."""
        for store in (*self._stores, self.elsewhere):
            store.close()
        for http in self.workers:
            http.close()

    def _served(self, store: Store) -> httpx2.Client:
        return in_process(create_app(replace(Settings(), database=self.path), store, self.clock))

    @contextmanager
    def fresh(self) -> Iterator[httpx2.Client]:
        """Serve the database by a worker that has kept nothing."""
        with closing(Store(self.path)) as store, closing(self._served(store)) as http:
            yield http

    def consumer(self, http: httpx2.Client, code: str = CODES[0], practice: int = 0) -> PracticeClient:
        """Return a correct consumer of a practice, by default the first, at a worker."""
        listed = self._listed[practice]
        booker = listed["consumer"] | {"ods_code": code}
        return PracticeClient(http, listed | {"consumer": booker}, self.clock.wall, TODAY)

    def search(self, http: httpx2.Client, query: str, practice: int = 0) -> bytes:
        """Return the body of a worker's answer."""
        found = self.consumer(http, practice=practice).send("search_for_free_slots", query=query)
        return found.content

    def _a_body(self) -> Json:
        first = self.consumer(self.workers[0])
        return first.booking(first.free_slots(6, 6)[0])

    def booking(self, code: str, *slot_ids: str) -> Json:
        """Return a correct booking for an organisation, of slots of one session that follow each other."""
        rows = [
            self.elsewhere.connection.execute(
                "select slots.start, minutes, practitioner_id, location_id from slots"
                " join schedules on schedules.id = schedule_id where slots.id = ?",
                (slot_id,),
            ).fetchone()
            for slot_id in slot_ids
        ]
        start, end = rows[0][0], rows[-1][0] + 60 * rows[-1][1]
        texts = [datetime.fromtimestamp(at, LONDON).isoformat(timespec="seconds") for at in (start, end)]
        patient = self._body["participant"][0]["actor"]["reference"]
        actors = [patient, f"Practitioner/{rows[0][2]}", f"Location/{rows[0][3]}"]
        organization = self._body["contained"][0]
        identifier = organization["identifier"][0] | {"value": code}
        return self._body | {
            "contained": [organization | {"identifier": [identifier]}],
            "start": texts[0],
            "end": texts[1],
            "slot": [{"reference": f"Slot/{each}"} for each in slot_ids],
            "participant": [{"actor": {"reference": each}, "status": "accepted"} for each in actors],
        }

    def book(self, worker: int, code: str, *slot_ids: str) -> int:
        """Book, whether or not the slots are free, and return the status of the answer."""
        answer = self.consumer(self.workers[worker], code).book(self.booking(code, *slot_ids))
        if answer.status_code == 201:
            self.booked.append(answer.json())
        return answer.status_code

    def cancel(self, worker: int, appointment: Json) -> int:
        """Cancel, whether or not that can still be done, and return the status of the answer."""
        return self.consumer(self.workers[worker]).cancel(appointment).status_code

    def amend(self, worker: int, appointment: Json) -> int:
        """Amend, which no search shows, and return the status of the answer."""
        sent = {"resource_id": appointment["id"], "body": appointment | {"description": "Amended"}}
        return self.consumer(self.workers[worker]).send("amend_appointment", **sent).status_code

    def switch(self, on: bool) -> None:
        """Switch appointments of the first practice as `gpsim disable` and `gpsim enable` do."""
        with self.elsewhere.writing() as transaction:
            transaction.practices.switch(1, "appointments", on)

    def extend(self, day: str, **kind: Any) -> list[str]:
        """Add a session as `gpsim extend` does, schedule and slots in one writing."""
        with self.elsewhere.writing():
            profile_id, schedule_id = self.diary.access_profile(**kind), self.diary.schedule(day=day)
            return [
                self.diary.slot(f"{day}T{at}:00+00:00", schedule_id=schedule_id, profile_id=profile_id)
                for at in ("14:00", "14:10")
            ]


def something_happens(world: TwoWorkers, chance: Random) -> str:
    """Have somebody do anything that a practice's diary can meet with, and return what it was."""
    worker, code = chance.randrange(2), chance.choice(CODES)
    place = chance.randrange(len(world.slots))
    kinds = ("book", "book taken", "pair", "cancel", "amend", "wait", "switch", "extend")
    match chance.choices(kinds, (6, 3, 8, 6, 1, 2, 1, 1)):
        case ["book"]:
            return f"booked {world.book(worker, code, world.slots[place])}"
        case ["book taken"] if world.booked:
            taken = chance.choice(world.booked)["slot"][0]["reference"].partition("/")[2]
            return f"booked what was taken {world.book(worker, code, taken)}"
        case ["pair"]:
            first = place - place % 5
            status = world.book(worker, code, *world.slots[first : first + 2])
            return f"booked two {status}"
        case ["cancel"] if world.booked:
            return f"cancelled {world.cancel(worker, chance.choice(world.booked))}"
        case ["amend"] if world.booked:
            return f"amended {world.amend(worker, chance.choice(world.booked))}"
        case ["switch"]:
            world.switch(chance.random() < 0.7)
            return "switched"
        case ["extend"]:
            world.slots += world.extend(QUIET_DAY, limit=chance.choice([None, 1]))
            return "extended"
    world.time += chance.choice([600, 3600, 20_000])
    return "waited"
