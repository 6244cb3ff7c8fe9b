"""Spoiling what a query reads: its parameters, and whom or what it asks for."""

import random
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import quote

from simulator.fhir import urls
from tests.fuzz.draft import Draft
from tests.fuzz.practice_world import PracticeWorld
from tests.fuzz.spoiled_json import TEXTS

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
RAW_QUERIES = (
    b"%", b"%zz", b"%00=%00", b"%ff=%fe", b"&&&&", b"=", b"==&=", b";", b"start",
    b"status=free;start=ge2026-03-16", b"a" * 20_000, b"start=ge2026-03-16&" * 2_000, b"identifier=%7C",
    b"identifier=|", b"identifier", b"?" * 10, b"_format=%F0%9F%98%80", "start=ge\u0662".encode(),
    b"%73tatus=free", b"_format=json&_format=xml",
)  # fmt: skip
FORMATS = ("xml", "json", "application/fhir+xml", "application/fhir json", "html", "", "\u00e9", "a" * 3_000)
NUMBERS = (
    "9990000000", "123", "999000000A", "", "\u0669" * 10, "9" * 400, "9999999999", "9434765919",
    "999 000 0018", "555000000001", "Z90001", "z90001", "RR8", "A1", "-", "\x00", "5550 0001", "\ufffe",
)  # fmt: skip
SYSTEMS = (
    urls.NHS_NUMBER, urls.SDS_USER_ID, urls.ODS_ORGANIZATION_CODE, "http://fhir.nhs.net/Id/nhs-number",
    "https://fhir.nhs.uk/Id/ods-site-code", "", " ",
)  # fmt: skip

Mutation = Callable[[Draft, PracticeWorld, random.Random], None]


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
    if not draft.parameters:
        return
    system = draft.parameters[0][1].partition("|")[0]
    if chance.random() < 0.4:
        system = chance.choice(SYSTEMS)
    between = chance.choice(("|", "|", "|", "", "||", "%7C"))
    draft.parameters = [("identifier", f"{system}{between}{chance.choice(NUMBERS)}")]


def output_format(draft: Draft, world: PracticeWorld, chance: random.Random) -> None:
    """Ask for the answer in another format."""
    draft.parameters.append(("_format", chance.choice(FORMATS)))


def nobody(draft: Draft, world: PracticeWorld, chance: random.Random) -> None:
    """Ask for one that is not there, or not here."""
    foreign = world.foreign
    ids: tuple[str, ...] = (
        "0", "999999", "-1", "a", "9" * 64, "1.5", foreign.patient, foreign.appointment, foreign.location,
        foreign.practitioner, foreign.organization, "", "%00", "%0B", "%EF%BF%BE", "%ED%A0%80",
        "1%0A", "<b/>",
    )  # fmt: skip
    root, (kind, *rest) = world.consumer.root, draft.interaction.segments
    if rest and rest[0] == "{id}":
        draft.path = "/".join((root, kind, chance.choice(ids), *rest[1:]))


def raw_query(draft: Draft, world: PracticeWorld, chance: random.Random) -> None:
    """Send a query string that is hardly one."""
    query = b"&".join(
        f"{quote(name)}={quote(value, errors='surrogatepass')}".encode() for name, value in draft.parameters
    )
    junk = chance.choice(RAW_QUERIES)
    draft.query = chance.choice(
        (junk, query + b"&" + junk, junk + b"&" + query, query[:-3], query.replace(b"=", b"%3D"))
    )


ANY_QUERY: tuple[Mutation, ...] = (parameter, raw_query, output_format)
_FIND: tuple[Mutation, ...] = (*ANY_QUERY, identifier, identifier, identifier, identifier)
_READ: tuple[Mutation, ...] = (*ANY_QUERY, nobody, nobody, nobody)
QUERIES: dict[str, tuple[Mutation, ...]] = {
    "find_patient": _FIND,
    "find_practitioner": _FIND,
    "find_organization": _FIND,
    "search_for_free_slots": (*ANY_QUERY, parameter, dates, dates, dates, dates),
    "retrieve_patient_appointments": (*ANY_QUERY, nobody, dates, dates, dates),
    "read_patient": _READ,
    "read_practitioner": _READ,
    "read_organization": _READ,
    "read_location": _READ,
    "read_appointment": _READ,
}
