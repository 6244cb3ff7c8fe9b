"""What a consumer makes of a response: the outcome, the Spine code, and the ids it saw.

A search of two weeks is some 54 kB. Scanning it for Slot ids is far cheaper than parsing it, but only a parse
is sure: a practice's searches are parsed until scan and parse have agreed, and a share of them afterwards.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, NamedTuple

import orjson

from loadtest.appointments import logical_id
from loadtest.consumer import Request
from loadtest.ledger import DUPLICATE_REJECTED, FIRST_LOOK, AppointmentSeen, Operation, Outcome

_SLOT_ID = re.compile(rb'"resourceType":"Slot","id":"([^"]+)"')
_REFUSED_SERVER_STATUS = 501
_LONGEST_REASON = 240


@dataclass(frozen=True, slots=True)
class Response:
    """What came back: HTTP status (0 when nothing did), decoded body, what went wrong with the connection."""

    status: int
    body: bytes = b""
    error: str | None = None


def outcome_of(response: Response) -> Outcome:
    """`ok` for 2xx, `refused` for a definite 4xx or 501, `unknown` for everything else."""
    if response.error is None and 200 <= response.status < 300:
        return "ok"
    if response.error is None and (400 <= response.status < 500 or response.status == _REFUSED_SERVER_STATUS):
        return "refused"
    return "unknown"


def spine_code(body: bytes) -> str | None:
    """The Spine error code of an OperationOutcome, or nothing when the body is something else."""
    try:
        code = orjson.loads(body)["issue"][0]["details"]["coding"][0]["code"]
    except (orjson.JSONDecodeError, KeyError, IndexError, TypeError):
        return None
    return code if isinstance(code, str) else None


def reason_given(body: bytes) -> str | None:
    """The diagnostics of an OperationOutcome, on one line and not endless, or nothing where it has none."""
    issues = (parsed(body) or {}).get("issue")
    issue = issues[0] if isinstance(issues, list) and issues else None
    said = issue.get("diagnostics") if isinstance(issue, dict) else None
    if not isinstance(said, str) or not said.strip():
        return None
    line = " ".join(said.split())
    return line if len(line) <= _LONGEST_REASON else f"{line[: _LONGEST_REASON - 3]}..."


def parsed(body: bytes) -> dict[str, Any] | None:
    """The body as a JSON object, or nothing when it is not one."""
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return content if isinstance(content, dict) else None


def resources_of(bundle: Mapping[str, Any], resource_type: str) -> list[dict[str, Any]]:
    """The resources of one type in a bundle, in order."""
    resources = (entry.get("resource", {}) for entry in bundle.get("entry", ()))
    return [resource for resource in resources if resource.get("resourceType") == resource_type]


class SearchSeen(NamedTuple):
    """What one search showed: its Slot ids in order, and `Type/id` of every resource that stood there twice.

    Of a body that was only scanned, Slots alone are known.
    """

    slots: tuple[str, ...]
    repeated: tuple[str, ...]


@dataclass(slots=True)
class SlotIdReader:
    """Reads the Slot ids out of search bodies: scans once a practice's bodies have proved scannable.

    `every` says which share is still parsed: one search in so many per practice.
    """

    every: int = 50
    _searches: dict[str, int] = field(default_factory=dict)
    _scannable: dict[str, bool] = field(default_factory=dict)

    def read(self, practice: str, body: bytes) -> SearchSeen | None:
        """What one search of the practice showed, or nothing when that is no bundle of whole resources."""
        count = self._searches.get(practice, 0)
        self._searches[practice] = count + 1
        if count % self.every and self._scannable.get(practice, False):
            ids = self._scan(body)
            # A page that says to wait has no slots either: without any, the body must prove to be a bundle.
            if ids:
                return SearchSeen(ids, repeated(f"Slot/{slot}" for slot in ids) if _any_twice(ids) else ())
        bundle = parsed(body)
        if bundle is None or bundle.get("resourceType") != "Bundle":
            return None
        try:
            ids = tuple(str(slot["id"]) for slot in resources_of(bundle, "Slot"))
            seen = SearchSeen(ids, repeated_ids(bundle))
        except (KeyError, TypeError, AttributeError):
            return None
        if ids:
            self._scannable[practice] = self._scannable.get(practice, True) and self._scan(body) == ids
        return seen

    def _scan(self, body: bytes) -> tuple[str, ...]:
        return tuple(found.decode() for found in _SLOT_ID.findall(body))


def appointment_seen(resource: Mapping[str, Any], digest: str | None = None) -> AppointmentSeen:
    """An Appointment resource as the ledger keeps it; `digest` where it was the whole response."""
    actors = (
        participant.get("actor", {}).get("reference", "") for participant in resource.get("participant", ())
    )
    patients = [logical_id(actor) for actor in actors if actor.startswith("Patient/")]
    version = resource.get("meta", {}).get("versionId")
    return AppointmentSeen(
        id=str(resource["id"]),
        status=str(resource.get("status")),
        version=None if version is None else str(version),
        slots=tuple(logical_id(slot["reference"]) for slot in resource.get("slot", ())),
        patient=patients[0] if patients else None,
        digest=digest,
    )


def digest_of(resource: Mapping[str, Any]) -> str:
    """12 hexadecimal digits that stand for a resource's whole content, in whatever order its keys came."""
    return blake2b(orjson.dumps(resource, option=orjson.OPT_SORT_KEYS), digest_size=6).hexdigest()


def repeated_ids(bundle: Mapping[str, Any]) -> tuple[str, ...]:
    """`Type/id` of every resource that stands in the bundle more than once."""
    resources = (entry.get("resource", {}) for entry in bundle.get("entry", ()))
    return repeated(f"{each.get('resourceType')}/{each['id']}" for each in resources if "id" in each)


def repeated(names: Iterable[str]) -> tuple[str, ...]:
    """Those that come more than once, in the order in which they first came."""
    return tuple(name for name, times in Counter(names).items() if times > 1)


def _any_twice(ids: tuple[str, ...]) -> bool:
    return len(set(ids)) < len(ids)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request, its response and when (monotonic ns of one machine); `intended` only with open arrivals."""

    request: Request
    response: Response
    client: str
    phase: str
    start: int
    end: int
    intended: int | None = None


def operation(exchange: Exchange, reader: SlotIdReader) -> Operation:
    """The exchange as the ledger records it."""
    request, response = exchange.request, exchange.response
    outcome = outcome_of(response)
    name = request.interaction.name
    seen: tuple[str, ...] = ()
    appointments: tuple[AppointmentSeen, ...] = ()
    duplicates: tuple[str, ...] = ()
    unreadable: str | None = None
    if outcome == "ok" and name == "search_for_free_slots":
        found = reader.read(request.practice, response.body)
        unreadable = "not a bundle" if found is None else None
        seen, duplicates = found or ((), ())
    elif outcome == "ok" and name == "find_patient":
        unreadable = None if _is_a_bundle(response.body) else "not a bundle"
    elif outcome == "ok" and "appointment" in name:
        wanted = "Bundle" if name == "retrieve_patient_appointments" else "Appointment"
        appointments, duplicates, unreadable = _appointments(response.body, wanted)
    code = spine_code(response.body) if outcome != "ok" else None
    single = appointments[0] if appointments and name != "retrieve_patient_appointments" else None
    return Operation(
        interaction=name,
        client=exchange.client,
        trace=request.trace,
        practice=request.practice,
        phase=exchange.phase,
        intended=exchange.intended,
        start=exchange.start,
        end=exchange.end,
        # An answer that cannot be read leaves open what the provider did.
        outcome="unknown" if unreadable else outcome,
        status=response.status or None,
        code=code,
        # A contended slot is refused a million times, always for the same reason.
        reason=None if outcome == "ok" or code == DUPLICATE_REJECTED else reason_given(response.body),
        error=response.error or unreadable,
        bytes=len(response.body),
        slots=request.slots or (single.slots if single else ()),
        patient=request.patient or (single.patient if single else None),
        appointment=request.appointment or (single.id if single else None),
        version=single.version if single else None,
        if_match=request.if_match,
        seen=seen,
        places=_places(response.body) if seen and exchange.phase == FIRST_LOOK else (),
        window=request.window,
        appointments=appointments,
        duplicates=duplicates,
    )


def _is_a_bundle(body: bytes) -> bool:
    """Whether a body is a bundle whose entries are resources."""
    content = parsed(body)
    if content is None or content.get("resourceType") != "Bundle":
        return False
    entries = content.get("entry", [])
    return isinstance(entries, list) and all(
        isinstance(each, dict) and isinstance(each.get("resource"), dict) for each in entries
    )


def _places(body: bytes) -> tuple[tuple[str, str], ...]:
    slots = resources_of(parsed(body) or {}, "Slot")
    return tuple((str(slot.get("schedule", {}).get("reference")), str(slot.get("start"))) for slot in slots)


def _appointments(
    body: bytes, wanted: str
) -> tuple[tuple[AppointmentSeen, ...], tuple[str, ...], str | None]:
    content = parsed(body)
    if content is None or content.get("resourceType") != wanted:
        return (), (), f"not {'an Appointment' if wanted == 'Appointment' else 'a bundle'}"
    try:
        if wanted == "Appointment":
            return (appointment_seen(content, digest_of(content)),), (), None
        found = tuple(appointment_seen(resource) for resource in resources_of(content, "Appointment"))
        return found, repeated_ids(content), None
    except (KeyError, TypeError, AttributeError):
        return (), (), "not a whole Appointment"
