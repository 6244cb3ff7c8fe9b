"""The same requests through the Spine Secure Proxy and directly: how much of the rate the proxy leaves."""

from collections.abc import Sequence
from dataclasses import replace

from starlette.types import ASGIApp

from tests.bench.calls import Call
from tests.bench.in_process import rate_in_process
from tests.bench.rates import Rate

AT_ONCE = 20


def through_proxy(call: Call) -> Call:
    """Return the same request, sent to the proxy that the practice is published behind."""
    return replace(call, target=f"/http://127.0.0.1{call.target}")


def rates_both_ways(app: ASGIApp, calls: Sequence[Call]) -> tuple[Rate, Rate]:
    """Return the rates through the proxy and directly, in turns of a few requests.

    A query goes both ways; of commands, which can be done only once, half go each way.
    """
    queries = [call for call in calls if call.method == "GET"]
    commands = [call for call in calls if call.method != "GET"]
    turns = [(turn, turn) for turn in _turns(queries)]
    turns += [(turn[::2], turn[1::2]) for turn in _turns(commands) if len(turn) > 1]
    proxied = direct = Rate(0, 0.0)
    for number, (by_proxy, directly) in enumerate(turns):
        if number % 2:
            direct = _sum(direct, rate_in_process(app, directly))
        proxied = _sum(proxied, rate_in_process(app, [through_proxy(call) for call in by_proxy]))
        if not number % 2:
            direct = _sum(direct, rate_in_process(app, directly))
    return proxied, direct


def _turns(calls: Sequence[Call]) -> list[Sequence[Call]]:
    return [calls[first : first + AT_ONCE] for first in range(0, len(calls), AT_ONCE)]


def _sum(one: Rate, other: Rate) -> Rate:
    return Rate(one.requests + other.requests, one.seconds + other.seconds)
