"""The body of a request, no longer than is read."""

import re

from starlette.requests import ClientDisconnect
from starlette.types import Receive

from simulator.domain.refusals import BodyTooLarge
from simulator.server.header_fields import HeaderFields
from simulator.settings import MEGABYTE

BODY_LIMIT = MEGABYTE


async def read_body(headers: HeaderFields, receive: Receive) -> bytes:
    """Return the body; raise BodyTooLarge as soon as it, or its declared length, is over the limit."""
    too_large = BodyTooLarge(f"body: is over {BODY_LIMIT} bytes; expected at most that")
    declared = headers.get("content-length")
    if re.fullmatch("[0-9]{1,18}", declared) and int(declared) > BODY_LIMIT:
        raise too_large
    body, is_whole = b"", False
    while not is_whole:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        is_whole = not message.get("more_body", False)
        if len(body) > BODY_LIMIT:
            raise too_large
    return body
