"""What the Spine Secure Proxy answers itself: its own outcomes, told from a provider's by their system.

Source: specification, page "Error handling", Spine Secure Proxy errors.
"""

from uuid import NAMESPACE_URL, uuid5

from simulator.fhir.resource import Json

SYSTEM = "http://fhir.nhs.net/ValueSet/gpconnect-schedule-response-code-1-0"
METHOD_SYSTEM = "https://fhir.nhs.uk/StructureDefinition/spine-operationoutcome-1"


class ProxyRefusal(Exception):
    """A request that the proxy does not send on, or could not; `text` says why, for a machine.

    `form` is the text with what varies in square brackets.
    """

    form = ""
    status = 403
    issue_type = "forbidden"

    def __init__(self, text: str) -> None:
        """Keep the text, of printable ASCII."""
        super().__init__(text)
        self.text = text


class TargetVaries(ProxyRefusal):
    """The URL is not that of the receiver's endpoint in the directory."""

    form = "ENDPOINT_[address]_CPAID_[id]_VARIES_FROM_TARGETURL_[URL]"
    status = 400
    issue_type = "invalid"


class SenderNotAccredited(ProxyRefusal):
    """The sender's ASID may not send the interaction."""

    form = "ASID_CHECK_FAILED_MESSAGESENDER_[Ssp-From]"


class ReceiverNotAccredited(ProxyRefusal):
    """The receiver's ASID may not be sent the interaction, or has no endpoint for it."""

    form = "PARTYKEY_INTERACTION_CHECK_FAILED_MESSAGERECEIVER_[Ssp-To]"


class NoAgreement(ProxyRefusal):
    """The two organisations have no data-sharing agreement."""

    form = "FOT_CHECK_FAILED_MESSAGESENDER_[Ssp-From]_MESSAGERECEIVER_[Ssp-To]"


class MethodNotAllowed(ProxyRefusal):
    """A verb that is not sent on."""

    form = "405: Method Not Allowed"
    status = 405


class UnsupportedMediaType(ProxyRefusal):
    """A format that is not sent on."""

    form = "Unsupported_Media_Type"
    status = 415
    issue_type = "not-supported"


class NoCommunication(ProxyRefusal):
    """The provider cannot be reached, or breaks off."""

    form = "ERROR_COMMUNICATING_TO_ENDPOINT_URL_[URL]"
    status = 502
    issue_type = "transient"


class NoAnswerInTime(ProxyRefusal):
    """The provider took the request and was not heard of again."""

    form = "ERROR_COMMUNICATING_TO_ENDPOINT_URL_[URL]"
    status = 599
    issue_type = "transient"


def refusal_outcome(refusal: ProxyRefusal, trace_id: str) -> Json:
    """Return the OperationOutcome of a refusal; that of a wrong verb is of another kind than the rest."""
    if isinstance(refusal, MethodNotAllowed):
        coding = {"code": "405", "system": METHOD_SYSTEM, "display": refusal.text}
        issue = {"code": refusal.issue_type, "severity": "fatal", "details": {"coding": [coding]}}
        return {"resourceType": "OperationOutcome", "issue": [issue]}
    coding = {"system": SYSTEM, "code": str(refusal.status), "display": refusal.text}
    return {
        "resourceType": "OperationOutcome",
        "id": str(uuid5(NAMESPACE_URL, f"{trace_id} {refusal.text}")),
        "issue": [
            {
                "severity": "error",
                "code": refusal.issue_type,
                "details": {"coding": [coding]},
                "diagnostics": refusal.text,
            }
        ],
    }
