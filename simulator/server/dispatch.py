"""From a request on a service root to the one interaction it asks for.

The order of the checks is the contract's: practice, Spine headers, interaction id against verb and path,
audit token, scope, enablement, formats, and then what the interaction itself checks.
"""

import re
from collections.abc import Sequence

from anyio import to_thread
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from simulator.domain.clock import Clock
from simulator.domain.organization import Organization
from simulator.domain.refusals import (
    AccessDenied,
    BadRequest,
    BodyTooLarge,
    NoRecordFound,
    NotImplementedHere,
    Refusal,
    shown,
)
from simulator.fhir.reading import is_resource_type
from simulator.fhir.search_parameters import read_query
from simulator.interactions.interaction import (
    Interaction,
    InteractionRequest,
    InteractionResponse,
    Kind,
    Practice,
    Respond,
)
from simulator.server import negotiation
from simulator.server.audit_token import check_scope, read_audit_token
from simulator.server.error_handlers import failure_response, refusal_response
from simulator.server.spine_headers import read_spine_headers
from simulator.settings import MEGABYTE
from simulator.store.database import Store

SERVICE_ROOT = "/{ods_code}/STU3/1/gpconnect"
BODY_LIMIT = MEGABYTE


class ServiceRoots:
    """An ASGI application that answers for every practice of a store."""

    def __init__(
        self, store: Store, clock: Clock, interactions: Sequence[Interaction], software_version: str
    ) -> None:
        self._store = store
        self._clock = clock
        self._interactions = interactions
        self._by_id = {interaction.id: interaction for interaction in interactions}
        self._software_version = software_version

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request: with what it asked for, a refusal, or the admission of a failure."""
        request = Request(scope, receive)
        try:
            response = await self._answer(request)
        except Refusal as refusal:
            response = refusal_response(refusal)
        except ClientDisconnect:
            return
        except Exception as error:
            response = failure_response(error, request.headers.get("ssp-traceid", "(none)"))
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        headers = request.headers
        organization = self._organization(request.path_params["ods_code"])
        spine = read_spine_headers(headers, organization.asid)
        segments = request.path_params.get("path", "").split("/")
        interaction, resource_id = self._interaction(spine.interaction_id, request.method, segments)
        token = read_audit_token(headers, self._clock.real())
        check_scope(token, interaction.scope, interaction.name)
        _check_enabled(organization, interaction)
        parameters = read_query(request.scope["query_string"])
        negotiation.wanted_format(parameters, headers)
        if interaction.respond is None:
            raise NotImplementedHere(f"interaction {interaction.id}: is not implemented by this provider")
        body = b""
        if interaction.kind is Kind.COMMAND:
            negotiation.sent_format(headers)
            body = await read_body(request)
        asked = InteractionRequest(
            parameters,
            resource_id,
            body,
            headers.get("if-match"),
            self._software_version,
            self._interactions,
        )
        root = f"{request.url.scheme}://{request.url.netloc}/{organization.ods_code}/STU3/1/gpconnect"
        practice = Practice(organization, root, self._store, self._clock)
        answer = await self._perform(interaction.respond, asked, practice)
        minimal = interaction.kind is Kind.COMMAND and negotiation.wants_minimal(headers)
        return negotiation.interaction_response(answer, root, minimal)

    async def _perform(
        self, respond: Respond, asked: InteractionRequest, practice: Practice
    ) -> InteractionResponse:
        """Run an interaction where the store says: on the event loop, or each in a thread of its own.

        A transaction takes less time than handing it to a thread would.
        """
        if self._store.one_at_a_time:
            return respond(asked, practice)
        return await to_thread.run_sync(respond, asked, practice)

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
        return BadRequest(
            f"header Ssp-InteractionID: {shown(interaction_id, 120)} does not belong to"
            f" {method} {shown(path)}; expected {expected}"
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
