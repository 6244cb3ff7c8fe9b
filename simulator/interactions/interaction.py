"""What an interaction is: its names on the wire, what it is asked, and what it answers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from simulator.domain.clock import Clock, Instant
from simulator.domain.organization import Organization
from simulator.fhir.reading import read_json
from simulator.fhir.resource import Json
from simulator.fhir.search_parameters import Parameters
from simulator.store.database import Store

ID_PREFIX = "urn:nhs:names:services:gpconnect:fhir:"


class Kind(StrEnum):
    """The latency class: a query may take 3 s, a command 250 ms."""

    QUERY = "query"
    COMMAND = "command"


@dataclass(frozen=True, slots=True)
class Practice:
    """The practice an interaction acts on. `service_root` is the URL that the practice publishes."""

    organization: Organization
    service_root: str
    store: Store
    clock: Clock


@dataclass(frozen=True, slots=True)
class InteractionRequest:
    """What a consumer asks, after every check that all interactions share.

    `resource_id` is the logical id in the path; `body` the bytes sent; `software_version` and `interactions`
    are for the capability statement.
    """

    parameters: Parameters = ()
    resource_id: str = ""
    body: bytes = b""
    if_match: str | None = None
    software_version: str = ""
    interactions: "Sequence[Interaction]" = ()

    @property
    def resource(self) -> Json:
        """Return the resource in the body; raise BadRequest where it cannot be read at all."""
        return read_json(self.body)


@dataclass(frozen=True, slots=True)
class InteractionResponse:
    """What an interaction answers: a resource, and for a single one its version.

    `location` is the path, below the service root, of what was created.
    """

    resource: Json
    status: int = 200
    version: int | None = None
    location: str | None = None
    last_modified: Instant | None = None


Respond = Callable[[InteractionRequest, Practice], InteractionResponse]


@dataclass(frozen=True, slots=True)
class Interaction:
    """One interaction of the contract.

    `path` is below the service root, `{id}` standing for a logical id; `scope` is the exact JWT
    `requested_scope`; `search` lists the search parameters with their FHIR types. `respond` is None while
    the interaction is not there: it is answered with NOT_IMPLEMENTED.
    """

    name: str
    suffix: str
    method: str
    path: str
    scope: str
    kind: Kind
    respond: Respond | None = None
    search: tuple[tuple[str, str], ...] = ()
    includes: tuple[str, ...] = ()
    segments: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "segments", tuple(self.path.strip("/").split("/")))

    @property
    def id(self) -> str:
        """Return the interaction id that `Ssp-InteractionID` carries."""
        return ID_PREFIX + self.suffix

    def resource_id(self, segments: Sequence[str]) -> str | None:
        """Return the logical id in a path, "" where there is none to have, None where the path differs.

        A segment that begins with `$` is an operation, never an id.
        """
        if len(segments) != len(self.segments):
            return None
        found = ""
        for expected, came in zip(self.segments, segments, strict=True):
            if expected == "{id}" and came and not came.startswith("$"):
                found = came
            elif expected != came:
                return None
        return found


def read_response(resource: Json, last_modified: Instant | None = None) -> InteractionResponse:
    """Return the answer of a read, or of an update: one resource with its version."""
    version = int(resource["meta"]["versionId"])
    return InteractionResponse(resource, version=version, last_modified=last_modified)
