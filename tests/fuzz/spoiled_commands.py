"""Spoiling what commands mean: whom they refer to, what they change, whom they register."""

import random
from typing import Any

from simulator.fhir import urls
from tests.fuzz.correct_requests import a_booking
from tests.fuzz.draft import Draft
from tests.fuzz.national_people import registration
from tests.fuzz.practice_world import PracticeWorld
from tests.fuzz.spoiled_json import strange_value
from tests.fuzz.spoiled_queries import Mutation
from tests.practice_client import Json


def references(draft: Draft, world: PracticeWorld, chance: random.Random) -> None:
    """Refer to what is taken, absent, the neighbour's, absolute, or of another kind."""
    if not isinstance(draft.resource, dict):
        return
    slot = (
        chance.choice(world.taken), f"Slot/{world.foreign.slot}", "Slot/99999999", "slot/1", "Slot/1 ",
        "Appointment/1", "https://provider.example.nhs.uk/Slot/1",
    )  # fmt: skip
    actor = (
        "Patient/999999", f"Patient/{world.foreign.patient}", "Location/999999", "Practitioner/999999",
        "Device/1", "https://provider.example.nhs.uk/Patient/1", "#org1", "Patient/a",
    )  # fmt: skip
    if chance.random() < 0.4:
        draft.resource["slot"] = [
            {"reference": reference} for reference in chance.sample(slot, chance.choice((1, 1, 2)))
        ]
    else:
        replaced = {"actor": {"reference": chance.choice(actor)}, "status": "accepted"}
        others = draft.resource.get("participant")
        draft.resource["participant"] = [*(others[1:2] if isinstance(others, list) else ()), replaced]


def late(draft: Draft, world: PracticeWorld, chance: random.Random) -> None:
    """Change an appointment by a version that it is not of, or that has been cancelled already."""
    if chance.random() < 0.6:
        draft.header("if-match", chance.choice((b'W/"0"', b'W/"77"', b"invalidEtag", b"")))
    else:
        draft.path = f"{world.consumer.root}/Appointment/{world.cancelled['id']}"
        draft.resource = world.consumer.cancellation(world.cancelled)


def taken_slot(draft: Draft, world: PracticeWorld, chance: random.Random) -> None:
    """Book a slot that somebody has."""
    held = chance.choice(world.appointments)
    draft.resource = a_booking(world, world.slots[0]) | {key: held[key] for key in ("slot", "start", "end")}


def narrative(draft: Draft, world: PracticeWorld, chance: random.Random) -> None:
    """Put text that is no XHTML, or hardly any, where a narrative may stand."""
    divs = (
        "<script>", "<div>&nbsp;</div>", "<div xmlns='http://www.w3.org/1999/xhtml'>a</div>", "a & b",
        "</div></text><status value='cancelled'/>", "<div>" * 900, '<div xmlns="urn:other"><b/></div>',
    )  # fmt: skip
    text = {"status": "generated", "div": chance.choice(divs)}
    if isinstance(draft.resource, dict):
        contained = draft.resource.get("contained")
        inside = contained[0] if isinstance(contained, list) and contained else draft.resource
        if isinstance(inside, dict):
            inside["text"] = text


def forbidden_change(draft: Draft, world: PracticeWorld, chance: random.Random) -> None:
    """Change what may not change, or leave out what must be there."""
    changes: Json = {
        "start": "2026-03-17T10:00:00+00:00", "end": "2026-03-27T10:00:00+00:00", "status": "cancelled",
        "slot": [{"reference": "Slot/1"}], "id": "1", "priority": 3, "minutesDuration": 77,
        "identifier": [{"system": "urn:a", "value": "b"}], "created": "2020-01-01T00:00:00+00:00",
        "serviceType": [{"text": "Other"}], "specialty": [{"text": "Other"}], "description": "",
    }  # fmt: skip
    if isinstance(draft.resource, dict):
        name = chance.choice(list(changes))
        draft.resource[name] = changes[name]


def left_out(draft: Draft, world: PracticeWorld, chance: random.Random) -> None:
    """Leave out some of what older consumers leave out; this is no fault."""
    if isinstance(draft.resource, dict):
        for name in ("created", "serviceType", "serviceCategory", "meta", "priority", "comment"):
            if chance.random() < 0.5:
                draft.resource.pop(name, None)


def another_person(draft: Draft, world: PracticeWorld, chance: random.Random) -> None:
    """Register somebody whom the national record flags, does not know or does not confirm, or a patient."""
    people = world.people
    person = chance.choice([*people.flagged, people.ordinary[0], people.ordinary[0]])
    draft.resource = registration(person)
    patient = _patient(draft.resource)
    if person is not people.ordinary[0]:
        return
    changes: tuple[Json, ...] = (
        {"birthDate": "1901-01-01"},
        {"name": [{"use": "official", "family": "Nobody", "given": ["Ottoline"]}]},
        _numbered(chance.choice(people.nowhere)),
        _numbered(chance.choice(world.consumer.practice["patients"])["nhs_number"]),
        _numbered(chance.choice(("9990000000", "", "\u0669" * 10, "999 000 0018"))),
    )
    patient |= chance.choice(changes)


def person_details(draft: Draft, world: PracticeWorld, chance: random.Random) -> None:
    """Repeat, retype or forbid what is said of a person."""
    patient = _patient(draft.resource)
    name = chance.choice(
        ("identifier", "name", "telecom", "address", "gender", "birthDate", "extension", "contact", "active")
    )
    value = patient.get(name)
    if isinstance(value, list) and chance.random() < 0.5:
        patient[name] = value * 2
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        patient[name] = [value[0] | {chance.choice(list(value[0])): strange_value(chance)}, *value[1:]]
    else:
        patient[name] = strange_value(chance)


def parameters(draft: Draft, world: PracticeWorld, chance: random.Random) -> None:
    """Spoil what is around the person."""
    (one,) = registration(world.people.ordinary[1])["parameter"]
    choices: tuple[Any, ...] = (
        [], [one, one], [one | {"name": "other"}], [{"name": "registerPatient"}], one, None,
        [one, {"name": "other", "valueString": "a"}], [one | {"resource": {"resourceType": "Device"}}],
    )  # fmt: skip
    draft.resource = {"resourceType": "Parameters", "parameter": chance.choice(choices)}


def _patient(resource: Any) -> Json:
    """Return the Patient in a registration, or one that stands nowhere if it is spoilt already."""
    try:
        patient = resource["parameter"][0]["resource"]
    except (KeyError, IndexError, TypeError):
        return {}
    return patient if isinstance(patient, dict) else {}


def _numbered(nhs_number: str) -> Json:
    return {"identifier": [{"system": urls.NHS_NUMBER, "value": nhs_number}]}


_CHANGES: tuple[Mutation, ...] = (references, late, late, late, forbidden_change, left_out, narrative)
COMMANDS: dict[str, tuple[Mutation, ...]] = {
    "book_appointment": (
        references,
        references,
        references,
        taken_slot,
        taken_slot,
        narrative,
        forbidden_change,
    ),
    "cancel_appointment": _CHANGES,
    "amend_appointment": (*_CHANGES, forbidden_change, forbidden_change),
    "register_patient": (another_person, another_person, person_details, person_details, parameters),
}
