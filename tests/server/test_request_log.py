"""The log has one line a request, to be found by its trace id, without what a patient would mind."""

import asyncio
import logging
import re
import time
from collections.abc import Callable
from functools import partial

import pytest
from starlette.types import Message, Receive, Scope, Send

from simulator.domain.clock import Clock
from simulator.server import request_log
from simulator.server.request_log import RequestLog
from tests.conftest import STOPPED
from tests.practice_client import PracticeClient

TRACE_ID = "c8b7a1d2-00aa-4000-8000-0000000000ff"


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no line wait for others."""
    monkeypatch.setattr(request_log, "PAUSE_SECONDS", -1)


def logged(consumer: PracticeClient, caplog: pytest.LogCaptureFixture, path: str | None = None) -> list[str]:
    nhs_number = consumer.practice["patients"][0]["nhs_number"]
    query = f"identifier=https://fhir.nhs.uk/Id/nhs-number|{nhs_number}"
    consumer.send("find_patient", query=query, path=path, headers={"Ssp-TraceID": TRACE_ID})
    return [record.getMessage() for record in caplog.records if record.name == "gpsim.requests"]


def test_a_request_is_one_line_with_its_trace_id(
    consumer: PracticeClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "gpsim.requests"):
        (line,) = logged(consumer, caplog)
    for part in ("GET", f"{consumer.root}/Patient", "patient-1", " 200 ", f"trace={TRACE_ID}"):
        assert part in line


def test_the_log_has_no_parameters(consumer: PracticeClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "gpsim.requests"):
        (line,) = logged(consumer, caplog)
    assert consumer.practice["patients"][0]["nhs_number"] not in line


def test_a_path_cannot_forge_a_line(consumer: PracticeClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "gpsim.requests"):
        (line,) = logged(consumer, caplog, "/Patient%0aINFO forged")
    assert "\n" not in line


def test_a_quiet_log_level_logs_no_requests(
    consumer: PracticeClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "gpsim.requests"):
        assert logged(consumer, caplog) == []


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """Return what has been written so far: each item at once, with all its lines."""
    caplog.set_level(logging.INFO, "gpsim.requests")
    return lambda: [each.getMessage() for each in caplog.records if each.name == "gpsim.requests"]


@pytest.fixture
def slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no timer come into play."""
    monkeypatch.setattr(request_log, "PAUSE_SECONDS", 3600)


async def answers(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with the status that the path names; one that it does not name is a failure."""
    await send({"type": "http.response.start", "status": int(scope["path"][1:]), "headers": []})


async def nothing() -> Message:
    return {"type": "http.request"}


async def nowhere(message: Message) -> None:
    """Send nothing."""


async def ask(log: RequestLog, path: str, *headers: tuple[bytes, bytes]) -> None:
    await log({"type": "http", "method": "GET", "path": path, "headers": headers}, nothing, nowhere)


def test_a_line_has_what_it_always_had(log: Callable[[], list[str]], at_once: None) -> None:
    for wall, path, at in ((0.0, "/200", ",000"), (1.5, "/404", ",500"), (2.0009, "/503", ",000")):
        headers = ((b"ssp-interactionid", b"urn:x:read-1"), (b"ssp-traceid", b"t\xe9"))
        asyncio.run(ask(RequestLog(answers, Clock(wall=partial(float, wall))), path, *headers))
        second = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(wall))
        form = rf"{second}{at} INFO GET {path} read-1 {path[1:]} \d+\.\d ms trace=t\u00e9"
        assert re.fullmatch(form, log()[-1]), log()[-1]


def test_of_what_a_request_does_not_say_the_line_has_a_dash(
    log: Callable[[], list[str]], at_once: None
) -> None:
    asyncio.run(ask(RequestLog(answers, STOPPED), "/200"))
    assert re.search(r" GET /200 - 200 \d+\.\d ms trace=-$", log()[0])


def test_a_request_that_fails_is_logged_too(log: Callable[[], list[str]], at_once: None) -> None:
    with pytest.raises(ValueError, match="fails"):
        asyncio.run(ask(RequestLog(answers, STOPPED), "/fails"))
    assert " GET /fails - 0 " in log()[0]


@pytest.fixture
def moment(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the time that the log goes by, in seconds; it stands still until a test changes it."""
    now = [100.0]
    monkeypatch.setattr(time, "perf_counter", lambda: now[0])
    return now


def paths(written: str) -> list[str]:
    return re.findall(r"GET (\S+)", written)


def test_a_line_that_comes_by_itself_is_written_at_once_and_takes_along_those_that_wait(
    log: Callable[[], list[str]], moment: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request_log, "PAUSE_SECONDS", 10)

    async def now_and_then() -> list[list[str]]:
        requests, written = RequestLog(answers, STOPPED), []
        for status, seconds in ((200, 11), (201, 5), (202, 4), (203, 2), (204, 11)):
            moment[0] += seconds
            await ask(requests, f"/{status}")
            written.append([" ".join(paths(each)) for each in log()])
        return written

    assert asyncio.run(now_and_then()) == [
        ["/200"],
        ["/200"],
        ["/200"],
        ["/200", "/201 /202 /203"],
        ["/200", "/201 /202 /203", "/204"],
    ]


def test_under_load_lines_are_written_together_and_in_order(
    log: Callable[[], list[str]], moment: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request_log, "PAUSE_SECONDS", 0.01)
    load = [f"/{status}" for status in range(200, 220)]

    async def serve() -> None:
        requests = RequestLog(answers, STOPPED)
        for burst in (1, 2):
            for path in ("/100", *load):
                await ask(requests, path)
            async with asyncio.timeout(30):
                while len(log()) <= burst:
                    await asyncio.sleep(0.001)

    asyncio.run(serve())
    assert [paths(each) for each in log()] == [["/100"], load, ["/100", *load]]
    assert all(len(each.splitlines()) == len(paths(each)) for each in log())


def test_no_more_than_so_many_lines_wait_for_others(
    log: Callable[[], list[str]], moment: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request_log, "PAUSE_SECONDS", 3600)
    monkeypatch.setattr(request_log, "MOST_TOGETHER", 3)
    load = [f"/{status}" for status in range(200, 208)]

    async def serve() -> None:
        requests = RequestLog(answers, STOPPED)
        for path in load:
            await ask(requests, path)

    asyncio.run(serve())
    assert [paths(each) for each in log()] == [load[:3], load[3:6]]


def test_when_serving_ends_no_line_is_lost(log: Callable[[], list[str]], slowly: None) -> None:
    ended = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await ended.wait()
        else:
            await answers(scope, receive, send)

    async def serve() -> None:
        requests = RequestLog(app, STOPPED)
        serving = asyncio.ensure_future(requests({"type": "lifespan"}, nothing, nowhere))
        for status in (200, 201, 202, 203):
            await ask(requests, f"/{status}")
        assert len(log()) <= 1
        ended.set()
        await serving

    asyncio.run(serve())
    assert paths("\n".join(log())) == ["/200", "/201", "/202", "/203"]
