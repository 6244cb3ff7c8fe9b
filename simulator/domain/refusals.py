"""Refusals: one class for each way a request is turned down.

What each looks like on the wire is a table elsewhere. The diagnostics are for a person: which header, claim,
parameter or element, what came, what was expected.
"""


class Refusal(Exception):
    """A request that is turned down for a reason the contract names."""

    def __init__(self, diagnostics: str) -> None:
        """Keep the one line that tells a person what was wrong, what was sent and what is expected."""
        super().__init__(diagnostics)
        self.diagnostics = diagnostics


class BadRequest(Refusal):
    """Malformed: a header, the token, the verb, the body's syntax, or a required parameter."""


class UnsupportedFormat(Refusal):
    """A media type that is neither JSON nor XML of FHIR."""


class BodyTooLarge(Refusal):
    """A request body over the limit."""


class InvalidIdentifierSystem(Refusal):
    """An identifier system that the search does not know."""


class InvalidIdentifierValue(Refusal):
    """An identifier value that fails its structural check."""


class InvalidNhsNumber(Refusal):
    """An NHS number that is malformed, or that the national record calls invalid or superseded."""


class InvalidPatientDemographics(Refusal):
    """A patient whom the national record does not confirm."""


class DemographicsUnavailable(Refusal):
    """The national record cannot be asked."""


class InvalidParameter(Refusal):
    """A search or operation parameter with a bad value."""


class InvalidResource(Refusal):
    """A resource that breaks its profile or a rule that no other refusal names."""


class ReferenceNotFound(Refusal):
    """A reference in a resource that leads nowhere."""


class DuplicateRejected(Refusal):
    """A slot that is no longer free, or a patient who is registered already."""


class VersionConflict(Refusal):
    """An `If-Match` that is not the current version."""


class PatientNotFound(Refusal):
    """No such patient, or none that may be shown."""


class PractitionerNotFound(Refusal):
    """No such practitioner."""


class OrganisationNotFound(Refusal):
    """No such organisation."""


class NoRecordFound(Refusal):
    """No such record, where no more specific refusal fits."""


class AccessDenied(Refusal):
    """GP Connect, or the capability, is switched off at the practice."""


class NotImplementedHere(Refusal):
    """A FHIR resource, operation or interaction that this provider does not have."""


def shown(value: object, limit: int = 80) -> str:
    """Quote what came for a diagnostic, cut to a readable length; what did not come is nothing."""
    if value is None:
        return "nothing"
    try:
        text = repr(value)
    except RecursionError:
        text = f"a {type(value).__name__} that nests too deep to show"
    return text if len(text) <= limit else f"{text[: limit - 1]}…"
