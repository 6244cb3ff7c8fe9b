"""One request on its way through the checks of a practice: what is known of it so far."""

from starlette.types import Receive, Scope

from simulator.domain.audit import AuditEvent
from simulator.domain.clock import Instant
from simulator.domain.refusals import Refusal
from simulator.fhir.search_parameters import read_query
from simulator.interactions.interaction import InteractionResponse, Kind
from simulator.server import negotiation
from simulator.server.audit_subjects import (
    AUDITED,
    first_patient,
    number_in_query,
    patient_in_path,
    subjects,
)
from simulator.server.claims import NOBODY, Claims, who_asks
from simulator.server.header_fields import HeaderFields
from simulator.server.rendering import Rendering


class Visit:
    """One request, and what is known of it should it be refused."""

    def __init__(self, scope: Scope, receive: Receive, now: Instant) -> None:
        self.scope = scope
        self.receive = receive
        self.now = now
        self.headers = headers = HeaderFields(scope["headers"])
        self.method: str = scope["method"]
        self.ods_code: str = scope["path_params"]["ods_code"]
        self.path: str = scope["path_params"].get("path", "")
        self.parameters = read_query(scope["query_string"])
        self.kind = Kind.QUERY if self.method == "GET" else Kind.COMMAND
        self.claims: Claims | None = None
        self.body = b""
        self.is_recorded = False
        gzipped = negotiation.wants_gzip(headers)
        self.rendering = Rendering(gzipped=gzipped)
        self.refused_format: Refusal | None = None
        try:
            self.rendering = Rendering(negotiation.wanted_format(self.parameters, headers), gzipped)
        except Refusal as refusal:
            self.refused_format = refusal

    @property
    def event(self) -> AuditEvent:
        """Return what is known by now, as far as claims that may be unchecked say who asks."""
        headers = self.headers
        who = NOBODY if self.claims is None else who_asks(self.claims)
        return AuditEvent(
            at=self.now,
            trace_id=headers.get("ssp-traceid")[:AUDITED],
            interaction=headers.get("ssp-interactionid")[:AUDITED],
            ods_code=self.ods_code[:AUDITED],
            sender_asid=headers.get("ssp-from")[:AUDITED],
            receiver_asid=headers.get("ssp-to")[:AUDITED],
            record=self.path[:AUDITED],
            patient_id=patient_in_path(self.path),
            nhs_number=number_in_query(self.parameters),
            user_id=who.user_id,
            sds_user_id=who.sds_user_id,
            user_name=who.user_name,
            user_role=who.user_role,
            organisation=who.organisation,
            device=who.device,
        )

    def refused(self, status: int, code: str) -> AuditEvent:
        """Return the event of a refusal: about what the path names, and the body as far as it was read."""
        event, named = self.event, subjects(self.body)
        patient_id, nhs_number = first_patient(named)
        return event._replace(
            record=" ".join((event.record, *named))[:AUDITED],
            patient_id=event.patient_id or patient_id,
            nhs_number=event.nhs_number or nhs_number,
            status=status,
            code=code,
        )


def answered(event: AuditEvent, answer: InteractionResponse) -> AuditEvent:
    """Return the event of a query that was answered."""
    about = event.patient_id if answer.patient_id is None else str(answer.patient_id)
    return event._replace(patient_id=about, status=answer.status)
