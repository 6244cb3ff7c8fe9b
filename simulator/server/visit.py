"""One request on its way through the checks of a practice: what is known of it so far."""

from starlette.types import Receive, Scope

from simulator.domain.audit import AuditEvent, Surface
from simulator.domain.clock import Instant
from simulator.domain.refusals import UnsupportedFormat
from simulator.fhir.search_parameters import read_query
from simulator.interactions.interaction import Format, InteractionResponse, Kind
from simulator.server import negotiation
from simulator.server.audit_subjects import (
    AUDITED,
    first_patient,
    number_in_query,
    patient_in_path,
    subjects,
)
from simulator.server.claims import NOBODY, Claims
from simulator.server.header_fields import HeaderFields
from simulator.server.usual_headers import UsualHeaders


class Visit:
    """One request, and what is known of it should it be refused."""

    def __init__(self, scope: Scope, receive: Receive, now: Instant, usual: UsualHeaders) -> None:
        self.scope = scope
        self.receive = receive
        self.now = now
        self.usual = usual
        self.headers = HeaderFields(scope["headers"])
        self.method: str = scope["method"]
        self.ods_code: str = scope["path_params"]["ods_code"]
        self.path: str = scope["path_params"].get("path", "")
        self.parameters = read_query(scope["query_string"])
        self.kind = Kind.QUERY if self.method == "GET" else Kind.COMMAND
        self.trace_id: str | None = None
        self.claims: Claims | None = None
        self.body = b""
        self.is_recorded = False
        self.rendering = usual.rendering
        self.unsupported = usual.unsupported
        if self.parameters:
            self._heed_format()

    def _heed_format(self) -> None:
        """Let `_format`, where it came, decide in what format is answered."""
        try:
            asked = negotiation.asked_format(self.parameters)
        except UnsupportedFormat as refusal:
            self.unsupported = refusal.diagnostics
            self.rendering = self.rendering._replace(format=Format.JSON)
        else:
            if asked is not None:
                self.rendering, self.unsupported = self.rendering._replace(format=asked), ""

    def event(self, answer: InteractionResponse | None = None) -> AuditEvent:
        """Return what is known by now, as far as claims that may be unchecked say who asks.

        `answer` is that of a query that was answered.
        """
        asker = NOBODY if self.claims is None else self.claims.asker
        spine = self.usual.spine
        trace_id = self.headers.get("ssp-traceid")[:AUDITED] if self.trace_id is None else self.trace_id
        about = None if answer is None else answer.patient_id
        return AuditEvent(
            self.now,
            Surface.PRACTICE,
            trace_id,
            spine.interaction_id[:AUDITED],
            self.ods_code[:AUDITED],
            spine.sender_asid[:AUDITED],
            spine.receiver_asid[:AUDITED],
            *asker,
            self.path[:AUDITED],
            patient_in_path(self.path) if about is None else str(about),
            number_in_query(self.parameters),
            0 if answer is None else answer.status,
        )

    def refused(self, status: int, code: str) -> AuditEvent:
        """Return the event of a refusal: about what the path names, and the body as far as it was read."""
        event, named = self.event(), subjects(self.body)
        patient_id, nhs_number = first_patient(named)
        return event._replace(
            record=" ".join((event.record, *named))[:AUDITED],
            patient_id=event.patient_id or patient_id,
            nhs_number=event.nhs_number or nhs_number,
            status=status,
            code=code,
        )
