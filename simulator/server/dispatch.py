"""From a request on a service root to the one interaction it asks for.

The order of the checks is the contract's: practice, Spine headers, interaction id against verb and path,
audit token, scope, enablement, formats, and then what the interaction itself checks.
"""

from collections.abc import Sequence
from functools import partial

from anyio import to_thread
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from simulator.domain.client_certificate import CLIENT_CERTIFICATE
from simulator.domain.clock import Clock
from simulator.domain.national_record import NationalRecord
from simulator.domain.organization import Organization
from simulator.domain.refusals import (
    AccessDenied,
    BadRequest,
    DemographicsUnavailable,
    NoRecordFound,
    NotImplementedHere,
    Refusal,
    UnsupportedFormat,
    shown,
)
from simulator.fhir.models import is_resource_type
from simulator.fhir.operation_outcome import UNEXPECTED, WIRE_FORMS
from simulator.fhir.urls import service_root
from simulator.interactions.bookable_diary import BookableDiary
from simulator.interactions.interaction import (
    Interaction,
    InteractionRequest,
    InteractionResponse,
    Kind,
    Practice,
)
from simulator.interactions.kept_practices import KeptPractice, KeptPractices
from simulator.server import negotiation
from simulator.server.audit_subjects import AUDITED
from simulator.server.audit_token import check_claims, check_scope, check_times, read_claims, read_token
from simulator.server.audit_trail import AuditTrail
from simulator.server.claims import Claims
from simulator.server.command_queue import CommandQueue
from simulator.server.cors import refuse_preflight
from simulator.server.error_handlers import failure_response, refusal_response
from simulator.server.known_tokens import KnownTokens
from simulator.server.rendering import interaction_response
from simulator.server.request_body import BODY_LIMIT, read_body
from simulator.server.spine_headers import check_receiver, check_sender, read_trace_id
from simulator.server.usual_headers import KnownHeaders
from simulator.server.visit import Visit
from simulator.store.database import Store

CLIENT_DISCONNECTED = "CLIENT_DISCONNECTED"
"""The code, in the audit trail alone, of a request that was cut off: nobody was there to be answered."""


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
        self._practices = KeptPractices(store)
        self._commands = CommandQueue(store)
        self._headers = KnownHeaders()
        self._tokens = KnownTokens()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request: with what it asked for, a refusal, or the admission of a failure.

        `path_params` of the scope has `ods_code`, and `path`: what follows the service root, if anything.
        """
        try:
            visit = Visit(scope, receive, self._clock.real(), self._headers.read(scope["headers"]))
            response = await self._response(visit)
        except Exception as error:
            # Even saying what went wrong can go wrong.
            response = failure_response(error, "(unknown)")
        if response is not None:
            await response(scope, receive, send)

    async def _response(self, visit: Visit) -> Response | None:
        """Return what a request is answered with; None where nobody is there any more."""
        try:
            return await self._answer(visit)
        except Refusal as refusal:
            form = WIRE_FORMS[type(refusal)]
            if not visit.is_recorded:
                self._record_refusal(visit, form.status, form.spine_code)
            return refusal_response(refusal, visit.rendering, visit.headers.get("ssp-traceid"))
        except ClientDisconnect:
            self._record_refusal(visit, 0, CLIENT_DISCONNECTED)
            return None
        except Exception as error:
            self._record_refusal(visit, UNEXPECTED.status, UNEXPECTED.spine_code)
            trace_id = visit.headers.get("ssp-traceid", "(none)")[:AUDITED]
            return failure_response(error, trace_id, visit.rendering)

    async def _answer(self, visit: Visit) -> Response:
        if visit.method == "OPTIONS":
            refuse_preflight(visit.headers)
        kept = self._practice(visit.ods_code)
        organization = kept.organization
        interaction, resource_id = self._check_spine(visit, organization.asid)
        visit.kind = interaction.kind
        claims = self._check_claims(visit)
        check_scope(claims, interaction.scope, interaction.name)
        _check_enabled(organization, interaction)
        if visit.unsupported:
            raise UnsupportedFormat(visit.unsupported)
        asked = InteractionRequest(visit.parameters, resource_id, self._software_version, self._interactions)
        if interaction.kind is Kind.COMMAND:
            asked = await self._with_body(asked, visit)
        root = service_root(_base_url(visit), organization.ods_code)
        practice = Practice(
            organization, root, self._store, self._clock, self._trace, partial(self._diary, kept), visit.event
        )
        if interaction.kind is Kind.COMMAND:
            answer = await self._perform(interaction, asked, practice, visit)
        else:
            answer = interaction.respond(asked, practice)
            if not answer.recorded:
                self._audit.soon(visit.event(answer))
        return interaction_response(answer, root, visit.rendering)

    def _check_spine(self, visit: Visit, practice_asid: str) -> tuple[Interaction, str]:
        """Return the interaction that a request is for, and the logical id in its path."""
        visit.trace_id = read_trace_id(visit.headers)
        spine, not_spine, *_ = visit.usual
        if not_spine:
            raise BadRequest(not_spine)
        check_receiver(spine, practice_asid)
        if self._bind_asid:
            check_sender(spine, visit.scope.get("extensions", {}).get(CLIENT_CERTIFICATE))
        return self._interaction(spine.interaction_id, visit.method, visit.path)

    async def _with_body(self, asked: InteractionRequest, visit: Visit) -> InteractionRequest:
        """Return what a command asks with its body, which the visit knows of from now on, too."""
        headers = visit.headers
        sent = negotiation.sent_format(headers)
        visit.body = negotiation.decoded_body(
            await read_body(visit.headers, visit.receive), headers, BODY_LIMIT
        )
        visit.rendering = visit.rendering._replace(minimal=negotiation.wants_minimal(headers))
        if_match = headers.line("if-match") if headers.getlist("if-match") else None
        return asked._replace(body=visit.body, body_format=sent, if_match=if_match)

    def _check_claims(self, visit: Visit) -> Claims:
        """Return the claims of a request's token, checked; the visit knows of them before they are."""
        token, now = read_token(visit.headers), self._clock.real()
        claims = self._tokens.read(token)
        if claims is not None:
            visit.claims = claims
            check_times(claims, now)
        else:
            visit.claims = claims = read_claims(token)
            check_claims(claims, now)
            self._tokens.learn(token, claims)
        return claims

    async def _perform(
        self, interaction: Interaction, asked: InteractionRequest, practice: Practice, visit: Visit
    ) -> InteractionResponse:
        """Run a command where the store says: in its turn, or in a thread of its own.

        A transaction takes less time than handing it to a thread would.
        """
        if not self._store.one_at_a_time:
            return await to_thread.run_sync(interaction.respond, asked, practice)

        def command() -> InteractionResponse:
            try:
                return interaction.respond(asked, practice)
            except Refusal as refusal:
                form = WIRE_FORMS[type(refusal)]
                with self._store.writing() as transaction:
                    transaction.audit.record([visit.refused(form.status, form.spine_code)])
                visit.is_recorded = True
                raise

        return await self._commands.run(command)

    def _practice(self, ods_code: str) -> KeptPractice:
        kept = self._practices.find(ods_code)
        if kept is None:
            raise NoRecordFound(
                f"service root: no practice here has ODS code {shown(ods_code)}; / lists them"
            )
        return kept

    def _diary(self, kept: KeptPractice) -> BookableDiary:
        return self._practices.diary(kept, self._clock.now())

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

    def _interaction(self, interaction_id: str, method: str, path: str) -> tuple[Interaction, str]:
        """Return the interaction that id, verb and path agree on, and the logical id in the path."""
        interaction = self._by_id.get(interaction_id)
        if interaction is not None and interaction.method == method:
            resource_id = interaction.resource_id(path)
            if resource_id is not None:
                return interaction, resource_id
        raise self._disagreement(interaction_id, method, path)

    def _disagreement(self, interaction_id: str, method: str, below: str) -> Refusal:
        """Return what is wrong where interaction id, verb and path do not belong together."""
        path, segments = f"/{below}", below.split("/")
        here = [each for each in self._interactions if each.resource_id(below) is not None]
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
    if interaction.path == "/metadata" or (organization.enabled and organization.appointments_enabled):
        return
    if not organization.enabled:
        raise AccessDenied(f"GP Connect is switched off at practice {organization.ods_code}")
    if {"Appointment", "Slot"} & set(interaction.segments):
        raise AccessDenied(f"Appointment Management is switched off at practice {organization.ods_code}")


def _base_url(visit: Visit) -> str:
    """Return scheme, host and port as the consumer sees them."""
    scope = visit.scope
    host = visit.usual.host
    if not host:
        name, port = scope.get("server") or ("localhost", None)
        host = name if port is None else f"{name}:{port}"
    return f"{scope['scheme']}://{host}"
