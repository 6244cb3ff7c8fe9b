"""Requests straight into an application, without a socket: what its own code costs."""

import time
from collections.abc import Sequence

import uvloop
from starlette.types import ASGIApp, Message

from tests.bench.calls import Call
from tests.bench.rates import Rate, Unexpected


def rate_in_process(app: ASGIApp, calls: Sequence[Call], seconds: float = 0.0) -> Rate:
    """Return the rate of calls made one after the other, each once, and again until `seconds` are over.

    Raises Unexpected for an answer of another status than the call's.
    """
    return uvloop.run(_drive(app, calls, seconds))


def bodies_in_process(app: ASGIApp, calls: Sequence[Call]) -> list[bytes]:
    """Return what an application answers, body by body."""
    return uvloop.run(_answers(app, calls))


async def _drive(app: ASGIApp, calls: Sequence[Call], seconds: float) -> Rate:
    count, spent = 0, 0.0
    while spent < seconds or not count:
        prepared = [(call.scope(), call.body, call.expected) for call in calls]
        began = time.perf_counter()
        for scope, body, expected in prepared:
            status = 0

            async def receive(body: bytes = body) -> Message:
                return {"type": "http.request", "body": body, "more_body": False}

            async def send(message: Message) -> None:
                nonlocal status
                if message["type"] == "http.response.start":
                    status = message["status"]

            await app(scope, receive, send)
            if status != expected:
                raise Unexpected(f"{scope['method']} {scope['path']} was answered with {status}")
        spent += time.perf_counter() - began
        count += len(prepared)
    return Rate(count, spent)


async def _answers(app: ASGIApp, calls: Sequence[Call]) -> list[bytes]:
    return [await _answer(app, call) for call in calls]


async def _answer(app: ASGIApp, call: Call) -> bytes:
    messages: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": call.body, "more_body": False}

    async def send(message: Message) -> None:
        messages.append(message)

    await app(call.scope(), receive, send)
    return b"".join(each.get("body", b"") for each in messages[1:])
