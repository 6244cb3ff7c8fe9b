"""When the Spine Secure Proxy records: what a killed process could lose of it, and what it could not."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from simulator.domain.clock import Clock
from simulator.server import audit_trail
from tests.conftest import a_consumer
from tests.diary import Diary
from tests.practice_client import PracticeClient
from tests.spine.outside_provider import OK, Say, closing, outside_provider
from tests.spine.test_proxy_outside import registered
from tests.spine.through_proxy import ThroughProxy, through_proxy

TRACE_ID = "5d0c2f57-9c0e-4f3d-8a4c-0a2b7d1f9e66"
TRACED: dict[str, str | None] = {"Ssp-TraceID": TRACE_ID}
IN_PARTS = b"HTTP/1.1 201 Made\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n"


@pytest.fixture(autouse=True)
def neither_time_nor_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what is recorded with others wait for as long as a test goes on."""
    monkeypatch.setattr(audit_trail, "SECONDS", 3600)
    monkeypatch.setattr(audit_trail, "BATCH", 10_000)


def recorded(diary: Diary) -> list[tuple[str, int]]:
    """Return what the trail has of the test's request: by whom it was recorded, and its status."""
    return [(event.surface, event.status) for event in diary.audited() if event.trace_id == TRACE_ID]


@pytest.fixture
def seen_at_the_end(app: ASGIApp, diary: Diary, clock: Clock) -> Iterator[tuple[PracticeClient, list[int]]]:
    """Return a consumer, and how many rows of its request there were as the last part of each answer came."""
    seen: list[int] = []

    async def watched(scope: Scope, receive: Receive, send: Send) -> None:
        async def watching(message: Message) -> None:
            if message["type"] == "http.response.body" and not message.get("more_body"):
                seen.append(len(recorded(diary)))
            await send(message)

        await app(scope, receive, watching if scope["type"] == "http" else send)

    with TestClient(watched, raise_server_exceptions=False) as http:
        yield a_consumer(http, clock, 0), seen


@pytest.mark.parametrize("answer", [OK, IN_PARTS], ids=["whole", "in parts"])
def test_a_command_to_a_provider_outside_is_recorded_before_its_answer_has_ended(
    seen_at_the_end: tuple[PracticeClient, list[int]], diary: Diary, answer: Say
) -> None:
    consumer, seen = seen_at_the_end
    with outside_provider(answer) as provider:
        response = registered(consumer, provider.url).send("book_appointment", body=b"{}", headers=TRACED)
    assert response.status_code in (200, 201)
    assert seen[-1] == 1
    assert recorded(diary) == [("proxy", response.status_code)]


def test_a_command_that_a_provider_outside_breaks_off_is_recorded_once(
    consumer: PracticeClient, diary: Diary
) -> None:
    with outside_provider(closing) as provider:
        registered(consumer, provider.url).send("book_appointment", body=b"{}", headers=TRACED)
    assert recorded(diary) == [("proxy", 502)]


def test_a_command_that_the_proxy_refuses_is_recorded_at_once(proxied: ThroughProxy, diary: Diary) -> None:
    refused = through_proxy(proxied, service_root="http://elsewhere.test/x")
    refused.send("book_appointment", body=b"{}", headers=TRACED)
    assert recorded(diary) == [("proxy", 400)]


def test_a_command_to_a_practice_of_ours_is_recorded_by_the_practice_and_later_by_the_proxy(
    proxied: ThroughProxy, diary: Diary
) -> None:
    booking = proxied.booking(proxied.free_slots()[0])
    assert proxied.send("book_appointment", body=booking, headers=TRACED).status_code == 201
    assert recorded(diary) == [("practice", 201)]
    proxied.http.get("/control/transactions")
    assert recorded(diary) == [("practice", 201), ("proxy", 201)]


def test_a_query_to_a_provider_outside_is_recorded_with_others(
    consumer: PracticeClient, diary: Diary
) -> None:
    with outside_provider(OK) as provider:
        registered(consumer, provider.url).send("read_metadata", headers=TRACED)
    assert recorded(diary) == []
    consumer.http.get("/control/transactions")
    assert recorded(diary) == [("proxy", 200)]
