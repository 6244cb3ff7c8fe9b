"""The four headers that the Spine Secure Proxy passes on.

Source: specification, page "Spine Secure Proxy".
"""

import re
from typing import NamedTuple

from simulator.domain.client_certificate import ClientCertificate, why_not_from
from simulator.domain.refusals import BadRequest, shown
from simulator.server.header_fields import HeaderFields

_UUID = re.compile("-".join(f"[0-9A-Fa-f]{{{digits}}}" for digits in (8, 4, 4, 4, 12)) + r"\Z")


class SpineHeaders(NamedTuple):
    """Who calls whom, and for what."""

    sender_asid: str
    receiver_asid: str
    interaction_id: str


def read_trace_id(headers: HeaderFields) -> str:
    """Return the id by which a request is found again; raise BadRequest where it is none."""
    trace_id = headers.get("ssp-traceid")
    if headers.repeats or not trace_id.strip():
        trace_id = _present(headers, "Ssp-TraceID", "a UUID")
    if _UUID.match(trace_id) is None:
        raise BadRequest(f"header Ssp-TraceID: {shown(trace_id)} was sent; expected a UUID")
    return trace_id


def read_spine_headers(headers: HeaderFields) -> SpineHeaders:
    """Return the other Spine headers of a request; raise BadRequest naming the header at fault."""
    return SpineHeaders(
        sender_asid=_present(headers, "Ssp-From", "the consumer's ASID"),
        receiver_asid=_present(headers, "Ssp-To", "the practice's ASID"),
        interaction_id=_present(headers, "Ssp-InteractionID", "an interaction id"),
    )


def check_receiver(spine: SpineHeaders, practice_asid: str) -> None:
    """Raise BadRequest where a request is for another practice than the one it came to."""
    if spine.receiver_asid != practice_asid:
        raise BadRequest(
            f"header Ssp-To: {shown(spine.receiver_asid)} is not this practice's ASID;"
            f" expected {practice_asid}"
        )


def check_sender(spine: SpineHeaders, certificate: ClientCertificate | None) -> None:
    """Raise BadRequest where a request is not from whom the client certificate of its connection is for.

    The proxy has checked its callers, and may hand on for any of them.
    """
    why_not = why_not_from(certificate, spine.sender_asid)
    if why_not is not None:
        raise BadRequest(f"header Ssp-From: {why_not}")


def _present(headers: HeaderFields, name: str, expected: str) -> str:
    values = headers.getlist(name.lower())
    if len(values) != 1 or not values[0].strip():
        came = "is missing" if not values else "is blank" if len(values) == 1 else "came more than once"
        raise BadRequest(f"header {name}: {came}; expected {expected}")
    return values[0]
