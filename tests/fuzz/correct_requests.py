"""Correct requests of all fifteen interactions, in both formats, for a mutation to spoil."""

import uuid
from copy import deepcopy
from datetime import timedelta

from simulator.fhir import urls
from simulator.interactions.interaction import Format, Interaction
from tests.fuzz.draft import Draft
from tests.fuzz.national_people import registration
from tests.fuzz.practice_world import PracticeWorld
from tests.practice_client import BY_NAME, Json

CHARSET = b";charset=utf-8"
ENCODINGS = (b"gzip", b"gzip, deflate", b"identity", b"br;q=1.0, gzip;q=0.8")


def a_draft(
    world: PracticeWorld, name: str, sends: Format | None = None, wants: Format | None = None
) -> Draft:
    """Return a correct request of an interaction, by name, in formats that are given or chance."""
    interaction, chance = BY_NAME[name], world.chance
    draft = Draft(
        interaction,
        interaction.method,
        world.consumer.root + interaction.path.replace("{id}", _resource_id(world, name)),
        _parameters(world, name),
        _headers(world, interaction),
        world.consumer.claims(interaction.scope),
        sends or chance.choice(list(Format)),
        wants or chance.choice(list(Format)),
    )
    draft.header("accept", draft.wants.encode() + CHARSET)
    if chance.random() < 0.2:
        draft.header("accept-encoding", chance.choice(ENCODINGS))
    if draft.is_command:
        draft.header("content-type", draft.sends.encode() + CHARSET)
    _fill(world, draft, name)
    return draft


def _fill(world: PracticeWorld, draft: Draft, name: str) -> None:
    """Give a command its resource."""
    chance = world.chance
    if name == "book_appointment":
        draft.slot = chance.choice(world.slots)
        draft.resource = a_booking(world, draft.slot)
    elif name == "register_patient":
        draft.resource = registration(chance.choice([*world.people.ordinary, world.people.lapsed]))
    elif draft.is_command:
        draft.appointment = chance.choice(world.appointments)
        draft.path = f"{world.consumer.root}/Appointment/{draft.appointment['id']}"
        draft.resource = deepcopy(draft.appointment)
        if name == "cancel_appointment":
            draft.resource = world.consumer.cancellation(draft.resource)
        else:
            draft.resource |= {"description": "Earache, worse", "comment": "Call in the morning"}
        draft.header("if-match", f'W/"{draft.appointment["meta"]["versionId"]}"'.encode())


def a_booking(world: PracticeWorld, slot: Json) -> Json:
    """Return a correct booking of a slot."""
    schedule = world.schedules[slot["schedule"]["reference"].partition("/")[2]]
    actors = [f"Patient/{world.chance.choice(world.patients)}"]
    actors += [actor["reference"] for actor in schedule["actor"]]
    return deepcopy(world.a_booking) | {
        "start": slot["start"],
        "end": slot["end"],
        "slot": [{"reference": f"Slot/{slot['id']}"}],
        "participant": [{"actor": {"reference": actor}, "status": "accepted"} for actor in actors],
    }


def undoing(world: PracticeWorld, draft: Draft, answer: Json) -> Draft | None:
    """Return the correct request that makes good what an accepted one changed, if one can."""
    if draft.interaction.name == "book_appointment":
        undone = a_draft(world, "cancel_appointment")
        undone.resource = world.consumer.cancellation(answer)
        undone.path = f"{world.consumer.root}/Appointment/{answer['id']}"
        undone.header("if-match", f'W/"{answer["meta"]["versionId"]}"'.encode())
        return undone
    if draft.interaction.name == "cancel_appointment":
        undone = a_draft(world, "book_appointment")
        undone.resource |= {key: answer[key] for key in ("start", "end", "slot", "participant")}
        return undone
    return None


def _resource_id(world: PracticeWorld, name: str) -> str:
    chance = world.chance
    if name == "read_appointment":
        return str(chance.choice([*world.appointments, world.cancelled])["id"])
    if name in ("read_patient", "retrieve_patient_appointments"):
        return chance.choice(world.patients)
    if name == "read_organization":
        return str(world.organization_id)
    kind = {"read_practitioner": "Practitioner", "read_location": "Location"}.get(name)
    return str(chance.choice(world.by_type[kind])["id"]) if kind else ""


def _parameters(world: PracticeWorld, name: str) -> list[tuple[str, str]]:
    if name == "search_for_free_slots":
        return _slot_search(world)
    if name == "retrieve_patient_appointments":
        return [("start", f"ge{world.today}"), ("start", f"le{world.today + timedelta(days=20)}")]
    practitioner = world.chance.choice(world.by_type["Practitioner"])
    identifiers = {
        "find_patient": (
            urls.NHS_NUMBER,
            world.chance.choice(world.consumer.practice["patients"])["nhs_number"],
        ),
        "find_practitioner": (urls.SDS_USER_ID, practitioner["identifier"][0]["value"]),
        "find_organization": (urls.ODS_ORGANIZATION_CODE, world.consumer.practice["ods_code"]),
    }
    return [("identifier", "|".join(identifiers[name]))] if name in identifiers else []


def _slot_search(world: PracticeWorld) -> list[tuple[str, str]]:
    first = world.chance.randrange(0, 20)
    start, end = (world.today + timedelta(days=days) for days in (first, first + 3))
    ods_code = world.consumer.practice["consumer"]["ods_code"]
    return [
        ("status", "free"),
        ("_include", "Slot:schedule"),
        ("start", f"ge{start}"),
        ("end", f"le{end}"),
        ("_include:recurse", "Schedule:actor:Practitioner"),
        ("_include:recurse", "Schedule:actor:Location"),
        ("searchFilter", f"{urls.ODS_ORGANIZATION_CODE}|{ods_code}"),
        ("searchFilter", f"{urls.ORGANISATION_TYPES}|urgent-care"),
    ]


def _headers(world: PracticeWorld, interaction: Interaction) -> list[tuple[str, bytes]]:
    practice = world.consumer.practice
    return [
        ("host", b"127.0.0.1:8000"),
        ("ssp-traceid", str(uuid.UUID(int=world.chance.getrandbits(128))).encode()),
        ("ssp-from", practice["consumer"]["asid"].encode()),
        ("ssp-to", practice["asid"].encode()),
        ("ssp-interactionid", interaction.id.encode()),
    ]
