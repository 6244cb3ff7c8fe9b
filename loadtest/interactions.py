"""The interactions of Foundations and Appointment Management, as a consumer addresses them.

Source: the interaction tables of the GP Connect 1.2.7 pages *Foundations* and *Appointment Management*;
scopes as the page *Security* gives them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Interaction:
    """One interaction: our name, its Spine interaction id, verb and token scope."""

    name: str
    id: str
    method: str
    scope: str


_TABLE = (
    ("read_metadata", "rest:read:metadata", "GET", "organization/*.read"),
    ("find_patient", "rest:search:patient", "GET", "patient/*.read"),
    ("read_patient", "rest:read:patient", "GET", "patient/*.read"),
    ("register_patient", "operation:gpc.registerpatient", "POST", "patient/*.write"),
    ("find_practitioner", "rest:search:practitioner", "GET", "organization/*.read"),
    ("read_practitioner", "rest:read:practitioner", "GET", "organization/*.read"),
    ("find_organization", "rest:search:organization", "GET", "organization/*.read"),
    ("read_organization", "rest:read:organization", "GET", "organization/*.read"),
    ("read_location", "rest:read:location", "GET", "organization/*.read"),
    ("search_for_free_slots", "rest:search:slot", "GET", "organization/*.read"),
    ("retrieve_patient_appointments", "rest:search:patient_appointments", "GET", "patient/*.read"),
    ("book_appointment", "rest:create:appointment", "POST", "patient/*.write"),
    ("read_appointment", "rest:read:appointment", "GET", "patient/*.read"),
    ("amend_appointment", "rest:update:appointment", "PUT", "patient/*.write"),
    ("cancel_appointment", "rest:cancel:appointment", "PUT", "patient/*.write"),
)

INTERACTIONS: Mapping[str, Interaction] = MappingProxyType(
    {
        name: Interaction(name, f"urn:nhs:names:services:gpconnect:fhir:{suffix}-1", method, scope)
        for name, suffix, method, scope in _TABLE
    }
)
