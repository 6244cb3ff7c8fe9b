"""Correct requests, spoilt in every way: each is answered, and never with a failure."""

import asyncio
import random
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from starlette.applications import Starlette

from simulator.domain import refusals
from simulator.fhir.operation_outcome import WIRE_FORMS
from simulator.interactions.interaction import Kind
from tests.fuzz.answers import complaint, refusal_of
from tests.fuzz.practice_world import Draft, PracticeWorld, not_there_yet, there
from tests.fuzz.spoiling import sent, spoilt
from tests.fuzz.wire import RawResponse, Wire
from tests.practice_client import PracticeClient

NOT_ASKED_HERE = {
    refusals.InvalidIdentifierValue: "only searches for practitioners and organisations check a value",
    refusals.InvalidPatientDemographics: "only registration asks the national record",
    refusals.OrganisationNotFound: "only reading an organisation looks for one by id",
    refusals.PractitionerNotFound: "only reading a practitioner looks for one by id",
}
"""The refusals that no interaction of this provider can make, and why."""


@pytest.fixture
def fuzz_requests(pytestconfig: pytest.Config) -> int:
    return int(pytestconfig.getoption("--fuzz-requests"))


@pytest.fixture
def fuzz_seed(pytestconfig: pytest.Config) -> int:
    return int(pytestconfig.getoption("--fuzz-seed"))


@pytest.fixture
def wire(app: Starlette) -> Iterator[Wire]:
    loop = asyncio.new_event_loop()
    with closing(loop):
        yield Wire(app, loop)


@pytest.fixture
def world(
    consumer: PracticeClient, neighbour: PracticeClient, fuzz_seed: int, database: Path
) -> PracticeWorld:
    made = PracticeWorld(consumer, neighbour, random.Random(fuzz_seed))
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute(
            "update organizations set enabled = 0 where ods_code = ?", (neighbour.practice["ods_code"],)
        )
    return made


def test_correct_requests_are_accepted_before_anything_is_spoilt(wire: Wire, world: PracticeWorld) -> None:
    for name in there():
        draft = world.draft(name)
        response = wire.send(sent(draft))
        assert response.status == (201 if name == "book_appointment" else 200), f"{sent(draft)}\n{response}"
        assert complaint(sent(draft), response) is None
        make_good(wire, world, draft, response)
    for name in not_there_yet():
        response = wire.send(sent(world.draft(name)))
        assert refusal_of(response) == (501, "NOT_IMPLEMENTED"), f"{name}: {response}"


def test_a_spoilt_request_is_refused_with_an_operation_outcome_or_was_not_so_bad(
    wire: Wire, world: PracticeWorld, fuzz_requests: int, fuzz_seed: int
) -> None:
    chance = random.Random(fuzz_seed)
    met: Counter[tuple[int, str]] = Counter()
    for number in range(1, fuzz_requests + 1):
        bad = spoilt(world, chance)
        told = f"--fuzz-seed {fuzz_seed}, request {number}, {bad}"
        try:
            response = wire.send(bad.request)
        except Exception as error:
            raise AssertionError(f"no answer: {told}") from error
        wrong = complaint(bad.request, response)
        assert wrong is None, f"{wrong}: {told}\n{response}"
        if response.status >= 400:
            met[refusal_of(response)] += 1
        else:
            make_good(wire, world, bad.draft, response)
    expected = {
        (form.status, form.spine_code)
        for refusal, form in WIRE_FORMS.items()
        if refusal not in NOT_ASKED_HERE
    }
    assert expected - set(met) == set(), f"never met in {fuzz_requests} requests of seed {fuzz_seed}: {met}"


@pytest.mark.parametrize("length", [b"\xb2", b"9" * 5_000, b"-1", b""])
def test_a_length_that_is_no_number_is_nothing_to_fail_at(
    wire: Wire, world: PracticeWorld, length: bytes
) -> None:
    draft = world.draft("book_appointment")
    draft.header("content-length", length)
    assert wire.send(sent(draft)).status == 201


@pytest.mark.parametrize(
    ("element", "value"),
    [("contained", [{"resourceType": ["Organization"], "id": "org1"}]), ("_status", 0.5), ("_slot", [1])],
)
def test_an_element_that_is_never_of_that_type_is_named(
    wire: Wire, world: PracticeWorld, element: str, value: object
) -> None:
    draft = world.draft("book_appointment")
    draft.resource[element] = value
    response = wire.send(sent(draft))
    assert refusal_of(response) == (422, "INVALID_RESOURCE")
    assert f"Appointment.{element}" in response.json()["issue"][0]["diagnostics"]


def make_good(wire: Wire, world: PracticeWorld, draft: Draft, response: RawResponse) -> None:
    """Cancel what was booked and book again what was cancelled, so that the practice stays as it was."""
    if draft.interaction.kind is not Kind.COMMAND or "etag" not in response.headers:
        return
    answer = response.json() if response.body else world.read_again(response.headers["content-location"])
    undoing = world.undo(draft, answer)
    if undoing is not None:
        made = wire.send(sent(undoing))
        assert made.status in (200, 201), f"what was accepted cannot be undone:\n{sent(undoing)}\n{made}"
        world.made_good(draft, made.json())
