"""What every run of the booking machine starts from, worked out once: patients, slots, correct bookings."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import httpx2

from simulator.application import create_app
from simulator.domain.clock import Clock
from simulator.settings import Settings
from simulator.store.database import Store
from tests.model.in_process import in_process
from tests.practice_client import Json, PracticeClient

PAIRS = 3
OTHER_CONSUMER = {"ods_code": "Z9U09", "organisation_type": "urgent-care"}
UNLIMITED = (
    "select slots.id from slots join access_profiles on access_profiles.id = slots.access_profile_id"
    " where limit_per_organisation is null and slots.status = 'free'"
)


@dataclass(frozen=True, slots=True)
class Opened:
    """An application on a database of its own, and a client of it."""

    store: Store
    clock: Clock
    http: httpx2.Client

    def close(self) -> None:
        """Close both."""
        self.http.close()
        self.store.close()


@dataclass(frozen=True, slots=True)
class Groundwork:
    """By practice: what is listed of it, two patients, and pairs of slots that follow each other.

    `offers` are the slots by id as a search showed them; `bodies` a correct booking of each.
    """

    template: Path
    directory: Path
    wall: Callable[[], float]
    listed: list[Json]
    patients: list[list[str]]
    pairs: list[list[tuple[Json, Json]]]
    offers: dict[str, Json]
    bodies: dict[str, Json]

    def open(self) -> Opened:
        """Open a fresh copy of the template."""
        return open_copy(self.template, self.directory, self.wall)

    def consumers(self, opened: Opened, other: bool = False) -> list[PracticeClient]:
        """Return a consumer of each practice: the one that is listed, or another organisation."""
        changed = {"consumer": {**self.listed[0]["consumer"], **OTHER_CONSUMER}} if other else {}
        today = opened.clock.today()
        return [PracticeClient(opened.http, each | changed, self.wall, today) for each in self.listed]


def lay_groundwork(template: Path, directory: Path, wall: Callable[[], float]) -> Groundwork:
    """Look at a copy of the template and choose slots and patients."""
    opened = open_copy(template, directory, wall)
    listed = opened.http.get("/control/practices").json()
    consumers = [PracticeClient(opened.http, each, wall, opened.clock.today()) for each in listed]
    unlimited = {str(row[0]) for row in opened.store.connection.execute(UNLIMITED)}
    patients = [[each.a_patient_id(number) for number in (0, 1)] for each in consumers]
    pairs = [_pairs(each, unlimited) for each in consumers]
    offers: dict[str, Json] = {}
    bodies: dict[str, Json] = {}
    for practice, consumer in enumerate(consumers):
        for slot in (slot for pair in pairs[practice] for slot in pair):
            offers[slot["id"]] = slot
            bodies[slot["id"]] = consumer.booking(slot, patient_id=patients[practice][0])
    opened.close()
    return Groundwork(template, directory, wall, listed, patients, pairs, offers, bodies)


def open_copy(template: Path, directory: Path, wall: Callable[[], float]) -> Opened:
    """Open a copy of a database, in the place of any copy before."""
    database = Path(shutil.copy(template, directory / "machine.db"))
    store, clock = Store(database), Clock(wall=wall)
    return Opened(store, clock, in_process(create_app(replace(Settings(), database=database), store, clock)))


def _pairs(consumer: PracticeClient, unlimited: set[str]) -> list[tuple[Json, Json]]:
    """Return the first pairs of slots that may be booked together, no slot in two of them."""
    found: list[tuple[Json, Json]] = []
    used: set[str] = set()
    slots = [slot for slot in consumer.free_slots(1, 14) if slot["id"] in unlimited]
    for one in slots:
        for other in slots:
            alike = all(one[key] == other[key] for key in ("schedule", "extension", "serviceType"))
            if one["end"] == other["start"] and alike and used.isdisjoint((one["id"], other["id"])):
                found.append((one, other))
                used |= {one["id"], other["id"]}
        if len(found) >= PAIRS:
            return found[:PAIRS]
    raise AssertionError("the practice has too few adjacent slots")
