"""How the Personal Demographics Service says no: one code for each reason, and what it looks like.

Source: the published specification of the Personal Demographics Service FHIR API.
"""

from dataclasses import dataclass

from simulator.fhir.resource import Json

ERROR_CODES = "https://fhir.nhs.uk/R4/CodeSystem/Spine-ErrorOrWarningCode"


@dataclass(frozen=True, slots=True)
class Form:
    """HTTP status, FHIR issue type and severity, and display of a code."""

    status: int
    issue_type: str
    display: str
    severity: str = "error"


FORMS = {
    "MISSING_VALUE": Form(400, "required", "Required value is missing"),
    "INVALID_VALUE": Form(400, "value", "Provided value is invalid"),
    "INVALID_RESOURCE_ID": Form(400, "value", "Resource Id is invalid"),
    "INVALID_SEARCH_DATA": Form(400, "value", "Search data is invalid"),
    "ADDITIONAL_PROPERTIES": Form(400, "invariant", "Additional properties should not be included"),
    "UNSUPPORTED_SERVICE": Form(400, "processing", "Unsupported Service"),
    "ACCESS_DENIED": Form(401, "forbidden", "Access Denied - Unauthorised"),
    "RESOURCE_NOT_FOUND": Form(404, "not-found", "Resource not found", "information"),
    "INVALIDATED_RESOURCE": Form(
        404,
        "processing",
        "Resource that has been marked as invalid was requested - invalid resources cannot be retrieved",
    ),
    "INVALID_METHOD": Form(405, "not-supported", "Method is not supported"),
    "INTERNAL_SERVER_ERROR": Form(500, "exception", "Internal server error"),
    "SERVICE_UNAVAILABLE": Form(503, "timeout", "Service unavailable"),
    "TOO_MANY_MATCHES": Form(200, "multiple-matches", "Too Many Matches", "information"),
}
"""What each code looks like. Too many matches are no error to HTTP; the code of a failure is ours."""


class PdsRefusal(Exception):
    """A request that the service turns down: its code, why, and a status where it is not the code's own."""

    def __init__(self, code: str, diagnostics: str = "", status: int | None = None) -> None:
        super().__init__(diagnostics)
        self.code = code
        self.diagnostics = diagnostics
        self.status = status or FORMS[code].status

    def outcome(self) -> Json:
        """Return its OperationOutcome."""
        form = FORMS[self.code]
        coding = {"system": ERROR_CODES, "version": "1", "code": self.code, "display": form.display}
        issue = {"severity": form.severity, "code": form.issue_type, "details": {"coding": [coding]}}
        if self.diagnostics:
            issue["diagnostics"] = self.diagnostics
        return {"resourceType": "OperationOutcome", "issue": [issue]}


def invalid_field(name: str, value: str, expected: str) -> PdsRefusal:
    """Return the refusal of a parameter's value."""
    return PdsRefusal(
        "INVALID_VALUE", f"Invalid value - '{value[:80]}' in field '{name}'; expected {expected}"
    )


def invalid_header(name: str, value: str, expected: str) -> PdsRefusal:
    """Return the refusal of a header's value."""
    return PdsRefusal(
        "INVALID_VALUE", f"Invalid value - '{value[:80]}' in header '{name}'; expected {expected}"
    )
