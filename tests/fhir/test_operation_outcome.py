"""Every refusal has its wire form, as the specification's error page has it."""

import pytest

from simulator.domain import refusals
from simulator.domain.refusals import Refusal, shown
from simulator.fhir import urls
from simulator.fhir.operation_outcome import UNEXPECTED, WIRE_FORMS, render_operation_outcome

CONTRACT = {
    "BadRequest": (400, "BAD_REQUEST", "invalid"),
    "BodyTooLarge": (413, "BAD_REQUEST", "invalid"),
    "UnsupportedFormat": (415, "BAD_REQUEST", "invalid"),
    "InvalidIdentifierSystem": (400, "INVALID_IDENTIFIER_SYSTEM", "value"),
    "InvalidIdentifierValue": (400, "INVALID_IDENTIFIER_VALUE", "value"),
    "InvalidNhsNumber": (400, "INVALID_NHS_NUMBER", "value"),
    "InvalidPatientDemographics": (400, "INVALID_PATIENT_DEMOGRAPHICS", "business-rule"),
    "AccessDenied": (403, "ACCESS_DENIED", "forbidden"),
    "OrganisationNotFound": (404, "ORGANISATION_NOT_FOUND", "not-found"),
    "PatientNotFound": (404, "PATIENT_NOT_FOUND", "not-found"),
    "PractitionerNotFound": (404, "PRACTITIONER_NOT_FOUND", "not-found"),
    "NoRecordFound": (404, "NO_RECORD_FOUND", "not-found"),
    "DuplicateRejected": (409, "DUPLICATE_REJECTED", "duplicate"),
    "VersionConflict": (409, "FHIR_CONSTRAINT_VIOLATION", "conflict"),
    "InvalidParameter": (422, "INVALID_PARAMETER", "invalid"),
    "InvalidResource": (422, "INVALID_RESOURCE", "invalid"),
    "ReferenceNotFound": (422, "REFERENCE_NOT_FOUND", "invalid"),
    "DemographicsUnavailable": (500, "INTERNAL_SERVER_ERROR", "processing"),
    "NotImplementedHere": (501, "NOT_IMPLEMENTED", "not-supported"),
}


def test_the_table_is_the_contract_s() -> None:
    table = {kind.__name__: (f.status, f.spine_code, f.issue_type) for kind, f in WIRE_FORMS.items()}
    assert table == CONTRACT
    assert (UNEXPECTED.status, UNEXPECTED.spine_code, UNEXPECTED.issue_type) == (
        500,
        "INTERNAL_SERVER_ERROR",
        "processing",
    )


def test_every_refusal_that_there_is_has_a_wire_form() -> None:
    every = {each for each in vars(refusals).values() if isinstance(each, type) and issubclass(each, Refusal)}
    assert every - {Refusal} == set(WIRE_FORMS)


def test_an_outcome_has_one_error_with_one_coding_and_diagnostics() -> None:
    outcome = render_operation_outcome(WIRE_FORMS[refusals.InvalidParameter], "start: too long")
    assert outcome["meta"]["profile"] == [urls.OPERATION_OUTCOME]
    assert outcome["issue"] == [
        {
            "severity": "error",
            "code": "invalid",
            "details": {
                "coding": [
                    {
                        "system": urls.SPINE_ERROR_CODES,
                        "code": "INVALID_PARAMETER",
                        "display": "Invalid parameter",
                    }
                ]
            },
            "diagnostics": "start: too long",
        }
    ]


def test_what_is_quoted_is_cut_to_a_readable_length() -> None:
    assert shown("x") == "'x'"
    assert len(shown("x" * 1000)) == 80
    assert shown("x" * 1000).endswith("…")


@pytest.mark.parametrize("depth", [10, 100_000])
def test_what_nests_too_deep_to_quote_is_described(depth: int) -> None:
    nested: list[object] = []
    for _ in range(depth):
        nested = [nested]
    assert shown(nested).startswith("[[[[" if depth == 10 else "a list that nests too deep")
