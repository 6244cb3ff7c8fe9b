"""How a refusal looks on the wire.

The codes, statuses and issue types are the error page's; the displays are the code system's, so that the
coding is terminologically valid. Source: specification, page "Error handling".
"""

import re
from dataclasses import dataclass

from simulator.domain import refusals
from simulator.domain.refusals import Refusal
from simulator.fhir import urls
from simulator.fhir.resource import Json


@dataclass(frozen=True, slots=True)
class WireForm:
    """HTTP status, Spine code and display, and FHIR issue type of a refusal."""

    status: int
    spine_code: str
    issue_type: str
    display: str


UNEXPECTED = WireForm(500, "INTERNAL_SERVER_ERROR", "processing", "Unexpected internal server error")
"""The wire form of a failure that nobody foresaw."""

WIRE_FORMS: dict[type[Refusal], WireForm] = {
    refusals.BadRequest: WireForm(400, "BAD_REQUEST", "invalid", "Bad request"),
    refusals.BodyTooLarge: WireForm(413, "BAD_REQUEST", "invalid", "Bad request"),
    refusals.UnsupportedFormat: WireForm(415, "BAD_REQUEST", "invalid", "Bad request"),
    refusals.InvalidIdentifierSystem: WireForm(
        400, "INVALID_IDENTIFIER_SYSTEM", "value", "Invalid identifier system"
    ),
    refusals.InvalidIdentifierValue: WireForm(
        400, "INVALID_IDENTIFIER_VALUE", "value", "Invalid identifier value"
    ),
    refusals.InvalidNhsNumber: WireForm(400, "INVALID_NHS_NUMBER", "value", "Invalid NHS number"),
    refusals.InvalidPatientDemographics: WireForm(
        400, "INVALID_PATIENT_DEMOGRAPHICS", "business-rule", "Invalid patient demographics"
    ),
    refusals.AccessDenied: WireForm(
        403, "ACCESS_DENIED", "forbidden", "Access has been denied to process this request"
    ),
    refusals.OrganisationNotFound: WireForm(
        404, "ORGANISATION_NOT_FOUND", "not-found", "Organisation not found"
    ),
    refusals.PatientNotFound: WireForm(404, "PATIENT_NOT_FOUND", "not-found", "Patient not found"),
    refusals.PractitionerNotFound: WireForm(
        404, "PRACTITIONER_NOT_FOUND", "not-found", "Practitioner not found"
    ),
    refusals.NoRecordFound: WireForm(404, "NO_RECORD_FOUND", "not-found", "No record found"),
    refusals.DuplicateRejected: WireForm(
        409, "DUPLICATE_REJECTED", "duplicate", "Create would lead to creation of a duplicate resource"
    ),
    refusals.VersionConflict: WireForm(
        409, "FHIR_CONSTRAINT_VIOLATION", "conflict", "FHIR constraint violated"
    ),
    refusals.InvalidParameter: WireForm(422, "INVALID_PARAMETER", "invalid", "Invalid parameter"),
    refusals.InvalidResource: WireForm(422, "INVALID_RESOURCE", "invalid", "Invalid validation of resource"),
    refusals.ReferenceNotFound: WireForm(422, "REFERENCE_NOT_FOUND", "invalid", "Reference not found"),
    refusals.DemographicsUnavailable: UNEXPECTED,
    refusals.NotImplementedHere: WireForm(501, "NOT_IMPLEMENTED", "not-supported", "Not implemented"),
}
"""The wire form of each refusal."""


_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What no FHIR text has; a path or a parameter that is quoted may hold it."""


def render_operation_outcome(form: WireForm, diagnostics: str) -> Json:
    """Return an OperationOutcome of one issue (profile GPConnect-OperationOutcome-1)."""
    code = {"system": urls.SPINE_ERROR_CODES, "code": form.spine_code, "display": form.display}
    return {
        "resourceType": "OperationOutcome",
        "meta": {"profile": [urls.OPERATION_OUTCOME]},
        "issue": [
            {
                "severity": "error",
                "code": form.issue_type,
                "details": {"coding": [code]},
                "diagnostics": _UNWRITABLE.sub("\ufffd", diagnostics),
            }
        ],
    }
