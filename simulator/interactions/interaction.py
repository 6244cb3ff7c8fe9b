"""What an interaction is: its names on the wire, what it is asked, and what it answers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from simulator.domain.audit import AuditEvent
from simulator.domain.clock import Clock, Instant
from simulator.domain.national_record import NationalRecord
from simulator.domain.organization import Organization
from simulator.fhir.reading import read_json
from simulator.fhir.resource import Json, written
from simulator.fhir.search_parameters import Parameters
from simulator.fhir.xml import read_xml
from simulator.interactions.bookable_diary import BookableDiary
from simulator.store.database import Store, Transaction

ID_PREFIX = "urn:nhs:names:services:gpconnect:fhir:"


class Format(StrEnum):
    """The two formats of FHIR, by media type."""

    JSON = "application/fhir+json"
    XML = "application/fhir+xml"


class Kind(StrEnum):
    """The latency class: a query may take 3 s, a command 250 ms."""

    QUERY = "query"
    COMMAND = "command"


Trace = Callable[[str], NationalRecord | None]
"""Asks the national record for the person with an NHS number."""


class Practice(NamedTuple):
    """The practice an interaction acts on, and the services it leans on.

    `service_root` is the URL that the practice publishes; `diary` returns its diary as it is now; `event`
    returns who asks, for the audit trail.
    """

    organization: Organization
    service_root: str
    store: Store
    clock: Clock
    trace: Trace
    diary: Callable[[], BookableDiary]
    event: Callable[[], AuditEvent] = lambda: AuditEvent(at=0)

    def audited(
        self,
        transaction: Transaction,
        record: str,
        version: int,
        patient_id: int,
        nhs_number: str = "",
        status: int = 200,
    ) -> None:
        """Record what an interaction changes in the transaction that does it: the provenance of a version.

        `record` is the resource that was made or changed, `version` what it is now; `status` is of HTTP.
        """
        event = self.event()._replace(
            record=record,
            version=version,
            patient_id=str(patient_id),
            nhs_number=nhs_number,
            status=status,
        )
        transaction.audit.record([event])


class InteractionRequest(NamedTuple):
    """What a consumer asks, after every check that all interactions share.

    `resource_id` is the logical id in the path; `software_version` and `interactions` are for the capability
    statement; `body` is the bytes sent.
    """

    parameters: Parameters = ()
    resource_id: str = ""
    software_version: str = ""
    interactions: "Sequence[Interaction]" = ()
    body: bytes = b""
    body_format: Format = Format.JSON
    if_match: str | None = None

    @property
    def json(self) -> bytes:
        """Return the body in JSON, which nobody has read yet unless it came in XML; raise BadRequest."""
        return self.body if self.body_format is Format.JSON else written(read_xml(self.body))

    @property
    def resource(self) -> Json:
        """Return the resource in the body; raise BadRequest where it cannot be read at all."""
        return read_json(self.body) if self.body_format is Format.JSON else read_xml(self.body)


class InteractionResponse(NamedTuple):
    """What an interaction answers: a resource, which may be JSON text already.

    Of a single resource it says the version, and in `record` what it is called, as `Appointment/7`.
    `location` is the path, below the service root, of what was created. For the audit trail, `patient_id`
    says whom a query was about where its path does not, `recorded` that the interaction recorded itself.
    """

    resource: Json | bytes
    status: int = 200
    version: int | None = None
    location: str | None = None
    last_modified: Instant | None = None
    patient_id: int | None = None
    recorded: bool = False
    record: str = ""


Respond = Callable[[InteractionRequest, Practice], InteractionResponse]


@dataclass(frozen=True, slots=True)
class Interaction:
    """One interaction of the contract.

    `path` is below the service root, `{id}` standing for a logical id; `scope` is the exact JWT
    `requested_scope`; `search` lists the search parameters with their FHIR types.
    """

    name: str
    suffix: str
    method: str
    path: str
    scope: str
    kind: Kind
    respond: Respond
    search: tuple[tuple[str, str], ...] = ()
    includes: tuple[str, ...] = ()
    below: str = field(init=False)
    segments: tuple[str, ...] = field(init=False)
    around_id: tuple[str, str] | None = field(init=False)

    def __post_init__(self) -> None:
        below = self.path.removeprefix("/")
        before, braces, after = below.partition("{id}")
        object.__setattr__(self, "below", below)
        object.__setattr__(self, "segments", tuple(below.split("/")))
        object.__setattr__(self, "around_id", (before, after) if braces else None)

    @property
    def id(self) -> str:
        """Return the interaction id that `Ssp-InteractionID` carries."""
        return ID_PREFIX + self.suffix

    def resource_id(self, path: str) -> str | None:
        """Return the logical id in a path below the service root, "" where there is none to have.

        None where the path is another. A segment that begins with `$` is an operation, never an id; an empty
        one is an id nothing has.
        """
        if self.around_id is None:
            return "" if path == self.below else None
        before, after = self.around_id
        if not path.startswith(before):
            return None
        found = path[len(before) :]
        if after:
            if not found.endswith(after):
                return None
            found = found[: -len(after)]
        return None if "/" in found or found.startswith("$") else found


def read_response(resource: Json) -> InteractionResponse:
    """Return the answer of a read: one resource with its version."""
    return InteractionResponse(
        resource,
        version=int(resource["meta"]["versionId"]),
        record=f"{resource['resourceType']}/{resource['id']}",
    )
