"""A provider whose delays are known: every search is held for as long as the moment of its coming says.

A cycle of ten seconds has three plateaus. Arrivals that are spread evenly fall on them in these shares, so
that p50, p95 and p99 each stand in the middle of one: what a measurement should find is known beforehand.

`python -m tests.accuracy.provider PORT` serves it.
"""

import asyncio
import sys
import time
from itertools import accumulate

import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.loadtest.fake_provider import ODS, FakeProvider

CYCLE_SECONDS = 10.0
PLATEAUS = ((0.90, 0.020), (0.07, 0.400), (0.03, 1.200))
"""Share of the cycle, and seconds of delay in it."""


def delay_at(moment: float) -> float:
    """Seconds that a search is held which comes at `moment` (seconds of a monotonic clock)."""
    share = moment % CYCLE_SECONDS / CYCLE_SECONDS
    ends = accumulate(share for share, _ in PLATEAUS)
    return next(
        (delay for end, (_, delay) in zip(ends, PLATEAUS, strict=True) if share < end), PLATEAUS[-1][1]
    )


def true_percentile(percentile: float) -> float:
    """Milliseconds of delay that so many per cent of evenly spread arrivals meet at most."""
    ends = accumulate(share for share, _ in PLATEAUS)
    return next(
        delay * 1000 for end, (_, delay) in zip(ends, PLATEAUS, strict=True) if percentile / 100 <= end
    )


def application() -> Starlette:
    """The provider: one practice with ten free slots."""
    provider = FakeProvider(slots=10)

    async def answer(request: Request) -> Response:
        due = time.monotonic() + (delay_at(time.monotonic()) if request.url.path.endswith("/Slot") else 0.0)
        path = f"{request.url.path}?{request.url.query}"
        status, content = provider.answer(request.method, path, await request.body())
        body = orjson.dumps(content)
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        return Response(body, status, {"content-type": "application/fhir+json;charset=utf-8"})

    return Starlette(routes=[Route("/{path:path}", answer)])


def search_path() -> str:
    """The path of a search that it answers."""
    return f"/{ODS}/STU3/1/gpconnect/Slot?status=free&start=ge2030-06-04&end=le2030-06-10"


def main() -> None:
    """Serve on a port of this machine."""
    uvicorn.run(application(), port=int(sys.argv[1]), log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
