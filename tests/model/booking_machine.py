"""Booking by chance: any sequence of requests, each answered as the model says, the state the model's."""

from datetime import date
from typing import Any

import httpx2
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, rule

from simulator.fhir.xml import read_xml
from tests.fuzz.xml_text import xml_text
from tests.model.diary_model import DiaryModel
from tests.model.groundwork import Groundwork
from tests.practice_client import Json, assert_operation_outcome, resources

STALE_CODE = "FHIR_CONSTRAINT_VIOLATION"
STALE = ('W/"0"', 'W/"99"', "invalidEtag", '"1"')
XML = {"Content-Type": "application/fhir+xml", "Accept": "application/fhir+xml"}
LIVE = "select slot_id, appointment_id from appointment_slots where live = 1"
NOT_AS_HELD = (
    "select slots.id, slots.status from slots"
    " left join appointment_slots held on held.slot_id = slots.id and held.live = 1"
    " where (slots.status = 'busy') != (held.slot_id is not null)"
)


class BookingMachine(RuleBasedStateMachine):
    """Two practices, two consumer organisations, a handful of slots and patients."""

    appointments: Bundle[str] = Bundle("appointments")

    def __init__(self, groundwork: Groundwork) -> None:
        super().__init__()
        self.opened = groundwork.open()
        self.consumers = groundwork.consumers(self.opened)
        self.others = groundwork.consumers(self.opened, other=True)
        self.patients, self.pairs = groundwork.patients, groundwork.pairs
        self.offers, self.bodies = groundwork.offers, groundwork.bodies
        self.model = DiaryModel(dict.fromkeys(self.offers))
        self.latest: dict[str, Json] = {}
        starts = sorted(date.fromisoformat(slot["start"][:10]) for slot in self.offers.values())
        today = self.opened.clock.today()
        self.days = ((starts[0] - today).days, (starts[-1] - today).days)
        self.not_as_held = self._rows(NOT_AS_HELD)

    def teardown(self) -> None:
        """Close everything."""
        self.opened.close()

    @rule(
        target=appointments,
        practice=st.integers(0, 1),
        pair=st.integers(0, 2),
        which=st.sampled_from([(0,), (1,), (0, 1)]),
        patient=st.integers(0, 1),
        other=st.booleans(),
    )
    def book(self, practice: int, pair: int, which: tuple[int, ...], patient: int, other: bool) -> Any:
        """Book one slot or two that follow each other, whether or not they are still free."""
        slots = tuple(self.pairs[practice][pair][each]["id"] for each in which)
        patient_id = self.patients[practice][patient]
        response = self._book(practice, slots, patient_id, other)
        if not self.model.free(*slots):
            assert_operation_outcome(response, 409, "DUPLICATE_REJECTED", "no longer free")
            return multiple()
        assert response.status_code == 201, response.text
        appointment = response.json()
        self.model.book(appointment["id"], practice, patient_id, slots, appointment["description"])
        self._agrees(appointment)
        return appointment["id"]

    @rule(practice=st.integers(0, 1), first=st.integers(0, 2), patient=st.integers(0, 1))
    def book_slots_that_do_not_belong_together(self, practice: int, first: int, patient: int) -> None:
        """Book the first slots of two pairs, or one of each practice: never accepted, whatever is free."""
        one = self.pairs[practice][first][0]["id"]
        apart = self.pairs[practice][(first + 1) % 3][0]["id"]
        elsewhere = self.pairs[1 - practice][first][0]["id"]
        for other in (apart, elsewhere):
            response = self._book(practice, (one, other), self.patients[practice][patient], False)
            assert_operation_outcome(response, 422, "INVALID_RESOURCE")

    @rule(
        appointment_id=appointments,
        if_match=st.sampled_from(["right", "absent", *STALE]),
        other=st.booleans(),
        xml=st.booleans(),
    )
    def cancel(self, appointment_id: str, if_match: str, other: bool, xml: bool) -> None:
        """Cancel with the right version, with none, or with one that it does not have."""
        body = self.consumers[0].cancellation(self.latest[appointment_id])
        response = self._change("cancel_appointment", body, if_match, other, xml)
        if response is not None:
            self.model.cancel(appointment_id)
            self._agrees(_resource(response))

    @rule(
        appointment_id=appointments,
        if_match=st.sampled_from(["right", "absent", *STALE]),
        description=st.sampled_from(
            ["Earache", "Earache & fever <39", "Caf\u00e9 \u201cau lait\u201d\ttwice"]
        ),
        other=st.booleans(),
        xml=st.booleans(),
    )
    def amend(self, appointment_id: str, if_match: str, description: str, other: bool, xml: bool) -> None:
        """Amend with the right version, with none, or with one that it does not have."""
        body = self.latest[appointment_id] | {"description": description}
        response = self._change("amend_appointment", body, if_match, other, xml)
        if response is not None:
            self.model.amend(appointment_id, description)
            self._agrees(_resource(response))

    @rule(appointment_id=appointments, other=st.booleans())
    def read(self, appointment_id: str, other: bool) -> None:
        """Read an appointment, live or cancelled, whoever booked it; the neighbour does not have it."""
        held = self.model.appointments[appointment_id]
        consumer = (self.others if other else self.consumers)[held.practice]
        response = consumer.send("read_appointment", resource_id=appointment_id)
        assert response.status_code == 200, response.text
        assert response.json() == self.latest[appointment_id]
        self._agrees(response.json())
        in_xml = consumer.send("read_appointment", resource_id=appointment_id, headers={**XML})
        assert _resource(in_xml) == self.latest[appointment_id]
        neighbour = self.consumers[1 - held.practice]
        elsewhere = neighbour.send("read_appointment", resource_id=appointment_id)
        assert_operation_outcome(elsewhere, 404, "NO_RECORD_FOUND")

    @rule(appointment_id=consumes(appointments))
    def forget(self, appointment_id: str) -> None:
        """Leave an appointment alone from now on."""

    @invariant()
    def a_search_shows_what_nobody_holds(self) -> None:
        """Hold the search of each practice against the model."""
        for practice, consumer in enumerate(self.consumers):
            ours = {slot["id"] for pair in self.pairs[practice] for slot in pair}
            shown = {slot["id"] for slot in consumer.free_slots(*self.days)}
            assert shown & ours == {slot for slot in ours if self.model.free(slot)}

    @invariant()
    def a_patient_has_the_appointments_of_the_model(self) -> None:
        """Hold what is retrieved for each patient against the model."""
        for practice, consumer in enumerate(self.consumers):
            for patient in self.patients[practice]:
                query = f"start=ge{consumer.today}&start=le{consumer.today.replace(year=2027)}"
                found = consumer.send("retrieve_patient_appointments", resource_id=patient, query=query)
                shown = {each["id"]: each for each in resources(found.json())}
                due = {
                    id_
                    for id_, held in self.model.appointments.items()
                    if (held.practice, held.patient) == (practice, patient)
                }
                assert due <= set(shown)
                for id_ in due:
                    assert shown[id_] == self.latest[id_]

    @invariant()
    def the_database_holds_what_the_model_holds(self) -> None:
        """Hold the rows against the model: who holds which slot, and a slot's status against its holder."""
        live = {
            str(slot): str(appointment) for slot, appointment in self._rows(LIVE) if str(slot) in self.offers
        }
        assert live == {slot: holder for slot, holder in self.model.holders.items() if holder is not None}
        assert self._rows(NOT_AS_HELD) == self.not_as_held

    def _rows(self, statement: str) -> list[Any]:
        return self.opened.store.connection.execute(statement).fetchall()

    def _book(self, practice: int, slots: tuple[str, ...], patient: str, other: bool) -> httpx2.Response:
        consumer = (self.others if other else self.consumers)[practice]
        offers = [self.offers[slot] for slot in slots]
        body = self.bodies[slots[0]]
        actor = {"actor": {"reference": f"Patient/{patient}"}, "status": "accepted"}
        organization = body["contained"][0]
        ods_code = organization["identifier"][0] | {"value": consumer.practice["consumer"]["ods_code"]}
        return consumer.book(
            body
            | {
                "contained": [organization | {"identifier": [ods_code]}],
                "end": offers[-1]["end"],
                "slot": [{"reference": f"Slot/{slot}"} for slot in slots],
                "participant": [actor, *body["participant"][1:]],
            }
        )

    def _change(self, name: str, body: Json, if_match: str, other: bool, xml: bool) -> httpx2.Response | None:
        """Send a change; return the answer where it must be accepted, None where it had to be refused."""
        held = self.model.appointments[body["id"]]
        consumer = (self.others if other else self.consumers)[held.practice]
        headers = {"If-Match": {"right": f'W/"{held.version}"', "absent": None}.get(if_match, if_match)}
        sent: Json | bytes = xml_text(body) if xml else body
        headers |= XML if xml else {}
        response = consumer.send(name, resource_id=body["id"], body=sent, headers=headers)
        if held.status == "cancelled" or if_match in STALE:
            refusal = (422, "INVALID_RESOURCE") if held.status == "cancelled" else (409, STALE_CODE)
            coding = _resource(response)["issue"][0]["details"]["coding"][0]
            assert (response.status_code, coding["code"]) == refusal, response.text
            return None
        assert response.status_code == 200, response.text
        return response

    def _agrees(self, appointment: Json) -> None:
        """Assert that an appointment is as the model has it, and keep it as the latest."""
        held = self.model.appointments[appointment["id"]]
        assert appointment["status"] == held.status
        assert appointment["description"] == held.description
        assert appointment["meta"]["versionId"] == str(held.version)
        assert appointment["slot"] == [{"reference": f"Slot/{slot}"} for slot in held.slots]
        assert appointment["participant"][0]["actor"]["reference"] == f"Patient/{held.patient}"
        self.latest[appointment["id"]] = appointment


def _resource(response: httpx2.Response) -> Json:
    """Return the resource of an answer, in whichever format it came."""
    if response.headers["content-type"].startswith("application/fhir+xml"):
        return read_xml(response.content)
    return dict(response.json())
