"""The parts of an audit token, well-formed or not."""

import base64

from tests.fuzz.spoiled_json import dumps

JOSE_HEADER = {"alg": "none", "typ": "JWT"}


def encoded(value: object) -> bytes:
    """Return one part of a token."""
    return base64.urlsafe_b64encode(dumps(value)).rstrip(b"=")
