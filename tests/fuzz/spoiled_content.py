"""Spoiling what an interaction reads: the parameters of a query, the resource in a body."""

import random
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import quote

from simulator.fhir import urls
from tests.fuzz.practice_world import Draft, PracticeWorld
from tests.fuzz.spoiled_json import TEXTS, dumps, nested, raw, spoil

DATES = (
    "0000-01-01", "0001-01-01", "9999-12-31", "10000-01-01", "-001-01-01", "2026-02-30", "2026-13-01",
    "2026-3-1", "2026", "2026-03", "2026-03-16T", "2026-03-16T25:00:00+00:00", "2026-03-16T10:00:00",
    "2026-03-16T10:00:00Z", "2026-03-16T10:00:00+05:00", "2026-03-29T01:30:00+00:00",
    "2026-03-29T01:30:00+01:00", "2026-03-16T10:00:60+00:00", "0001-01-01T00:00:00+01:00",
    "9999-12-31T23:59:59+00:00", "9999-12-31T23:59:59-23:59", "2026-03-16 10:00:00+00:00",
    "2026-03-16T10:00:00.999999999999+00:00", "2026-03-16T10:00:00+24:00", "\u0662\u0660\u0662\u0666-03-16",
    "NaN", "", " ", "2026-03-16\n", "2026-03-16T10:00:00 00:00", "1969-12-31", "1970-01-01", "20260316",
    "2026-W12-1", "today",
)  # fmt: skip
PREFIXES = ("ge", "le", "gt", "lt", "eq", "ne", "sa", "eb", "ap", "", "GE", "gege", " ge")
RAW_QUERIES = (
    b"%", b"%zz", b"%00=%00", b"%ff=%fe", b"&&&&", b"=", b"==&=", b";", b"start",
    b"status=free;start=ge2026-03-16", b"a" * 20_000, b"start=ge2026-03-16&" * 2_000, b"identifier=%7C",
    b"identifier=|", b"identifier", b"?" * 10, b"_format=%F0%9F%98%80", "start=ge\u0662".encode(),
    b"%73tatus=free", b"_format=json&_format=xml",
)  # fmt: skip
BODIES = (
    b"", b" ", b"{", b"}", b"{}", b"[]", b"null", b"true", b"0", b'"text"', b"\xff\xfe\x00",
    b"\xef\xbb\xbf{}", b"<Appointment/>", b"{'status': 'booked'}", b'{"resourceType": "Appointment"}',
    b'{"resourceType": "Bundle", "type": "searchset"}', b'{"resourceType": null}',
    b'{"resourceType": ["Appointment"]}', b"[" * 100_000, b'{"a":' * 20_000, b"NaN", b"{}{}",
    b'{"resourceType": "Appointment", "resourceType": "Slot"}',
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
)  # fmt: skip
FORMATS = ("xml", "json", "application/fhir+xml", "application/fhir json", "html", "", "\u00e9", "a" * 3_000)
NUMBERS = (
    "9990000000",
    "123",
    "999000000A",
    "",
    "\u0669" * 10,
    "9" * 400,
    "9999999999",
    "9434765919",
    "999 000 0018",
)


def parameter(draft: Draft, world: PracticeWorld, chance: random.Random) -> None:
    """Drop, repeat, empty or rename a parameter."""
    if not draft.parameters:
        draft.parameters = [("_format", chance.choice(FORMATS))]
        return
    place = chance.randrange(len(draft.parameters))
    name, value = draft.parameters[place]
    changed: tuple[list[tuple[str, str]], ...] = (
        [], [(name, value)] * 2, [(name, "")], [(name.upper(), value)], [(name, chance.choice(TEXTS))],
        [(name + ":exact", value)], [(name, value + "," + value)], [(name, "x" * 8_000)],
        [("_unknown", value)],
    )  # fmt: skip
    draft.parameters[place : place + 1] = chance.choice(changed)


def dates(draft: Draft, world: PracticeWorld, chance: random.Random) -> None:
    """Ask about a day that is no day, or a period that is none."""
    places = [place for place, (name, _) in enumerate(draft.parameters) if name in ("start", "end")]
    if not places:
        return
    place = chance.choice(places)
    name, value = draft.parameters[place]
    day = world.today + timedelta(days=chance.choice((-4000, -1, 0, 14, 15, 40, 400, 100_000)))
    changed = (
        chance.choice(PREFIXES) + value[2:],
        value[:2] + chance.choice(DATES),
        value[:2] + day.isoformat(),
    )
    draft.parameters[place] = (name, chance.choice(changed))


def identifier(draft: Draft, world: PracticeWorld, chance: random.Random) -> None:
    """Look for an identifier of another kind, of none, or of nobody."""
    system = chance.choice(
        (urls.NHS_NUMBER, urls.NHS_NUMBER, urls.SDS_USER_ID, "http://fhir.nhs.net/Id/nhs-number", "", " ")
    )
    between = chance.choice(("|", "|", "|", "", "||", "%7C"))
    if draft.interaction.path == "/Patient":
        draft.parameters = [("identifier", f"{system}{between}{chance.choice(NUMBERS)}")]


def output_format(draft: Draft, world: PracticeWorld, chance: random.Random) -> None:
    """Ask for the answer in another format."""
    draft.parameters.append(("_format", chance.choice(FORMATS)))


def nobody(draft: Draft, world: PracticeWorld, chance: random.Random) -> None:
    """Ask for one that is not there, or not here."""
    ids = (
        "0",
        "999999",
        "-1",
        "a",
        "9" * 64,
        "1.5",
        world.foreign_patient,
        world.foreign_appointment,
        "",
        "%00",
    )
    kind = "Appointment" if draft.interaction.name == "read_appointment" else "Patient"
    before, _, after = draft.path.partition(f"/{kind}/")
    draft.path = f"{before}/{kind}/{chance.choice(ids)}{after[after.find('/') :] if '/' in after else ''}"


def raw_query(draft: Draft, world: PracticeWorld, chance: random.Random) -> None:
    """Send a query string that is hardly one."""
    query = b"&".join(
        f"{quote(name)}={quote(value, errors='surrogatepass')}".encode() for name, value in draft.parameters
    )
    junk = chance.choice(RAW_QUERIES)
    draft.query = chance.choice(
        (junk, query + b"&" + junk, junk + b"&" + query, query[:-3], query.replace(b"=", b"%3D"))
    )


def element(draft: Draft, world: PracticeWorld, chance: random.Random) -> None:
    """Spoil any element of the resource."""
    draft.resource = spoil(draft.resource, chance)


def top_element(draft: Draft, world: PracticeWorld, chance: random.Random) -> None:
    """Drop or replace one of the resource's own elements."""
    if isinstance(draft.resource, dict) and draft.resource:
        name = chance.choice(list(draft.resource))
        if chance.random() < 0.5:
            del draft.resource[name]
        else:
            draft.resource[name] = chance.choice((*TEXTS, None, 1, {}, [], raw("1e400"), nested(60, chance)))


def references(draft: Draft, world: PracticeWorld, chance: random.Random) -> None:
    """Refer to what is taken, absent, the neighbour's, absolute, or of another kind."""
    if not isinstance(draft.resource, dict):
        return
    slot = (
        chance.choice(world.taken), f"Slot/{world.foreign_slot}", "Slot/99999999", "slot/1", "Slot/1 ",
        "Appointment/1", "https://provider.example.nhs.uk/Slot/1",
    )  # fmt: skip
    actor = (
        "Patient/999999", f"Patient/{world.foreign_patient}", "Location/999999", "Practitioner/999999",
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


def texts(draft: Draft, world: PracticeWorld, chance: random.Random) -> None:
    """Send more text than is kept, or none."""
    if isinstance(draft.resource, dict):
        name, limit = chance.choice((("description", 100), ("comment", 500)))
        draft.resource[name] = chance.choice(
            ("", " ", "\u00e9" * limit, "x" * (limit + 1), "x" * 900_000, "\u0000", 7)
        )


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
    draft.resource = world.booking(world.slots[0]) | {key: held[key] for key in ("slot", "start", "end")}


def raw_body(draft: Draft, world: PracticeWorld, chance: random.Random) -> None:
    """Send a body that is hardly a resource."""
    whole = dumps(draft.resource)
    cut = chance.randrange(len(whole))
    flipped = whole[:cut] + bytes([whole[cut] ^ 0x80]) + whole[cut + 1 :]
    draft.body = (
        chance.choice(
            (chance.choice(BODIES), whole[:cut], flipped, whole + whole, whole.decode().encode("utf-16"))
        ),
    )


def huge_body(draft: Draft, world: PracticeWorld, chance: random.Random) -> None:
    """Send more than is read, in one piece or in many, declared or not."""
    size = chance.choice((1_000_001, 1_500_000, 3_000_000))
    body = b" " * size + dumps(draft.resource)
    pieces = chance.choice((1, 7, 40))
    step = len(body) // pieces + 1
    draft.body = tuple(body[start : start + step] for start in range(0, len(body), step))
    if chance.random() < 0.5:
        draft.header("content-length", str(len(body)).encode())


def chunked_body(draft: Draft, world: PracticeWorld, chance: random.Random) -> None:
    """Send the body in many small pieces, some of them empty; spoilt or not."""
    body = dumps(draft.resource if chance.random() < 0.3 else spoil(draft.resource, chance))
    draft.body = (*(body[start : start + 97] for start in range(0, len(body), 97)), b"", b"")


Mutation = Callable[[Draft, PracticeWorld, random.Random], None]

ANY_QUERY: tuple[Mutation, ...] = (parameter, raw_query)
QUERIES: dict[str, tuple[Mutation, ...]] = {
    "find_patient": (*ANY_QUERY, identifier, identifier, identifier, identifier),
    "search_for_free_slots": (*ANY_QUERY, parameter, dates, dates, dates, dates),
    "retrieve_patient_appointments": (*ANY_QUERY, nobody, dates, dates, dates),
    "read_metadata": (*ANY_QUERY, output_format),
    "read_appointment": (*ANY_QUERY, nobody, nobody),
}
ANY_COMMAND: tuple[Mutation, ...] = (
    element, element, element, element, top_element, top_element, texts, raw_body, huge_body, chunked_body,
)  # fmt: skip
COMMANDS: dict[str, tuple[Mutation, ...]] = {
    "book_appointment": (
        *ANY_COMMAND,
        element,
        references,
        references,
        references,
        references,
        taken_slot,
        taken_slot,
    ),
    "cancel_appointment": (*ANY_COMMAND, references, late, late, late),
}
