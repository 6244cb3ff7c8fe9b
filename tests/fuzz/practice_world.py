"""A practice with something of everything, and correct requests to it for a mutation to spoil."""

import random
import uuid
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from simulator.fhir import urls
from simulator.interactions.interaction import Interaction
from simulator.interactions.registry import INTERACTIONS
from tests.practice_client import BY_NAME, Json, PracticeClient, resources

FHIR_JSON = b"application/fhir+json;charset=utf-8"
JOSE_HEADER = {"alg": "none", "typ": "JWT"}


@dataclass(slots=True)
class Draft:
    """A request while it can still be changed element by element.

    What is None is made from the structured part when the request is sent: the token from `jose` and
    `claims`, the query from `parameters`, the pieces of the body from `resource`.
    """

    interaction: Interaction
    method: str
    path: str
    parameters: list[tuple[str, str]]
    headers: list[tuple[str, bytes]]
    claims: Any
    jose: Any = field(default_factory=lambda: dict(JOSE_HEADER))
    resource: Any = None
    token: bytes | None = None
    query: bytes | None = None
    body: tuple[bytes, ...] | None = None
    slot: Json | None = None
    appointment: Json | None = None

    def header(self, name: str, value: bytes) -> None:
        """Set a header, in place of any of that name."""
        self.headers = [each for each in self.headers if each[0] != name] + [(name, value)]


class PracticeWorld:
    """A practice and its neighbour, which has GP Connect switched off; correct requests to the first."""

    def __init__(self, consumer: PracticeClient, neighbour: PracticeClient, chance: random.Random) -> None:
        self.consumer, self.neighbour, self.chance = consumer, neighbour, chance
        self.patients = [consumer.a_patient_id(number) for number in range(5)]
        # One of each session: some let an organisation hold no more than one.
        self.slots = list(
            {slot["schedule"]["reference"]: slot for slot in consumer.free_slots(1, 14)}.values()
        )
        self.schedules = {
            each["id"]: each
            for each in resources(consumer.search(0, 14))
            if each["resourceType"] == "Schedule"
        }
        self._booking = consumer.booking(self.slots[0], patient_id=self.patients[0])
        self.appointments = [consumer.booked(self._next_slot()) for _ in range(4)]
        self.cancelled: Json = consumer.cancel(consumer.booked(self._next_slot())).json()
        self.taken = [reference["reference"] for each in self.appointments for reference in each["slot"]]
        self.foreign_patient = neighbour.a_patient_id()
        self.foreign_slot = neighbour.free_slots()[0]["id"]
        self.foreign_appointment = neighbour.booked()["id"]

    @property
    def today(self) -> date:
        """Return the simulated day."""
        return self.consumer.today

    def draft(self, name: str) -> Draft:
        """Return a correct request of an interaction, by name."""
        interaction = BY_NAME[name]
        draft = Draft(
            interaction,
            interaction.method,
            self.consumer.root + interaction.path.replace("{id}", self._resource_id(name)),
            self._parameters(name),
            self._headers(interaction),
            self.consumer.claims(interaction.scope),
        )
        if name == "book_appointment":
            draft.slot = self.chance.choice(self.slots)
            draft.resource = self.booking(draft.slot)
        elif name in ("cancel_appointment", "amend_appointment"):
            draft.appointment = self.chance.choice(self.appointments)
            draft.path = f"{self.consumer.root}/Appointment/{draft.appointment['id']}"
            draft.resource = self.consumer.cancellation(deepcopy(draft.appointment))
            draft.header("if-match", f'W/"{draft.appointment["meta"]["versionId"]}"'.encode())
        elif name == "register_patient":
            draft.resource = {"resourceType": "Parameters", "parameter": [{"name": "registerPatient"}]}
        if interaction.method != "GET":
            draft.header("content-type", FHIR_JSON)
        return draft

    def booking(self, slot: Json) -> Json:
        """Return a correct booking of a slot."""
        body = deepcopy(self._booking)
        schedule = self.schedules[slot["schedule"]["reference"].partition("/")[2]]
        actors = [f"Patient/{self.chance.choice(self.patients)}"]
        actors += [actor["reference"] for actor in schedule["actor"]]
        return body | {
            "start": slot["start"],
            "end": slot["end"],
            "slot": [{"reference": f"Slot/{slot['id']}"}],
            "participant": [{"actor": {"reference": actor}, "status": "accepted"} for actor in actors],
        }

    def read_again(self, place: str) -> Json:
        """Return the appointment at a `Content-Location`."""
        appointment_id = place.partition("/Appointment/")[2].partition("/")[0]
        return dict(self.consumer.send("read_appointment", resource_id=appointment_id).json())

    def undo(self, draft: Draft, answer: Json) -> Draft | None:
        """Return the correct request that makes good what an accepted one changed, if it changed anything."""
        if draft.interaction.name == "book_appointment":
            undoing = self.draft("cancel_appointment")
            undoing.resource = self.consumer.cancellation(answer)
            undoing.path = f"{self.consumer.root}/Appointment/{answer['id']}"
            undoing.header("if-match", f'W/"{answer["meta"]["versionId"]}"'.encode())
            return undoing
        if draft.interaction.name == "cancel_appointment":
            undoing = self.draft("book_appointment")
            (reference,) = answer["slot"]
            undoing.resource = undoing.resource | {
                "start": answer["start"],
                "end": answer["end"],
                "slot": [reference],
                "participant": answer["participant"],
            }
            return undoing
        return None

    def made_good(self, undone: Draft, answer: Json) -> None:
        """Take note of the appointment that stands in for one that was cancelled."""
        if undone.interaction.name == "cancel_appointment":
            (slot,) = answer["slot"]
            self.appointments = [each for each in self.appointments if slot not in each["slot"]] + [answer]

    def _next_slot(self) -> Json:
        return self.slots.pop()

    def _resource_id(self, name: str) -> str:
        if name == "read_appointment":
            return str(self.chance.choice([*self.appointments, self.cancelled])["id"])
        return self.chance.choice(self.patients) if name == "retrieve_patient_appointments" else "1"

    def _parameters(self, name: str) -> list[tuple[str, str]]:
        if name == "search_for_free_slots":
            first = self.chance.randrange(0, 20)
            start, end = (self.today + timedelta(days=days) for days in (first, first + 3))
            return [
                ("status", "free"),
                ("_include", "Slot:schedule"),
                ("start", f"ge{start}"),
                ("end", f"le{end}"),
                ("_include:recurse", "Schedule:actor:Practitioner"),
                ("_include:recurse", "Schedule:actor:Location"),
                (
                    "searchFilter",
                    f"{urls.ODS_ORGANIZATION_CODE}|{self.consumer.practice['consumer']['ods_code']}",
                ),
                ("searchFilter", f"{urls.ORGANISATION_TYPES}|urgent-care"),
            ]
        if name == "retrieve_patient_appointments":
            return [("start", f"ge{self.today}"), ("start", f"le{self.today + timedelta(days=20)}")]
        systems = {
            "find_patient": urls.NHS_NUMBER,
            "find_practitioner": urls.SDS_USER_ID,
            "find_organization": urls.ODS_ORGANIZATION_CODE,
        }
        if name in systems:
            patient = self.chance.choice(self.consumer.practice["patients"])
            return [("identifier", f"{systems[name]}|{patient['nhs_number']}")]
        return []

    def _headers(self, interaction: Interaction) -> list[tuple[str, bytes]]:
        practice = self.consumer.practice
        return [
            ("host", b"127.0.0.1:8000"),
            ("ssp-traceid", str(uuid.UUID(int=self.chance.getrandbits(128))).encode()),
            ("ssp-from", practice["consumer"]["asid"].encode()),
            ("ssp-to", practice["asid"].encode()),
            ("ssp-interactionid", interaction.id.encode()),
            ("accept", FHIR_JSON),
        ]


def there(interactions: Sequence[Interaction] = INTERACTIONS) -> list[str]:
    """Return the names of the interactions that the provider has."""
    return [each.name for each in interactions if each.respond is not None]


def not_there_yet(interactions: Sequence[Interaction] = INTERACTIONS) -> list[str]:
    """Return the names of those that are answered with NOT_IMPLEMENTED."""
    return [each.name for each in interactions if each.respond is None]
