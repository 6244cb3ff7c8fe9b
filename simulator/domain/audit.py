"""What is recorded of every request: who asked, as whom, for what, about whom, and what came of it.

Source: specification, page "Cross-organisation audit and provenance".
"""

from dataclasses import dataclass

from simulator.domain.clock import Instant


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One request, or one change of a practice's switches.

    `at` is the real instant. `record` names what it was about, as `Patient/12` or `Appointment/7`. What a
    refused request did not say is empty. `code` is the Spine code of a refusal.
    """

    at: Instant
    trace_id: str = ""
    interaction: str = ""
    ods_code: str = ""
    sender_asid: str = ""
    receiver_asid: str = ""
    user_id: str = ""
    user_name: str = ""
    user_role: str = ""
    organisation: str = ""
    device: str = ""
    record: str = ""
    status: int = 0
    code: str = ""
