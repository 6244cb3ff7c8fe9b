"""Correct requests, spoilt in every way: each is answered, and never with a failure."""

import asyncio
import random
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from simulator.application import create_app
from simulator.domain.clock import Clock
from simulator.interactions.interaction import Format
from simulator.interactions.registry import INTERACTIONS
from simulator.settings import Settings
from simulator.store.database import Store
from tests.fuzz.answers import KNOWN, complaint, refusal_of
from tests.fuzz.correct_requests import a_draft, undoing
from tests.fuzz.draft import Draft
from tests.fuzz.practice_world import PracticeWorld
from tests.fuzz.spoiling import NAMES, spoilt
from tests.fuzz.wire import RawResponse, Wire
from tests.practice_client import PracticeClient


@pytest.fixture
def fuzz_requests(pytestconfig: pytest.Config) -> int:
    return int(pytestconfig.getoption("--fuzz-requests"))


@pytest.fixture
def fuzz_seed(pytestconfig: pytest.Config) -> int:
    return int(pytestconfig.getoption("--fuzz-seed"))


@pytest.fixture
def wire(database: Path, clock: Clock) -> Iterator[Wire]:
    # The test client's application has a thread of its own, which writes its audit when it likes: not here.
    with closing(asyncio.new_event_loop()) as loop, closing(Store(database)) as store:
        yield Wire(create_app(replace(Settings(), database=database), store, clock), loop)


@pytest.fixture
def world(
    consumer: PracticeClient, neighbour: PracticeClient, fuzz_seed: int, database: Path
) -> PracticeWorld:
    made = PracticeWorld(consumer, neighbour, random.Random(fuzz_seed), database)
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute(
            "update organizations set enabled = 0 where ods_code = ?", (neighbour.practice["ods_code"],)
        )
    return made


@pytest.mark.parametrize("wants", Format, ids=lambda each: f"answered in {each.name}")
@pytest.mark.parametrize("sends", Format, ids=lambda each: f"sent in {each.name}")
def test_correct_requests_are_accepted_before_anything_is_spoilt(
    wire: Wire, world: PracticeWorld, sends: Format, wants: Format
) -> None:
    for name in NAMES:
        draft = a_draft(world, name, sends, wants)
        response = wire.send(draft.sent())
        assert response.status == (201 if name == "book_appointment" else 200), f"{draft.sent()}\n{response}"
        assert complaint(draft.sent(), response, wants) is None
        make_good(wire, world, draft, response)


def test_a_spoilt_request_is_refused_with_an_operation_outcome_or_was_not_so_bad(
    wire: Wire, world: PracticeWorld, fuzz_requests: int, fuzz_seed: int
) -> None:
    chance = random.Random(fuzz_seed)
    met: Counter[tuple[int, str]] = Counter()
    refused: Counter[tuple[str, Format]] = Counter()
    for number in range(1, fuzz_requests + 1):
        bad = spoilt(world, chance)
        told = f"--fuzz-seed {fuzz_seed}, request {number}, {bad}"
        try:
            response = wire.send(bad.request)
        except Exception as error:
            raise AssertionError(f"no answer: {told}") from error
        wrong = complaint(bad.request, response, bad.format)
        assert wrong is None, f"{wrong}: {told}\n{response}"
        if response.status >= 400:
            met[refusal_of(response)] += 1
            refused[bad.draft.interaction.name, bad.draft.wants] += 1
        else:
            make_good(wire, world, bad.draft, response)
    assert KNOWN.keys() - set(met) == set(), (
        f"never met in {fuzz_requests} requests of seed {fuzz_seed}: {met}"
    )
    every = {(each.name, format_) for each in INTERACTIONS for format_ in Format}
    assert every - set(refused) == set(), f"never refused in {fuzz_requests} requests of seed {fuzz_seed}"


@pytest.mark.parametrize("length", [b"\xb2", b"9" * 5_000, b"-1", b""])
def test_a_length_that_is_no_number_is_nothing_to_fail_at(
    wire: Wire, world: PracticeWorld, length: bytes
) -> None:
    draft = a_draft(world, "book_appointment")
    draft.header("content-length", length)
    assert wire.send(draft.sent()).status == 201


@pytest.mark.parametrize(
    ("element", "value"),
    [("contained", [{"resourceType": ["Organization"], "id": "org1"}]), ("_status", 0.5), ("_slot", [1])],
)
def test_an_element_that_is_never_of_that_type_is_named(
    wire: Wire, world: PracticeWorld, element: str, value: object
) -> None:
    draft = a_draft(world, "book_appointment", Format.JSON)
    draft.resource[element] = value
    response = wire.send(draft.sent())
    assert refusal_of(response) == (422, "INVALID_RESOURCE")
    assert f"Appointment.{element}" in response.resource()["issue"][0]["diagnostics"]


def make_good(wire: Wire, world: PracticeWorld, draft: Draft, response: RawResponse) -> None:
    """Undo what was accepted, so that the practice stays as it was; an amendment may stay."""
    name = draft.interaction.name
    if not draft.is_command or response.status >= 400:
        return
    if name == "register_patient":
        world.people.forget_registrations()
        return
    answer = response.resource() if response.body else world.read_again(response.headers["content-location"])
    again = undoing(world, draft, answer)
    if again is not None:
        made = wire.send(again.sent())
        assert made.status in (200, 201), f"what was accepted cannot be undone:\n{again.sent()}\n{made}"
        answer = made.resource()
    if name in ("amend_appointment", "cancel_appointment"):
        world.replaced(answer)
