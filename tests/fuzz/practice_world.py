"""A practice with something of everything, as the fuzz knows it, and the way back from what was accepted."""

import random
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from tests.fuzz.national_people import NationalPeople, put_on_record
from tests.practice_client import Json, PracticeClient, resources

INCLUDES = (
    "_include:recurse=Schedule:actor:Practitioner",
    "_include:recurse=Schedule:actor:Location",
)


@dataclass(frozen=True, slots=True)
class Foreign:
    """Ids that only the neighbour has."""

    patient: str
    slot: str
    appointment: str
    practitioner: str
    location: str
    organization: str


class PracticeWorld:
    """A practice and its neighbour; who and what can be asked for at the first."""

    def __init__(
        self, consumer: PracticeClient, neighbour: PracticeClient, chance: random.Random, database: Path
    ) -> None:
        self.consumer, self.neighbour, self.chance = consumer, neighbour, chance
        self.people: NationalPeople = put_on_record(database, consumer.practice["ods_code"])
        self.patients = [consumer.a_patient_id(number) for number in range(5)]
        found = resources(consumer.search(0, 14, *INCLUDES))
        self.by_type = {kind: _of_type(found, kind) for kind in ("Schedule", "Practitioner", "Location")}
        self.schedules = {each["id"]: each for each in self.by_type["Schedule"]}
        self.organization_id = _of_type(found, "Organization")[0]["id"]
        # One of each session: some let an organisation hold no more than one.
        self.slots = list(
            {slot["schedule"]["reference"]: slot for slot in consumer.free_slots(1, 14)}.values()
        )
        self.a_booking = consumer.booking(self.slots[0], patient_id=self.patients[0])
        self.appointments = [consumer.booked(self.slots.pop()) for _ in range(6)]
        self.cancelled: Json = consumer.cancel(consumer.booked(self.slots.pop())).json()
        self.taken = [reference["reference"] for each in self.appointments for reference in each["slot"]]
        self.foreign = _foreign(neighbour)

    @property
    def today(self) -> date:
        """Return the simulated day."""
        return self.consumer.today

    def read_again(self, place: str) -> Json:
        """Return the appointment at a `Content-Location`."""
        appointment_id = place.partition("/Appointment/")[2].partition("/")[0]
        return dict(self.consumer.send("read_appointment", resource_id=appointment_id).json())

    def replaced(self, answer: Json) -> None:
        """Take note of an appointment that stands in for the one of the same slot."""
        (slot,) = answer["slot"]
        self.appointments = [each for each in self.appointments if slot not in each["slot"]] + [answer]


def _of_type(found: list[Json], kind: str) -> list[Json]:
    return [each for each in found if each["resourceType"] == kind]


def _foreign(neighbour: PracticeClient) -> Foreign:
    """Return what the neighbour has and the practice has not."""
    found = resources(neighbour.search(0, 14, *INCLUDES))
    ids = {each["resourceType"]: str(each["id"]) for each in found}
    return Foreign(
        patient=neighbour.a_patient_id(),
        slot=neighbour.free_slots()[0]["id"],
        appointment=str(neighbour.booked()["id"]),
        practitioner=ids["Practitioner"],
        location=ids["Location"],
        organization=ids["Organization"],
    )
