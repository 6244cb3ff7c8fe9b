"""What is recorded of every request: who asked, as whom, for what, about whom, and what came of it.

Source: specification, page "Cross-organisation audit and provenance".
"""

from enum import StrEnum
from typing import NamedTuple, Protocol

from simulator.domain.clock import Instant


class Surface(StrEnum):
    """What was asked: a practice, one of the national services around it, or the simulator by its owner."""

    PRACTICE = "practice"
    PROXY = "proxy"
    DIRECTORY = "directory"
    DEMOGRAPHICS = "demographics"
    OPERATOR = "operator"


class AuditEvent(NamedTuple):
    """One request, or one change that the simulator's owner makes, as of a practice's switches.

    `at` is the real instant. `record` names what it was about, as `Appointment/7`, or a path; `patient_id` is
    the logical id, and `nhs_number` the number, of the patient concerned, each as far as the request or its
    answer said it. What a refused request did not say is empty. `code` is the error code of a refusal.
    `version` is that of `record` which this made; None where nothing was created or changed.

    `request_bytes` and `response_bytes` are the sizes of bodies, `microseconds` the time from the head of the
    request to that of the answer: what a proxy notes of a transaction.
    """

    at: Instant
    surface: Surface = Surface.PRACTICE
    trace_id: str = ""
    interaction: str = ""
    ods_code: str = ""
    sender_asid: str = ""
    receiver_asid: str = ""
    user_id: str = ""
    sds_user_id: str = ""
    user_name: str = ""
    user_role: str = ""
    organisation: str = ""
    device: str = ""
    record: str = ""
    patient_id: str = ""
    nhs_number: str = ""
    status: int = 0
    code: str = ""
    version: int | None = None
    request_bytes: int | None = None
    response_bytes: int | None = None
    microseconds: int | None = None


class AuditRecorder(Protocol):
    """Takes events for the audit trail. There is no way to ask it not to."""

    @property
    def is_failing(self) -> bool:
        """Tell whether rows wait that could not be written when it was last tried."""

    def soon(self, event: AuditEvent) -> None:
        """Record a query, or what is recorded elsewhere too, with others: within half a second."""

    def now(self, event: AuditEvent) -> None:
        """Record at once, in a transaction of its own, a command that nothing else records."""
