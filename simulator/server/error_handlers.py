"""The one place where a refusal, or a failure, becomes a response."""

import logging

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from simulator.domain.refusals import BadRequest, NoRecordFound, Refusal
from simulator.fhir.operation_outcome import UNEXPECTED, WIRE_FORMS, render_operation_outcome
from simulator.fhir.urls import service_root
from simulator.server.rendering import Rendering, fhir_response

LOG = logging.getLogger("gpsim")
PLAIN = Rendering()


def refusal_response(refusal: Refusal, rendering: Rendering = PLAIN, trace_id: str = "") -> Response:
    """Return the OperationOutcome of a refusal, in the format that was asked for.

    What it says is logged for who debugs a consumer, and for nobody else: it may name a patient.
    """
    form = WIRE_FORMS[type(refusal)]
    LOG.debug("refused, %s: %s trace=%s", form.spine_code, refusal.diagnostics, trace_id or "-")
    outcome = render_operation_outcome(form, refusal.diagnostics)
    return fhir_response(outcome, form.status, rendering._replace(minimal=False))


def failure_response(error: BaseException, trace_id: str, rendering: Rendering = PLAIN) -> Response:
    """Log a failure that nobody foresaw, and return an OperationOutcome that gives nothing away."""
    LOG.error("unexpected failure, trace id %s", trace_id, exc_info=error)
    diagnostics = f"unexpected failure; the server's log has it under trace id {trace_id}"
    return fhir_response(render_operation_outcome(UNEXPECTED, diagnostics), UNEXPECTED.status, rendering)


async def unexpected_failure(request: Request, error: Exception) -> Response:
    """Answer for a failure outside the practices; the server that runs the application logs it."""
    trace_id = request.headers.get("ssp-traceid", "(none)")
    diagnostics = f"unexpected failure; the server's log has it, trace id {trace_id}"
    return fhir_response(render_operation_outcome(UNEXPECTED, diagnostics), UNEXPECTED.status, PLAIN)


async def outside_any_service_root(request: Request, error: Exception) -> Response:
    """Answer a path that belongs to no practice and to none of the other services."""
    if isinstance(error, HTTPException) and error.status_code == 405:
        allowed = ", ".join(sorted((error.headers or {}).get("Allow", "").split(", ")))
        diagnostics = f"verb {request.method}: cannot be used on {request.url.path}; expected {allowed}"
        outcome = render_operation_outcome(WIRE_FORMS[BadRequest], diagnostics)
        return fhir_response(outcome, 405, PLAIN, [(b"allow", allowed.encode())])
    return refusal_response(
        NoRecordFound(
            f"path {request.url.path}: leads nowhere;"
            f" a practice's service root is {service_root('', '[ODS code]')}"
        )
    )
