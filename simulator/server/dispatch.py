"""From a request on a service root to the one interaction it asks for.

The order of the checks is the contract's: practice, Spine headers, interaction id against verb and path,
audit token, scope, enablement, formats, and then what the interaction itself checks.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from anyio import to_thread
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from simulator.domain.audit import AuditEvent
from simulator.domain.client_certificate import CLIENT_CERTIFICATE
from simulator.domain.clock import Clock, Instant
from simulator.domain.national_record import NationalRecord
from simulator.domain.organization import Organization
from simulator.domain.refusals import (
    AccessDenied,
    BadRequest,
    BodyTooLarge,
    DemographicsUnavailable,
    NoRecordFound,
    NotImplementedHere,
    Refusal,
    shown,
)
from simulator.fhir.models import is_resource_type
from simulator.fhir.operation_outcome import UNEXPECTED, WIRE_FORMS
from simulator.fhir.resource import Json
from simulator.fhir.search_parameters import read_query
from simulator.fhir.urls import service_root
from simulator.interactions.interaction import (
    Interaction,
    InteractionRequest,
    InteractionResponse,
    Kind,
    Practice,
    Respond,
)
from simulator.server import negotiation
from simulator.server.audit_subjects import (
    AUDITED,
    first_patient,
    number_in_query,
    patient_in_path,
    subjects,
)
from simulator.server.audit_token import check_scope, read_audit_token, read_claims, who_asks
from simulator.server.audit_trail import AuditTrail
from simulator.server.error_handlers import failure_response, refusal_response
from simulator.server.rendering import Rendering, interaction_response
from simulator.server.spine_headers import check_sender, read_spine_headers
from simulator.settings import MEGABYTE
from simulator.store.database import Store

SERVICE_ROOT = service_root("", "{ods_code}")
BODY_LIMIT = MEGABYTE
CLIENT_DISCONNECTED = "CLIENT_DISCONNECTED"
"""The code, in the audit trail alone, of a request that was cut off: nobody was there to be answered."""


class Visit:
    """One request on its way through the checks: what is known of it so far, should it be refused."""

    def __init__(self, request: Request, now: Instant) -> None:
        headers = request.headers
        self.request = request
        self.path = request.path_params.get("path", "")
        self.parameters = read_query(request.scope["query_string"])
        self.kind = Kind.QUERY if request.method == "GET" else Kind.COMMAND
        self.body = b""
        self.rendering = Rendering(gzipped=negotiation.wants_gzip(headers))
        self.refused_format: Refusal | None = None
        try:
            wanted = negotiation.wanted_format(self.parameters, headers)
            self.rendering = replace(self.rendering, format=wanted)
        except Refusal as refusal:
            self.refused_format = refusal
        self.event = AuditEvent(
            at=now,
            trace_id=headers.get("ssp-traceid", "")[:AUDITED],
            interaction=headers.get("ssp-interactionid", "")[:AUDITED],
            ods_code=request.path_params["ods_code"][:AUDITED],
            sender_asid=headers.get("ssp-from", "")[:AUDITED],
            receiver_asid=headers.get("ssp-to", "")[:AUDITED],
            record=self.path[:AUDITED],
            patient_id=patient_in_path(self.path),
            nhs_number=number_in_query(self.parameters),
        )

    def identify(self, claims: Json) -> None:
        """Note who asks, as far as the claims say, before any of them is checked."""
        self.event = replace(self.event, **who_asks(claims)._asdict())

    def refused(self, status: int, code: str) -> AuditEvent:
        """Return the event of a refusal: about what the path names, and the body as far as it was read."""
        named = subjects(self.body)
        patient_id, nhs_number = first_patient(named)
        return replace(
            self.event,
            record=" ".join((self.event.record, *named))[:AUDITED],
            patient_id=self.event.patient_id or patient_id,
            nhs_number=self.event.nhs_number or nhs_number,
            status=status,
            code=code,
        )

    def answered(self, answer: InteractionResponse) -> AuditEvent:
        """Return the event of a query that was answered."""
        about = self.event.patient_id if answer.patient_id is None else str(answer.patient_id)
        return replace(self.event, patient_id=about, status=answer.status)


class ServiceRoots:
    """An ASGI application that answers for every practice of a store."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        interactions: Sequence[Interaction],
        software_version: str,
        audit: AuditTrail,
        bind_asid: bool = False,
        pds_down: bool = False,
    ) -> None:
        self._bind_asid = bind_asid
        self._pds_down = pds_down
        self._store = store
        self._clock = clock
        self._interactions = interactions
        self._by_id = {interaction.id: interaction for interaction in interactions}
        self._software_version = software_version
        self._audit = audit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request: with what it asked for, a refusal, or the admission of a failure."""
        visit = Visit(Request(scope, receive), self._clock.real())
        try:
            response = await self._answer(visit)
        except Refusal as refusal:
            form = WIRE_FORMS[type(refusal)]
            self._record_refusal(visit, form.status, form.spine_code)
            response = refusal_response(refusal, visit.rendering)
        except ClientDisconnect:
            self._record_refusal(visit, 0, CLIENT_DISCONNECTED)
            return
        except Exception as error:
            self._record_refusal(visit, UNEXPECTED.status, UNEXPECTED.spine_code)
            response = failure_response(error, visit.event.trace_id or "(none)", visit.rendering)
        await response(scope, receive, send)

    async def _answer(self, visit: Visit) -> Response:
        request, headers = visit.request, visit.request.headers
        organization = self._organization(request.path_params["ods_code"])
        spine = read_spine_headers(headers, organization.asid)
        if self._bind_asid:
            check_sender(spine, request.scope.get("extensions", {}).get(CLIENT_CERTIFICATE))
        interaction, resource_id = self._interaction(
            spine.interaction_id, request.method, visit.path.split("/")
        )
        visit.kind = interaction.kind
        claims = read_claims(headers)
        visit.identify(claims)
        token = read_audit_token(claims, self._clock.real())
        check_scope(token, interaction.scope, interaction.name)
        _check_enabled(organization, interaction)
        if visit.refused_format is not None:
            raise visit.refused_format
        asked = InteractionRequest(
            visit.parameters,
            resource_id,
            if_match=headers.get("if-match"),
            software_version=self._software_version,
            interactions=self._interactions,
        )
        if interaction.kind is Kind.COMMAND:
            sent = negotiation.sent_format(headers)
            visit.body = negotiation.decoded_body(await read_body(request), headers, BODY_LIMIT)
            asked = replace(asked, body=visit.body, body_format=sent)
            visit.rendering = replace(visit.rendering, minimal=negotiation.wants_minimal(headers))
        root = service_root(f"{request.url.scheme}://{request.url.netloc}", organization.ods_code)
        practice = Practice(organization, root, self._store, self._clock, self._trace, visit.event)
        answer = await self._perform(interaction.respond, asked, practice)
        if interaction.kind is Kind.QUERY and not answer.recorded:
            self._audit.soon(visit.answered(answer))
        return interaction_response(answer, root, visit.rendering)

    async def _perform(
        self, respond: Respond, asked: InteractionRequest, practice: Practice
    ) -> InteractionResponse:
        """Run an interaction where the store says: on the event loop, or each in a thread of its own.

        A transaction takes less time than handing it to a thread would.
        """
        if self._store.one_at_a_time:
            return respond(asked, practice)
        return await to_thread.run_sync(respond, asked, practice)

    def _trace(self, nhs_number: str) -> NationalRecord | None:
        if self._pds_down:
            raise DemographicsUnavailable(
                f"NHS number {nhs_number}: the Personal Demographics Service cannot be reached; try later"
            )
        with self._store.reading() as transaction:
            return transaction.people.trace(nhs_number)

    def _record_refusal(self, visit: Visit, status: int, code: str) -> None:
        """Record a refused command at once, for what it began is undone, and a query with others."""
        event = visit.refused(status, code)
        if visit.kind is Kind.COMMAND:
            self._audit.now(event)
        else:
            self._audit.soon(event)

    def _organization(self, ods_code: str) -> Organization:
        with self._store.reading() as transaction:
            organization = transaction.practices.with_ods_code(ods_code)
        if organization is None:
            raise NoRecordFound(
                f"service root: no practice here has ODS code {shown(ods_code)}; / lists them"
            )
        return organization

    def _interaction(
        self, interaction_id: str, method: str, segments: Sequence[str]
    ) -> tuple[Interaction, str]:
        """Return the interaction that id, verb and path agree on, and the logical id in the path."""
        interaction = self._by_id.get(interaction_id)
        if interaction is not None and interaction.method == method:
            resource_id = interaction.resource_id(segments)
            if resource_id is not None:
                return interaction, resource_id
        raise self._disagreement(interaction_id, method, segments)

    def _disagreement(self, interaction_id: str, method: str, segments: Sequence[str]) -> Refusal:
        """Return what is wrong where interaction id, verb and path do not belong together."""
        path = "/" + "/".join(segments)
        here = [each for each in self._interactions if each.resource_id(segments) is not None]
        if not here:
            if is_resource_type(segments[0]) or any(segment.startswith("$") for segment in segments):
                return NotImplementedHere(f"path {shown(path)}: is not part of GP Connect 1.2.7")
            return NoRecordFound(f"path {shown(path)}: leads nowhere below a service root")
        at_verb = [each for each in here if each.method == method]
        if not at_verb:
            verbs = " or ".join(sorted({each.method for each in here}))
            return BadRequest(f"verb {method}: cannot be used on {shown(path)}; expected {verbs}")
        expected = " or ".join(each.id for each in at_verb)
        unversioned = f"{interaction_id}-1" in self._by_id
        outdated = "; without -1 it is of before GP Connect 1.0" if unversioned else ""
        return BadRequest(
            f"header Ssp-InteractionID: {shown(interaction_id, 120)} does not belong to"
            f" {method} {shown(path)}; expected {expected}{outdated}"
        )


def _check_enabled(organization: Organization, interaction: Interaction) -> None:
    """Raise AccessDenied where the practice has switched GP Connect, or appointments, off.

    The capability statement can always be had. Source: specification, page "Non-functional requirements".
    """
    if interaction.path == "/metadata":
        return
    if not organization.enabled:
        raise AccessDenied(f"GP Connect is switched off at practice {organization.ods_code}")
    if {"Appointment", "Slot"} & set(interaction.segments) and not organization.appointments_enabled:
        raise AccessDenied(f"Appointment Management is switched off at practice {organization.ods_code}")


async def read_body(request: Request) -> bytes:
    """Return the body; raise BodyTooLarge as soon as it, or its declared length, is over the limit."""
    too_large = BodyTooLarge(f"body: is over {BODY_LIMIT} bytes; expected at most that")
    declared = request.headers.get("content-length", "")
    if re.fullmatch("[0-9]{1,18}", declared) and int(declared) > BODY_LIMIT:
        raise too_large
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_LIMIT:
            raise too_large
    return bytes(body)
